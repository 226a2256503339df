/** What the index tells a reader of a tile. */

import type { Bounds } from '../../tms/tile-matrix.ts';

export interface TileRef {
  x: number;
  y: number;
  /** Of a file of its own, and that one's staged format. */
  path: string;
  format: string;
  /** The file of several that it is in, unless it is one of its own; null where it can be in none. */
  pack: { path: string; format: string } | null;
  /** In the CRS of the TileMatrixSet. */
  bounds: Bounds;
  /** All its rows, whatever is chosen. */
  rows: number;
  /** Keys of the rows that are to be seen: pairs of first and last, ascending; null: all. */
  ranges: number[] | null;
  /** Names of columns. */
  columns: Record<'identifier' | 'filename' | 'area' | 'centroidX' | 'centroidY', string>;
  /** Column of the label whose rows are not to be seen; null: all are. */
  hidden: string | null;
}

/** Whether a key is in one of the ranges. */
export function isIn(ranges: readonly number[] | null, key: number): boolean {
  if (ranges === null) return true;
  let low = 0;
  let high = ranges.length / 2;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ranges[2 * middle + 1]! < key) low = middle + 1;
    else high = middle;
  }
  return low < ranges.length / 2 && ranges[2 * low]! <= key;
}
