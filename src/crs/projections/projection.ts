/** What the formulas of every method offer: loops over vertices, in place. */

import type { Parameters } from '../definition.ts';

/** Changes the interleaved x, y of the vertices start ≤ v < end. */
export type Loop = (xy: Float64Array, start: number, end: number) => void;

/**
 * Loops between degrees (longitude east of Greenwich, latitude north) and eastings and northings.
 * A point that has no image becomes NaN, NaN.
 */
export interface Projection {
  forward: Loop;
  inverse: Loop;
  /**
   * Whether the inverse gives longitudes that go on past ±180 where the plane does (cylinders,
   * and all maps that have their cut at 180° from the central meridian). Otherwise they are
   * within −180 … 180, and jump where a ring crosses the antimeridian.
   */
  continuous: boolean;
}

/**
 * @param a - semi-major axis in the unit of the eastings and northings
 * @param es - eccentricity squared
 * @param parameters - angles in degrees, longitudes from Greenwich; lengths in the unit of `a`
 * @throws Error for parameters that make no projection; the message says which
 */
export type ProjectionFactory = (a: number, es: number, parameters: Parameters) => Projection;
