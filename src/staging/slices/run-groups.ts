/** Has slices staged in groups: one that threads work on together, or tasks for workers elsewhere. */

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type ErrorJson, TilewrightError } from '../../core/errors.ts';
import type { Executor } from '../../parallel/executor.ts';
import { type RunAllOptions, runAll } from '../../parallel/run-all.ts';
import type { Task } from '../../parallel/task.ts';
import { tileMatrixSet } from '../../tms/parse.ts';
import { type TileKey, tileKeys } from '../../tms/tile-keys.ts';
import type { FolderSettings } from '../folder/journal/journal.ts';
import type { RoomWatch } from '../folder/room.ts';
import { runFolder } from '../folder/staged-folder.ts';
import { tileFormat } from '../folder/tile-place.ts';
import { FeatureCount } from '../groups/feature-count.ts';
import { Group } from '../groups/group.ts';
import { type BuiltTile, RecordWriter } from '../groups/record.ts';
import { LEAST_MEMORY, sharedMemory } from '../groups/row-memory.ts';
import { chunksOf, type Step } from '../groups/steps.ts';
import type { PlannedInput } from '../planning/plan.ts';
import type { ChunkMemory } from '../rows/row-chunks.ts';
import { isFatal } from '../tasks/fatal-errors.ts';
import { withFormats } from '../tasks/format-modules.ts';
import type { GroupArgs, StagedGroup } from '../tasks/group-task.ts';
import type { Spilled } from '../tasks/spill-task.ts';
import { featuresOf, type StagedSlice } from '../tasks/stage-task.ts';
import type { PhaseTeller } from '../telling/run-teller.ts';
import {
  cutIntoGroups,
  groupArgs,
  type SliceToStage,
  sharedTiles,
  stageArgs,
} from './group-slices.ts';

export interface GroupRun {
  folder: string;
  runId: string;
  settings: FolderSettings;
  /** JSON of the TileMatrixSet. */
  tms: unknown;
  executor: Executor;
  /** Bytes that rows may take in memory, for each worker; null for what suits the machine. */
  memory: number | null;
  /** Of a slice, roughly. */
  sliceBytes: number;
  /** Whether a tile may be written while slices are staged; null if none may. */
  mayBuild: ((key: TileKey) => boolean) | null;
  isFailed(input: PlannedInput): boolean;
  fail(input: PlannedInput, error: TilewrightError): void;
  /** Told of rows that are gone with the worker that had them: their slices are incomplete. */
  lost(error: TilewrightError): void;
  staging: PhaseTeller;
  room: RoomWatch;
}

/** Returns names of the records that were made. */
export function runGroups(slices: readonly SliceToStage[], run: GroupRun): Promise<string[]> {
  return run.executor.sharesMemory ? runTogether(slices, run) : runApart(slices, run);
}

/** Of the rows of a slice, mostly. */
const SLICE_MEMORY = 48 << 20;

type StepTask = Task & { step: Step };

async function runTogether(slices: readonly SliceToStage[], run: GroupRun): Promise<string[]> {
  const { folder, runId, settings, tms, executor, staging } = run;
  const inputs = [...new Set(slices.map(({ input }) => input))];
  const places = new Map(inputs.map((input, i) => [input, i]));
  const name = `${randomBytes(16).toString('hex')}.record`;
  const record = new RecordWriter(join(runFolder(folder, runId), name));
  const group = new Group({
    inputs: inputs.map((input) => ({ name: input.name, columns: input.columns })),
    slices: slices.map(({ key, input, slice, tiles }) => {
      return { key, input: places.get(input)!, start: slice.start, tiles };
    }),
    keyOf: tileKeys(tileMatrixSet(tms).matrix(settings.z)),
    format: tileFormat(settings).name,
    mayBuild: run.mayBuild ?? (() => false),
    whyNot: () => 'kept',
    memory: sharedMemory(run.memory, executor.workers ?? executor.slots),
    sliceBytes: run.sliceBytes,
    record,
  });
  const count = new FeatureCount((features) => staging.advance(features));
  /** Memory that rows have had: it goes round, so that there is never more of it than was needed at once. */
  const unused: ChunkMemory[] = [];
  const done = (step: Step, result: unknown, error: unknown): void => {
    if ('stage' in step) {
      const { input, weight, features } = slices[step.stage]!;
      if (error !== undefined) {
        run.fail(input, aboutInput(error));
        group.fail(places.get(input)!);
        group.ended(step.stage);
        return;
      }
      const { statistics, bytes, tiles } = result as StagedSlice;
      unused.push(...((result as StagedSlice).unused ?? []));
      run.room.staged(weight, bytes, tiles.length);
      group.staged(step.stage, statistics, tiles);
      count.staged(featuresOf(statistics, features, settings.selection ?? null), statistics.rows);
    } else if (error !== undefined) {
      if ((error as TilewrightError).code !== 'worker-died') throw error;
      group.lost(step);
      run.lost(error as TilewrightError);
    } else if ('build' in step) {
      group.built(step, result as BuiltTile[]);
      count.written(step);
      unused.push(...chunksOf(step));
    } else {
      const { shuffle, segments } = result as Spilled;
      group.spilled(step, shuffle, segments);
      count.written(step);
      unused.push(...chunksOf(step));
    }
  };
  const taskOf = (step: Step): StepTask => {
    if ('stage' in step) {
      const slice = slices[step.stage]!;
      const args = [{ ...stageArgs(slice, settings, tms), chunks: someOf(unused) }];
      return { step, name: withFormats('staging.stage'), args, weight: slice.weight };
    }
    const place = { folder, runId };
    if ('spill' in step) {
      const { spill: rows, why } = step;
      return { step, name: withFormats('staging.spill'), args: [{ ...place, rows, why }] };
    }
    const { build: tiles, inputs: its } = step;
    const args = [{ ...place, settings, inputs: its, tiles }];
    return { step, name: withFormats('staging.build'), args };
  };
  const tasks = (function* () {
    for (let step = group.next(); step !== null; step = group.next()) yield step && taskOf(step);
  })();
  try {
    await runAll(executor, tasks, ({ step }, result, error) => done(step, result, error), {
      onProgress: (features) => count.read(features),
      observe: ({ step }) => staging.observe(subjectOf(step, slices)),
    });
  } finally {
    record.close();
  }
  return [name];
}

/** Takes as much memory as a slice may need. */
function someOf(unused: ChunkMemory[]): ChunkMemory[] {
  let bytes = 0;
  let count = 0;
  while (count < unused.length && bytes < SLICE_MEMORY) {
    bytes += unused[unused.length - ++count]!.byteLength;
  }
  return unused.splice(unused.length - count, count);
}

function subjectOf(
  step: Step,
  slices: readonly SliceToStage[],
): Parameters<PhaseTeller['observe']>[0] {
  if ('stage' in step) return subjectOfSlice(slices[step.stage]!);
  const { memory: bytes } = step;
  const subject =
    'spill' in step ? 'spill' : step.build.length === 1 ? '1 tile' : `${step.build.length} tiles`;
  return { subject, part: 1, parts: 1, bytes, counts: 0 };
}

function subjectOfSlice({ input, part, weight }: SliceToStage) {
  return { subject: input.name, part, parts: input.slices.length, bytes: weight, counts: 1 };
}

/** Throws what is about more than one input. */
function aboutInput(error: unknown): TilewrightError {
  if (!(error instanceof TilewrightError) || isFatal(error)) throw error;
  return error;
}

/** For executors that don't know how many workers they will have. */
const USUAL_WORKERS = 32;

type GroupTask = Task & { slices: readonly SliceToStage[]; inputs: PlannedInput[] };

async function runApart(slices: readonly SliceToStage[], run: GroupRun): Promise<string[]> {
  const { folder, runId, settings, tms, executor, staging, sliceBytes } = run;
  const memory = run.memory ?? LEAST_MEMORY;
  const groups = cutIntoGroups(slices, executor.mostWorkers ?? USUAL_WORKERS, sliceBytes);
  const shared = sharedTiles(groups);
  const isKept = (key: TileKey): boolean => run.mayBuild?.(key) === false;
  const isElsewhere = (key: TileKey): boolean => shared.has(key) || isKept(key);
  const records: string[] = [];
  const taskOf = (its: readonly SliceToStage[], mayBuild: boolean): GroupTask => {
    const common = { folder, runId, settings, tms, memory, sliceBytes };
    // Tiles that nobody reckoned with are not listed, so that none may be built has to be said.
    const elsewhere = mayBuild && run.mayBuild !== null ? isElsewhere : null;
    const args: GroupArgs = { ...common, ...groupArgs(its, { elsewhere, kept: isKept }) };
    const weight = its.reduce((sum, slice) => sum + slice.weight, 0);
    const inputs = [...new Set(its.map(({ input }) => input))];
    return { name: withFormats('staging.group'), args: [args], weight, slices: its, inputs };
  };
  const waiting = groups.map((group) =>
    taskOf(group, groups.length === 1 || group[0]!.tiles !== null),
  );
  // Biggest first, so that no straggler holds up the end.
  waiting.sort((a, b) => b.weight! - a.weight!);
  let running = 0;
  const tasks = (function* () {
    while (waiting.length + running > 0) {
      const task = waiting.shift();
      if (task === undefined) yield undefined;
      else if (!task.inputs.every((input) => run.isFailed(input))) {
        running++;
        yield task;
      }
    }
  })();
  const done = (task: GroupTask, result: unknown, error: unknown): void => {
    running--;
    if (error !== undefined) {
      const known = aboutInput(error);
      if (task.inputs.length === 1) run.fail(task.inputs[0]!, known);
      // One of them may be what its worker can't bear.
      else
        waiting.push(
          ...task.inputs.map((input) =>
            taskOf(
              task.slices.filter((s) => s.input === input),
              false,
            ),
          ),
        );
      return;
    }
    const { record, failed, bytes, tiles } = result as StagedGroup;
    for (const [input, json] of failed) fail(task.inputs[input]!, json);
    run.room.staged(task.weight!, bytes, tiles);
    records.push(record);
  };
  const fail = (input: PlannedInput, json: ErrorJson): void =>
    run.fail(input, TilewrightError.fromJSON(json));
  const options: RunAllOptions<GroupTask> = {
    onProgress: (rows) => staging.advance(rows),
    observe: ({ slices: its, inputs, weight }) =>
      staging.observe(
        its.length === 1
          ? subjectOfSlice(its[0]!)
          : { subject: nameOf(inputs), part: 1, parts: 1, bytes: weight!, counts: its.length },
      ),
  };
  await runAll(executor, tasks, done, options);
  return records;
}

function nameOf(inputs: readonly PlannedInput[]): string {
  const others = inputs.length - 1;
  return others === 0 ? inputs[0]!.name : `${inputs[0]!.name} and ${others} more`;
}
