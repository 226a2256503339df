/**
 * Whether no two edges of a feature meet, but for neighbours in their common vertex: what holds for
 * most, told without a sweep. Boxes over runs of edges that follow each other, and over two runs
 * and so on, are joined with each other from the top down. A run that goes on in one direction
 * can't meet itself. What takes long is left to the sweep.
 */

import { grow } from '../batch.ts';
import { orient2d } from '../orientation.ts';
import type { Rings } from './rings.ts';

/** Edges of a run: 1 << BITS. */
const BITS = 3;
/** So many pairs, of boxes or edges, are looked at for each edge before the search is given up. */
const PAIRS_PER_EDGE = 8;
/** Levels of boxes that there are at most. */
const LEVELS = 32;

export class EdgeRuns {
  /** minX, minY, maxX, maxY of all edges; of runs, pairs of runs, …, level by level. */
  #edges = new Float64Array(256);
  #boxes = new Float64Array(128);
  /** By box: bits of the directions that all its edges go in, if they are a chain. */
  #ways = new Uint8Array(32);
  /** First box of each level. */
  readonly #levels = new Int32Array(LEVELS);
  /** Pairs that are still to be looked at: level, and two boxes in it. */
  readonly #pending = new Int32Array(3 * 4 * LEVELS);
  #left = 0;

  /** False if edges meet, or if that would take too long to tell. */
  areApart(rings: Rings): boolean {
    const top = this.#build(rings);
    const levels = this.#levels;
    const boxes = this.#boxes;
    const ways = this.#ways;
    const pending = this.#pending;
    this.#left = PAIRS_PER_EDGE * rings.vertexCount;
    let depth = 3;
    pending[0] = top;
    pending[1] = 0;
    pending[2] = 0;
    while (depth > 0) {
      depth -= 3;
      const level = pending[depth]!;
      const a = pending[depth + 1]!;
      const b = pending[depth + 2]!;
      if (this.#left-- < 0) return false;
      if (level === 0) {
        if (!this.#areRunsApart(rings, a, b)) return false;
        continue;
      }
      const below = levels[level - 1]!;
      const count = levels[level]! - below;
      const endA = Math.min(2 * a + 2, count);
      const endB = Math.min(2 * b + 2, count);
      for (let i = 2 * a; i < endA; i++) {
        const box = 4 * (below + i);
        const minX = boxes[box]!;
        const minY = boxes[box + 1]!;
        const maxX = boxes[box + 2]!;
        const maxY = boxes[box + 3]!;
        let j = 2 * b;
        if (a === b) {
          j = i + 1;
          if (ways[below + i] === 0) {
            pending[depth] = level - 1;
            pending[depth + 1] = i;
            pending[depth + 2] = i;
            depth += 3;
          }
        }
        for (; j < endB; j++) {
          const other = 4 * (below + j);
          if (
            minX > boxes[other + 2]! ||
            maxX < boxes[other]! ||
            minY > boxes[other + 3]! ||
            maxY < boxes[other + 1]! ||
            (j === i + 1 && (ways[below + i]! & ways[below + j]!) !== 0)
          ) {
            continue;
          }
          pending[depth] = level - 1;
          pending[depth + 1] = i;
          pending[depth + 2] = j;
          depth += 3;
        }
      }
    }
    return true;
  }

  /** Makes the boxes; returns the level of the one that has all in it. */
  #build(rings: Rings): number {
    const { vertexCount } = rings;
    let count = (vertexCount + (1 << BITS) - 1) >> BITS;
    if (4 * vertexCount > this.#edges.length) this.#edges = grow(this.#edges, 4 * vertexCount);
    // Each level is half of the one below, and may have one more for an odd end.
    const size = 2 * count + LEVELS;
    if (size > this.#ways.length) {
      this.#boxes = grow(this.#boxes, 4 * size);
      this.#ways = grow(this.#ways, this.#boxes.length / 4);
    }
    for (let run = 0; run < count; run++) this.#boundRun(rings, run);
    const boxes = this.#boxes;
    const ways = this.#ways;
    let level = 0;
    let start = 0;
    this.#levels[0] = 0;
    while (count > 1) {
      const end = start + count;
      count = (count + 1) >> 1;
      for (let i = 0; i < count; i++) {
        const a = start + 2 * i;
        const b = a + 1 < end ? a + 1 : a;
        const at = end + i;
        boxes[4 * at] = Math.min(boxes[4 * a]!, boxes[4 * b]!);
        boxes[4 * at + 1] = Math.min(boxes[4 * a + 1]!, boxes[4 * b + 1]!);
        boxes[4 * at + 2] = Math.max(boxes[4 * a + 2]!, boxes[4 * b + 2]!);
        boxes[4 * at + 3] = Math.max(boxes[4 * a + 3]!, boxes[4 * b + 3]!);
        ways[at] = ways[a]! & ways[b]!;
      }
      start = end;
      this.#levels[++level] = start;
    }
    return level;
  }

  #boundRun({ xy, next, vertexCount }: Rings, run: number): void {
    const edges = this.#edges;
    const start = run << BITS;
    const end = Math.min(start + (1 << BITS), vertexCount);
    let minX = xy[2 * start]!;
    let minY = xy[2 * start + 1]!;
    let maxX = minX;
    let maxY = minY;
    let ways = 15;
    for (let e = start; e < end; e++) {
      const to = next[e]!;
      // A ring that ends here has no way on, unless the box does, too.
      if (to !== e + 1) ways = 0;
      const x1 = xy[2 * e]!;
      const y1 = xy[2 * e + 1]!;
      const x2 = xy[2 * to]!;
      const y2 = xy[2 * to + 1]!;
      let left = x1;
      let right = x2;
      if (x1 < x2) ways &= ~2;
      else {
        ways &= x1 > x2 ? ~1 : ~3;
        left = x2;
        right = x1;
      }
      let low = y1;
      let high = y2;
      if (y1 < y2) ways &= ~8;
      else {
        ways &= y1 > y2 ? ~4 : ~12;
        low = y2;
        high = y1;
      }
      edges[4 * e] = left;
      edges[4 * e + 1] = low;
      edges[4 * e + 2] = right;
      edges[4 * e + 3] = high;
      if (left < minX) minX = left;
      if (low < minY) minY = low;
      if (right > maxX) maxX = right;
      if (high > maxY) maxY = high;
    }
    const boxes = this.#boxes;
    boxes[4 * run] = minX;
    boxes[4 * run + 1] = minY;
    boxes[4 * run + 2] = maxX;
    boxes[4 * run + 3] = maxY;
    this.#ways[run] = ways;
  }

  /** Whether the edges of two runs, or those of one, are apart. */
  #areRunsApart(rings: Rings, a: number, b: number): boolean {
    const edges = this.#edges;
    const boxes = this.#boxes;
    const { next, vertexCount } = rings;
    const isOne = a === b;
    const endA = Math.min((a + 1) << BITS, vertexCount);
    const endB = Math.min((b + 1) << BITS, vertexCount);
    const runMinX = boxes[4 * b]!;
    const runMinY = boxes[4 * b + 1]!;
    const runMaxX = boxes[4 * b + 2]!;
    const runMaxY = boxes[4 * b + 3]!;
    for (let e = a << BITS; e < endA; e++) {
      const minX = edges[4 * e]!;
      const minY = edges[4 * e + 1]!;
      const maxX = edges[4 * e + 2]!;
      const maxY = edges[4 * e + 3]!;
      if (minX > runMaxX || maxX < runMinX || minY > runMaxY || maxY < runMinY) continue;
      const following = next[e]!;
      // An edge that follows this one meets it in their common vertex.
      for (let f = isOne ? e + (following === e + 1 ? 2 : 1) : b << BITS; f < endB; f++) {
        if (
          minX > edges[4 * f + 2]! ||
          maxX < edges[4 * f]! ||
          minY > edges[4 * f + 3]! ||
          maxY < edges[4 * f + 1]! ||
          following === f ||
          next[f] === e
        ) {
          continue;
        }
        if (edgesMeet(rings, e, f)) return false;
        this.#left--;
      }
    }
    return true;
  }

  /**
   * Whether a point that is on no edge is inside of edges [from, to), which are a ring: it is if a
   * ray to the right crosses an odd number of them.
   */
  isInside({ xy, next }: Rings, x: number, y: number, from: number, to: number): boolean {
    const boxes = this.#boxes;
    const lastRun = (to - 1) >> BITS;
    let inside = false;
    for (let run = from >> BITS; run <= lastRun; run++) {
      if (boxes[4 * run + 3]! <= y || boxes[4 * run + 1]! > y || boxes[4 * run + 2]! < x) continue;
      const end = Math.min((run + 1) << BITS, to);
      for (let e = Math.max(run << BITS, from); e < end; e++) {
        const y1 = xy[2 * e + 1]!;
        const y2 = xy[2 * next[e]! + 1]!;
        if (y1 > y === y2 > y) continue;
        const x1 = xy[2 * e]!;
        const x2 = xy[2 * next[e]!]!;
        if (x1 < x && x2 < x) continue;
        if (orient2d(x1, y1, x2, y2, x, y) > 0 === y2 > y1) inside = !inside;
      }
    }
    return inside;
  }
}

/** Whether two edges whose boxes meet do so too. */
function edgesMeet({ xy, next }: Rings, e: number, f: number): boolean {
  const e2 = next[e]!;
  const f2 = next[f]!;
  const ax = xy[2 * e]!;
  const ay = xy[2 * e + 1]!;
  const bx = xy[2 * e2]!;
  const by = xy[2 * e2 + 1]!;
  const cx = xy[2 * f]!;
  const cy = xy[2 * f + 1]!;
  const dx = xy[2 * f2]!;
  const dy = xy[2 * f2 + 1]!;
  const c = orient2d(ax, ay, bx, by, cx, cy);
  const d = orient2d(ax, ay, bx, by, dx, dy);
  if (c > 0 ? d > 0 : c < 0 && d < 0) return false;
  const a = orient2d(cx, cy, dx, dy, ax, ay);
  const b = orient2d(cx, cy, dx, dy, bx, by);
  return !(a > 0 ? b > 0 : a < 0 && b < 0);
}
