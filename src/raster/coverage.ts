/**
 * Which part of every pixel polygons cover: exact areas, so that a million polygons smaller than a
 * pixel look as dense as they are.
 *
 * Every edge leaves, in the pixels of each row that it crosses, the change of the covered area from
 * the pixel to its left; sums along the rows are the coverage (the method of R. Levien's font-rs).
 * What is added can be many polygons or one: only the sums are taken once.
 */

/** Less than one level of 255; so far sums may be off from 0 or 1 by rounding. */
const NOTHING = 1 / 512;

/** Pixels minX ≤ x < maxX, minY ≤ y < maxY. */
export interface PixelBox {
  minX: number;
  minY: number;
  maxX: number;
  maxY: number;
}

/** Coverage of pixels, row by row from the top, 0 to 1. */
export class Mask {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
  /** Outside of it all values are 0. */
  box: PixelBox;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.values = new Float32Array(width * height);
    this.box = emptyBox(width, height);
  }

  get isEmpty(): boolean {
    return this.box.minX >= this.box.maxX || this.box.minY >= this.box.maxY;
  }

  clear(): void {
    const { minX, minY, maxX, maxY } = this.box;
    for (let y = minY; y < maxY; y++) {
      this.values.fill(0, y * this.width + minX, y * this.width + maxX);
    }
    this.box = emptyBox(this.width, this.height);
  }
}

export class Coverage {
  readonly width: number;
  readonly height: number;
  /** Changes of coverage; a row has two places more than pixels, for edges at its right end. */
  readonly #changes: Float32Array;
  readonly #stride: number;
  /** Rows and columns with changes; in pixels, maxima exclusive. */
  #minX: number;
  #minY: number;
  #maxX = 0;
  #maxY = 0;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.#stride = width + 2;
    this.#changes = new Float32Array(this.#stride * height);
    this.#minX = width;
    this.#minY = height;
  }

  /**
   * Adds a ring of vertices start ≤ v < end of interleaved x, y in pixels, y downwards; whether the
   * last repeats the first does not matter. Parts outside are cut off.
   * @param sign - what the inside of a ring with a negative `ringArea` counts: 1 covers, −1 is a hole
   */
  addRing(xy: Float64Array, start: number, end: number, sign: number): void {
    const last = 2 * (end - 1);
    let x0 = xy[last]!;
    let y0 = xy[last + 1]!;
    for (let i = 2 * start; i <= last; i += 2) {
      const x1 = xy[i]!;
      const y1 = xy[i + 1]!;
      if (y0 !== y1) this.#edge(x0, y0, x1, y1, sign);
      x0 = x1;
      y0 = y1;
    }
  }

  /** Adds a straight line of the given width, with flat ends; it covers. */
  addLine(x0: number, y0: number, x1: number, y1: number, width: number): void {
    const length = Math.hypot(x1 - x0, y1 - y0);
    if (length === 0) return;
    const dx = ((x1 - x0) / length) * (width / 2);
    const dy = ((y1 - y0) / length) * (width / 2);
    this.#edge(x0 + dy, y0 - dx, x1 + dy, y1 - dx, -1);
    this.#edge(x1 + dy, y1 - dx, x1 - dy, y1 + dx, -1);
    this.#edge(x1 - dy, y1 + dx, x0 - dy, y0 + dx, -1);
    this.#edge(x0 - dy, y0 + dx, x0 + dy, y0 - dx, -1);
  }

  #edge(x0: number, y0: number, x1: number, y1: number, sign: number): void {
    let direction = sign;
    if (y0 > y1) {
      [x0, y0, x1, y1] = [x1, y1, x0, y0];
      direction = -sign;
    }
    const { width, height } = this;
    if (!(y1 > 0 && y0 < height && y0 < y1)) return;
    const slope = (x1 - x0) / (y1 - y0);
    let x = x0;
    if (y0 < 0) {
      x -= y0 * slope;
      y0 = 0;
    }
    if (y1 > height) y1 = height;
    const changes = this.#changes;
    const firstRow = Math.floor(y0);
    const endRow = Math.ceil(y1);
    if (firstRow < this.#minY) this.#minY = firstRow;
    if (endRow > this.#maxY) this.#maxY = endRow;
    for (let row = firstRow; row < endRow; row++) {
      const rise = (row + 1 < y1 ? row + 1 : y1) - (row > y0 ? row : y0);
      const next = x + slope * rise;
      let left = x < next ? x : next;
      let right = x < next ? next : x;
      x = next;
      left = left < 0 ? 0 : left > width ? width : left;
      right = right < 0 ? 0 : right > width ? width : right;
      const change = rise * direction;
      const column = Math.floor(left);
      const endColumn = Math.ceil(right);
      if (column < this.#minX) this.#minX = column;
      if (endColumn > this.#maxX) this.#maxX = endColumn;
      const at = row * this.#stride + column;
      if (endColumn <= column + 1) {
        // Within one pixel: the part of it to the right of the edge, and the rest in the next.
        const part = 0.5 * (left + right) - column;
        changes[at] = changes[at]! + change * (1 - part);
        changes[at + 1] = changes[at + 1]! + change * part;
        continue;
      }
      const perPixel = change / (right - left);
      const begin = 1 - (left - column);
      const end = right - (endColumn - 1);
      const first = 0.5 * perPixel * begin * begin;
      const final = 0.5 * perPixel * end * end;
      const pixels = endColumn - column;
      changes[at] = changes[at]! + first;
      if (pixels === 2) {
        changes[at + 1] = changes[at + 1]! + change - first - final;
      } else {
        const second = perPixel * (begin + 0.5);
        changes[at + 1] = changes[at + 1]! + second - first;
        for (let k = 2; k < pixels - 1; k++) changes[at + k] = changes[at + k]! + perPixel;
        const beforeLast = second + (pixels - 3) * perPixel;
        changes[at + pixels - 1] = changes[at + pixels - 1]! + change - beforeLast - final;
      }
      changes[at + pixels] = changes[at + pixels]! + final;
    }
  }

  /**
   * Puts the coverage into a mask of the same size, and starts anew. Where polygons of the mask and
   * new ones meet: `add` takes the sum of both parts of a pixel (for many small ones), `union` the
   * larger (for one large one, whose own overlaps count as covered, whichever way they turn).
   */
  settle(mask: Mask, mode: 'add' | 'union'): void {
    const changes = this.#changes;
    const { values, width } = mask;
    const minX = this.#minX;
    const endX = Math.min(this.#maxX + 1, width);
    for (let y = this.#minY; y < this.#maxY; y++) {
      let sum = 0;
      const from = y * this.#stride;
      const to = y * width;
      for (let x = minX; x < endX; x++) {
        sum += changes[from + x]!;
        if (mode === 'add') {
          if (sum > NOTHING) values[to + x] = atMostOne(values[to + x]! + sum);
        } else {
          const part = Math.abs(sum);
          if (part > values[to + x]! && part > NOTHING) values[to + x] = atMostOne(part);
        }
      }
      changes.fill(0, from + minX, from + this.#maxX + 2);
    }
    const { box } = mask;
    mask.box = {
      minX: Math.min(box.minX, minX),
      minY: Math.min(box.minY, this.#minY),
      maxX: Math.max(box.maxX, endX),
      maxY: Math.max(box.maxY, this.#maxY),
    };
    this.#minX = this.width;
    this.#minY = this.height;
    this.#maxX = 0;
    this.#maxY = 0;
  }
}

/** Twice the signed area of a ring of vertices start ≤ v < end, in square pixels. */
export function ringArea(xy: Float64Array, start: number, end: number): number {
  // Seen from a vertex of the ring, where small rings are not lost in rounding.
  const originX = xy[2 * start]!;
  const originY = xy[2 * start + 1]!;
  let area = 0;
  let x0 = xy[2 * end - 2]! - originX;
  let y0 = xy[2 * end - 1]! - originY;
  for (let i = 2 * start; i < 2 * end; i += 2) {
    const x1 = xy[i]! - originX;
    const y1 = xy[i + 1]! - originY;
    area += x0 * y1 - x1 * y0;
    x0 = x1;
    y0 = y1;
  }
  return area;
}

function atMostOne(part: number): number {
  return part > 1 - NOTHING ? 1 : part;
}

function emptyBox(width: number, height: number): PixelBox {
  return { minX: width, minY: height, maxX: 0, maxY: 0 };
}
