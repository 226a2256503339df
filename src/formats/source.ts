/**
 * What a format's reader offers to the rest: layers with their description, slices that can be
 * read in parallel, and batches of features.
 */

import type { Column } from '../core/columns.ts';
import type { DropCounter } from '../core/drops.ts';
import type { GuessedText } from '../core/guessed-text.ts';
import type { CrsReference } from '../crs/reference.ts';
import type { FeatureBatch } from '../geometry/batch.ts';
import type { Bounds } from '../tms/tile-matrix.ts';
import type { ReadSelection } from './selection/read-selection.ts';

/** What a layer of an input says of itself. */
export interface LayerInfo {
  name: string;
  /** The format's word for the geometry type, e.g. `POLYGON`. */
  geometryType: string;
  /** Number of rows; features that will be dropped are included. */
  featureCount: number;
  /** Attributes, without the feature identifier and the geometry. */
  columns: Column[];
  /** Name of the integer key that numbers the features, where it is not among the columns. */
  key: string | null;
  /** Null when the file names none. */
  crs: CrsReference | null;
  /** The number by which the file names a CRS that it does not describe; then `crs` is null. */
  unknownCrs?: number;
  /** [minX, minY, maxX, maxY] in the layer's CRS, easting or longitude first, if known. */
  extent: [number, number, number, number] | null;
  /** Bytes of the file that belong to the layer, roughly: for planning slices. */
  bytes: number;
  /** What of it is not read, or not as it stands there, in words. */
  notes?: string[];
}

/** How a file is read. */
export interface OpenOptions {
  /** Whether a key is always among the columns, also one whose name says that it only numbers rows. */
  keepPrimaryKey?: boolean;
  /** Whether features are asked for by a box, so that it pays to look for an index of boxes. */
  byBox?: boolean;
  /** What `layer` told of layers of this very file, as JSON keeps it: they are not looked at again. */
  known?: readonly LayerInfo[];
}

/** Positions start ≤ p < end (fids or record numbers) of a layer. */
export interface Slice {
  start: number;
  end: number;
  /** Where they are in the file, start ≤ b < end, if a format finds them by that sooner. */
  bytes?: [start: number, end: number];
}

type Later<T> = T | Promise<T>;

/** An open input. Every method throws, or rejects with, TilewrightError with the input's path. */
export interface VectorSource {
  readonly path: string;
  readonly format: string;
  /** Whether the format has shells clockwise, and holes counter-clockwise. */
  readonly clockwiseShells?: boolean;
  /** Names of all layers, in the file's order, also of those that can't be read. */
  layerNames(): string[];
  /** @throws TilewrightError about this layer, which says nothing of the others */
  layer(name: string): Later<LayerInfo>;
  /** All of them. @throws TilewrightError about the first that can't be read */
  layers(): Later<LayerInfo[]>;
  /**
   * Slices that cover the layer, each of about `targetBytes`, in ascending order.
   * @param selection - positions that certainly have nothing of it may be in none
   */
  slices(layer: string, targetBytes: number, selection?: ReadSelection | null): Later<Slice[]>;
  /**
   * Where the features of each slice are, roughly, in the layer's CRS; null where that can't be told.
   * From a few features each, so that it costs next to nothing: some may lie elsewhere.
   * @param most - features of each slice that are looked at
   */
  extents?(layer: string, slices: readonly Slice[], most?: number): Later<(Bounds | null)[]>;
  /**
   * Fills `batch` with the features of the slice, in order of position, and yields it each time
   * it holds `maxFeatures` features or `maxVertices` vertices; the same batch is cleared and
   * filled again when the next is asked for. What can't be staged is counted in `drops`. M values are dropped and their
   * features counted in `notes.droppedM`.
   */
  read(
    layer: string,
    slice: Slice,
    batch: FeatureBatch,
    options: ReadOptions,
  ): Iterable<FeatureBatch> | AsyncIterable<FeatureBatch>;
  close(): Later<void>;
}

export interface ReadOptions {
  maxFeatures: number;
  maxVertices: number;
  drops: DropCounter;
  notes: ReadNotes;
  /** Rows and columns that are asked for; left out for all. */
  selection?: ReadSelection | null;
}

/** Counted of the rows that are not left out for the selection. */
export interface ReadNotes {
  /** Rows that were read, including dropped ones. */
  rowsRead: number;
  /** Features that had M values, which are not kept. */
  droppedM: number;
  /** Features with text whose encoding had to be guessed. */
  guessedText?: GuessedText | undefined;
}
