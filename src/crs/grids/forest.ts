/** The grids of one or several files: which one holds a point, and the shift there. */

import type { Grid, GridSet } from './grid.ts';

/** Cells along a side of what is read at once. */
const SIDE_BITS = 6;
const SIDE = 1 << SIDE_BITS;
/** Bytes of nodes that are kept: the cells where polygons of an input are, not whole continents. */
const KEPT_BYTES = 2 ** 25;
/** Of a cell: how far beside a grid a point still belongs to it, and is taken to be on its edge. */
const SLACK = 1e-5;
const EDGE = 10 * SLACK;

/** Steps of the inverse: each gains three digits or more. */
const MAX_STEPS = 10;
/** Degrees; 1e-12 rad. */
const TOLERANCE = (1e-12 * 180) / Math.PI;

/**
 * Bilinear interpolation and its inverse by iteration, with the choices of PROJ 9 (src/grids.cpp):
 * the first grid of a list that holds the point, within it the first finer one, and so on; a point
 * beside the edge by less than rounding belongs to it.
 */
export class GridForest {
  readonly #sets: readonly GridSet[];
  readonly #grids: readonly Grid[];
  /** Of each grid: the first one after it that is not within it. */
  readonly #next: Int32Array;
  // Degrees.
  readonly #west: Float64Array;
  readonly #south: Float64Array;
  readonly #width: Float64Array;
  readonly #height: Float64Array;
  readonly #stepX: Float64Array;
  readonly #stepY: Float64Array;
  readonly #slack: Float64Array;
  readonly #columns: Int32Array;
  readonly #rows: Int32Array;
  readonly #pagesAcross: Int32Array;
  readonly #firstPage: Int32Array;
  /** Nodes of SIDE × SIDE cells, read when they are first needed. */
  readonly #pages: (Float64Array | undefined)[];
  #keptBytes = 0;
  /** Degrees: from the west and south of the grid that was found, and the shift that was asked for. */
  readonly #at = new Float64Array(4);

  constructor(sets: readonly GridSet[]) {
    this.#sets = sets;
    this.#grids = sets.flatMap(({ grids }) => grids);
    const floats = (of: (grid: Grid) => number): Float64Array => Float64Array.from(this.#grids, of);
    const integers = (of: (grid: Grid) => number): Int32Array => Int32Array.from(this.#grids, of);
    let before = 0;
    this.#next = Int32Array.from(
      sets.flatMap(({ grids, next }) => {
        const shifted = next.map((n) => n + before);
        before += grids.length;
        return shifted;
      }),
    );
    this.#west = floats(({ west }) => west);
    this.#south = floats(({ south }) => south);
    this.#stepX = floats(({ stepLongitude }) => stepLongitude);
    this.#stepY = floats(({ stepLatitude }) => stepLatitude);
    this.#width = floats(({ columns, stepLongitude }) => (columns - 1) * stepLongitude);
    this.#height = floats(({ rows, stepLatitude }) => (rows - 1) * stepLatitude);
    this.#slack = floats(
      ({ stepLongitude, stepLatitude }) => SLACK * (stepLongitude + stepLatitude),
    );
    this.#columns = integers(({ columns }) => columns);
    this.#rows = integers(({ rows }) => rows);
    this.#pagesAcross = integers(({ columns }) => pagesAlong(columns));
    let page = 0;
    this.#firstPage = integers(({ columns, rows }) => {
      page += pagesAlong(columns) * pagesAlong(rows);
      return page - pagesAlong(columns) * pagesAlong(rows);
    });
    this.#pages = new Array<Float64Array | undefined>(page).fill(undefined);
  }

  close(): void {
    for (const set of this.#sets) set.close();
  }

  /**
   * Shifts the point at xy[i], xy[i + 1], longitude and latitude in degrees; longitudes past ±180
   * stay in their turn.
   * @returns false if it is in no grid, or among nodes without values: then it is as it was
   */
  forward(xy: Float64Array, i: number): boolean {
    const at = this.#at;
    const g = this.#find(xy[i]!, xy[i + 1]!);
    if (g < 0 || !this.#interpolate(g, at[0]!, at[1]!)) return false;
    xy[i]! += at[2]!;
    xy[i + 1]! += at[3]!;
    return true;
  }

  /**
   * The point that `forward` leads to this one.
   * @returns false if there is none in any grid
   */
  inverse(xy: Float64Array, i: number): boolean {
    const at = this.#at;
    const longitude = xy[i]!;
    const latitude = xy[i + 1]!;
    let g = this.#find(longitude, latitude);
    if (g < 0) return false;
    let aimX = at[0]!;
    let aimY = at[1]!;
    let x = aimX;
    let y = aimY;
    for (let step = 0; step <= MAX_STEPS; step++) {
      if (!this.#interpolate(g, x, y)) {
        // It has left the grid: another one may hold it.
        const other = this.#find(x + this.#west[g]!, y + this.#south[g]!);
        if (other < 0 || other === g) return false;
        x = at[0]!;
        y = at[1]!;
        aimX += turned(this.#west[g]! - this.#west[other]!, x - aimX);
        aimY += this.#south[g]! - this.#south[other]!;
        g = other;
        continue;
      }
      const offX = x + at[2]! - aimX;
      const offY = y + at[3]! - aimY;
      x -= offX;
      y -= offY;
      if (offX * offX + offY * offY <= TOLERANCE * TOLERANCE) {
        xy[i] = longitude + (x - aimX);
        xy[i + 1] = y + this.#south[g]!;
        return true;
      }
    }
    return false;
  }

  /** The finest grid that holds a point, and where in it, in #at; −1 for none. */
  #find(longitude: number, latitude: number): number {
    const at = this.#at;
    const next = this.#next;
    const lon =
      longitude > 180 || longitude < -180
        ? longitude - 360 * Math.round(longitude / 360)
        : longitude;
    let found = -1;
    let end = next.length;
    for (let g = 0; g < end; ) {
      const slack = this.#slack[g]!;
      const width = this.#width[g]!;
      const y = latitude - this.#south[g]!;
      let x = lon - this.#west[g]!;
      if (x + slack < 0) x += 360;
      else if (x - slack > width) x -= 360;
      if (y + slack >= 0 && y - slack <= this.#height[g]! && x + slack >= 0 && x - slack <= width) {
        found = g;
        at[0] = x;
        at[1] = y;
        end = next[g]!;
        g++;
      } else g = next[g]!;
    }
    return found;
  }

  /** The shift at x, y degrees from a grid's first node, in #at; false outside of its nodes. */
  #interpolate(g: number, x: number, y: number): boolean {
    const columns = this.#columns[g]!;
    const rows = this.#rows[g]!;
    const inColumns = x / this.#stepX[g]!;
    const inRows = y / this.#stepY[g]!;
    let column = Math.floor(inColumns);
    let row = Math.floor(inRows);
    let u = inColumns - column;
    let v = inRows - row;
    if (column < 0 || column >= columns - 1) {
      if (column === -1 && u > 1 - EDGE) u = 0;
      else if (column === columns - 1 && u < EDGE) u = 1;
      else return false;
      column = u === 0 ? 0 : columns - 2;
    }
    if (row < 0 || row >= rows - 1) {
      if (row === -1 && v > 1 - EDGE) v = 0;
      else if (row === rows - 1 && v < EDGE) v = 1;
      else return false;
      row = v === 0 ? 0 : rows - 2;
    }
    const pageColumn = column >> SIDE_BITS;
    const p = this.#firstPage[g]! + (row >> SIDE_BITS) * this.#pagesAcross[g]! + pageColumn;
    const page = this.#pages[p] ?? this.#load(g, p);
    const nodes = Math.min(SIDE, columns - 1 - (pageColumn << SIDE_BITS)) + 1;
    const i = 2 * ((row & (SIDE - 1)) * nodes + (column & (SIDE - 1)));
    const j = i + 2 * nodes;
    const southWest = (1 - u) * (1 - v);
    const southEast = u * (1 - v);
    const northWest = (1 - u) * v;
    const northEast = u * v;
    const at = this.#at;
    const shiftX =
      southWest * page[i]! +
      southEast * page[i + 2]! +
      northWest * page[j]! +
      northEast * page[j + 2]!;
    at[2] = shiftX;
    at[3] =
      southWest * page[i + 1]! +
      southEast * page[i + 3]! +
      northWest * page[j + 1]! +
      northEast * page[j + 3]!;
    return !Number.isNaN(shiftX + at[3]!);
  }

  #load(g: number, p: number): Float64Array {
    const grid = this.#grids[g]!;
    const index = p - this.#firstPage[g]!;
    const across = this.#pagesAcross[g]!;
    const column = (index % across) * SIDE;
    const row = Math.floor(index / across) * SIDE;
    const width = Math.min(SIDE, grid.columns - 1 - column) + 1;
    const height = Math.min(SIDE, grid.rows - 1 - row) + 1;
    const page = grid.read(column, row, width, height);
    this.#keptBytes += page.byteLength;
    if (this.#keptBytes > KEPT_BYTES) {
      this.#pages.fill(undefined);
      this.#keptBytes = page.byteLength;
    }
    this.#pages[p] = page;
    return page;
  }
}

function pagesAlong(nodes: number): number {
  return Math.ceil((nodes - 1) / SIDE);
}

/** An angle in that turn in which it is nearest to another. */
function turned(angle: number, near: number): number {
  return angle + 360 * Math.round((near - angle) / 360);
}
