/** One grid of shifts, and how grids of one file are within one another. */

import type { GridFile } from './grid-file.ts';

/** Nodes at equal steps of longitude and latitude; columns go east, rows go north. */
export interface Grid {
  /** Null where the file gives none. */
  name: string | null;
  /** Name of the coarser grid that it refines; null if it says none. */
  parent: string | null;
  /** Of the first node, degrees. */
  west: number;
  south: number;
  /** Degrees, above 0. */
  stepLongitude: number;
  stepLatitude: number;
  /** Nodes: at least two. */
  columns: number;
  rows: number;
  /**
   * Shifts of a block of nodes: degrees east and degrees north, interleaved, row by row. NaN where
   * the file has no value.
   */
  read(column: number, row: number, columns: number, rows: number): Float64Array;
}

/** The grids of a file, each before those within it. */
export interface GridSet {
  grids: Grid[];
  /** For each, the index of the first one after it that is not within it. */
  next: number[];
  close(): void;
}

/** Nodes of a file that is taken to be sound; the largest there are have 14 million. */
const MAX_NODES = 2 ** 28;
/** Of a shift, degrees: the largest there are, near poles, have a tenth. What is more is no shift. */
const MAX_SHIFT = 1;

/** @throws TilewrightError crs-grid for numbers that make no grid */
export function requireGrid(grid: Grid, file: GridFile): void {
  const { west, south, stepLongitude, stepLatitude, columns, rows } = grid;
  const named = grid.name === null ? 'a grid in it' : `its grid ${JSON.stringify(grid.name)}`;
  const width = (columns - 1) * stepLongitude;
  const north = south + (rows - 1) * stepLatitude;
  const isCounted = columns >= 2 && rows >= 2 && columns * rows <= MAX_NODES;
  const isPlaced = Math.abs(west) <= 720 && south >= -90.01 && north <= 90.01 && width <= 360.01;
  if (isCounted && isPlaced && stepLongitude > 0 && stepLatitude > 0) return;
  throw file.refusal(
    `${named} has ${columns} × ${rows} nodes from ${west}, ${south} in steps of ${stepLongitude} and ` +
      `${stepLatitude} degrees`,
  );
}

/** The shift as it is, or NaN for one that can't be meant. */
export function soundShift(degrees: number): number {
  return Math.abs(degrees) <= MAX_SHIFT ? degrees : Number.NaN;
}

/**
 * Orders grids so that each is followed by those within it, in the order of the file. Grids without
 * any names are within the smallest one before them that holds them, as PROJ has it.
 * @throws TilewrightError crs-grid for parents that are not there, ambiguous or in a circle
 */
export function nest(grids: readonly Grid[], file: GridFile): Pick<GridSet, 'grids' | 'next'> {
  const byName = Map.groupBy(grids, ({ name }) => name);
  const within = Map.groupBy(grids, (grid) => {
    if (grid.parent === null) return grid.name === null ? smallestAround(grid, grids) : null;
    const named = byName.get(grid.parent) ?? [];
    if (named.length === 1) return named[0]!;
    const count = named.length === 0 ? 'is not there' : `is there ${named.length} times`;
    throw file.refusal(
      `its grid ${grid.name} is within ${JSON.stringify(grid.parent)}, which ${count}`,
    );
  });
  const order: Grid[] = [];
  const next: number[] = [];
  const add = (grid: Grid): void => {
    const at = order.push(grid) - 1;
    for (const child of within.get(grid) ?? []) add(child);
    next[at] = order.length;
  };
  for (const grid of within.get(null) ?? []) add(grid);
  if (order.length === grids.length) return { grids: order, next };
  throw file.refusal('its grids are within one another in a circle');
}

function smallestAround(grid: Grid, grids: readonly Grid[]): Grid | null {
  let smallest: Grid | null = null;
  for (const other of grids) {
    if (other === grid) break;
    if (holds(other, grid) && (smallest === null || holds(smallest, other))) smallest = other;
  }
  return smallest;
}

function holds(a: Grid, b: Grid): boolean {
  const slack = (a.stepLongitude + a.stepLatitude) * 1e-5;
  return (
    b.west >= a.west - slack &&
    b.south >= a.south - slack &&
    eastOf(b) <= eastOf(a) + slack &&
    northOf(b) <= northOf(a) + slack
  );
}

export function eastOf({ west, columns, stepLongitude }: Grid): number {
  return west + (columns - 1) * stepLongitude;
}

export function northOf({ south, rows, stepLatitude }: Grid): number {
  return south + (rows - 1) * stepLatitude;
}
