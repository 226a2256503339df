/**
 * Maps of the world whose parallels are polynomials of the latitude, on the sphere.
 *
 * Sources of the coefficients:
 *   Natural Earth, II  Šavrič, Jenny, Patterson, Petrovič, Hurni (2011), A polynomial equation for
 *                      the Natural Earth projection, Cartography and Geographic Information
 *                      Science 38(4); Šavrič, Patterson, Jenny (2015), The Natural Earth II world
 *                      map projection, Int. J. of Cartography 1(2)
 *   Patterson          Patterson, Šavrič, Jenny (2014), Introducing the Patterson cylindrical
 *                      projection, Cartographic Perspectives 78
 *   Compact Miller     Jenny, Šavrič, Patterson (2015), A compact Miller-style cylindrical
 *                      projection, Int. J. of Geographical Information Science 29(5)
 */

import { even, oddPolynomial } from '../odd-polynomial.ts';
import type { ProjectionFactory } from '../projection.ts';
import { pseudocylindrical } from '../pseudocylindrical.ts';

function ofPolynomials(
  widths: readonly number[],
  heights: readonly number[],
  cylindrical = false,
): ProjectionFactory {
  const { height, ofHeight } = oddPolynomial(heights, Math.PI / 2);
  const form = { width: (phi: number) => even(widths, phi), height, ofHeight };
  return (a, _es, parameters) => pseudocylindrical(a, parameters, form, cylindrical);
}

export const naturalEarth = ofPolynomials(
  [0.8707, -0.131979, -0.013791, 0, 0, 0.003971, -0.001529],
  [1.007226, 0.015085, 0, -0.044475, 0.028874, -0.005916],
);

export const naturalEarth2 = ofPolynomials(
  [0.84719, -0.13063, 0, 0, 0, 0, -0.04515, 0.05494, -0.02326, 0.00331],
  [1.01183, 0, 0, 0, -0.02625, 0.01926, -0.00396],
);

export const patterson = ofPolynomials([1], [1.0148, 0, 0.23185, -0.14499, 0.02406], true);

export const compactMiller = ofPolynomials([1], [0.9902, 0.1604, -0.03054], true);
