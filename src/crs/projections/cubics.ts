/**
 * A function of one variable on 0 ≤ x < 1 as a cubic on each of N intervals: it meets the function at
 * the interval's four Chebyshev nodes, and is off by at most
 *
 *   2⁻³ h⁴ · max |f⁗| / 4!        (interpolation; h = 1 / 2N is half the width)
 *
 * and rounding. An interval is filled when it is first needed, from the function alone: so a result
 * depends on x, and never on what was asked before. The proof of each use is in
 * docs/decisions/2026-11-28-reprojection-by-intervals.md.
 */

/** Four coefficients for each interval, of 1, d, d² and d³ with −½ ≤ d < ½ from its middle. */
export type Cubics = Float64Array;

/** Cubics of which no interval is filled: they give NaN. At most 8,192. */
export function emptyCubics(intervals: number): Cubics {
  return new Float64Array(4 * intervals).fill(Number.NaN);
}

/**
 * The cubics' value, or NaN where their interval is not filled.
 * @param q - N x, not below 0 and below N
 */
export function cubicAt(cubics: Cubics, q: number): number {
  const k = q & 8191;
  const at = k << 2;
  const d = q - k - 0.5;
  // By halves, which needs not wait for each other as in Horner's order.
  return cubics[at]! + d * cubics[at | 1]! + d * d * (cubics[at | 2]! + d * cubics[at | 3]!);
}

const ANGLES = [1, 3, 5, 7].map((odd) => (odd * Math.PI) / 8);

/** Fills the interval that q is in, if it isn't. */
export function fillAt(cubics: Cubics, q: number, of: (x: number) => number): void {
  const k = Math.floor(q);
  if (!Number.isNaN(cubics[4 * k]!)) return;
  const width = 4 / cubics.length;
  const middle = of((k + 0.5) * width);
  // Chebyshev coefficients of the difference from the middle: what is small is rounded by little.
  const a = [0, 0, 0, 0];
  for (const angle of ANGLES) {
    const difference = of((k + 0.5 + 0.5 * Math.cos(angle)) * width) - middle;
    for (let j = 0; j < 4; j++) a[j]! += 0.5 * difference * Math.cos(j * angle);
  }
  // a₀ / 2 + a₁ T₁(2d) + a₂ T₂(2d) + a₃ T₃(2d)
  cubics[4 * k] = middle + (a[0]! / 2 - a[2]!);
  cubics[4 * k + 1] = 2 * a[1]! - 6 * a[3]!;
  cubics[4 * k + 2] = 8 * a[2]!;
  cubics[4 * k + 3] = 32 * a[3]!;
}
