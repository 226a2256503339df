/**
 * Sinusoidal, on the ellipsoid. Formulas: Snyder 1987, p. 247: true to scale along all parallels
 * and the central meridian.
 */

import { rectifyingLatitude, shiftedLatitude } from '../auxiliary-latitudes.ts';
import type { ProjectionFactory } from '../projection.ts';
import { pseudocylindrical } from '../pseudocylindrical.ts';

export const sinusoidal: ProjectionFactory = (a, es, parameters) => {
  const { radius, fromGeographic, toGeographic } = rectifyingLatitude(es);
  return pseudocylindrical(a, parameters, {
    width: (phi) => {
      const sin = Math.sin(phi);
      return Math.max(0, Math.cos(phi)) / Math.sqrt(1 - es * sin * sin);
    },
    height: (phi) => radius * shiftedLatitude(fromGeographic, phi),
    ofHeight: (y) => {
      const mu = y / radius;
      if (!(Math.abs(mu) <= Math.PI / 2 + 1e-7)) return Number.NaN;
      return Math.max(-Math.PI / 2, Math.min(Math.PI / 2, shiftedLatitude(toGeographic, mu)));
    },
  });
};
