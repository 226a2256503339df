/**
 * An area: polygons, of which a point that is in any is in the area, and what counts as inside of a
 * polygon is even–odd over its rings. Its edges lie in a tree of boxes, so that asking for those near
 * a feature costs little, however many there are. All answers are exact for finite coordinates.
 */

import { type FeatureBatch, grow } from '../../geometry/batch.ts';
import { orient2d } from '../../geometry/orientation.ts';
import { segmentIntersectsRectangle } from '../../geometry/rectangle.ts';

/** Bits of `sides`. */
export const LEFT = 1;
export const RIGHT = 2;

/** Edges of a leaf, and children of a node. */
const FANOUT = 8;

export class Area {
  /** Coordinates of the batch that it was filled from: valid as long as these are. */
  xy = new Float64Array(0);
  /** Edge e leads from vertex starts[e] to the one after it, and bounds polygon parts[e]. */
  starts = new Int32Array(16);
  parts = new Int32Array(16);
  edgeCount = 0;
  /** minX, minY, maxX, maxY. */
  readonly bounds = new Float64Array(4);
  /** Edges that were found last, in ascending order. */
  found = new Int32Array(16);
  foundCount = 0;

  /** Boxes of nodes, level by level from the leaves; each level's first node and number of nodes. */
  #boxes = new Float64Array(64);
  readonly #levels: { first: number; count: number }[] = [];
  readonly #query = new Float64Array(8);
  #isSegment = false;

  /** Features from ≤ i < to of the batch, together. */
  fill(batch: FeatureBatch, from: number, to: number): this {
    const { xy, ringOffsets, polygonOffsets } = batch;
    this.xy = xy;
    this.edgeCount = 0;
    for (let p = batch.featureOffsets[from]!; p < batch.featureOffsets[to]!; p++) {
      for (let r = polygonOffsets[p]!; r < polygonOffsets[p + 1]!; r++) {
        for (let v = ringOffsets[r]!; v < ringOffsets[r + 1]! - 1; v++) this.#add(v, p);
      }
    }
    this.#index();
    return this;
  }

  #add(v: number, part: number): void {
    const { xy } = this;
    if (xy[2 * v] === xy[2 * v + 2] && xy[2 * v + 1] === xy[2 * v + 3]) return;
    const e = this.edgeCount++;
    if (e === this.starts.length) {
      this.starts = grow(this.starts, e + 1);
      this.parts = grow(this.parts, e + 1);
    }
    this.starts[e] = v;
    this.parts[e] = part;
  }

  /** Edges follow one another along their rings, so that runs of them have small boxes. */
  #index(): void {
    this.#levels.length = 0;
    let count = Math.ceil(this.edgeCount / FANOUT);
    let first = 0;
    for (;;) {
      this.#levels.push({ first, count });
      first += count;
      if (count <= 1) break;
      count = Math.ceil(count / FANOUT);
    }
    if (4 * first > this.#boxes.length) this.#boxes = grow(this.#boxes, 4 * first);
    for (let k = 0; k < this.#levels[0]!.count; k++) this.#boundEdges(k);
    for (let level = 1; level < this.#levels.length; level++) {
      for (let k = 0; k < this.#levels[level]!.count; k++) this.#boundNodes(level, k);
    }
    if (first > 0) this.bounds.set(this.#boxes.subarray(4 * (first - 1), 4 * first));
    else this.bounds.set([Infinity, Infinity, -Infinity, -Infinity]);
  }

  #boundEdges(k: number): void {
    const { xy, starts } = this;
    let minX = Infinity;
    let minY = Infinity;
    let maxX = -Infinity;
    let maxY = -Infinity;
    const end = Math.min(this.edgeCount, FANOUT * (k + 1));
    for (let e = FANOUT * k; e < end; e++) {
      for (let v = 2 * starts[e]!, to = v + 4; v < to; v += 2) {
        const x = xy[v]!;
        const y = xy[v + 1]!;
        if (x < minX) minX = x;
        if (x > maxX) maxX = x;
        if (y < minY) minY = y;
        if (y > maxY) maxY = y;
      }
    }
    this.#setBox(k, minX, minY, maxX, maxY);
  }

  #boundNodes(level: number, k: number): void {
    const boxes = this.#boxes;
    const below = this.#levels[level - 1]!;
    let minX = Infinity;
    let minY = Infinity;
    let maxX = -Infinity;
    let maxY = -Infinity;
    const end = below.first + Math.min(below.count, FANOUT * (k + 1));
    for (let b = 4 * (below.first + FANOUT * k); b < 4 * end; b += 4) {
      minX = Math.min(minX, boxes[b]!);
      minY = Math.min(minY, boxes[b + 1]!);
      maxX = Math.max(maxX, boxes[b + 2]!);
      maxY = Math.max(maxY, boxes[b + 3]!);
    }
    this.#setBox(this.#levels[level]!.first + k, minX, minY, maxX, maxY);
  }

  #setBox(node: number, minX: number, minY: number, maxX: number, maxY: number): void {
    const boxes = this.#boxes;
    boxes[4 * node] = minX;
    boxes[4 * node + 1] = minY;
    boxes[4 * node + 2] = maxX;
    boxes[4 * node + 3] = maxY;
  }

  /** Finds the edges whose boxes touch the closed box. */
  find(minX: number, minY: number, maxX: number, maxY: number): void {
    this.#isSegment = false;
    this.#start(minX, minY, maxX, maxY);
  }

  /** Finds the edges near the segment: all that touch it are among them. */
  findNear(px: number, py: number, qx: number, qy: number): void {
    const query = this.#query;
    query[4] = px;
    query[5] = py;
    query[6] = qx;
    query[7] = qy;
    this.#isSegment = true;
    this.#start(Math.min(px, qx), Math.min(py, qy), Math.max(px, qx), Math.max(py, qy));
  }

  #start(minX: number, minY: number, maxX: number, maxY: number): void {
    const query = this.#query;
    query[0] = minX;
    query[1] = minY;
    query[2] = maxX;
    query[3] = maxY;
    this.foundCount = 0;
    if (this.edgeCount > 0) this.#descend(this.#levels.length - 1, 0);
  }

  #descend(level: number, k: number): void {
    const boxes = this.#boxes;
    const b = 4 * (this.#levels[level]!.first + k);
    if (!this.#meets(boxes[b]!, boxes[b + 1]!, boxes[b + 2]!, boxes[b + 3]!)) return;
    const count = level === 0 ? this.edgeCount : this.#levels[level - 1]!.count;
    const end = Math.min(count, FANOUT * (k + 1));
    for (let c = FANOUT * k; c < end; c++) {
      if (level > 0) this.#descend(level - 1, c);
      else if (this.#edgeMeets(c)) {
        if (this.foundCount === this.found.length) this.found = grow(this.found, c + 1);
        this.found[this.foundCount++] = c;
      }
    }
  }

  #edgeMeets(e: number): boolean {
    const { xy } = this;
    const v = 2 * this.starts[e]!;
    const query = this.#query;
    return (
      (xy[v]! <= query[2]! || xy[v + 2]! <= query[2]!) &&
      (xy[v]! >= query[0]! || xy[v + 2]! >= query[0]!) &&
      (xy[v + 1]! <= query[3]! || xy[v + 3]! <= query[3]!) &&
      (xy[v + 1]! >= query[1]! || xy[v + 3]! >= query[1]!)
    );
  }

  #meets(minX: number, minY: number, maxX: number, maxY: number): boolean {
    const query = this.#query;
    if (query[0]! > maxX || query[1]! > maxY || query[2]! < minX || query[3]! < minY) return false;
    if (!this.#isSegment) return true;
    return segmentIntersectsRectangle(
      query[4]!,
      query[5]!,
      query[6]!,
      query[7]!,
      minX,
      minY,
      maxX,
      maxY,
    );
  }

  /** Whether an edge has a point in common with the closed box. */
  hasEdgeIn(minX: number, minY: number, maxX: number, maxY: number): boolean {
    this.find(minX, minY, maxX, maxY);
    const { xy, starts, found } = this;
    for (let k = 0; k < this.foundCount; k++) {
      const v = 2 * starts[found[k]!]!;
      const ux = xy[v]!;
      const uy = xy[v + 1]!;
      const vx = xy[v + 2]!;
      const vy = xy[v + 3]!;
      if (segmentIntersectsRectangle(ux, uy, vx, vy, minX, minY, maxX, maxY)) return true;
    }
    return false;
  }

  /** Whether the point, which is on none of the edges, is inside. */
  contains(x: number, y: number): boolean {
    return this.sides(x, y, x + 1, y) !== 0;
  }

  /**
   * Whether the area is left and right of the segment p → q where this begins, as bits: so near to it
   * that no vertex or edge lies between. A ray to greater x is followed from there; where it meets a
   * vertex or runs along an edge, what counts is where the point is moved to: first along the segment,
   * then to the side.
   * @param inside - takes the bits of every polygon that has any
   */
  sides(px: number, py: number, qx: number, qy: number, inside?: Map<number, number>): number {
    const { xy, starts, parts } = this;
    const down = qy < py;
    const level = qy === py;
    // Whether a vertex at the height of p is above the point that was moved.
    const aboveLeft = down || (level && qx < px);
    const aboveRight = down || (level && qx > px);
    this.find(px, py, Number.POSITIVE_INFINITY, py);
    const { found, foundCount } = this;
    let all = 0;
    let own = 0;
    let part = -1;
    for (let k = 0; k < foundCount; k++) {
      const e = found[k]!;
      if (parts[e] !== part) {
        if (own !== 0) inside?.set(part, own);
        all |= own;
        own = 0;
        part = parts[e]!;
      }
      const v = 2 * starts[e]!;
      const ux = xy[v]!;
      const uy = xy[v + 1]!;
      const vx = xy[v + 2]!;
      const vy = xy[v + 3]!;
      const left = (uy === py ? aboveLeft : uy > py) !== (vy === py ? aboveLeft : vy > py);
      const right = (uy === py ? aboveRight : uy > py) !== (vy === py ? aboveRight : vy > py);
      if (!left && !right) continue;
      const up = vy > uy;
      const side = orient2d(ux, uy, vx, vy, px, py) || orient2d(ux, uy, vx, vy, qx, qy);
      if (side !== 0) {
        if (side > 0 !== up) continue;
        own ^= (left ? LEFT : 0) | (right ? RIGHT : 0);
        continue;
      }
      // The segment begins along the edge: the ray from the side where x is less crosses it.
      const rises = qy > py;
      if (rises ? left : right) own ^= rises ? LEFT : RIGHT;
    }
    if (own !== 0) inside?.set(part, own);
    return all | own;
  }
}
