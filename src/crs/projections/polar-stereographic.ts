/**
 * Polar stereographic projection, EPSG methods 9810 (variant A, scale at the pole), 9829
 * (variant B, standard parallel) and 9830 (variant C: variant B with the false origin on the
 * standard parallel); UPS is variant A. Formulas: IOGP Publication 373-7-2, §3.2.2,
 * with the latitude from the closed series of the conformal latitude instead of an iteration.
 */

import type { Parameters } from '../definition.ts';
import { angleFrom, arctangents, fillArctangent, tangentOf } from './angle.ts';
import { isStrong, throughConformalSphere } from './conformal.ts';
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
import { fillSines, sinesAndCosines } from './sines.ts';

// Of the file's own: the compiler knows their values, as it doesn't those of imports.
const RADIANS = Math.PI / 180;
const DEGREES = 180 / Math.PI;
const INTERVALS = 2048;
/** Of the forward loop: up to the equator, from the pole. */
const PER_DEGREE = 45;
const SINES_PER_DEGREE = 2048 * RADIANS;

interface PolarStereographic {
  /** 1 for the north pole, −1 for the south pole. */
  pole: number;
  /** Degrees. */
  lon0: number;
  /** The CRS's own units. */
  x0: number;
  y0: number;
  /** ρ = radius · t, in the CRS's own units, with t = tan(π/4 − χ/2). */
  radius: number;
  isometric: IsometricPolynomial;
  latitude: SinePolynomial;
  /** The latitude (degrees) of t, 0 ≤ t < 1, that is from the pole to the equator; once needed. */
  cubics: Cubics | null;
  /** ρ / radius of the degrees from the pole; once needed. */
  radii: Cubics | null;
}

/**
 * @param a - semi-major axis in the CRS's own units, like x0 and y0
 * @param latTs - radians, standard parallel of variant B; null for variant A with scale k0
 * @param lon0 - degrees
 */
function polarStereographic(
  a: number,
  es: number,
  pole: number,
  lon0: number,
  latTs: number | null,
  k0: number,
  x0: number,
  y0: number,
): PolarStereographic {
  const e = Math.sqrt(es);
  // IOGP 373-7-2: ρ = 2 a k₀ t / √((1 + e)^(1 + e) (1 − e)^(1 − e))
  let radius = (2 * a * k0) / Math.sqrt((1 + e) ** (1 + e) * (1 - e) ** (1 - e));
  const phi = latTs === null ? Math.PI / 2 : Math.abs(latTs);
  if (Math.PI / 2 - phi > 1e-10) {
    // Variant B: the scale is 1 on the parallel, ρ = a m(φ) there.
    const sin = Math.sin(phi);
    const m = Math.cos(phi) / Math.sqrt(1 - es * sin * sin);
    const t = Math.tan(Math.PI / 4 - phi / 2) * Math.exp(e * Math.atanh(e * sin));
    radius = (a * m) / t;
  }
  return {
    pole,
    lon0,
    x0,
    y0,
    radius,
    isometric: isometricPolynomial(es),
    latitude: geographicFromConformal(thirdFlattening(es)),
    cubics: null,
    radii: null,
  };
}

/**
 * Longitude, latitude in degrees → x, y, in place for vertices start ≤ v < end: within 1e-12 degrees of
 * `forwardByFormulas`. Cubics don't do the other hemisphere; nor what is next to the pole, and meridians
 * along an axis.
 */
function forwardPolarStereographic(
  projection: PolarStereographic,
  xy: Float64Array,
  start: number,
  end: number,
): void {
  const { pole, lon0, x0, y0, radius } = projection;
  projection.radii ??= emptyCubics(90 * PER_DEGREE);
  const { radii } = projection;
  const { sines, cosines } = sinesAndCosines();
  for (let v = start; v < end; v++) {
    const i = v << 1;
    let lon = xy[i]! - lon0;
    if (lon > 180) lon -= 360;
    else if (lon < -180) lon += 360;
    const polar = (90 - pole * xy[i | 1]!) * PER_DEGREE;
    const turn = Math.abs(lon);
    const q = (turn > 90 ? 180 - turn : turn) * SINES_PER_DEGREE;
    // The negation catches NaN too.
    if (!(polar >= 1 && polar < 90 * PER_DEGREE && q > 0 && turn !== 90)) {
      forwardByFormulas(projection, xy, v, v + 1);
      continue;
    }
    const rho = radius * cubicAt(radii, polar);
    const east = rho * cubicAt(sines, q);
    const north = rho * cubicAt(cosines, q);
    if (Number.isNaN(east + north)) {
      fillSines(q);
      fillAt(radii, polar, radiusOf(projection));
      forwardPolarStereographic(projection, xy, v, v + 1);
      continue;
    }
    xy[i] = lon < 0 ? x0 - east : x0 + east;
    xy[i | 1] = turn > 90 === pole > 0 ? y0 + north : y0 - north;
  }
}

/** ρ / radius of a quarter turn's share of the way from the pole. */
function radiusOf(projection: PolarStereographic): (share: number) => number {
  const plain: PolarStereographic = { ...projection, pole: 1, lon0: 0, x0: 0, y0: 0, radius: 1 };
  const point = new Float64Array(2);
  return (share) => {
    point[0] = 0;
    point[1] = 90 - 90 * share;
    forwardByFormulas(plain, point, 0, 1);
    return -point[1]!;
  };
}

/** As `forwardPolarStereographic`, for all points. */
function forwardByFormulas(
  projection: PolarStereographic,
  xy: Float64Array,
  start: number,
  end: number,
): void {
  const { pole, lon0, x0, y0, radius } = projection;
  const [h0, h1, h2, h3, h4, h5, h6] = projection.isometric;
  for (let i = start * 2; i < end * 2; i += 2) {
    const lon = (xy[i]! - lon0) * RADIANS;
    // From the pole, so that nothing cancels where the projection is used most.
    const polar = 90 - pole * xy[i + 1]!;
    // The negation catches NaN too; the far pole lies at infinity.
    if (!(polar >= -1e-9 && polar < 180 - 1e-8)) {
      xy[i] = Number.NaN;
      xy[i + 1] = Number.NaN;
      continue;
    }
    const tan = Math.tan(polar * (RADIANS / 2));
    const tan2 = tan * tan;
    const s = (1 - tan2) / (1 + tan2);
    const ss = s * s;
    // exp(2 w) with w = e artanh(e s) / 2, as ((1 + tanh w) / (1 − tanh w))
    const w = s * (h0 + ss * (h1 + ss * (h2 + ss * (h3 + ss * (h4 + ss * (h5 + ss * h6))))));
    const ww = w * w;
    const tanh = w * (1 - ww * (1 / 3 - ww * (2 / 15 - ww * (17 / 315))));
    const rho = (radius * tan * (1 + tanh)) / (1 - tanh);
    xy[i] = x0 + rho * Math.sin(lon);
    xy[i + 1] = y0 - pole * rho * Math.cos(lon);
    if (!Number.isFinite(xy[i]!)) {
      xy[i] = Number.NaN;
      xy[i + 1] = Number.NaN;
    }
  }
}

/**
 * x, y → longitude, latitude in degrees, in place for vertices start ≤ v < end: within 3e-13 degrees
 * of `inverseByFormulas`, twice as fast. Cubics don't do the other hemisphere; nor the first interval
 * around the pole, the axes and the diagonals, where the formulas give round numbers.
 */
function inversePolarStereographic(
  projection: PolarStereographic,
  xy: Float64Array,
  start: number,
  end: number,
): void {
  const { pole, lon0, x0, y0 } = projection;
  projection.cubics ??= emptyCubics(INTERVALS);
  const latitudes = projection.cubics;
  const angles = arctangents();
  const scale = 1 / projection.radius;
  for (let v = start; v < end; v++) {
    const i = v << 1;
    const x = (xy[i]! - x0) * scale;
    const y = -pole * (xy[i | 1]! - y0) * scale;
    const tan = tangentOf(x, y);
    const t = Math.sqrt(x * x + y * y) * INTERVALS;
    // The negation catches NaN and Infinity too.
    if (!(t >= 1 && t < INTERVALS && tan > 0 && tan < INTERVALS)) {
      inverseByFormulas(projection, xy, v, v + 1);
      continue;
    }
    let lon = lon0 + angleFrom(cubicAt(angles, tan), x, y);
    if (lon > 180) lon -= 360;
    else if (lon < -180) lon += 360;
    const lat = cubicAt(latitudes, t);
    if (Number.isNaN(lat + lon)) {
      fillArctangent(tan);
      fillAt(latitudes, t, latitudeOf(projection));
      inversePolarStereographic(projection, xy, v, v + 1);
      continue;
    }
    xy[i] = lon;
    xy[i | 1] = pole * lat;
  }
}

/** The latitude in degrees, from the pole of the projection, of t. */
function latitudeOf(projection: PolarStereographic): (t: number) => number {
  const plain: PolarStereographic = { ...projection, pole: 1, lon0: 0, x0: 0, y0: 0, radius: 1 };
  const point = new Float64Array(2);
  return (t) => {
    point[0] = t;
    point[1] = 0;
    inverseByFormulas(plain, point, 0, 1);
    return point[1]!;
  };
}

/** As `inversePolarStereographic`, for all points. */
function inverseByFormulas(
  projection: PolarStereographic,
  xy: Float64Array,
  start: number,
  end: number,
): void {
  const { pole, lon0, x0, y0 } = projection;
  const scale = 1 / projection.radius;
  const c0 = projection.latitude[0] * 2 * DEGREES;
  const c1 = projection.latitude[1] * 2 * DEGREES;
  const c2 = projection.latitude[2] * 2 * DEGREES;
  const c3 = projection.latitude[3] * 2 * DEGREES;
  const c4 = projection.latitude[4] * 2 * DEGREES;
  const c5 = projection.latitude[5] * 2 * DEGREES;
  for (let i = start * 2; i < end * 2; i += 2) {
    const x = (xy[i]! - x0) * scale;
    const y = (xy[i + 1]! - y0) * scale;
    const tt = x * x + y * y;
    // χ = π/2 − 2 arctan t, so sin χ and cos χ are rational in t.
    const t = Math.sqrt(tt);
    const r = 1 / (1 + tt);
    const cos = 2 * t * r;
    const sin = (1 - tt) * r;
    const cos2 = 2 * cos * cos - 1;
    const series = c0 + cos2 * (c1 + cos2 * (c2 + cos2 * (c3 + cos2 * (c4 + cos2 * c5))));
    const lat = 90 - Math.atan(t) * (2 * DEGREES) + sin * cos * series;
    // 0 − y and not −y: at the pole itself the longitude is lon0, not its opposite.
    let lon = lon0 + Math.atan2(x, 0 - pole * y) * DEGREES;
    if (lon > 180) lon -= 360;
    else if (lon < -180) lon += 360;
    xy[i] = Number.isNaN(lat) ? Number.NaN : lon;
    xy[i + 1] = pole * lat;
  }
}

export const polarStereographicA: ProjectionFactory = (a, es, parameters) => {
  const lat0 = given(parameters, 'latitudeOfOrigin');
  if (Math.abs(lat0) !== 90) throw new Error(`latitudeOfOrigin is ${lat0}, not that of a pole`);
  return projectionOf(a, es, parameters, Math.sign(lat0), null, 0);
};

export const polarStereographicB: ProjectionFactory = (a, es, parameters) => {
  const [pole, latTs] = standardParallel(parameters);
  return projectionOf(a, es, parameters, pole, latTs, 0);
};

export const polarStereographicC: ProjectionFactory = (a, es, parameters) => {
  const [pole, latTs] = standardParallel(parameters);
  const sin = Math.sin(latTs);
  const rho = Math.abs(latTs) === Math.PI / 2 ? 0 : Math.cos(latTs) / Math.sqrt(1 - es * sin * sin);
  return projectionOf(a, es, parameters, pole, latTs, pole * a * rho);
};

/** The pole is the one that is named, if it is, as in PROJ's +lat_0; that of the parallel if not. */
function standardParallel(parameters: Parameters): [pole: number, latTs: number] {
  const latTs = givenLatitude(parameters, 'standardParallel1');
  const lat0 = given(parameters, 'latitudeOfOrigin', Math.sign(latTs) * 90);
  if (Math.abs(lat0) !== 90) throw new Error(`latitudeOfOrigin is ${lat0}, not that of a pole`);
  return [Math.sign(lat0), latTs * RADIANS];
}

/** @param shift - added to the northing */
function projectionOf(
  a: number,
  es: number,
  parameters: Parameters,
  pole: number,
  latTs: number | null,
  shift: number,
): Projection {
  const lon0 = givenLongitude(parameters, 'longitudeOfOrigin');
  const [x0, y0] = falseOrigin(parameters);
  const scale = latTs === null ? givenScale(parameters) : 1;
  const projection = polarStereographic(a, es, pole, lon0, latTs, scale, x0, y0 + shift);
  const strong = isStrong(es);
  const fast = strong
    ? polarStereographic(projection.radius / 2, 0, pole, lon0, null, 1, x0, y0 + shift)
    : projection;
  const loops: Projection = {
    forward: forwardPolarStereographic.bind(null, fast),
    inverse: inversePolarStereographic.bind(null, fast),
    forwardByFormulas: forwardByFormulas.bind(null, fast),
    inverseByFormulas: inverseByFormulas.bind(null, fast),
    continuous: false,
  };
  return strong ? throughConformalSphere(loops, es) : loops;
}
