/** Units of length and of angle: what texts call them, and how long they are. */

import { foldName } from './names.ts';
import { excerpt, refusal } from './refusal.ts';

export interface Unit {
  kind: 'length' | 'angle' | 'scale';
  /** Metres, degrees, or 1. */
  size: number;
  name: string;
  /** For example `EPSG:9001`; null when it is not given. */
  id: string | null;
}

export const METRE: Unit = { kind: 'length', size: 1, name: 'metre', id: 'EPSG:9001' };
export const DEGREE: Unit = { kind: 'angle', size: 1, name: 'degree', id: 'EPSG:9122' };
export const UNITY: Unit = { kind: 'scale', size: 1, name: 'unity', id: 'EPSG:9201' };

const RADIANS = Math.PI / 180;
const US_FOOT = 12 / 39.37;

/** Angles that texts write in radians with few digits, in degrees. */
const ANGLES = [1, 0.9, 1 / 60, 1 / 3600, 180 / Math.PI, 180 / Math.PI / 1e6];
/** The radians of a degree are rounded to as few as nine digits. */
const ANGLE_TOLERANCE = 1e-8;

/** Lengths whose digits go on, in metres. */
const LENGTHS = [1, 0.3048, US_FOOT, 0.9144, 3 * US_FOOT, 66 * US_FOOT, 5280 * US_FOOT, 1000, 0.01];
const LENGTH_TOLERANCE = 1e-12;

/** Names that leave no doubt, with their sizes: text that contradicts them is refused. */
const KNOWN: ReadonlyMap<string, number> = new Map([
  ['degree', 1],
  ['degrees', 1],
  ['decimaldegree', 1],
  ['deg', 1],
  ['grad', 0.9],
  ['grads', 0.9],
  ['gon', 0.9],
  ['radian', 180 / Math.PI],
  ['metre', 1],
  ['meter', 1],
  ['meters', 1],
  ['metres', 1],
  ['m', 1],
  ['kilometre', 1000],
  ['kilometer', 1000],
  ['foot', 0.3048],
  ['feet', 0.3048],
  ['ft', 0.3048],
  ['internationalfoot', 0.3048],
  ['footus', US_FOOT],
  ['ussurveyfoot', US_FOOT],
  ['foot_us', US_FOOT],
]);
/** US and international feet are 2e-6 apart, and foot is said of both. */
const NAME_TOLERANCE = 1e-3;

/** @throws TilewrightError `crs-unknown` for sizes that are none, or that the name contradicts */
export function lengthUnit(name: string, metres: number, id: string | null = null): Unit {
  checkSize(name, metres, metres, 'metres');
  return { kind: 'length', size: nearest(LENGTHS, metres, LENGTH_TOLERANCE), name, id };
}

/** @throws TilewrightError `crs-unknown` for sizes that are none, or that the name contradicts */
export function angleUnit(name: string, radians: number, id: string | null = null): Unit {
  const degrees = radians / RADIANS;
  checkSize(name, degrees, radians, 'radians');
  return { kind: 'angle', size: nearest(ANGLES, degrees, ANGLE_TOLERANCE), name, id };
}

function checkSize(name: string, size: number, written: number, of: string): void {
  if (!(size > 0 && Number.isFinite(size))) {
    throw refusal(`The unit "${excerpt(name)}" of a CRS can't have ${written} ${of}`);
  }
  const known = KNOWN.get(foldName(name));
  if (known !== undefined && Math.abs(size / known - 1) > NAME_TOLERANCE) {
    throw refusal(`The unit "${excerpt(name)}" of a CRS can't have ${written} ${of}`);
  }
}

function nearest(sizes: readonly number[], size: number, tolerance: number): number {
  return sizes.find((known) => Math.abs(size / known - 1) < tolerance) ?? size;
}

/** PROJ's units of length in metres (`proj -lu`). */
export const PROJ_UNITS: ReadonlyMap<string, readonly [number, string]> = new Map([
  ['km', [1000, 'kilometre']],
  ['m', [1, 'metre']],
  ['dm', [0.1, 'decimetre']],
  ['cm', [0.01, 'centimetre']],
  ['mm', [0.001, 'millimetre']],
  ['kmi', [1852, 'nautical mile']],
  ['in', [0.0254, 'inch']],
  ['ft', [0.3048, 'foot']],
  ['yd', [0.9144, 'yard']],
  ['mi', [1609.344, 'statute mile']],
  ['fath', [1.8288, 'fathom']],
  ['ch', [20.1168, 'chain']],
  ['link', [0.201168, 'link']],
  ['us-in', [1 / 39.37, 'US survey inch']],
  ['us-ft', [US_FOOT, 'US survey foot']],
  ['us-yd', [3 * US_FOOT, 'US survey yard']],
  ['us-ch', [66 * US_FOOT, 'US survey chain']],
  ['us-mi', [5280 * US_FOOT, 'US survey mile']],
  ['ind-yd', [0.91439523, 'Indian yard (1937)']],
  ['ind-ft', [0.30479841, 'Indian foot (1937)']],
  ['ind-ch', [20.11669506, 'Indian chain']],
]);
