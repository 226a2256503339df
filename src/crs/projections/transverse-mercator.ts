/**
 * Transverse Mercator, EPSG method 9807, and UTM: Krüger's series to order n⁶, a few nanometres
 * within 3,900 km of the central meridian. Formulas: Karney (2011), Transverse Mercator with an
 * accuracy of a few nanometers, eq. 7–36; the complex sine series is evaluated as a polynomial
 * in cos 2ζ, whose real and imaginary part are products of functions of ξ and η.
 */

import { angleFrom, arctangents, fillArctangent, tangentOf } from './angle.ts';
import { isStrong } from './conformal.ts';
import { cubicAt } from './cubics.ts';
import { flatTransverseMercator } from './flat-planet.ts';
import { falseOrigin, givenLatitude, givenLongitude, givenScale } from './given.ts';
import type { ProjectionFactory } from './projection.ts';
import {
  geographicFromConformal,
  type IsometricPolynomial,
  isometricPolynomial,
  krugerForward,
  krugerInverse,
  rectifyingRadius,
  type SinePolynomial,
  thirdFlattening,
} from './series.ts';
import { fillSines, sinesAndCosines } from './sines.ts';

// Of the file's own: the compiler knows their values, as it doesn't those of imports.
const RADIANS = Math.PI / 180;
const DEGREES = 180 / Math.PI;

/** Largest |η| for which the series converge well enough; the limit that PROJ sets. */
const MAX_ETA = 2.623395162778;
/** On the sphere there is no series: anything short of the point at infinity. */
const MAX_ETA_SPHERE = 30;
/** 14° from the central meridian at the equator, and a latitude of 83°: so far cubics are good enough. */
const NEAR_ETA = 0.25;
const NEAR_XI = 1.45;
const SINES_PER_RADIAN = 2048;

interface TransverseMercator {
  /** Degrees. */
  lon0: number;
  /** The CRS's own units; the distance of lat_0 from the equator is part of y0. */
  x0: number;
  y0: number;
  /** Rectifying radius times k₀, in the CRS's own units. */
  radius: number;
  maxEta: number;
  isometric: IsometricPolynomial;
  latitude: SinePolynomial;
  forward: SinePolynomial;
  inverse: SinePolynomial;
}

/**
 * @param a - semi-major axis in the CRS's own units, like x0 and y0
 * @param lat0 - degrees, as lon0
 */
function transverseMercator(
  a: number,
  es: number,
  lat0: number,
  lon0: number,
  k0: number,
  x0: number,
  y0: number,
): TransverseMercator {
  const n = thirdFlattening(es);
  const projection: TransverseMercator = {
    lon0,
    x0,
    y0: 0,
    radius: a * k0 * rectifyingRadius(n),
    maxEta: es === 0 ? MAX_ETA_SPHERE : MAX_ETA,
    isometric: isometricPolynomial(es),
    latitude: geographicFromConformal(n),
    forward: krugerForward(n),
    inverse: krugerInverse(n),
  };
  const origin = Float64Array.of(lon0, lat0);
  forwardTransverseMercator(projection, origin, 0, 1);
  projection.y0 = y0 - origin[1]!;
  return projection;
}

/** Longitude, latitude in degrees → x, y, in place for vertices start ≤ v < end. */
function forwardTransverseMercator(
  projection: TransverseMercator,
  xy: Float64Array,
  start: number,
  end: number,
): void {
  const { lon0, x0, y0, radius, maxEta } = projection;
  const [h0, h1, h2, h3, h4, h5, h6] = projection.isometric;
  const [p0, p1, p2, p3, p4, p5] = projection.forward;
  for (let i = start * 2; i < end * 2; i += 2) {
    const lambda = (xy[i]! - lon0) * RADIANS;
    const lat = xy[i + 1]!;
    if (!(Math.abs(lat) <= 90 + 1e-9)) {
      xy[i] = Number.NaN;
      xy[i + 1] = Number.NaN;
      continue;
    }
    // tan(χ/2) = tanh(ψ/2), where ψ is the ellipsoid's isometric latitude
    const half = Math.tan(lat * (RADIANS / 2));
    const s = (2 * half) / (1 + half * half);
    const ss = s * s;
    const w = s * (h0 + ss * (h1 + ss * (h2 + ss * (h3 + ss * (h4 + ss * (h5 + ss * h6))))));
    const ww = w * w;
    const tanh = w * (1 - ww * (1 / 3 - ww * (2 / 15 - ww * (17 / 315))));
    const tan = (half - tanh) / (1 - half * tanh);
    const r = 1 / (1 + tan * tan);
    const sinChi = 2 * tan * r;
    const cosChi = (1 - tan * tan) * r;
    // Coordinates ξ, η of the spherical projection: tan ξ = tan χ / cos λ, and
    // sinh η = cos χ sin λ / h with h² = sin² χ + cos² χ cos² λ
    const east = cosChi * Math.sin(lambda);
    const up = cosChi * Math.cos(lambda);
    const hh = sinChi * sinChi + up * up;
    const q = 1 / hh;
    let xi = Math.atan2(sinChi, up);
    let eta = Math.asinh(east * Math.sqrt(q));
    const sin2 = 2 * sinChi * up * q;
    const cos2 = (up * up - sinChi * sinChi) * q;
    const sinh2 = 2 * east * q;
    const cosh2 = 1 + 2 * east * east * q;
    // Horner in z = cos 2ζ = cr + i ci, then times sin 2ζ
    const cr = cos2 * cosh2;
    const ci = -sin2 * sinh2;
    let re = p5 * cr + p4;
    let im = p5 * ci;
    let t = re * cr - im * ci + p3;
    im = re * ci + im * cr;
    re = t;
    t = re * cr - im * ci + p2;
    im = re * ci + im * cr;
    re = t;
    t = re * cr - im * ci + p1;
    im = re * ci + im * cr;
    re = t;
    t = re * cr - im * ci + p0;
    im = re * ci + im * cr;
    const sr = sin2 * cosh2;
    const si = cos2 * sinh2;
    xi += t * sr - im * si;
    eta += t * si + im * sr;
    const inside = Math.abs(eta) <= maxEta;
    xy[i] = inside ? x0 + eta * radius : Number.NaN;
    xy[i + 1] = inside ? y0 + xi * radius : Number.NaN;
  }
}

/**
 * x, y → longitude, latitude in degrees, in place for vertices start ≤ v < end: within 1e-12 degrees of
 * `inverseByFormulas`, of which sines, cosines and arctangents are cubics here, and what the series
 * adds comes in by the sums' formulas. Not for points on the central meridian or the equator.
 */
function inverseTransverseMercator(
  projection: TransverseMercator,
  xy: Float64Array,
  start: number,
  end: number,
): void {
  const { lon0, x0, y0 } = projection;
  const [p0, p1, p2, p3, p4, p5] = projection.inverse;
  const [l0, l1, l2, l3, l4, l5] = projection.latitude;
  const scale = 1 / projection.radius;
  const { sines, cosines } = sinesAndCosines();
  const angles = arctangents();
  for (let v = start; v < end; v++) {
    const i = v << 1;
    const xi = (xy[i | 1]! - y0) * scale;
    const eta = (xy[i]! - x0) * scale;
    // The negation catches NaN too.
    if (!(Math.abs(eta) < NEAR_ETA && Math.abs(xi) < NEAR_XI)) {
      inverseByFormulas(projection, xy, v, v + 1);
      continue;
    }
    const q = Math.abs(xi) * SINES_PER_RADIAN;
    const sin = xi < 0 ? -cubicAt(sines, q) : cubicAt(sines, q);
    const cos = cubicAt(cosines, q);
    const ee = eta * eta;
    const sinh =
      eta *
      (1 +
        ee * (1 / 6 + ee * (1 / 120 + ee * (1 / 5040 + ee * (1 / 362880 + ee * (1 / 39916800))))));
    const cosh = Math.sqrt(1 + sinh * sinh);
    const sin2 = 2 * sin * cos;
    const cos2 = 1 - 2 * sin * sin;
    const sinh2 = 2 * sinh * cosh;
    const cosh2 = 1 + 2 * sinh * sinh;
    const cr = cos2 * cosh2;
    const ci = -sin2 * sinh2;
    // Real coefficients at a complex place: Knuth, The Art of Computer Programming 2, 4.6.4, eq. 3
    const r = 2 * cr;
    const s = cr * cr + ci * ci;
    const b1 = r * p5 + p4;
    const b2 = r * b1 + p3 - s * p5;
    const b3 = r * b2 + p2 - s * b1;
    const b4 = r * b3 + p1 - s * b2;
    const re = cr * b4 + p0 - s * b3;
    const im = ci * b4;
    const sr = sin2 * cosh2;
    const si = cos2 * sinh2;
    const dXi = re * sr - im * si;
    const dEta = re * si + im * sr;
    // sin (ξ − dξ), cos (ξ − dξ), sinh (η − dη): of what is below 0.004, Taylor's first terms are all
    const xx = dXi * dXi;
    const sinD = dXi * (1 - xx * (1 / 6 - xx * (1 / 120)));
    const cosD = 1 - xx * (0.5 - xx * (1 / 24));
    const hh = dEta * dEta;
    const sinhD = dEta * (1 + hh * (1 / 6 + hh * (1 / 120)));
    const coshD = 1 + hh * (0.5 + hh * (1 / 24));
    const east = sinh * coshD - cosh * sinhD;
    const up = cos * cosD + sin * sinD;
    const north = sin * cosD - cos * sinD;
    const flat = Math.sqrt(east * east + up * up);
    const tanLon = tangentOf(east, up);
    const tanLat = tangentOf(north, flat);
    if (!(tanLon > 0 && tanLon < 2048 && tanLat > 0 && tanLat < 2048)) {
      if (Number.isNaN(sin + cos)) {
        fillSines(q);
        inverseTransverseMercator(projection, xy, v, v + 1);
      } else {
        inverseByFormulas(projection, xy, v, v + 1);
      }
      continue;
    }
    const g = 1 / (1 + east * east);
    const c = (flat * flat - north * north) * g;
    const series = l0 + c * (l1 + c * (l2 + c * (l3 + c * (l4 + c * l5))));
    const lat =
      angleFrom(cubicAt(angles, tanLat), north, flat) + 2 * DEGREES * north * flat * g * series;
    let lon = lon0 + angleFrom(cubicAt(angles, tanLon), east, up);
    if (lon > 180) lon -= 360;
    else if (lon < -180) lon += 360;
    if (Number.isNaN(lat + lon)) {
      fillArctangent(tanLon);
      fillArctangent(tanLat);
      inverseTransverseMercator(projection, xy, v, v + 1);
      continue;
    }
    xy[i] = lon;
    xy[i | 1] = lat;
  }
}

/** As `inverseTransverseMercator`, for all points. */
function inverseByFormulas(
  projection: TransverseMercator,
  xy: Float64Array,
  start: number,
  end: number,
): void {
  const { lon0, x0, y0, maxEta } = projection;
  const [p0, p1, p2, p3, p4, p5] = projection.inverse;
  const [l0, l1, l2, l3, l4, l5] = projection.latitude;
  const scale = 1 / projection.radius;
  for (let i = start * 2; i < end * 2; i += 2) {
    let xi = (xy[i + 1]! - y0) * scale;
    let eta = (xy[i]! - x0) * scale;
    if (!(Math.abs(eta) <= maxEta && Math.abs(xi) < 1e6)) {
      xy[i] = Number.NaN;
      xy[i + 1] = Number.NaN;
      continue;
    }
    const sin = Math.sin(xi);
    const cos = Math.cos(xi);
    const sinh = Math.sinh(eta);
    const cosh = Math.sqrt(1 + sinh * sinh);
    const sin2 = 2 * sin * cos;
    const cos2 = 1 - 2 * sin * sin;
    const sinh2 = 2 * sinh * cosh;
    const cosh2 = 1 + 2 * sinh * sinh;
    const cr = cos2 * cosh2;
    const ci = -sin2 * sinh2;
    let re = p5 * cr + p4;
    let im = p5 * ci;
    let t = re * cr - im * ci + p3;
    im = re * ci + im * cr;
    re = t;
    t = re * cr - im * ci + p2;
    im = re * ci + im * cr;
    re = t;
    t = re * cr - im * ci + p1;
    im = re * ci + im * cr;
    re = t;
    t = re * cr - im * ci + p0;
    im = re * ci + im * cr;
    const sr = sin2 * cosh2;
    const si = cos2 * sinh2;
    xi -= t * sr - im * si;
    eta -= t * si + im * sr;
    // The sphere: χ and λ from ξ', η', and φ from χ by the closed series
    const east = Math.sinh(eta);
    const up = Math.cos(xi);
    const north = Math.sin(xi);
    const flat = Math.sqrt(east * east + up * up);
    const g = 1 / (1 + east * east);
    const c = (flat * flat - north * north) * g;
    const series = l0 + c * (l1 + c * (l2 + c * (l3 + c * (l4 + c * l5))));
    const lat = Math.atan2(north, flat) + 2 * north * flat * g * series;
    let lon = lon0 + Math.atan2(east, up) * DEGREES;
    if (lon > 180) lon -= 360;
    else if (lon < -180) lon += 360;
    xy[i] = lon;
    xy[i + 1] = lat * DEGREES;
  }
}

export const transverseMercatorProjection: ProjectionFactory = (a, es, parameters) => {
  if (isStrong(es)) return flatTransverseMercator(a, es, parameters);
  const lat0 = givenLatitude(parameters, 'latitudeOfOrigin', 0);
  const lon0 = givenLongitude(parameters, 'longitudeOfOrigin');
  const [x0, y0] = falseOrigin(parameters);
  const projection = transverseMercator(a, es, lat0, lon0, givenScale(parameters), x0, y0);
  return {
    forward: forwardTransverseMercator.bind(null, projection),
    inverse: inverseTransverseMercator.bind(null, projection),
    inverseByFormulas: inverseByFormulas.bind(null, projection),
    continuous: false,
  };
};
