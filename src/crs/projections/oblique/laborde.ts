/**
 * Laborde, EPSG method 9813, of Madagascar: transverse Mercator on Gauss's sphere, turned by a
 * complex cubic along an azimuth. Formulas: IOGP Publication 373-7-2, §3.2.4.3.
 */

import { given, givenLatitude, givenScale, RADIANS } from '../given.ts';
import { type PointFormula, plane } from '../plane.ts';
import type { ProjectionFactory } from '../projection.ts';
import { ellipsoidLatitude, gaussSphere, sphereIsometric } from './gauss-sphere.ts';

/**
 * |H|, in radii of the sphere: farther out the cubic H + G H³ comes back on itself. As |G| is 1/6
 * at most, it does so where |3 G H²| is 1.
 */
const REACH = 1.3;

export const laborde: ProjectionFactory = (a, es, parameters) => {
  const phi0 = givenLatitude(parameters, 'latitudeOfOrigin', 0) * RADIANS;
  const azimuth = given(parameters, 'azimuth', 0) * RADIANS;
  const sphere = gaussSphere(a, es, phi0);
  const radius = sphere.radius * givenScale(parameters);
  const sin0 = Math.sin(sphere.chi0);
  const cos0 = Math.cos(sphere.chi0);
  // G = (1 − cos 2α + i sin 2α) / 12
  const gRe = (1 - Math.cos(2 * azimuth)) / 12;
  const gIm = Math.sin(2 * azimuth) / 12;
  const forward: PointFormula = (lambda, phi, out) => {
    const q = sphereIsometric(sphere, phi);
    const sin = Math.tanh(q);
    const cos = 1 / Math.cosh(q);
    const flat = cos * Math.cos(sphere.n * lambda);
    const up = sin0 * sin + cos0 * flat;
    const north = cos0 * sin - sin0 * flat;
    const east = cos * Math.sin(sphere.n * lambda);
    const re = Math.atan2(north, up);
    const im = Math.asinh(east / Math.sqrt(up * up + north * north));
    // H² and H³
    const re2 = re * re - im * im;
    const im2 = 2 * re * im;
    const re3 = re2 * re - im2 * im;
    const im3 = re2 * im + im2 * re;
    const inside = re * re + im * im <= REACH * REACH;
    out[0] = inside ? im + gRe * im3 + gIm * re3 : Number.NaN;
    out[1] = re + gRe * re3 - gIm * im3;
  };
  const inverse: PointFormula = (x, y, out) => {
    let re = y;
    let im = x;
    let step = 0;
    for (; step < 50; step++) {
      const re2 = re * re - im * im;
      const im2 = 2 * re * im;
      // G H², then H − (H + G H³ − target) / (1 + 3 G H²)
      const kRe = gRe * re2 - gIm * im2;
      const kIm = gRe * im2 + gIm * re2;
      const fRe = re + kRe * re - kIm * im - y;
      const fIm = im + kRe * im + kIm * re - x;
      const dRe = 1 + 3 * kRe;
      const dIm = 3 * kIm;
      const norm = dRe * dRe + dIm * dIm;
      const cRe = (fRe * dRe + fIm * dIm) / norm;
      const cIm = (fIm * dRe - fRe * dIm) / norm;
      re -= cRe;
      im -= cIm;
      if (Math.abs(cRe) + Math.abs(cIm) < 1e-15) break;
    }
    const inside = step < 50 && re * re + im * im <= REACH * REACH * 1.001;
    const east = Math.tanh(im);
    const rest = 1 / Math.cosh(im);
    const up = rest * Math.cos(re);
    const north = rest * Math.sin(re);
    const sin = up * sin0 + north * cos0;
    const flat = up * cos0 - north * sin0;
    out[0] = inside ? Math.atan2(east, flat) / sphere.n : Number.NaN;
    out[1] = ellipsoidLatitude(sphere, Math.asinh(sin / Math.sqrt(flat * flat + east * east)));
  };
  return plane(radius, parameters, { forward, inverse }, false);
};
