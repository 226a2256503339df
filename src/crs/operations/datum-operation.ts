/** From the datum of one CRS to that of another: what is done, how well it is known, in which steps. */

import { basename } from 'node:path';
import { TilewrightError } from '../../core/errors.ts';
import type { Datum, GivenShift } from '../definition.ts';
import { shareWithin } from '../grids/coverage.ts';
import type { GridFile, GridFolder } from '../grids/grid-folder.ts';
import type { GridStep } from '../grids/loop.ts';
import { ensembleMembers, geodeticById } from '../table/geodetic.ts';
import type { Bounds } from '../table/records.ts';
import { type Candidate, chooseOperation, flatten, type KnownStep, type Place } from './choose.ts';
import { type Axes, type Helmert, isNull, sameAxes } from './helmert.ts';
import { type KnownOperation, operationById } from './known.ts';
import type { OperationSummary } from './operation-summary.ts';

/** One step, as plain data. It changes longitude and latitude in degrees, from Greenwich. */
export type DatumStep =
  | { kind: 'helmert'; shift: Helmert; inverse: boolean; from: Axes; to: Axes }
  | { kind: 'offsets'; longitude: number; latitude: number }
  | GridStep;

/** Plain data: a plan holds it, and it crosses threads. */
export interface DatumOperation extends OperationSummary {
  /** Whether a grid of it does not hold all of the extent: what is outside has no place. */
  leavesOut: boolean;
  /** A better one, whose grids are not at hand, or do not hold all of the extent. */
  missing: Missing | null;
  /** Whether other grids at hand may lead to another operation. */
  needsGrids: boolean;
  steps: DatumStep[];
}

interface Missing {
  name: string;
  accuracy: number | null;
  grids: string[];
  atHand: boolean;
}

const wgs84 = (): Place => ({ id: 'EPSG:4326', datum: geodeticById('EPSG:4326')!.datum });

/**
 * @param extent - in degrees from Greenwich on either datum; null when it is not known
 * @param grids - where grids are looked for; null for nowhere
 * @throws TilewrightError `crs-grid` for a grid that a definition asks for and that is not there
 */
export function datumOperation(
  from: Place,
  to: Place,
  extent: Bounds | null,
  grids: GridFolder | null,
): DatumOperation {
  const given = [from, to].some((place) => place.datum.given !== null);
  if (isOneDatum(from.datum, to.datum) && sameGiven(from.datum, to.datum)) return same(from, to);
  if (given) return throughWgs84(from, to, extent, grids);
  const reach = (operation: KnownOperation): number | null => reachOf(operation, extent, grids);
  const { chosen, inside, missing, needsGrids } = chooseOperation(from, to, extent, reach);
  const needs = {
    missing: missing === null ? null : lacking(missing, reach, grids),
    needsGrids,
  };
  if (chosen === null) {
    const members = isMember(from.datum, to.datum);
    return members === null
      ? { ...same(from, to), kind: 'ballpark', name: 'none is known', accuracy: null, ...needs }
      : { ...same(from, to), accuracy: members, needsGrids };
  }
  return {
    kind: 'known',
    name: chosen.name,
    id: chosen.steps.map(({ operation }) => operation.id).join(' + '),
    accuracy: chosen.accuracy,
    inside,
    leavesOut: chosen.steps.some(({ operation }) => reach(operation) !== 1),
    ...needs,
    steps: flatten(chosen).flatMap((step) => stepOf(step, grids)),
  };
}

function same(from: Place, to: Place): DatumOperation {
  const name = from.datum.id === to.datum.id ? 'one datum' : 'realisations of one datum';
  const known = { inside: true, leavesOut: false, missing: null, needsGrids: false };
  return { kind: 'same', name, id: null, accuracy: 0, ...known, steps: [] };
}

/** Whether the two are one datum: by their ids; without ids all that is known must be equal. */
function isOneDatum(a: Datum, b: Datum): boolean {
  if (!sameAxes(a.ellipsoid, b.ellipsoid)) return false;
  if (a.id !== null && b.id !== null) return a.id === b.id;
  return a.id === b.id && a.name === b.name;
}

function sameGiven(a: Datum, b: Datum): boolean {
  return JSON.stringify(a.given) === JSON.stringify(b.given);
}

/** Accuracy of the ensemble that one datum is of and the other is a member of; null if not so. */
function isMember(a: Datum, b: Datum): number | null {
  if (a.id === null || b.id === null) return null;
  if (ensembleMembers(a.id).members.includes(b.id)) return ensembleMembers(a.id).accuracy;
  if (ensembleMembers(b.id).members.includes(a.id)) return ensembleMembers(b.id).accuracy;
  return null;
}

/** With a shift that came with a definition, the way leads through WGS 84. */
function throughWgs84(
  from: Place,
  to: Place,
  extent: Bounds | null,
  grids: GridFolder | null,
): DatumOperation {
  const halves = [halfOf(from, extent, grids), reversed(halfOf(to, extent, grids))];
  const real = halves.filter(({ kind }) => kind !== 'same');
  const accuracies = halves.map(({ accuracy }) => accuracy);
  return {
    kind: real.some(({ kind }) => kind === 'ballpark') ? 'ballpark' : 'given',
    name: real.map(({ name }) => name).join(' + '),
    id: null,
    accuracy: accuracies.includes(null) ? null : accuracies.reduce((sum, a) => sum! + a!, 0),
    inside: halves.every(({ inside }) => inside),
    leavesOut: halves.some(({ leavesOut }) => leavesOut),
    missing: real.find(({ missing }) => missing !== null)?.missing ?? null,
    needsGrids: halves.some(({ needsGrids }) => needsGrids),
    steps: halves.flatMap(({ steps }) => steps),
  };
}

function halfOf(place: Place, extent: Bounds | null, grids: GridFolder | null): DatumOperation {
  const { given, ellipsoid } = place.datum;
  if (given === null) return datumOperation(place, wgs84(), extent, grids);
  const half: DatumOperation = {
    ...same(place, wgs84()),
    kind: 'given',
    name: nameOf(given),
    accuracy: null,
  };
  return given.kind === 'grids'
    ? { ...half, ...givenGrids(given.names, extent, grids) }
    : { ...half, steps: givenSteps(given.parameters, ellipsoid) };
}

function nameOf(given: GivenShift): string {
  return given.kind === 'grids'
    ? `grids of the definition: ${given.names.join(', ')}`
    : `shift of the definition: ${given.parameters.join(', ')}`;
}

/**
 * The grids of a definition, as PROJ understands their list: for each point the first one that holds
 * it; those with @ before their names may be absent; `null` holds every point and leaves it alone.
 * @throws TilewrightError `crs-grid` for one that must be there and is not
 */
function givenGrids(
  names: readonly string[],
  extent: Bounds | null,
  grids: GridFolder | null,
): Pick<DatumOperation, 'inside' | 'leavesOut' | 'missing' | 'needsGrids' | 'steps'> {
  const bare = names.map((name) => name.replace(/^@/, ''));
  const end = bare.indexOf('null');
  const asked = end < 0 ? bare : bare.slice(0, end);
  const files = asked.map((name) => grids?.named(name) ?? null);
  const absent = asked.filter((_, n) => files[n] === null);
  const required = absent.find((name) => !names.includes(`@${name}`));
  if (required !== undefined) {
    throw new TilewrightError(
      'crs-grid',
      `The definition of the CRS needs the grid ${required}, which is not ` +
        `${grids === null ? 'at hand' : `in ${grids.path}`}: put it into a folder and name that with --grids`,
    );
  }
  const found = files.filter((file) => file !== null);
  const outside = end < 0 ? 'nothing' : 'same';
  const coverage = found.flatMap((file) => grids!.coverage(file));
  const leavesOut =
    outside === 'nothing' && found.length > 0 && shareWithin(extent, coverage) !== 1;
  const name = `a definition with ${absent.join(', ')}`;
  return {
    inside: !leavesOut,
    leavesOut,
    missing: absent.length === 0 ? null : { name, accuracy: null, grids: absent, atHand: false },
    needsGrids: asked.length > 0,
    steps: found.length === 0 ? [] : [{ kind: 'grid', files: found, inverse: false, outside }],
  };
}

function givenSteps(parameters: readonly number[], ellipsoid: Axes): DatumStep[] {
  const [tx = 0, ty = 0, tz = 0, rx = 0, ry = 0, rz = 0, scale = 0] = parameters;
  const shift: Helmert = {
    translation: [tx, ty, tz],
    rotation: [rx, ry, rz],
    scale,
    pivot: [0, 0, 0],
  };
  return helmertStep(shift, false, ellipsoid, wgs84().datum.ellipsoid);
}

function reversed(operation: DatumOperation): DatumOperation {
  const steps = operation.steps.map((step): DatumStep => {
    if (step.kind === 'offsets') {
      return { kind: 'offsets', longitude: -step.longitude, latitude: -step.latitude };
    }
    if (step.kind === 'helmert') {
      return { ...step, inverse: !step.inverse, from: step.to, to: step.from };
    }
    return { ...step, inverse: !step.inverse };
  });
  const inverse = operation.kind === 'same' ? operation.name : `Inverse of ${operation.name}`;
  return { ...operation, name: inverse, steps: steps.reverse() };
}

function helmertStep(shift: Helmert, inverse: boolean, from: Axes, to: Axes): DatumStep[] {
  if (isNull(shift, from, to)) return [];
  const axes = ({ a, es }: Axes): Axes => ({ a, es });
  return [{ kind: 'helmert', shift, inverse, from: axes(from), to: axes(to) }];
}

function stepOf({ operation, inverse }: KnownStep, grids: GridFolder | null): DatumStep[] {
  const { method } = operation;
  const source = geodeticById(operation.source)!.datum;
  const target = geodeticById(operation.target)!.datum;
  if (method.kind === 'helmert') {
    return inverse
      ? helmertStep(method.shift, true, target.ellipsoid, source.ellipsoid)
      : helmertStep(method.shift, false, source.ellipsoid, target.ellipsoid);
  }
  if (method.kind === 'offsets') {
    // Offsets are between the CRSs' own longitudes, which count from their prime meridians.
    const sign = inverse ? -1 : 1;
    const longitude = sign * (method.longitude - source.primeMeridian + target.primeMeridian);
    const latitude = sign * method.latitude;
    const isNothing = Math.abs(longitude) < 1e-9 && latitude === 0;
    return isNothing ? [] : [{ kind: 'offsets', longitude, latitude }];
  }
  if (method.kind === 'steps') throw new Error(`${operation.id} is not taken apart`);
  const found = grids?.find(method.files) ?? null;
  if (found === null) throw new Error(`the grid of ${operation.id} is not at hand`);
  const { source: file, inverse: isReverse } = found;
  return [{ kind: 'grid', files: [file], inverse: inverse !== isReverse, outside: 'nothing' }];
}

/** The part of the extent that the grids of an operation hold; null if one is not at hand. */
function reachOf(
  operation: KnownOperation,
  extent: Bounds | null,
  grids: GridFolder | null,
): number | null {
  const { method } = operation;
  if (method.kind === 'steps') {
    const parts = method.ids.map((id) => reachOf(operationById(id), extent, grids));
    return parts.includes(null) ? null : Math.min(...parts.map((part) => part!));
  }
  if (method.kind !== 'grid') return 1;
  const found = grids?.find(method.files) ?? null;
  return found === null ? null : shareWithin(extent, grids!.coverage(found.source));
}

/** @param reach - of an operation */
function lacking(
  candidate: Candidate,
  reach: (operation: KnownOperation) => number | null,
  folder: GridFolder | null,
): Missing {
  const steps = flatten(candidate).filter(({ operation }) => reach(operation) !== 1);
  const absent = steps.filter(({ operation }) => reach(operation) === null);
  const grids = (absent.length > 0 ? absent : steps).flatMap(({ operation }) =>
    operation.method.kind === 'grid' ? namesOf(operation.method.files, folder) : [],
  );
  const { name, accuracy } = candidate;
  return { name, accuracy, grids, atHand: absent.length === 0 };
}

/**
 * The file that is there; otherwise the name under which PROJ distributes the grid, which comes
 * second; that file has both of NADCON's.
 */
function namesOf(files: readonly GridFile[], folder: GridFolder | null): string[] {
  const found = folder?.find(files) ?? null;
  if (found !== null) return [basename(found.source.path)];
  const name = files[0]?.names[1];
  return name === undefined ? files.map(({ names }) => names[0]!) : [name];
}
