/**
 * Stages a sample of the inputs and measures it: with one worker, until that has found its pace;
 * then with as many as there are cores, for what they cost each other.
 */

import { join } from 'node:path';
import { TilewrightError } from '../../../core/errors.ts';
import { inputFormatOf } from '../../../formats/input-formats.ts';
import { ThreadPoolExecutor } from '../../../parallel/threads/thread-pool-executor.ts';
import type { FolderSettings } from '../../../staging/folder/journal.ts';
import type { PlannedInput, PlanOptions } from '../../../staging/pipeline/plan.ts';
import {
  type Fitted,
  fitMerge,
  fitStage,
  fitTwo,
  type MergeRates,
  type StageRates,
} from '../model/fit.ts';
import { type MemoryCosts, memoryCosts } from '../model/memory.ts';
import { slowdownFrom } from '../model/slowdown.ts';
import { type ChosenSlice, chooseSlices, type Stratum, strataOf } from './choose-slices.ts';
import type { StagedSums, TileBytes } from './job-size.ts';
import { type MergeCost, runSample, type SampleRun, type StageCost } from './sample-run.ts';

export interface SampleOptions extends PlanOptions {
  /** Scratch folder; it exists. */
  folder: string;
  settings: FolderSettings;
  seed: number;
  /** Cores that there are for workers. */
  cores: number;
  signal?: AbortSignal | undefined;
}

export interface Sample {
  stage: Fitted<Map<string, StageRates>>;
  merge: Fitted<MergeRates>;
  slowdown: { one: number; all: number };
  tileBytes: TileBytes;
  memory: MemoryCosts;
  /** By index of the input. */
  staged: Map<number, StagedSums>;
  /** Milliseconds of CPU for a worker, besides that of its tasks, until it has found its pace. */
  sideWork: number;
  /** Seconds: of a thread, of what belongs to no phase, with the end of the threads. */
  threadStart: number;
  between: number;
  removePerByte: number;
  /** Part of what the first pass read that was in memory. */
  cached: number;
  /** Relative error of the bytes of a row, from the differences between slices. */
  sizeError: number;
  failed: Map<number, SampleRun['failed'][number]['error']>;
  strata: Stratum[];
  slices: ChosenSlice[];
  features: number;
  featuresStaged: number;
  busy: number;
}

/** Seconds for removing a byte of a shuffle file: more is chance. */
const MOST_PER_BYTE = 0.2e-9;
/** Part of the inputs that is sampled, within bounds in bytes. */
const SHARE = 0.05;
const LEAST_BYTES = 8e6;
const MOST_BYTES = 64e6;
const SLICES = 32;
const LEAST_SLICE = 0.5e6;
/** What one worker stages in all, the same slices again and again, and for how long at the most. */
const PASS_BYTES = 128e6;
const PASS_SECONDS = 1.5;
/** A job that is smaller than that is staged so often at the most. */
const MOST_TIMES = 4;
const MOST_SECONDS = 6;
/** Of all workers of the pass with several. */
const MOST_PASS_BYTES = 400e6;
const MOST_WORKERS = 8;

export function formatOf({ path }: { path: string }): string {
  return inputFormatOf(path)?.name ?? '';
}

export async function takeSample(
  planned: readonly PlannedInput[],
  options: SampleOptions,
): Promise<Sample> {
  const { seed, cores, signal, folder } = options;
  const candidates = planned.map((input) => ({ ...input, format: formatOf(input) }));
  const all = planned.reduce((sum, input) => sum + input.bytes, 0);
  const bytes = Math.min(all, Math.max(LEAST_BYTES, Math.min(MOST_BYTES, all * SHARE)));
  const sliceBytes = Math.max(LEAST_SLICE, bytes / SLICES);
  const slices = chooseSlices(candidates, { bytes, sliceBytes, seed });
  const unique = slices.reduce((sum, slice) => sum + slice.bytes, 0);
  let run = 0;
  const pass = (executor: ThreadPoolExecutor, times: number): Promise<SampleRun> => {
    signal?.throwIfAborted();
    const stop = (): void => void executor.shutdown();
    signal?.addEventListener('abort', stop);
    return runSample({
      ...options,
      ...{ folder: join(folder, `pass-${++run}`), planned, slices, times, executor },
    }).finally(() => signal?.removeEventListener('abort', stop));
  };

  const one = new ThreadPoolExecutor({ maxThreads: 1 });
  const alone: SampleRun[] = [];
  let shutdown = 0;
  try {
    const first = await pass(one, 1);
    alone.push(first);
    const most = Math.min(PASS_BYTES, MOST_TIMES * all) / unique - 1;
    // Others may have the cores: what counts is what it would take alone, within reason.
    const net = [...first.stage, ...first.merge].reduce((sum, cost) => sum + cost.net, 0) / 1000;
    const patience = MOST_SECONDS / first.seconds - 1;
    const times = Math.round(Math.min(most, PASS_SECONDS / net - 1, patience));
    if (times > 0) alone.push(await pass(one, times));
  } finally {
    const ending = performance.now();
    await one.shutdown();
    shutdown = (performance.now() - ending) / 1000;
  }
  const workers = Math.min(MOST_WORKERS, Math.max(1, Math.floor(cores)));
  let together: SampleRun | null = null;
  if (workers > 1) {
    const several = new ThreadPoolExecutor({ maxThreads: workers });
    try {
      const staged = alone.reduce((sum, { stage }) => sum + stage.length, 0);
      const wanted = Math.round((workers * staged) / slices.length);
      const most = Math.floor(MOST_PASS_BYTES / unique);
      together = await pass(several, Math.max(1, Math.min(wanted, most)));
    } finally {
      await several.shutdown();
    }
  }
  const sample = evaluate(alone, together, { candidates, slices, workers });
  return { ...sample, between: sample.between + shutdown * (1 - sample.busy) };
}

function evaluate(
  alone: readonly SampleRun[],
  together: SampleRun | null,
  about: {
    candidates: readonly (PlannedInput & { format: string })[];
    slices: ChosenSlice[];
    workers: number;
  },
): Sample {
  const { candidates, slices, workers } = about;
  const pointOf = (cost: StageCost) => ({
    ...cost,
    format: candidates[slices[cost.slice]!.index]!.format,
  });
  const stageCosts = alone.flatMap((run) => run.stage.map(pointOf));
  const mergeCosts = alone.flatMap((run) => run.merge);
  const failed = failuresOf(together === null ? alone : [...alone, together]);
  if (stageCosts.length === 0) throw TilewrightError.fromJSON([...failed.values()][0]!);
  const stage = fitStage(stageCosts);
  const merge = fitMerge(mergeCosts);
  const last = alone.at(-1)!;
  const first = alone[0]!;
  const shuffleBytes = last.stage.reduce((sum, cost) => sum + cost.shuffleBytes, 0);
  const peak = Math.max(...alone.map((run) => run.peakMemory));
  const largest = Math.max(0, ...stageCosts.map((cost) => cost.shuffleBytes));
  return {
    stage,
    merge,
    slowdown: slowdownFrom(
      { stage: stageCosts, merge: mergeCosts },
      together === null ? null : { stage: together.stage.map(pointOf), merge: together.merge },
      stage.rates,
      merge.rates,
      workers,
      busyShare(stageCosts, mergeCosts),
    ),
    tileBytes: tileBytesOf(alone, together),
    memory: memoryCosts(peak, together?.peakMemory ?? peak, workers, largest),
    ...stagedSums(first.stage, slices),
    sideWork: sideWorkOf(first),
    threadStart: first.threadStart * (1 - busyShare(first.stage, first.merge)),
    between: Math.min(...alone.map(betweenPhases)),
    removePerByte:
      shuffleBytes === 0
        ? 0
        : Math.min(
            (last.phases.finalize * (1 - busyShare(last.stage, last.merge))) / shuffleBytes,
            MOST_PER_BYTE,
          ),
    cached: first.readBytes === 0 ? 1 : 1 - Math.min(1, first.diskReadBytes / first.readBytes),
    failed,
    strata: strataOf(candidates),
    slices,
    features: first.stage.reduce((sum, cost) => sum + cost.features, 0),
    featuresStaged: [...stageCosts, ...(together?.stage ?? [])].reduce((n, c) => n + c.features, 0),
    busy: busyShare(stageCosts, mergeCosts),
  };
}

function failuresOf(runs: readonly SampleRun[]): Sample['failed'] {
  return new Map(runs.flatMap((run) => run.failed.map(({ index, error }) => [index, error])));
}

/** What the process has worked besides its tasks, and besides what the coordinator does in any run. */
function sideWorkOf(run: SampleRun): number {
  const tasks = [...run.stage, ...run.merge].reduce((sum, { net }) => sum + net, 0);
  return Math.max(0, run.cpu - tasks - 1000 * betweenPhases(run));
}

/** Seconds that belong to none of the phases that grow with the job. */
function betweenPhases({ seconds, phases, stage, merge }: SampleRun): number {
  const alone = 1 - busyShare(stage, merge);
  return Math.max(0.02, (seconds - phases.stage - phases.merge - phases.finalize) * alone);
}

/** Bytes of a tile's file for itself and for its rows: these are exact, so that any tiles will do. */
function tileBytesOf(alone: readonly SampleRun[], together: SampleRun | null): TileBytes {
  const all = [...alone, ...(together === null ? [] : [together])].flatMap((run) => run.merge);
  const [perTile, perByte] = fitTwo(all.map((m) => [m.tiles, m.shuffleBytes, m.tileBytes]));
  return { perTile, perByte };
}

/** By input; and how much the bytes of a feature vary between slices. */
function stagedSums(
  costs: readonly StageCost[],
  slices: readonly ChosenSlice[],
): Pick<Sample, 'staged' | 'sizeError'> {
  const staged: Sample['staged'] = new Map();
  for (const { slice, features, vertices, rows, shuffleBytes } of costs) {
    const { index } = slices[slice]!;
    const sums = staged.get(index) ?? { features: 0, vertices: 0, rows: 0, shuffleBytes: 0 };
    sums.features += features;
    sums.vertices += vertices;
    sums.rows += rows;
    sums.shuffleBytes += shuffleBytes;
    staged.set(index, sums);
  }
  const some = costs.filter(({ features }) => features > 0);
  const sizes = some.map(({ shuffleBytes, features }) => shuffleBytes / features);
  const mean = sizes.reduce((sum, size) => sum + size, 0) / Math.max(1, sizes.length);
  const squares = sizes.reduce((sum, size) => sum + (size - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / Math.max(1, sizes.length - 1));
  const sizeError = mean === 0 ? 0 : deviation / mean / Math.sqrt(Math.max(1, sizes.length));
  return { staged, sizeError };
}

/** Part of the time that one worker had to wait for a core. */
function busyShare(stage: readonly StageCost[], merge: readonly MergeCost[]): number {
  let [queued, net] = [0, 0];
  for (const cost of [...stage, ...merge]) {
    queued += cost.queued;
    net += cost.net;
  }
  return queued + net === 0 ? 0 : queued / (queued + net);
}
