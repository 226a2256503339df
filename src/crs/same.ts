/** Whether two CRSs are one: only where all their numbers are, or all the positions they give. */

import { coordinatesOf } from './coordinates.ts';
import type { CrsDefinition, Datum, ParameterName } from './definition.ts';
import { sameName } from './notations/names.ts';
import { sameEllipsoid } from './table/identify.ts';

/** Equal but for rounding in texts: 1e-11 of the value, as of 180 degrees. */
function close(a: number, b: number): boolean {
  return a === b || Math.abs(a - b) <= 1e-11 * Math.max(Math.abs(a), Math.abs(b), 180);
}

function sameDatum(a: Datum, b: Datum): boolean {
  if (!sameEllipsoid(a.ellipsoid, b.ellipsoid)) return false;
  if (JSON.stringify(a.given) !== JSON.stringify(b.given)) return false;
  if (a.id !== null && b.id !== null) return a.id === b.id;
  return a.id === b.id && a.name !== null && b.name !== null && sameName(a.name, b.name);
}

/** Whether coordinates in the one are coordinates in the other as they are. */
export function sameDefinition(a: CrsDefinition, b: CrsDefinition): boolean {
  return sameDatum(a.datum, b.datum) && a.method === b.method && sameFormulas(a, b);
}

function sameFormulas(a: CrsDefinition, b: CrsDefinition): boolean {
  if (baseMethod(a) !== baseMethod(b) || a.axes.join() !== b.axes.join()) return false;
  if (!close(a.unit, b.unit)) return false;
  if (a.method === null) return close(a.datum.primeMeridian, b.datum.primeMeridian);
  const names = new Set([...Object.keys(a.parameters), ...Object.keys(b.parameters)]);
  return [...names].every((name) => {
    const absent = /scale/i.test(name) ? 1 : 0;
    const p = a.parameters[name as ParameterName] ?? absent;
    const q = b.parameters[name as ParameterName] ?? absent;
    return close(p, q);
  });
}

/** WKT 1 has one name for a method and its spherical form, which codes tell apart. */
function baseMethod({ method }: CrsDefinition): string | undefined {
  return method?.replace(/-spherical$/, '');
}

/**
 * Whether a code and a text beside it mean one CRS. Texts name methods and parameters in many ways
 * and round them; so where the numbers differ, what counts is where some points come to lie.
 */
export function sameNumbers(known: CrsDefinition, written: CrsDefinition): boolean {
  const { datum } = written;
  const sameBody = sameEllipsoid(known.datum.ellipsoid, datum.ellipsoid);
  if (!sameBody) return isWebMercator(known) && isWebMercator(written);
  if (known.datum.id !== null && datum.id !== null && known.datum.id !== datum.id) return false;
  return sameFormulas(known, written) || samePositions(known, written);
}

/** Texts give web Mercator the ellipsoid or the sphere: what is meant is the same. */
function isWebMercator({ method, datum, parameters }: CrsDefinition): boolean {
  const { a, es } = datum.ellipsoid;
  const spherical = method === 'pseudo-mercator' || (/^mercator/.test(method ?? '') && es === 0);
  return spherical && a === 6378137 && Object.values(parameters).every((n) => n === 0 || n === 1);
}

/** A metre on the ground, in degrees: less than zones, parallels or units that were mixed up. */
const NEAR = 1e-5;

function samePositions(known: CrsDefinition, written: CrsDefinition): boolean {
  const forward = coordinatesOf(known).fromDegrees;
  const back = coordinatesOf(written).toDegrees;
  const { longitudeOfOrigin = 0, latitudeOfOrigin = 0, standardParallel1 } = known.parameters;
  const latitude = Math.max(-80, Math.min(80, standardParallel1 ?? latitudeOfOrigin));
  const points = [-1, 0.5, 1].flatMap((d) => [longitudeOfOrigin + d, latitude + d / 2]);
  const xy = Float64Array.from(points);
  forward?.(xy, 0, 3);
  back?.(xy, 0, 3);
  return points.every((value, i) => {
    const off = Math.abs(xy[i]! - value) % 360;
    return Math.min(off, 360 - off) < NEAR;
  });
}
