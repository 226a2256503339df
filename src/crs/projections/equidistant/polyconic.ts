/**
 * American Polyconic, EPSG method 9818: every parallel is an arc whose radius is that of its own
 * tangent cone. Formulas: IOGP Publication 373-7-2, §3.2.6; Snyder 1987, p. 129. The inverse
 * solves one equation between bounds that hold its one solution, so it serves the whole map.
 */

import { rectifyingLatitude, shiftedLatitude } from '../auxiliary-latitudes.ts';
import { givenLatitude, RADIANS } from '../given.ts';
import { longitudeUpToCut, plane } from '../plane.ts';
import type { ProjectionFactory } from '../projection.ts';
import { solveBetween } from '../pseudocylindrical.ts';

export const americanPolyconic: ProjectionFactory = (a, es, parameters) => {
  const { radius, fromGeographic, toGeographic } = rectifyingLatitude(es);
  const meridian = (phi: number): number => radius * shiftedLatitude(fromGeographic, phi);
  /** Radius of curvature across the meridian. */
  const across = (sin: number): number => 1 / Math.sqrt(1 - es * sin * sin);
  const south = meridian(givenLatitude(parameters, 'latitudeOfOrigin', 0) * RADIANS);
  return plane(
    a,
    parameters,
    {
      forward(lambda, phi, out) {
        const sin = Math.sin(phi);
        const width = across(sin) * Math.cos(phi);
        const half = (lambda * sin) / 2;
        const sinHalf = Math.sin(half);
        const isEquator = Math.abs(sin) < 1e-12;
        out[0] = width * (isEquator ? lambda : (2 * sinHalf * Math.cos(half)) / sin);
        out[1] = meridian(phi) - south + (isEquator ? 0 : (width * 2 * sinHalf * sinHalf) / sin);
      },
      inverse(x, y, out) {
        const up = Math.abs(y + south);
        const sign = y + south < 0 ? -1 : 1;
        const mu = Math.min(up / radius, Math.PI / 2);
        const highest = Math.min(Math.PI / 2, shiftedLatitude(toGeographic, mu));
        // Of the circle of latitude φ through x, y: x² + (y − M)² = 2 (y − M) N cot φ.
        const circle = (phi: number): number => {
          const sin = Math.sin(phi);
          const rest = up - meridian(phi);
          return (x * x + rest * rest) * sin - 2 * rest * across(sin) * Math.cos(phi);
        };
        const slope = (phi: number): number => {
          const sin = Math.sin(phi);
          const cos = Math.cos(phi);
          const rest = up - meridian(phi);
          const n = across(sin);
          const m = (1 - es) * n * n * n;
          return (
            (x * x + rest * rest) * cos +
            2 * rest * sin * (n - m - es * n * n * n * cos * cos) +
            2 * m * n * cos
          );
        };
        const phi = up === 0 ? 0 : solveBetween(0, highest, 0, circle, slope);
        const sin = Math.sin(phi);
        const cos = Math.cos(phi);
        const n = across(sin);
        const angle = Math.atan2(x * sin, n * cos - (up - meridian(phi)) * sin);
        out[0] = longitudeUpToCut(sin < 1e-12 ? x : (n * cos * angle) / sin, n * cos);
        out[1] = sign * phi;
      },
    },
    true,
  );
};
