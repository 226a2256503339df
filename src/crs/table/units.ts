/** Units by EPSG's codes. */

import { recordOf } from './records.ts';

export interface Unit {
  /** `EPSG:9001`. */
  id: string;
  name: string;
  kind: 'length' | 'angle' | 'scale';
  /** Metres, radians or the ratio in one. */
  factor: number;
}

const units = new Map<string, Unit>();
/** Degrees that are told with minutes and seconds, in CRSs that are deprecated: numbers in files are degrees, as for PROJ. */
const TOLD_IN_MINUTES: ReadonlySet<string> = new Set(['EPSG:9107', 'EPSG:9108']);
const DEGREE = '9122';

/** @param code - EPSG's code, or with another authority before it */
export function unitOf(code: string): Unit {
  let unit = units.get(code);
  if (unit === undefined) {
    const id = code.includes(':') ? code : `EPSG:${code}`;
    if (TOLD_IN_MINUTES.has(id)) return unitOf(DEGREE);
    const record = recordOf('units', id);
    if (record === null) throw new Error(`the table has no unit ${id}`);
    const kind = record[2] as Unit['kind'];
    // "degree (supplier to define representation)" is what is written as degree everywhere.
    const name = record[1]!.replace(/ \(supplier.*/, '');
    unit = { id, name, kind, factor: Number(record[3] ?? Number.NaN) };
    units.set(code, unit);
  }
  return unit;
}

/** Degrees of an angle in a unit, the sexagesimal ones of EPSG included. */
export function angleOf(value: number, code: string): number {
  switch (code.replace('EPSG:', '')) {
    // Degree, degree by its supplier, and degrees told in minutes.
    case '9102':
    case '9107':
    case '9108':
    case '9122':
      return value;
    case '9110':
      return sexagesimal(value);
    // Grad and gon: 0.9 exactly.
    case '9105':
    case '9106':
      return value * 0.9;
    case '9103':
      return value / 60;
    case '9104':
      return value / 3600;
    default:
      return (value * unitOf(code).factor * 180) / Math.PI;
  }
}

/** DDD.MMSSsss: degrees, then minutes and seconds as decimals (EPSG:9110). */
function sexagesimal(value: number): number {
  // Twelve decimals: a hundred-millionth of a second, and no rounding error of the binary number.
  const [degrees = '0', decimals = ''] = Math.abs(value).toFixed(12).split('.');
  const minutes = Number(decimals.slice(0, 2));
  const seconds = Number(`${decimals.slice(2, 4)}.${decimals.slice(4)}`);
  return Math.sign(value) * (Number(degrees) + minutes / 60 + seconds / 3600);
}
