/** Prime meridians by name, in degrees east of Greenwich. */

import { foldName } from './names.ts';
import { parseAngle } from './proj/value.ts';

/** As PROJ has them; Paris as EPSG has it, at 2.5969213 grads. */
const ROWS: readonly (readonly [string, string])[] = [
  ['greenwich', '0'],
  ['lisbon', '9d07\'54.862"W'],
  ['paris', '2.33722917'],
  ['bogota', '74d04\'51.3"W'],
  ['madrid', '3d41\'16.58"W'],
  ['rome', '12d27\'8.4"E'],
  ['bern', '7d26\'22.5"E'],
  ['jakarta', '106d48\'27.79"E'],
  ['ferro', "17d40'W"],
  ['brussels', '4d22\'4.71"E'],
  ['stockholm', '18d3\'29.8"E'],
  ['athens', '23d42\'58.815"E'],
  ['oslo', '10d43\'22.5"E'],
  ['copenhagen', '12d34\'40.35"E'],
];

const MERIDIANS: ReadonlyMap<string, number> = new Map(
  ROWS.map(([name, longitude]) => [name, parseAngle(longitude)!]),
);

/** Degrees east of Greenwich; null for names that are not known. */
export function meridianByName(name: string): number | null {
  return MERIDIANS.get(foldName(name)) ?? null;
}

/** WKT 1 writes longitudes of meridians with as few as four decimals. */
const TOLERANCE = 1e-3;

/**
 * The prime meridian of WKT 1: in degrees as GDAL and ESRI write it, or in the unit of the
 * geographic CRS as the standard says. Where these differ, the name tells.
 * @param size - degrees in the unit
 * @returns degrees east of Greenwich; null when it can't be told
 */
export function wkt1Meridian(name: string, value: number, size: number): number | null {
  if (value === 0 || size === 1) return value;
  const known = meridianByName(name);
  if (known === null) return null;
  if (Math.abs(value - known) < TOLERANCE) return value;
  return Math.abs(value * size - known) < TOLERANCE ? value * size : null;
}
