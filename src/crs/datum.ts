/** Whether coordinates of two datums differ, and whether the difference is known. */

import type { Datum } from './parameters.ts';
import type { Crs } from './resolve.ts';

/** GRS 80 and WGS 84 differ by 3e-11 in eccentricity squared, 0.1 mm: they count as equal. */
const ELLIPSOID_TOLERANCE = 5e-11;

function sameEllipsoid(a: Datum, b: Datum): boolean {
  return a.a === b.a && Math.abs(a.es - b.es) < ELLIPSOID_TOLERANCE;
}

function sameParameters(a: Datum, b: Datum): boolean {
  const length = Math.max(a.towgs84.length, b.towgs84.length);
  for (let i = 0; i < length; i++) {
    if ((a.towgs84[i] ?? 0) !== (b.towgs84[i] ?? 0)) return false;
  }
  return true;
}

/** Whether longitude and latitude must change between the datums, and it is known how. */
export function needsDatumShift(from: Datum, to: Datum): boolean {
  if (from.shift === 'unknown' || to.shift === 'unknown') return !sameEllipsoid(from, to);
  const fromNull = from.shift === 'null-grid';
  const toNull = to.shift === 'null-grid';
  if (fromNull || toNull) {
    return from.shift === 'geocentric' || to.shift === 'geocentric';
  }
  return from.shift !== to.shift || !sameEllipsoid(from, to) || !sameParameters(from, to);
}

/** Whether the two are one datum, as far as can be told. */
export function sameDatum(a: Datum, b: Datum): boolean {
  if (a.shift === 'null-grid' || b.shift === 'null-grid') {
    return a.shift === b.shift || a.shift === 'wgs84' || b.shift === 'wgs84';
  }
  if (!sameEllipsoid(a, b)) return false;
  if (a.name !== null && a.name === b.name) return true;
  if (a.shift === 'unknown' || b.shift === 'unknown') {
    // Datums on GRS 80 or WGS 84 agree within metres; others only if nothing tells them apart.
    return isModern(a) || a.name === null || b.name === null;
  }
  return a.shift === b.shift && sameParameters(a, b);
}

function isModern(datum: Datum): boolean {
  return datum.a === 6378137 && Math.abs(datum.es - 0.0066943800229) < ELLIPSOID_TOLERANCE;
}

/** A sentence for the user when positions may be off because a datum's shift is not known. */
export function datumWarning(from: Crs, to: Crs): string | null {
  if (sameDatum(from.projection.datum, to.projection.datum)) return null;
  for (const crs of [from, to]) {
    const { datum } = crs.projection;
    const name = crs.id ?? crs.name;
    const grid = datum.grid === null ? '' : ` (the grid ${datum.grid} is not at hand)`;
    if (datum.shift === 'unknown') {
      return (
        `No transformation from the datum of ${name} is known${grid}: positions may be off by ` +
        '100 m or so. Give the CRS as a PROJ string with +towgs84=… if you know the parameters.'
      );
    }
    if (datum.grid !== null) {
      return (
        `The datum of ${name} is transformed with ${datum.towgs84.length} parameters${grid}: ` +
        'positions may be off by some metres.'
      );
    }
  }
  return null;
}
