/**
 * Van der Grinten I: the world in a circle; on the sphere of the ellipsoid's area. Formulas:
 * Snyder 1987, p. 241, with differences that lose digits near the equator and the central meridian
 * turned into quotients of sums.
 */

import { authalicRadius } from '../equal-area/lambert-azimuthal.ts';
import { longitudeUpToCut, plane } from '../plane.ts';
import type { ProjectionFactory } from '../projection.ts';

const { PI, sqrt, abs, acos, cos } = Math;

function forward(lambda: number, phi: number, out: Float64Array): void {
  const sine = Math.min(1, abs((2 * phi) / PI));
  const south = phi < 0 ? -1 : 1;
  const rest = 1 - sine;
  const cosine = sqrt(rest * (1 + sine));
  if (sine < 1e-12) {
    out[0] = lambda;
    out[1] = phi;
    return;
  }
  const l = abs(lambda);
  if (l < 1e-12 || rest === 0) {
    out[0] = 0;
    out[1] = (south * PI * sine) / (1 + cosine);
    return;
  }
  const a = ((PI - l) * (PI + l)) / (2 * PI * l);
  const a2 = a * a;
  const root = sqrt(1 + sine);
  const g = (root * (1 + cosine)) / (sine * (root + sqrt(rest)));
  const p = g * (2 / sine - 1);
  // P² − G²
  const difference = (4 * g * g * rest) / (sine * sine);
  const b = difference + g * (g - 1);
  out[0] =
    (Math.sign(lambda) * PI * difference) / (a * b + sqrt(a2 * b * b + (a2 + p * p) * difference));
  out[1] =
    (south * PI * (a2 * (2 * g - 1) + g * g)) /
    (p * (a2 + g) + a * sqrt(a2 * (difference + (g - 1) ** 2) + difference));
}

function inverse(xRadii: number, yRadii: number, out: Float64Array): void {
  const x = xRadii / PI;
  const y = abs(yRadii / PI);
  const square = x * x + y * y;
  if (!(square <= 1 + 1e-7)) return;
  if (y < 1e-12) {
    out[0] = longitudeUpToCut(xRadii, 1);
    out[1] = 0;
    return;
  }
  const c1 = -y * (1 + square);
  const c2 = c1 - 2 * y * y + x * x;
  const c3 = -2 * c1 + 1 + 2 * y * y + square * square;
  const d = (y * y) / c3 + ((2 * c2 * c2 * c2) / (c3 * c3 * c3) - (9 * c1 * c2) / (c3 * c3)) / 27;
  const a1 = (c1 - (c2 * c2) / (3 * c3)) / c3;
  const m1 = 2 * sqrt(-a1 / 3);
  const theta = acos(Math.max(-1, Math.min(1, (3 * d) / (a1 * m1)))) / 3;
  // |φ| / π, of the cubic equation c₃ t³ + c₂ t² + c₁ t + y² = 0; then what its closed form has lost.
  let t = -m1 * cos(theta + PI / 3) - c2 / (3 * c3);
  for (let step = 0; step < 2; step++) {
    const slope = (3 * c3 * t + 2 * c2) * t + c1;
    if (slope !== 0) t -= (((c3 * t + c2) * t + c1) * t + y * y) / slope;
  }
  out[1] = (yRadii < 0 ? -PI : PI) * Math.min(t, 0.5);
  const root = sqrt(Math.max(0, 1 + 2 * (x * x - y * y) + square * square));
  // (square − 1 + root) / (2 x), without its cancellation inside the circle.
  const scale = (1 - square + root) / 2;
  out[0] = longitudeUpToCut(xRadii, scale);
}

export const vanDerGrinten: ProjectionFactory = (a, es, parameters) =>
  plane(a * authalicRadius(es), parameters, { forward, inverse }, true);
