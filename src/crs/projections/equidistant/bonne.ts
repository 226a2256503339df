/**
 * Bonne, EPSG method 9827: parallels are concentric arcs, true to scale. Formulas: IOGP
 * Publication 373-7-2, §3.2.7; Snyder 1987, p. 139. With the equator as its parallel it is the
 * sinusoidal map.
 */

import { rectifyingLatitude, shiftedLatitude } from '../auxiliary-latitudes.ts';
import { givenLatitude, RADIANS } from '../given.ts';
import { longitudeUpToCut, plane } from '../plane.ts';
import type { ProjectionFactory } from '../projection.ts';
import { sinusoidal } from '../world/sinusoidal.ts';

export const bonne: ProjectionFactory = (a, es, parameters) => {
  const phi1 = givenLatitude(parameters, 'latitudeOfOrigin', 0) * RADIANS;
  if (phi1 === 0) return sinusoidal(a, es, parameters);
  const { radius, fromGeographic, toGeographic } = rectifyingLatitude(es);
  const meridian = (phi: number): number => radius * shiftedLatitude(fromGeographic, phi);
  /** Radius of a parallel on the ellipsoid. */
  const parallel = (phi: number): number => {
    const sin = Math.sin(phi);
    return Math.max(0, Math.cos(phi)) / Math.sqrt(1 - es * sin * sin);
  };
  const rho1 = parallel(phi1) / Math.sin(phi1);
  const m1 = meridian(phi1);
  const sign = Math.sign(phi1);
  return plane(
    a,
    parameters,
    {
      forward(lambda, phi, out) {
        const m = meridian(phi);
        const rho = rho1 + m1 - m;
        const half = rho === 0 ? 0 : (lambda * parallel(phi)) / rho / 2;
        const sin = Math.sin(half);
        out[0] = 2 * rho * sin * Math.cos(half);
        // ρ₁ − ρ cos E, as what is small by itself.
        out[1] = m - m1 + 2 * rho * sin * sin;
      },
      inverse(x, y, out) {
        const up = rho1 - y;
        const rho = sign * Math.sqrt(x * x + up * up);
        // M₁ − M = ρ − ρ₁, as a quotient: for a parallel near the equator both are large.
        const mu = (m1 + (2 * rho1 * y - x * x - y * y) / (rho + rho1)) / radius;
        if (!(Math.abs(mu) <= Math.PI / 2 + 1e-7)) return;
        const phi = shiftedLatitude(
          toGeographic,
          Math.max(-Math.PI / 2, Math.min(Math.PI / 2, mu)),
        );
        const length = rho * Math.atan2(sign * x, sign * up);
        const scale = parallel(phi);
        out[0] = longitudeUpToCut(length, scale);
        out[1] = phi;
      },
    },
    true,
  );
};
