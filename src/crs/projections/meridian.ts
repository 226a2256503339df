/** Distances along a meridian. */

import { rectifyingLatitude, shiftedLatitude } from './auxiliary-latitudes.ts';

export interface Meridian {
  /** From the equator to φ (radians), in units of a. */
  distance(phi: number): number;
  /** φ at that distance; past the poles it goes on. */
  latitude(distance: number): number;
}

export function meridian(es: number): Meridian {
  const { radius, fromGeographic, toGeographic } = rectifyingLatitude(es);
  return {
    distance: (phi) => radius * shiftedLatitude(fromGeographic, phi),
    latitude: (distance) => shiftedLatitude(toGeographic, distance / radius),
  };
}
