/**
 * Craster's parabolic, the flat-polar quartic of McBryde and Thomas, the quartic authalic and the
 * loximuthal map, on the sphere. Formulas: Snyder and Voxland 1989, p. 70, 72, 74, 84.
 */

import { givenLatitude, RADIANS } from '../given.ts';
import { upToOne } from '../plane.ts';
import type { ProjectionFactory } from '../projection.ts';
import { type Parallels, pseudocylindrical, solveBetween } from '../pseudocylindrical.ts';

const { PI, sin, cos, asin, sqrt } = Math;
const POLE = PI / 2;

function ofForm(form: Parallels): ProjectionFactory {
  return (a, _es, parameters) => pseudocylindrical(a, parameters, form);
}

const HEIGHT_CRASTER = sqrt(3 * PI);

export const craster = ofForm({
  width: (phi) => sqrt(3 / PI) * (2 * cos((2 * phi) / 3) - 1),
  height: (phi) => HEIGHT_CRASTER * sin(phi / 3),
  ofHeight: (y) => 3 * asin(upToOne((2 * y) / HEIGHT_CRASTER) / 2),
});

const HEIGHT_FLAT = (2 * sqrt(3)) / sqrt(2 + Math.SQRT2);
const SUM_FLAT = 1 + Math.SQRT1_2;
const sumFlat = (theta: number): number => sin(theta / 2) + sin(theta);

export const flatPolarQuartic = ofForm({
  parameter: (phi) =>
    solveBetween(
      -POLE,
      POLE,
      SUM_FLAT * sin(phi),
      sumFlat,
      (theta) => cos(theta / 2) / 2 + cos(theta),
    ),
  width: (theta) => (1 + (2 * cos(theta)) / cos(theta / 2)) / sqrt(3 * Math.SQRT2 + 6),
  height: (theta) => HEIGHT_FLAT * sin(theta / 2),
  ofHeight: (y) => 2 * asin(upToOne(y / HEIGHT_FLAT / Math.SQRT1_2) * Math.SQRT1_2),
  latitude: (theta) => asin(Math.max(-1, Math.min(1, sumFlat(theta) / SUM_FLAT))),
});

export const quarticAuthalic = ofForm({
  width: (phi) => cos(phi) / cos(phi / 2),
  height: (phi) => 2 * sin(phi / 2),
  ofHeight: (y) => 2 * asin(upToOne(y / Math.SQRT2) * Math.SQRT1_2),
});

/** Loxodromes from the central point are straight and true to scale. */
export const loximuthal: ProjectionFactory = (a, _es, parameters) => {
  const phi1 = givenLatitude(parameters, 'latitudeOfOrigin', 0) * RADIANS;
  if (cos(phi1) < 1e-8) throw new Error('latitudeOfOrigin is a pole');
  return pseudocylindrical(a, parameters, {
    width: (phi) => {
      const off = phi - phi1;
      // Half the difference of isometric latitudes is artanh(sin(Δφ / 2) / cos φₘ).
      const ratio = sin(off / 2) / cos((phi + phi1) / 2);
      if (Math.abs(off) < 1e-12) return cos(phi1);
      if (POLE - Math.abs(phi) < 1e-12) return 0;
      return Math.abs(ratio) < 1 ? off / (2 * Math.atanh(ratio)) : 0;
    },
    height: (phi) => phi - phi1,
    ofHeight: (y) => POLE * upToOne((y + phi1) / POLE),
  });
};
