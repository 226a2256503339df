/**
 * Which of the known operations leads from one geographic CRS to another: of those whose area
 * holds the extent, the one of the best accuracy, as PROJ chooses it for a point.
 */

import type { Datum } from '../definition.ts';
import { geodeticById, geodeticOfDatum } from '../table/geodetic.ts';
import type { Bounds } from '../table/records.ts';
import { type KnownOperation, operationById, operationsOf } from './known.ts';

export interface KnownStep {
  operation: KnownOperation;
  inverse: boolean;
}

/** A path of one or two operations. */
export interface Candidate {
  steps: KnownStep[];
  name: string;
  /** Metres: the sum of those of the steps; null if one is not known. */
  accuracy: number | null;
  /** Of its area, to compare: 4π is the whole Earth. */
  size: number;
  needsGrid: boolean;
  /** Ids of its operations, and the same with one of them as EPSG has replaced it. */
  key: string;
  replacements: string[];
}

export interface Choice {
  chosen: Candidate | null;
  /** Whether the chosen one's area holds all of the extent. */
  inside: boolean;
  /** Of those that hold the extent, the best that can't be used: for want of a grid, or of its size. */
  missing: Candidate | null;
  /** Whether another folder of grids may lead to another choice. */
  needsGrids: boolean;
}

/** A geographic CRS as operations see it. */
export interface Place {
  id: string | null;
  datum: Datum;
}

/**
 * An operation with a grid is the choice only where the grid holds the extent too, unless there is
 * no other one: what is outside of a grid has no place.
 * @param extent - in degrees, from Greenwich; null when it is not known
 * @param reach - the part of the extent, 0 … 1, that the grids of an operation hold; 1 if it needs
 *   none, null if one is not at hand
 */
export function chooseOperation(
  from: Place,
  to: Place,
  extent: Bounds | null,
  reach: (operation: KnownOperation) => number | null,
): Choice {
  const all = candidates(from, to);
  const reaches = new Map(all.map((c) => [c, c.steps.map(({ operation }) => reach(operation))]));
  const atHand = all.filter((c) => !reaches.get(c)!.includes(null));
  // An operation gives way only to one that can be carried out.
  const usable = withoutSuperseded(atHand);
  const whole = withoutSuperseded(
    atHand.filter((c) => reaches.get(c)!.every((part) => part === 1)),
  );
  const share = (c: Candidate): number => (extent === null ? 1 : shareOf(c, extent));
  const holding = whole.filter((c) => share(c) >= 1);
  const partly = (): Candidate | null =>
    nearest(
      whole.filter((c) => share(c) > 0),
      share,
    ) ?? nearest(usable, share);
  const chosen = holding.length > 0 ? best(holding) : extent === null ? null : partly();
  const others = withoutSuperseded(all).filter(
    (c) => reaches.get(c)!.some((part) => part !== 1) && c !== chosen && share(c) >= 1,
  );
  const better = others.filter((c) => c.accuracy !== null);
  const needsGrids = all.some((c) => c.needsGrid && (holding.length === 0 || share(c) >= 1));
  const missing = better.length === 0 ? null : best(better);
  return { chosen, inside: holding.length > 0, missing, needsGrids };
}

/** Without those of which EPSG has replaced a step by that of another one of the list. */
function withoutSuperseded(list: readonly Candidate[]): Candidate[] {
  const keys = new Set(list.map(({ key }) => key));
  return list.filter(({ replacements }) => !replacements.some((key) => keys.has(key)));
}

/** Whether its grid, if it has one, is in a format that is read. */
function isRead({ operation: { method } }: KnownStep): boolean {
  if (method.kind !== 'grid') return true;
  return method.format === 'ntv2' || method.format === 'nadcon';
}

/** What is not made for the sea only, then what is most accurate; ties are broken as by PROJ. */
function best(list: readonly Candidate[]): Candidate {
  return [...list].sort(
    (p, q) =>
      Number(isOffshore(p)) - Number(isOffshore(q)) ||
      difference(p.accuracy, q.accuracy) ||
      p.size - q.size ||
      p.steps.length - q.steps.length ||
      p.name.length - q.name.length ||
      (p.name > q.name ? -1 : 1),
  )[0]!;
}

/** Of accuracies: what is not known comes last. */
function difference(p: number | null, q: number | null): number {
  if (p === null || q === null) return Number(p === null) - Number(q === null);
  return p - q;
}

/** The one that covers most of the extent; where none does, the one made for the most. */
function nearest(
  list: readonly Candidate[],
  share: (candidate: Candidate) => number,
): Candidate | null {
  // A detour outside of its areas is worth nothing.
  list = list.filter((c) => c.steps.length === 1);
  if (list.length === 0) return null;
  const shares = list.map(share);
  const most = Math.max(...shares);
  if (most > 0) return best(list.filter((_, i) => shares[i] === most));
  const largest = Math.max(...list.map((c) => c.size));
  return best(list.filter((c) => c.size === largest));
}

function isOffshore(candidate: Candidate): boolean {
  return candidate.steps.some(({ operation }) => operation.offshore);
}

const known = new Map<string, Candidate[]>();

function candidates(from: Place, to: Place): Candidate[] {
  const key = `${from.id} ${from.datum.id} ${to.id} ${to.datum.id}`;
  let list = known.get(key);
  if (list === undefined) {
    list = findCandidates(from, to).filter((c) => flatten(c).every(isRead));
    known.set(key, list);
  }
  return list;
}

/**
 * As PROJ does: operations between the CRSs themselves; if there are none, between CRSs on the
 * same datums (of another dimension, say); if there are none either, by way of a third datum.
 * Where both are EPSG's only EPSG's operations count, otherwise ESRI's come first.
 */
function findCandidates(from: Place, to: Place): Candidate[] {
  const esri = [from.id, to.id, from.datum.id].some((id) => id?.startsWith('ESRI:'));
  for (const authority of esri ? ['ESRI', 'EPSG'] : ['EPSG']) {
    const exact = from.id !== null && to.id !== null ? between([from.id], [to.id], authority) : [];
    if (exact.length > 0) return exact;
    const sources = siblings(from);
    const targets = siblings(to);
    const alike = between(sources, targets, authority);
    if (alike.length > 0) return alike;
    const two = viaAnother(sources, targets, esri ? ['ESRI', 'EPSG'] : [authority]);
    if (two.length > 0) return two;
  }
  return [];
}

/** The CRSs on the datum of one: of two and three dimensions, and geocentric. */
function siblings({ id, datum }: Place): string[] {
  const ids = datum.id === null ? [] : geodeticOfDatum(datum.id);
  return id === null || ids.includes(id) ? ids : [id, ...ids];
}

function between(sources: string[], targets: string[], authority: string): Candidate[] {
  const found: KnownStep[] = [];
  for (const operation of operationsOf(sources)) {
    if (!operation.id.startsWith(`${authority}:`) && !operation.id.startsWith('PROJ:')) continue;
    const forward = sources.includes(operation.source) && targets.includes(operation.target);
    const backward = sources.includes(operation.target) && targets.includes(operation.source);
    if (forward || backward) found.push({ operation, inverse: !forward });
  }
  return found.map((step) => candidate([step]));
}

function candidate(steps: KnownStep[]): Candidate {
  const accuracies = steps.map(({ operation }) => operation.accuracy);
  const ids = steps.map(({ operation }) => operation.id);
  const replaced = steps.map(({ operation }) => operation.supersededBy);
  return {
    steps,
    needsGrid: flatten({ steps }).some(({ operation }) => operation.method.kind === 'grid'),
    key: ids.join(),
    replacements: replaced.flatMap((id, n) => (id === null ? [] : [ids.with(n, id).join()])),
    name: steps
      .map(({ operation, inverse }) => (inverse ? `Inverse of ${operation.name}` : operation.name))
      .join(' + '),
    accuracy: accuracies.includes(null) ? null : accuracies.reduce((sum, a) => sum! + a!, 0),
    size: Math.min(...steps.map(({ operation }) => sizeOf(operation.areas))),
  };
}

/** Two operations, with a CRS between them to which both lead. */
function viaAnother(
  sources: string[],
  targets: string[],
  authorities: readonly string[],
): Candidate[] {
  const ends = (ids: string[]): Map<string, KnownStep[]> =>
    Map.groupBy(
      operationsOf(ids)
        .filter(({ id }) => ['PROJ', ...authorities].includes(id.split(':')[0]!))
        .map((operation) => ({ operation, inverse: !ids.includes(operation.source) })),
      ({ operation, inverse }) => (inverse ? operation.source : operation.target),
    );
  const right = ends(targets);
  const found: Candidate[] = [];
  for (const [middle, first] of ends(sources)) {
    for (const second of right.get(middle) ?? []) {
      const last = { operation: second.operation, inverse: !second.inverse };
      for (const step of first) found.push(candidate([step, last]));
    }
  }
  return found;
}

/** All operations that a candidate consists of, those inside concatenated ones too. */
export function flatten({ steps }: Pick<Candidate, 'steps'>): KnownStep[] {
  return steps.flatMap(({ operation, inverse }) => {
    if (operation.method.kind !== 'steps') return [{ operation, inverse }];
    const parts = orient(operation);
    return inverse ? parts.map((part) => ({ ...part, inverse: !part.inverse })).reverse() : parts;
  });
}

/** The steps of a concatenated operation with their directions, which follow from the CRSs. */
function orient(operation: KnownOperation): KnownStep[] {
  const { ids } = operation.method as { ids: string[] };
  let at = operation.source;
  return ids.map((id) => {
    const step = operationById(id);
    const inverse = !sameDatum(step.source, at) && sameDatum(step.target, at);
    at = inverse ? step.source : step.target;
    return { operation: step, inverse };
  });
}

function sameDatum(a: string, b: string): boolean {
  return a === b || geodeticById(a)?.datum.id === geodeticById(b)?.datum.id;
}

/** The part of the extent, 0 … 1, that each step's areas hold. A place without size counts too. */
function shareOf({ steps }: Candidate, extent: Bounds): number {
  return Math.min(
    ...steps.map(({ operation }) => Math.max(0, ...operation.areas.map((a) => part(a, extent)))),
  );
}

/** Bounds of areas are rounded to minutes: what is so near counts as inside. */
const MARGIN = 1e-9;

function part([west, south, east, north]: Bounds, [w, s, e, n]: Bounds): number {
  const width = (((east - west) % 360) + 360) % 360 || 360;
  const height = overlap(south, north, s, n);
  if (width >= 360) return height;
  let share = 0;
  // The extent may be given in another turn.
  for (const turn of [-720, -360, 0, 360, 720]) {
    share = Math.max(share, overlap(west + turn, west + turn + width, w, e < w ? e + 360 : e));
  }
  return share * height;
}

function overlap(low: number, high: number, from: number, to: number): number {
  if (from >= low - MARGIN && to <= high + MARGIN) return 1;
  return Math.max(0, Math.min(high, to) - Math.max(low, from)) / (to - from || 1);
}

function sizeOf(areas: readonly Bounds[]): number {
  return areas.reduce((sum, [west, south, east, north]) => {
    const width = (((east - west) % 360) + 360) % 360 || 360;
    return sum + width * RADIANS * (Math.sin(north * RADIANS) - Math.sin(south * RADIANS));
  }, 0);
}

const RADIANS = Math.PI / 180;
