/**
 * The segments of one feature while it is simplified: which of them are still there, which have
 * become part of a flattened one, and whether a new segment would touch any. A segment lives in
 * the slot of its first vertex, so flattening moves nothing, and a hierarchy of bounding boxes
 * over runs of slots, built once, keeps the search of a big feature from visiting every segment.
 */

import { orient2d } from './orientation.ts';

/** 16 slots to a block, 16 blocks to a block of the next level. */
const BITS = 4;
const FANOUT = 1 << BITS;
/** Features of fewer vertices are searched slot by slot. */
const MIN_TREE = 96;

export class SegmentIndex {
  /**
   * By vertex of the batch: the end vertex of the segment that starts there; 0 where none does;
   * at the closing vertex of a ring that has lost it, the complement of where the segment starts
   * that replaced it (its end is in `wrapEnd`).
   */
  next = new Int32Array(0);
  wrapEnd = new Int32Array(0);

  #xy: Float64Array = new Float64Array(0);
  #start = 0;
  #end = 0;
  /** Boxes of all levels, 4 numbers each: minX, minY, maxX, maxY. */
  #boxes = new Float64Array(0);
  /** First box of each level, and after the last level the number of boxes. */
  readonly #levels = new Int32Array(12);
  #levelCount = 0;

  /** Takes on rings [firstRing, endRing), consecutive in `xy`, with all their segments. */
  load(xy: Float64Array, offsets: Int32Array, firstRing: number, endRing: number): void {
    const start = offsets[firstRing]!;
    const end = offsets[endRing]!;
    if (end > this.next.length) {
      const size = Math.max(end, 2 * this.next.length);
      this.next = new Int32Array(size);
      this.wrapEnd = new Int32Array(size);
    }
    const next = this.next;
    for (let v = start; v < end; v++) next[v] = v + 1;
    for (let r = firstRing; r < endRing; r++) {
      const last = offsets[r + 1]! - 1;
      if (last >= offsets[r]!) next[last] = 0;
    }
    this.#xy = xy;
    this.#start = start;
    this.#end = end;
    this.#levelCount = 0;
    if (end - start >= MIN_TREE) this.#buildTree();
  }

  /** Replaces the segments of the section from vertex i to vertex j by one. */
  flatten(i: number, j: number): void {
    const next = this.next;
    for (let v = i + 1; v < j; v++) next[v] = 0;
    next[i] = j;
    this.#grow(i, j);
  }

  /**
   * Removes the end point of the ring of vertices first … last: joins a, the start of its last
   * segment, with b, the end of its first. Input segments stay as obstacles beside the new one,
   * because GEOS 3.13 looks for copies of them in its index, in vain; later rings notice.
   */
  joinEnds(first: number, last: number, a: number, b: number): void {
    const next = this.next;
    if (b !== first + 1) next[first] = 0;
    if (last !== a + 1) next[a] = 0;
    next[last] = ~a;
    this.wrapEnd[last] = b;
    this.#grow(last, a);
    this.#grow(last, b);
  }

  /** Where the ring of vertices first … last starts: at first, if it has not lost its end point. */
  firstVertex(first: number, last: number): number {
    const start = this.next[last]!;
    return start < 0 ? ~start : first;
  }

  /**
   * Whether a segment from vertex a to vertex b would equal a segment of the feature or meet one
   * elsewhere than at an end of both. Segments in slots [from, to) don't count.
   */
  isBlocked(a: number, b: number, from: number, to: number): boolean {
    if (this.#levelCount > 0) return this.#searchTree(a, b, from, to);
    return (
      this.#searchSlots(a, b, this.#start, Math.min(from, this.#end)) ||
      this.#searchSlots(a, b, to, this.#end)
    );
  }

  /** Like `isBlocked`, for the segments in slots [from, to). */
  #searchSlots(a: number, b: number, from: number, to: number): boolean {
    const xy = this.#xy;
    const next = this.next;
    const ax = xy[2 * a]!;
    const ay = xy[2 * a + 1]!;
    const bx = xy[2 * b]!;
    const by = xy[2 * b + 1]!;
    const minX = Math.min(ax, bx);
    const maxX = Math.max(ax, bx);
    const minY = Math.min(ay, by);
    const maxY = Math.max(ay, by);
    for (let v = from; v < to; ) {
      let c = v;
      let d = next[v]!;
      if (d > 0) {
        v = d;
      } else {
        v++;
        if (d === 0) continue;
        c = ~d;
        d = this.wrapEnd[v - 1]!;
      }
      const cx = xy[2 * c]!;
      const dx = xy[2 * d]!;
      if (cx < minX ? dx < minX : cx > maxX && dx > maxX) continue;
      const cy = xy[2 * c + 1]!;
      const dy = xy[2 * d + 1]!;
      if (cy < minY ? dy < minY : cy > maxY && dy > maxY) continue;
      if (meetsInside(ax, ay, bx, by, cx, cy, dx, dy)) return true;
    }
    return false;
  }

  #buildTree(): void {
    const levels = this.#levels;
    let count = (this.#end - this.#start + FANOUT - 1) >> BITS;
    let total = count;
    let levelCount = 1;
    while (count > FANOUT) {
      levels[levelCount++] = total;
      count = (count + FANOUT - 1) >> BITS;
      total += count;
    }
    levels[levelCount] = total;
    this.#levelCount = levelCount;
    if (4 * total > this.#boxes.length) this.#boxes = new Float64Array(6 * total);
    const boxes = this.#boxes;
    for (let i = 0; i < 4 * total; i += 4) {
      boxes[i] = Number.POSITIVE_INFINITY;
      boxes[i + 1] = Number.POSITIVE_INFINITY;
      boxes[i + 2] = Number.NEGATIVE_INFINITY;
      boxes[i + 3] = Number.NEGATIVE_INFINITY;
    }
    const xy = this.#xy;
    const base = this.#start;
    for (let v = base; v < this.#end; v++) {
      // The segment from v, and the one to v if it starts in another block.
      growBox(boxes, (v - base) >> BITS, xy[2 * v]!, xy[2 * v + 1]!);
      if (((v - base) & (FANOUT - 1)) === 0 && v > base) {
        growBox(boxes, (v - base - 1) >> BITS, xy[2 * v]!, xy[2 * v + 1]!);
      }
    }
    for (let level = 1; level < levelCount; level++) {
      const below = levels[level - 1]!;
      const here = levels[level]!;
      for (let i = below; i < here; i++) {
        const parent = here + ((i - below) >> BITS);
        growBox(boxes, parent, boxes[4 * i]!, boxes[4 * i + 1]!);
        growBox(boxes, parent, boxes[4 * i + 2]!, boxes[4 * i + 3]!);
      }
    }
  }

  /** Makes the boxes over a slot hold vertex v. */
  #grow(slot: number, v: number): void {
    const x = this.#xy[2 * v]!;
    const y = this.#xy[2 * v + 1]!;
    let block = slot - this.#start;
    for (let level = 0; level < this.#levelCount; level++) {
      block >>= BITS;
      growBox(this.#boxes, this.#levels[level]! + block, x, y);
    }
  }

  /** A walk over the boxes that meet the segment, top down and from left to right. */
  #searchTree(a: number, b: number, from: number, to: number): boolean {
    const xy = this.#xy;
    const boxes = this.#boxes;
    const levels = this.#levels;
    const base = this.#start;
    const top = this.#levelCount - 1;
    const ax = xy[2 * a]!;
    const ay = xy[2 * a + 1]!;
    const bx = xy[2 * b]!;
    const by = xy[2 * b + 1]!;
    const minX = Math.min(ax, bx);
    const maxX = Math.max(ax, bx);
    const minY = Math.min(ay, by);
    const maxY = Math.max(ay, by);
    const rising = bx - ax > 0 === by - ay > 0;
    let level = top;
    let block = 0;
    for (;;) {
      const first = base + (block << (BITS * (level + 1)));
      const end = first + (1 << (BITS * (level + 1)));
      const box = 4 * (levels[level]! + block);
      const left = boxes[box]!;
      const bottom = boxes[box + 1]!;
      const right = boxes[box + 2]!;
      const above = boxes[box + 3]!;
      if (
        left <= maxX &&
        right >= minX &&
        bottom <= maxY &&
        above >= minY &&
        !(first >= from && end <= to) &&
        // The box's corners to either side of the segment's line: it passes between them or not.
        !sameSide(
          orient2d(ax, ay, bx, by, left, rising ? above : bottom),
          orient2d(ax, ay, bx, by, right, rising ? bottom : above),
        )
      ) {
        if (level > 0) {
          level--;
          block <<= BITS;
          continue;
        }
        const stop = Math.min(end, this.#end);
        if (first < to && end > from) {
          if (this.#searchSlots(a, b, first, from) || this.#searchSlots(a, b, to, stop)) {
            return true;
          }
        } else if (this.#searchSlots(a, b, first, stop)) {
          return true;
        }
      }
      block++;
      while (block === levels[level + 1]! - levels[level]! || (block & (FANOUT - 1)) === 0) {
        if (level === top) {
          if (block === levels[top + 1]! - levels[top]!) return false;
          break;
        }
        block = ((block - 1) >> BITS) + 1;
        level++;
      }
    }
  }
}

function growBox(boxes: Float64Array, box: number, x: number, y: number): void {
  const at = 4 * box;
  if (x < boxes[at]!) boxes[at] = x;
  if (y < boxes[at + 1]!) boxes[at + 1] = y;
  if (x > boxes[at + 2]!) boxes[at + 2] = x;
  if (y > boxes[at + 3]!) boxes[at + 3] = y;
}

function sameSide(a: number, b: number): boolean {
  return (a > 0 && b > 0) || (a < 0 && b < 0);
}

/**
 * Whether segments ab and cd, whose bounding boxes meet, are equal or have a point in common that
 * is not an end of both: JTS's interior intersection, of which an overlap is a case.
 */
function meetsInside(
  ax: number,
  ay: number,
  bx: number,
  by: number,
  cx: number,
  cy: number,
  dx: number,
  dy: number,
): boolean {
  const ac = ax === cx && ay === cy;
  const ad = ax === dx && ay === dy;
  const bc = bx === cx && by === cy;
  const bd = bx === dx && by === dy;
  if ((ac && bd) || (ad && bc)) return true;
  if (ac || bc) {
    // Segments that share an end have nothing else in common unless they are collinear.
    if (orient2d(ax, ay, bx, by, dx, dy) !== 0) return false;
  } else if (ad || bd) {
    if (orient2d(ax, ay, bx, by, cx, cy) !== 0) return false;
  } else {
    const c = orient2d(ax, ay, bx, by, cx, cy);
    const d = orient2d(ax, ay, bx, by, dx, dy);
    if (sameSide(c, d)) return false;
    const a = orient2d(cx, cy, dx, dy, ax, ay);
    const b = orient2d(cx, cy, dx, dy, bx, by);
    if (sameSide(a, b)) return false;
    if (a !== 0 || b !== 0 || c !== 0 || d !== 0) return true;
  }
  return (
    (!ac && !ad && isBetween(ax, ay, cx, cy, dx, dy)) ||
    (!bc && !bd && isBetween(bx, by, cx, cy, dx, dy)) ||
    (!ac && !bc && isBetween(cx, cy, ax, ay, bx, by)) ||
    (!ad && !bd && isBetween(dx, dy, ax, ay, bx, by))
  );
}

/** Whether the point lies in the bounding box of segment ab. */
function isBetween(x: number, y: number, ax: number, ay: number, bx: number, by: number): boolean {
  return (
    (ax < bx ? ax <= x && x <= bx : bx <= x && x <= ax) &&
    (ay < by ? ay <= y && y <= by : by <= y && y <= ay)
  );
}
