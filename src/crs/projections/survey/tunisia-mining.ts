/**
 * Tunisia Mining Grid, EPSG method 9816: eastings and northings are longitudes and latitudes, at
 * so many kilometres to the grad. Formulas and numbers: IOGP Publication 373-7-2, §3.2.9.
 */

import { givenLatitude, RADIANS } from '../given.ts';
import { type PointFormulas, plane } from '../plane.ts';
import type { ProjectionFactory } from '../projection.ts';

/** Grads per kilometre: of longitude, and of latitude north and south of the origin. */
const EAST = 0.012185;
const NORTH = 0.010015;
const SOUTH = 0.01002;
const GRAD = Math.PI / 200;
/** Kilometres: Clarke 1880, of which there are several to the metre. */
const AXIS = 6378.249;

export const tunisiaMining: ProjectionFactory = (a, es, parameters) => {
  const unit = Math.abs(es - 0.0068035) < 1e-6 ? kilometre(a) : Number.NaN;
  if (!(unit > 0)) throw new Error('the grid is defined on the ellipsoid Clarke 1880 alone');
  const phi0 = givenLatitude(parameters, 'latitudeOfOrigin') * RADIANS;
  const perLambda = 1 / (GRAD * EAST);
  const perNorth = 1 / (GRAD * NORTH);
  const perSouth = 1 / (GRAD * SOUTH);
  const formulas: PointFormulas = {
    forward(lambda, phi, out) {
      out[0] = lambda * perLambda;
      out[1] = (phi - phi0) * (phi > phi0 ? perNorth : perSouth);
    },
    inverse(x, y, out) {
      out[0] = x / perLambda;
      out[1] = phi0 + y / (y > 0 ? perNorth : perSouth);
    },
  };
  return plane(unit, parameters, formulas, true);
};

/** Units in a kilometre, where they are metres, kilometres or the like: whole powers of ten. */
function kilometre(a: number): number {
  const ratio = a / AXIS;
  const unit = 10 ** Math.round(Math.log10(ratio));
  return Math.abs(ratio / unit - 1) < 1e-6 ? unit : ratio;
}
