/**
 * Miller, Gall stereographic and Times. Formulas: Snyder 1987, p. 88; Snyder and Voxland 1989,
 * p. 22; Canters, F. (2002), Small-scale map projection design, for Times. Miller's sphere is that
 * of the ellipsoid's area, the others have the semi-major axis.
 */

import { authalicRadius } from '../equal-area/lambert-azimuthal.ts';
import { upToOne } from '../plane.ts';
import type { ProjectionFactory } from '../projection.ts';
import { pseudocylindrical } from '../pseudocylindrical.ts';

const { PI, SQRT1_2, tan, atan, sin } = Math;

const POLE_MILLER = 1.25 * Math.asinh(tan(0.4 * PI));

export const miller: ProjectionFactory = (a, es, parameters) =>
  pseudocylindrical(
    a * authalicRadius(es),
    parameters,
    {
      width: () => 1,
      height: (phi) => 1.25 * Math.asinh(tan(0.8 * phi)),
      ofHeight: (y) => 1.25 * atan(Math.sinh(0.8 * POLE_MILLER * upToOne(y / POLE_MILLER))),
    },
    true,
  );

export const gall: ProjectionFactory = (a, _es, parameters) =>
  pseudocylindrical(
    a,
    parameters,
    {
      width: () => SQRT1_2,
      height: (phi) => (1 + SQRT1_2) * tan(phi / 2),
      ofHeight: (y) => 2 * atan(upToOne(y / (1 + SQRT1_2))),
    },
    true,
  );

/** θ is tan(φ/2). */
export const times: ProjectionFactory = (a, _es, parameters) =>
  pseudocylindrical(a, parameters, {
    parameter: (phi) => tan(phi / 2),
    width: (theta) => 0.74482 - 0.34588 * sin((PI / 4) * theta) ** 2,
    height: (theta) => 1.70711 * theta,
    ofHeight: (y) => upToOne(y / 1.70711),
    latitude: (theta) => 2 * atan(theta),
  });
