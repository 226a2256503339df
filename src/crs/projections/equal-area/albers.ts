/**
 * Albers Equal Area, EPSG method 9822. Formulas: IOGP Publication 373-7-2, §3.4.2; Snyder 1987,
 * p. 101. Written with differences from the origin (ρ₀ − ρ instead of ρ₀ and ρ) and the cone's
 * constant without a quotient of differences, so that nothing cancels for parallels that are
 * nearly equal or nearly opposite.
 */

import { angleFrom, arctangents, fillArctangent, tangentOf } from '../angle.ts';
import {
  atanhRatio,
  authalicLatitude,
  authalicQ,
  type SineSeries,
  sineSum,
} from '../auxiliary-latitudes.ts';
import { type Cubics, cubicAt, emptyCubics, fillAt } from '../cubics.ts';
import {
  DEGREES,
  falseOrigin,
  givenLatitude,
  givenLongitude,
  RADIANS,
  withinHalfTurn,
} from '../given.ts';
import { longitudeUpToCut, upToOne } from '../plane.ts';
import type { Loop, ProjectionFactory } from '../projection.ts';

const INTERVALS = 4096;
/** With less, rounding leaves too little of the 1e-12 degrees. */
const MIN_CONE = 0.3;

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

  const inverseByFormulas: Loop = (xy, start, end) => {
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
  };

  // The latitude of sin ((90° − β) / 2), where β is from the pole of the apex.
  let cubics: Cubics | null = null;
  const inverse: Loop = (xy, start, end) => {
    cubics ??= emptyCubics(INTERVALS);
    const latitudes = cubics;
    const angles = arctangents();
    const perCone = 1 / n;
    for (let v = start; v < end; v++) {
      const i = v << 1;
      const x = (xy[i]! - x0) * scale;
      const y = (xy[i | 1]! - y0) * scale;
      const east = sign * x;
      const north = sign * (rho0 - y);
      const sinBeta = (q0 + 2 * nRho0 * y - n * (x * x + y * y)) / qPole;
      const tan = tangentOf(east, north);
      const half = Math.sqrt((1 - sign * sinBeta) / 2) * INTERVALS;
      // The negation catches NaN and Infinity too.
      if (!(half >= 1 && half < 0.75 * INTERVALS && tan > 0 && tan < 2048)) {
        inverseByFormulas(xy, v, v + 1);
        continue;
      }
      const lon = angleFrom(cubicAt(angles, tan), east, north) * perCone;
      const lat = cubicAt(latitudes, half);
      if (Number.isNaN(lon + lat)) {
        fillArctangent(tan);
        fillAt(latitudes, half, (sin) => fromHalfSine(toGeographic, sin));
        inverse(xy, v, v + 1);
      } else if (Math.abs(lon) > 180 - 1e-9) {
        inverseByFormulas(xy, v, v + 1);
      } else {
        xy[i] = lon0 + lon;
        xy[i | 1] = sign * lat;
      }
    }
  };
  const byIntervals = Math.abs(n) >= MIN_CONE && isSmooth(toGeographic);

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
    ...(byIntervals ? { inverse, inverseByFormulas } : { inverse: inverseByFormulas }),
  };
};

/** The geographic latitude in degrees of sin ((90° − β) / 2), 0 … 1. */
function fromHalfSine(toGeographic: SineSeries, sin: number): number {
  const polar = 2 * Math.asin(sin);
  const series = sineSum(toGeographic, Math.sin(2 * polar), -Math.cos(2 * polar));
  return 90 - (polar - series) * DEGREES;
}

/**
 * Whether the remainder of the series' cubics is below 1e-15 radians: up to sines of 0.75 and in disks
 * of radius ¼ around them, |sin 2β| and |cos 2β| are below 17; then by Cauchy.
 */
function isSmooth(toGeographic: SineSeries): boolean {
  let worst = 0;
  for (const p of toGeographic.toReversed()) worst = worst * 17 + Math.abs(p);
  return (17 * worst * 4 ** 4) / 8 / (2 * INTERVALS) ** 4 < 1e-15;
}
