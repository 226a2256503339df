/** Maps of degrees on which shapes are those on the ground. */

import type { CrsDefinition } from '../crs/definition.ts';

const RADIANS = Math.PI / 180;

/**
 * Length of a unit along x by that of one along y: the cosine of the latitude, as on a sphere, and
 * never less than a hundredth.
 * @param definition - of a geographic CRS
 * @param y - in its unit
 */
export function lengthOfLongitude({ unit }: CrsDefinition, y: number): number {
  return Math.max(0.01, Math.cos(y * unit * RADIANS));
}
