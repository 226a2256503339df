/**
 * Equidistant Conic, EPSG method 1119. Formulas: Snyder 1987, p. 111: ρ = ρ₀ + M₀ − M,
 * written with differences from the origin, so that nothing cancels for flat cones.
 */

import { rectifyingLatitude, shiftedLatitude } from '../auxiliary-latitudes.ts';
import { givenLatitude, RADIANS } from '../given.ts';
import { longitudeUpToCut, plane } from '../plane.ts';
import type { ProjectionFactory } from '../projection.ts';

export const equidistantConic: ProjectionFactory = (a, es, parameters) => {
  const phi0 = givenLatitude(parameters, 'latitudeOfOrigin', 0) * RADIANS;
  const lat1 = givenLatitude(parameters, 'standardParallel1', 0);
  const lat2 = givenLatitude(parameters, 'standardParallel2', lat1);
  if (Math.abs(lat1 + lat2) < 1e-8) {
    throw new Error(`standardParallel1 and standardParallel2, ${lat1} and ${lat2}, are opposite`);
  }
  const { radius, fromGeographic, toGeographic } = rectifyingLatitude(es);
  const meridian = (phi: number): number => radius * shiftedLatitude(fromGeographic, phi);
  const n = coneConstant(es, lat1 * RADIANS, lat2 * RADIANS, meridian);
  const m0 = meridian(phi0);
  const rho0 = parallel(es, lat1 * RADIANS) / n + meridian(lat1 * RADIANS) - m0;
  const sign = Math.sign(n);
  const cone = plane(
    a,
    parameters,
    {
      forward(lambda, phi, out) {
        const along = meridian(phi) - m0;
        const rho = rho0 - along;
        const sin = Math.sin((n * lambda) / 2);
        out[0] = 2 * rho * sin * Math.cos((n * lambda) / 2);
        out[1] = along + 2 * rho * sin * sin;
      },
      inverse(x, y, out) {
        const up = rho0 - y;
        const rho = sign * Math.sqrt(x * x + up * up);
        const along = (2 * rho0 * y - x * x - y * y) / (rho0 + rho);
        const mu = (m0 + along) / radius;
        if (!(Math.abs(mu) <= Math.PI / 2 + 1e-7)) return;
        out[0] = longitudeUpToCut(rho * Math.atan2(sign * x, sign * up), Math.abs(n * rho));
        out[1] = shiftedLatitude(toGeographic, Math.max(-Math.PI / 2, Math.min(Math.PI / 2, mu)));
      },
    },
    true,
  );
  return { ...cone, coneConstant: n };
};

function parallel(es: number, phi: number): number {
  const sin = Math.sin(phi);
  return Math.cos(phi) / Math.sqrt(1 - es * sin * sin);
}

/**
 * n = (m₁ − m₂) / (M₂ − M₁). As dm/dφ = −sin φ dM/dφ, it is the mean of sin φ along the meridian,
 * which Gauss's rule of three points gives where the parallels are too close for the quotient.
 */
function coneConstant(
  es: number,
  phi1: number,
  phi2: number,
  meridian: (phi: number) => number,
): number {
  const half = (phi2 - phi1) / 2;
  if (Math.abs(half) > 0.02) {
    return (parallel(es, phi1) - parallel(es, phi2)) / (meridian(phi2) - meridian(phi1));
  }
  let weights = 0;
  let sum = 0;
  for (const [node, weight] of GAUSS) {
    const sin = Math.sin((phi1 + phi2) / 2 + node * half);
    const curvature = weight * (1 - es * sin * sin) ** -1.5;
    weights += curvature;
    sum += curvature * sin;
  }
  return sum / weights;
}

const GAUSS = [
  [-Math.sqrt(0.6), 5 / 9],
  [0, 8 / 9],
  [Math.sqrt(0.6), 5 / 9],
] as const;
