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
  /** Where a loop goes by intervals: what it may differ from by 1e-12 degrees, for comparison. */
  forwardByFormulas?: Loop;
  inverseByFormulas?: Loop;
  /**
   * Whether the inverse gives longitudes that go on past ±180 where the plane does (cylinders,
   * and all maps that have their cut at 180° from the central meridian). Otherwise they are
   * within −180 … 180, and jump where a ring crosses the antimeridian.
   */
  continuous: boolean;
  /**
   * Whether x is proportional to longitude, in each turn: the forward loop doesn't bring
   * longitudes past ±180° from the central meridian back, so that what crosses it stays in one piece.
   */
  cylindrical?: true;
  /**
   * n of a cone, from whose apex the map fans out by n · 360°: an edge in the plane that is longer than
   * 180° / |n| of longitude passes the apex on the far side, where the map is open.
   */
  coneConstant?: number;
}

/**
 * @param a - semi-major axis in the unit of the eastings and northings
 * @param es - eccentricity squared
 * @param parameters - angles in degrees, longitudes from Greenwich; lengths in the unit of `a`
 * @throws Error for parameters that make no projection; the message says which
 */
export type ProjectionFactory = (a: number, es: number, parameters: Parameters) => Projection;
