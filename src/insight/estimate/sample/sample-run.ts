/** Stages chosen slices into a scratch folder, by the very code that stages a job, and measures it. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorJson } from '../../../core/errors.ts';
import type { Executor } from '../../../parallel/executor.ts';
import type { TaskUsage } from '../../../parallel/usage/usage.ts';
import type { FolderSettings } from '../../../staging/folder/journal/journal.ts';
import { runStaging } from '../../../staging/pipeline/run.ts';
import type { PlannedInput, PlanOptions } from '../../../staging/planning/plan.ts';
import { type RunEvent, readsInputs } from '../../../staging/telling/events.ts';
import { type Phase, phaseOf } from '../../../staging/telling/phases.ts';
import type { BuildCost, MergeCost, PackCost, StageCost, TaskCost } from '../model/rates.ts';
import type { ChosenSlice } from './choose-slices.ts';

/** A stage task of the sample. */
export interface SliceCost extends StageCost {
  /** The input that its slice is of. */
  index: number;
  features: number;
  rows: number;
}

export interface SampleRun {
  stage: SliceCost[];
  build: BuildCost[];
  merge: MergeCost[];
  pack: PackCost[];
  /** Seconds of the whole run, of its phases that have tasks, of its end, and of the rest. */
  seconds: number;
  working: number;
  finalize: number;
  between: number;
  /** Seconds from handing over the first task to its beginning in a new thread. */
  threadStart: number;
  /** Most memory of the process up to now. */
  peakMemory: number;
  /** Bytes read through system calls, and those that came from a disk. */
  readBytes: number;
  diskReadBytes: number;
  /** Inputs that could not be read, by their indexes. */
  failed: Map<number, ErrorJson>;
}

export interface SampleRunOptions extends PlanOptions {
  /** A folder that is made, and removed again. */
  folder: string;
  settings: FolderSettings;
  /** All inputs; the slices are of some of them. */
  planned: readonly PlannedInput[];
  slices: readonly ChosenSlice[];
  /** How often each slice is staged. */
  times: number;
  executor: Executor;
}

export async function runSample(options: SampleRunOptions): Promise<SampleRun> {
  const { folder, planned, slices, times, ...rest } = options;
  const copies = copiesOf(planned, slices, times);
  const run: SampleRun = {
    ...{
      stage: [],
      build: [],
      merge: [],
      pack: [],
      seconds: 0,
      working: 0,
      finalize: 0,
      between: 0,
      threadStart: 0,
      peakMemory: 0,
    },
    ...{ readBytes: 0, diskReadBytes: 0, failed: new Map() },
  };
  const phases = new Map<Phase, number>();
  const note = (event: RunEvent): void => {
    if (event.type === 'phase-started' || event.type === 'phase-ended') {
      const seconds = event.type === 'phase-ended' ? event.at : -event.at;
      phases.set(event.phase, (phases.get(event.phase) ?? 0) + seconds);
    }
    if (event.type !== 'task-ended' || event.usage === null || event.error !== null) return;
    const { usage } = event;
    run.peakMemory = Math.max(run.peakMemory, usage.peakMemory);
    const { tiles = 0, renamed = 0, tileBytes = 0, builtBytes = 0 } = usage.notes;
    if (event.phase === 'merge') run.merge.push({ ...taskCost(usage), tiles: tiles + renamed });
    else if (event.phase === 'pack') {
      const { rows = 0, packBytes = 0 } = usage.notes;
      run.pack.push({ ...taskCost(usage), rows, packBytes });
    } else if (tiles > 0) {
      run.build.push({ ...taskCost(usage), tiles, tileBytes, rowBytes: builtBytes });
    }
    if (!readsInputs(event)) return;
    const first = run.stage.length === 0;
    if (first) run.threadStart = event.at - event.submittedAt - usage.wallMs / 1000;
    run.readBytes += usage.readBytes ?? 0;
    run.diskReadBytes += usage.diskReadBytes ?? 0;
    run.stage.push(sliceCost(usage, slices[copies.slice.get(event.subject)!]!));
  };
  try {
    const result = await runStaging({
      ...rest,
      folder,
      summary: join(folder, 'summary.csv'),
      inputs: [],
      roots: [],
      prune: false,
      adopt: false,
      // What its tasks cost is what it is for.
      record: true,
      choose: (plan) => ({ ...plan, planned: copies.planned }),
      onProgress: note,
    });
    run.seconds = result.seconds;
    run.finalize = phases.get('finalize') ?? 0;
    for (const [phase, seconds] of phases) {
      if (phaseOf(phase).work === 'tasks') run.working += seconds;
    }
    run.between = result.seconds - run.finalize - run.working;
    for (const input of result.inputs) {
      // Of the input's other slices there may be something to stage.
      if (input.status !== 'failed' || input.error.code === 'input-dropped') continue;
      run.failed.set(slices[copies.slice.get(input.name)!]!.index, input.error);
    }
    return run;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Each slice, each time, as an input of its own: the order of tasks is that of the slices then. */
function copiesOf(
  planned: readonly PlannedInput[],
  slices: readonly ChosenSlice[],
  times: number,
): { planned: PlannedInput[]; slice: Map<string, number> } {
  const copies: PlannedInput[] = [];
  const slice = new Map<string, number>();
  for (let time = 0; time < times; time++) {
    for (const [i, { index, slice: positions }] of slices.entries()) {
      const input = planned[index]!;
      // As long as the true one, since the name is in every row.
      const number = (time * slices.length + i).toString(36);
      const name = `${number.padStart(4, '0')}${input.name.slice(number.length > 4 ? 5 : 4)}`;
      // All of one size, so that they are staged in this order.
      const one = { slices: [positions], extents: [null] };
      copies.push({ ...input, name, file: name, ...one, bytes: 1 });
      slice.set(name, i);
    }
  }
  return { planned: copies, slice };
}

function taskCost({ worker, wallMs, queuedForCpuMs }: TaskUsage): TaskCost {
  const queued = Math.min(queuedForCpuMs ?? 0, wallMs);
  return { worker, net: wallMs - queued, queued };
}

function sliceCost(usage: TaskUsage, { index, bytes, format }: ChosenSlice): SliceCost {
  const { notes, wallMs } = usage;
  const cost = taskCost(usage);
  // Its own clock has not left out what it waited for a core.
  const part = (name: string): number => ((notes[name] ?? 0) * cost.net) / wallMs;
  const { features = 0, rows = 0, rowBytes = 0 } = notes;
  return {
    ...{ ...cost, index, format, bytes, features, rows, rowBytes },
    ...{ reading: part('readMs'), kernels: part('kernelMs') },
  };
}
