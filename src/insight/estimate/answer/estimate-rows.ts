/** The rows of an estimate: one file, the given ones, and more of their kind. Pure. */

import type { PlannedInput } from '../../../staging/planning/plan.ts';
import type { SliceToStage } from '../../../staging/slices/group-slices.ts';
import type { EstimateRow, Range } from '../estimate-types.ts';
import type { Engine } from '../model/engines.ts';
import type { MachineFacts } from '../model/machine-facts.ts';
import { memoryOf } from '../model/memory.ts';
import { type Costs, type Job, type Machine, predict, UNCERTAIN } from '../model/model.ts';
import { poolFor } from '../model/pool.ts';
import { findLimit } from '../model/worker-limit.ts';
import { type InputFacts, jobOf, scaled } from '../sample/job-size.ts';
import type { Probe } from '../sample/probe.ts';
import type { Sample } from '../sample/sample.ts';
import { whySentence } from './why.ts';
import { number } from './words.ts';

export interface RowsOptions {
  facts: readonly InputFacts[];
  /** Of those of the facts that count. */
  indexes: readonly number[];
  probes: ReadonlyMap<number, Probe>;
  sample: Sample;
  planned: readonly PlannedInput[];
  /** Of all inputs, in the order in which they are staged. */
  slices: readonly SliceToStage[];
  sliceBytes: number;
  /** Bytes for rows of each worker; null for the default. */
  memory: number | null;
  machine: MachineFacts;
  engine: Engine;
  planPerFile: number;
  /** 4^pack tiles are packed into a file; null: none are. */
  pack: number | null;
  processStart: number;
  /** Undefined for the usual ones. */
  workers: readonly number[] | undefined;
  files: readonly number[];
}

/** Bytes beside the tiles: journal, summary and records. */
const FOLDER_BYTES = 130e3;
/** Part of the memory that was not tried which has to be fetched: all or nothing is as likely. */
const FRESH_SHARE = 0.5;
/** Seconds from the end of a run to that of its process. */
const PROCESS_END = 0.05;
/** What the number of tiles and the bytes of their rows are off by. */
const BYTES_UNCERTAIN = 0.05;
/** How many workers are looked at for where they stop to help. */
const MOST_WORKERS = 1_024;

export function buildRows(options: RowsOptions): EstimateRow[] {
  const { facts, indexes: all, probes, sample, files } = options;
  const rowFor = (kind: EstimateRow['kind'], label: string, indexes: readonly number[]) =>
    rowOf(kind, label, jobFor(indexes), options);
  const jobFor = (indexes: readonly number[]): Job =>
    jobOf(
      indexes.map((i) => facts[i]!),
      indexes.map((i) => probes.get(i)),
      sample,
      options.pack,
      (rowBytes) => {
        const { sharesMemory } = options.engine;
        const its = new Set(indexes.map((i) => options.planned[i]!));
        const slices = options.slices.filter(({ input }) => its.has(input));
        return poolFor(slices, { ...options, sharesMemory, rowBytes });
      },
    );
  const bySize = all.toSorted((a, b) => facts[a]!.bytes - facts[b]!.bytes);
  const rows: EstimateRow[] = [];
  if (all.length > 1) {
    const median = bySize[Math.floor((bySize.length - 1) / 2)]!;
    rows.push(rowFor('median file', 'one file (median)', [median]));
    rows.push(rowFor('largest file', 'one file (largest)', [bySize.at(-1)!]));
  }
  rows.push(
    rowFor('given', all.length === 1 ? 'this file' : `these ${number(all.length)} files`, all),
  );
  const given = jobFor(all);
  for (const count of [...new Set(files)].sort((a, b) => a - b)) {
    rows.push(rowOf('more', `${number(count)} such files`, scaled(given, count), options));
  }
  return rows;
}

function rowOf(
  kind: EstimateRow['kind'],
  label: string,
  job: Job,
  options: RowsOptions,
): EstimateRow {
  const { sample, machine, engine } = options;
  const costs = costsOf(options);
  const about = machineOf(machine);
  const memory = (workers: number): Range =>
    memoryOf(sample.memory, workers, job, rowsInMemory(job, workers, engine));
  const fitting = engine.here ? fittingWorkers(machine.memoryAvailable, memory) : Infinity;
  const { workers, limit } =
    engine.dispatch === 0
      ? { workers: 1, limit: 'none' as const }
      : findLimit((w) => predict(job, costs, about, engine, w), { most: MOST_WORKERS, fitting });
  const spread = kind === 'more' ? sizesError(options.indexes.map((i) => options.facts[i]!)) : 0;
  return {
    ...{ label, kind, files: job.files, inputBytes: job.inputBytes },
    features: job.tasks.reduce((sum, { features, count }) => sum + features * count, 0),
    rows: job.rows,
    tiles: job.tiles,
    packs: job.packs,
    time: workerCounts(options).map((count) => ({
      workers: count,
      seconds: secondsRange(job, costs, about, engine, count, spread),
      memory: memory(count),
    })),
    parts: predict(job, costs, about, engine, 1).parts,
    disk: diskOf(job, spread, Math.max(...workerCounts(options))),
    usefulWorkers: workers,
    limit,
    why: whySentence(limit, workers, { job, machine, engine, costs, about, fitting }),
  };
}

/** Bytes of rows that wait for others, and of those that more workers than one are at. */
function rowsInMemory(job: Job, workers: number, { sharesMemory }: Engine): number {
  const { held, groups } = job.pool(workers);
  const largest = Math.max(...job.tasks.map((task) => task.rowBytes));
  const tasks = groups.reduce((sum, { count }) => sum + count, 0);
  const started = sharesMemory ? 1 : Math.min(workers, Math.ceil(tasks));
  const more = sharesMemory ? workers - 1 : 0;
  return started * held * job.rowBytes + more * largest;
}

function secondsRange(
  job: Job,
  costs: Costs,
  machine: Machine,
  engine: Engine,
  workers: number,
  spread: number,
): Range {
  const { one, all } = costs.pace;
  const about = predict(job, costs, machine, engine, workers).seconds;
  // Memory that was used lately, nobody else on the machine, inputs that were read before.
  const alone = { warmUp: one.warmUp / one.slowdown, slowdown: 1 };
  const crowded = { warmUp: all.warmUp / one.slowdown, slowdown: all.slowdown / one.slowdown };
  const kindly = { ...costs, pace: { one: alone, all: crowded } };
  const hot = { ...machine, freshPerByte: 0 };
  const low = predict({ ...job, cached: 1 }, kindly, hot, engine, workers).seconds;
  const fresh = { ...machine, hotBytes: 0, freshShare: 1 };
  const high = predict(job, costs, fresh, engine, workers).seconds;
  // What others do with the machine may end, or begin.
  const relative = 1 + Math.hypot(UNCERTAIN, spread, 1 - 1 / one.slowdown);
  return { low: Math.min(low, about) / relative, about, high: Math.max(high, about) * relative };
}

function diskOf(job: Job, spread: number, workers: number): EstimateRow['disk'] {
  const isPacked = job.packs > 0;
  const files = (isPacked ? job.packBytes : job.tileBytes) + FOLDER_BYTES;
  const relative = 1 + Math.hypot(BYTES_UNCERTAIN, spread);
  const range = (about: number): Range => ({
    low: about / relative,
    about,
    high: about * relative,
  });
  const spilled = job.pool(workers).spilled * job.rowBytes;
  return { staged: range(files), peak: range(files + (isPacked ? job.tileBytes : 0) + spilled) };
}

/** Relative error of the mean size of a file, if there are to be others of the same kind. */
function sizesError(facts: readonly InputFacts[]): number {
  // One file tells nothing of how others may differ.
  if (facts.length === 1) return 0.5;
  const mean = facts.reduce((sum, { bytes }) => sum + bytes, 0) / facts.length;
  const squares = facts.reduce((sum, { bytes }) => sum + (bytes - mean) ** 2, 0);
  return Math.sqrt(squares / (facts.length - 1) / facts.length) / mean;
}

function costsOf({ sample, planPerFile, processStart }: RowsOptions): Costs {
  const { rates, pace, threadStart, finalize, between } = sample;
  const quiet = (seconds: number): number => seconds / pace.one.slowdown;
  return {
    ...{ rates, pace, threadStart, finalize, between, planPerFile: quiet(planPerFile) },
    processStart: processStart === 0 ? 0 : quiet(processStart) + PROCESS_END,
  };
}

function machineOf({ pages, disk, ...facts }: MachineFacts): Machine {
  return {
    cores: facts.cores,
    diskRead: disk.read ?? Infinity,
    diskWrite: disk.write ?? Infinity,
    dirtyBytes: facts.dirtyBytes,
    cacheBytes: facts.memoryAvailable,
    freshPerByte: pages === null ? 0 : (pages.fresh - pages.hot) / 1e9,
    // What the estimate has given back itself is at hand for a run that follows soon.
    hotBytes: pages === null ? Infinity : Math.max(pages.hotBytes, pages.written),
    freeBytes: facts.memoryFree,
    freshShare: FRESH_SHARE,
    takesDirect: facts.takesDirect,
  };
}

/** One, and those that were asked for; or powers of two up to the cores, and twice as many. */
function workerCounts({ workers, machine, engine }: RowsOptions): number[] {
  if (engine.dispatch === 0) return [1];
  if (workers !== undefined) return [...new Set([1, ...workers])].sort((a, b) => a - b);
  if (!engine.here) return [1, 8, 32, 100];
  const cores = Math.max(1, Math.floor(machine.cores));
  const counts = new Set([1]);
  for (let n = 2; n < cores; n *= 2) counts.add(n);
  return [...counts.add(cores).add(2 * cores)].sort((a, b) => a - b);
}

function fittingWorkers(available: number, memory: (workers: number) => Range): number {
  const one = memory(1).about;
  const each = memory(2).about - one;
  return each <= 0 ? Infinity : Math.max(1, 1 + Math.floor((available - one) / each));
}
