/** Polynomials in odd powers of the latitude, from which several maps of the world are made. */

import { solveBetween } from './pseudocylindrical.ts';

export interface OddPolynomial {
  /** t (c₀ + c₁ t² + c₂ t⁴ + …) */
  height(t: number): number;
  slope(t: number): number;
  /** The t, between both ends, at which the height is y; NaN beyond them. */
  ofHeight(y: number): number;
}

/** @param end - how far t goes from 0, to both sides; the slope is positive up to there */
export function oddPolynomial(coefficients: readonly number[], end: number): OddPolynomial {
  const slopes = coefficients.map((coefficient, k) => (2 * k + 1) * coefficient);
  const height = (t: number): number => t * even(coefficients, t);
  const slope = (t: number): number => even(slopes, t);
  return { height, slope, ofHeight: (y) => solveBetween(-end, end, y, height, slope) };
}

/** c₀ + c₁ t² + c₂ t⁴ + … */
export function even(coefficients: readonly number[], t: number): number {
  const t2 = t * t;
  let sum = 0;
  for (let k = coefficients.length - 1; k >= 0; k--) sum = sum * t2 + coefficients[k]!;
  return sum;
}
