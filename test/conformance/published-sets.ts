/**
 * Tiles by the published JSON of a TileMatrixSet, in the plainest way: a second implementation, for
 * triangles, that shares nothing with src/tms. Coordinates are easting or longitude first.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface PublishedMatrix {
  id: string;
  scaleDenominator: number;
  cellSize: number;
  cornerOfOrigin?: 'topLeft' | 'bottomLeft';
  pointOfOrigin: [number, number];
  tileWidth: number;
  tileHeight: number;
  matrixWidth: number;
  matrixHeight: number;
  variableMatrixWidths?: { coalesce: number; minTileRow: number; maxTileRow: number }[];
}

export interface PublishedSet {
  id: string;
  crs: string;
  orderedAxes: string[];
  tileMatrices: PublishedMatrix[];
}

/** x, y of three corners. */
export type Triangle = [number, number, number, number, number, number];
type Box = [minX: number, minY: number, maxX: number, maxY: number];

/** The sets of a folder of JSON files, by name. */
export function publishedSets(folder: string): PublishedSet[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return files.sort().map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')));
}

const DEGREE = (Math.PI * 6378137) / 180;
/** Sets whose axes are written northing first. */
const NORTHING_FIRST = ['CDB1GlobalGrid', 'EuropeanETRS89_LAEAQuad', 'GNOSISGlobalGrid'];

/** One matrix of a published set. */
export class PlainMatrix {
  readonly width: number;
  readonly height: number;
  readonly box: Box;
  readonly #x0: number;
  readonly #y0: number;
  readonly #spanX: number;
  readonly #spanY: number;
  readonly #bottom: boolean;
  readonly #bands: NonNullable<PublishedMatrix['variableMatrixWidths']>;

  constructor(set: PublishedSet, json: PublishedMatrix) {
    const [first, second] = json.pointOfOrigin;
    const swapped = NORTHING_FIRST.includes(set.id);
    this.#x0 = swapped ? second : first;
    this.#y0 = swapped ? first : second;
    // Cell sizes have as few as four digits, scales as many as ten. But for Canada, whose scales are
    // not for pixels of 0.28 mm.
    const unit = /4326|CRS84/.test(set.crs) ? DEGREE : 1;
    const cell =
      set.id === 'CanadianNAD83_LCC' ? json.cellSize : (json.scaleDenominator * 0.00028) / unit;
    this.#spanX = cell * json.tileWidth;
    this.#spanY = cell * json.tileHeight;
    this.width = json.matrixWidth;
    this.height = json.matrixHeight;
    this.#bottom = json.cornerOfOrigin === 'bottomLeft';
    this.#bands = json.variableMatrixWidths ?? [];
    const far = this.#y0 + (this.#bottom ? 1 : -1) * this.height * this.#spanY;
    const [minY, maxY] = this.#bottom ? [this.#y0, far] : [far, this.#y0];
    this.box = [this.#x0, minY, this.#x0 + this.width * this.#spanX, maxY];
  }

  get span(): [number, number] {
    return [this.#spanX, this.#spanY];
  }

  coalesce(row: number): number {
    const band = this.#bands.find((b) => b.minTileRow <= row && row <= b.maxTileRow);
    return band?.coalesce ?? 1;
  }

  /** Column and row of a point, as numbers with fractions; rows by the corner of origin. */
  place(x: number, y: number): [number, number] {
    const row = (this.#bottom ? y - this.#y0 : this.#y0 - y) / this.#spanY;
    return [(x - this.#x0) / this.#spanX, row];
  }

  bounds(column: number, row: number): Box {
    const wide = this.coalesce(row);
    const x = this.#x0 + column * this.#spanX;
    const y = this.#bottom
      ? this.#y0 + row * this.#spanY
      : this.#y0 - row * this.#spanY - this.#spanY;
    return [x, y, x + wide * this.#spanX, y + this.#spanY];
  }

  /**
   * The tiles that a triangle meets, as `column/row`: those that it certainly does, and with them
   * those where it depends on the rounding of the published numbers.
   * @param slack - the part of a tile within which a touch is none for sure
   */
  cover(t: Triangle, slack: number): { sure: Set<string>; maybe: Set<string> } {
    const found = { sure: new Set<string>(), maybe: new Set<string>() };
    const places = [0, 2, 4].map((k) => this.place(t[k]!, t[k + 1]!));
    const ends = (axis: 0 | 1, count: number): [number, number] => {
      const values = places.map((place) => place[axis]);
      const low = Math.floor(Math.min(...values) - slack);
      const high = Math.floor(Math.max(...values) + slack);
      return [Math.max(low, 0), Math.min(high, count - 1)];
    };
    const [c0, c1] = ends(0, this.width);
    const [r0, r1] = ends(1, this.height);
    for (let row = r0; row <= r1; row++) {
      const wide = this.coalesce(row);
      for (let column = c0 - (c0 % wide); column <= c1; column += wide) {
        const gap = this.#gap(t, this.bounds(column, row));
        if (gap < slack) found.maybe.add(`${column}/${row}`);
        if (gap < -slack) found.sure.add(`${column}/${row}`);
      }
    }
    return found;
  }

  /**
   * How far apart they are on the best of the axes that may separate them, in tiles; below 0 by how
   * much they overlap on each (separating axis theorem).
   */
  #gap(t: Triangle, [x0, y0, x1, y1]: Box): number {
    const corners = [x0, y0, x1, y0, x1, y1, x0, y1];
    const axes = [
      [1, 0],
      [0, 1],
      ...[0, 2, 4].map((k) => [t[k + 1]! - t[(k + 3) % 6]!, t[(k + 2) % 6]! - t[k]!]),
    ];
    let gap = Number.NEGATIVE_INFINITY;
    for (const [ax, ay] of axes) {
      const length = Math.hypot(ax!, ay!);
      if (length === 0) continue;
      const along = (xy: number[]): [number, number] => {
        let low = Number.POSITIVE_INFINITY;
        let high = Number.NEGATIVE_INFINITY;
        for (let k = 0; k < xy.length; k += 2) {
          // From the tile's corner: large coordinates would leave no digits.
          const value = ((xy[k]! - x0) * ax! + (xy[k + 1]! - y0) * ay!) / length;
          low = Math.min(low, value);
          high = Math.max(high, value);
        }
        return [low, high];
      };
      const [a0, a1] = along(t);
      const [b0, b1] = along(corners);
      gap = Math.max(gap, (a0 - b1) / this.#spanX, (b0 - a1) / this.#spanX);
    }
    return gap;
  }
}
