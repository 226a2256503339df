/**
 * Auxiliary latitudes of an ellipsoid as sine series of the geographic latitude, and back. The
 * coefficients are computed for each ellipsoid by a discrete sine transform, with as many terms
 * as it needs: six for the Earth, more for flat planets, none for a sphere. What the latitudes
 * are: Karney, C. F. F. (2022), On auxiliary latitudes, arXiv:2212.05818, §2.
 */

import { thirdFlattening } from './series.ts';

/** Σ cₖ sin 2kθ, k = 1 … K, as sin 2θ · (p₀ + p₁ x + …) with x = cos 2θ. */
export type SineSeries = Float64Array;

export interface AuxiliaryLatitude {
  /** Auxiliary minus geographic latitude, of the geographic one; radians. */
  fromGeographic: SineSeries;
  /** Geographic minus auxiliary latitude, of the auxiliary one; radians. */
  toGeographic: SineSeries;
}

/** Third flattening: the series have 40 terms then. */
const MAX_N = 0.2;

/** The sum of the series at θ, of which sin 2θ and cos 2θ are given. */
export function sineSum(series: SineSeries, sin2: number, cos2: number): number {
  let sum = 0;
  for (let k = series.length - 1; k >= 0; k--) sum = sum * cos2 + series[k]!;
  return sin2 * sum;
}

/** A latitude (radians) with the value of a series at it added. */
export function shiftedLatitude(series: SineSeries, latitude: number): number {
  return latitude + sineSum(series, Math.sin(2 * latitude), Math.cos(2 * latitude));
}

/**
 * q(φ) = (1 − e²) (sin φ / (1 − e² sin² φ) + artanh(e sin φ) / e): twice the area from the
 * equator to φ, of one radian of longitude and with a = 1 (Snyder 1987, eq. 3-12).
 */
export function authalicQ(es: number, sin: number): number {
  return (1 - es) * (sin / (1 - es * sin * sin) + sin * atanhRatio(es * sin * sin));
}

/** artanh(√t) / √t for 0 ≤ t < 1. */
export function atanhRatio(t: number): number {
  if (t < 0.01) {
    return (
      1 +
      t * (1 / 3 + t * (1 / 5 + t * (1 / 7 + t * (1 / 9 + t * (1 / 11 + t * (1 / 13 + t / 15))))))
    );
  }
  const root = Math.sqrt(t);
  return Math.atanh(root) / root;
}

/** The authalic latitude β: sin β = q(φ) / q(π/2). */
export function authalicLatitude(es: number): AuxiliaryLatitude {
  const pole = authalicQ(es, 1);
  const fromGeographic = sineSeries(es, (phi) => {
    const q = authalicQ(es, Math.sin(phi));
    return Math.atan2(q, Math.sqrt((pole - q) * (pole + q))) - phi;
  });
  return { fromGeographic, toGeographic: reverted(es, fromGeographic) };
}

/**
 * The rectifying latitude μ, proportional to the distance along the meridian.
 * `radius` · μ is that distance from the equator, in units of a.
 */
export function rectifyingLatitude(es: number): AuxiliaryLatitude & { radius: number } {
  // The radius of curvature is a sum of cosines of 2kφ, whose integral is known term by term.
  const samples = sampleCount(es);
  let radius = 0;
  const coefficients = new Float64Array(termCount(es));
  for (let j = 0; j < samples; j++) {
    const phi = ((j + 0.5) * Math.PI) / (2 * samples);
    const sin = Math.sin(phi);
    const curvature = ((1 - es) * (1 - es * sin * sin) ** -1.5) / samples;
    radius += curvature;
    for (let k = 1; k <= coefficients.length; k++) {
      coefficients[k - 1]! += (curvature * Math.cos(2 * k * phi)) / k;
    }
  }
  const fromGeographic = polynomial(coefficients.map((coefficient) => coefficient / radius));
  return { radius, fromGeographic, toGeographic: reverted(es, fromGeographic) };
}

/** The series that undoes another: the difference back, of the latitude that it led to. */
function reverted(es: number, forward: SineSeries): SineSeries {
  return sineSeries(es, (theta) => {
    let phi = theta;
    // Each step gains a factor of about 2n, at least 2.
    for (let step = 0; step < 60; step++) {
      const last = phi;
      phi = theta - sineSum(forward, Math.sin(2 * phi), Math.cos(2 * phi));
      if (Math.abs(phi - last) < 1e-17) break;
    }
    return phi - theta;
  });
}

/** Terms of a size of (2n)ᵏ down to 1e-16. */
function termCount(es: number): number {
  if (es === 0) return 0;
  const n = thirdFlattening(es);
  if (!(n > 0 && n <= MAX_N)) {
    throw new Error(`an ellipsoid with an eccentricity squared of ${es} is no planet's`);
  }
  return Math.max(1, Math.ceil(Math.log(1e-16) / Math.log(2 * n)) - 1);
}

function sampleCount(es: number): number {
  return 2 * termCount(es) + 8;
}

/** The series of a function that is odd about 0 and about π/2. */
function sineSeries(es: number, difference: (theta: number) => number): SineSeries {
  const samples = sampleCount(es);
  const coefficients = new Float64Array(termCount(es));
  if (es === 0) return coefficients;
  for (let j = 0; j < samples; j++) {
    const theta = ((j + 0.5) * Math.PI) / (2 * samples);
    const value = (2 / samples) * difference(theta);
    for (let k = 1; k <= coefficients.length; k++) {
      coefficients[k - 1]! += value * Math.sin(2 * k * theta);
    }
  }
  return polynomial(coefficients);
}

/** sin 2kθ is sin 2θ · Uₖ₋₁(cos 2θ) with the Chebyshev polynomials of the second kind. */
function polynomial(coefficients: Float64Array): SineSeries {
  const terms = coefficients.length;
  const sum = new Float64Array(terms);
  let before = new Float64Array(terms);
  let current = new Float64Array(terms);
  if (terms > 0) current[0] = 1;
  for (let k = 0; k < terms; k++) {
    for (let i = 0; i <= k; i++) sum[i]! += coefficients[k]! * current[i]!;
    const next = new Float64Array(terms);
    for (let i = 0; i < terms; i++) next[i] = (i > 0 ? 2 * current[i - 1]! : 0) - before[i]!;
    before = current;
    current = next;
  }
  return sum;
}
