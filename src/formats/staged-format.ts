/**
 * What a format offers in which tiles can be staged: a writer of rows, and a reader of what it wrote.
 * Both work while the caller waits: a tile is a file on a disk of this machine.
 */

import type { Column } from '../core/columns.ts';
import type { OutputFile } from '../core/files/output-file.ts';
import type { Crs } from '../crs/resolve.ts';
import type { EncodedRow, EncodedValues } from './encoded-row.ts';

/** What a tile holds, as it is known before its rows. */
export interface StagedLayer {
  name: string;
  /** Attributes, then what staging adds: the values of a row, in their order. */
  columns: readonly Column[];
  /** Coordinates are easting or longitude first, whatever the CRS says. */
  crs: Crs;
  /** GEOMETRY_… bits of its rows: see geometry/kind.ts. */
  geometry: number;
}

/** Writes one tile, row by row. The same rows give the same bytes. */
export interface StagedWriter {
  /** Rows so far, also when it has finished. */
  readonly rows: number;
  /**
   * Adds a row.
   * @param more - values that follow its own
   */
  add(row: EncodedRow, more: EncodedValues): void;
  /** Adds the current row of a file that has the same columns, as it is: of this format, by its bytes. */
  copy(rows: StagedRows): void;
  /** Writes all that is not rows. The writer can't be used afterwards. */
  finish(): void;
}

/** Goes through rows in the order in which they were written. */
export interface StagedRows {
  /** The current row, until the next call of `next`. */
  readonly row: EncodedRow;
  /** Moves to the next row, first to the first; false at the end. */
  next(): boolean;
}

/** Called for a row whose box touches the one that is searched; false ends the search. */
export type BoxVisitor = (
  number: number,
  minX: number,
  minY: number,
  maxX: number,
  maxY: number,
) => boolean | undefined;

/** A tile that is open for reading. Its rows are numbered from 1, as they were written. */
export interface StagedFile {
  readonly path: string;
  /** As StagedLayer has them. */
  readonly columns: readonly Column[];
  /** The number of the last row. */
  readonly rowCount: number;
  /** [minX, minY, maxX, maxY] of all geometries; null without rows. */
  readonly extent: readonly [number, number, number, number] | null;
  /** All rows; two of these can be under way at a time. */
  rows(): StagedRows;
  /** The row of this number, until the next call; null if there is none. */
  row(number: number): EncodedRow | null;
  /**
   * Visits rows whose boxes touch the closed box; boxes may be a little larger than the geometries.
   * @param isCancelled - asked now and then; true ends the search
   * @returns whether the search came to its end
   */
  search(
    minX: number,
    minY: number,
    maxX: number,
    maxY: number,
    visit: BoxVisitor,
    isCancelled?: () => boolean,
  ): boolean;
  close(): void;
}

/** Writes several tiles into one file, one after the other. The same rows give the same bytes. */
export interface PackWriter {
  /**
   * Begins a tile, after the one before is finished; its `finish` ends it.
   * @param geometry - GEOMETRY_… bits of its rows
   */
  tile(x: number, y: number, geometry: number): StagedWriter;
  /** Writes all that is not rows. The writer can't be used afterwards. */
  finish(): void;
}

/** A file of several tiles that is open for reading. */
export interface StagedPack {
  readonly path: string;
  /** Of all its tiles. */
  readonly columns: readonly Column[];
  /** In the order in which they were written. */
  tiles(): readonly { readonly x: number; readonly y: number; readonly rows: number }[];
  /** One of its tiles; null if it is not there. Closing it leaves the pack open. */
  tile(x: number, y: number): StagedFile | null;
  close(): void;
}

/** Tiles that share a file. */
interface PackFormat {
  /** @param layer - of all tiles; `geometry` is of all of them */
  create(output: OutputFile, layer: StagedLayer): PackWriter;
  /**
   * Opens a file that was written by `create`.
   * @throws TilewrightError as StagedFormat.open does
   */
  open(path: string): StagedPack;
}

export interface StagedFormat {
  /** As the settings of a staged folder name it. */
  readonly name: string;
  /** With its point, in lower case. */
  readonly extension: string;
  /** Columns that a tile has room for, those of staging among them. */
  readonly maxColumns: number;
  /** Why tiles in this CRS can't be of the format, in a sentence without its full stop; null if they can. */
  refusal?(crs: Crs): string | null;
  /** @param output - nothing is in it yet; the caller closes it */
  create(output: OutputFile, layer: StagedLayer): StagedWriter;
  /**
   * Opens a tile that was written by `create`.
   * @param layer - its layer's name; left out for one that is named after the stem of the file
   * @throws TilewrightError input-missing, staged-folder for a file that `create` would not have
   *   written, input-… for one that is damaged
   */
  open(path: string, layer?: string): StagedFile;
  /** If it can hold several tiles in a file. */
  readonly pack?: PackFormat;
}
