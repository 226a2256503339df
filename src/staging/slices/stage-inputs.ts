/**
 * Stages the inputs of a plan: into tiles where that can be done at once, and into shuffle files.
 * Takes over what an interrupted run has left.
 */

import type { TilewrightError } from '../../core/errors.ts';
import { type Selection, selectsFeatures } from '../../formats/selection/selection.ts';
import type { Executor } from '../../parallel/executor.ts';
import { tileMatrixSet } from '../../tms/parse.ts';
import { type TileKey, tileKeys } from '../../tms/tile-keys.ts';
import type { FolderSettings, Journal } from '../folder/journal/journal.ts';
import { RoomWatch, roomIn } from '../folder/room.ts';
import { runFolder } from '../folder/staged-folder.ts';
import type { Plan, PlannedInput } from '../planning/plan.ts';
import { orderSlices } from '../planning/slice-order.ts';
import { stagedColumn } from '../rows/schema-union.ts';
import { featuresOf } from '../tasks/stage-task.ts';
import type { RunTeller } from '../telling/run-teller.ts';
import {
  adoptRecords,
  type FoundRecord,
  type FoundSlice,
  lookAt,
  slicesOf,
  soundness,
} from './find-slices.ts';
import { type SliceToStage, sliceKey } from './group-slices.ts';
import { type GroupRun, runGroups } from './run-groups.ts';

export interface StageInputsOptions {
  folder: string;
  settings: FolderSettings;
  executor: Executor;
  teller: RunTeller;
  sliceBytes: number;
  /** Bytes that rows may take in memory, for each worker; null for what suits the machine. */
  memory: number | null;
}

export interface Outcomes {
  /** Names of records. */
  records: string[];
  /** What each input that can be committed has been staged into, in the order of its slices. */
  inputs: Map<PlannedInput, FoundSlice[]>;
}

/** Of staging slices again whose rows were lost, or whose input turned out to have other columns. */
const MOST_ROUNDS = 4;

/** Stages what is planned; an input any of whose slices fails is moved to `failed`. */
export async function stageInputs(
  plan: Plan,
  runId: string,
  journal: Journal,
  options: StageInputsOptions & { prune: boolean },
): Promise<Outcomes> {
  const { folder, settings, teller } = options;
  const outcomes: Outcomes = {
    records: [],
    inputs: new Map(plan.planned.map((input) => [input, []])),
  };
  const slices = slicesToStage(plan, settings);
  if (slices.length === 0) return outcomes;
  const selection = settings.selection ?? null;
  const staging = teller.begin('stage', sizeOf(slices, selection));
  const warn = (message: string): void => teller.tell({ type: 'warning', message });
  const keys = new Set(slices.map(({ key }) => key));
  const { records } = outcomes;
  records.push(...adoptRecords(folder, runId, (key) => keys.has(key), journal));
  let found = await lookAt(runFolder(folder, runId), records, soundness(folder, runId, settings));
  const keyOf = tileKeys(tileMatrixSet(JSON.parse(settings.tmsDefinition)).matrix(settings.z));
  const taken = tilesWithRows(plan, journal, options, keyOf);
  for (const { tiles } of found) for (const { x, y } of tiles) taken.add(keyOf(x, y));
  let died: TilewrightError | undefined;
  /** The first record that may be used for an input. */
  const usable = new Map<string, number>();
  for (let round = 1; ; round++) {
    const complete = slicesOf(found, (input, record) => record >= (usable.get(input) ?? 0));
    const missing = slices.filter(
      ({ key, input }) => outcomes.inputs.has(input) && !complete.has(key),
    );
    for (const [input, its] of Map.groupBy(slices, (slice) => slice.input)) {
      const here = its.flatMap(({ key }) => complete.get(key) ?? []);
      if (here.length < its.length || !columnsChanged(input, here, found)) continue;
      usable.set(input.name, records.length);
      missing.push(...its);
    }
    if (missing.length === 0) {
      // In the order of the slices: rows of a tile are gathered in this order.
      for (const { input, key } of slices.toSorted((a, b) => a.slice.start - b.slice.start)) {
        outcomes.inputs.get(input)?.push(complete.get(key)!);
      }
      break;
    }
    if (round === MOST_ROUNDS) throw died ?? new Error('Slices that were staged are not there');
    const isFirst = round === 1;
    if (isFirst) {
      for (const { key, features } of slices) {
        const adopted = complete.get(key);
        if (adopted === undefined) continue;
        staging.advance(featuresOf(adopted.statistics, features, selection));
      }
    }
    const left = missing.reduce((sum, { weight }) => sum + weight, 0);
    const run: GroupRun = {
      ...options,
      ...{ runId, staging, room: new RoomWatch(left, () => roomIn(folder), warn) },
      tms: JSON.parse(settings.tmsDefinition),
      mayBuild: isFirst ? (key) => !taken.has(key) : null,
      isFailed: (input) => !outcomes.inputs.has(input),
      fail: (input, error) => failInput(input, error, plan, outcomes, teller),
      lost: (error) => {
        died = error;
      },
    };
    const made = await runGroups(missing, run);
    records.push(...made);
    found = [...found, ...(await lookAt(runFolder(folder, runId), made, null))];
  }
  staging.end();
  return outcomes;
}

/** In the order in which they are best staged. */
export function slicesToStage({ planned }: Plan, settings: FolderSettings): SliceToStage[] {
  const tms = tileMatrixSet(JSON.parse(settings.tmsDefinition));
  return orderSlices(planned, tms, settings.z).map(({ input, slice: index, tiles }) => {
    const slice = input.slices[index]!;
    const weight = input.bytes / input.slices.length;
    const upTo = (n: number): number => Math.floor((input.featureCount * n) / input.slices.length);
    return {
      ...{ input, key: sliceKey(input, slice, settings), slice, part: index + 1, tiles, weight },
      features: upTo(index + 1) - upTo(index),
    };
  });
}

/** What a phase has to do that reads these slices. */
export function sizeOf(slices: readonly SliceToStage[], selection: Selection | null) {
  const sum = (key: 'features' | 'weight'): number =>
    slices.reduce((all, slice) => all + slice[key], 0);
  const size = { total: sum('features'), tasks: slices.length, bytes: Math.round(sum('weight')) };
  return { ...size, ...(selectsFeatures(selection) && { isBeforeSelection: true as const }) };
}

/** Keys of tiles that have rows of inputs that stay. */
function tilesWithRows(
  plan: Plan,
  journal: Journal,
  { prune }: { prune: boolean },
  keyOf: (x: number, y: number) => TileKey,
): Set<TileKey> {
  const leaving = new Set([
    ...plan.planned.map(({ name }) => name),
    ...plan.outdated.map(({ name }) => name),
    ...(prune ? plan.gone : []),
  ]);
  const staying = new Set<number>();
  for (const [id, name] of journal.inputNames()) if (!leaving.has(name)) staying.add(id);
  const keys = new Set<TileKey>();
  if (staying.size === 0) return keys;
  for (const [x, y, input] of journal.tileEntries()) {
    if (staying.has(input)) keys.add(keyOf(x, y));
  }
  return keys;
}

/** Whether tiles were built before it was known what columns the input's values need. */
function columnsChanged(
  { name, columns }: PlannedInput,
  slices: readonly FoundSlice[],
  records: readonly FoundRecord[],
): boolean {
  const needed = (oddClasses: readonly number[]) =>
    columns.map((column, c) => stagedColumn(column, oddClasses[c] ?? 0));
  const staged = needed(oddClassesOf(columns.length, slices));
  return [...new Set(slices.map(({ record }) => record))].some((record) =>
    records[record]!.record.columns.some(
      ({ input, oddClasses }) =>
        input === name && JSON.stringify(needed(oddClasses)) !== JSON.stringify(staged),
    ),
  );
}

/** Classes of odd values in all of the slices, by column. */
export function oddClassesOf(columns: number, slices: readonly FoundSlice[]): number[] {
  return Array.from({ length: columns }, (_, c) =>
    slices.reduce((bits, { statistics }) => bits | (statistics.oddClasses[c] ?? 0), 0),
  );
}

/** Takes an input out of the run, unless another of its slices has done so before, and tells of it. */
export function failInput(
  input: PlannedInput,
  error: TilewrightError,
  plan: Plan,
  { inputs }: Outcomes,
  teller: RunTeller,
): void {
  if (!inputs.delete(input)) return;
  const { name, path } = input;
  plan.failed.push({ name, path, error });
  teller.tell({ type: 'input-failed', input: name, error: error.toJSON() });
}
