/**
 * Equidistant Cylindrical, EPSG methods 1028 and 1029 (spherical); Plate Carrée is of it.
 * Formulas: IOGP Publication 373-7-2, §3.2.5: x = a ν₁ cos φ₁ λ, y is the distance along the
 * meridian.
 */

import { rectifyingLatitude, shiftedLatitude, sineSum } from '../auxiliary-latitudes.ts';
import { DEGREES, falseOrigin, givenLatitude, givenLongitude, RADIANS } from '../given.ts';
import type { ProjectionFactory } from '../projection.ts';

export const equidistantCylindrical: ProjectionFactory = (a, es, parameters) => {
  const [x0, y0] = falseOrigin(parameters);
  const lon0 = givenLongitude(parameters, 'longitudeOfOrigin');
  const lat1 = givenLatitude(parameters, 'standardParallel1', 0);
  const lat0 = givenLatitude(parameters, 'latitudeOfOrigin', 0);
  if (Math.abs(lat1) === 90) throw new Error(`standardParallel1 is ${lat1}, a pole`);
  const sin1 = Math.sin(lat1 * RADIANS);
  const xScale = ((a * Math.cos(lat1 * RADIANS)) / Math.sqrt(1 - es * sin1 * sin1)) * RADIANS;
  const { radius, fromGeographic, toGeographic } = rectifyingLatitude(es);
  const yScale = a * radius;
  const south = y0 - yScale * shiftedLatitude(fromGeographic, lat0 * RADIANS);
  return {
    continuous: true,
    cylindrical: true,
    forward(xy, start, end) {
      for (let i = start * 2; i < end * 2; i += 2) {
        const lon = xy[i]! - lon0;
        const phi = xy[i + 1]! * RADIANS;
        // The negation catches NaN too.
        if (!(Math.abs(phi) <= Math.PI / 2 && Math.abs(lon) < 1e9)) {
          xy[i] = Number.NaN;
          xy[i + 1] = Number.NaN;
          continue;
        }
        const shift = sineSum(fromGeographic, Math.sin(2 * phi), Math.cos(2 * phi));
        xy[i] = x0 + xScale * lon;
        xy[i + 1] = south + yScale * (phi + shift);
      }
    },
    inverse(xy, start, end) {
      for (let i = start * 2; i < end * 2; i += 2) {
        const lon = lon0 + (xy[i]! - x0) / xScale;
        const mu = (xy[i + 1]! - south) / yScale;
        if (!(Math.abs(mu) <= Math.PI / 2 + 1e-7 && Math.abs(lon) < 1e9)) {
          xy[i] = Number.NaN;
          xy[i + 1] = Number.NaN;
          continue;
        }
        const lat = (mu + sineSum(toGeographic, Math.sin(2 * mu), Math.cos(2 * mu))) * DEGREES;
        xy[i] = lon;
        xy[i + 1] = Math.max(-90, Math.min(90, lat));
      }
    },
  };
};

/** On an ellipsoid with its semi-major axis as the radius, as ESRI's CRSs of this method are used. */
export const equidistantCylindricalSpherical: ProjectionFactory = (a, _es, parameters) =>
  equidistantCylindrical(a, 0, parameters);
