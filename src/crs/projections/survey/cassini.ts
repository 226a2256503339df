/**
 * Cassini–Soldner, EPSG methods 9806 and 9833 (hyperbolic). Formulas: IOGP Publication 373-7-2,
 * §3.2.2, series in the longitude, which are what defines the grids; on a sphere the closed ones,
 * Snyder (1987), eq. 13-1 and 13-2.
 */

import { givenLatitude, givenScale, RADIANS } from '../given.ts';
import { meridian } from '../meridian.ts';
import { type PointFormula, type PointFormulas, plane } from '../plane.ts';
import type { Projection, ProjectionFactory } from '../projection.ts';
import { refinedInverse } from '../refined-inverse.ts';

/** Farther from the central meridian (radians) the series come back on themselves. */
const REACH = Math.PI / 4;
/** And so does the hyperbolic form to the north and south of the origin. */
const HYPERBOLIC_REACH = 0.5;

export const cassiniSoldner: ProjectionFactory = (a, es, parameters) =>
  cassini(a, es, parameters, false);

export const cassiniSoldnerHyperbolic: ProjectionFactory = (a, es, parameters) =>
  cassini(a, es, parameters, true);

function cassini(
  a: number,
  es: number,
  parameters: Parameters<ProjectionFactory>[2],
  hyperbolic: boolean,
): Projection {
  const phi0 = givenLatitude(parameters, 'latitudeOfOrigin', 0) * RADIANS;
  const { distance, latitude } = meridian(es);
  const m0 = distance(phi0);
  const forward: PointFormula = (lambda, phi, out) => {
    if (!(Math.abs(lambda) <= REACH)) {
      out[0] = Number.NaN;
      return;
    }
    const sin = Math.sin(phi);
    const cos = Math.cos(phi);
    const d = lambda * cos;
    const dd = d * d;
    const t = (sin / cos) ** 2;
    const c = (es * cos * cos) / (1 - es);
    const nu = 1 / Math.sqrt(1 - es * sin * sin);
    out[0] = nu * d * (1 - dd * t * (1 / 6 + ((8 - t + 8 * c) * dd) / 120));
    const rise = (sin / cos) * dd * (1 / 2 + ((5 - t + 6 * c) * dd) / 24);
    const y = distance(phi) - m0 + nu * rise;
    const rho = (1 - es) * nu ** 3;
    out[1] = hyperbolic ? y - (y * y * y) / (6 * rho * nu) : y;
    if (hyperbolic && Math.abs(y) > HYPERBOLIC_REACH) out[0] = Number.NaN;
  };
  const approximate: PointFormula = (x, y, out) => {
    let north = y;
    if (hyperbolic) {
      const sin = Math.sin(phi0 + north);
      const radii = (1 - es) / (1 - es * sin * sin) ** 2;
      const once = north ** 3 / (6 * radii);
      north += (north + once) ** 3 / (6 * radii);
    }
    const phi1 = latitude(m0 + north);
    const sin = Math.sin(phi1);
    // As on a sphere from there; EPSG's series for it lose their way in high latitudes.
    const d = x * Math.sqrt(1 - es * sin * sin);
    fromFoot(d, phi1, out);
  };
  const spherical: PointFormulas = {
    forward(lambda, phi, out) {
      out[0] = Math.asin(Math.cos(phi) * Math.sin(lambda));
      out[1] = Math.atan2(Math.sin(phi), Math.cos(phi) * Math.cos(lambda)) - phi0;
    },
    inverse(x, y, out) {
      fromFoot(Math.abs(x) <= Math.PI / 2 ? x : Number.NaN, y + phi0, out);
    },
  };
  const inverse = refinedInverse(forward, approximate, 1);
  const formulas = es === 0 && !hyperbolic ? spherical : { forward, inverse };
  return plane(a * givenScale(parameters), parameters, formulas, false);
}

/** The point of a sphere at a distance to the east of the central meridian's latitude φ. */
function fromFoot(distance: number, phi: number, out: Float64Array): void {
  const flat = Math.cos(distance) * Math.cos(phi);
  const east = Math.sin(distance);
  out[0] = Math.atan2(east, flat);
  out[1] = Math.atan2(Math.cos(distance) * Math.sin(phi), Math.hypot(east, flat));
}
