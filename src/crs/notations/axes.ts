/** Where coordinates in files point to, from what a text says of a CRS's axes. */

import type { AxisDirection } from '../definition.ts';
import { refusal } from './refusal.ts';

export interface Axis {
  /** As it is written: east, North, geodetic… */
  direction: string;
  /** Of axes that go along meridians from a pole: degrees east. */
  meridian: number | null;
}

const DIRECTIONS: ReadonlyMap<string, AxisDirection> = new Map([
  ['east', 'east'],
  ['north', 'north'],
  ['west', 'west'],
  ['south', 'south'],
]);
/** GDAL once wrote these where it did not know. */
const NOTHING = /^(?:unknown|other|unspecified)$/;

export type Axes = readonly [AxisDirection, AxisDirection];

/**
 * The order of coordinates in files is that of GIS: easting or longitude first. Axes north, east
 * are swapped; what is left (southing and westing of Krovak, …) is as the CRS says.
 * Axes that go along meridians from a pole count as east and north.
 * @param longitude - of the axes' origin, in degrees east: the meridians of polar axes follow from it
 * @returns null when the text says nothing
 */
export function axesOf(written: readonly Axis[], longitude: number): Axes | null {
  const [first, second] = written;
  if (first === undefined || second === undefined) return null;
  if (written.every(({ direction }) => NOTHING.test(direction.toLowerCase()))) return null;
  const a = directionOf(first);
  const b = directionOf(second);
  if (a === b && (a === 'north' || a === 'south')) {
    checkMeridians(a, first.meridian, second.meridian, longitude);
    return ['east', 'north'];
  }
  const meridional = (direction: AxisDirection) => direction === 'north' || direction === 'south';
  if (meridional(a) === meridional(b)) throw refusal(`A CRS can't have two axes ${a} and ${b}`);
  return a === 'north' ? [b, a] : [a, b];
}

function directionOf({ direction }: Axis): AxisDirection {
  const known = DIRECTIONS.get(direction.trim().toLowerCase());
  if (known === undefined)
    throw refusal(`The axis direction "${direction.slice(0, 40)}" is not known`);
  return known;
}

/**
 * From the north pole eastings grow along the meridian 90° east of the longitude of origin, and
 * northings along that 180° from it; from the south pole along 90° and 0°.
 */
function checkMeridians(
  direction: 'north' | 'south',
  a: number | null,
  b: number | null,
  longitude: number,
): void {
  if (a === null || b === null) return;
  const east = longitude + 90;
  const north = longitude + (direction === 'south' ? 180 : 0);
  const usual = sameMeridian(a, east) && sameMeridian(b, north);
  const swapped = sameMeridian(b, east) && sameMeridian(a, north);
  if (!usual && !swapped) {
    throw refusal(
      `Axes ${direction} along the meridians ${a}° and ${b}° don't go with an origin at ${longitude}°`,
    );
  }
}

function sameMeridian(a: number, b: number): boolean {
  const difference = (((a - b) % 360) + 360) % 360;
  return Math.min(difference, 360 - difference) < 1e-6;
}
