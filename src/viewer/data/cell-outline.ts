/** Rings in whole sixteenths of a pixel, thinned, and cut off a little beyond their cell. */

import { UNITS_PER_PIXEL } from '../shared/cell-format.ts';

/** Vertices nearer than this to the one before are left out. */
const THIN = 0.5 * UNITS_PER_PIXEL;
/** How far beyond its cell an outline goes: lines along the cut are out of sight. */
const MARGIN = 8 * UNITS_PER_PIXEL;

export class CellOutlines {
  xy = new Int16Array(1 << 14);
  /** Number of coordinates in `xy`. */
  length = 0;
  readonly ends: number[] = [];
  readonly #originX: number;
  readonly #originY: number;
  readonly #scale: number;
  readonly #box: [number, number, number, number];
  #points = new Float64Array(1 << 12);
  #cut = new Float64Array(1 << 12);

  /**
   * @param cell - bounds in units of the CRS
   * @param pixel - units of the CRS in a pixel
   */
  constructor(cell: readonly [number, number, number, number], pixel: number) {
    this.#originX = cell[0];
    this.#originY = cell[3];
    this.#scale = UNITS_PER_PIXEL / pixel;
    this.#box = [
      -MARGIN,
      -MARGIN,
      (cell[2] - cell[0]) * this.#scale + MARGIN,
      (cell[3] - cell[1]) * this.#scale + MARGIN,
    ];
  }

  /**
   * Adds vertices start ≤ v < end of a closed ring.
   * @returns whether anything of it is left
   */
  add(xy: Float64Array, start: number, end: number): boolean {
    let count = this.#thin(xy, start, end);
    if (count < 3) return false;
    for (let side = 0; side < 4 && count >= 3; side++) count = this.#cutOff(side, count);
    if (count < 3) return false;
    if (this.length + 2 * count > this.xy.length) {
      const grown = new Int16Array(Math.max(this.xy.length * 2, this.length + 2 * count));
      grown.set(this.xy);
      this.xy = grown;
    }
    for (let k = 0; k < 2 * count; k++) this.xy[this.length + k] = Math.round(this.#points[k]!);
    this.length += 2 * count;
    this.ends.push(this.length / 2);
    return true;
  }

  /** Turns the ring into sixteenths of a pixel, y downwards; returns how many vertices are left. */
  #thin(xy: Float64Array, start: number, end: number): number {
    if (2 * (end - start) > this.#points.length) {
      this.#points = new Float64Array(4 * (end - start));
    }
    const points = this.#points;
    let count = 0;
    let lastX = Number.NaN;
    let lastY = Number.NaN;
    for (let v = start; v < end - 1; v++) {
      const x = (xy[2 * v]! - this.#originX) * this.#scale;
      const y = (this.#originY - xy[2 * v + 1]!) * this.#scale;
      // Written so that the first, after NaN, is kept.
      if ((x - lastX) ** 2 + (y - lastY) ** 2 < THIN * THIN) continue;
      points[2 * count] = x;
      points[2 * count + 1] = y;
      count++;
      lastX = x;
      lastY = y;
    }
    return count;
  }

  /**
   * Cuts the points at a side of the box: I. Sutherland and G. Hodgman, Reentrant polygon clipping,
   * Communications of the ACM 17 (1974), 32–42. Sides are west, north, east, south.
   */
  #cutOff(side: number, count: number): number {
    const points = this.#points;
    const axis = side % 2;
    const edge = this.#box[side]!;
    const sign = side < 2 ? 1 : -1;
    let inside = 0;
    for (let i = 0; i < count; i++) if (sign * (points[2 * i + axis]! - edge) >= 0) inside++;
    if (inside === count) return count;
    if (inside === 0) return 0;
    if (this.#cut.length < 4 * count + 4) this.#cut = new Float64Array(8 * count);
    const out = this.#cut;
    let n = 0;
    let fromX = points[2 * count - 2]!;
    let fromY = points[2 * count - 1]!;
    for (let i = 0; i < count; i++) {
      const x = points[2 * i]!;
      const y = points[2 * i + 1]!;
      const from = sign * ((axis === 0 ? fromX : fromY) - edge);
      const to = sign * ((axis === 0 ? x : y) - edge);
      if (from >= 0 !== to >= 0) {
        const part = from / (from - to);
        out[n++] = axis === 0 ? edge : fromX + part * (x - fromX);
        out[n++] = axis === 1 ? edge : fromY + part * (y - fromY);
      }
      if (to >= 0) {
        out[n++] = x;
        out[n++] = y;
      }
      fromX = x;
      fromY = y;
    }
    this.#cut = points;
    this.#points = out;
    return n / 2;
  }
}
