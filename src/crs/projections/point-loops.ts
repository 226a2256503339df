/** The loops of a method whose formulas are called point by point, with what all have in common. */

import { DEGREES, RADIANS } from './given.ts';
import type { Projection } from './projection.ts';

/** Writes two numbers to `out`; NaN in either says that the point has no image. */
export type PointFormula = (first: number, second: number, out: Float64Array) => void;

export interface PointFormulas {
  /** Degrees. */
  lon0: number;
  /** False easting and northing, in the unit of the formulas' results. */
  x0: number;
  y0: number;
  /** λ − lon0 (−π … π) and φ (−π/2 … π/2) → easting and northing without the false ones. */
  forward: PointFormula;
  /** Easting and northing without the false ones → λ − lon0 and φ, in radians. */
  inverse: PointFormula;
  continuous: boolean;
}

export function pointLoops(formulas: PointFormulas): Projection {
  const { lon0, x0, y0, forward, inverse, continuous } = formulas;
  const out = new Float64Array(2);
  return {
    forward: (xy, start, end) => {
      for (let i = start * 2; i < end * 2; i += 2) {
        let lon = xy[i]! - lon0;
        const lat = xy[i + 1]!;
        if (lon > 180 || lon < -180) lon -= 360 * Math.round(lon / 360);
        out[0] = Number.NaN;
        if (Math.abs(lat) <= 90 + 1e-9 && Math.abs(lon) <= 180) {
          const phi = lat * RADIANS;
          forward(lon * RADIANS, Math.max(-Math.PI / 2, Math.min(Math.PI / 2, phi)), out);
        }
        const x = x0 + out[0]!;
        const y = y0 + out[1]!;
        const valid = Number.isFinite(x) && Number.isFinite(y);
        xy[i] = valid ? x : Number.NaN;
        xy[i + 1] = valid ? y : Number.NaN;
      }
    },
    inverse: (xy, start, end) => {
      for (let i = start * 2; i < end * 2; i += 2) {
        inverse(xy[i]! - x0, xy[i + 1]! - y0, out);
        let lon = lon0 + out[0]! * DEGREES;
        const lat = out[1]! * DEGREES;
        if (!continuous && (lon > 180 || lon < -180)) lon -= 360 * Math.round(lon / 360);
        const valid = Number.isFinite(lon) && Math.abs(lat) <= 90 + 1e-9;
        xy[i] = valid ? lon : Number.NaN;
        xy[i + 1] = valid ? lat : Number.NaN;
      }
    },
    continuous,
  };
}
