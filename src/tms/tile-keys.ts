/** Tiles of one matrix as keys of maps. */

import type { TileMatrix } from './tile-matrix.ts';
import { tileKey } from './tile-path.ts';

/** row · matrixWidth + column where all of these are exact; `x/y` in a larger matrix. */
export type TileKey = number | string;

export function tileKeys({
  matrixWidth,
  matrixHeight,
}: Pick<TileMatrix, 'matrixWidth' | 'matrixHeight'>): (x: number, y: number) => TileKey {
  if (matrixWidth * matrixHeight > Number.MAX_SAFE_INTEGER) return tileKey;
  return (x, y) => y * matrixWidth + x;
}
