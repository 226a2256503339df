/**
 * Azimuthal equidistant: distance and azimuth of the geodesic from the origin (PROJ's aeqd); and
 * two short forms of it for islands, EPSG methods 9832 (Modified Azimuthal Equidistant, Clarke's
 * series for the geodesic) and 9831 (Guam). Formulas of these: IOGP Publication 373-7-2, §3.2.5;
 * Snyder (1987), p. 191–202.
 */

import { givenLatitude, RADIANS } from '../given.ts';
import { meridian } from '../meridian.ts';
import { type PointFormula, type PointFormulas, plane } from '../plane.ts';
import type { ProjectionFactory } from '../projection.ts';
import { refinedInverse } from '../refined-inverse.ts';
import { geodesicsFrom } from './geodesic.ts';

/** How far outside the rim, in radii, rounding may have put a point of it. */
const EDGE = 1e-12;

export const azimuthalEquidistant: ProjectionFactory = (a, es, parameters) => {
  const phi0 = givenLatitude(parameters, 'latitudeOfOrigin', 0) * RADIANS;
  const polar = Math.abs(phi0) > Math.PI / 2 - 1e-10;
  const formulas = polar
    ? fromPole(es, Math.sign(phi0))
    : es === 0
      ? onSphere(phi0)
      : onEllipsoid(es, phi0);
  return plane(a, parameters, formulas, false);
};

function fromPole(es: number, pole: number): PointFormulas {
  const { distance, latitude } = meridian(es);
  const quarter = distance(Math.PI / 2);
  return {
    forward(lambda, phi, out) {
      const rho = quarter - pole * distance(phi);
      out[0] = rho * Math.sin(lambda);
      out[1] = -pole * rho * Math.cos(lambda);
    },
    inverse(x, y, out) {
      const rho = Math.hypot(x, y);
      // 0 − y and not −y: at the pole itself the longitude is that of the origin.
      out[0] = rho <= 2 * quarter + EDGE ? Math.atan2(x, 0 - pole * y) : Number.NaN;
      out[1] = pole * latitude(quarter - rho);
    },
  };
}

function onSphere(phi0: number): PointFormulas {
  const sin0 = Math.sin(phi0);
  const cos0 = Math.cos(phi0);
  return {
    forward(lambda, phi, out) {
      const flat = Math.cos(phi) * Math.cos(lambda);
      const east = Math.cos(phi) * Math.sin(lambda);
      const north = cos0 * Math.sin(phi) - sin0 * flat;
      const up = sin0 * Math.sin(phi) + cos0 * flat;
      const sin = Math.hypot(east, north);
      const c = Math.atan2(sin, up);
      // The antipode lies all around.
      const k = sin > 1e-14 ? c / sin : up > 0 ? 1 : Number.NaN;
      out[0] = k * east;
      out[1] = k * north;
    },
    inverse(x, y, out) {
      const c = Math.hypot(x, y);
      const k = c > 0 ? Math.sin(c) / c : 1;
      const up = Math.cos(c);
      const north = k * y;
      const flat = up * cos0 - north * sin0;
      out[0] = c <= Math.PI + EDGE ? Math.atan2(k * x, flat) : Number.NaN;
      out[1] = Math.atan2(up * sin0 + north * cos0, Math.hypot(flat, k * x));
    },
  };
}

function onEllipsoid(es: number, phi0: number): PointFormulas {
  const geodesics = geodesicsFrom(es, phi0);
  return {
    forward(lambda, phi, out) {
      geodesics.inverse(lambda, phi, out);
      const azimuth = out[0]!;
      const distance = out[1]!;
      out[0] = distance * Math.sin(azimuth);
      out[1] = distance * Math.cos(azimuth);
    },
    inverse(x, y, out) {
      const distance = Math.hypot(x, y);
      geodesics.direct(Math.atan2(x, y), distance, out);
      // No shortest way is longer.
      if (distance > Math.PI + EDGE) out[0] = Number.NaN;
    },
  };
}

/** Radians from the origin within which the short forms are meant. */
const REACH = 0.5;

export const modifiedAzimuthalEquidistant: ProjectionFactory = (a, es, parameters) => {
  const phi0 = givenLatitude(parameters, 'latitudeOfOrigin', 0) * RADIANS;
  if (Math.abs(phi0) === Math.PI / 2) return azimuthalEquidistant(a, es, parameters);
  const sin0 = Math.sin(phi0);
  const cos0 = Math.cos(phi0);
  const nu0 = 1 / Math.sqrt(1 - es * sin0 * sin0);
  const g = (Math.sqrt(es) * sin0) / Math.sqrt(1 - es);
  const h0 = (Math.sqrt(es) * cos0) / Math.sqrt(1 - es);
  const forward: PointFormula = (lambda, phi, out) => {
    const sin = Math.sin(phi);
    const cos = Math.cos(phi);
    // tan ψ = (1 − e²) tan φ + e² ν₀ sin φ₀ / (ν cos φ), times cos φ
    const psi = Math.atan2((1 - es) * sin + es * nu0 * sin0 * Math.sqrt(1 - es * sin * sin), cos);
    const flat = Math.cos(psi) * Math.cos(lambda);
    const east = Math.cos(psi) * Math.sin(lambda);
    const north = cos0 * Math.sin(psi) - sin0 * flat;
    const up = sin0 * Math.sin(psi) + cos0 * flat;
    const azimuth = Math.atan2(east, north);
    const s = Math.atan2(Math.hypot(east, north), up);
    const h = h0 * Math.cos(azimuth);
    const hh = h * h;
    const gg = g * g;
    const c =
      s *
      (1 -
        (s * s * hh * (1 - hh)) / 6 +
        (s ** 3 * g * h * (1 - 2 * hh)) / 8 +
        (s ** 4 * (hh * (4 - 7 * hh) - 3 * gg * (1 - 7 * hh))) / 120 -
        (s ** 5 * g * h) / 48);
    const length = s <= REACH ? nu0 * c : Number.NaN;
    out[0] = length * Math.sin(azimuth);
    out[1] = length * Math.cos(azimuth);
  };
  const approximate: PointFormula = (x, y, out) => {
    const azimuth = Math.atan2(x, y);
    const cos = Math.cos(azimuth);
    const d = Math.hypot(x, y) / nu0;
    const p = (-es * cos0 * cos0 * cos * cos) / (1 - es);
    const q = (3 * es * (1 - p) * sin0 * cos0 * cos) / (1 - es);
    const j = d - (p * (1 + p) * d ** 3) / 6 - (q * (1 + 3 * p) * d ** 4) / 24;
    const k = 1 - (p * j * j) / 2 - (q * j ** 3) / 6;
    const sin = sin0 * Math.cos(j) + cos0 * Math.sin(j) * cos;
    const rest = Math.sqrt(Math.max(0, 1 - sin * sin));
    // tan φ = (1 − e² K sin φ₀ / sin ψ) tan ψ / (1 − e²), free of the quotient
    out[1] = Math.atan2(sin - es * k * sin0, (1 - es) * rest);
    out[0] = Math.atan2(
      Math.sin(azimuth) * Math.sin(j),
      cos0 * Math.cos(j) - sin0 * Math.sin(j) * cos,
    );
  };
  return plane(a, parameters, { forward, inverse: refinedInverse(forward, approximate, 1) }, false);
};

export const guam: ProjectionFactory = (a, es, parameters) => {
  const phi0 = givenLatitude(parameters, 'latitudeOfOrigin', 0) * RADIANS;
  const { distance, latitude } = meridian(es);
  const m0 = distance(phi0);
  const forward: PointFormula = (lambda, phi, out) => {
    const sin = Math.sin(phi);
    const root = Math.sqrt(1 - es * sin * sin);
    const x = (lambda * Math.cos(phi)) / root;
    out[0] = Math.abs(lambda) <= REACH ? x : Number.NaN;
    out[1] = distance(phi) - m0 + (x * x * Math.tan(phi) * root) / 2;
  };
  const approximate: PointFormula = (x, y, out) => {
    let phi = phi0;
    for (let step = 0; step < 4; step++) {
      const sin = Math.sin(phi);
      const root = Math.sqrt(1 - es * sin * sin);
      phi = latitude(m0 + y - (x * x * Math.tan(phi) * root) / 2);
    }
    out[0] = (x * Math.sqrt(1 - es * Math.sin(phi) ** 2)) / Math.cos(phi);
    out[1] = phi;
  };
  return plane(a, parameters, { forward, inverse: refinedInverse(forward, approximate, 1) }, false);
};
