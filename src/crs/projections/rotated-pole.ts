/**
 * Geographic coordinates about a pole that is elsewhere, as regional climate models have them; both
 * sides in degrees. On an ellipsoid geographic latitudes are turned as if they were a sphere's, which
 * is what the users of such grids mean. Formulas: COSMO Model Documentation, part I, §3.3 (rotation of
 * the sphere).
 */

import { DEGREES, given, givenLatitude, givenLongitude, RADIANS, withinHalfTurn } from './given.ts';
import type { Loop, ProjectionFactory } from './projection.ts';

/**
 * latitudeOfPoint1, longitudeOfPoint1: where the Earth's north pole lies in the turned coordinates;
 * longitudeOfOrigin: the meridian that becomes theirs, before longitudeOfPoint1 is added.
 */
export const rotatedPole: ProjectionFactory = (_a, _es, parameters) => {
  const pole = givenLatitude(parameters, 'latitudeOfPoint1', 90) * RADIANS;
  const lonPole = given(parameters, 'longitudeOfPoint1', 0);
  const lon0 = givenLongitude(parameters, 'longitudeOfOrigin');
  return {
    continuous: false,
    forward: turn(Math.sin(pole), Math.cos(pole), lon0, lonPole),
    inverse: turn(Math.sin(pole), -Math.cos(pole), lonPole, lon0),
  };
};

/** About the axis across the meridian `from`, which becomes `to`. */
function turn(sinPole: number, cosPole: number, from: number, to: number): Loop {
  return (xy, start, end) => {
    for (let i = start * 2; i < end * 2; i += 2) {
      const lambda = (xy[i]! - from) * RADIANS;
      const phi = xy[i + 1]! * RADIANS;
      // The negation catches NaN too.
      if (!(Math.abs(phi) <= Math.PI / 2 && Math.abs(lambda) < 1e9)) {
        xy[i] = Number.NaN;
        xy[i + 1] = Number.NaN;
        continue;
      }
      const along = Math.cos(phi) * Math.cos(lambda);
      const across = Math.cos(phi) * Math.sin(lambda);
      const up = Math.sin(phi);
      const outward = sinPole * along + cosPole * up;
      xy[i] = withinHalfTurn(to + Math.atan2(across, outward) * DEGREES);
      xy[i + 1] = Math.atan2(sinPole * up - cosPole * along, Math.hypot(outward, across)) * DEGREES;
    }
  };
}
