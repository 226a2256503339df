/**
 * Winkel's first and second map, on the sphere: means of an equirectangular map with the sinusoidal
 * one and with Mollweide's. Formulas: Snyder and Voxland 1989, p. 76, 78.
 */

import { givenLatitude, RADIANS } from '../given.ts';
import { upToOne } from '../plane.ts';
import type { ProjectionFactory } from '../projection.ts';
import { pseudocylindrical, solveBetween } from '../pseudocylindrical.ts';
import { mollweideLatitude, mollweideParameter } from './mollweide.ts';

const { PI, sin, cos } = Math;
const POLE = PI / 2;

export const winkel1: ProjectionFactory = (a, _es, parameters) => {
  const cos1 = cos(givenLatitude(parameters, 'standardParallel1', 0) * RADIANS);
  return pseudocylindrical(a, parameters, {
    width: (phi) => (cos1 + cos(phi)) / 2,
    height: (phi) => phi,
    ofHeight: (y) => POLE * upToOne(y / POLE),
  });
};

const height2 = (theta: number): number => (PI / 4) * sin(theta) + mollweideLatitude(PI, theta) / 2;

function slope2(theta: number): number {
  const cosPhi = cos(mollweideLatitude(PI, theta));
  return (PI / 4) * cos(theta) + (cosPhi > 0 ? (2 * cos(theta) ** 2) / (PI * cosPhi) : 0);
}

export const winkel2: ProjectionFactory = (a, _es, parameters) => {
  const cos1 = cos(givenLatitude(parameters, 'standardParallel1', 0) * RADIANS);
  return pseudocylindrical(a, parameters, {
    parameter: (phi) => mollweideParameter(PI, phi),
    width: (theta) => (cos1 + cos(theta)) / 2,
    height: height2,
    ofHeight: (y) => solveBetween(-POLE, POLE, y, height2, slope2),
    latitude: (theta) => mollweideLatitude(PI, theta),
  });
};
