/**
 * Krovak, EPSG methods 9819 and 1041, and modified Krovak, 1042 and 1043, which adds a polynomial
 * that makes good the distortions of the old network. Oblique conic of Gauss's conformal sphere.
 * Formulas: IOGP Publication 373-7-2, §3.1.3. The results are eastings and northings: what EPSG
 * calls westing and southing with the opposite sign, false ones included.
 */

import { falseOrigin, given, givenLatitude, givenScale, RADIANS } from '../given.ts';
import { type PointFormula, plane } from '../plane.ts';
import type { ProjectionFactory } from '../projection.ts';
import { ellipsoidLatitude, gaussSphere, sphereIsometric } from './gauss-sphere.ts';

/** What EPSG and PROJ have in common where a definition leaves it out. */
const LATITUDE = 49.5;
const COLATITUDE = 30.28813975277777;
const PARALLEL = 78.5;

/** Writes what is to be subtracted from southing and westing. */
type Correction = (southing: number, westing: number, out: Float64Array) => void;

export const krovak: ProjectionFactory = (a, es, parameters) =>
  obliqueCone(a, es, parameters, null);

export const krovakModified: ProjectionFactory = (a, es, parameters) => {
  // The polynomial is in metres, and made for one ellipsoid.
  const unit = a / BESSEL.a;
  if (Math.abs(es - BESSEL.es) > 1e-8) {
    throw new Error('modified Krovak is defined on the ellipsoid Bessel 1841 alone');
  }
  return obliqueCone(a, es, parameters, (southing, westing, out) => {
    corrections(southing / unit, westing / unit, out);
    out[0]! *= unit;
    out[1]! *= unit;
  });
};

function obliqueCone(
  a: number,
  es: number,
  parameters: Parameters<ProjectionFactory>[2],
  correction: Correction | null,
) {
  const sphere = gaussSphere(
    a,
    es,
    givenLatitude(parameters, 'latitudeOfOrigin', LATITUDE) * RADIANS,
  );
  const colatitude = given(parameters, 'colatitudeOfConeAxis', COLATITUDE) * RADIANS;
  const parallel = givenLatitude(parameters, 'standardParallel1', PARALLEL) * RADIANS;
  const n = Math.sin(parallel);
  if (!(Math.abs(n) > 1e-8 && Math.abs(n) < 1)) throw new Error('standardParallel1 makes no cone');
  const scale = givenScale(parameters);
  const r0 = (sphere.radius * Math.abs(scale)) / Math.tan(parallel);
  const w0 = Math.asinh(Math.tan(parallel));
  const sin0 = Math.sin(colatitude);
  const cos0 = Math.cos(colatitude);
  const change = new Float64Array(2);
  const forward: PointFormula = (lambda, phi, out) => {
    const q = sphereIsometric(sphere, phi);
    const sin = Math.tanh(q);
    const cos = 1 / Math.cosh(q);
    const flat = cos * Math.cos(sphere.n * lambda);
    const west = -cos * Math.sin(sphere.n * lambda);
    // The point as seen from the cone's axis: along it, and away from it to the south
    const axis = cos0 * sin + sin0 * flat;
    const south = cos0 * flat - sin0 * sin;
    const r = r0 * Math.exp(n * (w0 - Math.asinh(axis / Math.sqrt(south * south + west * west))));
    const theta = n * Math.atan2(west, south);
    const southing = r * Math.cos(theta);
    const westing = r * Math.sin(theta);
    if (correction === null) change.fill(0);
    else correction(southing, westing, change);
    out[0] = change[1]! - westing;
    out[1] = change[0]! - southing;
  };
  const inverse: PointFormula = (x, y, out) => {
    let southing = -y;
    let westing = -x;
    if (correction !== null) {
      // The corrections change by less than 1e-6 of the way: three rounds leave nothing.
      for (let round = 0; round < 4; round++) {
        correction(southing, westing, change);
        southing = change[0]! - y;
        westing = change[1]! - x;
      }
    }
    const d = Math.atan2(westing, southing) / n;
    const w = w0 - Math.log(Math.hypot(southing, westing) / r0) / n;
    const axis = Math.tanh(w);
    const rest = 1 / Math.cosh(w);
    const south = rest * Math.cos(d);
    const west = rest * Math.sin(d);
    const sin = axis * cos0 - south * sin0;
    const flat = axis * sin0 + south * cos0;
    out[0] = Math.atan2(-west, flat) / sphere.n;
    out[1] = ellipsoidLatitude(sphere, Math.asinh(sin / Math.sqrt(flat * flat + west * west)));
  };
  const [westing, southing] = falseOrigin(parameters);
  const reversed = { ...parameters, falseEasting: -westing, falseNorthing: -southing };
  return plane(Math.sign(scale), reversed, { forward, inverse }, false);
}

const BESSEL = { a: 6377397.155, es: 0.006674372230614 };

/** Ordinates of the evaluation point, and C₁ … C₁₀; EPSG, method 1042. */
const SOUTHING = 1089000;
const WESTING = 654000;
const C1 = 2.946529277e-2;
const C2 = 2.515965696e-2;
const C3 = 1.193845912e-7;
const C4 = -4.668270147e-7;
const C5 = 9.233980362e-12;
const C6 = 1.523735715e-12;
const C7 = 1.696780024e-18;
const C8 = 4.408314235e-18;
const C9 = -8.331083518e-24;
const C10 = -3.689471323e-24;

/** Metres from the evaluation point, within which the polynomial means something. */
const REACH = 1e6;

/** Metres. */
function corrections(southing: number, westing: number, out: Float64Array): void {
  const x = southing - SOUTHING;
  const y = westing - WESTING;
  if (!(Math.abs(x) <= REACH && Math.abs(y) <= REACH)) {
    out.fill(Number.NaN);
    return;
  }
  const xx = x * x;
  const yy = y * y;
  const fourth = xx * xx + yy * yy - 6 * xx * yy;
  const mixed = 4 * x * y * (xx - yy);
  const cubicX = x * (xx - 3 * yy);
  const cubicY = y * (3 * xx - yy);
  out[0] =
    C1 +
    C3 * x -
    C4 * y -
    2 * C6 * x * y +
    C5 * (xx - yy) +
    C7 * cubicX -
    C8 * cubicY +
    C9 * mixed +
    C10 * fourth;
  out[1] =
    C2 +
    C3 * y +
    C4 * x +
    2 * C5 * x * y +
    C6 * (xx - yy) +
    C8 * cubicX +
    C7 * cubicY -
    C10 * mixed +
    C9 * fourth;
}
