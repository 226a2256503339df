/**
 * The model: how long a job takes with so many workers, and what binds it. docs/estimate.md has its
 * formulas. Pure: numbers in, numbers out. Seconds and bytes.
 */

import { PARTITIONS } from '../../../staging/rows/shuffle-format.ts';
import type { Limit, TimeParts } from '../estimate-types.ts';
import type { Engine } from './engines.ts';
import { makespan, type TaskKind } from './makespan.ts';
import { type Pace, type Rates, ratesOf, stageMs, WARM_UP_MS } from './rates.ts';

/** What was measured of the pipeline on this machine. */
export interface Costs {
  rates: Rates;
  /** With one worker, and with as many as there are cores. */
  pace: { one: Pace; all: Pace };
  /** Seconds: of the process, of a thread, of a run's end, and of what belongs to no phase. */
  processStart: number;
  threadStart: number;
  finalize: number;
  between: number;
  planPerFile: number;
}

export interface Machine {
  cores: number;
  /** Bytes a second; Infinity if it is not known. */
  diskRead: number;
  diskWrite: number;
  /** Bytes that may be written before writers have to wait for the disk. */
  dirtyBytes: number;
  /** Bytes of memory for caches. */
  cacheBytes: number;
  /**
   * Seconds for each byte that is written into memory which has to be fetched first: those after the
   * first `hotBytes`, up to `freeBytes`, of which the part `freshShare` is such memory.
   */
  freshPerByte: number;
  hotBytes: number;
  freeBytes: number;
  freshShare: number;
}

/** Inputs of one kind, or slices of them. */
export interface StageSize {
  format: string;
  bytes: number;
  features: number;
  shuffleBytes: number;
  /** How many there are of it; need not be whole. */
  count: number;
}

export interface Job {
  files: number;
  tasks: readonly StageSize[];
  inputBytes: number;
  shuffleBytes: number;
  tileBytes: number;
  rows: number;
  tiles: number;
  /** Part of the inputs that is in memory. */
  cached: number;
}

export interface Prediction {
  seconds: number;
  parts: TimeParts;
  /** Seconds of the whole that each limit has to do with. */
  bound: readonly { limit: Limit; seconds: number }[];
}

/** What the model leaves out, of times and of memory. */
export const UNCERTAIN = 0.2;

export function predict(
  job: Job,
  costs: Costs,
  machine: Machine,
  engine: Engine,
  workers: number,
): Prediction {
  const cores = engine.here ? machine.cores : Infinity;
  const { diskRead, diskWrite, dirtyBytes, cacheBytes } = machine;
  const { rates, pace } = costs;
  const fresh = freshPerByte(job, machine);

  const stage = phase(
    job.tasks.map(({ count, ...task }) => ({
      seconds: stageMs(task, rates.stage) / 1000 + fresh * task.shuffleBytes,
      count,
    })),
    ((1 - job.cached) * job.inputBytes) / diskRead +
      Math.max(0, job.shuffleBytes - dirtyBytes) / diskWrite,
  );
  const perTile = (rates.merge.perTile * job.tiles) / 1000;
  const perByte = (rates.merge.perByte * job.shuffleBytes) / 1000;
  // One task for each partition that some of the tiles are in: they fall into them by chance.
  const partitions = Math.max(1, PARTITIONS * (1 - Math.exp(-job.tiles / PARTITIONS)));
  const mergeSeconds = perTile + perByte + fresh * job.tileBytes;
  const merge = phase(
    [{ seconds: mergeSeconds / partitions, count: partitions }],
    // What does not fit into memory has gone to the disk meanwhile, and has to be read again.
    Math.max(0, job.shuffleBytes - cacheBytes) / diskRead +
      Math.max(0, job.tileBytes - Math.max(0, dirtyBytes - job.shuffleBytes)) / diskWrite,
  );

  const { side, crowd } = stage;
  const worked = (1000 * (stage.net + merge.net)) / side;
  // The excess of a worker fades: 95 % of it are in its first WARM_UP_MS.
  const met = 1 - Math.exp((-3 * worked) / WARM_UP_MS);
  const warmUp = (paceAt(side).warmUp / 1000) * met * crowd;
  const start = costs.processStart + engine.start + costs.threadStart * crowd + costs.between;
  const plan = costs.planPerFile * job.files;
  const finalize = costs.finalize + engine.dispatch * (stage.tasks + merge.tasks);
  const serial = (start + plan + finalize) * pace.one.slowdown + warmUp;

  return {
    seconds: serial + stage.seconds + merge.seconds,
    parts: {
      ...{ start, plan, stage: stageParts(job, rates), merge: { perTile, perByte }, warmUp },
      ...{ freshMemory: fresh * (job.shuffleBytes + job.tileBytes), finalize },
    },
    bound: [{ limit: 'serial part', seconds: serial }, stage, merge],
  };

  /**
   * Computing and the disk go on side by side, since the system reads ahead and writes behind. But a
   * worker waits for what it reads itself: with one worker half of the shorter comes on top.
   */
  function phase(kinds: readonly TaskKind[], disk: number) {
    const tasks = kinds.reduce((sum, { count }) => sum + count, 0);
    const net = kinds.reduce((sum, { seconds, count }) => sum + seconds * count, 0);
    // Workers start when there is a task for them, and share the cores that there are.
    const started = Math.min(workers, Math.max(1, Math.ceil(tasks)));
    const side = Math.min(started, cores);
    const { slowdown } = paceAt(side);
    const timed = kinds.map(({ seconds, count }) => ({
      seconds: seconds * slowdown + engine.gap,
      count,
    }));
    const longest = Math.max(0, ...timed.map(({ seconds }) => seconds));
    const cpu = makespan(timed, side);
    return {
      ...{ tasks, net, side, crowd: started / side },
      seconds: Math.max(cpu, disk) + Math.min(cpu, disk) / (2 * side),
      limit: limitOf(disk > cpu, cpu <= longest * 1.02, side),
    };
  }

  /** Changes evenly between one worker and as many as there are cores; those elsewhere are alone. */
  function paceAt(side: number): Pace {
    const { one, all } = pace;
    const place = !engine.here || cores <= 1 ? 0 : Math.min(1, (side - 1) / (cores - 1));
    return {
      slowdown: one.slowdown + (all.slowdown - one.slowdown) * place,
      warmUp: one.warmUp + (all.warmUp - one.warmUp) * place,
    };
  }

  function limitOf(byDisk: boolean, byLongest: boolean, side: number): Limit {
    if (byDisk) return 'disk';
    if (byLongest && side > 1) return 'largest task';
    return side >= cores ? 'cores' : 'none';
  }
}

function stageParts(job: Job, rates: Rates): TimeParts['stage'] {
  const parts = { reading: 0, kernels: 0, writing: 0, perFile: 0 };
  for (const { format, bytes, count } of job.tasks) {
    const { reading, kernels, writing, perTask } = ratesOf(rates.stage, format);
    parts.reading += (reading * bytes * count) / 1000;
    parts.kernels += (kernels * bytes * count) / 1000;
    parts.writing += (writing * bytes * count) / 1000;
    parts.perFile += (perTask * count) / 1000;
  }
  return parts;
}

/** Seconds for a byte that the job writes, on average. */
function freshPerByte(job: Job, machine: Machine): number {
  const written = job.shuffleBytes + job.tileBytes;
  const { freshPerByte, hotBytes, freeBytes, freshShare } = machine;
  const beyond = Math.max(0, Math.min(written, freeBytes) - hotBytes);
  return written === 0 ? 0 : (freshPerByte * freshShare * beyond) / written;
}
