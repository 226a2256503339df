/**
 * Two-point equidistant, on the sphere: distances from two points are true. Formulas: the sides of
 * the triangle of both points and a third, on the sphere and in the plane. The height of the third
 * point is not taken from the sides alone, which lose half of its digits near the line: as
 * T² = 4 sin s sin(s − a) sin(s − b) sin(s − c) for the triple product T of the three directions, it
 * is T √(∏ u / sin u) / c over u = s, s − a, s − b, s − c. x goes from the first point to the second,
 * from the middle between them.
 */

import { given, givenLatitude, RADIANS } from '../given.ts';
import { plane } from '../plane.ts';
import type { ProjectionFactory } from '../projection.ts';

const { PI, sin, cos, sqrt, atan2, hypot } = Math;

/** √(∏ u / sin u) for the sides of a triangle on the sphere. */
function stretch(a: number, b: number, c: number): number {
  const s = (a + b + c) / 2;
  return sqrt(overSine(s) * overSine(s - a) * overSine(s - b) * overSine(s - c));
}

function overSine(u: number): number {
  return Math.abs(u) < 1e-8 ? 1 : u / sin(u);
}

export const twoPointEquidistant: ProjectionFactory = (a, _es, parameters) => {
  const lon1 = given(parameters, 'longitudeOfPoint1', 0) * RADIANS;
  const lon2 = given(parameters, 'longitudeOfPoint2', 0) * RADIANS;
  const phi1 = givenLatitude(parameters, 'latitudeOfPoint1', 0) * RADIANS;
  const phi2 = givenLatitude(parameters, 'latitudeOfPoint2', 0) * RADIANS;
  // Directions: the first point, across it towards the second, and left of both.
  const e1 = [cos(phi1) * cos(lon1), cos(phi1) * sin(lon1), sin(phi1)] as const;
  const p2 = [cos(phi2) * cos(lon2), cos(phi2) * sin(lon2), sin(phi2)] as const;
  const normal = [
    e1[1] * p2[2] - e1[2] * p2[1],
    e1[2] * p2[0] - e1[0] * p2[2],
    e1[0] * p2[1] - e1[1] * p2[0],
  ] as const;
  const sinApart = hypot(...normal);
  const cosApart = e1[0] * p2[0] + e1[1] * p2[1] + e1[2] * p2[2];
  const apart = atan2(sinApart, cosApart);
  if (sinApart < 1e-10) throw new Error('both points are one, or opposite on the globe');
  const e3 = [normal[0] / sinApart, normal[1] / sinApart, normal[2] / sinApart] as const;
  const e2 = [
    e3[1] * e1[2] - e3[2] * e1[1],
    e3[2] * e1[0] - e3[0] * e1[2],
    e3[0] * e1[1] - e3[1] * e1[0],
  ] as const;
  return plane(
    a,
    { ...parameters, longitudeOfOrigin: 0 },
    {
      forward(lambda, phi, out) {
        const px = cos(phi) * cos(lambda);
        const py = cos(phi) * sin(lambda);
        const pz = sin(phi);
        const q1 = px * e1[0] + py * e1[1] + pz * e1[2];
        const q2 = px * e2[0] + py * e2[1] + pz * e2[2];
        const q3 = px * e3[0] + py * e3[1] + pz * e3[2];
        const from1 = atan2(hypot(q2, q3), q1);
        const from2 = atan2(
          hypot(q2 * cosApart - q1 * sinApart, q3),
          q1 * cosApart + q2 * sinApart,
        );
        out[0] = ((from1 - from2) * (from1 + from2)) / (2 * apart);
        out[1] = (q3 * sinApart * stretch(from1, from2, apart)) / apart;
      },
      inverse(x, y, out) {
        const from1 = hypot(x + apart / 2, y);
        const from2 = hypot(x - apart / 2, y);
        // The edge of the map is an ellipse, on which the perimeter is a whole circle.
        if (!(from1 + from2 + apart < 2 * PI - 1e-9)) return;
        const q1 = cos(from1);
        const q2 = (cos(from2) - cosApart * q1) / sinApart;
        const q3 = (y * apart) / stretch(from1, from2, apart) / sinApart;
        const px = q1 * e1[0] + q2 * e2[0] + q3 * e3[0];
        const py = q1 * e1[1] + q2 * e2[1] + q3 * e3[1];
        const pz = q1 * e1[2] + q2 * e2[2] + q3 * e3[2];
        out[0] = atan2(py, px);
        out[1] = atan2(pz, hypot(px, py));
      },
    },
    false,
  );
};
