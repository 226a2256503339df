/**
 * Mercator, EPSG methods 9804 (variant A, scale at the equator), 9805 (variant B, standard
 * parallel), 1044 (variant C, also a latitude of false origin) and 1024 (web Mercator: the
 * spherical formulas). Formulas: IOGP Publication 373-7-2, §3.2.1, written with tan(φ/2), from
 * which every other function of φ follows.
 */

import type { Parameters } from '../definition.ts';
import { isometricLatitude, isStrong, throughConformalSphere } from './conformal.ts';
import { type Cubics, cubicAt, emptyCubics, fillAt } from './cubics.ts';
import { falseOrigin, given, givenLatitude, givenLongitude, givenScale } from './given.ts';
import type { Loop, Projection, ProjectionFactory } from './projection.ts';
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
/** Forward up to 80°, where cubics are good enough, by 64th degrees; inverse by 1,024ths of ψ, below 4. */
const PER_DEGREE = 64;
const MAX_LATITUDE = 80;
const PER_PSI = 1024;
const MAX_PSI = 4;

interface Mercator {
  /** Degrees. */
  lon0: number;
  /** The CRS's own units. */
  x0: number;
  y0: number;
  /** Radius of the cylinder, a k₀, in the CRS's own units. */
  radius: number;
  spherical: boolean;
  isometric: IsometricPolynomial;
  latitude: SinePolynomial;
  /** ψ of the latitude / 80°, and the latitude (degrees) of ψ / 4; once needed. */
  psis: Cubics | null;
  latitudes: Cubics | null;
}

/**
 * @param a - semi-major axis in the CRS's own units, like x0 and y0
 * @param latTs - radians, standard parallel of variant B; null for variant A with scale k0
 * @param lon0 - degrees
 */
function mercator(
  a: number,
  es: number,
  lon0: number,
  latTs: number | null,
  k0: number,
  x0: number,
  y0: number,
): Mercator {
  const scale =
    latTs === null ? k0 : Math.cos(latTs) / Math.sqrt(1 - es * Math.sin(latTs) * Math.sin(latTs));
  return {
    lon0,
    x0,
    y0,
    radius: a * scale,
    spherical: es === 0,
    isometric: isometricPolynomial(es),
    latitude: geographicFromConformal(thirdFlattening(es)),
    psis: null,
    latitudes: null,
  };
}

/**
 * Longitude, latitude in degrees → x, y, in place for vertices start ≤ v < end. x goes on past the
 * edges of the map as longitudes do past ±180. Within 1e-12 degrees of `forwardByFormulas`, whose ψ is
 * by cubics here, but next to the equator.
 */
function forwardMercator(projection: Mercator, xy: Float64Array, start: number, end: number): void {
  const { lon0, x0, y0, radius } = projection;
  projection.psis ??= emptyCubics(PER_DEGREE * MAX_LATITUDE);
  const { psis } = projection;
  const xScale = radius * RADIANS;
  for (let v = start; v < end; v++) {
    const i = v << 1;
    const lon = xy[i]! - lon0;
    const lat = xy[i | 1]!;
    const q = Math.abs(lat) * PER_DEGREE;
    // The negation catches NaN too.
    if (!(q >= 1 && q < PER_DEGREE * MAX_LATITUDE && Math.abs(lon) < 1e9)) {
      forwardByFormulas(projection, xy, v, v + 1);
      continue;
    }
    const psi = cubicAt(psis, q);
    if (Number.isNaN(psi)) {
      const plain = { ...projection, lon0: 0, x0: 0, y0: 0, radius: 1 };
      fillAt(psis, q, northOf(forwardByFormulas.bind(null, plain), MAX_LATITUDE));
      forwardMercator(projection, xy, v, v + 1);
      continue;
    }
    xy[i] = x0 + lon * xScale;
    xy[i | 1] = y0 + (lat < 0 ? -psi : psi) * radius;
  }
}

/** What a loop makes of the second coordinate x · scale. */
function northOf(loop: Loop, scale: number): (x: number) => number {
  const point = new Float64Array(2);
  return (x) => {
    point[0] = 0;
    point[1] = x * scale;
    loop(point, 0, 1);
    return point[1]!;
  };
}

/** As `forwardMercator`, for all points. */
function forwardByFormulas(
  projection: Mercator,
  xy: Float64Array,
  start: number,
  end: number,
): void {
  const { lon0, x0, y0, radius, spherical } = projection;
  const [h0, h1, h2, h3, h4, h5, h6] = projection.isometric;
  const xScale = radius * RADIANS;
  for (let i = start * 2; i < end * 2; i += 2) {
    const lon = xy[i]! - lon0;
    const lat = xy[i + 1]!;
    const north = Math.abs(lat);
    // The negation catches NaN too; the poles lie at infinity.
    if (!(north < 90 && Math.abs(lon) < 1e9)) {
      xy[i] = Number.NaN;
      xy[i + 1] = Number.NaN;
      continue;
    }
    const tan = Math.tan(north * (RADIANS / 2));
    // The sphere's isometric latitude ψ = ln tan(π/4 + φ/2), exact near the equator too.
    let psi = Math.log1p((2 * tan) / (1 - tan));
    if (!spherical) {
      const s = (2 * tan) / (1 + tan * tan);
      const ss = s * s;
      psi -= 2 * s * (h0 + ss * (h1 + ss * (h2 + ss * (h3 + ss * (h4 + ss * (h5 + ss * h6))))));
    }
    xy[i] = x0 + lon * xScale;
    xy[i + 1] = y0 + (lat < 0 ? -psi : psi) * radius;
  }
}

/**
 * x, y → longitude, latitude in degrees, in place for vertices start ≤ v < end. Longitudes go on
 * past ±180 as x does. Within 1e-12 degrees of `inverseByFormulas`, as is the forward loop.
 */
function inverseMercator(projection: Mercator, xy: Float64Array, start: number, end: number): void {
  const { lon0, x0, y0, radius } = projection;
  projection.latitudes ??= emptyCubics(PER_PSI * MAX_PSI);
  const { latitudes } = projection;
  const scale = 1 / radius;
  for (let v = start; v < end; v++) {
    const i = v << 1;
    const psi = (xy[i | 1]! - y0) * scale;
    const lon = lon0 + (xy[i]! - x0) * scale * DEGREES;
    const q = Math.abs(psi) * PER_PSI;
    // The negation catches NaN too.
    if (!(q >= 1 && q < PER_PSI * MAX_PSI && Math.abs(lon) < 1e9)) {
      inverseByFormulas(projection, xy, v, v + 1);
      continue;
    }
    const lat = cubicAt(latitudes, q);
    if (Number.isNaN(lat)) {
      const plain = { ...projection, lon0: 0, x0: 0, y0: 0, radius: 1 };
      fillAt(latitudes, q, northOf(inverseByFormulas.bind(null, plain), MAX_PSI));
      inverseMercator(projection, xy, v, v + 1);
      continue;
    }
    xy[i] = lon;
    xy[i | 1] = psi < 0 ? -lat : lat;
  }
}

/** As `inverseMercator`, for all points. */
function inverseByFormulas(
  projection: Mercator,
  xy: Float64Array,
  start: number,
  end: number,
): void {
  const { lon0, x0, y0, radius, spherical } = projection;
  const [p0, p1, p2, p3, p4, p5] = projection.latitude;
  const scale = 1 / radius;
  for (let i = start * 2; i < end * 2; i += 2) {
    const psi = (xy[i + 1]! - y0) * scale;
    const lon = lon0 + (xy[i]! - x0) * scale * DEGREES;
    if (!(Math.abs(lon) < 1e9 && Number.isFinite(psi))) {
      xy[i] = Number.NaN;
      xy[i + 1] = Number.NaN;
      continue;
    }
    // tan(χ/2) = tanh(ψ/2)
    const m = -Math.expm1(-Math.abs(psi));
    const tan = m / (2 - m);
    let lat = Math.atan(tan) * (2 * DEGREES);
    if (!spherical) {
      const r = 1 / (1 + tan * tan);
      const sin = 2 * tan * r;
      const cos = (1 - tan * tan) * r;
      const c = 2 * cos * cos - 1;
      const series = p0 + c * (p1 + c * (p2 + c * (p3 + c * (p4 + c * p5))));
      lat += 2 * sin * cos * series * DEGREES;
    }
    xy[i] = lon;
    xy[i + 1] = psi < 0 ? -lat : lat;
  }
}

export const mercatorA: ProjectionFactory = (a, es, parameters) => {
  // It has no effect in the formulas: EPSG demands 0, and PROJ passes over what is written.
  const lat0 = given(parameters, 'latitudeOfOrigin', 0);
  if (lat0 !== 0) throw new Error(`latitudeOfOrigin is ${lat0}; in Mercator (variant A) it is 0`);
  return projectionOf(a, es, parameters, null, 0);
};

export const mercatorB: ProjectionFactory = (a, es, parameters) =>
  projectionOf(a, es, parameters, givenLatitude(parameters, 'standardParallel1', 0), 0);

export const mercatorC: ProjectionFactory = (a, es, parameters) => {
  const falseLatitude = givenLatitude(parameters, 'latitudeOfOrigin', 0);
  const latTs = givenLatitude(parameters, 'standardParallel1', 0);
  return projectionOf(a, es, parameters, latTs, falseLatitude);
};

export const pseudoMercator: ProjectionFactory = (a, _es, parameters) =>
  projectionOf(a, 0, parameters, null, 0);

/** @param latTs - degrees, as falseLatitude, whose northing is the false one */
function projectionOf(
  a: number,
  es: number,
  parameters: Parameters,
  latTs: number | null,
  falseLatitude: number,
): Projection {
  if (Math.abs(latTs ?? 0) === 90) throw new Error('standardParallel1 is a pole');
  if (Math.abs(falseLatitude) === 90) throw new Error('latitudeOfOrigin is a pole');
  const [x0, y0] = falseOrigin(parameters);
  const parallel = latTs === null ? null : latTs * RADIANS;
  const scale = latTs === null ? givenScale(parameters) : 1;
  const lon0 = givenLongitude(parameters, 'longitudeOfOrigin');
  const projection = mercator(a, es, lon0, parallel, scale, x0, y0);
  projection.y0 -= projection.radius * isometricLatitude(falseLatitude * RADIANS, Math.sqrt(es));
  const fast = isStrong(es)
    ? mercator(projection.radius, 0, lon0, null, 1, x0, projection.y0)
    : projection;
  const loops: Projection = {
    forward: forwardMercator.bind(null, fast),
    inverse: inverseMercator.bind(null, fast),
    forwardByFormulas: forwardByFormulas.bind(null, fast),
    inverseByFormulas: inverseByFormulas.bind(null, fast),
    continuous: true,
    cylindrical: true,
  };
  return isStrong(es) ? throughConformalSphere(loops, es) : loops;
}
