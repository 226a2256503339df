/**
 * What methods with formulas for one point share: degrees and radians, the central meridian, false
 * origin, and points without an image. Frequent methods have loops of their own instead.
 */

import type { Parameters } from '../definition.ts';
import { DEGREES, falseOrigin, givenLongitude, RADIANS, withinHalfTurn } from './given.ts';
import type { Projection } from './projection.ts';

/** How far outside the map a point may be and still count as one of its edge, in radii. */
const EDGE = 1e-7;

/**
 * Formulas of one point, in radians and in units of the radius. Results go to out[0], out[1];
 * NaN says that there is no image.
 */
export interface PointFormulas {
  /** −π ≤ λ ≤ π, from the central meridian, but for cylinders; −π/2 ≤ φ ≤ π/2. */
  forward: PointFormula;
  inverse: PointFormula;
}

export type PointFormula = (first: number, second: number, out: Float64Array) => void;

/**
 * @param radius - in the unit of eastings and northings
 * @param continuous - see Projection, as for `cylindrical`
 */
export function plane(
  radius: number,
  parameters: Parameters,
  formulas: PointFormulas,
  continuous: boolean,
  cylindrical = false,
): Projection {
  const [x0, y0] = falseOrigin(parameters);
  const lon0 = givenLongitude(parameters, 'longitudeOfOrigin');
  const out = new Float64Array(2);
  return {
    continuous,
    ...(cylindrical ? { cylindrical } : {}),
    forward(xy, start, end) {
      for (let i = start * 2; i < end * 2; i += 2) {
        out[0] = Number.NaN;
        const lat = xy[i + 1]!;
        const lon = xy[i]! - lon0;
        if (Math.abs(lat) <= 90 + 1e-9 && Math.abs(lon) < 1e9) {
          const phi = Math.max(-90, Math.min(90, lat)) * RADIANS;
          formulas.forward((cylindrical ? lon : withinHalfTurn(lon)) * RADIANS, phi, out);
        }
        const x = x0 + radius * out[0]!;
        const y = y0 + radius * out[1]!;
        const isPoint = Number.isFinite(x) && Number.isFinite(y);
        xy[i] = isPoint ? x : Number.NaN;
        xy[i + 1] = isPoint ? y : Number.NaN;
      }
    },
    inverse(xy, start, end) {
      for (let i = start * 2; i < end * 2; i += 2) {
        out[0] = Number.NaN;
        const x = (xy[i]! - x0) / radius;
        const y = (xy[i + 1]! - y0) / radius;
        if (Number.isFinite(x) && Number.isFinite(y)) formulas.inverse(x, y, out);
        let lon = lon0 + out[0]! * DEGREES;
        const lat = out[1]! * DEGREES;
        const isPoint = Math.abs(lon) < 1e9 && Math.abs(lat) <= 90 + 1e-9;
        if (!continuous) lon = withinHalfTurn(lon);
        xy[i] = isPoint ? lon : Number.NaN;
        xy[i + 1] = isPoint ? Math.max(-90, Math.min(90, lat)) : Number.NaN;
      }
    },
  };
}

/**
 * The longitude from the central meridian, up to the cut at ±π. A point beyond by no more than
 * rounding of coordinates explains is at the cut; NaN farther out, where the map has no points. A pole
 * that is a point has the central meridian's longitude.
 * @param length - from the central meridian, along the parallel in the plane; radii
 * @param scale - the length of a radian of longitude there
 */
export function longitudeUpToCut(length: number, scale: number): number {
  const beyond = Math.abs(length) - Math.PI * scale;
  if (beyond <= 0) return scale > 0 ? length / scale : 0;
  if (!(beyond <= EDGE)) return Number.NaN;
  return scale > EDGE ? Math.sign(length) * Math.PI : 0;
}

/** A sine, cut to ±1 if it is beyond by no more than rounding of coordinates explains. */
export function upToOne(sine: number): number {
  if (sine > 1) return sine <= 1 + EDGE ? 1 : Number.NaN;
  if (sine < -1) return sine >= -1 - EDGE ? -1 : Number.NaN;
  return sine;
}
