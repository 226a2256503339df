/**
 * One run over a set of inputs: plan, stage tasks, merge tasks, finalize. What is committed in the
 * journal is the truth; everything before that can be killed at any moment and done again.
 */

import { existsSync } from 'node:fs';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { resolveCrs } from '../../crs/resolve.ts';
import type { Executor } from '../../parallel/executor.ts';
import { lockFolder } from '../folder/folder-wait.ts';
import { foreignTiles, refuseForeign } from '../folder/foreign-tiles.ts';
import {
  type FolderSettings,
  type InputStatistics,
  Journal,
  type PendingRun,
} from '../folder/journal.ts';
import { prepareFolder, sameSettings, settingsDiffer } from '../folder/settings.ts';
import {
  beginRun,
  endRun,
  journalPath,
  makeStagedFolder,
  removeLeftOvers,
  removeRun,
  runFolder,
  visitDeadRuns,
} from '../folder/staged-folder.ts';
import type { TilesPlace } from '../inputs/extent-hint.ts';
import type { FoundInput } from '../inputs/found-input.ts';
import type { MissingInput } from '../inputs/inputs.ts';
import { RunRecorder } from '../recording/run-recorder.ts';
import { inputsWithoutRoom } from '../rows/column-room.ts';
import { stagedColumn } from '../rows/schema-union.ts';
import type { RunEvent } from './events.ts';
import { type Finished, finishPending, updateSummary } from './finish.ts';
import { finishDeadRun } from './mend-shuffles.ts';
import { checkName, type Plan, type PlanOptions, planRun, realPath } from './plan.ts';
import { withoutRun } from './refusal.ts';
import { allDropped, type Committed, made, noteHints, summarise, totals } from './result.ts';
import type { RunResult } from './run-result.ts';
import { RunTeller } from './run-teller.ts';
import { failInput, type Outcomes, stageInputs } from './stage-inputs.ts';
import { tileMatrixSet } from './stage-task.ts';
import { tilesPerFeatureNote } from './tiles-per-feature.ts';

export interface RunOptions extends PlanOptions {
  /** The staged folder. */
  folder: string;
  /** Path of the summary. */
  summary: string;
  settings: FolderSettings;
  inputs: readonly FoundInput[];
  /** What was asked for and led to no input: told of, no more. */
  missing?: readonly MissingInput[];
  /** Folders that were given and searched, for telling which inputs are gone from them. */
  roots: readonly string[];
  prune: boolean;
  /** Whether tiles and a summary that are not ours may be in the staged folder. */
  adopt: boolean;
  /** Whether tasks are measured and a record is kept. */
  record: boolean;
  /** Stages something else of what was planned: a sample, say. */
  choose?: (plan: Plan) => Plan;
  executor: Executor;
  onProgress?: (event: RunEvent) => void;
}

/** With who tells of the run. */
type ToldOptions = RunOptions & { teller: RunTeller };

/** @throws TilewrightError when nothing can be staged; what fails alone is told in the result */
export async function runStaging(options: RunOptions): Promise<RunResult> {
  const { folder, executor, onProgress } = options;
  const teller = new RunTeller({ measured: options.record });
  if (onProgress !== undefined) teller.listen(onProgress);
  // A sample is chosen from what was planned elsewhere.
  const report = options.choose === undefined ? withoutRun(options) : null;
  if (report !== null) {
    tellMissing(options, teller);
    for (const { name, ...input } of report.inputs) {
      if (input.status !== 'failed') continue;
      teller.tell({ type: 'input-failed', input: name, error: input.error });
    }
    return report;
  }
  makeStagedFolder(folder);
  const handle = beginRun(folder);
  const { runId } = handle;
  const recorder = options.record ? startRecorder(teller, runId, options) : null;
  const { label, slots } = executor;
  teller.tell({ type: 'run-started', folder, runId, executor: label, slots });
  let journal: Journal | undefined;
  try {
    journal = new Journal(journalPath(folder));
    const result = await stageAndCommit(journal, runId, { ...options, teller });
    teller.tell({ type: 'run-ended', state: 'finished', error: null });
    const record = recorder?.end({ state: 'finished', error: null, made: made(result) });
    return { ...result, record: record ?? null };
  } catch (caught) {
    const error = withAdvice(caught);
    const stopped = error.code === 'interrupted';
    const state = stopped ? 'interrupted' : 'failed';
    teller.tell({ type: 'run-ended', state, error: error.toJSON() });
    // In this case the message is of the executor that was shut down.
    recorder?.end({ state, error: stopped ? null : error.message, made: null });
    throw error;
  } finally {
    journal?.close();
    // A run that failed or was interrupted leaves its shuffle files to the next one.
    endRun(folder, handle);
  }
}

function startRecorder(teller: RunTeller, runId: string, options: RunOptions): RunRecorder {
  const { folder, executor, inputs } = options;
  const input = inputs[0]?.path ?? null;
  const recorder = new RunRecorder({ folder, runId, executor, input, now: () => teller.now });
  teller.listen((event) => recorder.note(event));
  return recorder;
}

async function stageAndCommit(
  journal: Journal,
  runId: string,
  options: ToldOptions,
): Promise<Omit<RunResult, 'record'>> {
  const { teller } = options;
  refuseForeign(options, journal);
  const { again, lost, resumed } = await prepareFolder(journal, options);
  const warnings: string[] = [];
  teller.listen((event) => {
    if (event.type === 'warning') warnings.push(event.message);
  });
  const inputs = withoutDoubles(options.inputs, again);
  const planning = teller.begin('plan', { total: inputs.length, tasks: 0, bytes: 0 });
  tellMissing(options, teller);
  const all = planRun(inputs, options.roots, journal.inputs(), options);
  const plan = options.choose?.(all) ?? all;
  for (const { name, error } of plan.failed) {
    teller.tell({ type: 'input-failed', input: name, error: error.toJSON() });
  }
  for (const { name, statistics } of plan.unchanged) tellDropped(name, statistics, teller);
  planning.end();
  const outcomes = await stageInputs(plan, runId, journal, options);
  noteHints(outcomes, placeOfTiles(options));
  for (const [input, slices] of outcomes) tellDropped(input.name, totals(slices, input), teller);
  const { rows, featuresStaged } = totals([...outcomes.values()].flat());
  const { tmsDefinition, z } = options.settings;
  const tms = tileMatrixSet(JSON.parse(tmsDefinition));
  const many = tilesPerFeatureNote(rows, featuresStaged, tms, z);
  if (many !== null) teller.tell({ type: 'warning', message: many });
  const committed = await commitRun(journal, runId, plan, outcomes, options);
  committed.removed.unshift(...lost);
  if (resumed !== null) committed.resumed.unshift(resumed);
  const result = summarise(plan, outcomes, committed, journal, teller.now);
  const others = options.adopt ? foreignTiles(options, journal) : null;
  if (others !== null) result.warnings.push(others);
  result.warnings.unshift(...warnings);
  return result;
}

function tellMissing({ missing = [] }: RunOptions, teller: RunTeller): void {
  for (const { argument, error } of missing) {
    teller.tell({ type: 'input-failed', input: argument, error: error.toJSON() });
  }
}

function placeOfTiles({ settings, tilesCrs }: RunOptions): TilesPlace {
  const { tms, z, tmsDefinition } = settings;
  const extent = tileMatrixSet(JSON.parse(tmsDefinition)).matrix(z).extent();
  return { tms, crs: resolveCrs(tilesCrs), extent };
}

/** An input of which nothing can be staged has failed, also when it has not changed since. */
function tellDropped(name: string, statistics: InputStatistics, teller: RunTeller): void {
  const error = allDropped(name, statistics);
  if (error !== null) teller.tell({ type: 'input-failed', input: name, error: error.toJSON() });
}

/** Given inputs and those to be staged again, each file once: under the name that it had. */
export function withoutDoubles(
  given: readonly FoundInput[],
  again: readonly FoundInput[],
): FoundInput[] {
  const names = new Set(given.map((input) => input.name));
  const others = again.filter((input) => !names.has(input.name));
  const paths = new Set(others.map((input) => input.path));
  return [...given.filter((input) => !paths.has(realPath(input.path))), ...others];
}

function withAdvice(error: unknown): TilewrightError {
  const known = toTilewrightError(error);
  if (known.code !== 'disk-full') return known;
  const message = `${known.message}. Make room and run the same command again: it goes on from here`;
  const { input, feature, tile } = known;
  return new TilewrightError(known.code, message, { input, feature, tile, cause: error });
}

function removeDeadRuns(folder: string, journal: Journal): void {
  removeLeftOvers(folder);
  visitDeadRuns(folder, (dead) => {
    if (journal.pending()?.runId !== dead) removeRun(folder, dead);
  });
}

function pendingRun(runId: string, outcomes: Outcomes, removed: string[]): PendingRun {
  const stagedAt = new Date().toISOString();
  return {
    runId,
    removed,
    inputs: [...outcomes].map(([input, slices]): PendingRun['inputs'][number] => {
      const odd = input.columns.map((_, c) =>
        slices.reduce((bits, { statistics }) => bits | (statistics.oddClasses[c] ?? 0), 0),
      );
      const { name, file, path, root, selection, layers, fingerprint, crsOrigin } = input;
      return {
        name,
        file,
        path,
        root,
        selection,
        layers,
        fingerprint,
        crsOrigin,
        recordColumns: input.columns,
        columns: input.columns.map((c, i) => stagedColumn(c, odd[i]!)),
        statistics: totals(slices, input),
        stagedAt,
        shuffles: slices.map((slice) => slice.shuffle),
      };
    }),
  };
}

/**
 * Under the folder's lock: says what will be merged, merges, commits, writes the summary. What was
 * planned is checked against what other runs have committed since.
 */
async function commitRun(
  journal: Journal,
  runId: string,
  plan: Plan,
  outcomes: Outcomes,
  options: ToldOptions,
): Promise<Committed> {
  const { folder, settings, executor, teller } = options;
  const summaryIsThere = journal.summaryIsCurrent() && existsSync(options.summary);
  if (outcomes.size === 0 && leavingOf(plan, outcomes, options).length === 0 && summaryIsThere) {
    removeDeadRuns(folder, journal);
    return { finished: nothing(), removed: [], resumed: [] };
  }
  const lock = await lockFolder(folder, journal, teller, () => executor.closed);
  try {
    if (journal.plannedReset() !== null) throw emptied(folder);
    // Another process may have died between our start and now.
    const resumed = journal.pending() === null ? [] : [await finishDeadRun(journal, options)];
    if (!sameSettings(journal, settings)) throw settingsDiffer(journal, folder, settings);
    leaveOutTaken(journal, plan, outcomes, teller);
    const staged = new Set(journal.inputs().map((input) => input.name));
    const removedNow = (): string[] =>
      leavingOf(plan, outcomes, options).filter((name) => staged.has(name));
    await leaveOutWide(journal, pendingRun(runId, outcomes, removedNow()), plan, outcomes, options);
    const removed = removedNow();
    // Before tiles change: a late task of such a run must not find its folder any more.
    removeDeadRuns(folder, journal);
    if (outcomes.size === 0 && removed.length === 0) {
      updateSummary(journal, options.summary, runFolder(folder, runId));
      return { finished: nothing(), removed, resumed };
    }
    const run = pendingRun(runId, outcomes, removed);
    journal.setPending(run);
    const finished = await finishPending(journal, options);
    for (const { inputs, error } of finished.damaged) {
      for (const input of inputs) teller.tell({ type: 'input-failed', input, error });
    }
    return { finished, removed, resumed };
  } finally {
    lock.release();
  }
}

/** Committed inputs whose rows are to leave the tiles. */
function leavingOf(plan: Plan, outcomes: Outcomes, { prune }: RunOptions): string[] {
  const ready = new Set([...outcomes.keys()].map((input) => input.file));
  return [
    ...plan.outdated.filter(({ file }) => ready.has(file)).map(({ name }) => name),
    ...(prune ? plan.gone : []),
  ];
}

/** Fails inputs whose columns have no room in one of their tiles. */
async function leaveOutWide(
  journal: Journal,
  run: PendingRun,
  plan: Plan,
  outcomes: Outcomes,
  { folder, teller }: ToldOptions,
): Promise<void> {
  const failures = await inputsWithoutRoom(journal, run, runFolder(folder, run.runId));
  for (const input of [...outcomes.keys()]) {
    const error = failures.get(input.name);
    if (error !== undefined) failInput(input, error, plan, outcomes, teller);
  }
}

function nothing(): Finished {
  return { tiles: [], rows: 0, damaged: [] };
}

function emptied(folder: string): TilewrightError {
  return new TilewrightError(
    'staged-folder',
    `Another process was about to empty ${folder}. Run the same command again`,
  );
}

/** Fails inputs whose name or path another run has committed in another sense meanwhile. */
function leaveOutTaken(journal: Journal, plan: Plan, outcomes: Outcomes, teller: RunTeller): void {
  const staged = journal.inputs();
  const byFile = Map.groupBy(staged, (input) => input.file);
  const byPath = Map.groupBy(staged, (input) => input.path);
  for (const input of [...outcomes.keys()]) {
    try {
      checkName(input.file, input.path, byFile.get(input.file) ?? [], byPath.get(input.path) ?? []);
    } catch (error) {
      failInput(input, toTilewrightError(error), plan, outcomes, teller);
    }
  }
}
