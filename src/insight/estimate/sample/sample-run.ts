/** Stages chosen slices into a scratch folder, by the very code that stages a job, and measures it. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorJson } from '../../../core/errors.ts';
import type { Executor } from '../../../parallel/executor.ts';
import type { TaskUsage } from '../../../parallel/usage/usage.ts';
import type { FolderSettings } from '../../../staging/folder/journal.ts';
import type { PlannedInput, PlanOptions } from '../../../staging/pipeline/plan.ts';
import { runStaging } from '../../../staging/pipeline/run.ts';
import type { RunEvent } from '../../../staging/telling/events.ts';
import type { Phase } from '../../../staging/telling/phases.ts';
import type { ChosenSlice } from './choose-slices.ts';

/** What one stage task has cost. Times are milliseconds, of which waiting for a core is left out. */
export interface StageCost {
  /** Which of the chosen slices it was. */
  slice: number;
  worker: string;
  features: number;
  vertices: number;
  rows: number;
  /** Bytes of the input that it read; of the shuffle file that it wrote. */
  bytes: number;
  shuffleBytes: number;
  reading: number;
  kernels: number;
  writing: number;
  /** Opening, closing, renaming. */
  other: number;
  /** Sum of the four, and the time that it waited for a core besides. */
  net: number;
  queued: number;
}

export interface MergeCost {
  worker: string;
  tiles: number;
  rows: number;
  shuffleBytes: number;
  tileBytes: number;
  net: number;
  queued: number;
}

/** Phases of which the model says how long they take. */
type MeasuredPhase = 'plan' | 'stage' | 'merge' | 'finalize';

export interface SampleRun {
  stage: StageCost[];
  merge: MergeCost[];
  /** Seconds of the whole run, and of its phases. */
  seconds: number;
  phases: Record<MeasuredPhase, number>;
  /** Milliseconds of CPU of the process in all. */
  cpu: number;
  /** Seconds from handing over the first task to its beginning in a new thread. */
  threadStart: number;
  /** Most memory of the process up to now. */
  peakMemory: number;
  /** Bytes read through system calls, and those that came from a disk. */
  readBytes: number;
  diskReadBytes: number;
  /** Inputs that could not be read, by their indexes. */
  failed: { index: number; error: ErrorJson }[];
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
  onProgress?: ((event: RunEvent) => void) | undefined;
}

export async function runSample(options: SampleRunOptions): Promise<SampleRun> {
  const { folder, planned, slices, times, onProgress, ...rest } = options;
  const copies = copiesOf(planned, slices, times);
  const run: SampleRun = {
    ...{ stage: [], merge: [], seconds: 0, cpu: 0, threadStart: 0, peakMemory: 0, failed: [] },
    ...{ phases: { plan: 0, stage: 0, merge: 0, finalize: 0 }, readBytes: 0, diskReadBytes: 0 },
  };
  const begun = new Map<string, number>();
  const note = (event: RunEvent): void => {
    onProgress?.(event);
    if (event.type === 'phase-started') begun.set(event.phase, event.at);
    else if (event.type === 'phase-ended' && isMeasured(event.phase)) {
      run.phases[event.phase] += event.at - begun.get(event.phase)!;
    } else if (event.type === 'task-ended' && event.usage !== null && event.error === null) {
      const { usage } = event;
      run.peakMemory = Math.max(run.peakMemory, usage.peakMemory);
      if (event.phase === 'merge') run.merge.push(mergeCost(usage, event.bytes));
      else if (event.phase === 'stage') {
        const first = run.stage.length === 0;
        if (first) run.threadStart = event.at - event.submittedAt - usage.wallMs / 1000;
        run.readBytes += usage.readBytes ?? 0;
        run.diskReadBytes += usage.diskReadBytes ?? 0;
        run.stage.push(stageCost(usage, copies.slice.get(event.subject)!, slices));
      }
    }
  };
  const cpu = process.cpuUsage();
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
    const { user, system } = process.cpuUsage(cpu);
    run.cpu = (user + system) / 1000;
    run.seconds = result.seconds;
    run.failed = result.inputs.flatMap((input) => {
      // Of the input's other slices there may be something to stage.
      if (input.status !== 'failed' || input.error.code === 'input-dropped') return [];
      const { index } = slices[copies.slice.get(input.name)!]!;
      return [{ index, error: input.error }];
    });
    return run;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function isMeasured(phase: Phase): phase is MeasuredPhase {
  return ['plan', 'stage', 'merge', 'finalize'].includes(phase);
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
      copies.push({ ...input, name, file: name, slices: [positions], bytes: 1 });
      slice.set(name, i);
    }
  }
  return { planned: copies, slice };
}

function stageCost(usage: TaskUsage, slice: number, slices: readonly ChosenSlice[]): StageCost {
  const { wallMs, notes, worker } = usage;
  const queued = Math.min(usage.queuedForCpuMs ?? 0, wallMs);
  const net = wallMs - queued;
  // Its own clock has not left out what it waited for a core.
  const share = net / wallMs;
  const part = (name: string): number => (notes[name] ?? 0) * share;
  const [reading, kernels, writing] = [part('readMs'), part('kernelMs'), part('writeMs')];
  return {
    slice,
    worker,
    features: notes['features'] ?? 0,
    vertices: notes['vertices'] ?? 0,
    rows: notes['rows'] ?? 0,
    bytes: slices[slice]!.bytes,
    shuffleBytes: notes['shuffleBytes'] ?? 0,
    ...{ reading, kernels, writing, other: Math.max(0, net - reading - kernels - writing) },
    ...{ net, queued },
  };
}

function mergeCost(usage: TaskUsage, shuffleBytes: number): MergeCost {
  const { wallMs, notes, worker } = usage;
  const queued = Math.min(usage.queuedForCpuMs ?? 0, wallMs);
  const { tiles = 0, rows = 0, tileBytes = 0 } = notes;
  return { worker, tiles, rows, shuffleBytes, tileBytes, net: wallMs - queued, queued };
}
