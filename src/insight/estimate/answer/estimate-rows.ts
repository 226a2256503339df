/** The rows of an estimate: one file, the given ones, and more of their kind. Pure. */

import type { EstimateRow, Range } from '../estimate-types.ts';
import type { Engine } from '../model/engines.ts';
import type { MachineFacts } from '../model/machine-facts.ts';
import { memoryOf } from '../model/memory.ts';
import { type Costs, type Job, type Machine, predict } from '../model/model.ts';
import { findLimit } from '../model/worker-limit.ts';
import { type InputFacts, jobOf, scaled } from '../sample/job-size.ts';
import type { Probe } from '../sample/probe.ts';
import type { Sample } from '../sample/sample.ts';
import { whySentence } from './why.ts';

export interface RowsOptions {
  facts: readonly InputFacts[];
  probes: ReadonlyMap<number, Probe>;
  sample: Sample;
  machine: MachineFacts;
  engine: Engine;
  planPerFile: number;
  processStart: number;
  /** Undefined for the usual ones. */
  workers: readonly number[] | undefined;
  files: readonly number[];
}

/** Seconds: a commit and a line of the summary (docs/SCALING.md). */
const FINALIZE_PER_PAIR = 9e-6;
/** Bytes in the journal and in the summary of a pair of an input and a tile, and what is always there. */
const BYTES_PER_PAIR = 64 + 280;
const BYTES_PER_TASK = 1_000;
const FOLDER_BYTES = 130e3;
/** Part of the memory that was not tried which has to be fetched: all or nothing is as likely. */
const FRESH_SHARE = 0.5;
/** Seconds from the end of a run to that of its process. */
const PROCESS_END = 0.05;
/** What others do with the machine changes by about so much of what they take. */
const OTHERS_CHANGE = 0.6;
/** What the model leaves out, relative; and what a computer does now and then, in seconds. */
const UNCERTAIN = 0.12;
const HICCUP = 0.1;
/** Of the number of tiles, which is estimated too; of what rows take in them. */
const TILES_UNCERTAIN = 0.15;
const BYTES_UNCERTAIN = 0.03;
/** How many workers are looked at for where they stop to help: on this machine, and on many. */
const MOST_HERE = 64;
const MOST_ELSEWHERE = 1_024;

export function buildRows(options: RowsOptions): EstimateRow[] {
  const { facts, probes, sample, files } = options;
  const jobFor = (indexes: readonly number[]): Job =>
    jobOf(
      indexes.map((i) => facts[i]!),
      indexes.map((i) => probes.get(i)),
      sample.tileBytes,
      sample.cached,
    );
  const all = facts.map((_, i) => i);
  const bySize = [...all].sort((a, b) => facts[a]!.bytes - facts[b]!.bytes);
  const rows: EstimateRow[] = [];
  const given = jobFor(all);
  if (facts.length > 1) {
    const median = bySize[Math.floor((bySize.length - 1) / 2)]!;
    const largest = bySize.at(-1)!;
    rows.push(
      rowOf('median file', `one file (median)`, jobFor([median]), [facts[median]!], options),
    );
    rows.push(
      rowOf('largest file', `one file (largest)`, jobFor([largest]), [facts[largest]!], options),
    );
  }
  const label = facts.length === 1 ? `this file` : `these ${count(facts.length)} files`;
  rows.push(rowOf('given', label, given, facts, options));
  for (const number of [...new Set(files)].sort((a, b) => a - b)) {
    rows.push(rowOf('more', `${count(number)} such files`, scaled(given, number), facts, options));
  }
  return rows;
}

function rowOf(
  kind: EstimateRow['kind'],
  label: string,
  job: Job,
  facts: readonly InputFacts[],
  options: RowsOptions,
): EstimateRow {
  const { sample, machine, engine } = options;
  const costs = costsOf(options);
  const about = machineOf(machine, sample);
  const rowBytes = Math.max(...job.tasks.map((task) => task.shuffleBytes));
  const memory = (workers: number): Range => memoryOf(sample.memory, workers, job, rowBytes);
  const numbers = workerCounts(options);
  const fitting = engine.here ? fittingWorkers(machine.memoryAvailable, memory) : Infinity;
  const most = Math.max(engine.here ? MOST_HERE : MOST_ELSEWHERE, 4 * machine.cores, ...numbers);
  const single = engine.start === 0 && engine.dispatch === 0;
  const { workers, limit } = single
    ? { workers: 1, limit: 'none' as const }
    : findLimit((w) => predict(job, costs, about, engine, w), { most, fitting });
  const time = numbers.map((number) => ({
    workers: number,
    seconds: secondsRange(job, number, kind === 'more' ? facts : [], options),
    memory: memory(number),
  }));
  return {
    ...{ label, kind, files: job.files, inputBytes: job.inputBytes },
    features: job.tasks.reduce((sum, { features, count }) => sum + features * count, 0),
    rows: job.rows,
    tiles: job.tiles,
    time,
    parts: predict(job, costs, about, engine, 1).parts,
    disk: diskOf(job, kind === 'more' ? facts : [], sample),
    usefulWorkers: workers,
    limit,
    why: whySentence(limit, workers, { job, machine, engine, costs, about, fitting }),
  };
}

function secondsRange(
  job: Job,
  workers: number,
  extrapolated: readonly InputFacts[],
  options: RowsOptions,
): Range {
  const { sample, machine, engine } = options;
  const costs = costsOf(options);
  const middle = machineOf(machine, sample);
  const { one, all } = middle.slowdown;
  const about = predict(job, costs, middle, engine, workers).seconds;
  // Memory that was used lately, nobody else on the machine, inputs that were read before.
  const kind = { ...middle, freshPerByte: 0, slowdown: { one: 1, all: Math.max(1, all / one) } };
  const low = predict({ ...job, cached: 1 }, costs, kind, engine, workers).seconds;
  const high = predict(
    job,
    costs,
    { ...middle, hotBytes: 0, freshShare: 1 },
    engine,
    workers,
  ).seconds;
  const relative = Math.hypot(
    UNCERTAIN,
    2 * sample.stage.error,
    2 * sample.merge.error,
    2 * sample.sizeError,
    sizesError(extrapolated),
    OTHERS_CHANGE * (1 - 1 / one),
  );
  return {
    low: Math.min(low, about) / (1 + relative),
    about,
    high: Math.max(high, about) * (1 + relative) + HICCUP,
  };
}

function diskOf(
  job: Job,
  extrapolated: readonly InputFacts[],
  sample: Sample,
): EstimateRow['disk'] {
  const tasks = job.tasks.reduce((sum, { count }) => sum + count, 0) + 256;
  const besides = FOLDER_BYTES + BYTES_PER_PAIR * job.pairs + BYTES_PER_TASK * tasks;
  const relative = Math.hypot(BYTES_UNCERTAIN, 2 * sample.sizeError, sizesError(extrapolated));
  const tiles = TILES_UNCERTAIN * sample.tileBytes.perTile * job.tiles;
  const range = (about: number): Range => ({
    low: Math.max(0, about / (1 + relative) - tiles),
    about,
    high: about * (1 + relative) + tiles,
  });
  return {
    staged: range(job.tileBytes + besides),
    peak: range(job.tileBytes + job.shuffleBytes + besides),
  };
}

/** Relative error of the mean size of a file, if there are to be others of the same kind. */
function sizesError(facts: readonly InputFacts[]): number {
  if (facts.length === 0) return 0;
  // One file tells nothing of how others may differ.
  if (facts.length === 1) return 0.5;
  const mean = facts.reduce((sum, { bytes }) => sum + bytes, 0) / facts.length;
  const squares = facts.reduce((sum, { bytes }) => sum + (bytes - mean) ** 2, 0);
  return Math.sqrt(squares / (facts.length - 1) / facts.length) / mean;
}

function costsOf({ sample, planPerFile, processStart }: RowsOptions): Costs {
  return {
    stage: sample.stage.rates,
    merge: sample.merge.rates,
    stageWarmUp: sample.stage.warmUp,
    mergeWarmUp: sample.merge.warmUp,
    sideWork: sample.sideWork,
    processStart: processStart === 0 ? 0 : processStart / sample.slowdown.one + PROCESS_END,
    threadStart: sample.threadStart,
    between: sample.between,
    planPerFile: planPerFile / sample.slowdown.one,
    removePerByte: sample.removePerByte,
    finalizePerPair: FINALIZE_PER_PAIR,
  };
}

function machineOf(facts: MachineFacts, { slowdown }: Sample): Machine {
  const { pages } = facts;
  return {
    slowdown,
    cores: facts.cores,
    diskRead: facts.disk.read ?? Infinity,
    diskWrite: facts.disk.write ?? Infinity,
    dirtyBytes: facts.dirtyBytes,
    cacheBytes: facts.memoryAvailable,
    freshPerByte: pages === null ? 0 : (pages.fresh - pages.hot) / 1e9,
    // What the estimate has given back itself is at hand for a run that follows soon.
    hotBytes: pages === null ? Infinity : Math.max(pages.hotBytes, pages.written),
    knownBytes: pages?.written ?? 0,
    freeBytes: facts.memoryFree,
    freshShare: FRESH_SHARE,
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
  if (each <= 0) return Infinity;
  return Math.max(1, 1 + Math.floor((available - one) / each));
}

function count(n: number): string {
  return n.toLocaleString('en');
}
