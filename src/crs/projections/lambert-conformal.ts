/**
 * Lambert Conic Conformal: EPSG methods 9801 (1SP), 1102 (1SP variant B), 9802 (2SP), 9803 (2SP
 * Belgium) and 1051 (2SP Michigan). Formulas: IOGP Publication 373-7-2, §3.1.1, with radii
 * relative to that of a reference parallel, so that n may be as small as it likes:
 *
 *   ρ / ρ₁ = exp(−n (ψ − ψ₁)),  θ = n (λ − λ₀),  x = ρ sin θ,  y = ρ₁ − ρ cos θ
 */

import type { Parameters } from '../definition.ts';
import { angleFrom, arctangents, fillArctangent, tangentOf } from './angle.ts';
import { isometricLatitude, isStrong, throughConformalSphere } from './conformal.ts';
import { type Cubics, cubicAt, emptyCubics, fillAt } from './cubics.ts';
import { falseOrigin, given, givenLatitude, givenLongitude, givenScale } from './given.ts';
import type { Projection, ProjectionFactory } from './projection.ts';
import {
  geographicFromConformal,
  type IsometricPolynomial,
  isometricPolynomial,
  type SinePolynomial,
  thirdFlattening,
} from './series.ts';

// Of the file's own: the compiler knows their values, as it doesn't those of imports.
const RADIANS = Math.PI / 180;
const DEGREES = 180 / Math.PI;
const INTERVALS = 8192;
/** With less, and on planets that are flat, rounding leaves too little of the 1e-12 degrees. */
const MIN_CONE = 0.3;
/** Of a cubic, in radians. */
const MAX_REMAINDER = 2e-15;

interface LambertConformal {
  /** Degrees. */
  lon0: number;
  x0: number;
  /** Northing of the reference parallel on the central meridian. */
  y1: number;
  /** Constant of the cone, not 0. */
  n: number;
  /** Radius of the reference parallel; its sign is that of n. */
  rho1: number;
  /** Isometric latitude of the reference parallel. */
  psi1: number;
  /** Added to θ, in radians; 0 but in Belgium. */
  twist: number;
  isometric: IsometricPolynomial;
  latitude: SinePolynomial;
  /** The latitude (degrees) of ρ / 2ρ₁; once needed. */
  cubics: Cubics | null;
}

/** Of the parallels of Belgium's Lambert 72: 29.2985″. */
const BELGIAN_TWIST = -(29.2985 / 3600) * RADIANS;

function forward(projection: LambertConformal, xy: Float64Array, start: number, end: number): void {
  const { lon0, x0, y1, n, rho1, psi1, twist } = projection;
  const [h0, h1, h2, h3, h4, h5, h6] = projection.isometric;
  const halfTwist = twist / 2;
  for (let i = start * 2; i < end * 2; i += 2) {
    let lon = xy[i]! - lon0;
    const lat = xy[i + 1]!;
    const north = Math.min(90, Math.abs(lat));
    // The negation catches NaN too.
    if (!(Math.abs(lat) <= 90 + 1e-9 && Math.abs(lon) < 1e9)) {
      xy[i] = Number.NaN;
      xy[i + 1] = Number.NaN;
      continue;
    }
    if (lon > 180 || lon < -180) lon -= 360 * Math.round(lon / 360);
    // From the pole: 90 − φ is exact there, and the pole itself is at infinity.
    const t = Math.tan((90 - north) * (RADIANS / 2));
    const s = (1 - t * t) / (1 + t * t);
    const ss = s * s;
    let psi =
      -Math.log(t) -
      2 * s * (h0 + ss * (h1 + ss * (h2 + ss * (h3 + ss * (h4 + ss * (h5 + ss * h6))))));
    if (lat < 0) psi = -psi;
    // ρ / ρ₁ − 1, and 1 − cos θ: differences that are small in the middle of the map
    const u = Math.expm1(-n * (psi - psi1));
    const half = Math.tan(n * lon * (RADIANS / 2) + halfTwist);
    const r = 2 / (1 + half * half);
    const versine = half * half * r;
    const x = x0 + rho1 * (1 + u) * half * r;
    const y = y1 + rho1 * (versine - u * (1 - versine));
    const valid = Number.isFinite(x) && Number.isFinite(y);
    xy[i] = valid ? x : Number.NaN;
    xy[i + 1] = valid ? y : Number.NaN;
  }
}

/**
 * Within 1e-12 degrees of `inverseByFormulas`, several times as fast. Cubics do what is less than 2ρ₁ from
 * the apex, but where their remainder is too large, and not the axes and diagonals through the apex.
 */
function inverse(projection: LambertConformal, xy: Float64Array, start: number, end: number): void {
  const { lon0, x0, y1 } = projection;
  projection.cubics ??= emptyCubics(INTERVALS);
  const latitudes = projection.cubics;
  const angles = arctangents();
  const scale = 1 / projection.rho1;
  const perCone = 1 / projection.n;
  const twist = projection.twist * DEGREES;
  for (let v = start; v < end; v++) {
    const i = v << 1;
    const x = (xy[i]! - x0) * scale;
    const up = 1 - (xy[i | 1]! - y1) * scale;
    const tan = tangentOf(x, up);
    const rho = Math.sqrt(x * x + up * up) * (INTERVALS / 2);
    // The negation catches NaN and Infinity too.
    if (!(rho < INTERVALS && tan > 0 && tan < 2048)) {
      inverseByFormulas(projection, xy, v, v + 1);
      continue;
    }
    const lon = lon0 + (angleFrom(cubicAt(angles, tan), x, up) - twist) * perCone;
    const lat = cubicAt(latitudes, rho);
    if (Number.isNaN(lat + lon)) {
      if (remainder(projection, rho) < MAX_REMAINDER) {
        fillArctangent(tan);
        fillAt(latitudes, rho, latitudeOf(projection));
        inverse(projection, xy, v, v + 1);
      } else {
        inverseByFormulas(projection, xy, v, v + 1);
      }
      continue;
    }
    xy[i] = lon;
    xy[i | 1] = lat;
  }
}

/** The latitude in degrees of ρ / 2ρ₁. */
function latitudeOf(projection: LambertConformal): (half: number) => number {
  const plain: LambertConformal = { ...projection, lon0: 0, x0: 0, y1: 0, rho1: 1 };
  const point = new Float64Array(2);
  return (half) => {
    point[0] = 0;
    point[1] = 1 - 2 * half;
    inverseByFormulas(plain, point, 0, 1);
    return point[1]!;
  };
}

/**
 * Bound of the remainder of the latitude's cubic, in radians: with φ = Φ(ψ) and dψ = −dρ / (n ρ)
 *
 *   ρ⁴ φ⁗ = Φ⁗ / n⁴ + 6 Φ‴ / n³ + 11 Φ″ / n² + 6 Φ′ / n
 *
 * where Φ is gd ψ, whose derivatives are taken in the middle, and a series in sin 2χ, taken at its worst.
 * @param q - where the cubics are asked
 */
function remainder({ n, psi1, latitude }: LambertConformal, q: number): number {
  const k = Math.floor(q);
  const psi = psi1 - Math.log((k + 0.5) / (INTERVALS / 2)) / n;
  const c = 1 / Math.cosh(psi);
  const s = Math.tanh(psi);
  const gd =
    c *
    ((s * (6 * c * c - 1)) / n ** 4 + (6 * (1 - 2 * c * c)) / n ** 3 - (11 * s) / n ** 2 + 6 / n);
  const m = Math.abs(n);
  // What gd's part may change by to the ends of the interval, where ψ changes by at most 1 / (2 k |n|).
  const change = (6 / m ** 4 + 15 / m ** 3 + 11 / m ** 2 + 3 / m) / (2 * k * m);
  // In |Im ψ| ≤ 1: |sin 2χ| < 5.8 and |cos 2χ| < 7.9; then by Cauchy.
  let worst = 0;
  for (const p of latitude.toReversed()) worst = worst * 7.9 + Math.abs(p);
  const series = 5.8 * worst * (24 / m ** 4 + 36 / m ** 3 + 22 / m ** 2 + 6 / m);
  return (Math.abs(gd) + change + series) / 24 / 8 / (2 * k) ** 4;
}

/** As `inverse`, for all points. */
function inverseByFormulas(
  projection: LambertConformal,
  xy: Float64Array,
  start: number,
  end: number,
): void {
  const { lon0, x0, y1, n, psi1, twist } = projection;
  const [p0, p1, p2, p3, p4, p5] = projection.latitude;
  const scale = 1 / projection.rho1;
  const perCone = 1 / n;
  for (let i = start * 2; i < end * 2; i += 2) {
    const x = (xy[i]! - x0) * scale;
    const y = (xy[i + 1]! - y1) * scale;
    const up = 1 - y;
    // (ρ / ρ₁)² − 1, whose logarithm is exact near the reference parallel
    const q = x * x + y * (y - 2);
    if (!Number.isFinite(q)) {
      xy[i] = Number.NaN;
      xy[i + 1] = Number.NaN;
      continue;
    }
    const log = Math.abs(q) < 0.5 ? Math.log1p(q) : Math.log(x * x + up * up);
    const psi = psi1 - 0.5 * log * perCone;
    const m = -Math.expm1(-Math.abs(psi));
    const tan = m / (2 - m);
    const r = 1 / (1 + tan * tan);
    const sin = 2 * tan * r;
    const cos = (1 - tan * tan) * r;
    const c = 2 * cos * cos - 1;
    const series = p0 + c * (p1 + c * (p2 + c * (p3 + c * (p4 + c * p5))));
    const lat = (2 * Math.atan(tan) + 2 * sin * cos * series) * DEGREES;
    xy[i] = lon0 + (Math.atan2(x, up) - twist) * perCone * DEGREES;
    xy[i + 1] = psi < 0 ? -lat : lat;
  }
}

export const lambertConformal1sp: ProjectionFactory = (a, es, parameters) => {
  const lat0 = givenLatitude(parameters, 'latitudeOfOrigin', 0);
  return cone(a * givenScale(parameters), es, parameters, lat0, lat0, lat0, 0);
};

export const lambertConformal1spB: ProjectionFactory = (a, es, parameters) => {
  const natural = givenLatitude(parameters, 'latitudeOfNaturalOrigin');
  const lat0 = givenLatitude(parameters, 'latitudeOfOrigin', 0);
  return cone(a * givenScale(parameters), es, parameters, natural, natural, lat0, 0);
};

export const lambertConformal2sp: ProjectionFactory = (a, es, parameters) => {
  // Not EPSG's, but ESRI and PROJ write a scale with two parallels, and mean it.
  return twoParallels(a * givenScale(parameters), es, parameters, 0);
};

export const lambertConformal2spBelgium: ProjectionFactory = (a, es, parameters) =>
  twoParallels(a * givenScale(parameters), es, parameters, BELGIAN_TWIST);

export const lambertConformal2spMichigan: ProjectionFactory = (a, es, parameters) =>
  twoParallels(a * given(parameters, 'ellipsoidScale'), es, parameters, 0);

function twoParallels(a: number, es: number, parameters: Parameters, twist: number): Projection {
  const lat1 = givenLatitude(parameters, 'standardParallel1');
  const lat2 = givenLatitude(parameters, 'standardParallel2', lat1);
  const lat0 = givenLatitude(parameters, 'latitudeOfOrigin', 0);
  return cone(a, es, parameters, lat1, lat2, lat0, twist);
}

/**
 * @param a - semi-major axis times the scale on the standard parallels
 * @param lat1 - standard parallels, in degrees
 * @param lat0 - latitude of the false origin, in degrees
 */
function cone(
  a: number,
  es: number,
  parameters: Parameters,
  lat1: number,
  lat2: number,
  lat0: number,
  twist: number,
): Projection {
  const e = Math.sqrt(es);
  const n = coneConstant(es, lat1 * RADIANS, lat2 * RADIANS);
  // Below that, eastings come of the difference of angles that doubles hardly tell apart.
  if (!(Math.abs(n) > 1e-8)) throw new Error(`standard parallels ${lat1} and ${lat2} make no cone`);
  const sin = Math.sin(lat1 * RADIANS);
  const psi1 = isometricLatitude(lat1 * RADIANS, e);
  const rho1 = (a * Math.cos(lat1 * RADIANS)) / Math.sqrt(1 - es * sin * sin) / n;
  // At a pole the false origin is the apex, at the other one nowhere.
  const psi0 =
    Math.abs(lat0) === 90
      ? Math.sign(lat0) * Number.POSITIVE_INFINITY
      : isometricLatitude(lat0 * RADIANS, e);
  const fromReference = rho1 * Math.expm1(-n * (psi0 - psi1));
  if (!Number.isFinite(fromReference)) {
    throw new Error(`latitudeOfOrigin ${lat0} is at infinity`);
  }
  const [x0, y0] = falseOrigin(parameters);
  const strong = isStrong(es);
  const projection: LambertConformal = {
    lon0: givenLongitude(parameters, 'longitudeOfOrigin'),
    x0,
    y1: y0 + fromReference,
    n,
    rho1,
    psi1,
    twist,
    isometric: isometricPolynomial(strong ? 0 : es),
    latitude: geographicFromConformal(strong ? 0 : thirdFlattening(es)),
    cubics: null,
  };
  const loops: Projection = {
    forward: forward.bind(null, projection),
    ...(strong || Math.abs(n) < MIN_CONE
      ? { inverse: inverseByFormulas.bind(null, projection) }
      : {
          inverse: inverse.bind(null, projection),
          inverseByFormulas: inverseByFormulas.bind(null, projection),
        }),
    continuous: true,
    coneConstant: n,
  };
  return strong ? throughConformalSphere(loops, es) : loops;
}

/**
 * n = (ln m₁ − ln m₂) / (ψ₂ − ψ₁) with m = cos φ / √(1 − e² sin² φ), through differences of sines
 * so that it loses nothing when the parallels are close to each other. Radians.
 */
function coneConstant(es: number, phi1: number, phi2: number): number {
  const s1 = Math.sin(phi1);
  const s2 = Math.sin(phi2);
  if (phi1 === phi2) return Math.abs(s1) < 1 ? s1 : Number.NaN;
  const e = Math.sqrt(es);
  const difference = 2 * Math.cos((phi1 + phi2) / 2) * Math.sin((phi2 - phi1) / 2);
  const squares = difference * (s1 + s2);
  const logs =
    Math.log1p(squares / (1 - s2 * s2)) - Math.log1p((es * squares) / (1 - es * s2 * s2));
  const isometric =
    Math.atanh(difference / (1 - s1 * s2)) - e * Math.atanh((e * difference) / (1 - es * s1 * s2));
  return logs / 2 / isometric;
}
