/**
 * Whether rings of which no two meet are where they belong, and which way they run: where few
 * comparisons tell, and without a sweep. What takes more is left to that.
 */

import { grow } from '../batch.ts';
import { orient2d } from '../orientation.ts';
import type { EdgeRuns } from './apart.ts';
import { WRONG_ORIENTATION } from './findings.ts';
import type { Rings } from './rings.ts';

/** It may be otherwise, or takes too long to tell. */
export const UNSURE = -1;
/** Comparisons for each vertex, and for any feature, before the search is given up. */
const PER_VERTEX = 32;
const AT_LEAST = 256;

export class RingPlaces {
  /** minX, minY, maxX, maxY of rings. */
  #boxes = new Float64Array(64);
  #left = 0;

  /** The bits of remarks if all rings, whose `runs` are apart, are in place; else UNSURE. */
  judge(rings: Rings, runs: EdgeRuns): number {
    const { shell, ringCount } = rings;
    this.#left = AT_LEAST + PER_VERTEX * rings.vertexCount;
    if (4 * ringCount > this.#boxes.length) this.#boxes = grow(this.#boxes, 4 * ringCount);
    let bits = 0;
    for (let r = 0; r < ringCount; r++) {
      if (this.#bound(rings, r) !== (shell[r] === r)) bits = WRONG_ORIENTATION;
    }
    for (let r = 1; r < ringCount; r++) {
      const own = shell[r]!;
      if (own !== r && !this.#isWithin(rings, runs, r, own)) return UNSURE;
      // Holes of one polygon are outside of each other, and so are shells.
      for (let s = own === r ? 0 : own + 1; s < r; s++) {
        if (this.#left-- < 0) return UNSURE;
        if ((own === r) !== (shell[s] === s)) continue;
        if (this.#isWithin(rings, runs, r, s) || this.#isWithin(rings, runs, s, r)) return UNSURE;
      }
    }
    return this.#left < 0 ? UNSURE : bits;
  }

  /** Makes the box of a ring; returns whether it runs counter-clockwise. */
  #bound({ xy, starts, previous, next }: Rings, r: number): boolean {
    let first = starts[r]!;
    let minX = xy[2 * first]!;
    let minY = xy[2 * first + 1]!;
    let firstY = minY;
    let maxX = minX;
    let maxY = minY;
    const end = starts[r + 1]!;
    for (let v = first + 1; v < end; v++) {
      const x = xy[2 * v]!;
      const y = xy[2 * v + 1]!;
      if (x < minX || (x === minX && y < firstY)) {
        first = v;
        minX = x;
        firstY = y;
      }
      if (x > maxX) maxX = x;
      if (y < minY) minY = y;
      if (y > maxY) maxY = y;
    }
    this.#boxes[4 * r] = minX;
    this.#boxes[4 * r + 1] = minY;
    this.#boxes[4 * r + 2] = maxX;
    this.#boxes[4 * r + 3] = maxY;
    // At the leftmost vertex, the lowest of them, a ring turns as it runs.
    const a = 2 * previous[first]!;
    const b = 2 * next[first]!;
    return orient2d(xy[a]!, xy[a + 1]!, minX, firstY, xy[b]!, xy[b + 1]!) > 0;
  }

  /** Whether ring r is in ring s, which it does not meet. */
  #isWithin(rings: Rings, runs: EdgeRuns, r: number, s: number): boolean {
    const boxes = this.#boxes;
    const { xy, starts } = rings;
    if (
      boxes[4 * r]! <= boxes[4 * s]! ||
      boxes[4 * r + 1]! <= boxes[4 * s + 1]! ||
      boxes[4 * r + 2]! >= boxes[4 * s + 2]! ||
      boxes[4 * r + 3]! >= boxes[4 * s + 3]!
    ) {
      return false;
    }
    const x = xy[2 * starts[r]!]!;
    const y = xy[2 * starts[r]! + 1]!;
    const from = starts[s]!;
    const to = starts[s + 1]!;
    this.#left -= (to - from) / 8;
    return runs.isInside(rings, x, y, from, to);
  }
}
