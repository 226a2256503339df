/**
 * A line that sweeps over the edges of all rings from left to right (Shamos and Hoey, Geometric
 * intersection problems, 1976) and stops at the first two that meet in a way that is not allowed.
 * Of n vertices it takes O(n log n), whatever they are. Rings may touch each other in points: all
 * that happens in one point is looked at at once.
 */

import { grow } from '../batch.ts';
import { orient2d } from '../orientation.ts';
import { DISCONNECTED_INTERIOR, type Findings, SELF_CROSSING } from './findings.ts';
import { meetingKind } from './meeting.ts';
import { isBefore, VertexOrder } from './order.ts';
import type { Rings } from './rings.ts';
import { NONE, Status } from './status.ts';
import { Touches } from './touches.ts';

/** Of a ring that nothing is around. */
export const NO_RING = -1;

export class Sweep {
  /** By ring, after a sweep: the innermost ring around it, or NO_RING. */
  around = new Int32Array(16);
  /** By ring, after a sweep: 1 if it runs counter-clockwise, −1 clockwise. */
  direction = new Int8Array(16);

  #rings!: Rings;
  #findings!: Findings;
  readonly #order = new VertexOrder();
  readonly #status = new Status();
  readonly #touches = new Touches();
  /** By edge: its ends, left and right, and its place while the line meets it. */
  #left = new Int32Array(64);
  #right = new Int32Array(64);
  #place = new Int32Array(64);
  /** By ring: the point that it was last met at. */
  #metAt = new Int32Array(16);
  /** What goes through a point: a vertex, or the complement of an edge without one there. */
  #stack = new Int32Array(16);

  /** Returns whether all is well so far; what isn't is in `findings`. */
  run(rings: Rings, findings: Findings): boolean {
    this.#rings = rings;
    this.#findings = findings;
    this.#begin();
    const { xy, vertexCount } = rings;
    const order = this.#order.vertices;
    for (let k = 0; k < vertexCount; ) {
      const v = order[k]!;
      const x = xy[2 * v]!;
      const y = xy[2 * v + 1]!;
      let end = k + 1;
      while (end < vertexCount && xy[2 * order[end]!] === x && xy[2 * order[end]! + 1] === y) end++;
      if (!(end === k + 1 && this.#passVertex(v, x, y)) && !this.#passPoint(k, end, x, y)) {
        return false;
      }
      if (findings.bits !== 0 && !this.#onlyParted()) return false;
      k = end;
    }
    return findings.bits === 0;
  }

  #onlyParted(): boolean {
    return this.#findings.bits === DISCONNECTED_INTERIOR;
  }

  #begin(): void {
    const { xy, next, vertexCount, ringCount } = this.#rings;
    if (vertexCount > this.#left.length) {
      this.#left = grow(this.#left, vertexCount);
      this.#right = grow(this.#right, vertexCount);
      this.#place = grow(this.#place, vertexCount);
    }
    if (ringCount > this.around.length) {
      this.around = grow(this.around, ringCount);
      this.direction = new Int8Array(this.around.length);
      this.#metAt = grow(this.#metAt, ringCount);
    }
    for (let e = 0; e < vertexCount; e++) {
      const end = next[e]!;
      const isRightward = isBefore(xy, e, end);
      this.#left[e] = isRightward ? e : end;
      this.#right[e] = isRightward ? end : e;
    }
    this.direction.fill(0, 0, ringCount);
    this.#metAt.fill(-1, 0, ringCount);
    this.#touches.clear(ringCount);
    this.#status.clear();
    this.#order.sort(xy, vertexCount);
  }

  /** A vertex that has its place for itself; false if there is more to it, and nothing is done. */
  #passVertex(v: number, x: number, y: number): boolean {
    const status = this.#status;
    const into = this.#rings.previous[v]!;
    const intoEnds = this.#right[into] === v;
    const outEnds = this.#right[v] === v;
    if (!intoEnds && !outEnds) return this.#openAt(v, x, y);
    const place = this.#place[intoEnds ? into : v]!;
    if (intoEnds !== outEnds) {
      const under = status.below[place]!;
      const over = status.above[place]!;
      if (!this.#isBetween(under, over, x, y)) return false;
      const starting = intoEnds ? v : into;
      status.edge[place] = starting;
      this.#place[starting] = place;
      this.#look(under, place);
      this.#look(place, over);
      return true;
    }
    const other = this.#place[v]!;
    const isBelow = status.above[place] === other;
    if (!isBelow && status.below[place] !== other) return false;
    const under = status.below[isBelow ? place : other]!;
    const over = status.above[isBelow ? other : place]!;
    if (!this.#isBetween(under, over, x, y)) return false;
    status.remove(place);
    status.remove(other);
    this.#look(under, over);
    return true;
  }

  #openAt(v: number, x: number, y: number): boolean {
    const { xy, previous, ring } = this.#rings;
    const status = this.#status;
    let under = NONE;
    for (let place = status.root; place !== NONE; ) {
      const side = this.#side(status.edge[place]!, x, y);
      if (side === 0) return false;
      if (side > 0) under = place;
      place = side > 0 ? status.upper[place]! : status.lower[place]!;
    }
    const into = previous[v]!;
    const end = this.#rings.next[v]!;
    const outIsAbove =
      orient2d(x, y, xy[2 * into]!, xy[2 * into + 1]!, xy[2 * end]!, xy[2 * end + 1]!) > 0;
    const low = status.insertAbove(under, outIsAbove ? into : v);
    const high = status.insertAbove(low, outIsAbove ? v : into);
    this.#place[v] = outIsAbove ? high : low;
    this.#place[into] = outIsAbove ? low : high;
    if (this.direction[ring[v]!] === 0) this.#enter(low);
    this.#look(under, low);
    this.#look(high, status.above[high]!);
    return true;
  }

  /** Notes what is around a ring of which this is the lower edge at its leftmost vertex. */
  #enter(place: number): void {
    const { ring } = this.#rings;
    const status = this.#status;
    const e = status.edge[place]!;
    this.direction[ring[e]!] = this.#left[e] === e ? 1 : -1;
    const under = status.below[place]!;
    if (under === NONE) {
      this.around[ring[e]!] = NO_RING;
      return;
    }
    const edge = status.edge[under]!;
    const other = ring[edge]!;
    const isInside = (this.#left[edge] === edge) === this.direction[other]! > 0;
    this.around[ring[e]!] = isInside ? other : this.around[other]!;
  }

  /**
   * All that happens in one point: vertices order[from, to), and an edge that goes through it.
   * Around the point, the two ends of what goes through have to be nested like parentheses.
   */
  #passPoint(from: number, to: number, x: number, y: number): boolean {
    const { next, previous, ring } = this.#rings;
    const status = this.#status;
    const order = this.#order.vertices;
    const metAt = this.#metAt;
    let low = NONE;
    for (let k = from; k < to; k++) {
      const v = order[k]!;
      if (metAt[ring[v]!] === from) return this.#fail(SELF_CROSSING, x, y);
      metAt[ring[v]!] = from;
      if (this.#right[v] === v) low = this.#place[v]!;
      else if (this.#right[previous[v]!] === v) low = this.#place[previous[v]!]!;
    }
    let under = NONE;
    for (let place = status.root; low === NONE && place !== NONE; ) {
      const side = this.#side(status.edge[place]!, x, y);
      if (side === 0) low = place;
      else if (side > 0) under = place;
      place = side > 0 ? status.upper[place]! : status.lower[place]!;
    }
    let through = NONE;
    let depth = 0;
    if (2 * (to - from) + 2 > this.#stack.length) {
      this.#stack = grow(this.#stack, 2 * (to - from) + 2);
    }
    if (low !== NONE) {
      for (under = status.below[low]!; this.#isOn(under, x, y); under = status.below[low]!) {
        low = under;
      }
      for (let place = low; this.#isOn(place, x, y); ) {
        const e = status.edge[place]!;
        const end = this.#right[e]!;
        const above = status.above[place]!;
        if (this.#isAt(end, x, y)) {
          depth = this.#nest(depth, end);
          status.remove(place);
        } else {
          if (through !== NONE) return this.#meet(status.edge[through]!, e, x, y);
          if (metAt[ring[e]!] === from) return this.#fail(SELF_CROSSING, x, y);
          metAt[ring[e]!] = from;
          through = place;
          depth = this.#nest(depth, ~e);
        }
        place = above;
      }
    }
    for (let k = from; k < to; k++) {
      const v = order[k]!;
      if (this.#left[v] === v && !this.#insert(v, next[v]!, x, y)) return false;
      const into = previous[v]!;
      if (this.#left[into] === v && !this.#insert(into, into, x, y)) return false;
    }
    let top = under;
    let place = under === NONE ? status.lowest() : status.above[under]!;
    const bottom = place;
    for (; this.#isOn(place, x, y); place = status.above[place]!) {
      if (this.direction[ring[status.edge[place]!]!] === 0) this.#enter(place);
      top = place;
    }
    for (let at = top; at !== under; at = status.below[at]!) {
      const e = status.edge[at]!;
      depth = this.#nest(depth, at === through ? ~e : this.#left[e]!);
    }
    if (depth > 0) return this.#failCrossed(depth, x, y);
    this.#touch(from, to, through);
    if (top !== under) this.#look(under, bottom);
    this.#look(top, place);
    return true;
  }

  /** Puts an edge that starts at x, y, and goes to vertex `end`, into the status. */
  #insert(e: number, end: number, x: number, y: number): boolean {
    const { xy } = this.#rings;
    const status = this.#status;
    let under = NONE;
    for (let place = status.root; place !== NONE; ) {
      const other = status.edge[place]!;
      const side = this.#side(other, x, y) || this.#side(other, xy[2 * end]!, xy[2 * end + 1]!);
      if (side === 0) return this.#meet(e, other, x, y);
      if (side > 0) under = place;
      place = side > 0 ? status.upper[place]! : status.lower[place]!;
    }
    this.#place[e] = status.insertAbove(under, e);
    return true;
  }

  /** Counts one end of what goes through a point; returns how many are open. */
  #nest(depth: number, passage: number): number {
    if (depth > 0 && this.#stack[depth - 1] === passage) return depth - 1;
    this.#stack[depth] = passage;
    return depth + 1;
  }

  #touch(from: number, to: number, through: number): void {
    const { ring } = this.#rings;
    for (let k = from; k < to; k++) this.#touchRing(ring[this.#order.vertices[k]!]!, from);
    if (through !== NONE) this.#touchRing(ring[this.#status.edge[through]!]!, from);
  }

  #touchRing(r: number, from: number): void {
    const { shell, xy } = this.#rings;
    if (!this.#touches.add(r, shell[r]!, from)) return;
    const v = this.#order.vertices[from]!;
    this.#findings.add(DISCONNECTED_INTERIOR, xy[2 * v]!, xy[2 * v + 1]!);
  }

  /** Of what crosses in a point: the first that closes has crossed what opened after it. */
  #failCrossed(depth: number, x: number, y: number): boolean {
    const stack = this.#stack;
    const opened = new Set<number>();
    let at = 0;
    while (at < depth && !opened.has(stack[at]!)) opened.add(stack[at++]!);
    const edge = (passage: number): number => (passage < 0 ? ~passage : passage);
    return this.#meet(edge(stack[at - 1]!), edge(stack[at]!), x, y);
  }

  #fail(kind: number, x: number, y: number): false {
    this.#findings.add(kind, x, y);
    return false;
  }

  /** Two edges meet in a way that they must not. */
  #meet(e: number, f: number, x: number, y: number): false {
    const { ring } = this.#rings;
    return this.#fail(meetingKind(this.#rings, ring[e]!, ring[f]!), x, y);
  }

  /** On which side of an edge a point is: positive above. */
  #side(e: number, x: number, y: number): number {
    const { xy } = this.#rings;
    const a = 2 * this.#left[e]!;
    const b = 2 * this.#right[e]!;
    return orient2d(xy[a]!, xy[a + 1]!, xy[b]!, xy[b + 1]!, x, y);
  }

  #isOn(place: number, x: number, y: number): boolean {
    return place !== NONE && this.#side(this.#status.edge[place]!, x, y) === 0;
  }

  #isAt(v: number, x: number, y: number): boolean {
    const { xy } = this.#rings;
    return xy[2 * v] === x && xy[2 * v + 1] === y;
  }

  #isBetween(under: number, over: number, x: number, y: number): boolean {
    const { edge } = this.#status;
    return (
      (under === NONE || this.#side(edge[under]!, x, y) > 0) &&
      (over === NONE || this.#side(edge[over]!, x, y) < 0)
    );
  }

  /** Whether the edges in two places that are now next to each other cross. */
  #look(under: number, over: number): void {
    if (under === NONE || over === NONE) return;
    const { xy } = this.#rings;
    const e = this.#status.edge[under]!;
    const f = this.#status.edge[over]!;
    const a = 2 * this.#left[e]!;
    const b = 2 * this.#right[e]!;
    const c = 2 * this.#left[f]!;
    const d = 2 * this.#right[f]!;
    if (Math.max(xy[a + 1]!, xy[b + 1]!) < Math.min(xy[c + 1]!, xy[d + 1]!)) return;
    const sideC = this.#side(e, xy[c]!, xy[c + 1]!);
    const sideD = this.#side(e, xy[d]!, xy[d + 1]!);
    if (!(sideC < 0 ? sideD > 0 : sideC > 0 && sideD < 0)) return;
    const sideA = this.#side(f, xy[a]!, xy[a + 1]!);
    const sideB = this.#side(f, xy[b]!, xy[b + 1]!);
    if (!(sideA < 0 ? sideB > 0 : sideA > 0 && sideB < 0)) return;
    const along = sideA / (sideA - sideB);
    this.#meet(
      e,
      f,
      xy[a]! + along * (xy[b]! - xy[a]!),
      xy[a + 1]! + along * (xy[b + 1]! - xy[a + 1]!),
    );
  }
}
