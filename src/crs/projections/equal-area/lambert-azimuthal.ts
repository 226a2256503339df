/**
 * Lambert Azimuthal Equal Area, EPSG methods 9820 and 1027 (spherical). Formulas: IOGP
 * Publication 373-7-2, §3.3.1; Snyder 1987, p. 182. Half-angle forms and the series of the
 * authalic latitude keep millimetres near a pole, where q(φ) itself has lost them.
 */

import type { Parameters } from '../../definition.ts';
import {
  authalicLatitude,
  authalicQ,
  type SineSeries,
  shiftedLatitude,
  sineSum,
} from '../auxiliary-latitudes.ts';
import {
  DEGREES,
  falseOrigin,
  givenLatitude,
  givenLongitude,
  RADIANS,
  withinHalfTurn,
} from '../given.ts';
import type { Projection, ProjectionFactory } from '../projection.ts';

export const lambertAzimuthalEqualArea: ProjectionFactory = (a, es, parameters) => {
  const lat0 = givenLatitude(parameters, 'latitudeOfOrigin', 0);
  return Math.abs(lat0) > 90 - 1e-8
    ? polar(a, es, Math.sign(lat0), parameters)
    : oblique(a, es, lat0 * RADIANS, parameters);
};

/** On an ellipsoid the sphere of equal area takes its place: EPSG method 1027. */
export const lambertAzimuthalEqualAreaSpherical: ProjectionFactory = (a, es, parameters) =>
  lambertAzimuthalEqualArea(a * authalicRadius(es), 0, parameters);

/** Radius of the sphere of the ellipsoid's area, in units of a. */
export function authalicRadius(es: number): number {
  return Math.sqrt(authalicQ(es, 1) / 2);
}

function polar(a: number, es: number, pole: number, parameters: Parameters): Projection {
  const [x0, y0] = falseOrigin(parameters);
  const lon0 = givenLongitude(parameters, 'longitudeOfOrigin');
  const { fromGeographic, toGeographic } = authalicLatitude(es);
  const diameter = 2 * a * authalicRadius(es);
  return {
    continuous: false,
    forward(xy, start, end) {
      for (let i = start * 2; i < end * 2; i += 2) {
        const lon = (xy[i]! - lon0) * RADIANS;
        // From the pole, so that nothing cancels where the projection is used most.
        const polar = (90 - pole * xy[i + 1]!) * RADIANS;
        // The negation catches NaN too. The far pole is a circle.
        if (!(polar >= 0 && polar < Math.PI - 1e-10 && Math.abs(lon) < 1e9)) {
          xy[i] = Number.NaN;
          xy[i + 1] = Number.NaN;
          continue;
        }
        const shift = sineSum(fromGeographic, Math.sin(2 * polar), -Math.cos(2 * polar));
        const rho = diameter * Math.sin((polar - shift) / 2);
        xy[i] = x0 + rho * Math.sin(lon);
        xy[i + 1] = y0 - pole * rho * Math.cos(lon);
      }
    },
    inverse(xy, start, end) {
      for (let i = start * 2; i < end * 2; i += 2) {
        const x = (xy[i]! - x0) / diameter;
        const y = (xy[i + 1]! - y0) / diameter;
        const sine = Math.sqrt(x * x + y * y);
        if (!(sine <= 1 + 1e-7)) {
          xy[i] = Number.NaN;
          xy[i + 1] = Number.NaN;
          continue;
        }
        const polar = 2 * Math.asin(Math.min(1, sine));
        const cos = 1 - 2 * sine * sine;
        const sin2 = 2 * cos * Math.sin(polar);
        const lat =
          (Math.PI / 2 - polar + sineSum(toGeographic, sin2, 1 - 2 * cos * cos)) * DEGREES;
        // 0 − y and not −y: at the pole itself the longitude is lon0, not its opposite.
        xy[i] = withinHalfTurn(lon0 + Math.atan2(x, 0 - pole * y) * DEGREES);
        xy[i + 1] = pole * lat;
      }
    },
  };
}

function oblique(a: number, es: number, phi0: number, parameters: Parameters): Projection {
  const [x0, y0] = falseOrigin(parameters);
  const lon0 = givenLongitude(parameters, 'longitudeOfOrigin');
  const { fromGeographic, toGeographic } = authalicLatitude(es);
  const beta0 = shiftedLatitude(fromGeographic, phi0);
  const sin0 = Math.sin(beta0);
  const cos0 = Math.cos(beta0);
  const radius = authalicRadius(es);
  const sinPhi0 = Math.sin(phi0);
  const stretch = Math.cos(phi0) / Math.sqrt(1 - es * sinPhi0 * sinPhi0) / (radius * cos0);
  const xScale = a * radius * stretch;
  const yScale = (a * radius) / stretch;
  return {
    continuous: false,
    forward(xy, start, end) {
      for (let i = start * 2; i < end * 2; i += 2) {
        const lambda = (xy[i]! - lon0) * RADIANS;
        const phi = xy[i + 1]! * RADIANS;
        if (!(Math.abs(phi) <= Math.PI / 2 && Math.abs(lambda) < 1e9)) {
          xy[i] = Number.NaN;
          xy[i + 1] = Number.NaN;
          continue;
        }
        const beta = authalic(fromGeographic, phi);
        const sin = Math.sin(beta);
        const cos = Math.cos(beta);
        const north = cos * Math.cos(lambda);
        // 1 + cos of the angle from the origin; 0 at its antipode, which has no one image.
        const opposite = 1 + sin0 * sin + cos0 * north;
        const k = opposite > 1e-12 ? Math.sqrt(2 / opposite) : Number.NaN;
        xy[i] = x0 + xScale * k * cos * Math.sin(lambda);
        xy[i + 1] = y0 + yScale * k * (cos0 * sin - sin0 * north);
      }
    },
    inverse(xy, start, end) {
      for (let i = start * 2; i < end * 2; i += 2) {
        const x = (xy[i]! - x0) / xScale;
        const y = (xy[i + 1]! - y0) / yScale;
        // sin² of half the angle from the origin.
        const half = (x * x + y * y) / 4;
        if (!(half <= 1 + 1e-7)) {
          xy[i] = Number.NaN;
          xy[i + 1] = Number.NaN;
          continue;
        }
        const k = Math.sqrt(Math.max(0, 1 - half));
        const up = 1 - 2 * half;
        const sin = up * sin0 + y * k * cos0;
        const across = x * k;
        const along = up * cos0 - y * k * sin0;
        const cos = Math.sqrt(across * across + along * along);
        const shift = sineSum(toGeographic, 2 * sin * cos, 1 - 2 * sin * sin);
        xy[i] = withinHalfTurn(lon0 + Math.atan2(across, along) * DEGREES);
        xy[i + 1] = (Math.atan2(sin, cos) + shift) * DEGREES;
      }
    },
  };
}

function authalic(series: SineSeries, phi: number): number {
  return series.length === 0 ? phi : shiftedLatitude(series, phi);
}
