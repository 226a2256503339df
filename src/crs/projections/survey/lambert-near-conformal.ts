/**
 * Lambert Conic Near-Conformal, EPSG method 9817, of the Levant: the cone's radii are a cubic of
 * the distance along the meridian. Formulas: IOGP Publication 373-7-2, §3.1.1.
 */

import { givenLatitude, givenScale, RADIANS } from '../given.ts';
import { meridian } from '../meridian.ts';
import { type PointFormulas, plane } from '../plane.ts';
import type { ProjectionFactory } from '../projection.ts';

export const lambertNearConformal: ProjectionFactory = (a, es, parameters) => {
  const phi0 = givenLatitude(parameters, 'latitudeOfOrigin') * RADIANS;
  const n = Math.sin(phi0);
  if (!(Math.abs(n) > 1e-8 && Math.abs(n) < 1)) throw new Error('latitudeOfOrigin makes no cone');
  const { distance, latitude } = meridian(es);
  const m0 = distance(phi0);
  const w = 1 - es * n * n;
  const r0 = 1 / Math.sqrt(w) / Math.tan(phi0);
  // 1 / (6 ρ₀ ν₀), in units of a
  const cubic = (w * w) / (6 * (1 - es));
  const formulas: PointFormulas = {
    forward(lambda, phi, out) {
      const m = distance(phi) - m0;
      const r = r0 - m * (1 + cubic * m * m);
      const theta = n * lambda;
      const half = Math.sin(theta / 2);
      out[0] = r / r0 > 0 ? r * Math.sin(theta) : Number.NaN;
      out[1] = r0 - r + 2 * r * half * half;
    },
    inverse(x, y, out) {
      const down = r0 - y;
      const sign = Math.sign(n);
      const length = r0 - sign * Math.hypot(x, down);
      let m = length / (1 + cubic * length * length);
      for (let step = 0; step < 50; step++) {
        const change = (length - m * (1 + cubic * m * m)) / (1 + 3 * cubic * m * m);
        m += change;
        if (Math.abs(change) < 1e-16) break;
      }
      out[0] = Math.atan2(sign * x, sign * down) / n;
      out[1] = latitude(m0 + m);
    },
  };
  return plane(a * givenScale(parameters), parameters, formulas, true);
};
