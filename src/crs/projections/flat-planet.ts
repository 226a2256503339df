/**
 * Transverse Mercator on ellipsoids that are too flat for series to order n⁶: Krüger's series with
 * coefficients computed for the ellipsoid, near enough to the central meridian that they converge.
 * Formulas: Karney (2011), Transverse Mercator with an accuracy of a few nanometers, eq. 7–12.
 */

import { isometricLatitude, latitudeOfIsometric } from './conformal.ts';
import { givenLatitude, givenScale, RADIANS } from './given.ts';
import { meridian } from './meridian.ts';
import { type PointFormula, plane } from './plane.ts';
import type { ProjectionFactory } from './projection.ts';
import { thirdFlattening } from './series.ts';

const SAMPLES = 64;

export const flatTransverseMercator: ProjectionFactory = (a, es, parameters) => {
  const e = Math.sqrt(es);
  // Coefficients are about nᵏ, and known to 1e-17. So many terms are known at all; and where
  // e^(2kη) makes 1e-12 of that error, it makes as much of the first term that is left out.
  const terms = Math.ceil(-17 / Math.log10(thirdFlattening(es)));
  const maxEta = (5 * Math.LN10) / 2 / terms;
  const { distance } = meridian(es);
  const radius = distance(Math.PI / 2) / (Math.PI / 2);
  /** Rectifying latitude of the conformal one. */
  const rectifying = (chi: number): number =>
    distance(latitudeOfIsometric(Math.asinh(Math.tan(chi)), e)) / radius;
  const coefficients = new Float64Array(terms);
  for (let j = 0; j < SAMPLES; j++) {
    const chi = ((j + 0.5) * Math.PI) / (2 * SAMPLES);
    const value = (2 / SAMPLES) * (rectifying(chi) - chi);
    for (let k = 1; k <= terms; k++) coefficients[k - 1]! += value * Math.sin(2 * k * chi);
  }
  const sum = new Float64Array(2);
  /** Σ cₖ sin 2kζ, ζ = ξ + i η, by Clenshaw's recurrence with 2 cos 2ζ. */
  const series = (xi: number, eta: number): void => {
    const cosh = Math.cosh(2 * eta);
    const sinh = Math.sinh(2 * eta);
    const re = 2 * Math.cos(2 * xi) * cosh;
    const im = -2 * Math.sin(2 * xi) * sinh;
    let re1 = 0;
    let im1 = 0;
    let re2 = 0;
    let im2 = 0;
    for (let k = terms - 1; k >= 0; k--) {
      const r = coefficients[k]! + re * re1 - im * im1 - re2;
      const i = re * im1 + im * re1 - im2;
      re2 = re1;
      im2 = im1;
      re1 = r;
      im1 = i;
    }
    const sinRe = Math.sin(2 * xi) * cosh;
    const sinIm = Math.cos(2 * xi) * sinh;
    sum[0] = re1 * sinRe - im1 * sinIm;
    sum[1] = re1 * sinIm + im1 * sinRe;
  };
  const lat0 = givenLatitude(parameters, 'latitudeOfOrigin', 0);
  const south = distance(lat0 * RADIANS) / radius;
  const forward: PointFormula = (lambda, phi, out) => {
    const psi = isometricLatitude(phi, e);
    const cos = 1 / Math.cosh(psi);
    const sin = Math.tanh(psi);
    const up = cos * Math.cos(lambda);
    const xi = Math.atan2(sin, up);
    const eta = Math.asinh((cos * Math.sin(lambda)) / Math.sqrt(sin * sin + up * up));
    if (!(Math.abs(eta) <= maxEta)) return;
    series(xi, eta);
    out[0] = eta + sum[1]!;
    out[1] = xi + sum[0]! - south;
  };
  const inverse: PointFormula = (x, y, out) => {
    const north = y + south;
    if (!(Math.abs(x) <= maxEta + 1 && Math.abs(north) <= Math.PI)) return;
    let xi = north;
    let eta = x;
    let off = 1;
    // Each step gains a factor of about 1 / (2 n e^(2η)).
    for (let step = 0; step < 60 && off > 1e-16; step++) {
      series(xi, eta);
      off = Math.abs(north - sum[0]! - xi) + Math.abs(x - sum[1]! - eta);
      xi = north - sum[0]!;
      eta = x - sum[1]!;
    }
    if (!(off < 1e-13 && Math.abs(eta) <= maxEta + 1e-12)) return;
    const east = Math.sinh(eta);
    const flat = Math.cos(xi);
    out[0] = Math.atan2(east, flat);
    out[1] = latitudeOfIsometric(Math.asinh(Math.sin(xi) / Math.hypot(east, flat)), e);
  };
  const scale = a * givenScale(parameters) * radius;
  return plane(scale, parameters, { forward, inverse }, false);
};
