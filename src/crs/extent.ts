/** Where on the Earth an extent in a CRS's own coordinates lies. */

import { coordinatesOf } from './coordinates.ts';
import type { Crs } from './resolve.ts';
import type { Bounds } from './table/records.ts';

/** Points along each side that are looked at. */
const SIDE = 4;

/**
 * @param extent - [minX, minY, maxX, maxY] in the CRS; null or no numbers where it is not known
 * @returns west, south, east, north in degrees from Greenwich, east < west + 360, on the CRS's own
 *   datum; the CRS's area of use if the extent does not say it, null if nobody does
 */
export function geographicExtent(
  crs: Crs,
  extent: readonly [number, number, number, number] | null,
): Bounds | null {
  const area = crs.areas[0] ?? null;
  if (extent === null || !extent.every(Number.isFinite)) return area;
  const [minX, minY, maxX, maxY] = extent;
  if (minX > maxX || minY > maxY) return area;
  const count = SIDE + 1;
  const xy = new Float64Array(2 * count * count);
  for (let i = 0; i < count * count; i++) {
    xy[2 * i] = minX + ((maxX - minX) * (i % count)) / SIDE;
    xy[2 * i + 1] = minY + ((maxY - minY) * Math.floor(i / count)) / SIDE;
  }
  coordinatesOf(crs.definition).toDegrees?.(xy, 0, count * count);
  return boundsOnGlobe(xy) ?? area;
}

/** The bounds of points that leave out the widest gap between their longitudes. */
function boundsOnGlobe(xy: Float64Array): Bounds | null {
  const longitudes: number[] = [];
  let south = Number.POSITIVE_INFINITY;
  let north = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < xy.length; i += 2) {
    const latitude = xy[i + 1]!;
    if (!Number.isFinite(xy[i]!) || !(Math.abs(latitude) <= 90)) continue;
    longitudes.push(xy[i]!);
    south = Math.min(south, latitude);
    north = Math.max(north, latitude);
  }
  if (longitudes.length === 0) return null;
  const sorted = longitudes
    .map((l) => ((((l + 180) % 360) + 360) % 360) - 180)
    .sort((a, b) => a - b);
  let west = sorted[0]!;
  let east = sorted.at(-1)!;
  let widest = west + 360 - east;
  for (let i = 1; i < sorted.length; i++) {
    const gap = sorted[i]! - sorted[i - 1]!;
    if (gap <= widest) continue;
    widest = gap;
    west = sorted[i]!;
    east = sorted[i - 1]! + 360;
  }
  return [west, south, east, north];
}
