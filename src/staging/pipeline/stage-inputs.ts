/**
 * Stages the inputs of a plan into shuffle files, one for each slice, and takes over those that an
 * interrupted run has left.
 */

import { createHash } from 'node:crypto';
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type ErrorCode, TilewrightError } from '../../core/errors.ts';
import type { Slice } from '../../formats/source.ts';
import type { Executor } from '../../parallel/executor.ts';
import { runAll } from '../../parallel/run-all.ts';
import type { Task } from '../../parallel/task.ts';
import type { FolderSettings, Journal } from '../folder/journal.ts';
import { RoomWatch, roomIn } from '../folder/room.ts';
import { runFolder, shufflesOf, visitDeadRuns } from '../folder/staged-folder.ts';
import { fingerprintOf } from '../inputs/fingerprint.ts';
import type { Plan, PlannedInput } from '../planning/plan.ts';
import { checkShuffleFile, type SliceStatistics } from '../rows/shuffle-format.ts';
import { isFatal } from '../tasks/fatal-errors.ts';
import { withFormats } from '../tasks/format-modules.ts';
import type { StageArgs, StagedSlice } from '../tasks/stage-task.ts';
import type { RunTeller } from '../telling/run-teller.ts';

export interface StageInputsOptions {
  folder: string;
  settings: FolderSettings;
  executor: Executor;
  teller: RunTeller;
}

/** A stage task with what the run needs to know about it. */
interface StageTask extends Task {
  input: PlannedInput;
  shuffle: string;
  /** First position of the slice, and which one it is, from 1. */
  start: number;
  part: number;
  /** Bytes of the input that it reads, roughly. */
  weight: number;
}

export interface SliceOutcome {
  shuffle: string;
  /** First position of the slice. */
  start: number;
  statistics: SliceStatistics;
}

/** What each input that can be committed has been staged into. */
export type Outcomes = Map<PlannedInput, SliceOutcome[]>;

/** Runs the stage tasks of the plan; an input any of whose slices fails is moved to `failed`. */
export async function stageInputs(
  plan: Plan,
  runId: string,
  journal: Journal,
  options: StageInputsOptions,
): Promise<Outcomes> {
  const { folder, teller } = options;
  const outcomes: Outcomes = new Map();
  const tasks: StageTask[] = [];
  // One object for all tasks of a big run.
  const tms: unknown = JSON.parse(options.settings.tmsDefinition);
  for (const input of plan.planned) {
    outcomes.set(input, []);
    for (const [i, slice] of input.slices.entries()) {
      tasks.push({ ...stageTask(input, slice, runId, tms, options), part: i + 1 });
    }
  }
  if (tasks.length === 0) return outcomes;
  const total = plan.planned.reduce((sum, input) => sum + input.featureCount, 0);
  const bytes = plan.planned.reduce((sum, input) => sum + input.bytes, 0);
  const staging = teller.begin('stage', { total, tasks: tasks.length, bytes });
  adoptShuffles(folder, runId, new Set(tasks.map((task) => task.shuffle)), journal);

  // Biggest first, so that no straggler holds up the end; an input that failed is not gone on with.
  tasks.sort((a, b) => b.weight - a.weight);
  const own = new Set(shufflesOf(folder, runId));
  const wanted: StageTask[] = [];
  for (const task of tasks) {
    const statistics = own.has(task.shuffle) ? await adopted(folder, runId, task.shuffle) : null;
    if (statistics === null) {
      wanted.push(task);
      continue;
    }
    outcomes.get(task.input)!.push({ shuffle: task.shuffle, start: task.start, statistics });
    staging.advance(statistics.rowsRead);
  }
  const warn = (message: string): void => teller.tell({ type: 'warning', message });
  const left = wanted.reduce((sum, { weight }) => sum + weight, 0);
  const room = new RoomWatch(left, () => roomIn(folder), warn);
  const pending = (function* () {
    for (const task of wanted) if (outcomes.has(task.input)) yield task;
  })();
  await runAll(
    options.executor,
    pending,
    (task, result, error) => {
      const staged = result as StagedSlice;
      const failure = changedWhileRead(task, staged, error, runId, folder) ?? error;
      if (failure !== undefined) {
        if (!(failure instanceof TilewrightError) || isFatal(failure)) throw failure;
        failInput(task.input, failure, plan, outcomes, teller);
        return;
      }
      const { statistics } = staged;
      room.staged(task.weight, staged.bytes, staged.tiles);
      outcomes.get(task.input)?.push({ shuffle: task.shuffle, start: task.start, statistics });
    },
    {
      onProgress: (rows) => staging.advance(rows),
      observe: ({ input, part, weight }) => {
        const parts = input.slices.length;
        return staging.observe({ subject: input.name, part, parts, bytes: weight });
      },
    },
  );
  staging.end();
  // In the order of the slices: rows of a tile are gathered in this order.
  for (const slices of outcomes.values()) slices.sort((a, b) => a.start - b.start);
  return outcomes;
}

/** Takes an input out of the run, unless another of its slices has done so before, and tells of it. */
export function failInput(
  input: PlannedInput,
  error: TilewrightError,
  plan: Plan,
  outcomes: Outcomes,
  teller: RunTeller,
): void {
  if (!outcomes.delete(input)) return;
  const { name, path } = input;
  plan.failed.push({ name, path, error });
  teller.tell({ type: 'input-failed', input: name, error: error.toJSON() });
}

/** Errors about what is in a file. */
const CONTENT: readonly ErrorCode[] = [
  'input-corrupt',
  'input-truncated',
  'input-format',
  'input-layer',
];

/** Null where it can't be told. */
function fingerprintNow({ path }: PlannedInput): string | null {
  try {
    return fingerprintOf(path);
  } catch {
    return null;
  }
}

/** An error if the slice may hold something else than the file that was planned for. */
function changedWhileRead(
  { input, shuffle }: StageTask,
  staged: StagedSlice | undefined,
  error: unknown,
  runId: string,
  folder: string,
): TilewrightError | undefined {
  // Where a file was replaced, the new one looks damaged by the plan of the old one.
  if (error !== undefined && !CONTENT.includes((error as TilewrightError).code)) return undefined;
  const fingerprint = error === undefined ? staged!.fingerprint : fingerprintNow(input);
  if (fingerprint === null || fingerprint === input.fingerprint) return undefined;
  rmSync(join(runFolder(folder, runId), shuffle), { force: true });
  return new TilewrightError(
    'input-unreadable',
    `${input.path} changed while it was read. Run the same command again when nothing writes to it`,
    { input: input.name },
  );
}

export function stageTask(
  input: PlannedInput,
  slice: Slice,
  runId: string,
  tms: unknown,
  options: Pick<StageInputsOptions, 'settings' | 'folder'>,
): Omit<StageTask, 'part'> {
  const { settings, folder } = options;
  const { name, fingerprint, placing, layer } = input;
  if (placing === null) throw new Error(`${name} is to be read without a CRS`);
  const { crs, operation } = placing;
  const identity = [name, fingerprint, crs, operation, layer.name, layer.columns, slice, settings];
  const hash = createHash('sha256').update(JSON.stringify(identity)).digest('hex');
  const shuffle = `${hash.slice(0, 32)}.shuffle`;
  const args: StageArgs = {
    path: input.path,
    input: name,
    layer,
    slice: Number.isFinite(slice.start) && Number.isFinite(slice.end) ? slice : null,
    crs,
    operation,
    tms,
    z: settings.z,
    simplifyTolerance: settings.simplifyTolerance,
    target: join(runFolder(folder, runId), shuffle),
  };
  const weight = input.bytes / input.slices.length;
  const task = withFormats('staging.stage');
  return { name: task, args: [args], input, shuffle, start: slice.start, weight };
}

/** Takes over what an interrupted run has staged of the same inputs. */
function adoptShuffles(
  folder: string,
  runId: string,
  wanted: ReadonlySet<string>,
  journal: Journal,
): void {
  visitDeadRuns(folder, (dead) => {
    // Shuffle files of the pending run are needed to finish it. As its process is gone, no run can
    // become the pending one after this.
    if (journal.pending()?.runId === dead) return;
    for (const name of shufflesOf(folder, dead)) {
      if (!wanted.has(name)) continue;
      try {
        renameSync(join(runFolder(folder, dead), name), join(runFolder(folder, runId), name));
      } catch (error) {
        // Another process has committed that run just now: there is nothing left to take over.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        return;
      }
    }
  });
}

/** What a shuffle file that was taken over says of itself; null if it is damaged. */
async function adopted(
  folder: string,
  runId: string,
  shuffle: string,
): Promise<SliceStatistics | null> {
  const path = join(runFolder(folder, runId), shuffle);
  try {
    return (await checkShuffleFile(path)).statistics;
  } catch (error) {
    // A computer that lost its power may leave less in a file than was written to it.
    if (!(error instanceof TilewrightError) || error.code !== 'staged-folder') throw error;
    rmSync(path, { force: true });
    return null;
  }
}
