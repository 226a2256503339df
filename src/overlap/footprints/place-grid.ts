/** Where boxes lie to an area: answered from a grid of cells where it can be, which are looked at when asked for. */

import type { Area } from '../predicates/area.ts';

/** Wholly outside or inside, its edges too, or neither. */
export const OUTSIDE = 1;
export const INSIDE = 2;
export const ACROSS = 3;

/** Cells along each side of the area's box, by the number of its edges. */
const LEAST_CELLS = 16;
const MOST_CELLS = 512;
/** Boxes over more cells than this are looked at by themselves. */
const MOST_ASKED = 16;
/** Share of a cell by which it is taken for larger: a quotient may be rounded to the next cell. */
const MARGIN = 2 ** -10;

export class PlaceGrid {
  readonly #area: Area;
  readonly #count: number;
  readonly #width: number;
  readonly #height: number;
  /** By row, then column; 0: not looked at. */
  readonly #cells: Uint8Array;

  constructor(area: Area) {
    const { bounds, edgeCount } = area;
    this.#area = area;
    this.#count = Math.max(LEAST_CELLS, Math.min(MOST_CELLS, Math.ceil(Math.sqrt(edgeCount))));
    this.#width = (bounds[2]! - bounds[0]!) / this.#count;
    this.#height = (bounds[3]! - bounds[1]!) / this.#count;
    this.#cells = new Uint8Array(this.#count ** 2);
  }

  /** @returns OUTSIDE, INSIDE or ACROSS, of the closed box */
  place(minX: number, minY: number, maxX: number, maxY: number): number {
    const { bounds } = this.#area;
    const [west, south, east, north] = [bounds[0]!, bounds[1]!, bounds[2]!, bounds[3]!];
    if (minX > east || minY > north || maxX < west || maxY < south) return OUTSIDE;
    if (minX < west || minY < south || maxX > east || maxY > north) {
      return this.#look(minX, minY, maxX, maxY);
    }
    const most = this.#count - 1;
    const left = Math.min(most, Math.floor((minX - west) / this.#width));
    const right = Math.min(most, Math.floor((maxX - west) / this.#width));
    const bottom = Math.min(most, Math.floor((minY - south) / this.#height));
    const top = Math.min(most, Math.floor((maxY - south) / this.#height));
    if (!((right - left + 1) * (top - bottom + 1) <= MOST_ASKED)) {
      return this.#look(minX, minY, maxX, maxY);
    }
    const first = this.#cell(left, bottom);
    for (let row = bottom; row <= top; row++) {
      for (let column = left; column <= right; column++) {
        const place = this.#cell(column, row);
        if (place !== first || place === ACROSS) return this.#look(minX, minY, maxX, maxY);
      }
    }
    return first;
  }

  #cell(column: number, row: number): number {
    const k = row * this.#count + column;
    if (this.#cells[k] === 0) {
      const { bounds } = this.#area;
      const x = bounds[0]! + (column - MARGIN) * this.#width;
      const y = bounds[1]! + (row - MARGIN) * this.#height;
      const size = 1 + 2 * MARGIN;
      this.#cells[k] = this.#look(x, y, x + size * this.#width, y + size * this.#height);
    }
    return this.#cells[k]!;
  }

  #look(minX: number, minY: number, maxX: number, maxY: number): number {
    if (this.#area.hasEdgeIn(minX, minY, maxX, maxY)) return ACROSS;
    return this.#area.contains(minX, minY) ? INSIDE : OUTSIDE;
  }
}
