/**
 * Series that the conformal projections share. All of them are expansions in the third flattening
 * n = (a − b) / (a + b), to order n⁶: below 1e-15 rad for every ellipsoid of the Earth.
 *
 * Sources of the coefficients:
 *   latitudes            Karney, C. F. F. (2022), On auxiliary latitudes, appendix A, the
 *                        matrix from conformal to geographic latitude; arXiv:2212.05818
 *   transverse Mercator  Karney, C. F. F. (2011), Transverse Mercator with an accuracy of a few
 *                        nanometers, J. Geodesy 85(8), eq. 35 (forward) and 36 (inverse)
 */

/** Above this eccentricity squared the truncated series are no longer good to 1e-15. */
export const MAX_ECCENTRICITY_SQUARED = 0.02;

/** p₀ … p₅: a sine series Σ cₖ sin 2kθ as sin 2θ · (p₀ + p₁ x + … + p₅ x⁵). */
export type SinePolynomial = readonly [number, number, number, number, number, number];

export function thirdFlattening(es: number): number {
  const axisRatio = Math.sqrt(1 - es);
  return (1 - axisRatio) / (1 + axisRatio);
}

/** Geographic minus conformal latitude, as a sine series of the conformal latitude (radians). */
export function geographicFromConformal(n: number): SinePolynomial {
  return sinePolynomial(
    series(n, 1, [2, -2 / 3, -2, 116 / 45, 26 / 45, -2854 / 675]),
    series(n, 2, [7 / 3, -8 / 5, -227 / 45, 2704 / 315, 2323 / 945]),
    series(n, 3, [56 / 15, -136 / 35, -1262 / 105, 73814 / 2835]),
    series(n, 4, [4279 / 630, -332 / 35, -399572 / 14175]),
    series(n, 5, [4174 / 315, -144838 / 6237]),
    series(n, 6, [601676 / 22275]),
  );
}

/** Rectifying minus spherical transverse Mercator coordinate ζ = ξ + i η (forward). */
export function krugerForward(n: number): SinePolynomial {
  return sinePolynomial(
    series(n, 1, [1 / 2, -2 / 3, 5 / 16, 41 / 180, -127 / 288, 7891 / 37800]),
    series(n, 2, [13 / 48, -3 / 5, 557 / 1440, 281 / 630, -1983433 / 1935360]),
    series(n, 3, [61 / 240, -103 / 140, 15061 / 26880, 167603 / 181440]),
    series(n, 4, [49561 / 161280, -179 / 168, 6601661 / 7257600]),
    series(n, 5, [34729 / 80640, -3418889 / 1995840]),
    series(n, 6, [212378941 / 319334400]),
  );
}

/** Rectifying minus spherical transverse Mercator coordinate, of the rectifying one (inverse). */
export function krugerInverse(n: number): SinePolynomial {
  return sinePolynomial(
    series(n, 1, [1 / 2, -2 / 3, 37 / 96, -1 / 360, -81 / 512, 96199 / 604800]),
    series(n, 2, [1 / 48, 1 / 15, -437 / 1440, 46 / 105, -1118711 / 3870720]),
    series(n, 3, [17 / 480, -37 / 840, -209 / 4480, 5569 / 90720]),
    series(n, 4, [4397 / 161280, -11 / 504, -830251 / 7257600]),
    series(n, 5, [4583 / 161280, -108847 / 3991680]),
    series(n, 6, [20648693 / 638668800]),
  );
}

/** Radius of the sphere whose meridian is as long as the ellipsoid's, in units of a. */
export function rectifyingRadius(n: number): number {
  const n2 = n * n;
  return (1 + n2 * (1 / 4 + n2 * (1 / 64 + n2 / 256))) / (1 + n);
}

/**
 * Half of e · artanh(e s) is s · (h₀ + h₁ s² + … + h₆ s¹²), with s = sin φ: half the difference
 * between the isometric latitudes of sphere and ellipsoid, without a logarithm for each point.
 */
export type IsometricPolynomial = readonly [number, number, number, number, number, number, number];

export function isometricPolynomial(es: number): IsometricPolynomial {
  const h = es / 2;
  const e4 = es * es;
  const e8 = e4 * e4;
  return [
    h,
    (h * es) / 3,
    (h * e4) / 5,
    (h * e4 * es) / 7,
    (h * e8) / 9,
    (h * e8 * es) / 11,
    (h * e8 * e4) / 13,
  ];
}

/** Σ coefficients[i] n^(first + i) */
function series(n: number, first: number, coefficients: number[]): number {
  let sum = 0;
  for (const coefficient of coefficients.toReversed()) sum = sum * n + coefficient;
  return sum * n ** first;
}

/**
 * Σ cₖ sin 2kθ, k = 1 … 6, as sin 2θ times a polynomial in x = cos 2θ: sin 2kθ is
 * sin 2θ · Uₖ₋₁(x) with the Chebyshev polynomials of the second kind. One sine and one cosine,
 * which the projections have at hand without calling either, then serve the whole series.
 */
function sinePolynomial(
  c1: number,
  c2: number,
  c3: number,
  c4: number,
  c5: number,
  c6: number,
): SinePolynomial {
  return [
    c1 - c3 + c5,
    2 * c2 - 4 * c4 + 6 * c6,
    4 * c3 - 12 * c5,
    8 * c4 - 32 * c6,
    16 * c5,
    32 * c6,
  ];
}
