/** Bounds, area and centroid of features, as GEOS and JTS define them. */

import type { FeatureBatch } from './batch.ts';

/** Index of the first vertex of feature i; its vertices end where those of i + 1 begin. */
export function firstVertex(batch: FeatureBatch, i: number): number {
  return batch.ringOffsets[batch.polygonOffsets[batch.featureOffsets[i]!]!]!;
}

/**
 * Writes minX, minY, maxX, maxY of feature i to out[at … at + 3]. Of a feature without vertices
 * they are Infinity, Infinity, −Infinity, −Infinity.
 */
export function featureBounds(batch: FeatureBatch, i: number, out: Float64Array, at: number): void {
  const xy = batch.xy;
  const end = 2 * firstVertex(batch, i + 1);
  let minX = Number.POSITIVE_INFINITY;
  let minY = Number.POSITIVE_INFINITY;
  let maxX = Number.NEGATIVE_INFINITY;
  let maxY = Number.NEGATIVE_INFINITY;
  for (let k = 2 * firstVertex(batch, i); k < end; k += 2) {
    const x = xy[k]!;
    const y = xy[k + 1]!;
    if (x < minX) minX = x;
    if (x > maxX) maxX = x;
    if (y < minY) minY = y;
    if (y > maxY) maxY = y;
  }
  out[at] = minX;
  out[at + 1] = minY;
  out[at + 2] = maxX;
  out[at + 3] = maxY;
}

/**
 * Area of the ring of vertices [start, end), closing vertex included, in square units of the
 * coordinates: positive if it runs counter-clockwise. The shoelace formula, ½ Σ (dxₖ dyₖ₊₁ −
 * dxₖ₊₁ dyₖ), relative to the first vertex, where the products are small and so precise.
 */
export function ringSignedArea(xy: Float64Array, start: number, end: number): number {
  const x0 = xy[2 * start]!;
  const y0 = xy[2 * start + 1]!;
  let sum = 0;
  let dx1 = 0;
  let dy1 = 0;
  for (let k = 2 * start + 2; k < 2 * end; k += 2) {
    const dx2 = xy[k]! - x0;
    const dy2 = xy[k + 1]! - y0;
    sum += dx1 * dy2 - dx2 * dy1;
    dx1 = dx2;
    dy1 = dy2;
  }
  return sum / 2;
}

/**
 * Writes [area, centroid x, centroid y] of feature i to `out`.
 *
 * The area is the sum over its polygons of |shell| − Σ |holes|, whatever the direction of the
 * rings (GEOS `Area`), in square units of the coordinates. The centroid is that of the area (GEOS
 * and JTS `Centroid`): each ring is a fan of triangles from a base point, weighted by their signed
 * areas. Where the area is 0, it is the centroid of the rings as lines, weighted by length; where
 * all rings have shrunk to points, the mean of those. Without vertices it is NaN.
 *
 * JTS takes one base point for all and sums absolute coordinates; here every ring is relative to
 * its own first vertex, so that digits don't cancel for small polygons far from the origin or
 * from each other.
 */
export function measureFeature(batch: FeatureBatch, i: number, out: Float64Array): void {
  const { xy, ringOffsets, polygonOffsets } = batch;
  const endPolygon = batch.featureOffsets[i + 1]!;
  const start = firstVertex(batch, i);
  const baseX = xy[2 * start]!;
  const baseY = xy[2 * start + 1]!;
  let area2 = 0;
  let momentX = 0;
  let momentY = 0;
  for (let p = batch.featureOffsets[i]!; p < endPolygon; p++) {
    const shell = polygonOffsets[p]!;
    const endRing = polygonOffsets[p + 1]!;
    for (let r = shell; r < endRing; r++) {
      const first = 2 * ringOffsets[r]!;
      const end = 2 * ringOffsets[r + 1]!;
      if (first === end) continue;
      const x0 = xy[first]!;
      const y0 = xy[first + 1]!;
      let ringArea2 = 0;
      let ringX = 0;
      let ringY = 0;
      let dx1 = 0;
      let dy1 = 0;
      for (let k = first + 2; k < end; k += 2) {
        const dx2 = xy[k]! - x0;
        const dy2 = xy[k + 1]! - y0;
        const cross = dx1 * dy2 - dx2 * dy1;
        ringArea2 += cross;
        ringX += cross * (dx1 + dx2);
        ringY += cross * (dy1 + dy2);
        dx1 = dx2;
        dy1 = dy2;
      }
      // Shells count positive and holes negative, in whichever direction they run.
      const sign = ringArea2 > 0 === (r === shell) ? 1 : -1;
      area2 += sign * ringArea2;
      momentX += sign * (ringX + 3 * ringArea2 * (x0 - baseX));
      momentY += sign * (ringY + 3 * ringArea2 * (y0 - baseY));
    }
  }
  if (area2 === 0) {
    measureLines(batch, i, out);
    return;
  }
  out[0] = area2 / 2;
  out[1] = baseX + momentX / (3 * area2);
  out[2] = baseY + momentY / (3 * area2);
}

/** The centroid of a feature without area: of its rings as lines, or as points. */
function measureLines(batch: FeatureBatch, i: number, out: Float64Array): void {
  const { xy, ringOffsets } = batch;
  const start = firstVertex(batch, i);
  const baseX = xy[2 * start]!;
  const baseY = xy[2 * start + 1]!;
  let length = 0;
  let lineX = 0;
  let lineY = 0;
  let points = 0;
  let pointX = 0;
  let pointY = 0;
  const endRing = batch.polygonOffsets[batch.featureOffsets[i + 1]!]!;
  for (let r = batch.polygonOffsets[batch.featureOffsets[i]!]!; r < endRing; r++) {
    const first = 2 * ringOffsets[r]!;
    const end = 2 * ringOffsets[r + 1]!;
    if (first === end) continue;
    let ringLength = 0;
    let x1 = xy[first]! - baseX;
    let y1 = xy[first + 1]! - baseY;
    points++;
    pointX += x1;
    pointY += y1;
    for (let k = first + 2; k < end; k += 2) {
      const x2 = xy[k]! - baseX;
      const y2 = xy[k + 1]! - baseY;
      const segment = Math.sqrt((x2 - x1) * (x2 - x1) + (y2 - y1) * (y2 - y1));
      ringLength += segment;
      lineX += (segment * (x1 + x2)) / 2;
      lineY += (segment * (y1 + y2)) / 2;
      x1 = x2;
      y1 = y2;
    }
    length += ringLength;
  }
  out[0] = 0;
  if (length > 0) {
    out[1] = baseX + lineX / length;
    out[2] = baseY + lineY / length;
  } else {
    out[1] = points > 0 ? baseX + pointX / points : Number.NaN;
    out[2] = points > 0 ? baseY + pointY / points : Number.NaN;
  }
}

/**
 * Extends bounds (minX, minY, maxX, maxY) by the first vertex of each feature; by all vertices of one
 * that begins at 0, 0, so that bounds without any extent there mean that nothing is anywhere else.
 */
export function extendByStarts(bounds: Float64Array, batch: FeatureBatch): void {
  const { xy, featureOffsets, polygonOffsets, ringOffsets } = batch;
  let [minX, minY, maxX, maxY] = bounds as unknown as [number, number, number, number];
  for (let i = 0; i < batch.featureCount; i++) {
    let k = 2 * ringOffsets[polygonOffsets[featureOffsets[i]!]!]!;
    const end = xy[k] === 0 && xy[k + 1] === 0 ? 2 * firstVertex(batch, i + 1) : k + 2;
    for (; k < end; k += 2) {
      const x = xy[k]!;
      const y = xy[k + 1]!;
      // A vertex that is NaN changes nothing.
      if (x < minX) minX = x;
      if (y < minY) minY = y;
      if (x > maxX) maxX = x;
      if (y > maxY) maxY = y;
    }
  }
  bounds.set([minX, minY, maxX, maxY]);
}
