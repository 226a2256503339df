/**
 * New Zealand Map Grid, EPSG method 9811: a complex polynomial of the isometric latitude, which is
 * itself a polynomial of the latitude. Formulas: W. I. Reilly (1973), A conformal mapping
 * projection with minimum scale error, Survey Review 22 (168). Coefficients: Land Information New
 * Zealand, LINZS25002, appendix on NZMG.
 */

import { givenLatitude, RADIANS } from '../given.ts';
import { type PointFormula, plane } from '../plane.ts';
import type { ProjectionFactory } from '../projection.ts';

/** Isometric latitude by latitude, both from the origin; the latitude in 100,000″. */
const ISOMETRIC = [
  0.6399175073, -0.1358797613, 0.063294409, -0.02526853, 0.0117879, -0.0055161, 0.0026906,
  -0.001333, 0.00067, -0.00034,
] as const;
const LATITUDE_UNIT = (1e5 / 3600) * RADIANS;

/** Real and imaginary parts of B₁ … B₆. */
const RE = [0.7557853228, 0.249204646, -0.001541739, -0.10162907, -0.26623489, -0.6870983] as const;
const IM = [0, 0.003371507, 0.04105856, 0.01727609, -0.36249218, -1.1651967] as const;

/** Degrees from 41° S, 173° E. Farther away the polynomials mean nothing. */
const REACH = 12;

/** Σ Bₖ ζᵏ and its derivative, in `out`: real, imaginary, real, imaginary. */
function polynomial(u: number, v: number, out: Float64Array): void {
  let re = 0;
  let im = 0;
  let dRe = 0;
  let dIm = 0;
  for (let k = 5; k >= 0; k--) {
    // p ← (p + Bₖ) ζ, so p′ ← p + Bₖ + p′ ζ
    re += RE[k]!;
    im += IM[k]!;
    const t = re + dRe * u - dIm * v;
    dIm = im + dRe * v + dIm * u;
    dRe = t;
    const s = re * u - im * v;
    im = re * v + im * u;
    re = s;
  }
  out[0] = re;
  out[1] = im;
  out[2] = dRe;
  out[3] = dIm;
}

export const newZealandMapGrid: ProjectionFactory = (a, _es, parameters) => {
  const phi0 = givenLatitude(parameters, 'latitudeOfOrigin', -41) * RADIANS;
  const p = new Float64Array(4);
  const reach = REACH * RADIANS;
  const forward: PointFormula = (lambda, phi, out) => {
    const north = phi - phi0;
    const inside = Math.abs(north) <= reach && Math.abs(lambda) <= reach;
    const d = north / LATITUDE_UNIT;
    let psi = 0;
    for (let k = 9; k >= 0; k--) psi = (psi + ISOMETRIC[k]!) * d;
    polynomial(psi, lambda, p);
    out[0] = inside ? p[1]! : Number.NaN;
    out[1] = p[0]!;
  };
  const inverse: PointFormula = (x, y, out) => {
    let u = y / RE[0];
    let v = x / RE[0];
    for (let step = 0; step < 20; step++) {
      polynomial(u, v, p);
      const f = y - p[0]!;
      const g = x - p[1]!;
      const norm = p[2]! * p[2]! + p[3]! * p[3]!;
      const du = (f * p[2]! + g * p[3]!) / norm;
      const dv = (g * p[2]! - f * p[3]!) / norm;
      u += du;
      v += dv;
      if (Math.abs(du) + Math.abs(dv) < 1e-15) break;
    }
    let d = u / ISOMETRIC[0];
    for (let step = 0; step < 20; step++) {
      let psi = 0;
      let slope = 0;
      for (let k = 9; k >= 0; k--) {
        psi += ISOMETRIC[k]!;
        slope = psi + slope * d;
        psi *= d;
      }
      const change = (u - psi) / slope;
      d += change;
      if (Math.abs(change) < 1e-15) break;
    }
    const north = d * LATITUDE_UNIT;
    const inside = Math.abs(north) <= reach * 1.001 && Math.abs(v) <= reach * 1.001;
    out[0] = inside ? v : Number.NaN;
    out[1] = phi0 + north;
  };
  return plane(a, { longitudeOfOrigin: 173, ...parameters }, { forward, inverse }, false);
};
