/**
 * Mercator about a great circle of Gauss's conformal sphere: Hotine Oblique Mercator, EPSG methods
 * 9812 (variant A), 9815 (variant B) and by two points; and two that are the same with another
 * line: the meridian (Gauss–Schreiber, PROJ's gstmerc) and the line at right angles to it (Swiss
 * Oblique Mercator, PROJ's somerc). Formulas: IOGP Publication 373-7-2, §3.2.4; Snyder (1987),
 * Map Projections: A Working Manual, p. 66–75. Where these reckon from the point in which the line
 * crosses the equator, here unit vectors are turned about the projection's centre: the same map,
 * without the cancellation at azimuth 90°.
 */

import type { Parameters } from '../../definition.ts';
import {
  DEGREES,
  given,
  givenLatitude,
  givenLongitude,
  givenScale,
  RADIANS,
  withinHalfTurn,
} from '../given.ts';
import { type PointFormula, plane } from '../plane.ts';
import type { Projection, ProjectionFactory } from '../projection.ts';
import {
  ellipsoidLatitude,
  type GaussSphere,
  gaussSphere,
  sphereIsometric,
} from './gauss-sphere.ts';

interface Line {
  /** Radius of the sphere times the scale on the line. */
  radius: number;
  /** The sphere's latitude of the centre, and the azimuth of the line there. Radians. */
  chi: number;
  azimuth: number;
  /** Degrees: longitude of the centre, and that from which longitudes are reckoned ±180. */
  lon: number;
  middle: number;
  /** From the line's node, where u is cut at ±π, to the centre; and to the origin of u. Radians. */
  centre: number;
  origin: number;
  /** From the rectified to the skew grid. Radians. */
  gridAngle: number;
}

/** A number of radians within −π … π. */
function withinHalfCircle(angle: number): number {
  return Math.abs(angle) <= Math.PI ? angle : angle - 2 * Math.PI * Math.round(angle / 2 / Math.PI);
}

function aboutLine(sphere: GaussSphere, line: Line, parameters: Parameters): Projection {
  const { chi, azimuth, centre, origin, gridAngle, middle } = line;
  const sinChi = Math.sin(chi);
  const cosChi = Math.cos(chi);
  const sinAzimuth = Math.sin(azimuth);
  const cosAzimuth = Math.cos(azimuth);
  const sinGrid = Math.sin(gridAngle);
  const cosGrid = Math.cos(gridAngle);
  const { n } = sphere;
  const turn = n * withinHalfTurn(middle - line.lon) * RADIANS;
  const forward: PointFormula = (lambda, phi, out) => {
    const q = sphereIsometric(sphere, phi);
    const sin = Math.tanh(q);
    const cos = 1 / Math.cosh(q);
    // The point as seen from the centre: up, east, north; then up, along the line, across it
    const flat = cos * Math.cos(n * lambda + turn);
    const east = cos * Math.sin(n * lambda + turn);
    const up = sinChi * sin + cosChi * flat;
    const north = cosChi * sin - sinChi * flat;
    const along = east * sinAzimuth + north * cosAzimuth;
    const across = east * cosAzimuth - north * sinAzimuth;
    const v = Math.asinh(across / Math.sqrt(up * up + along * along));
    const u = withinHalfCircle(Math.atan2(along, up) + centre) - origin;
    out[0] = v * cosGrid + u * sinGrid;
    out[1] = u * cosGrid - v * sinGrid;
  };
  const inverse: PointFormula = (x, y, out) => {
    const v = x * cosGrid - y * sinGrid;
    const u = x * sinGrid + y * cosGrid + origin - centre;
    const across = Math.tanh(v);
    const rest = 1 / Math.cosh(v);
    const along = rest * Math.sin(u);
    const up = rest * Math.cos(u);
    const east = across * cosAzimuth + along * sinAzimuth;
    const north = along * cosAzimuth - across * sinAzimuth;
    const sin = up * sinChi + north * cosChi;
    const flat = up * cosChi - north * sinChi;
    const cos = Math.sqrt(flat * flat + east * east);
    out[0] = withinHalfCircle(Math.atan2(east, flat) - turn) / n;
    out[1] = ellipsoidLatitude(sphere, Math.asinh(sin / cos));
  };
  const about = { ...parameters, longitudeOfOrigin: middle };
  return plane(line.radius, about, { forward, inverse }, false);
}

/**
 * Variant A: eastings and northings from where the line crosses the equator of the sphere. But an
 * azimuth of 90° there is how Swiss grids have been written, whose origin is the centre; PROJ and
 * GDAL read them like this too.
 */
export const hotineA: ProjectionFactory = (a, es, parameters) => {
  const { azimuth, rectifiedGridAngle = azimuth } = parameters;
  return hotine(a, es, parameters, azimuth === 90 && rectifiedGridAngle === 90);
};

/** Variant B: from the centre. */
export const hotineB: ProjectionFactory = (a, es, parameters) => hotine(a, es, parameters, true);

function hotine(a: number, es: number, parameters: Parameters, fromCentre: boolean): Projection {
  const sphere = gaussSphere(a, es, givenLatitude(parameters, 'latitudeOfOrigin', 0) * RADIANS);
  const given0 = given(parameters, 'azimuth');
  // A line and its reverse are one: the azimuth between −90 and 90 is taken, and the grid turned.
  const azimuth = given0 - (Math.abs(given0) > 90 ? 180 * Math.round(given0 / 180) : 0);
  const gridAngle = given(parameters, 'rectifiedGridAngle', given0) + azimuth - given0;
  const { chi0, n } = sphere;
  const sin = Math.sin(azimuth * RADIANS);
  const cos = Math.cos(azimuth * RADIANS);
  // On the sphere, from the node to the centre along the line, and in longitude
  const centre = Math.atan2(Math.tan(chi0), cos);
  const lon = givenLongitude(parameters, 'longitudeOfOrigin');
  const node = Math.atan2(Math.sin(chi0) * sin, cos);
  return aboutLine(
    sphere,
    {
      radius: sphere.radius * givenScale(parameters),
      chi: chi0,
      azimuth: azimuth * RADIANS,
      lon,
      middle: withinHalfTurn(lon - (node * DEGREES) / n),
      centre,
      origin: fromCentre ? centre : 0,
      gridAngle: gridAngle * RADIANS,
    },
    parameters,
  );
}

/**
 * The line goes through two points; the scale is true where it has the latitude of origin, from
 * which eastings and northings are counted. Formulas: Snyder (1987), p. 70–74, alternate A.
 */
export const hotineTwoPoint: ProjectionFactory = (a, es, parameters) => {
  const sphere = gaussSphere(a, es, givenLatitude(parameters, 'latitudeOfOrigin', 0) * RADIANS);
  const { n } = sphere;
  const lon1 = givenLongitude(parameters, 'longitudeOfPoint1');
  const lon2 = givenLongitude(parameters, 'longitudeOfPoint2');
  const q1 = sphereIsometric(sphere, givenLatitude(parameters, 'latitudeOfPoint1') * RADIANS);
  const q2 = sphereIsometric(sphere, givenLatitude(parameters, 'latitudeOfPoint2') * RADIANS);
  // Unit vectors, with longitudes from between the points; their plane's normal
  const half = (n * withinHalfTurn(lon2 - lon1) * RADIANS) / 2;
  const c1 = 1 / Math.cosh(q1);
  const c2 = 1 / Math.cosh(q2);
  const x = -c1 * Math.sin(half) * Math.tanh(q2) - Math.tanh(q1) * c2 * Math.sin(half);
  const y = Math.tanh(q1) * c2 * Math.cos(half) - c1 * Math.cos(half) * Math.tanh(q2);
  const z = c1 * c2 * Math.sin(2 * half);
  const length = Math.sqrt(x * x + y * y + z * z);
  if (!(length > 1e-9)) throw new Error('the two points of the line are one, or opposite');
  // The line rises through the equator at (−y, x): of the two nodes the one near the points
  const side = -y >= 0 ? 1 : -1;
  const node = Math.atan2(side * x, -side * y);
  const azimuth = Math.atan2(side * z, Math.hypot(x, y));
  // Where the line has the latitude of origin: cos χ₀ sin(azimuth there) = sin(azimuth at the node)
  const sine = Math.sin(azimuth) / Math.cos(sphere.chi0);
  if (!(Math.abs(sine) <= 1)) throw new Error('the line does not reach latitudeOfOrigin');
  const there = Math.asin(sine);
  const middle = withinHalfTurn(lon1 + ((half + node) / n) * DEGREES);
  return aboutLine(
    sphere,
    {
      radius: sphere.radius * givenScale(parameters),
      chi: 0,
      azimuth,
      lon: middle,
      middle,
      centre: 0,
      origin: Math.atan2(Math.tan(sphere.chi0), Math.cos(there)),
      gridAngle: given(parameters, 'rectifiedGridAngle', there * DEGREES) * RADIANS,
    },
    parameters,
  );
};

export const swissObliqueMercator: ProjectionFactory = atAzimuth(90);

export const gaussSchreiber: ProjectionFactory = atAzimuth(0);

/** The line through the origin, with northings to the north of the origin. */
function atAzimuth(degrees: number): ProjectionFactory {
  return (a, es, parameters) => {
    const sphere = gaussSphere(a, es, givenLatitude(parameters, 'latitudeOfOrigin', 0) * RADIANS);
    const lon = givenLongitude(parameters, 'longitudeOfOrigin');
    // Along a meridian the cut is opposite the equator, as in transverse Mercator.
    const centre = degrees === 0 ? sphere.chi0 : 0;
    return aboutLine(
      sphere,
      {
        radius: sphere.radius * givenScale(parameters),
        chi: sphere.chi0,
        azimuth: degrees * RADIANS,
        lon,
        middle: lon,
        centre,
        origin: centre,
        gridAngle: degrees * RADIANS,
      },
      parameters,
    );
  };
}
