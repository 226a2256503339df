/**
 * One run over a set of inputs: plan, stage tasks, merge tasks, finalize. What is committed in the
 * journal is the truth; everything before that can be killed at any moment and done again.
 */

import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { DropCounter } from '../core/drops.ts';
import { TilewrightError } from '../core/errors.ts';
import type { Slice } from '../formats/source.ts';
import { type Executor, runAll, type Task } from '../parallel/executor.ts';
import { type Finished, finishPending } from './finish.ts';
import type { FoundInput } from './inputs.ts';
import {
  type FolderSettings,
  type InputStatistics,
  Journal,
  type PendingRun,
  type StagedInput,
} from './journal.ts';
import { type Plan, type PlannedInput, type PlanOptions, planRun } from './plan.ts';
import type { RunProgress, RunResult } from './result.ts';
import { sameColumns, uniteColumns, widenForClasses } from './schema-union.ts';
import { prepareFolder } from './settings.ts';
import { readShuffleFile, type SliceStatistics } from './shuffle-format.ts';
import type { StageArgs } from './stage-task.ts';
import {
  beginRun,
  deadRuns,
  folderLock,
  journalPath,
  makeStagedFolder,
  removeRun,
  runFolder,
} from './staged-folder.ts';
import { writeSummary } from './summary.ts';

export interface RunOptions extends PlanOptions {
  /** The staged folder. */
  folder: string;
  /** Path of the summary. */
  summary: string;
  settings: FolderSettings;
  inputs: readonly FoundInput[];
  /** Folders that were given and searched, for telling which inputs are gone from them. */
  roots: readonly string[];
  prune: boolean;
  executor: Executor;
  onProgress?: (progress: RunProgress) => void;
}

/** A stage task with what the run needs to know about it. */
interface StageTask extends Task {
  input: PlannedInput;
  shuffle: string;
  bytes: number;
}

interface SliceOutcome {
  shuffle: string;
  statistics: SliceStatistics;
}

export async function runStaging(options: RunOptions): Promise<RunResult> {
  const { folder } = options;
  const started = performance.now();
  makeStagedFolder(folder);
  const runId = randomUUID();
  const alive = beginRun(folder, runId);
  let journal: Journal | undefined;
  try {
    journal = new Journal(journalPath(folder));
    const extra = await prepareFolder(journal, options);
    const inputs = [...options.inputs, ...extra];
    const plan = planRun(inputs, options.roots, journal.inputs(), options);
    const removed = [...plan.outdated, ...(options.prune ? plan.gone : [])];
    const outcomes = await stageInputs(plan, runId, options);
    const ready = plan.planned.filter((input) => outcomes.get(input) !== undefined);
    let finished: Finished = { tiles: [], rows: 0 };
    if (ready.length > 0 || removed.length > 0) {
      const run = pendingRun(runId, ready, outcomes, removed);
      finished = await commitRun(journal, run, options);
    } else if (!journal.summaryIsCurrent()) {
      await refreshSummary(journal, runId, options);
    }
    removeDeadRuns(folder, runId, journal);
    return summarise(plan, outcomes, finished, removed, journal, started);
  } finally {
    journal?.close();
    alive.release();
    // A run that failed or was interrupted leaves its shuffle files to the next one.
    if (!hasShuffles(folder, runId)) removeRun(folder, runId);
  }
}

/** Runs the stage tasks of the plan; an input any of whose slices fails is moved to `failed`. */
async function stageInputs(
  plan: Plan,
  runId: string,
  options: RunOptions,
): Promise<Map<PlannedInput, SliceOutcome[]>> {
  const { folder, onProgress } = options;
  const outcomes = new Map<PlannedInput, SliceOutcome[]>();
  const tasks: StageTask[] = [];
  for (const input of plan.planned) {
    outcomes.set(input, []);
    for (const slice of input.slices) tasks.push(stageTask(input, slice, runId, options));
  }
  if (tasks.length === 0) return outcomes;
  const total = plan.planned.reduce((sum, input) => sum + input.featureCount, 0);
  const progress: RunProgress = { phase: 'stage', done: 0, total };
  onProgress?.({ ...progress });
  adoptShuffles(folder, runId, new Set(tasks.map((task) => task.shuffle)));

  // Biggest first, so that no straggler holds up the end; an input that failed is not gone on with.
  tasks.sort((a, b) => b.bytes - a.bytes);
  const wanted = tasks.filter((task) => {
    const path = join(runFolder(folder, runId), task.shuffle);
    if (!existsSync(path)) return true;
    const { statistics } = readShuffleFile(path);
    outcomes.get(task.input)!.push({ shuffle: task.shuffle, statistics });
    progress.done += statistics.rowsRead;
    return false;
  });
  const pending = (function* () {
    for (const task of wanted) if (outcomes.has(task.input)) yield task;
  })();
  await runAll(
    options.executor,
    pending,
    (task, result, error) => {
      if (error === undefined) {
        outcomes
          .get(task.input)
          ?.push({ shuffle: task.shuffle, statistics: result as SliceStatistics });
        return;
      }
      if (!(error instanceof TilewrightError) || isFatal(error)) throw error;
      if (!outcomes.delete(task.input)) return;
      const { name, path } = task.input;
      plan.failed.push({ name, path, error });
    },
    (rows) => {
      progress.done += rows;
      onProgress?.({ ...progress });
    },
  );
  for (const [input, slices] of outcomes) {
    // In the order of the slices: rows of a tile are gathered in this order.
    const order = new Map(tasks.filter((t) => t.input === input).map((t) => [t.shuffle, t]));
    const start = (outcome: SliceOutcome): number =>
      (order.get(outcome.shuffle)!.args as StageArgs).slice?.start ?? 0;
    slices.sort((a, b) => start(a) - start(b));
  }
  return outcomes;
}

/** Errors after which the other inputs can't be staged either. */
function isFatal(error: TilewrightError): boolean {
  return ['disk-full', 'output-unwritable', 'interrupted', 'internal'].includes(error.code);
}

function stageTask(
  input: PlannedInput,
  slice: Slice,
  runId: string,
  options: RunOptions,
): StageTask {
  const { settings, folder } = options;
  const identity = [input.name, input.fingerprint, input.crs, input.layer, slice, settings];
  const hash = createHash('sha256').update(JSON.stringify(identity)).digest('hex');
  const shuffle = `${hash.slice(0, 32)}.shuffle`;
  const args: StageArgs = {
    path: input.path,
    input: input.name,
    layer: input.layer,
    slice: Number.isFinite(slice.start) && Number.isFinite(slice.end) ? slice : null,
    crs: input.crs,
    tms: JSON.parse(settings.tmsDefinition),
    z: settings.z,
    simplifyTolerance: settings.simplifyTolerance,
    target: join(runFolder(folder, runId), shuffle),
  };
  return { name: 'stage', args, input, shuffle, bytes: input.bytes / input.slices.length };
}

/** Takes over what an interrupted run has staged of the same inputs. */
function adoptShuffles(folder: string, runId: string, wanted: Set<string>): void {
  for (const dead of deadRuns(folder, runId)) {
    for (const name of readdirSync(runFolder(folder, dead.runId))) {
      if (!wanted.has(name)) continue;
      renameSync(join(runFolder(folder, dead.runId), name), join(runFolder(folder, runId), name));
    }
    dead.lock.release();
  }
}

function removeDeadRuns(folder: string, runId: string, journal: Journal): void {
  const pending = journal.pending()?.runId;
  for (const dead of deadRuns(folder, runId)) {
    if (dead.runId !== pending) removeRun(folder, dead.runId);
    dead.lock.release();
  }
}

function hasShuffles(folder: string, runId: string): boolean {
  const own = runFolder(folder, runId);
  return existsSync(own) && readdirSync(own).some((name) => name.endsWith('.shuffle'));
}

function pendingRun(
  runId: string,
  ready: PlannedInput[],
  outcomes: Map<PlannedInput, SliceOutcome[]>,
  removed: string[],
): PendingRun {
  const stagedAt = new Date().toISOString();
  return {
    runId,
    removed,
    inputs: ready.map((input): PendingRun['inputs'][number] => {
      const slices = outcomes.get(input)!;
      const odd = input.columns.map((_, c) =>
        slices.reduce((bits, { statistics }) => bits | (statistics.oddClasses[c] ?? 0), 0),
      );
      const { name, file, path, root, selection, fingerprint, crsOrigin } = input;
      return {
        name,
        file,
        path,
        root,
        selection,
        fingerprint,
        crsOrigin,
        recordColumns: input.columns,
        columns: input.columns.map((c, i) => ({ ...c, type: widenForClasses(c.type, odd[i]!) })),
        statistics: totals(slices),
        stagedAt,
        shuffles: slices.map((slice) => slice.shuffle),
      };
    }),
  };
}

function totals(slices: SliceOutcome[]): InputStatistics {
  const drops = new DropCounter();
  const sum: InputStatistics = { rowsRead: 0, featuresStaged: 0, rows: 0, droppedM: 0, drops: {} };
  for (const { statistics } of slices) {
    sum.rowsRead += statistics.rowsRead;
    sum.featuresStaged += statistics.featuresStaged;
    sum.rows += statistics.rows;
    sum.droppedM += statistics.droppedM;
    drops.merge(statistics.drops);
  }
  return { ...sum, drops: drops.toJSON() };
}

/** Under the folder's lock: says what will be merged, merges, commits. */
async function commitRun(
  journal: Journal,
  run: PendingRun,
  options: RunOptions,
): Promise<Finished> {
  const { folder, onProgress } = options;
  const lock = await folderLock(folder, () => onProgress?.({ phase: 'wait', done: 0, total: 0 }));
  try {
    // Another process may have died between our start and now.
    if (journal.pending() !== null) await finishPending(journal, options);
    const known = new Set(journal.inputs().map((input: StagedInput) => input.name));
    journal.setPending({ ...run, removed: run.removed.filter((name) => known.has(name)) });
    return await finishPending(journal, options);
  } finally {
    lock.release();
  }
}

async function refreshSummary(journal: Journal, runId: string, options: RunOptions): Promise<void> {
  const settings = journal.settings();
  if (settings === null) return;
  const lock = await folderLock(options.folder, () => undefined);
  try {
    writeSummary(journal, settings, options.summary, runFolder(options.folder, runId));
    journal.markSummaryCurrent();
  } finally {
    lock.release();
  }
}

function summarise(
  plan: Plan,
  outcomes: Map<PlannedInput, SliceOutcome[]>,
  finished: Finished,
  removed: string[],
  journal: Journal,
  started: number,
): RunResult {
  const staged = journal.inputs();
  const byName = new Map(staged.map((input) => [input.name, input]));
  const inputs: RunResult['inputs'] = [];
  const warnings: string[] = [];
  for (const input of plan.planned) {
    const slices = outcomes.get(input);
    if (slices === undefined) continue;
    inputs.push({ name: input.name, path: input.path, status: 'staged', ...totals(slices) });
    for (const warning of new Set(slices.map((slice) => slice.statistics.warning))) {
      if (warning !== null) warnings.push(`${input.name}: ${warning}`);
    }
    for (const [i, { name, type }] of (byName.get(input.name)?.columns ?? []).entries()) {
      const declared = input.columns[i]!.type;
      if (type !== declared) {
        warnings.push(
          `${input.name}: column ${name} is declared ${declared} but has other values too: ` +
            `it is staged as ${type}`,
        );
      }
    }
  }
  if (staged.some((input) => !sameColumns(input.columns, staged[0]!.columns))) {
    const united = uniteColumns(staged.map((input) => input.columns));
    warnings.push(
      'The inputs do not have the same columns. Where they share a tile it has all of them: ' +
        united.map((column) => `${column.name} (${column.type})`).join(', '),
    );
  }
  for (const name of plan.unchanged) {
    const input = byName.get(name)!;
    inputs.push({ name, path: input.path, status: 'unchanged', ...input.statistics });
  }
  for (const { name, path, error } of plan.failed) {
    inputs.push({ name, path, status: 'failed', error: error.toJSON() });
  }
  inputs.sort((a, b) => (a.name < b.name ? -1 : 1));
  const tiles = { new: 0, changed: 0, unchanged: 0, removed: 0, total: journal.countTiles() };
  for (const tile of finished.tiles) tiles[tile.status]++;
  const sums = totals([...outcomes.values()].flat());
  return {
    inputs,
    featuresRead: sums.rowsRead,
    featuresStaged: sums.featuresStaged,
    rowsWritten: sums.rows,
    boundaryCopies: sums.rows - sums.featuresStaged,
    droppedM: sums.droppedM,
    drops: sums.drops,
    tiles,
    gone: plan.gone.filter((name) => !removed.includes(name)),
    removed,
    warnings,
    seconds: (performance.now() - started) / 1000,
  };
}
