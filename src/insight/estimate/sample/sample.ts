/**
 * Stages a sample of the inputs and measures it: with one worker, until that has found its pace;
 * then with as many as there are cores, for what they cost each other.
 */

import { join } from 'node:path';
import { type ErrorJson, TilewrightError } from '../../../core/errors.ts';
import { inputFormatOf } from '../../../formats/input-formats.ts';
import { ThreadPoolExecutor } from '../../../parallel/threads/thread-pool-executor.ts';
import type { FolderSettings } from '../../../staging/folder/journal/journal.ts';
import type { PlannedInput, PlanOptions } from '../../../staging/planning/plan.ts';
import { type MemoryCosts, memoryCosts } from '../model/memory.ts';
import type { Costs } from '../model/model.ts';
import { busyShare, fitRates, fitTiles, paceOf, type TileRates } from '../model/rates.ts';
import { type ChosenSlice, chooseSlices, type Stratum, strataOf } from './choose-slices.ts';
import type { StagedSums } from './job-size.ts';
import { runSample, type SampleRun, type SliceCost } from './sample-run.ts';

export interface SampleOptions extends PlanOptions {
  /** Scratch folder; it exists. */
  folder: string;
  settings: FolderSettings;
  seed: number;
  /** Cores that there are for workers. */
  cores: number;
  signal?: AbortSignal | undefined;
}

/** What staging some slices has cost. */
export interface SamplePasses {
  slices: readonly ChosenSlice[];
  /** With one worker. */
  alone: readonly SampleRun[];
  /** With so many; null for one core. */
  together: SampleRun | null;
  workers: number;
  /** Seconds in which the threads ended. */
  shutdown: number;
}

export interface Sample {
  rates: Costs['rates'];
  pace: Costs['pace'];
  /** Of a tile's file. */
  tileBytes: TileRates;
  memory: MemoryCosts;
  /** By index of the input. */
  staged: Map<number, StagedSums>;
  /** Seconds: of a thread; of a run's end; of what belongs to no phase, with the end of threads. */
  threadStart: number;
  finalize: number;
  between: number;
  /** Part of what was read first that was in memory. */
  cached: number;
  failed: Map<number, ErrorJson>;
  /** As often as they were staged. */
  featuresStaged: number;
  /** Part of the time that one worker had to wait for a core. */
  busy: number;
}

const SLICES = 32;
const SLICE_BYTES = 1e6;
/** For so long one worker works, but on each slice no more often than this. */
const PASS_SECONDS = 1.5;
const MOST_TIMES = 4;
/** What several workers stage at the most. */
const MOST_BYTES = 200e6;
const MOST_WORKERS = 8;

export function formatOf({ path }: { path: string }): string {
  return inputFormatOf(path)?.name ?? '';
}

export async function takeSample(
  planned: readonly PlannedInput[],
  options: SampleOptions,
): Promise<{ passes: SamplePasses; strata: Stratum[] }> {
  const { seed, cores, signal, folder } = options;
  const candidates = planned.map((input) => ({ ...input, format: formatOf(input) }));
  const bytes = SLICES * SLICE_BYTES;
  const slices = chooseSlices(candidates, { bytes, sliceBytes: SLICE_BYTES, seed });
  const alone: SampleRun[] = [];
  const pass = async (executor: ThreadPoolExecutor, times: number): Promise<SampleRun> => {
    signal?.throwIfAborted();
    const stop = (): void => void executor.shutdown();
    signal?.addEventListener('abort', stop);
    return runSample({
      ...options,
      // All of its rows fit into memory: what does not is reckoned.
      ...{ folder: join(folder, 'pass'), planned, slices, times, executor, memory: null },
    }).finally(() => signal?.removeEventListener('abort', stop));
  };

  const one = new ThreadPoolExecutor({ maxThreads: 1 });
  let times = 1;
  let shutdown = 0;
  try {
    const first = await pass(one, 1);
    alone.push(first);
    // Others may have the cores: what counts is what it would take alone, within reason.
    const net =
      [...first.stage, ...first.build, ...first.merge].reduce((sum, cost) => sum + cost.net, 0) /
      1000;
    times = Math.round(Math.min(MOST_TIMES, PASS_SECONDS / Math.max(net, first.seconds / 4)));
    if (times > 1) alone.push(await pass(one, times - 1));
  } finally {
    const ending = performance.now();
    await one.shutdown();
    shutdown = (performance.now() - ending) / 1000;
  }
  const workers = Math.min(MOST_WORKERS, Math.max(1, Math.floor(cores)));
  let together: SampleRun | null = null;
  if (workers > 1) {
    const several = new ThreadPoolExecutor({ maxThreads: workers });
    const unique = slices.reduce((sum, slice) => sum + slice.bytes, 0);
    const most = Math.floor(MOST_BYTES / unique);
    try {
      together = await pass(several, Math.max(1, Math.min(workers * times, most)));
    } finally {
      await several.shutdown();
    }
  }
  return { passes: { slices, alone, together, workers, shutdown }, strata: strataOf(candidates) };
}

/**
 * @param before - part of what single looks read that was in memory: since then all of it is; and bytes
 *   that the estimate itself had in memory
 * @throws TilewrightError the first input's error if nothing could be staged
 */
export function evaluate(
  { alone, together, workers, shutdown }: SamplePasses,
  { looksCached, ownMemory }: { looksCached: number; ownMemory: number },
): Sample {
  const runs = together === null ? alone : [...alone, together];
  const failed = new Map(runs.flatMap((run) => [...run.failed]));
  const stage = alone.flatMap((run) => run.stage);
  const build = alone.flatMap((run) => run.build);
  const merge = alone.flatMap((run) => run.merge);
  const pack = alone.flatMap((run) => run.pack);
  if (stage.length === 0) throw TilewrightError.fromJSON([...failed.values()][0]!);
  const costs = { stage, build, merge, pack };
  const rates = fitRates(costs);
  const busy = busyShare([...stage, ...build, ...merge]);
  const msOf = (some: readonly SampleRun[]): number =>
    1000 * some.reduce((ms, run) => ms + run.working, -some[0]!.threadStart);
  const slowdown = 1 / (1 - busy);
  const one = paceOf(costs, rates, { workers: 1, ms: msOf(alone), slowdown });
  const all = together === null ? one : paceOf(together, rates, { workers, ms: msOf([together]) });
  const most = one.slowdown * workers;
  const first = alone[0]!;
  const rowsOf = (run: SampleRun): number =>
    run.stage.reduce((sum, cost) => sum + cost.rowBytes, 0);
  const least = (of: (run: SampleRun) => number): number => Math.min(...alone.map(of)) * (1 - busy);
  return {
    ...{ rates, failed, busy },
    // Several workers never get less done than one.
    pace: { one, all: { ...all, slowdown: Math.min(Math.max(one.slowdown, all.slowdown), most) } },
    // These are exact, so that any tiles will do.
    tileBytes: fitTiles(
      runs.flatMap((run) => run.build),
      ({ tileBytes }) => tileBytes,
    ),
    memory: memoryCosts(
      { peak: first.peakMemory - ownMemory, rows: rowsOf(first) },
      together === null
        ? null
        : { peak: together.peakMemory - ownMemory, rows: rowsOf(together), workers },
    ),
    staged: stagedSums(first.stage),
    threadStart: first.threadStart * (1 - busy),
    finalize: least((run) => run.finalize),
    between: least((run) => run.between + shutdown),
    cached: Math.min(
      looksCached,
      1 - Math.min(1, first.diskReadBytes / Math.max(1, first.readBytes)),
    ),
    featuresStaged: runs.flatMap((run) => run.stage).reduce((n, cost) => n + cost.features, 0),
  };
}

/** By input. */
function stagedSums(costs: readonly SliceCost[]): Map<number, StagedSums> {
  const staged = new Map<number, StagedSums>();
  for (const { index, features, bytes, rows, rowBytes } of costs) {
    const sums = staged.get(index) ?? { features: 0, bytes: 0, rows: 0, rowBytes: 0 };
    staged.set(index, {
      features: sums.features + features,
      bytes: sums.bytes + bytes,
      rows: sums.rows + rows,
      rowBytes: sums.rowBytes + rowBytes,
    });
  }
  return staged;
}
