/**
 * Latitudes that conformal projections share, exact for every eccentricity below 1. Where the
 * ellipsoid is that of a planet, the series of series.ts are too short: there the fast loops run
 * as on a sphere, between loops that exchange geographic and conformal latitude.
 */

import { DEGREES, RADIANS } from './given.ts';
import type { Loop, Projection } from './projection.ts';
import { geographicFromConformal, MAX_ECCENTRICITY_SQUARED, thirdFlattening } from './series.ts';

/** Isometric latitude ψ = asinh tan φ − e artanh(e sin φ); Karney (2011), eq. 7. Radians. */
export function isometricLatitude(phi: number, e: number): number {
  const psi = Math.asinh(Math.tan(phi));
  return e === 0 ? psi : psi - e * Math.atanh(e * Math.sin(phi));
}

/**
 * φ of ψ, in radians: Newton's method in τ = tan φ, Karney (2011), eq. 19–21. ±Infinity, and all
 * that is as near to a pole as doubles can tell, gives the pole.
 */
export function latitudeOfIsometric(psi: number, e: number): number {
  if (Math.abs(psi) > 40) return Math.sign(psi) * (Math.PI / 2);
  const conformal = Math.sinh(psi);
  if (e === 0) return Math.atan(conformal);
  const rest = 1 - e * e;
  let tau = conformal / rest;
  if (Math.abs(conformal) > 70) tau = conformal * Math.exp(e * Math.atanh(e));
  for (let step = 0; step < 8; step++) {
    const secant = Math.sqrt(1 + tau * tau);
    const sigma = Math.sinh(e * Math.atanh((e * tau) / secant));
    const reached = tau * Math.sqrt(1 + sigma * sigma) - sigma * secant;
    const change =
      (((conformal - reached) / Math.sqrt(1 + reached * reached)) * (1 + rest * tau * tau)) /
      (rest * secant);
    tau += change;
    // Newton's error is squared: what comes after this is below the last bit.
    if (Math.abs(change) <= 1e-9 * Math.max(1, Math.abs(tau))) break;
  }
  return Math.atan(tau);
}

/** φ of ψ for one ellipsoid: by the closed series where that is good to the last digit. */
export function latitudeFromIsometric(es: number): (psi: number) => number {
  const e = Math.sqrt(es);
  if (isStrong(es)) return (psi) => latitudeOfIsometric(psi, e);
  const [p0, p1, p2, p3, p4, p5] = geographicFromConformal(thirdFlattening(es));
  return (psi) => {
    // tan(χ/2) = tanh(ψ/2)
    const m = -Math.expm1(-Math.abs(psi));
    const tan = m / (2 - m);
    const r = 1 / (1 + tan * tan);
    const cos = (1 - tan * tan) * r;
    const c = 2 * cos * cos - 1;
    const series = p0 + c * (p1 + c * (p2 + c * (p3 + c * (p4 + c * p5))));
    const phi = 2 * Math.atan(tan) + 4 * tan * r * cos * series;
    return psi < 0 ? -phi : phi;
  };
}

export const isStrong = (es: number): boolean => es > MAX_ECCENTRICITY_SQUARED;

/**
 * A conformal projection of a strong ellipsoid, made of the one that takes conformal latitudes.
 * A latitude outside ±90° passes as it is, for `sphere` to refuse.
 */
export function throughConformalSphere(sphere: Projection, es: number): Projection {
  const e = Math.sqrt(es);
  const toConformal: Loop = (xy, start, end) => {
    for (let i = start * 2 + 1; i < end * 2; i += 2) {
      const lat = xy[i]!;
      if (!(Math.abs(lat) < 90)) continue;
      xy[i] = Math.atan(Math.sinh(isometricLatitude(lat * RADIANS, e))) * DEGREES;
    }
  };
  const toGeographic: Loop = (xy, start, end) => {
    for (let i = start * 2 + 1; i < end * 2; i += 2) {
      const lat = xy[i]!;
      if (!(Math.abs(lat) < 90)) continue;
      xy[i] = latitudeOfIsometric(Math.asinh(Math.tan(lat * RADIANS)), e) * DEGREES;
    }
  };
  const { forward, inverse, forwardByFormulas, inverseByFormulas } = sphere;
  const after = (loop: Loop, next: Loop): Loop => {
    return (xy, start, end) => {
      loop(xy, start, end);
      next(xy, start, end);
    };
  };
  return {
    ...sphere,
    forward: after(toConformal, forward),
    inverse: after(inverse, toGeographic),
    ...(forwardByFormulas && { forwardByFormulas: after(toConformal, forwardByFormulas) }),
    ...(inverseByFormulas && { inverseByFormulas: after(inverseByFormulas, toGeographic) }),
  };
}
