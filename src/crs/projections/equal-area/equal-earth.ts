/**
 * Equal Earth, EPSG method 1078. Formulas: Šavrič, Patterson, Jenny (2018), The Equal Earth map
 * projection, Int. J. of Geographical Information Science 33(3), with the authalic latitude.
 */

import { authalicLatitude, shiftedLatitude } from '../auxiliary-latitudes.ts';
import { oddPolynomial } from '../odd-polynomial.ts';
import type { ProjectionFactory } from '../projection.ts';
import { pseudocylindrical } from '../pseudocylindrical.ts';
import { authalicRadius } from './lambert-azimuthal.ts';

/** sin θ = M sin β */
const M = Math.sqrt(3) / 2;
const { height, slope, ofHeight } = oddPolynomial(
  [1.340264, -0.081106, 0, 0.000893, 0.003796],
  Math.PI / 3,
);

export const equalEarth: ProjectionFactory = (a, es, parameters) => {
  const { fromGeographic, toGeographic } = authalicLatitude(es);
  return pseudocylindrical(a * authalicRadius(es), parameters, {
    parameter: (phi) => Math.asin(M * Math.sin(shiftedLatitude(fromGeographic, phi))),
    width: (theta) => Math.cos(theta) / (M * slope(theta)),
    height,
    ofHeight,
    latitude: (theta) =>
      shiftedLatitude(toGeographic, Math.asin(Math.max(-1, Math.min(1, Math.sin(theta) / M)))),
  });
};
