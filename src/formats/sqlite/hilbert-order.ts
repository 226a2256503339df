/**
 * The order of boxes along a Hilbert curve through their centres, by a radix sort: boxes with the same
 * place on the curve keep theirs.
 */

import { firstHilbertState, HILBERT_STEPS } from '../../geometry/hilbert.ts';

/** Cells along one axis, as bits. A place on the curve has twice as many: two digits of the sort. */
const BITS = 13;
const DIGITS = 1 << BITS;
/** Up to so many rows, counting the digits takes longer than comparing the rows. */
const FEW = 1 << 10;

/** Sorts, in memory that it keeps. */
export class HilbertOrder {
  /** Places by row; in the end the rows in order. */
  #places = new Int32Array(0);
  /** Rows in the order of the low digits of their places, and the high digits. */
  #rows = new Int32Array(0);
  #highs = new Uint16Array(0);
  /** Places and rows of few. */
  readonly #few = new Float64Array(FEW);
  /** By digit: how many places have it, then where the next row with it goes. */
  readonly #low = new Int32Array(DIGITS);
  readonly #high = new Int32Array(DIGITS);

  /**
   * Rows, from 0, in the order of their boxes; good until the next call.
   * @param boxes - minX, maxX, minY, maxY of each row
   */
  sort(boxes: Float32Array, count: number): Int32Array {
    if (count > this.#places.length) {
      const room = count + (count >> 2);
      this.#places = new Int32Array(room);
      this.#rows = new Int32Array(room);
      this.#highs = new Uint16Array(room);
    }
    this.#place(boxes, count);
    return count <= FEW ? this.#sortFew(count) : this.#sortMany(count);
  }

  #sortFew(count: number): Int32Array {
    const places = this.#places;
    const keys = this.#few.subarray(0, count);
    for (let row = 0; row < count; row++) keys[row] = places[row]! * FEW + row;
    keys.sort();
    for (let i = 0; i < count; i++) places[i] = keys[i]! & (FEW - 1);
    return places;
  }

  /** A radix sort of two passes; it leaves rows in their order where the digits are the same. */
  #sortMany(count: number): Int32Array {
    const places = this.#places;
    const rows = this.#rows;
    const highs = this.#highs;
    const low = this.#low.fill(0);
    const high = this.#high.fill(0);
    for (let row = 0; row < count; row++) {
      const place = places[row]!;
      low[place & (DIGITS - 1)]!++;
      high[place >>> BITS]!++;
    }
    toStarts(low);
    toStarts(high);
    for (let row = 0; row < count; row++) {
      const place = places[row]!;
      const at = low[place & (DIGITS - 1)]!++;
      rows[at] = row;
      highs[at] = place >>> BITS;
    }
    for (let i = 0; i < count; i++) places[high[highs[i]!]!++] = rows[i]!;
    return places;
  }

  /** Finds the places of the boxes on a curve through all. */
  #place(boxes: Float32Array, count: number): void {
    let west = Infinity;
    let east = -Infinity;
    let south = Infinity;
    let north = -Infinity;
    for (let i = 0; i < 4 * count; i += 4) {
      const x = boxes[i]! + boxes[i + 1]!;
      const y = boxes[i + 2]! + boxes[i + 3]!;
      if (x < west) west = x;
      if (x > east) east = x;
      if (y < south) south = y;
      if (y > north) north = y;
    }
    const scaleX = east > west ? (DIGITS - 1) / (east - west) : 0;
    const scaleY = north > south ? (DIGITS - 1) / (north - south) : 0;
    const places = this.#places;
    for (let row = 0; row < count; row++) {
      const i = 4 * row;
      const x = ((boxes[i]! + boxes[i + 1]! - west) * scaleX) | 0;
      const y = ((boxes[i + 2]! + boxes[i + 3]! - south) * scaleY) | 0;
      places[row] = placeOf(x, y);
    }
  }
}

/** Makes of how many there are of each digit where they begin. */
function toStarts(counts: Int32Array): void {
  let start = 0;
  for (let digit = 0; digit < counts.length; digit++) {
    const count = counts[digit]!;
    counts[digit] = start;
    start += count;
  }
}

const FIRST_STATE = firstHilbertState(BITS);

/** hilbertDistance(x, y, BITS), without a loop. */
function placeOf(x: number, y: number): number {
  let step = HILBERT_STEPS[FIRST_STATE | ((x >> 8) & 0xf0) | (y >> 12)]!;
  let place = step & 0xff;
  step = HILBERT_STEPS[(step & 0x300) | ((x >> 4) & 0xf0) | ((y >> 8) & 0xf)]!;
  place = (place << 8) | (step & 0xff);
  step = HILBERT_STEPS[(step & 0x300) | (x & 0xf0) | ((y >> 4) & 0xf)]!;
  place = (place << 8) | (step & 0xff);
  step = HILBERT_STEPS[(step & 0x300) | ((x & 0xf) << 4) | (y & 0xf)]!;
  return (place << 8) | (step & 0xff);
}
