/**
 * Gnomonic and vertical perspective, on the sphere with the semi-major axis, as ESRI's and PROJ's
 * CRSs of these methods are. Formulas: Snyder 1987, p. 164, 173, with directions instead of angles.
 */

import type { Parameters } from '../../definition.ts';
import { given, givenLatitude, RADIANS } from '../given.ts';
import { plane } from '../plane.ts';
import type { Projection, ProjectionFactory } from '../projection.ts';

const { sqrt, sin, cos, atan2, hypot } = Math;

/**
 * @param scaleOf - radii in the plane per unit across the line of sight, of the cosine of the
 *   angle from the centre; NaN where it is not seen
 * @param cosineOf - the cosine of that angle, of the squared distance from the centre in the plane
 */
function perspective(
  a: number,
  parameters: Parameters,
  scaleOf: (cosine: number) => number,
  cosineOf: (square: number) => number,
): Projection {
  const lat0 = givenLatitude(parameters, 'latitudeOfOrigin', 0);
  const sin0 = sin(lat0 * RADIANS);
  const cos0 = Math.abs(lat0) === 90 ? 0 : cos(lat0 * RADIANS);
  return plane(
    a,
    parameters,
    {
      forward(lambda, phi, out) {
        const north = cos(phi) * cos(lambda);
        const scale = scaleOf(sin0 * sin(phi) + cos0 * north);
        out[0] = scale * cos(phi) * sin(lambda);
        out[1] = scale * (cos0 * sin(phi) - sin0 * north);
      },
      inverse(x, y, out) {
        const cosine = cosineOf(x * x + y * y);
        const scale = scaleOf(cosine);
        const [east, north] = [x / scale, y / scale];
        const outward = cosine * cos0 - north * sin0;
        out[0] = atan2(east, outward);
        out[1] = atan2(cosine * sin0 + north * cos0, hypot(east, outward));
      },
    },
    false,
  );
}

export const gnomonic: ProjectionFactory = (a, _es, parameters) =>
  perspective(
    a,
    parameters,
    (cosine) => (cosine > 1e-10 ? 1 / cosine : Number.NaN),
    (square) => 1 / sqrt(1 + square),
  );

export const verticalPerspective: ProjectionFactory = (a, _es, parameters) => {
  const height = given(parameters, 'height') / a;
  if (!(height > 0)) throw new Error(`height is ${parameters.height}, not above the ground`);
  const eye = 1 + height;
  return perspective(
    a,
    parameters,
    (cosine) => (cosine >= 1 / eye - 1e-12 ? height / (eye - cosine) : Number.NaN),
    (square) => {
      // The line of sight meets the sphere: (eye − c)² s = height² (1 − c²) for its cosine c.
      const root = 1 - (square * (eye + 1)) / height;
      if (!(root >= -1e-9)) return Number.NaN;
      return (
        (eye * square + height * height * sqrt(Math.max(0, root))) / (square + height * height)
      );
    },
  );
};
