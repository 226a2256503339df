/**
 * Whether features meet rectangles, such as tiles: both closed, so that touching in an edge or a
 * corner counts, and exact for finite coordinates.
 */

import type { FeatureBatch } from './batch.ts';
import { orient2d, pointInRing } from './orientation.ts';

/** Bits of an outcode (Cohen and Sutherland): the sides of the rectangle that a point is beyond. */
const LEFT = 1;
const RIGHT = 2;
const BELOW = 4;
const ABOVE = 8;
const ALL_SIDES = LEFT | RIGHT | BELOW | ABOVE;

/** Which sides of the rectangle the point lies beyond; 0 if it is in it or on its boundary. */
function outcode(
  x: number,
  y: number,
  minX: number,
  minY: number,
  maxX: number,
  maxY: number,
): number {
  return (x < minX ? LEFT : x > maxX ? RIGHT : 0) | (y < minY ? BELOW : y > maxY ? ABOVE : 0);
}

/** Whether the closed segment a–b and the closed rectangle have a point in common. */
export function segmentIntersectsRectangle(
  ax: number,
  ay: number,
  bx: number,
  by: number,
  minX: number,
  minY: number,
  maxX: number,
  maxY: number,
): boolean {
  const codeA = outcode(ax, ay, minX, minY, maxX, maxY);
  const codeB = outcode(bx, by, minX, minY, maxX, maxY);
  if (codeA === 0 || codeB === 0) return true;
  if ((codeA & codeB) !== 0) return false;
  return lineMeetsRectangle(ax, ay, bx, by, minX, minY, maxX, maxY);
}

/**
 * Whether the line through a and b meets the rectangle. For a segment whose bounds overlap the
 * rectangle this decides, by the separating axis theorem: the axes x and y don't separate them, so
 * only the segment's normal could. Of the four corners the two that lie farthest to either side
 * of the line are enough.
 */
function lineMeetsRectangle(
  ax: number,
  ay: number,
  bx: number,
  by: number,
  minX: number,
  minY: number,
  maxX: number,
  maxY: number,
): boolean {
  const rising = bx > ax === by > ay;
  const first = orient2d(ax, ay, bx, by, minX, rising ? maxY : minY);
  if (first === 0) return true;
  const second = orient2d(ax, ay, bx, by, maxX, rising ? minY : maxY);
  return first > 0 ? second <= 0 : second >= 0;
}

/**
 * Whether the point lies in a polygon of feature i or on its boundary. What counts as inside of a
 * polygon is even–odd over its rings, so holes are outside and their edges are not.
 */
export function featureContainsPoint(
  batch: FeatureBatch,
  i: number,
  x: number,
  y: number,
): boolean {
  const { xy, ringOffsets, polygonOffsets } = batch;
  const endPolygon = batch.featureOffsets[i + 1]!;
  for (let p = batch.featureOffsets[i]!; p < endPolygon; p++) {
    const endRing = polygonOffsets[p + 1]!;
    let inside = false;
    for (let r = polygonOffsets[p]!; r < endRing; r++) {
      const place = pointInRing(x, y, xy, ringOffsets[r]!, ringOffsets[r + 1]!);
      if (place === 0) return true;
      if (place > 0) inside = !inside;
    }
    if (inside) return true;
  }
  return false;
}

/**
 * Whether feature i and the rectangle have a point in common. Coordinates must be finite;
 * minX ≤ maxX and minY ≤ maxY.
 */
export function featureIntersectsRectangle(
  batch: FeatureBatch,
  i: number,
  minX: number,
  minY: number,
  maxX: number,
  maxY: number,
): boolean {
  const { xy, ringOffsets } = batch;
  const startRing = batch.polygonOffsets[batch.featureOffsets[i]!]!;
  const endRing = batch.polygonOffsets[batch.featureOffsets[i + 1]!]!;
  let sides = 0;
  for (let r = startRing; r < endRing; r++) {
    const start = 2 * ringOffsets[r]!;
    const end = 2 * ringOffsets[r + 1]!;
    let x1 = 0;
    let y1 = 0;
    // The first vertex has no edge before it: a code beyond all sides skips the test.
    let code1 = ALL_SIDES;
    for (let k = start; k < end; k += 2) {
      const x2 = xy[k]!;
      const y2 = xy[k + 1]!;
      const code2 = outcode(x2, y2, minX, minY, maxX, maxY);
      if (code2 === 0) return true;
      if ((code1 & code2) === 0 && lineMeetsRectangle(x1, y1, x2, y2, minX, minY, maxX, maxY)) {
        return true;
      }
      sides |= code2;
      code1 = code2;
      x1 = x2;
      y1 = y2;
    }
  }
  // No edge meets the rectangle, so all of it is inside or outside: one corner tells. It can only
  // be inside if there are vertices beyond each side.
  return sides === ALL_SIDES && featureContainsPoint(batch, i, minX, minY);
}
