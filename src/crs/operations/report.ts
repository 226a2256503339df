/** What a user should know of an operation between datums, and which one is refused. */

import { TilewrightError } from '../../core/errors.ts';
import type { CrsDefinition, Ellipsoid } from '../definition.ts';
import type { DatumOperation } from './datum-operation.ts';

/** Above this accuracy, in metres, an operation is worth a warning. */
const COARSE = 10;
/** What a grid that is not at hand must gain to be worth one. */
const GAIN = 10;

/**
 * Refuses what would put polygons somewhere without anybody knowing how far off.
 * @param allowBallpark - take longitudes and latitudes as they are where no operation is known
 * @throws TilewrightError `crs-ballpark`; `crs-unknown` for another planet
 */
export function requireOperation(
  operation: DatumOperation,
  from: CrsDefinition,
  to: CrsDefinition,
  allowBallpark: boolean,
): void {
  if (operation.kind !== 'ballpark') return;
  const [p, q] = [from.datum.ellipsoid, to.datum.ellipsoid];
  // Radii of one body differ by less than 1 %: by 7 km between the Earth's sphere and ellipsoid.
  if (Math.abs(p.a - q.a) > 0.01 * q.a) {
    throw new TilewrightError(
      'crs-unknown',
      `Coordinates on ${frame(from)} are not on the body of ${frame(to)}: its radius is ${p.a} m, ` +
        `not ${q.a} m`,
    );
  }
  if (allowBallpark || (isModern(p) && isModern(q))) return;
  const grid = gridAdvice(operation);
  throw new TilewrightError(
    'crs-ballpark',
    `No operation from ${frame(from)} to ${frame(to)} is known${grid === null ? '' : ' that needs no grid'}, ` +
      `so positions may be off by ${p.es === 0 || q.es === 0 ? '20 km' : 'some hundreds of metres'}. ` +
      `${grid === null ? '' : `${grid}. `}Say which CRS is meant with --override-crs (a PROJ string may ` +
      'have +towgs84=…), or take longitudes and latitudes as they are with --allow-ballpark',
  );
}

/**
 * GRS 80, WGS 84 and their likes (CGCS 2000, PZ-90, …), and those that counties of the USA raise to
 * their height: frames on them agree within a few metres.
 */
function isModern({ a, es, inverseFlattening }: Ellipsoid): boolean {
  const isRaised = a > 6378300 && a < 6378600;
  if (es === 0 || Math.abs(inverseFlattening - 298.2572) > 0.02) return false;
  return Math.abs(a - 6378137) < 2.5 || isRaised;
}

/** A sentence or two, or null when there is nothing to know. */
export function operationNote(
  operation: DatumOperation,
  from: CrsDefinition,
  to: CrsDefinition,
): string | null {
  const { kind, accuracy, inside } = operation;
  if (kind === 'same') return null;
  if (kind === 'ballpark') {
    const size = isModern(from.datum.ellipsoid) && isModern(to.datum.ellipsoid);
    return (
      `No operation from ${frame(from)} to ${frame(to)} is known: longitudes and ` +
      'latitudes are taken as they are, which may be off by ' +
      `${size ? 'a few metres' : 'hundreds of metres'}.`
    );
  }
  const notes: string[] = [];
  const named = `${operation.name}${operation.id === null ? '' : ` (${operation.id})`}`;
  if (operation.leavesOut) {
    notes.push(
      `${named} leads from ${frame(from)} to ${frame(to)}, but its grids do not hold all of ` +
        'the input: features that are outside of them are not staged.',
    );
  } else if (!inside) {
    notes.push(
      `${named} leads from ${frame(from)} to ${frame(to)}, but is made for an area that ` +
        'does not hold all of the input: positions may be off by more than its ' +
        `${accuracy === null ? 'unknown accuracy' : `${accuracy} m`}.`,
    );
  } else if (accuracy !== null && accuracy > COARSE) {
    notes.push(
      `${named} leads from ${frame(from)} to ${frame(to)} with an accuracy of ` + `${accuracy} m.`,
    );
  }
  const advice = gridAdvice(operation);
  if (advice !== null && isWorthIt(operation)) notes.push(`${advice}.`);
  return notes.length === 0 ? null : notes.join(' ');
}

/** Whether to tell of a better operation: always if the user has its grid, or a definition names it. */
function isWorthIt({ kind, accuracy, missing }: DatumOperation): boolean {
  if (missing === null) return false;
  if (kind === 'given') return true;
  if (missing.accuracy === null || accuracy === null) return false;
  return missing.accuracy * (missing.atHand ? 1 : GAIN) <= accuracy;
}

function gridAdvice({ missing }: DatumOperation): string | null {
  if (missing === null || missing.grids.length === 0) return null;
  const accuracy = missing.accuracy === null ? '' : `, with an accuracy of ${missing.accuracy} m`;
  if (missing.atHand) {
    const holds = missing.grids.length === 1 ? 'does' : 'do';
    return `${missing.name} would be better${accuracy}, but ${missing.grids.join(' and ')} ${holds} not hold all of the input`;
  }
  return (
    `${missing.name} would be better${accuracy}: put ${missing.grids.join(' and ')} into a folder ` +
    'and name that with --grids'
  );
}

/** The geographic CRS that coordinates are in, by its name; by its ellipsoid if it has none. */
function frame({ baseName, datum }: CrsDefinition): string {
  if (baseName !== '' && !/^un(?:known|named)/i.test(baseName)) return baseName;
  const { name, a, es } = datum.ellipsoid;
  if (es === 0) return `a sphere with a radius of ${a} m`;
  return `an unnamed datum on ${name === '' || /^un/i.test(name) ? `an ellipsoid of ${a} m` : name}`;
}
