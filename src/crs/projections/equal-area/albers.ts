/**
 * Albers Equal Area, EPSG method 9822. Formulas: IOGP Publication 373-7-2, §3.4.2; Snyder 1987,
 * p. 101. Written with differences from the origin (ρ₀ − ρ instead of ρ₀ and ρ) and the cone's
 * constant without a quotient of differences, so that nothing cancels for parallels that are
 * nearly equal or nearly opposite.
 */

import { atanhRatio, authalicLatitude, authalicQ, sineSum } from '../auxiliary-latitudes.ts';
import {
  DEGREES,
  falseOrigin,
  givenLatitude,
  givenLongitude,
  RADIANS,
  withinHalfTurn,
} from '../given.ts';
import { longitudeUpToCut, upToOne } from '../plane.ts';
import type { ProjectionFactory } from '../projection.ts';

export const albers: ProjectionFactory = (a, es, parameters) => {
  const [x0, y0] = falseOrigin(parameters);
  const lon0 = givenLongitude(parameters, 'longitudeOfOrigin');
  const lat0 = givenLatitude(parameters, 'latitudeOfOrigin', 0);
  const lat1 = givenLatitude(parameters, 'standardParallel1', 0);
  const lat2 = givenLatitude(parameters, 'standardParallel2', lat1);
  const s1 = Math.sin(lat1 * RADIANS);
  const s2 = Math.sin(lat2 * RADIANS);
  if (Math.abs(lat1 + lat2) < 1e-8) {
    throw new Error(`standardParallel1 and standardParallel2, ${lat1} and ${lat2}, are opposite`);
  }
  const w1 = 1 - es * s1 * s1;
  const w2 = 1 - es * s2 * s2;
  const w12 = 1 - es * s1 * s2;
  // n = (m₁² − m₂²) / (q₂ − q₁) with the factor s₂ − s₁ divided out of both.
  const between = (s2 - s1) / w12;
  const n = (s1 + s2) / (1 + es * s1 * s2 + ((w1 * w2) / w12) * atanhRatio(es * between * between));
  const q1 = authalicQ(es, s1);
  const q0 = authalicQ(es, Math.sin(lat0 * RADIANS));
  const qPole = authalicQ(es, 1);
  const sign = Math.sign(n);
  // n² ρ² = C − n q
  const c = (1 - s1 * s1) / w1 + n * q1;
  const nRho0 = Math.sqrt(Math.max(0, c - n * q0));
  const rho0 = nRho0 / n;
  const scale = 1 / a;
  const { toGeographic } = authalicLatitude(es);

  return {
    continuous: true,
    coneConstant: n,
    forward(xy, start, end) {
      for (let i = start * 2; i < end * 2; i += 2) {
        const lon = xy[i]! - lon0;
        const lat = xy[i + 1]!;
        // The negation catches NaN too.
        if (!(Math.abs(lat) <= 90 && Math.abs(lon) < 1e9)) {
          xy[i] = Number.NaN;
          xy[i + 1] = Number.NaN;
          continue;
        }
        const half = withinHalfTurn(lon) * ((RADIANS / 2) * n);
        const sin = Math.sin(half);
        const q = authalicQ(es, Math.sin(lat * RADIANS));
        const nRho = Math.sqrt(Math.max(0, c - n * q));
        const rho = nRho / n;
        xy[i] = x0 + a * 2 * rho * sin * Math.cos(half);
        xy[i + 1] = y0 + a * ((q - q0) / (nRho0 + nRho || 1) + 2 * rho * sin * sin);
      }
    },
    inverse(xy, start, end) {
      for (let i = start * 2; i < end * 2; i += 2) {
        const x = (xy[i]! - x0) * scale;
        const y = (xy[i + 1]! - y0) * scale;
        const sinBeta = upToOne((q0 + 2 * nRho0 * y - n * (x * x + y * y)) / qPole);
        const up = rho0 - y;
        const rho = Math.sqrt(x * x + up * up);
        const lambda = longitudeUpToCut(
          rho * sign * Math.atan2(sign * x, sign * up),
          rho * Math.abs(n),
        );
        const cosBeta = Math.sqrt((1 - sinBeta) * (1 + sinBeta));
        const beta = Math.atan2(sinBeta, cosBeta);
        const sin2 = 2 * sinBeta * cosBeta;
        const phi = beta + sineSum(toGeographic, sin2, 1 - 2 * sinBeta * sinBeta);
        const isPoint = !(Number.isNaN(lambda) || Number.isNaN(phi));
        xy[i] = isPoint ? lon0 + lambda * DEGREES : Number.NaN;
        xy[i + 1] = isPoint ? phi * DEGREES : Number.NaN;
      }
    },
  };
};
