/**
 * Noding: giving edges a vertex wherever they meet, so that two edges have no more than ends in common,
 * or are the same.
 *
 * Where edges only touch in vertices, it is exact and no coordinate changes. Where they cross, vertices go
 * to a grid of whole numbers, crossings are rounded to it, and edges that come nearer to a vertex than
 * half a cell are led through it, again and again until no edge meets another (iterated snap rounding:
 * Halperin and Packer 2002). It ends, as each vertex that an edge gets lies in the edge's box: the two
 * parts are together as wide and high as the edge was, and no part has less than a cell.
 */

import { orient2d } from '../orientation.ts';
import { type Chains, CROSSING, TOUCH } from './chains.ts';
import { countUp } from './count-up.ts';

/** The same rings, noded; on a grid if edges cross. */
export function node(chains: Chains): Chains {
  const touching = new Meetings(chains, false);
  if (touching.find()) return touching.count === 0 ? chains : touching.insert();
  for (let noded = chains.onGrid(); ; ) {
    const meetings = new Meetings(noded, true);
    meetings.find();
    if (meetings.count === 0) return noded;
    noded = meetings.insert();
  }
}

/** What is to be inserted into edges; edge i leads from vertex i to the next of its ring. */
class Meetings {
  count = 0;
  readonly #chains: Chains;
  readonly #snaps: boolean;
  readonly #next: Int32Array;
  readonly #edges: number[] = [];
  readonly #x: number[] = [];
  readonly #y: number[] = [];
  readonly #z: number[] = [];
  readonly #kind: number[] = [];

  constructor(chains: Chains, snaps: boolean) {
    this.#chains = chains;
    this.#snaps = snaps;
    this.#next = new Int32Array(chains.count);
    for (let r = 0; r < chains.ringCount; r++) {
      const end = chains.offsets[r + 1]!;
      for (let i = chains.offsets[r]!; i < end; i++) this.#next[i] = i + 1;
      this.#next[end - 1] = chains.offsets[r]!;
    }
  }

  /** Finds all meetings; false, at the first crossing, if it doesn't snap. */
  find(): boolean {
    const { x, y, count } = this.#chains;
    const next = this.#next;
    const order = countUp(count);
    const left = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      left[i] = Math.min(x[i]!, x[next[i]!]!);
    }
    order.sort((i, j) => left[i]! - left[j]! || i - j);
    // Edges that reach the current one's left end.
    const active = new Int32Array(count);
    let activeCount = 0;
    for (let k = 0; k < count; k++) {
      const i = order[k]!;
      const minX = left[i]!;
      const y1 = y[i]!;
      const y2 = y[next[i]!]!;
      const minY = Math.min(y1, y2);
      const maxY = Math.max(y1, y2);
      let kept = 0;
      for (let a = 0; a < activeCount; a++) {
        const j = active[a]!;
        const end = next[j]!;
        if (x[j]! < minX && x[end]! < minX) continue;
        active[kept++] = j;
        if ((y[j]! < minY && y[end]! < minY) || (y[j]! > maxY && y[end]! > maxY)) continue;
        if (!this.#meet(Math.min(i, j), Math.max(i, j))) return false;
      }
      active[kept++] = i;
      activeCount = kept;
    }
    return true;
  }

  /** Notes where two edges meet whose boxes do; false if they cross and can't. */
  #meet(i: number, j: number): boolean {
    const { x, y } = this.#chains;
    const iEnd = this.#next[i]!;
    const jEnd = this.#next[j]!;
    const ax = x[i]!;
    const ay = y[i]!;
    const bx = x[iEnd]!;
    const by = y[iEnd]!;
    const cx = x[j]!;
    const cy = y[j]!;
    const dx = x[jEnd]!;
    const dy = y[jEnd]!;
    const c = orient2d(ax, ay, bx, by, cx, cy);
    const d = orient2d(ax, ay, bx, by, dx, dy);
    const before = this.count;
    const near = this.#snaps ? (Math.abs(bx - ax) + Math.abs(by - ay)) / 2 : 0;
    if (!this.#snaps && ((c > 0 && d > 0) || (c < 0 && d < 0))) return true;
    if (Math.abs(c) <= near) this.#insertVertex(i, iEnd, j);
    if (Math.abs(d) <= near) this.#insertVertex(i, iEnd, jEnd);
    const a = orient2d(cx, cy, dx, dy, ax, ay);
    const b = orient2d(cx, cy, dx, dy, bx, by);
    const far = this.#snaps ? (Math.abs(dx - cx) + Math.abs(dy - cy)) / 2 : 0;
    if (Math.abs(a) <= far) this.#insertVertex(j, jEnd, i);
    if (Math.abs(b) <= far) this.#insertVertex(j, jEnd, iEnd);
    if (this.count > before || c > 0 === d > 0 || a > 0 === b > 0) return true;
    if (c === 0 || d === 0 || a === 0 || b === 0) return true;
    if (this.#snaps) this.#insertCrossing(i, iEnd, j, jEnd);
    return this.#snaps;
  }

  /** Vertex v, which is as near to the line of the edge as counts, if it is beside the edge and no end. */
  #insertVertex(edge: number, end: number, v: number): void {
    const { x, y, z, hasZ, kind } = this.#chains;
    const vx = x[v]!;
    const vy = y[v]!;
    const ax = x[edge]!;
    const ay = y[edge]!;
    const bx = x[end]!;
    const by = y[end]!;
    if (ax < bx ? vx < ax || vx > bx : vx < bx || vx > ax) return;
    if (ay < by ? vy < ay || vy > by : vy < by || vy > ay) return;
    if ((vx === ax && vy === ay) || (vx === bx && vy === by)) return;
    this.#insert(edge, vx, vy, hasZ ? z[v]! : 0, Math.max(kind[v]!, TOUCH));
  }

  /**
   * The grid's point at the crossing, with z along the edge that has the first end in order of x, then y. It
   * does not depend on the order and directions of edges, so that a spike that is crossed remains a line.
   */
  #insertCrossing(i: number, iEnd: number, j: number, jEnd: number): void {
    const { x, y, z, hasZ } = this.#chains;
    let [a, b] = this.#isBefore(i, iEnd) ? [i, iEnd] : [iEnd, i];
    let [c, d] = this.#isBefore(j, jEnd) ? [j, jEnd] : [jEnd, j];
    if (this.#isBefore(c, a)) [a, b, c, d] = [c, d, a, b];
    const ux = x[b]! - x[a]!;
    const uy = y[b]! - y[a]!;
    const vx = x[d]! - x[c]!;
    const vy = y[d]! - y[c]!;
    // a + t u = c + s v: t = (c − a) × v / (u × v). Rounding moves the point along edges that are nearly
    // parallel, but hardly away from them.
    const t = ((x[c]! - x[a]!) * vy - (y[c]! - y[a]!) * vx) / (ux * vy - uy * vx);
    const px = within(Math.round(x[a]! + t * ux), x[a]!, x[b]!, x[c]!, x[d]!);
    const py = within(Math.round(y[a]! + t * uy), y[a]!, y[b]!, y[c]!, y[d]!);
    const pz = hasZ ? z[a]! + t * (z[b]! - z[a]!) : 0;
    for (const [edge, end] of [
      [i, iEnd],
      [j, jEnd],
    ] as const) {
      const isEnd = (px === x[edge]! && py === y[edge]!) || (px === x[end]! && py === y[end]!);
      if (!isEnd) this.#insert(edge, px, py, pz, CROSSING);
    }
  }

  #isBefore(v: number, w: number): boolean {
    const { x, y } = this.#chains;
    return x[v]! < x[w]! || (x[v] === x[w] && y[v]! < y[w]!);
  }

  #insert(edge: number, x: number, y: number, z: number, kind: number): void {
    this.#edges.push(edge);
    this.#x.push(x);
    this.#y.push(y);
    this.#z.push(z);
    this.#kind.push(kind);
    this.count++;
  }

  /** The chains with what was found, in the order along each edge. */
  insert(): Chains {
    const { offsets, polygonOf, isShell, x, y, z, kind, hasZ } = this.#chains;
    const order = countUp(this.count);
    order.sort((k, l) => this.#edges[k]! - this.#edges[l]! || this.#compareAlong(k, l) || k - l);
    const noded = this.#chains.emptied();
    let at = 0;
    for (let r = 0; r < polygonOf.length; r++) {
      for (let i = offsets[r]!; i < offsets[r + 1]!; i++) {
        noded.push(x[i]!, y[i]!, hasZ ? z[i]! : 0, kind[i]!);
        for (; at < this.count && this.#edges[order[at]!] === i; at++) {
          const k = order[at]!;
          noded.push(this.#x[k]!, this.#y[k]!, this.#z[k]!, this.#kind[k]!);
        }
      }
      noded.endRing(polygonOf[r]!, isShell[r]!);
    }
    return noded;
  }

  /** Which of two on the same edge comes first: along the axis along which the edge is longer. */
  #compareAlong(k: number, l: number): number {
    const { x, y } = this.#chains;
    const edge = this.#edges[k]!;
    const end = this.#next[edge]!;
    const ux = x[end]! - x[edge]!;
    const uy = y[end]! - y[edge]!;
    const alongX = (this.#x[k]! - this.#x[l]!) * Math.sign(ux);
    const alongY = (this.#y[k]! - this.#y[l]!) * Math.sign(uy);
    return Math.abs(ux) >= Math.abs(uy) ? alongX || alongY : alongY || alongX;
  }
}

/** The value moved into the ranges a … b and c … d, which overlap. */
function within(value: number, a: number, b: number, c: number, d: number): number {
  const min = Math.max(Math.min(a, b), Math.min(c, d));
  const max = Math.min(Math.max(a, b), Math.max(c, d));
  return Math.max(min, Math.min(max, value));
}
