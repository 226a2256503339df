/**
 * Mollweide, and Wagner's maps of the same form; on the sphere. Formulas: Snyder 1987, p. 251;
 * Snyder and Voxland 1989, An Album of Map Projections, p. 54, 60: 2θ + sin 2θ = c sin φ,
 * x = λ w cos θ, y = h sin θ.
 */

import { upToOne } from '../plane.ts';
import type { ProjectionFactory } from '../projection.ts';
import { type Parallels, pseudocylindrical } from '../pseudocylindrical.ts';

/** ψ − sin ψ, without cancellation for small ψ. */
export function withoutSine(psi: number): number {
  if (psi > 0.7) return psi - Math.sin(psi);
  const t = psi * psi;
  const tail = 1 - (t / 110) * (1 - (t / 156) * (1 - t / 210));
  return ((psi * t) / 6) * (1 - (t / 20) * (1 - (t / 42) * (1 - (t / 72) * tail)));
}

/**
 * θ with 2θ + sin 2θ = c sin φ. With ψ = π − 2|θ| it is ψ − sin ψ = π − c sin |φ|, which is
 * exact near the poles, where θ itself has a root of order three.
 */
export function mollweideParameter(c: number, phi: number): number {
  const half = Math.sin((Math.PI / 2 - Math.abs(phi)) / 2);
  const value = Math.PI - c + 2 * c * half * half;
  let psi = Math.cbrt(6 * value);
  if (psi > 0) {
    for (let step = 0; step < 30; step++) {
      const sin = Math.sin(psi / 2);
      const move = (withoutSine(psi) - value) / (2 * sin * sin);
      psi -= move;
      if (Math.abs(move) <= 2e-16 * psi) break;
    }
  }
  const theta = (Math.PI - psi) / 2;
  return phi < 0 ? -theta : theta;
}

/** The latitude of θ; NaN beyond a pole. */
export function mollweideLatitude(c: number, theta: number): number {
  // 1 − sin |φ|
  const rest = (c - Math.PI + withoutSine(Math.PI - 2 * Math.abs(theta))) / c;
  if (!(rest >= -1e-7)) return Number.NaN;
  const phi = Math.PI / 2 - 2 * Math.asin(Math.sqrt(Math.max(0, rest) / 2));
  return theta < 0 ? -phi : phi;
}

/** @param c - 2θ + sin 2θ at the pole */
function ofMollweidesForm(width: number, height: number, c: number): Parallels {
  return {
    parameter: (phi) => mollweideParameter(c, phi),
    width: (theta) => width * Math.cos(theta),
    height: (theta) => height * Math.sin(theta),
    ofHeight: (y) => Math.asin(upToOne(y / height)),
    latitude: (theta) => mollweideLatitude(c, theta),
  };
}

export const MOLLWEIDE = ofMollweidesForm(Math.SQRT2 / (Math.PI / 2), Math.SQRT2, Math.PI);

/** Equal area with poles at θ = 60°. */
const POLE_4 = (2 * Math.PI) / 3 + Math.sqrt(3) / 2;
const SCALE_4 = Math.sqrt((Math.PI * Math.sqrt(3)) / POLE_4);
const WAGNER_4 = ofMollweidesForm((2 * SCALE_4) / Math.PI, SCALE_4 / (Math.sqrt(3) / 2), POLE_4);

/** Wagner's rounded constants. */
const WAGNER_5 = ofMollweidesForm(0.90977, 1.65014, 3.00896);

export const mollweide: ProjectionFactory = (a, _es, parameters) =>
  pseudocylindrical(a, parameters, MOLLWEIDE);

export const wagner4: ProjectionFactory = (a, _es, parameters) =>
  pseudocylindrical(a, parameters, WAGNER_4);

export const wagner5: ProjectionFactory = (a, _es, parameters) =>
  pseudocylindrical(a, parameters, WAGNER_5);
