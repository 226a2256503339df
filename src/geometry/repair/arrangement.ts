/**
 * The arrangement of noded rings: vertices, edges and faces of the plane that they divide.
 *
 *   vertex v        in order of x, then y
 *   edge e          from lower[e] to upper[e] > lower[e], with what each ring adds to its winding number from
 *                   the right side to the left
 *   half-edge 2 e   from lower to upper; 2 e + 1 back; a face lies on the left of each
 *   cycle c         half-edges around a face, one after the other
 *
 * A face has several cycles if there are others within it that don't touch its edge: each is hung below
 * a cycle of the face. The last cycle has no half-edges: it is where everything begins.
 */

import { orient2d } from '../orientation.ts';
import { type Chains, CORNER } from './chains.ts';
import { countUp } from './count-up.ts';

const LOWER_CORNER = 1;
const UPPER_CORNER = 2;

export class Arrangement {
  vertexCount = 0;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly z: Float64Array;

  edgeCount = 0;
  readonly lower: Int32Array;
  readonly upper: Int32Array;
  /** LOWER_CORNER, UPPER_CORNER: at which ends a ring that has the edge has a vertex of its own. */
  readonly corners: Uint8Array;
  /** Edge e: rings[windingOffsets[e] … windingOffsets[e + 1]] with `windings` at the same places. */
  readonly windingOffsets: Int32Array;
  readonly rings: Int32Array;
  readonly windings: Int32Array;

  /** Half-edges that leave vertex v, counter-clockwise: out[outOffsets[v] … outOffsets[v + 1]]. */
  readonly outOffsets: Int32Array;
  readonly out: Int32Array;
  /** Place of each half-edge in `out`. */
  readonly places: Int32Array;

  cycleCount = 0;
  readonly cycleOf: Int32Array;
  /** A half-edge of each cycle, −1 for the last. */
  readonly starts: number[] = [];
  /** Cycles that lie within the face of cycle c, one after the other from firstInner[c] by nextInner; −1 ends. */
  readonly firstInner: Int32Array;
  readonly nextInner: Int32Array;

  constructor(chains: Chains) {
    const count = chains.count;
    this.x = new Float64Array(count);
    this.y = new Float64Array(count);
    this.z = new Float64Array(chains.hasZ ? count : 0);
    const vertexOf = this.#joinVertices(chains);

    this.lower = new Int32Array(count);
    this.upper = new Int32Array(count);
    this.corners = new Uint8Array(count);
    this.windingOffsets = new Int32Array(count + 1);
    this.rings = new Int32Array(count);
    this.windings = new Int32Array(count);
    this.#joinEdges(chains, vertexOf);

    this.outOffsets = new Int32Array(this.vertexCount + 1);
    this.out = new Int32Array(2 * this.edgeCount);
    this.places = new Int32Array(2 * this.edgeCount);
    this.#sortAround();

    this.cycleOf = new Int32Array(2 * this.edgeCount).fill(-1);
    this.#walkCycles();
    this.firstInner = new Int32Array(this.cycleCount).fill(-1);
    this.nextInner = new Int32Array(this.cycleCount).fill(-1);
    this.#hangInner();
  }

  /** Whether the half-edge begins in a vertex of a ring that has its edge. */
  beginsInCorner(half: number): boolean {
    return (this.corners[half >> 1]! & ((half & 1) === 0 ? LOWER_CORNER : UPPER_CORNER)) !== 0;
  }

  origin(half: number): number {
    return (half & 1) === 0 ? this.lower[half >> 1]! : this.upper[half >> 1]!;
  }

  /** The half-edge that leaves the same vertex, the next one clockwise. */
  clockwise(half: number): number {
    const v = this.origin(half);
    const place = this.places[half]!;
    return this.out[(place > this.outOffsets[v]! ? place : this.outOffsets[v + 1]!) - 1]!;
  }

  /** The half-edge after this one around the face on the left. */
  next(half: number): number {
    return this.clockwise(half ^ 1);
  }

  /** One vertex for all of a place; its z is that of the first which the feature came with, if any. */
  #joinVertices(chains: Chains): Int32Array {
    const { count, x, y, z, kind, hasZ } = chains;
    const order = countUp(count);
    order.sort((i, j) => x[i]! - x[j]! || y[i]! - y[j]! || kind[i]! - kind[j]! || i - j);
    const vertexOf = new Int32Array(count);
    for (let k = 0; k < count; k++) {
      const i = order[k]!;
      const v = this.vertexCount - 1;
      if (v < 0 || this.x[v] !== x[i] || this.y[v] !== y[i]) {
        this.x[this.vertexCount] = x[i]!;
        this.y[this.vertexCount] = y[i]!;
        if (hasZ) this.z[this.vertexCount] = z[i]!;
        this.vertexCount++;
      }
      vertexOf[i] = this.vertexCount - 1;
    }
    return vertexOf;
  }

  /** One edge for all between two vertices; none where each ring goes to and fro. */
  #joinEdges(chains: Chains, vertexOf: Int32Array): void {
    const { count, offsets, ringCount, kind } = chains;
    const low = new Int32Array(count);
    const high = new Int32Array(count);
    const ringOf = new Int32Array(count);
    const sign = new Int8Array(count);
    const corners = new Uint8Array(count);
    for (let r = 0; r < ringCount; r++) {
      let previous = offsets[r + 1]! - 1;
      for (let i = offsets[r]!; i < offsets[r + 1]!; i++) {
        const from = vertexOf[previous]!;
        const to = vertexOf[i]!;
        low[i] = Math.min(from, to);
        high[i] = Math.max(from, to);
        sign[i] = from < to ? 1 : -1;
        ringOf[i] = r;
        if (kind[previous] === CORNER) corners[i]! |= from < to ? LOWER_CORNER : UPPER_CORNER;
        if (kind[i] === CORNER) corners[i]! |= from < to ? UPPER_CORNER : LOWER_CORNER;
        previous = i;
      }
    }
    const order = countUp(count);
    order.sort((i, j) => low[i]! - low[j]! || high[i]! - high[j]! || ringOf[i]! - ringOf[j]!);
    let winding = 0;
    for (let k = 0; k < count; ) {
      const lower = low[order[k]!]!;
      const upper = high[order[k]!]!;
      const first = winding;
      let ends = 0;
      while (k < count && low[order[k]!] === lower && high[order[k]!] === upper) {
        const ring = ringOf[order[k]!]!;
        let sum = 0;
        for (; k < count; k++) {
          const i = order[k]!;
          if (low[i] !== lower || high[i] !== upper || ringOf[i] !== ring) break;
          sum += sign[i]!;
          ends |= corners[i]!;
        }
        if (sum === 0) continue;
        this.rings[winding] = ring;
        this.windings[winding++] = sum;
      }
      if (winding === first) continue;
      this.lower[this.edgeCount] = lower;
      this.upper[this.edgeCount] = upper;
      this.corners[this.edgeCount] = ends;
      this.windingOffsets[++this.edgeCount] = winding;
    }
  }

  /** Orders half-edges by angle, from downwards (exclusive) to the right, up and left. */
  #sortAround(): void {
    const { outOffsets, out, places, lower, upper } = this;
    for (let e = 0; e < this.edgeCount; e++) {
      outOffsets[lower[e]! + 1]!++;
      outOffsets[upper[e]! + 1]!++;
    }
    for (let v = 0; v < this.vertexCount; v++) outOffsets[v + 1]! += outOffsets[v]!;
    const ends = outOffsets.slice(0, this.vertexCount);
    for (let half = 0; half < 2 * this.edgeCount; half++) out[ends[this.origin(half)]!++] = half;
    for (let v = 0; v < this.vertexCount; v++) {
      const around = out.subarray(outOffsets[v]!, outOffsets[v + 1]!);
      // To a vertex that is later in the order leads a half-edge to the right, or straight up.
      if (around.length !== 2) around.sort((g, h) => this.#compareAngles(g, h));
      else if (this.#compareAngles(around[0]!, around[1]!) > 0) around.reverse();
    }
    for (let place = 0; place < out.length; place++) places[out[place]!] = place;
  }

  #compareAngles(g: number, h: number): number {
    // To a vertex that is later in the order leads a half-edge to the right, or straight up.
    if ((g & 1) !== (h & 1)) return (g & 1) - (h & 1);
    const { x, y } = this;
    const v = this.origin(g);
    const a = this.origin(g ^ 1);
    const b = this.origin(h ^ 1);
    return -orient2d(x[v]!, y[v]!, x[a]!, y[a]!, x[b]!, y[b]!);
  }

  #walkCycles(): void {
    for (let half = 0; half < this.cycleOf.length; half++) {
      if (this.cycleOf[half]! >= 0) continue;
      this.starts.push(half);
      for (let h = half; this.cycleOf[h]! < 0; h = this.next(h)) this.cycleOf[h] = this.cycleCount;
      this.cycleCount++;
    }
    this.starts.push(-1);
    this.cycleCount++;
  }

  /** Hangs the outer cycle of each connected part below that of the edge just below its first vertex. */
  #hangInner(): void {
    const { x, lower, upper, cycleOf, outOffsets, out } = this;
    const seen = new Uint8Array(this.vertexCount);
    const stack: number[] = [];
    let active: number[] = [];
    let nextEdge = 0;
    for (let v = 0; v < this.vertexCount; v++) {
      if (seen[v] || outOffsets[v] === outOffsets[v + 1]) continue;
      for (; nextEdge < this.edgeCount && lower[nextEdge]! < v; nextEdge++) active.push(nextEdge);
      active = active.filter((e) => x[upper[e]!]! > x[v]!);
      let below = -1;
      for (const e of active) {
        if (this.#side(e, v) > 0 && (below < 0 || this.#isAbove(e, below))) below = e;
      }
      // All half-edges of a first vertex lead to the right: left of the last one is what is around it.
      const outer = cycleOf[out[outOffsets[v + 1]! - 1]!]!;
      const around = below < 0 ? this.cycleCount - 1 : cycleOf[2 * below]!;
      this.nextInner[outer] = this.firstInner[around]!;
      this.firstInner[around] = outer;
      seen[v] = 1;
      for (stack.push(v); stack.length > 0; ) {
        const from = stack.pop()!;
        for (let place = outOffsets[from]!; place < outOffsets[from + 1]!; place++) {
          const to = this.origin(out[place]! ^ 1);
          if (seen[to]) continue;
          seen[to] = 1;
          stack.push(to);
        }
      }
    }
  }

  /** Positive if vertex v lies above edge e, that is on the left from its lower vertex to the upper. */
  #side(e: number, v: number): number {
    const { x, y } = this;
    const a = this.lower[e]!;
    const b = this.upper[e]!;
    return orient2d(x[a]!, y[a]!, x[b]!, y[b]!, x[v]!, y[v]!);
  }

  /** Whether e is above f where both are; they don't cross. */
  #isAbove(e: number, f: number): boolean {
    if (this.lower[e]! >= this.lower[f]!) {
      return (this.#side(f, this.lower[e]!) || this.#side(f, this.upper[e]!)) > 0;
    }
    return (this.#side(e, this.lower[f]!) || this.#side(e, this.upper[f]!)) < 0;
  }
}
