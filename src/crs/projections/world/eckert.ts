/**
 * Eckert's six maps, on the sphere: pairs with straight, elliptic and sinusoidal meridians, the
 * second of each of equal area. Formulas: Snyder 1987, p. 253; Snyder and Voxland 1989, p. 86.
 */

import { upToOne } from '../plane.ts';
import type { ProjectionFactory } from '../projection.ts';
import { type Parallels, pseudocylindrical, solveBetween } from '../pseudocylindrical.ts';
import { withoutSine } from './mollweide.ts';

const { PI, sin, cos, abs, sqrt, sign } = Math;
const POLE = PI / 2;

/** y in proportion to the latitude; NaN beyond a pole. */
function evenly(scale: number): Pick<Parallels, 'height' | 'ofHeight'> {
  return { height: (phi) => scale * phi, ofHeight: (y) => POLE * upToOne(y / (scale * POLE)) };
}

const SCALE_1 = 2 * sqrt(2 / (3 * PI));
const ECKERT_1: Parallels = {
  width: (phi) => SCALE_1 * (1 - abs(phi) / PI),
  ...evenly(SCALE_1),
};

const HEIGHT_2 = sqrt((2 * PI) / 3);
/** Here θ is ±(2 − √(4 − 3 sin |φ|)). */
const ECKERT_2: Parallels = {
  parameter: (phi) => sign(phi) * (2 - sqrt(4 - 3 * sin(abs(phi)))),
  width: (theta) => (2 / sqrt(6 * PI)) * (2 - abs(theta)),
  height: (theta) => HEIGHT_2 * theta,
  ofHeight: (y) => upToOne(y / HEIGHT_2),
  latitude: (theta) => {
    const root = 2 - abs(theta);
    return sign(theta) * Math.asin(Math.min(1, (4 - root * root) / 3));
  },
};

const SCALE_3 = 2 / sqrt(PI * (4 + PI));
const ECKERT_3: Parallels = {
  width: (phi) => SCALE_3 * (1 + sqrt(Math.max(0, 1 - (phi / POLE) ** 2))),
  ...evenly(2 * SCALE_3),
};

const HEIGHT_4 = 2 * sqrt(PI / (4 + PI));
/** θ + sin θ cos θ + 2 sin θ at the pole. */
const SUM_4 = 2 + PI / 2;
/** What is missing to SUM_4 at θ = π/2 − t, without cancellation. */
const missing4 = (t: number): number => withoutSine(2 * t) / 2 + 4 * sin(t / 2) ** 2;
const ECKERT_4: Parallels = {
  parameter: (phi) => {
    const value = 2 * SUM_4 * sin((POLE - abs(phi)) / 2) ** 2;
    let t = sqrt(value);
    for (let step = 0; t > 0 && step < 30; step++) {
      const move = (missing4(t) - value) / (2 * sin(t) * (sin(t) + 1));
      t -= move;
      if (abs(move) <= 2e-16 * t) break;
    }
    return phi < 0 ? t - POLE : POLE - t;
  },
  width: (theta) => SCALE_3 * (1 + cos(theta)),
  height: (theta) => HEIGHT_4 * sin(theta),
  ofHeight: (y) => Math.asin(upToOne(y / HEIGHT_4)),
  latitude: (theta) => {
    const half = sqrt(missing4(POLE - abs(theta)) / (2 * SUM_4));
    const phi = POLE - 2 * Math.asin(half);
    return theta < 0 ? -phi : phi;
  },
};

const SCALE_5 = 1 / sqrt(2 + PI);
const ECKERT_5: Parallels = {
  width: (phi) => SCALE_5 * (1 + cos(phi)),
  ...evenly(2 * SCALE_5),
};

const SUM_6 = 1 + PI / 2;
const sum6 = (theta: number): number => theta + sin(theta);
const ECKERT_6: Parallels = {
  parameter: (phi) => solveBetween(-POLE, POLE, SUM_6 * sin(phi), sum6, (theta) => 1 + cos(theta)),
  width: (theta) => SCALE_5 * (1 + cos(theta)),
  height: (theta) => 2 * SCALE_5 * theta,
  ofHeight: (y) => POLE * upToOne(y / (2 * SCALE_5 * POLE)),
  latitude: (theta) => Math.asin(sum6(theta) / SUM_6),
};

function ofForm(form: Parallels): ProjectionFactory {
  return (a, _es, parameters) => pseudocylindrical(a, parameters, form);
}

export const eckert1 = ofForm(ECKERT_1);
export const eckert2 = ofForm(ECKERT_2);
export const eckert3 = ofForm(ECKERT_3);
export const eckert4 = ofForm(ECKERT_4);
export const eckert5 = ofForm(ECKERT_5);
export const eckert6 = ofForm(ECKERT_6);
