/**
 * Area of what two features have in common, by slabs: between two neighbouring ends of edges all edges
 * are straight, and where none cross, the length of the common interior along a vertical line changes
 * linearly from west to east, so that its value in the middle, times the width of the slab, is the
 * exact area. Where edges cross, the slab is divided there.
 */

import { grow } from '../geometry/batch.ts';
import type { ClippedEdges } from './clipped-edges.ts';
import { sortByKey } from './merge-sort.ts';

export class SlabSweep {
  /** Edges by where they start. */
  #byStart = new Int32Array(128);
  #scratch = new Int32Array(128);
  /** Edges of the slab, from south to north. */
  #active = new Int32Array(128);
  /** The same in a part of a slab. */
  #part = new Int32Array(128);
  /** y of an edge at the western and eastern end of the slab, and in the middle of what is measured. */
  #west = new Float64Array(128);
  #east = new Float64Array(128);
  #middle = new Float64Array(128);
  /** Where edges cross in the slab: 0 at its western, 1 at its eastern end. */
  #crossings = new Float64Array(64);
  #crossingCount = 0;
  /** Whether an odd number of edges of a polygon has been passed on the way north. */
  #isInside = new Uint8Array(16);

  /**
   * The area, in square units.
   * @param firstCount - polygons of the first feature
   * @param polygonCount - those of both
   */
  area(edges: ClippedEdges, firstCount: number, polygonCount: number): number {
    const { count, startX, startY, endX, endY, slope } = edges;
    if (polygonCount > this.#isInside.length) this.#isInside = new Uint8Array(2 * polygonCount);
    this.#reserve(count);
    const byStart = sortByKey(startX, count, this.#byStart, this.#scratch);
    const active = this.#active;
    const west = this.#west;
    const east = this.#east;
    let area = 0;
    let activeCount = 0;
    let x = 0;
    for (let next = 0; next < count || activeCount > 0; ) {
      if (activeCount === 0) x = startX[byStart[next]!]!;
      for (; next < count && startX[byStart[next]!]! <= x; next++) {
        const e = byStart[next]!;
        const y = startY[e]!;
        west[e] = y;
        let at = activeCount++;
        for (; at > 0; at--) {
          const below = active[at - 1]!;
          if (west[below]! < y || (west[below] === y && slope[below]! <= slope[e]!)) break;
          active[at] = below;
        }
        active[at] = e;
      }
      let endOfSlab = next < count ? startX[byStart[next]!]! : Number.POSITIVE_INFINITY;
      for (let n = 0; n < activeCount; n++) {
        const end = endX[active[n]!]!;
        if (end < endOfSlab) endOfSlab = end;
      }
      this.#crossingCount = 0;
      for (let n = 0; n < activeCount; n++) {
        const e = active[n]!;
        const y =
          endX[e] === endOfSlab ? endY[e]! : startY[e]! + (endOfSlab - startX[e]!) * slope[e]!;
        east[e] = y;
        let at = n;
        for (; at > 0 && east[active[at - 1]!]! > y; at--) {
          const below = active[at - 1]!;
          active[at] = below;
          this.#noteCrossing(below, e);
        }
        active[at] = e;
      }
      area +=
        this.#crossingCount === 0
          ? (endOfSlab - x) * this.#length(edges, active, activeCount, 0.5, firstCount)
          : (endOfSlab - x) * this.#divided(edges, activeCount, firstCount);
      let kept = 0;
      for (let n = 0; n < activeCount; n++) {
        const e = active[n]!;
        if (endX[e]! > endOfSlab) {
          west[e] = east[e]!;
          active[kept++] = e;
        }
      }
      activeCount = kept;
      x = endOfSlab;
    }
    return area;
  }

  /** Notes where `below`, the lower in the west, goes above `other`; not if that is at an end of the slab. */
  #noteCrossing(below: number, other: number): void {
    const before = this.#west[other]! - this.#west[below]!;
    const after = this.#east[below]! - this.#east[other]!;
    const at = before / (before + after);
    if (!(at > 0 && at < 1)) return;
    const n = this.#crossingCount++;
    if (n === this.#crossings.length) this.#crossings = grow(this.#crossings, n + 1);
    this.#crossings[n] = at;
  }

  /** Mean length of the common interior in a slab in which edges cross. */
  #divided(edges: ClippedEdges, activeCount: number, firstCount: number): number {
    const crossings = this.#crossings.subarray(0, this.#crossingCount).sort();
    const part = this.#part;
    for (let n = 0; n < activeCount; n++) part[n] = this.#active[n]!;
    const west = this.#west;
    const east = this.#east;
    const middle = this.#middle;
    let mean = 0;
    let end = 1;
    // From east to west: the edges are in their eastern order.
    for (let c = crossings.length - 1; c >= -1; c--) {
      const start = c < 0 ? 0 : crossings[c]!;
      if (start === end) continue;
      const at = (start + end) / 2;
      for (let n = 0; n < activeCount; n++) {
        const e = part[n]!;
        const y = west[e]! + (east[e]! - west[e]!) * at;
        middle[e] = y;
        let to = n;
        for (; to > 0 && middle[part[to - 1]!]! > y; to--) part[to] = part[to - 1]!;
        part[to] = e;
      }
      mean += (end - start) * this.#length(edges, part, activeCount, at, firstCount);
      end = start;
    }
    return mean;
  }

  /** Length of the common interior along the vertical line at `at` (0 … 1) of the slab. */
  #length(
    edges: ClippedEdges,
    order: Int32Array,
    count: number,
    at: number,
    firstCount: number,
  ): number {
    const { polygon, height } = edges;
    const west = this.#west;
    const east = this.#east;
    const isInside = this.#isInside;
    let insideFirst = 0;
    let insideSecond = 0;
    let length = 0;
    let last = 0;
    for (let n = 0; n < count; n++) {
      const e = order[n]!;
      const y = west[e]! + (east[e]! - west[e]!) * at;
      if (insideFirst > 0 && insideSecond > 0) length += y - last;
      last = y;
      const p = polygon[e]!;
      const change = isInside[p] === 0 ? 1 : -1;
      isInside[p]! ^= 1;
      if (p < firstCount) insideFirst += change;
      else insideSecond += change;
    }
    if (insideFirst > 0 && insideSecond > 0) length += height - last;
    for (let n = 0; n < count; n++) isInside[polygon[order[n]!]!] = 0;
    return length;
  }

  #reserve(count: number): void {
    if (count <= this.#byStart.length) return;
    const size = 2 * count;
    this.#byStart = new Int32Array(size);
    this.#scratch = new Int32Array(size);
    this.#active = new Int32Array(size);
    this.#part = new Int32Array(size);
    this.#west = new Float64Array(size);
    this.#east = new Float64Array(size);
    this.#middle = new Float64Array(size);
  }
}
