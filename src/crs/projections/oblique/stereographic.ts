/**
 * Stereographic projections about any point. Formulas: Snyder (1987), Map Projections: A Working
 * Manual, p. 157–163 (the USGS's, which PROJ calls stere, of the conformal sphere); IOGP
 * Publication 373-7-2, §3.2.3 (EPSG method 9809, PROJ's sterea, of Gauss's sphere).
 */

import type { Parameters } from '../../definition.ts';
import { isometricLatitude, latitudeFromIsometric } from '../conformal.ts';
import { givenLatitude, givenScale, RADIANS } from '../given.ts';
import { type PointFormula, plane } from '../plane.ts';
import { polarStereographicA, polarStereographicB } from '../polar-stereographic.ts';
import type { Projection, ProjectionFactory } from '../projection.ts';
import { ellipsoidLatitude, gaussSphere, sphereIsometric } from './gauss-sphere.ts';

/** At a pole it is the polar one, by scale or by standard parallel. */
export const stereographic: ProjectionFactory = (a, es, parameters) => {
  const lat0 = givenLatitude(parameters, 'latitudeOfOrigin', 0);
  if (Math.abs(lat0) === 90) {
    const byParallel = parameters.standardParallel1 !== undefined;
    return (byParallel ? polarStereographicB : polarStereographicA)(a, es, parameters);
  }
  const e = Math.sqrt(es);
  const phi0 = lat0 * RADIANS;
  const psi0 = isometricLatitude(phi0, e);
  const sin = Math.sin(phi0);
  // 2 a k₀ m₀ / cos χ₀; Snyder's A without its last factor
  const scale = (Math.cos(phi0) / Math.sqrt(1 - es * sin * sin)) * Math.cosh(psi0);
  return ofSphere(
    parameters,
    a * givenScale(parameters) * scale,
    Math.atan(Math.sinh(psi0)),
    1,
    (phi) => isometricLatitude(phi, e),
    latitudeFromIsometric(es),
  );
};

export const obliqueStereographic: ProjectionFactory = (a, es, parameters) => {
  const lat0 = givenLatitude(parameters, 'latitudeOfOrigin', 0);
  // There the sphere touches the ellipsoid at the pole, and the two are one map.
  if (Math.abs(lat0) === 90) return polarStereographicA(a, es, parameters);
  const sphere = gaussSphere(a, es, lat0 * RADIANS);
  return ofSphere(
    parameters,
    sphere.radius * givenScale(parameters),
    sphere.chi0,
    sphere.n,
    (phi) => sphereIsometric(sphere, phi),
    (q) => ellipsoidLatitude(sphere, q),
  );
};

/**
 * @param radius - of the sphere times the scale at the origin
 * @param chi0 - the sphere's latitude of the origin, in radians
 * @param n - the sphere's longitudes by the ellipsoid's
 * @param isometricOf - the sphere's isometric latitude of φ
 * @param latitudeOf - the reverse
 */
function ofSphere(
  parameters: Parameters,
  radius: number,
  chi0: number,
  n: number,
  isometricOf: (phi: number) => number,
  latitudeOf: (q: number) => number,
): Projection {
  const sin0 = Math.sin(chi0);
  const cos0 = Math.cos(chi0);
  const forward: PointFormula = (lambda, phi, out) => {
    const q = isometricOf(phi);
    const sin = Math.tanh(q);
    const cos = 1 / Math.cosh(q);
    const flat = cos * Math.cos(n * lambda);
    const up = sin0 * sin + cos0 * flat;
    const east = cos * Math.sin(n * lambda);
    const north = cos0 * sin - sin0 * flat;
    // 1 + cos c, without a difference where c is near π; the antipode itself is at infinity.
    const b = up > 0 ? 1 + up : (east * east + north * north) / (1 - up);
    const k = b > 1e-14 ? 1 / b : Number.NaN;
    out[0] = k * east;
    out[1] = k * north;
  };
  const inverse: PointFormula = (east, north, out) => {
    // The sphere's point: cos c = (1 − h) / (1 + h), sin c / ρ = 2 / (1 + h)
    const h = east * east + north * north;
    const up = (1 - h) / (1 + h);
    const k = 2 / (1 + h);
    const sin = up * sin0 + k * north * cos0;
    const flat = up * cos0 - k * north * sin0;
    const cos = Math.sqrt(flat * flat + k * east * (k * east));
    out[0] = Math.atan2(k * east, flat) / n;
    out[1] = latitudeOf(Math.asinh(sin / cos));
  };
  return plane(2 * radius, parameters, { forward, inverse }, false);
}
