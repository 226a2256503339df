/**
 * Whether the interiors of two features meet, exactly: also where edges of both lie on each other, or
 * run through vertices of the other. The slabs are those of `SlabSweep`, but what is above what is
 * decided by `orient2d` on the coordinates as they are, and nothing is measured. This is several times
 * as fast as `relation`, to which it is left where edges cross: then there is no one order in a slab.
 */

import { type FeatureBatch, grow } from '../geometry/batch.ts';
import { orient2d } from '../geometry/orientation.ts';
import { Area } from './predicates/area.ts';
import { INTERIORS, relation } from './predicates/relate.ts';

/** Of `#order`: the two edges cross. */
const CROSSES = Number.NaN;

export class InteriorsMeet {
  /** Edges from west to east: startX, startY, endX, endY. */
  #edges = new Float64Array(256);
  #polygon = new Int32Array(64);
  #count = 0;
  /** Edges of the slab, from south to north. */
  #active = new Int32Array(64);
  #isInside = new Uint8Array(16);
  readonly #first = new Area();
  readonly #second = new Area();

  /**
   * Whether the interiors of feature i of `a` and j of `b` meet.
   * @param box - minX, minY, maxX, maxY of what their boxes have in common; none may be NaN
   */
  of(a: FeatureBatch, i: number, b: FeatureBatch, j: number, box: readonly number[]): boolean {
    this.#count = 0;
    const firstCount = a.featureOffsets[i + 1]! - a.featureOffsets[i]!;
    const polygonCount = firstCount + b.featureOffsets[j + 1]! - b.featureOffsets[j]!;
    if (polygonCount > this.#isInside.length) this.#isInside = new Uint8Array(2 * polygonCount);
    this.#addFeature(a, i, box, 0);
    this.#addFeature(b, j, box, firstCount);
    const meets = this.#sweep(box, firstCount);
    if (meets !== null) return meets;
    const [first, second] = [this.#first.fill(a, i, i + 1), this.#second.fill(b, j, j + 1)];
    return (relation(first, second, INTERIORS) & INTERIORS) !== 0;
  }

  /** Adds what may be in the box, or below: all but what is beside or above, or vertical. */
  #addFeature(batch: FeatureBatch, i: number, box: readonly number[], polygon: number): void {
    const { xy, ringOffsets, polygonOffsets } = batch;
    const [minX, , maxX, maxY] = box as [number, number, number, number];
    const endPolygon = batch.featureOffsets[i + 1]!;
    for (let p = batch.featureOffsets[i]!; p < endPolygon; p++, polygon++) {
      const endRing = polygonOffsets[p + 1]!;
      for (let r = polygonOffsets[p]!; r < endRing; r++) {
        for (let k = 2 * ringOffsets[r]! + 2; k < 2 * ringOffsets[r + 1]!; k += 2) {
          const west = xy[k - 2]! < xy[k]! ? k - 2 : k;
          const east = 2 * k - 2 - west;
          const isNear =
            xy[west]! < xy[east]! &&
            xy[west]! < maxX &&
            xy[east]! > minX &&
            (xy[west + 1]! <= maxY || xy[east + 1]! <= maxY);
          if (isNear) this.#append(xy, west, east, polygon);
        }
      }
    }
  }

  #append(xy: Float64Array, west: number, east: number, polygon: number): void {
    const e = this.#count++;
    if (e === this.#polygon.length) {
      this.#polygon = grow(this.#polygon, e + 1);
      this.#edges = grow(this.#edges, 4 * this.#polygon.length);
      this.#active = new Int32Array(this.#polygon.length);
    }
    this.#edges[4 * e] = xy[west]!;
    this.#edges[4 * e + 1] = xy[west + 1]!;
    this.#edges[4 * e + 2] = xy[east]!;
    this.#edges[4 * e + 3] = xy[east + 1]!;
    this.#polygon[e] = polygon;
  }

  /** Null if edges cross that lie next to each other in a slab. */
  #sweep(box: readonly number[], firstCount: number): boolean | null {
    const edges = this.#edges;
    const active = this.#active;
    const [minX, , maxX] = box as [number, number, number, number];
    const byStart = new Int32Array(this.#count).map((_, e) => e);
    byStart.sort((e, f) => edges[4 * e]! - edges[4 * f]!);
    let activeCount = 0;
    let x = minX;
    for (let next = 0; x < maxX; ) {
      for (; next < byStart.length && edges[4 * byStart[next]!]! <= x; next++) {
        active[activeCount++] = byStart[next]!;
      }
      let end = next < byStart.length ? edges[4 * byStart[next]!]! : maxX;
      for (let n = 0; n < activeCount; n++) end = Math.min(end, edges[4 * active[n]! + 2]!);
      end = Math.min(end, maxX);
      if (!this.#sort(activeCount)) return null;
      if (this.#meetInOrder(activeCount, firstCount)) return true;
      let kept = 0;
      for (let n = 0; n < activeCount; n++) {
        if (edges[4 * active[n]! + 2]! > end) active[kept++] = active[n]!;
      }
      activeCount = kept;
      x = end;
    }
    return false;
  }

  /** Orders the edges of a slab from south to north; false if edges that are compared cross anywhere. */
  #sort(count: number): boolean {
    const active = this.#active;
    let isOrdered = true;
    for (let n = 1; n < count; n++) {
      const e = active[n]!;
      let at = n;
      for (; at > 0; at--) {
        const order = this.#order(active[at - 1]!, e);
        if (Number.isNaN(order)) isOrdered = false;
        if (!(order > 0)) break;
        active[at] = active[at - 1]!;
      }
      active[at] = e;
    }
    return isOrdered;
  }

  /**
   * Positive if e is above f where both are, negative if it is below, 0 if they lie on each other,
   * CROSSES if they cross.
   */
  #order(e: number, f: number): number {
    const edges = this.#edges;
    const later = edges[4 * e]! >= edges[4 * f]!;
    const west = later ? this.#side(f, 4 * e) : -this.#side(e, 4 * f);
    const earlier = edges[4 * e + 2]! <= edges[4 * f + 2]!;
    const east = earlier ? this.#side(f, 4 * e + 2) : -this.#side(e, 4 * f + 2);
    if ((west > 0 && east < 0) || (west < 0 && east > 0)) return CROSSES;
    return west === 0 ? east : west;
  }

  /** Positive if the vertex at edges[k] is above the line through edge e, 0 if on it. */
  #side(e: number, k: number): number {
    const edges = this.#edges;
    return orient2d(
      edges[4 * e]!,
      edges[4 * e + 1]!,
      edges[4 * e + 2]!,
      edges[4 * e + 3]!,
      edges[k]!,
      edges[k + 1]!,
    );
  }

  /** Whether there is room between two edges that is inside of both features. */
  #meetInOrder(count: number, firstCount: number): boolean {
    const active = this.#active;
    const isInside = this.#isInside;
    let insideFirst = 0;
    let insideSecond = 0;
    let meets = false;
    for (let n = 0; n < count && !meets; n++) {
      const e = active[n]!;
      meets = insideFirst > 0 && insideSecond > 0 && this.#order(active[n - 1]!, e) !== 0;
      const p = this.#polygon[e]!;
      const change = isInside[p] === 0 ? 1 : -1;
      isInside[p]! ^= 1;
      if (p < firstCount) insideFirst += change;
      else insideSecond += change;
    }
    for (let n = 0; n < count; n++) isInside[this.#polygon[active[n]!]!] = 0;
    return meets;
  }
}
