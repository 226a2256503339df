/**
 * Douglas–Peucker simplification that keeps the topology of each feature: rings don't come to
 * cross or overlap themselves or one another, and none changes sides. Vertex for vertex the
 * TopologyPreserveSimplify of GEOS 3.13 (JTS 1.20's TopologyPreservingSimplifier).
 *
 * Douglas, Peucker: Algorithms for the reduction of the number of points required to represent a
 * digitized line or its caricature, Cartographica 10 (1973), 112–122.
 */

import { TilewrightError } from '../core/errors.ts';
import { type FeatureBatch, grow } from './batch.ts';
import { orient2d } from './orientation.ts';
import { SegmentIndex } from './simplify-index.ts';
import { RingPoints } from './simplify-jumps.ts';

/** Vertices that a ring keeps at least, its closing vertex included. */
const MIN_VERTICES = 4;

/** Of one call, all four. */
const index = new SegmentIndex();
const ringPoints = new RingPoints();
/** Sections still to be done, from the last to the first: end vertex and depth. */
let stack = new Int32Array(256);
/** Distance of the vertex that `furthestVertex` found. */
let furthestDistance = 0;

/**
 * Simplifies every feature in place, each on its own. Of a ring that loses its end point the
 * second to last vertex that is left becomes the first; z follows its vertex. Rings of fewer than
 * 4 vertices and rings that are not closed stay as they are.
 * @param tolerance - largest distance of a removed vertex from the segment in its place, in units
 *   of the coordinates; 0 removes vertices that lie on the segment between their neighbours
 * @returns number of vertices removed
 * @throws TilewrightError `usage` when the tolerance is negative or not a number
 */
export function simplifyBatch(batch: FeatureBatch, tolerance: number): number {
  if (!(tolerance >= 0)) {
    throw new TilewrightError(
      'usage',
      `The simplification tolerance is ${tolerance}: give 0 or more, in units of the coordinates.`,
    );
  }
  const { featureOffsets, polygonOffsets, ringOffsets, xy } = batch;
  const before = batch.vertexCount;
  let written = 0;
  for (let i = 0; i < batch.featureCount; i++) {
    const firstRing = polygonOffsets[featureOffsets[i]!]!;
    const endRing = polygonOffsets[featureOffsets[i + 1]!]!;
    if (firstRing < endRing) {
      const changed = simplifyRings(xy, ringOffsets, firstRing, endRing, tolerance);
      written = changed
        ? compactChanged(batch, firstRing, endRing, written)
        : compactUnchanged(batch, firstRing, endRing, written);
    }
  }
  // `compact…` move the starts of rings only: each is also the end of the ring before.
  if (batch.featureCount > 0) ringOffsets[batch.ringCount] = written;
  batch.vertexCount = written;
  return before - written;
}

/** Simplifies rings [firstRing, endRing), a feature, in `index`; returns whether any changed. */
function simplifyRings(
  xy: Float64Array,
  offsets: Int32Array,
  firstRing: number,
  endRing: number,
  tolerance: number,
): boolean {
  let longest = 0;
  for (let r = firstRing; r < endRing; r++) {
    longest = Math.max(longest, offsets[r + 1]! - offsets[r]!);
  }
  if (longest <= MIN_VERTICES) return false;
  index.load(xy, offsets, firstRing, endRing);
  ringPoints.load(xy, offsets, firstRing, endRing);
  let changed = false;
  for (let r = firstRing; r < endRing; r++) {
    const first = offsets[r]!;
    const last = offsets[r + 1]! - 1;
    if (last - first < MIN_VERTICES - 1) continue;
    if (xy[2 * first] !== xy[2 * last] || xy[2 * first + 1] !== xy[2 * last + 1]) continue;
    if (simplifyRing(xy, first, last, r - firstRing, tolerance)) changed = true;
    // For the rings to come, the first vertex stands for this one.
    ringPoints.set(r - firstRing, index.firstVertex(first, last));
  }
  return changed;
}

/**
 * Simplifies the ring of vertices first … last, the ring-th of its feature; returns whether it
 * lost any.
 */
function simplifyRing(
  xy: Float64Array,
  first: number,
  last: number,
  ring: number,
  tolerance: number,
): boolean {
  stack[0] = last;
  stack[1] = 1;
  let top = 0;
  let segments = 0;
  let start = first;
  let previous = first;
  while (top >= 0) {
    const end = stack[top]!;
    const depth = stack[top + 1]!;
    let keep = end === start + 1;
    if (!keep) {
      const furthest = furthestVertex(xy, start, end);
      keep =
        furthestDistance <= tolerance &&
        // Either there are enough vertices already, or each section split on the way here, and
        // so still to come, brings one.
        (segments >= MIN_VERTICES - 1 || depth >= MIN_VERTICES - 1) &&
        !index.isBlocked(start, end, start, end) &&
        !ringPoints.isJumped(ring, start, end);
      if (keep) {
        index.flatten(start, end);
      } else {
        stack[top + 1] = depth + 1;
        top += 2;
        if (top + 2 > stack.length) stack = grow(stack, top + 2);
        stack[top] = furthest;
        stack[top + 1] = depth + 1;
      }
    }
    if (keep) {
      segments++;
      previous = start;
      start = end;
      top -= 2;
    }
  }
  if (segments >= MIN_VERTICES) {
    const a = previous;
    const b = index.next[first]!;
    if (
      distanceToSegment(xy, first, a, b) <= tolerance &&
      (orient(xy, a, b, first) === 0 ||
        !(index.isBlocked(a, b, first, first) || ringPoints.isJumpedAt(ring, a, first, b)))
    ) {
      index.joinEnds(first, last, a, b);
      return true;
    }
  }
  return segments < last - first;
}

/**
 * The first of the vertices between i and j (exclusive) that are furthest from segment ij; sets
 * `furthestDistance`. Distances are computed with GEOS's operations in GEOS's order, as a tie is
 * decided by the last bit: with d = b − a, p = c − a, the distance of c from ab is |p| if
 * p·d ≤ 0, |c − b| if p·d ≥ d·d, else (|p × d| / d·d) √(d·d).
 */
function furthestVertex(xy: Float64Array, i: number, j: number): number {
  const ax = xy[2 * i]!;
  const ay = xy[2 * i + 1]!;
  const bx = xy[2 * j]!;
  const by = xy[2 * j + 1]!;
  const dx = bx - ax;
  const dy = by - ay;
  const lengthSquared = dx * dx + dy * dy;
  const length = Math.sqrt(lengthSquared);
  let distance = -1;
  let furthest = i + 1;
  // Rounding is monotone: what is not above these has no greater distance than one seen before.
  let square = -1;
  let cross = -1;
  for (let k = i + 1; k < j; k++) {
    const cx = xy[2 * k]!;
    const cy = xy[2 * k + 1]!;
    let px = cx - ax;
    let py = cy - ay;
    const along = px * dx + py * dy;
    let candidate: number;
    if (along > 0 && along < lengthSquared) {
      const c = Math.abs(px * dy - py * dx);
      if (c <= cross) continue;
      cross = c;
      candidate = (c / lengthSquared) * length;
    } else {
      if (along > 0) {
        px = cx - bx;
        py = cy - by;
      }
      const s = px * px + py * py;
      if (s <= square) continue;
      square = s;
      candidate = Math.sqrt(s);
    }
    if (candidate > distance) {
      distance = candidate;
      furthest = k;
    }
  }
  furthestDistance = distance;
  return furthest;
}

/** Distance of vertex c from segment ab, as in `furthestVertex`. */
function distanceToSegment(xy: Float64Array, c: number, a: number, b: number): number {
  const dx = xy[2 * b]! - xy[2 * a]!;
  const dy = xy[2 * b + 1]! - xy[2 * a + 1]!;
  let px = xy[2 * c]! - xy[2 * a]!;
  let py = xy[2 * c + 1]! - xy[2 * a + 1]!;
  const lengthSquared = dx * dx + dy * dy;
  const along = px * dx + py * dy;
  if (along > 0 && along < lengthSquared) {
    return (Math.abs(px * dy - py * dx) / lengthSquared) * Math.sqrt(lengthSquared);
  }
  if (along > 0) {
    px = xy[2 * c]! - xy[2 * b]!;
    py = xy[2 * c + 1]! - xy[2 * b + 1]!;
  }
  return Math.sqrt(px * px + py * py);
}

function orient(xy: Float64Array, a: number, b: number, c: number): number {
  return orient2d(
    xy[2 * a]!,
    xy[2 * a + 1]!,
    xy[2 * b]!,
    xy[2 * b + 1]!,
    xy[2 * c]!,
    xy[2 * c + 1]!,
  );
}

/**
 * Moves the vertices that `index` has left of rings [firstRing, endRing) to `at`, and the starts
 * of the rings with them; returns where the vertices end.
 */
function compactChanged(
  batch: FeatureBatch,
  firstRing: number,
  endRing: number,
  at: number,
): number {
  const { ringOffsets } = batch;
  const { next, wrapEnd } = index;
  let end = ringOffsets[firstRing]!;
  for (let r = firstRing; r < endRing; r++) {
    const first = end;
    end = ringOffsets[r + 1]!;
    ringOffsets[r] = at;
    if (first === end) continue;
    let v = index.firstVertex(first, end - 1);
    let last = end - 1;
    if (v !== first) {
      last = v;
      moveVertex(batch, v, at++);
      v = wrapEnd[end - 1]!;
    }
    while (v !== last) {
      moveVertex(batch, v, at++);
      v = next[v]!;
    }
    moveVertex(batch, last, at++);
  }
  return at;
}

function moveVertex({ xy, z }: FeatureBatch, from: number, to: number): void {
  xy[2 * to] = xy[2 * from]!;
  xy[2 * to + 1] = xy[2 * from + 1]!;
  if (z.length > 0) z[to] = z[from]!;
}

/** Like `compactChanged`, for a feature that keeps all its vertices. */
function compactUnchanged(
  batch: FeatureBatch,
  firstRing: number,
  endRing: number,
  at: number,
): number {
  const { xy, z, ringOffsets } = batch;
  const start = ringOffsets[firstRing]!;
  const end = ringOffsets[endRing]!;
  if (at === start) return end;
  xy.copyWithin(2 * at, 2 * start, 2 * end);
  if (z.length > 0) z.copyWithin(at, start, end);
  for (let r = firstRing; r < endRing; r++) ringOffsets[r] = ringOffsets[r]! + at - start;
  return at + end - start;
}
