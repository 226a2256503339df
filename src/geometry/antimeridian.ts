/**
 * Features that cross the cut of a cyclic x axis, in one of two ways. x may go on past the end of the
 * axis, to 190 degrees: then edges are as they are drawn. Or longitudes jump from 180 to −180, so
 * that a polygon over the antimeridian, or around a pole, would seem to span the world. Then the
 * shorter way round is meant between two vertices, and an edge with |Δx| above half a period crosses
 * the cut. Only ask the latter of coordinates for which it holds, such as those that come from an
 * azimuthal projection: a box drawn in degrees from −170 to 170 in one edge looks the same.
 */

import { FeatureBatch, HAS_Z, MULTI } from './batch.ts';
import {
  type Chain,
  type Crossing,
  type CutOptions,
  cutRing,
  linkAlongCut,
  type Path,
  traceRings,
  wrap,
} from './cut.ts';
import { firstVertex, measureFeature, ringSignedArea } from './measure.ts';
import { pointInRing } from './orientation.ts';

/** Whether an edge of feature i is longer in x, so that it goes the other way round. */
export function crossesCut(batch: FeatureBatch, i: number, longestEdge: number): boolean {
  const { xy, ringOffsets } = batch;
  const endRing = batch.polygonOffsets[batch.featureOffsets[i + 1]!]!;
  for (let r = batch.polygonOffsets[batch.featureOffsets[i]!]!; r < endRing; r++) {
    const end = 2 * ringOffsets[r + 1]!;
    let k = 2 * ringOffsets[r]!;
    let x1 = xy[k]!;
    for (k += 2; k < end; k += 2) {
      const x2 = xy[k]!;
      if (x2 - x1 > longestEdge || x1 - x2 > longestEdge) return true;
      x1 = x2;
    }
  }
  return false;
}

/** Brings feature i from turn `turn`, in which it is as a whole, to minX … minX + period. */
export function bringFromTurn(
  batch: FeatureBatch,
  i: number,
  turn: number,
  { minX, period }: CutOptions,
): void {
  const { xy } = batch;
  const by = turn * period;
  const end = 2 * firstVertex(batch, i + 1);
  for (let k = 2 * firstVertex(batch, i); k < end; k += 2) {
    // What rounding has put past the end of the axis is on it.
    xy[k] = Math.max(minX, Math.min(minX + period, xy[k]! - by));
  }
}

/** Of one call. */
let unwrapped: FeatureBatch | undefined;

/**
 * Writes [area, centroid x, centroid y] of feature i as if the x axis had no cut; the centroid's
 * x is put back to [minX, minX + period). Where edges go the shorter way, parts of a multipolygon
 * are taken on the side of the cut where they are nearest to the first part.
 * @returns false, with `out` untouched, if a ring goes around a pole: then there is no plane to
 *   unroll it on, and what `measureFeature` says of the result of `splitAtCut` is meant
 */
export function measureAcrossCut(
  source: FeatureBatch,
  i: number,
  { period, minX, longestEdge }: CutOptions,
  out: Float64Array,
): boolean {
  if (longestEdge === Number.POSITIVE_INFINITY) {
    measureFeature(source, i, out);
    out[1] = wrap(out[1]!, minX, period);
    return true;
  }
  const { xy, ringOffsets, polygonOffsets } = source;
  unwrapped ??= new FeatureBatch();
  const plane = unwrapped;
  plane.clear();
  plane.beginFeature(0);
  let firstMiddle = Number.NaN;
  for (let p = source.featureOffsets[i]!; p < source.featureOffsets[i + 1]!; p++) {
    plane.beginPolygon();
    // A shell belongs near the first one, a hole near its shell.
    let reference = firstMiddle;
    const shell = polygonOffsets[p]!;
    for (let r = shell; r < polygonOffsets[p + 1]!; r++) {
      const at = plane.vertexCount;
      const end = ringOffsets[r + 1]!;
      if (!unwrapRing(plane, xy, ringOffsets[r]!, end, period, longestEdge)) return false;
      // NaN before the first shell, and for rings without vertices.
      const turns = Math.round((reference - middleX(plane, at)) / period);
      if (Math.abs(turns) > 0) shiftX(plane, at, turns * period);
      if (r === shell) reference = middleX(plane, at);
    }
    plane.endPolygon();
    if (Number.isNaN(firstMiddle)) firstMiddle = reference;
  }
  plane.endFeature();
  measureFeature(plane, 0, out);
  out[1] = wrap(out[1]!, minX, period);
  return true;
}

/** Appends the ring with its jumps undone; false if it then ends elsewhere than it began. */
function unwrapRing(
  plane: FeatureBatch,
  xy: Float64Array,
  start: number,
  end: number,
  period: number,
  longestEdge: number,
): boolean {
  plane.beginRing();
  plane.reserveVertices(end - start);
  let shift = 0;
  let previous = xy[2 * start]!;
  for (let v = start; v < end; v++) {
    const x = xy[2 * v]!;
    if (x - previous > longestEdge) shift -= period;
    else if (previous - x > longestEdge) shift += period;
    plane.xy[2 * plane.vertexCount] = x + shift;
    plane.xy[2 * plane.vertexCount + 1] = xy[2 * v + 1]!;
    plane.vertexCount++;
    previous = x;
  }
  plane.endRing();
  return shift === 0;
}

/** The middle of the x of the vertices from `start` on; NaN if there are none. */
function middleX(plane: FeatureBatch, start: number): number {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let v = start; v < plane.vertexCount; v++) {
    min = Math.min(min, plane.xy[2 * v]!);
    max = Math.max(max, plane.xy[2 * v]!);
  }
  return (min + max) / 2;
}

function shiftX(plane: FeatureBatch, start: number, by: number): void {
  for (let v = start; v < plane.vertexCount; v++) plane.xy[2 * v]! += by;
}

/**
 * Appends the polygons of feature i, cut at x = minX + k · period and brought to minX … minX +
 * period, to the feature that was begun last in `target`, and sets its flag MULTI if they have
 * become several. Where edges go the shorter way, a polygon that
 * encloses a pole is closed along y = northY or southY, whichever is nearer to the mean y of its
 * shell, and spans the whole period. z is interpolated at the cut, and kept over the pole.
 * How rings are cut and joined is told in cut.ts.
 */
export function splitAtCut(
  source: FeatureBatch,
  i: number,
  target: FeatureBatch,
  options: CutOptions,
): void {
  const before = target.polygonCount;
  const hasZ = (source.flags[i]! & HAS_Z) !== 0;
  for (let p = source.featureOffsets[i]!; p < source.featureOffsets[i + 1]!; p++) {
    const chains: Chain[] = [];
    const crossings: Crossing[] = [];
    let shells: Path[] = [];
    let holes: Path[] = [];
    const firstRing = source.polygonOffsets[p]!;
    for (let r = firstRing; r < source.polygonOffsets[p + 1]!; r++) {
      const whole = cutRing(source, r, hasZ, options, chains, crossings);
      if (whole !== null) (r === firstRing ? shells : holes).push(whole);
    }
    const nearNorth = crossings.length % 2 === 1 && isNorthern(source, firstRing, options);
    linkAlongCut(crossings, nearNorth, options);
    // A ring joined along the cut has its inside right there, so it is a shell.
    const traced = traceRings(chains, options);
    // A shell that does not cross, with holes that do, ends at the cut already: even–odd is kept.
    if (shells.length === 0) shells = traced;
    else holes = holes.concat(traced);
    appendPolygons(target, shells, holes, hasZ);
  }
  if (target.polygonCount - before > 1) target.flags[target.featureCount]! |= MULTI;
}

/** Whether the northern pole is nearer to the mean y of the ring. */
function isNorthern(source: FeatureBatch, ring: number, { northY, southY }: CutOptions): boolean {
  const start = source.ringOffsets[ring]!;
  const end = source.ringOffsets[ring + 1]!;
  let sum = 0;
  for (let v = start; v < end; v++) sum += source.xy[2 * v + 1]!;
  const mean = sum / (end - start);
  return northY - mean <= mean - southY;
}

/** Appends a polygon for each shell, with the holes that lie in it. */
function appendPolygons(target: FeatureBatch, shells: Path[], holes: Path[], hasZ: boolean): void {
  const rings = shells.map((shell) => Float64Array.from([...shell.xy, shell.xy[0]!, shell.xy[1]!]));
  // What only ran along the cut has no area; but a feature should not vanish for it.
  const flat = rings.map((ring) => ringSignedArea(ring, 0, ring.length / 2) === 0);
  const keepFlat = flat.every((isFlat) => isFlat);
  const kept = shells.map((_, s) => s).filter((s) => keepFlat || !flat[s]);
  const holesOf = new Map<number, Path[]>(kept.map((s) => [s, []]));
  for (const hole of holes) {
    // Turns of a polygon that is wider than the axis lie on one another.
    const near = kept.filter((s) => shells[s]!.turn === hole.turn);
    const owner = near.find((s) => isInside(hole, rings[s]!)) ?? near[0] ?? kept[0]!;
    holesOf.get(owner)!.push(hole);
  }
  for (const s of kept) {
    target.beginPolygon();
    appendRing(target, shells[s]!, hasZ);
    for (const hole of holesOf.get(s)!) appendRing(target, hole, hasZ);
    target.endPolygon();
  }
}

/** Whether the path lies in the ring; the first vertex that is not on the ring decides. */
function isInside(path: Path, ring: Float64Array): boolean {
  for (let k = 0; k < path.xy.length; k += 2) {
    const place = pointInRing(path.xy[k]!, path.xy[k + 1]!, ring, 0, ring.length / 2);
    if (place !== 0) return place > 0;
  }
  return true;
}

/** Appends a ring closed, with at least four vertices. */
function appendRing(target: FeatureBatch, { xy, z }: Path, hasZ: boolean): void {
  const count = z.length === 0 ? 0 : Math.max(z.length + 1, 4);
  target.beginRing();
  target.reserveVertices(count, hasZ || target.z.length > 0);
  for (let k = 0; k < count; k++) {
    const from = k < z.length ? k : 0;
    const v = target.vertexCount++;
    target.xy[2 * v] = xy[2 * from]!;
    target.xy[2 * v + 1] = xy[2 * from + 1]!;
    if (hasZ) target.z[v] = z[from]!;
  }
  target.endRing();
}
