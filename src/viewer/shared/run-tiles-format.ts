/** Tiles of a run that goes on, as the server sends them: doubles, so many for each tile or block. */

import type { Box } from './messages.ts';

/** minX, minY, maxX, maxY in the CRS, the tiles in it, and how many of these are written. */
export const BLOCK_FIELDS = 6;

export interface RunTile {
  box: Box;
  /** Share of its tiles that are written: 0 or 1 of a single one. */
  written: number;
}

export function runTilesOf(buffer: ArrayBuffer): RunTile[] {
  const numbers = new Float64Array(buffer);
  const tiles: RunTile[] = [];
  for (let i = 0; i + BLOCK_FIELDS <= numbers.length; i += BLOCK_FIELDS) {
    const box = [...numbers.subarray(i, i + 4)] as Box;
    tiles.push({ box, written: numbers[i + 5]! / numbers[i + 4]! });
  }
  return tiles;
}
