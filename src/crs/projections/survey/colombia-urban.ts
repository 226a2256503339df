/**
 * Colombia Urban, EPSG method 1052: a plane at the height of a city. Formulas: IOGP Publication
 * 373-7-2, §3.2.8. Its inverse there is approximate by micrometres; here it is that of the forward.
 */

import { given, givenLatitude, RADIANS } from '../given.ts';
import { type PointFormula, plane } from '../plane.ts';
import type { ProjectionFactory } from '../projection.ts';
import { refinedInverse } from '../refined-inverse.ts';

/** Radians from the origin; a city is smaller, and a plane means nothing farther away. */
const REACH = 0.1;

export const colombiaUrban: ProjectionFactory = (a, es, parameters) => {
  const phi0 = givenLatitude(parameters, 'latitudeOfOrigin', 0) * RADIANS;
  const height = given(parameters, 'height', 0);
  if (!(height > -a / 2)) throw new Error(`height is ${height}, inside the ellipsoid`);
  const nuOf = (phi: number): number => a / Math.sqrt(1 - es * Math.sin(phi) ** 2);
  const rhoOf = (phi: number): number => (a * (1 - es)) / (1 - es * Math.sin(phi) ** 2) ** 1.5;
  const rho0 = rhoOf(phi0);
  const scale = 1 + height / nuOf(phi0);
  const bend = Math.tan(phi0) / (2 * rho0 * nuOf(phi0));
  const forward: PointFormula = (lambda, phi, out) => {
    if (!(Math.abs(lambda) <= REACH && Math.abs(phi - phi0) <= REACH)) return;
    const east = nuOf(phi) * Math.cos(phi) * lambda;
    const g = 1 + height / rhoOf((phi + phi0) / 2);
    out[0] = scale * east;
    out[1] = g * rho0 * (phi - phi0 + bend * east * east);
  };
  const c = 1 + height / a;
  const d = rho0 * (1 + height / (a * (1 - es)));
  const approximate: PointFormula = (x, y, out) => {
    const phi = phi0 + y / d - bend * (x / c) ** 2;
    out[0] = x / (c * nuOf(phi) * Math.cos(phi));
    out[1] = phi;
  };
  const inverse = refinedInverse(forward, approximate, a);
  return plane(1, parameters, { forward, inverse }, false);
};
