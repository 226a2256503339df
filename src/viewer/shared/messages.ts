/** What the server's JSON answers hold. Areas are on the ground, in m², unless they say otherwise. */

import type { ColumnType } from '../../core/columns.ts';
import type { CrsDefinition } from '../../crs/definition.ts';

export type Box = [minX: number, minY: number, maxX: number, maxY: number];

export interface FolderInfo {
  /** Grows with each change of the journal. */
  version: number;
  /** Name of the folder, without its path. */
  name: string;
  tms: string;
  z: number;
  crs: {
    /** For people, e.g. `EPSG:3413, WGS 84 / NSIDC Sea Ice Polar Stereographic North`. */
    name: string;
    definition: CrsDefinition;
    geographic: boolean;
    /** Along the equator for degrees. */
    metersPerUnit: number;
  };
  matrix: {
    originX: number;
    originY: number;
    spanX: number;
    spanY: number;
    topLeft: boolean;
    /** Of the whole matrix, in units of the CRS. */
    extent: Box;
  };
  /** Of all tiles; null where there are none. */
  bounds: Box | null;
  tiles: number;
  rows: number;
  area: number;
  inputs: InputInfo[];
  /** Names of the columns that staging adds. */
  properties: Record<string, string>;
  /** null where nobody looks for duplicates. */
  duplicates: FolderDuplicates | null;
  /** Why the last change of the journal could not be read; then the rest is from before it. */
  problem: string | null;
}

export interface FolderDuplicates {
  /** Name of the column that labels them; null where they are left out of the tiles. */
  column: string | null;
  /** Whether all tiles are judged: not while a run goes on, or after it was killed. */
  isJudged: boolean;
  /** Features by input and reason, once all are judged. */
  counts: Record<string, Partial<Record<string, number>>>;
}

export interface InputInfo {
  name: string;
  rows: number;
  tiles: number;
}

/** A column that polygons can be coloured by. */
export interface ColumnInfo {
  name: string;
  type: ColumnType;
}

export const TABLE_COLUMNS = ['tile', 'rows', 'area', 'density', 'inputs'] as const;
export type TableColumn = (typeof TABLE_COLUMNS)[number];

export interface TableRow {
  x: number;
  y: number;
  bounds: Box;
  rows: number;
  area: number;
  /** Polygons per km² of the tile's ground. */
  density: number;
  inputs: number;
}

export interface TablePage {
  total: number;
  offset: number;
  rows: TableRow[];
}

export interface TileInfo extends TableRow {
  /** The chosen inputs in it, with their rows; at most 200. */
  shares: { name: string; rows: number }[];
}

export interface FeatureSummary {
  x: number;
  y: number;
  fid: number;
  identifier: string;
  input: string;
  /** As staging wrote it, in square units of the CRS; null where there is none. */
  areaInCrs: number | null;
  bounds: Box;
}

export interface FeatureList {
  features: FeatureSummary[];
  /** How many there are, copies counted once where they are listed. */
  total: number;
  /** More tiles are in view than are looked through. */
  tooMany: boolean;
  /** Tiles that are not there: a run is under way, mostly. */
  gone: number;
}

export interface FeatureDetails extends FeatureSummary {
  /** All columns, in their order; values as text where JSON has no such number. */
  attributes: [name: string, value: string | number | boolean | null][];
  centroid: [x: number, y: number] | null;
  area: number | null;
  vertices: number;
  /** x, y, x, y, … of each ring, thinned for drawing. */
  outline: number[][];
  /** Other tiles that hold it. */
  copies: { x: number; y: number; fid: number; bounds: Box }[];
  /** There may be more copies than those. */
  moreCopies: boolean;
}
