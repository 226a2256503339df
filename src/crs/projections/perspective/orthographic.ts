/**
 * Orthographic, EPSG method 9840, and its spherical form. Formulas: IOGP Publication 373-7-2,
 * §3.3.5 (topocentric east and north of a point of the ellipsoid). The inverse meets the
 * ellipsoid with the vertical line over the point of the plane, without iteration.
 */

import { givenLatitude, RADIANS } from '../given.ts';
import { plane } from '../plane.ts';
import type { ProjectionFactory } from '../projection.ts';

export const orthographic: ProjectionFactory = (a, es, parameters) => {
  const lat0 = givenLatitude(parameters, 'latitudeOfOrigin', 0);
  const sin0 = Math.sin(lat0 * RADIANS);
  const cos0 = Math.abs(lat0) === 90 ? 0 : Math.cos(lat0 * RADIANS);
  const n0 = 1 / Math.sqrt(1 - es * sin0 * sin0);
  // The origin, in the plane of its meridian: away from the axis, and along it.
  const out0 = n0 * cos0;
  const along0 = n0 * (1 - es) * sin0;
  const axis = 1 / (1 - es);
  return plane(
    a,
    parameters,
    {
      forward(lambda, phi, out) {
        const sin = Math.sin(phi);
        const cos = Math.cos(phi);
        const cosLambda = Math.cos(lambda);
        // Of the angle between the normals: beyond the horizon nothing is seen.
        if (!(sin0 * sin + cos0 * cos * cosLambda >= -1e-10)) return;
        const n = 1 / Math.sqrt(1 - es * sin * sin);
        out[0] = n * cos * Math.sin(lambda);
        out[1] = n * (sin * cos0 - cos * sin0 * cosLambda) + es * (n0 * sin0 - n * sin) * cos0;
      },
      inverse(x, y, out) {
        // P = origin + x · east + y · north + t · up; X² + Y² + Z² / (1 − e²) = 1
        const px = out0 - y * sin0;
        const pz = along0 + y * cos0;
        const square = cos0 * cos0 + axis * sin0 * sin0;
        const half = px * cos0 + axis * pz * sin0;
        const rest = px * px + x * x + axis * pz * pz - 1;
        const root = half * half - square * rest;
        if (!(root >= -1e-10)) return;
        const t = (Math.sqrt(Math.max(0, root)) - half) / square;
        const outward = px + t * cos0;
        out[0] = Math.atan2(x, outward);
        out[1] = Math.atan2(axis * (pz + t * sin0), Math.hypot(x, outward));
      },
    },
    false,
  );
};

/** On an ellipsoid with its semi-major axis as the radius. */
export const orthographicSpherical: ProjectionFactory = (a, _es, parameters) =>
  orthographic(a, 0, parameters);
