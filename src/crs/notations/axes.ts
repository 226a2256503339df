/** Where coordinates in files point to, from what a text says of a CRS's axes. */

import type { AxisDirection } from '../definition.ts';
import { refusal } from './refusal.ts';

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
 * Axes that both go north or south, along meridians from a pole, count as east and north. Which
 * meridians these are follows from the projection; texts say others where it is turned.
 * @param written - directions of the horizontal axes, in any case
 * @returns null when the text says nothing
 */
export function axesOf(written: readonly string[]): Axes | null {
  const [first, second] = written;
  if (first === undefined || second === undefined) return null;
  if (written.every((direction) => NOTHING.test(direction.toLowerCase()))) return null;
  const a = directionOf(first);
  const b = directionOf(second);
  if (a === b && (a === 'north' || a === 'south')) return ['east', 'north'];
  const meridional = (direction: AxisDirection) => direction === 'north' || direction === 'south';
  if (meridional(a) === meridional(b)) throw refusal(`A CRS can't have two axes ${a} and ${b}`);
  return a === 'north' ? [b, a] : [a, b];
}

/** Tells that the CRS itself has northing or latitude first, if so. */
export function turned(written: readonly string[]): { northingFirst?: true } {
  const [a, b] = written.map((direction) => DIRECTIONS.get(direction.trim().toLowerCase()));
  return a === 'north' && (b === 'east' || b === 'west') ? { northingFirst: true } : {};
}

function directionOf(direction: string): AxisDirection {
  const known = DIRECTIONS.get(direction.trim().toLowerCase());
  if (known === undefined)
    throw refusal(`The axis direction "${direction.slice(0, 40)}" is not known`);
  return known;
}
