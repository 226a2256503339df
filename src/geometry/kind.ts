/** Kinds of geometry, as bits: what one feature is, or what several are together. */

import { HAS_Z, MULTI } from './batch.ts';

export const GEOMETRY_POLYGON = 1;
export const GEOMETRY_MULTI = 2;
export const GEOMETRY_XY = 4;
export const GEOMETRY_XYZ = 8;

/** @param flags - of a feature in a batch */
export function kindOf(flags: number): number {
  return (
    (flags & MULTI ? GEOMETRY_MULTI : GEOMETRY_POLYGON) |
    (flags & HAS_Z ? GEOMETRY_XYZ : GEOMETRY_XY)
  );
}
