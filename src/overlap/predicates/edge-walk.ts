/**
 * Goes along a segment past all that it meets of some areas' edges, and tells at each such point which
 * areas it is on the boundary of, and which lie left and right of the segment from there on. Points
 * where edges cross are never made: only their order along the segment counts, which is exact.
 */

import { grow } from '../../geometry/batch.ts';
import { exactTurn, orient2d } from '../../geometry/orientation.ts';
import { type Area, LEFT, RIGHT } from './area.ts';

/**
 * Takes one point; a bit for each area.
 * @param on - areas whose edges are there
 * @param left - areas that lie left of the segment after this point; after its end, before it
 * @returns whether to stop
 */
export type WalkVisitor = (on: number, left: number, right: number) => boolean;

/** A bound of the relative error of a product of two differences, twice, and of their difference. */
const PRODUCT_ERROR = 8 * 2 ** -53;

export class EdgeWalk {
  #px = 0;
  #py = 0;
  #qx = 0;
  #qy = 0;
  /** Events. Of a vertex: x, y. Of an edge that crosses the segment: its ends. */
  #xy = new Float64Array(64);
  /** Polygon of the crossing edge; −1 for a vertex. */
  #parts = new Int32Array(16);
  /** Its area; −1 for the segment's own ends. */
  #areas = new Int32Array(16);
  #count = 0;
  #order: number[] = [];
  readonly #compare = (a: number, b: number): number => this.#along(a, b);
  /** By area: sides on which it has each polygon. */
  readonly #inside: Map<number, number>[] = [];
  #left = 0;
  #right = 0;

  /** @returns whether the visitor stopped */
  walk(
    px: number,
    py: number,
    qx: number,
    qy: number,
    areas: readonly Area[],
    visit: WalkVisitor,
  ): boolean {
    this.#px = px;
    this.#py = py;
    this.#qx = qx;
    this.#qy = qy;
    this.#collect(areas);
    const order = this.#order;
    for (let from = 0; from < order.length; ) {
      let to = from + 1;
      while (to < order.length && this.#along(order[from]!, order[to]!) === 0) to++;
      const on = this.#pass(from, to, areas, to === order.length);
      if (visit(on, this.#left, this.#right)) return true;
      from = to;
    }
    return false;
  }

  #collect(areas: readonly Area[]): void {
    this.#count = 0;
    this.#addVertex(this.#px, this.#py, -1);
    this.#addVertex(this.#qx, this.#qy, -1);
    for (let a = 0; a < areas.length; a++) this.#meet(areas[a]!, a);
    this.#order.length = 0;
    for (let k = 0; k < this.#count; k++) this.#order.push(k);
    this.#order.sort(this.#compare);
  }

  #meet(area: Area, a: number): void {
    const px = this.#px;
    const py = this.#py;
    const qx = this.#qx;
    const qy = this.#qy;
    area.findNear(px, py, qx, qy);
    const { xy, starts, parts, found, foundCount } = area;
    for (let k = 0; k < foundCount; k++) {
      const e = found[k]!;
      const v = 2 * starts[e]!;
      const ux = xy[v]!;
      const uy = xy[v + 1]!;
      const vx = xy[v + 2]!;
      const vy = xy[v + 3]!;
      const u = orient2d(px, py, qx, qy, ux, uy);
      const w = orient2d(px, py, qx, qy, vx, vy);
      if (u === 0 && isBetween(ux, uy, px, py, qx, qy)) this.#addVertex(ux, uy, a);
      if (w === 0 && isBetween(vx, vy, px, py, qx, qy)) this.#addVertex(vx, vy, a);
      if (u === 0 && w === 0) {
        if (isBetween(px, py, ux, uy, vx, vy)) this.#addVertex(px, py, a);
        if (isBetween(qx, qy, ux, uy, vx, vy)) this.#addVertex(qx, qy, a);
      } else if ((u > 0 && w < 0) || (u < 0 && w > 0)) {
        const p = orient2d(ux, uy, vx, vy, px, py);
        const q = orient2d(ux, uy, vx, vy, qx, qy);
        if (p === 0) this.#addVertex(px, py, a);
        else if (q === 0) this.#addVertex(qx, qy, a);
        else if (p > 0 !== q > 0) this.#add(ux, uy, vx, vy, parts[e]!, a);
      }
    }
  }

  #addVertex(x: number, y: number, area: number): void {
    this.#add(x, y, 0, 0, -1, area);
  }

  #add(x: number, y: number, x2: number, y2: number, part: number, area: number): void {
    const k = this.#count++;
    if (k === this.#parts.length) {
      this.#parts = grow(this.#parts, k + 1);
      this.#areas = grow(this.#areas, this.#parts.length);
      this.#xy = grow(this.#xy, 4 * this.#parts.length);
    }
    this.#xy[4 * k] = x;
    this.#xy[4 * k + 1] = y;
    this.#xy[4 * k + 2] = x2;
    this.#xy[4 * k + 3] = y2;
    this.#parts[k] = part;
    this.#areas[k] = area;
  }

  /** Goes past the events [from, to), which are one point; returns which areas it is on. */
  #pass(from: number, to: number, areas: readonly Area[], isEnd: boolean): number {
    let on = 0;
    let vertex = -1;
    for (let k = from; k < to; k++) {
      const event = this.#order[k]!;
      if (this.#parts[event] === -1) vertex = event;
      if (this.#areas[event]! >= 0) on |= 1 << this.#areas[event]!;
    }
    if (isEnd) return on;
    if (vertex >= 0) {
      const x = this.#xy[4 * vertex]!;
      const y = this.#xy[4 * vertex + 1]!;
      for (let a = 0; a < areas.length; a++) {
        // Nothing changes where an area has no edge.
        if (from > 0 && (on & (1 << a)) === 0) continue;
        const inside = this.#inside[a] ?? new Map<number, number>();
        this.#inside[a] = inside;
        inside.clear();
        this.#set(a, areas[a]!.sides(x, y, this.#qx, this.#qy, inside));
      }
      return on;
    }
    for (let k = from; k < to; k++) {
      const event = this.#order[k]!;
      const a = this.#areas[event]!;
      const inside = this.#inside[a]!;
      const part = this.#parts[event]!;
      const sides = (inside.get(part) ?? 0) ^ (LEFT | RIGHT);
      if (sides === 0) inside.delete(part);
      else inside.set(part, sides);
      let all = 0;
      for (const one of inside.values()) all |= one;
      this.#set(a, all);
    }
    return on;
  }

  #set(a: number, sides: number): void {
    const bit = 1 << a;
    this.#left = (this.#left & ~bit) | (sides & LEFT ? bit : 0);
    this.#right = (this.#right & ~bit) | (sides & RIGHT ? bit : 0);
  }

  /** Order of two events along the segment; 0 for one point. */
  #along(a: number, b: number): number {
    const xy = this.#xy;
    const isVertexA = this.#parts[a] === -1;
    const isVertexB = this.#parts[b] === -1;
    if (isVertexA && isVertexB) {
      if (this.#px !== this.#qx) {
        return this.#px < this.#qx ? xy[4 * a]! - xy[4 * b]! : xy[4 * b]! - xy[4 * a]!;
      }
      const isUp = this.#py < this.#qy;
      return isUp ? xy[4 * a + 1]! - xy[4 * b + 1]! : xy[4 * b + 1]! - xy[4 * a + 1]!;
    }
    if (isVertexA) return this.#beforeCrossing(a, b);
    if (isVertexB) return -this.#beforeCrossing(b, a) || 0;
    return this.#crossings(a, b);
  }

  /** −1 for a vertex that lies on p's side of the crossing edge, 1 on the other, 0 on it. */
  #beforeCrossing(vertex: number, edge: number): number {
    const xy = this.#xy;
    const side = this.#sideOf(edge, xy[4 * vertex]!, xy[4 * vertex + 1]!);
    if (side === 0) return 0;
    return side > 0 === this.#sideOf(edge, this.#px, this.#py) > 0 ? -1 : 1;
  }

  #sideOf(edge: number, x: number, y: number): number {
    const xy = this.#xy;
    const k = 4 * edge;
    return orient2d(xy[k]!, xy[k + 1]!, xy[k + 2]!, xy[k + 3]!, x, y);
  }

  /**
   * An edge cuts the segment at t = P ÷ (P + Q) of its length, with P and Q twice the areas of the
   * triangles of the edge with p and with q. So t₁ < t₂ where P₁ Q₂ < P₂ Q₁.
   */
  #crossings(a: number, b: number): number {
    const p1 = this.#area(a, this.#px, this.#py);
    const q2 = this.#area(b, this.#qx, this.#qy);
    const p2 = this.#area(b, this.#px, this.#py);
    const q1 = this.#area(a, this.#qx, this.#qy);
    const left = p1.value * q2.value;
    const right = p2.value * q1.value;
    // (v ± e)(w ± f) is v w ± (v f + w e + e f).
    const error =
      p1.value * q2.error +
      q2.value * p1.error +
      p1.error * q2.error +
      (p2.value * q1.error + q1.value * p2.error + p2.error * q1.error) +
      PRODUCT_ERROR * (left + right);
    if (Math.abs(left - right) > 2 * error) return left - right;
    const one = this.#exactArea(a, this.#px, this.#py) * this.#exactArea(b, this.#qx, this.#qy);
    const other = this.#exactArea(b, this.#px, this.#py) * this.#exactArea(a, this.#qx, this.#qy);
    return one < other ? -1 : one > other ? 1 : 0;
  }

  #area(edge: number, x: number, y: number): { value: number; error: number } {
    const xy = this.#xy;
    const k = 4 * edge;
    const left = (xy[k]! - x) * (xy[k + 3]! - y);
    const right = (xy[k + 1]! - y) * (xy[k + 2]! - x);
    // What underflows is smaller than the smallest number that is as precise as others.
    const error = PRODUCT_ERROR * (Math.abs(left) + Math.abs(right)) + 2 ** -1020;
    return { value: Math.abs(left - right), error };
  }

  #exactArea(edge: number, x: number, y: number): bigint {
    const xy = this.#xy;
    const k = 4 * edge;
    const turn = exactTurn(xy[k]!, xy[k + 1]!, xy[k + 2]!, xy[k + 3]!, x, y);
    return turn < 0n ? -turn : turn;
  }
}

/** Whether a point on the line through p and q lies between these, or is one of them. */
function isBetween(x: number, y: number, px: number, py: number, qx: number, qy: number): boolean {
  return (
    (px < qx ? x >= px && x <= qx : x <= px && x >= qx) &&
    (py < qy ? y >= py && y <= qy : y <= py && y >= qy)
  );
}
