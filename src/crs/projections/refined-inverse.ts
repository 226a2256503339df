/** The inverse of formulas that have only an approximate one. */

import type { PointFormula } from './plane.ts';

/**
 * Corrects the approximation by what it makes of the difference, until `forward` gives the point
 * back: NaN if that doesn't come about, as outside the area that the formulas are meant for.
 *
 * @param size - semi-major axis; the result is good to 1e-12 of it, and mostly to the last digit
 */
export function refinedInverse(
  forward: PointFormula,
  approximate: PointFormula,
  size: number,
): PointFormula {
  const reached = new Float64Array(2);
  const there = new Float64Array(2);
  return (x, y, out) => {
    approximate(x, y, out);
    const lambda0 = out[0]!;
    const phi0 = out[1]!;
    let lambda = lambda0;
    let phi = phi0;
    let least = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 20; round++) {
      reached[0] = Number.NaN;
      forward(lambda, phi, reached);
      const off = Math.abs(reached[0]! - x) + Math.abs(reached[1]! - y);
      if (!(off < least)) break;
      least = off;
      out[0] = lambda;
      out[1] = phi;
      approximate(reached[0]!, reached[1]!, there);
      lambda += lambda0 - there[0]!;
      phi += phi0 - there[1]!;
    }
    if (!(least <= 1e-12 * size)) out[0] = Number.NaN;
  };
}
