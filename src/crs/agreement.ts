/** Whether a code and a definition that stand side by side mean the same CRS. */

import { TilewrightError } from '../core/errors.ts';
import { excerpt } from './parse.ts';
import type { CrsReference } from './reference.ts';
import { type Crs, resolveCrs } from './resolve.ts';
import { createTransform } from './transform.ts';
import { identifierOf, parseWkt } from './wkt.ts';

/**
 * Metres that code and definition may put a point apart: more than two versions of one datum shift
 * do, less than zones, parallels or units that were mixed up.
 */
const TOLERANCE = 2000;
/** The same if the definition has another code of its own. */
const TOLERANCE_OF_ANOTHER_CODE = 1;
const STEP_DEGREES = 15;
/** Metres of a degree of a great circle. */
const DEGREE = 111_195;

/**
 * A definition or a code that is not understood is not compared.
 * @throws TilewrightError crs-unknown
 */
export function requireAgreement(reference: CrsReference): void {
  const { authority, code, definition } = reference;
  if (authority === undefined || code === undefined || definition === undefined) return;
  const byCode = resolved({ authority, code });
  const byDefinition = resolved({ definition });
  if (byCode === null || byDefinition === null) return;
  const node = parseWkt(definition);
  const own = node === null ? null : identifierOf(node);
  const other = own !== null && own.authority === authority && own.code !== code;
  const distance = typicalDistance(byCode, byDefinition);
  if (distance <= (other ? TOLERANCE_OF_ANOTHER_CODE : TOLERANCE)) return;
  const apart = Number.isFinite(distance) ? `${Math.ceil(distance / 1000)} km apart` : 'elsewhere';
  throw new TilewrightError(
    'crs-unknown',
    `Its code is ${authority}:${code}, but its definition "${excerpt(definition)}" puts points ` +
      `${apart}. Which of them is right?`,
  );
}

function resolved(reference: CrsReference): Crs | null {
  try {
    return resolveCrs(reference);
  } catch {
    return null;
  }
}

/**
 * Median of the distances, in metres, of where both put points, which are taken from all over the
 * Earth as far as `a` is for them. Infinite where only `b` can't be used there.
 */
function typicalDistance(a: Crs, b: Crs): number {
  const world = resolveCrs({ authority: 'EPSG', code: '4326' });
  const points: number[] = [];
  for (let lat = -75; lat <= 75; lat += STEP_DEGREES) {
    for (let lon = -180 + STEP_DEGREES / 2; lon < 180; lon += STEP_DEGREES) points.push(lon, lat);
  }
  const count = points.length / 2;
  const plane = Float64Array.from(points);
  createTransform(world, a).apply(plane, 0, count);
  const there = plane.slice();
  createTransform(a, world).apply(there, 0, count);
  const elsewhere = plane.slice();
  createTransform(b, world).apply(elsewhere, 0, count);
  const distances: number[] = [];
  for (let i = 0; i < 2 * count; i += 2) {
    const lat = points[i + 1]!;
    const back = distanceOf(points[i]!, lat, there[i]!, there[i + 1]!);
    // A point that doesn't come back is outside of what the projection is for.
    if (!(back < 1)) continue;
    const distance = distanceOf(points[i]!, lat, elsewhere[i]!, elsewhere[i + 1]!);
    distances.push(Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance);
  }
  distances.sort((p, q) => p - q);
  return distances[distances.length >> 1] ?? 0;
}

/** Metres between two points of longitude and latitude in degrees, on a sphere, by haversines. */
function distanceOf(lon1: number, lat1: number, lon2: number, lat2: number): number {
  const sine = (degrees: number): number => Math.sin((degrees * Math.PI) / 360) ** 2;
  const cosine = (degrees: number): number => Math.cos((degrees * Math.PI) / 180);
  const h = sine(lat2 - lat1) + cosine(lat1) * cosine(lat2) * sine(lon2 - lon1);
  return ((2 * Math.asin(Math.min(1, Math.sqrt(h))) * 180) / Math.PI) * DEGREE;
}
