/**
 * Gauss's conformal sphere, on which double projections are made: the ellipsoid near one latitude
 * with the scale true to the third order. Formulas: IOGP Publication 373-7-2, §3.2.3 and §3.2.4.
 *
 *   sphere's longitude Λ = n λ,  sphere's isometric latitude q = n ψ(φ) + c
 */

import { isometricLatitude, latitudeFromIsometric } from '../conformal.ts';

export interface GaussSphere {
  e: number;
  n: number;
  c: number;
  /** √(ρ₀ ν₀), in the unit of the ellipsoid's axis. */
  radius: number;
  /** The sphere's latitude of the origin: sin χ₀ = sin φ₀ / n. Radians. */
  chi0: number;
  /** φ of the ellipsoid's isometric latitude. */
  latitude: (psi: number) => number;
}

/**
 * @param lat0 - radians
 * @throws Error at a pole, where the sphere's constants are not determined
 */
export function gaussSphere(a: number, es: number, phi0: number): GaussSphere {
  if (!(Math.abs(phi0) < Math.PI / 2 - 1e-10)) throw new Error('the origin is at a pole');
  const e = Math.sqrt(es);
  const sin = Math.sin(phi0);
  const cos = Math.cos(phi0);
  const n = Math.sqrt(1 + (es * cos ** 4) / (1 - es));
  // tan χ₀ = sin χ₀ / cos χ₀, with n² − sin² φ₀ = cos² φ₀ (1 − e² sin² φ₀) / (1 − e²)
  const tan = (sin / cos) * Math.sqrt((1 - es) / (1 - es * sin * sin));
  return {
    e,
    n,
    c: Math.asinh(tan) - n * isometricLatitude(phi0, e),
    radius: (a * Math.sqrt(1 - es)) / (1 - es * sin * sin),
    chi0: Math.atan(tan),
    latitude: latitudeFromIsometric(es),
  };
}

/** q of φ (radians). With it, sin χ = tanh q and cos χ = 1 / cosh q. */
export function sphereIsometric(sphere: GaussSphere, phi: number): number {
  return sphere.n * isometricLatitude(phi, sphere.e) + sphere.c;
}

/** φ of q, in radians. */
export function ellipsoidLatitude(sphere: GaussSphere, q: number): number {
  return sphere.latitude((q - sphere.c) / sphere.n);
}
