/** Point in ring for many points and one long ring: only the edges at the point's y are looked at. */

import { orient2d } from '../../geometry/orientation.ts';

/** Edges per slab to aim at. */
const EDGES_PER_SLAB = 8;
const MAX_SLABS = 1 << 14;

export class RingSlabs {
  readonly #xy: Float64Array;
  readonly #minY: number;
  readonly #maxY: number;
  readonly #slabsPerUnit: number;
  readonly #slabStarts: Int32Array;
  /** First vertex of each edge, slab after slab; an edge is in every slab that its y range meets. */
  readonly #edges: Int32Array;

  /** The ring is the vertices [start, end) of interleaved x, y, its closing vertex included. */
  constructor(xy: Float64Array, start: number, end: number) {
    let minY = Number.POSITIVE_INFINITY;
    let maxY = Number.NEGATIVE_INFINITY;
    for (let v = start; v < end; v++) {
      const y = xy[2 * v + 1]!;
      if (y < minY) minY = y;
      if (y > maxY) maxY = y;
    }
    this.#xy = xy;
    this.#minY = minY;
    this.#maxY = maxY;
    // Tall edges lie in many slabs: halve the number of slabs until the lists are of fair length.
    let slabs = Math.min(MAX_SLABS, Math.ceil((end - start) / EDGES_PER_SLAB));
    let counts: Int32Array;
    for (;;) {
      this.#slabsPerUnit = maxY > minY ? slabs / (maxY - minY) : 0;
      if (!Number.isFinite(this.#slabsPerUnit)) this.#slabsPerUnit = 0;
      counts = new Int32Array(slabs + 1);
      let entries = 0;
      for (let v = start; v < end - 1; v++) {
        const a = this.#slab(xy[2 * v + 1]!, slabs);
        const b = this.#slab(xy[2 * v + 3]!, slabs);
        const last = Math.max(a, b);
        for (let s = Math.min(a, b); s <= last; s++) counts[s + 1]!++;
        entries += Math.abs(a - b) + 1;
        if (entries > 4 * (end - start) && slabs > 1) break;
      }
      if (entries <= 4 * (end - start) || slabs === 1) break;
      slabs >>= 1;
    }
    for (let s = 0; s < slabs; s++) counts[s + 1]! += counts[s]!;
    this.#slabStarts = counts;
    this.#edges = new Int32Array(counts[slabs]!);
    const next = counts.slice();
    for (let v = start; v < end - 1; v++) {
      const a = this.#slab(xy[2 * v + 1]!, slabs);
      const b = this.#slab(xy[2 * v + 3]!, slabs);
      const last = Math.max(a, b);
      for (let s = Math.min(a, b); s <= last; s++) this.#edges[next[s]!++] = v;
    }
  }

  /** −1 outside, 0 on the ring, 1 inside: the same as `pointInRing` of geometry/orientation.ts. */
  locate(x: number, y: number): -1 | 0 | 1 {
    if (!(y >= this.#minY && y <= this.#maxY)) return -1;
    const xy = this.#xy;
    const edges = this.#edges;
    const slab = this.#slab(y, this.#slabStarts.length - 1);
    const end = this.#slabStarts[slab + 1]!;
    let inside = false;
    for (let k = this.#slabStarts[slab]!; k < end; k++) {
      const i = 2 * edges[k]!;
      const x1 = xy[i]!;
      const y1 = xy[i + 1]!;
      const x2 = xy[i + 2]!;
      const y2 = xy[i + 3]!;
      if (y1 > y !== y2 > y) {
        if (x1 >= x || x2 >= x) {
          const side = orient2d(x1, y1, x2, y2, x, y);
          if (side === 0) return 0;
          if (side > 0 === y2 > y1) inside = !inside;
        }
      } else if (y1 === y && y2 === y && (x1 <= x ? x2 >= x : x2 <= x)) {
        return 0;
      }
      if (x2 === x && y2 === y) return 0;
    }
    return inside ? 1 : -1;
  }

  /** Never decreases as y grows, so that an edge's slabs contain those of all its points. */
  #slab(y: number, slabs: number): number {
    const slab = Math.floor((y - this.#minY) * this.#slabsPerUnit);
    return slab < slabs ? slab : slabs - 1;
  }
}
