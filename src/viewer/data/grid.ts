/** The tiles of a view, singly or, where they are too many to be sent, in blocks. */

import type { Bounds } from '../../tms/tile-matrix.ts';
import { type Grid, makeGrid } from '../shared/grid-format.ts';
import type { StagedIndex, Totals } from './staged-index.ts';

/** Of one answer; 40 bytes each. */
export const MAX_CELLS = 20_000;

/**
 * Tiles that have chosen rows and lie in the view.
 * @param view - null: the whole folder
 * @param maxCells - of the answer; with more tiles than that, blocks of 2 × 2, 4 × 4, … are made
 */
export function makeView(
  index: StagedIndex,
  totals: Totals,
  view: Bounds | null,
  maxCells = MAX_CELLS,
): Grid {
  const tiles: number[] = [];
  let withRows = 0;
  for (let i = 0; i < index.count; i++) if (totals.rows[i]! > 0) withRows++;
  const add = (i: number): undefined => {
    if (totals.rows[i]! > 0) tiles.push(i);
  };
  if (view === null) for (let i = 0; i < index.count; i++) add(i);
  else index.forEachIn(view, add);
  const complete = tiles.length === withRows;
  if (tiles.length <= maxCells) return single(index, totals, tiles, complete);
  // Blocks are rarely full, so it may take some more steps than this.
  let factor = 2 ** Math.max(1, Math.ceil(Math.log2(tiles.length / maxCells) / 2));
  for (; ; factor *= 2) {
    const grid = blocks(index, totals, tiles, factor, complete, maxCells);
    if (grid !== null) return grid;
  }
}

function single(index: StagedIndex, totals: Totals, tiles: number[], complete: boolean): Grid {
  const grid = makeGrid(tiles.length, 1, complete);
  for (const [c, i] of tiles.entries()) {
    grid.rows[c] = totals.rows[i]!;
    grid.area[c] = totals.area[i]!;
    grid.ground[c] = index.ground[i]!;
    grid.x[c] = index.x[i]!;
    grid.y[c] = index.y[i]!;
    grid.width[c] = index.matrix.coalesce(index.y[i]!);
    grid.tiles[c] = 1;
  }
  return grid;
}

/** null if there are too many blocks. */
function blocks(
  index: StagedIndex,
  totals: Totals,
  tiles: number[],
  factor: number,
  complete: boolean,
  maxCells: number,
): Grid | null {
  const columns = Math.ceil(index.matrix.matrixWidth / factor);
  const places = new Map<number, number>();
  for (const i of tiles) {
    const key = block(index, i, factor, columns);
    if (!places.has(key)) places.set(key, places.size);
    if (places.size > maxCells) return null;
  }
  const grid = makeGrid(places.size, factor, complete);
  for (const [key, c] of places) {
    grid.x[c] = (key % columns) * factor;
    grid.y[c] = Math.floor(key / columns) * factor;
    grid.width[c] = factor;
  }
  for (const i of tiles) {
    const c = places.get(block(index, i, factor, columns))!;
    grid.rows[c]! += totals.rows[i]!;
    grid.area[c]! += totals.area[i]!;
    grid.ground[c]! += index.ground[i]!;
    grid.tiles[c]!++;
  }
  return grid;
}

function block(index: StagedIndex, i: number, factor: number, columns: number): number {
  return Math.floor(index.y[i]! / factor) * columns + Math.floor(index.x[i]! / factor);
}
