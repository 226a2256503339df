/** How much of an extent rectangles hold together. */

import type { Bounds } from '../table/records.ts';

/** Points along each side that are looked at. */
const SIDE = 33;
/** Degrees: extents and grids are rounded. */
const MARGIN = 1e-9;

/**
 * The part of the points of a lattice over the extent that are in one of the rectangles: 1 is all. One
 * rectangle that holds the extent holds them all; gaps between rectangles that are narrower than the
 * lattice are not seen.
 * @param extent - west, south, east, north in degrees; null, which is not known, counts as held
 */
export function shareWithin(extent: Bounds | null, rectangles: readonly Bounds[]): number {
  if (extent === null) return 1;
  const [west, south, east, north] = extent;
  const width = east < west ? east + 360 - west : east - west;
  const isHeld = rectangles.some(
    (one) => holds(one, west, south) && holds(one, west + width, north) && one[2] - one[0] >= width,
  );
  if (isHeld) return 1;
  let count = 0;
  for (let i = 0; i < SIDE; i++) {
    const longitude = west + (width * i) / (SIDE - 1);
    for (let j = 0; j < SIDE; j++) {
      const latitude = south + ((north - south) * j) / (SIDE - 1);
      if (rectangles.some((rectangle) => holds(rectangle, longitude, latitude))) count++;
    }
  }
  return count / (SIDE * SIDE);
}

function holds([west, south, east, north]: Bounds, longitude: number, latitude: number): boolean {
  if (latitude < south - MARGIN || latitude > north + MARGIN) return false;
  const turn = 360 * Math.floor((longitude - west + MARGIN) / 360);
  return longitude - turn <= east + MARGIN;
}
