/** Whether features are where they are asked for. */

import type { Bounds } from '../../tms/tile-matrix.ts';

/** Whether the box of the vertices xy[start, end), x and y in turn, touches a closed box. */
export function touches(
  xy: Float64Array,
  start: number,
  end: number,
  [west, south, east, north]: Bounds,
): boolean {
  let minX = Number.POSITIVE_INFINITY;
  let minY = Number.POSITIVE_INFINITY;
  let maxX = Number.NEGATIVE_INFINITY;
  let maxY = Number.NEGATIVE_INFINITY;
  for (let k = start; k < end; k += 2) {
    const x = xy[k]!;
    const y = xy[k + 1]!;
    if (x < minX) minX = x;
    if (x > maxX) maxX = x;
    if (y < minY) minY = y;
    if (y > maxY) maxY = y;
  }
  return minX <= east && maxX >= west && minY <= north && maxY >= south;
}
