/**
 * Whether flattening a section of a ring would bring another ring of the feature to its other
 * side. Where no segments cross, a ring lies on one side as a whole, so one of its vertices tells.
 */

import { grow } from './batch.ts';
import { orient2d } from './orientation.ts';

/** Rings to a block that has a bounding box. */
const BITS = 5;

export class RingPoints {
  /** The vertex that stands for each ring; −1 for a ring without vertices. */
  #points = new Int32Array(64);
  #count = 0;
  /** Boxes of the points of blocks of rings: minX, minY, maxX, maxY. */
  #boxes = new Float64Array(8);
  #xy: Float64Array = new Float64Array(0);

  /** Takes on rings [firstRing, endRing); their second vertices stand for them. */
  load(xy: Float64Array, offsets: Int32Array, firstRing: number, endRing: number): void {
    const count = endRing - firstRing;
    this.#xy = xy;
    this.#count = count;
    if (count < 2) return;
    const blocks = ((count - 1) >> BITS) + 1;
    if (count > this.#points.length) this.#points = grow(this.#points, count);
    if (4 * blocks > this.#boxes.length) this.#boxes = grow(this.#boxes, 4 * blocks);
    const boxes = this.#boxes;
    for (let at = 0; at < 4 * blocks; at += 4) {
      boxes.fill(Number.POSITIVE_INFINITY, at, at + 2);
      boxes.fill(Number.NEGATIVE_INFINITY, at + 2, at + 4);
    }
    for (let ring = 0; ring < count; ring++) {
      const first = offsets[firstRing + ring]!;
      const length = offsets[firstRing + ring + 1]! - first;
      this.#points[ring] = -1;
      if (length > 0) this.set(ring, length > 1 ? first + 1 : first);
    }
  }

  /** Lets a vertex stand for the ring (counted from 0 in the feature) from now on. */
  set(ring: number, vertex: number): void {
    if (this.#count < 2) return;
    this.#points[ring] = vertex;
    const boxes = this.#boxes;
    const box = 4 * (ring >> BITS);
    const x = this.#xy[2 * vertex]!;
    const y = this.#xy[2 * vertex + 1]!;
    if (x < boxes[box]!) boxes[box] = x;
    if (y < boxes[box + 1]!) boxes[box + 1] = y;
    if (x > boxes[box + 2]!) boxes[box + 2] = x;
    if (y > boxes[box + 3]!) boxes[box + 3] = y;
  }

  /** Whether the segment from vertex i to vertex j, for the ring's vertices i … j, jumps one. */
  isJumped(ring: number, i: number, j: number): boolean {
    if (this.#count < 2) return false;
    const xy = this.#xy;
    let minX = xy[2 * i]!;
    let maxX = minX;
    let minY = xy[2 * i + 1]!;
    let maxY = minY;
    for (let v = i + 1; v <= j; v++) {
      const x = xy[2 * v]!;
      const y = xy[2 * v + 1]!;
      if (x < minX) minX = x;
      else if (x > maxX) maxX = x;
      if (y < minY) minY = y;
      else if (y > maxY) maxY = y;
    }
    let other = this.#pointInBox(0, minX, minY, maxX, maxY);
    while (other >= 0) {
      if (other !== ring) {
        const x = xy[2 * this.#points[other]!]!;
        const y = xy[2 * this.#points[other]! + 1]!;
        let jumped = crossesRay(xy, i, j, x, y);
        for (let v = i; v < j; v++) {
          if (crossesRay(xy, v, v + 1, x, y)) jumped = !jumped;
        }
        if (jumped) return true;
      }
      other = this.#pointInBox(other + 1, minX, minY, maxX, maxY);
    }
    return false;
  }

  /** Whether the segment from vertex a to vertex b, for the segments a, v and v, b, jumps one. */
  isJumpedAt(ring: number, a: number, v: number, b: number): boolean {
    if (this.#count < 2) return false;
    const xy = this.#xy;
    const minX = Math.min(xy[2 * a]!, xy[2 * v]!, xy[2 * b]!);
    const maxX = Math.max(xy[2 * a]!, xy[2 * v]!, xy[2 * b]!);
    const minY = Math.min(xy[2 * a + 1]!, xy[2 * v + 1]!, xy[2 * b + 1]!);
    const maxY = Math.max(xy[2 * a + 1]!, xy[2 * v + 1]!, xy[2 * b + 1]!);
    let other = this.#pointInBox(0, minX, minY, maxX, maxY);
    while (other >= 0) {
      if (other !== ring) {
        const x = xy[2 * this.#points[other]!]!;
        const y = xy[2 * this.#points[other]! + 1]!;
        const before = crossesRay(xy, a, v, x, y) !== crossesRay(xy, v, b, x, y);
        if (before !== crossesRay(xy, a, b, x, y)) return true;
      }
      other = this.#pointInBox(other + 1, minX, minY, maxX, maxY);
    }
    return false;
  }

  /** The next ring, from `ring` on, whose point is in the box, edges included; −1 if none is. */
  #pointInBox(ring: number, minX: number, minY: number, maxX: number, maxY: number): number {
    const xy = this.#xy;
    const boxes = this.#boxes;
    while (ring < this.#count) {
      const block = ring >> BITS;
      const box = 4 * block;
      const end = Math.min((block + 1) << BITS, this.#count);
      if (
        boxes[box]! <= maxX &&
        boxes[box + 1]! <= maxY &&
        boxes[box + 2]! >= minX &&
        boxes[box + 3]! >= minY
      ) {
        for (; ring < end; ring++) {
          const point = this.#points[ring]!;
          if (point < 0) continue;
          const x = xy[2 * point]!;
          const y = xy[2 * point + 1]!;
          if (x >= minX && x <= maxX && y >= minY && y <= maxY) return ring;
        }
      }
      ring = end;
    }
    return -1;
  }
}

/** Whether segment ab crosses the ray from the point to the right, its upper end excluded. */
function crossesRay(xy: Float64Array, a: number, b: number, x: number, y: number): boolean {
  const ay = xy[2 * a + 1]!;
  const by = xy[2 * b + 1]!;
  if (ay > y === by > y) return false;
  const ax = xy[2 * a]!;
  const bx = xy[2 * b]!;
  if (ax < x && bx < x) return false;
  const side = orient2d(ax, ay, bx, by, x, y);
  return by > ay ? side > 0 : side < 0;
}
