/** Ellipsoids from the numbers that texts give. */

import type { Ellipsoid, GivenShift } from '../definition.ts';
import { foldName } from './names.ts';
import { excerpt, refusal } from './refusal.ts';

/**
 * @param a - semi-major axis in metres
 * @param inverseFlattening - 0 for a sphere
 * @throws TilewrightError `crs-unknown` for numbers that make no ellipsoid
 */
export function ellipsoidOf(
  name: string,
  a: number,
  inverseFlattening: number,
  id: string | null = null,
): Ellipsoid {
  const f = inverseFlattening === 0 ? 0 : 1 / inverseFlattening;
  if (!(a > 0 && Number.isFinite(a) && f >= 0 && f < 1)) {
    throw refusal(
      `There is no ellipsoid "${excerpt(name)}" with a semi-major axis of ${a} m and ` +
        `an inverse flattening of ${inverseFlattening}`,
    );
  }
  return { name, a, es: f * (2 - f), inverseFlattening: f === 0 ? 0 : inverseFlattening, id };
}

/** An ellipsoid by its two axes in metres. */
export function ellipsoidOfAxes(name: string, a: number, b: number): Ellipsoid {
  if (!(b > 0 && b <= a)) {
    throw refusal(`There is no ellipsoid with semi-axes of ${a} m and ${b} m`);
  }
  return ellipsoidOf(name, a, a === b ? 0 : a / (a - b));
}

/** Spheres that stand for WGS 84 in ESRI's and EPSG's first web Mercator. */
const NULL_SPHERES = new Set(['wgs1984majorauxiliarysphere', 'popularvisualisationdatum']);

/** The shift that goes with a datum that is named as a sphere in WGS 84's stead. */
export function impliedShift(datumName: string | null): GivenShift | null {
  const isNull = NULL_SPHERES.has(foldName(datumName ?? ''));
  return isNull ? { kind: 'grids', names: ['@null'] } : null;
}
