/**
 * Lambert Cylindrical Equal Area, EPSG methods 9835 and 9834 (spherical); Behrmann and
 * Gall–Peters are of it. Formulas: IOGP Publication 373-7-2, §3.4.1; Snyder 1987, p. 81.
 */

import { authalicLatitude, authalicQ, sineSum } from '../auxiliary-latitudes.ts';
import {
  DEGREES,
  falseOrigin,
  givenLatitude,
  givenLongitude,
  givenScale,
  RADIANS,
} from '../given.ts';
import { upToOne } from '../plane.ts';
import type { ProjectionFactory } from '../projection.ts';
import { authalicRadius } from './lambert-azimuthal.ts';

export const cylindricalEqualArea: ProjectionFactory = (a, es, parameters) => {
  const [x0, y0] = falseOrigin(parameters);
  const lon0 = givenLongitude(parameters, 'longitudeOfOrigin');
  const lat1 = givenLatitude(parameters, 'standardParallel1', 0);
  const sin1 = Math.sin(lat1 * RADIANS);
  const k0 = (Math.cos(lat1 * RADIANS) / Math.sqrt(1 - es * sin1 * sin1)) * givenScale(parameters);
  if (Math.abs(lat1) === 90) throw new Error(`standardParallel1 is ${lat1}, a pole`);
  const { toGeographic } = authalicLatitude(es);
  const qPole = authalicQ(es, 1);
  const xScale = a * k0 * RADIANS;
  const yScale = a / (2 * k0);
  return {
    continuous: true,
    cylindrical: true,
    forward(xy, start, end) {
      for (let i = start * 2; i < end * 2; i += 2) {
        const lon = xy[i]! - lon0;
        const lat = xy[i + 1]!;
        // The negation catches NaN too.
        const isPoint = Math.abs(lat) <= 90 && Math.abs(lon) < 1e9;
        xy[i] = isPoint ? x0 + xScale * lon : Number.NaN;
        xy[i + 1] = isPoint ? y0 + yScale * authalicQ(es, Math.sin(lat * RADIANS)) : Number.NaN;
      }
    },
    inverse(xy, start, end) {
      for (let i = start * 2; i < end * 2; i += 2) {
        const lon = lon0 + (xy[i]! - x0) / xScale;
        const sin = upToOne((xy[i + 1]! - y0) / (yScale * qPole));
        const cos = Math.sqrt((1 - sin) * (1 + sin));
        const shift = sineSum(toGeographic, 2 * sin * cos, 1 - 2 * sin * sin);
        const isPoint = Math.abs(lon) < 1e9 && !Number.isNaN(sin);
        xy[i] = isPoint ? lon : Number.NaN;
        xy[i + 1] = isPoint ? (Math.asin(sin) + shift) * DEGREES : Number.NaN;
      }
    },
  };
};

/** On an ellipsoid the sphere of equal area takes its place. */
export const cylindricalEqualAreaSpherical: ProjectionFactory = (a, es, parameters) =>
  cylindricalEqualArea(a * authalicRadius(es), 0, parameters);
