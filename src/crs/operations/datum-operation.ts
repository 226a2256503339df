/** From the datum of one CRS to that of another: what is done, how well it is known, in which steps. */

import type { Datum, GivenShift } from '../definition.ts';
import { type GridFolder, type GridStep, gridStep } from '../grids/grid-folder.ts';
import { ensembleMembers, geodeticById } from '../table/geodetic.ts';
import type { Bounds } from '../table/records.ts';
import { type Candidate, chooseOperation, flatten, type KnownStep, type Place } from './choose.ts';
import { type Axes, type Helmert, isNull, sameAxes } from './helmert.ts';
import { type KnownOperation, operationById } from './known.ts';

/** One step, as plain data. It changes longitude and latitude in degrees, from Greenwich. */
export type DatumStep =
  | { kind: 'helmert'; shift: Helmert; inverse: boolean; from: Axes; to: Axes }
  | { kind: 'offsets'; longitude: number; latitude: number }
  | GridStep;

/** Plain data: a plan holds it, and it crosses threads. */
export interface DatumOperation {
  /**
   * `same`: one datum; `known`: an operation of the table; `given`: one that came with a CRS's
   * definition; `ballpark`: none is known, longitudes and latitudes are taken as they are.
   */
  kind: 'same' | 'known' | 'given' | 'ballpark';
  /** Of the operation, as EPSG or ESRI name it. */
  name: string;
  /** `EPSG:1311`; several with + between them. */
  id: string | null;
  /** Metres; null when it is not known. */
  accuracy: number | null;
  /** Whether the area that it is made for holds the extent. */
  inside: boolean;
  /** A better one that needs a grid which is not at hand. */
  missing: { name: string; accuracy: number | null; grids: string[] } | null;
  steps: DatumStep[];
}

const WGS84: Place = { id: 'EPSG:4326', datum: geodeticById('EPSG:4326')!.datum };

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
  if (given) return throughWgs84(from, to, extent, grids);
  if (isOneDatum(from.datum, to.datum)) return same(from, to);
  const choice = chooseOperation(from, to, extent, (operation) => isUsable(operation, grids));
  const missing = choice.missing === null ? null : lacking(choice.missing, grids);
  if (choice.chosen === null) {
    const members = isMember(from.datum, to.datum);
    return members === null
      ? { ...same(from, to), kind: 'ballpark', name: 'none is known', accuracy: null, missing }
      : { ...same(from, to), accuracy: members };
  }
  return {
    kind: 'known',
    name: choice.chosen.name,
    id: choice.chosen.steps.map(({ operation }) => operation.id).join(' + '),
    accuracy: choice.chosen.accuracy,
    inside: choice.inside,
    missing,
    steps: flatten(choice.chosen).flatMap((step) => stepOf(step, grids)),
  };
}

function same(from: Place, to: Place): DatumOperation {
  const name = `${from.datum.name ?? 'the datum'} is that of ${to.datum.name ?? 'the other'}`;
  return { kind: 'same', name, id: null, accuracy: 0, inside: true, missing: null, steps: [] };
}

/** Whether the two are one datum: by their ids; without ids all that is known must be equal. */
function isOneDatum(a: Datum, b: Datum): boolean {
  if (!sameAxes(a.ellipsoid, b.ellipsoid)) return false;
  if (a.id !== null && b.id !== null) return a.id === b.id;
  return a.id === b.id && a.name === b.name;
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
    missing: real.find(({ missing }) => missing !== null)?.missing ?? null,
    steps: halves.flatMap(({ steps }) => steps),
  };
}

function halfOf(place: Place, extent: Bounds | null, grids: GridFolder | null): DatumOperation {
  const { given, ellipsoid } = place.datum;
  if (given === null) return datumOperation(place, WGS84, extent, grids);
  return {
    ...same(place, WGS84),
    kind: 'given',
    name: nameOf(given),
    accuracy: null,
    steps: givenSteps(given, ellipsoid, grids),
  };
}

function nameOf(given: GivenShift): string {
  return given.kind === 'grids'
    ? `grids of the definition: ${given.names.join(', ')}`
    : `shift of the definition: ${given.parameters.join(', ')}`;
}

function givenSteps(given: GivenShift, ellipsoid: Axes, grids: GridFolder | null): DatumStep[] {
  if (given.kind === 'grids') {
    const step = gridStep('ntv2', given.names, false, grids);
    return step === null ? [] : [step];
  }
  const [tx = 0, ty = 0, tz = 0, rx = 0, ry = 0, rz = 0, scale = 0] = given.parameters;
  const shift: Helmert = {
    translation: [tx, ty, tz],
    rotation: [rx, ry, rz],
    scale,
    pivot: [0, 0, 0],
  };
  return helmertStep(shift, false, ellipsoid, WGS84.datum.ellipsoid);
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
  return method.files.map((file) => {
    const step = gridStep(method.format, file.names, inverse !== file.inverse, grids);
    if (step === null) throw new Error(`the grid ${file.names[0]} is not at hand`);
    return step;
  });
}

function isUsable(operation: KnownOperation, grids: GridFolder | null): boolean {
  const { method } = operation;
  if (method.kind === 'steps') return method.ids.every((id) => isUsable(operationById(id), grids));
  if (method.kind !== 'grid') return true;
  return method.files.every((file) => grids?.has(method.format, file.names) === true);
}

function lacking(candidate: Candidate, grids: GridFolder | null): DatumOperation['missing'] {
  const names = flatten(candidate)
    .filter(({ operation }) => !isUsable(operation, grids))
    .flatMap(({ operation }) => (operation.method.kind === 'grid' ? operation.method.files : []))
    // The name under which PROJ distributes the grid comes second.
    .map(({ names }) => names[1] ?? names[0]!);
  return { name: candidate.name, accuracy: candidate.accuracy, grids: names };
}
