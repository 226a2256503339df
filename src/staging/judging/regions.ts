/**
 * Regions: quadtree cells of tiles that are judged together. What overlaps across their edges is left to
 * one judge over all; verdicts do not depend on how tiles are cut into regions.
 */

import type { TileMatrix } from '../../tms/tile-matrix.ts';

/** A cell: tiles with columns x · 2^level … and rows y · 2^level …, 2^level of each. */
export interface Cell {
  level: number;
  x: number;
  y: number;
}

/** A tile with the number of its rows. */
export interface WeighedTile {
  x: number;
  y: number;
  rows: number;
}

export interface Region<T extends WeighedTile> extends Cell {
  tiles: T[];
  rows: number;
}

/** A region has up to so many rows, if it is more than one tile. */
const MOST_ROWS = 1 << 17;
/** Opening a tile takes as long as looking at so many rows. */
const TILE_ROWS = 200;
/** Columns and rows are below 2^31. */
const TOP = 31;

/** Cuts tiles into regions, in the order of the quadtree. */
export function cutRegions<T extends WeighedTile>(tiles: T[], mostRows = MOST_ROWS): Region<T>[] {
  const regions: Region<T>[] = [];
  const cut = (cell: Cell, inside: T[]): void => {
    if (inside.length === 0) return;
    const rows = inside.reduce((sum, tile) => sum + tile.rows + TILE_ROWS, 0);
    if (cell.level === 0 || rows <= mostRows) {
      regions.push({ ...cell, tiles: inside, rows });
      return;
    }
    const level = cell.level - 1;
    const half = 2 ** level;
    const quarters: T[][] = [[], [], [], []];
    for (const tile of inside) {
      const east = Math.floor(tile.x / half) % 2;
      const south = Math.floor(tile.y / half) % 2;
      quarters[2 * south + east]!.push(tile);
    }
    for (const [k, quarter] of quarters.entries()) {
      cut({ level, x: 2 * cell.x + (k & 1), y: 2 * cell.y + (k >> 1) }, quarter);
    }
  };
  cut({ level: TOP, x: 0, y: 0 }, tiles);
  return regions;
}

/** Name of a region, and of its file. */
export function regionName({ level, x, y }: Cell): string {
  return `${level}-${x}-${y}`;
}

/** What a task on it is said to be on: `13/1203/890`, or `28 tiles of 13/1203–1216/890–895`. */
export function regionSubject({ tiles }: Region<WeighedTile>, z: number): string {
  const along = (of: (tile: WeighedTile) => number): string => {
    const least = tiles.reduce((min, tile) => Math.min(min, of(tile)), Infinity);
    const most = tiles.reduce((max, tile) => Math.max(max, of(tile)), 0);
    return least === most ? `${least}` : `${least}–${most}`;
  };
  const range = `${z}/${along(({ x }) => x)}/${along(({ y }) => y)}`;
  return tiles.length === 1 ? range : `${tiles.length} tiles of ${range}`;
}

export const REGION_NAME = /^\d{1,2}-\d{1,10}-\d{1,10}$/;

/** Columns and rows of tiles, all inclusive. */
export interface TileRange {
  minColumn: number;
  minRow: number;
  maxColumn: number;
  maxRow: number;
}

/** Says in which tiles a feature with these bounds can be. */
export class TileRanges {
  readonly #matrix: TileMatrix;
  readonly #out = new Int32Array(4);

  constructor(matrix: TileMatrix) {
    this.#matrix = matrix;
  }

  /** Of the box at bounds[at … at + 3]; coalesced tiles are named by their first column. */
  of(bounds: Float64Array, at: number): TileRange {
    const matrix = this.#matrix;
    const out = this.#out;
    matrix.coveringRange(bounds[at]!, bounds[at + 1]!, bounds[at + 2]!, bounds[at + 3]!, out);
    const [column, minRow, maxColumn, maxRow] = out as unknown as [number, number, number, number];
    let minColumn = column;
    for (let row = minRow; row <= maxRow; row = matrix.lastRowLike(row) + 1) {
      minColumn = Math.min(minColumn, matrix.tileColumn(column, row));
    }
    return { minColumn, minRow, maxColumn, maxRow };
  }
}

/** Whether all tiles of the range are in the cell. */
export function holds({ level, x, y }: Cell, range: TileRange): boolean {
  const size = 2 ** level;
  return (
    range.minColumn >= x * size &&
    range.maxColumn < (x + 1) * size &&
    range.minRow >= y * size &&
    range.maxRow < (y + 1) * size
  );
}

/** Finds the regions that a range of tiles reaches into. */
export class RegionIndex {
  /** Index of a region by level and cell. */
  readonly #levels = new Map<number, Map<string, number>>();
  readonly #regions: readonly Cell[];

  constructor(regions: readonly Cell[]) {
    this.#regions = regions;
    for (const [index, { level, x, y }] of regions.entries()) {
      let cells = this.#levels.get(level);
      if (cells === undefined) {
        cells = new Map();
        this.#levels.set(level, cells);
      }
      cells.set(`${x}/${y}`, index);
    }
  }

  /** Calls `visit` with the index of each, once. */
  visit(range: TileRange, visit: (region: number) => void): void {
    for (const [level, cells] of this.#levels) {
      const size = 2 ** level;
      const [west, east] = [Math.floor(range.minColumn / size), Math.floor(range.maxColumn / size)];
      const [north, south] = [Math.floor(range.minRow / size), Math.floor(range.maxRow / size)];
      if ((east - west + 1) * (south - north + 1) > cells.size) {
        for (const index of cells.values()) if (this.#meets(index, range)) visit(index);
        continue;
      }
      for (let y = north; y <= south; y++) {
        for (let x = west; x <= east; x++) {
          const index = cells.get(`${x}/${y}`);
          if (index !== undefined) visit(index);
        }
      }
    }
  }

  #meets(index: number, range: TileRange): boolean {
    const { level, x, y } = this.#regions[index]!;
    const size = 2 ** level;
    return (
      range.minColumn < (x + 1) * size &&
      range.maxColumn >= x * size &&
      range.minRow < (y + 1) * size &&
      range.maxRow >= y * size
    );
  }
}
