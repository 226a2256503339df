/**
 * The model: how long a job takes with so many workers, and what binds it. docs/decisions/2026-11-25-estimates-from-the-pipeline.md has its
 * formulas. Pure: numbers in, numbers out. Seconds and bytes.
 */

import { BUILD_BYTES } from '../../../staging/groups/group.ts';
import { PARTITIONS } from '../../../staging/rows/shuffle-format.ts';
import type { Limit, TimeParts } from '../estimate-types.ts';
import type { Engine } from './engines.ts';
import { makespan, type TaskKind } from './makespan.ts';
import type { Pool, PoolFor } from './pool.ts';
import { type Pace, type Rates, ratesOf, stageMs, tilesSum, WARM_UP_MS } from './rates.ts';

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
  /** Whether large pieces go to the disk of the staged folder past the page cache. */
  takesDirect: boolean;
}

/** Inputs of one kind, or slices of them. */
export interface StageSize {
  format: string;
  bytes: number;
  features: number;
  rowBytes: number;
  /** How many there are of it; need not be whole. */
  count: number;
}

export interface Job {
  files: number;
  tasks: readonly StageSize[];
  inputBytes: number;
  rowBytes: number;
  tileBytes: number;
  rows: number;
  tiles: number;
  /** Files that tiles are packed into, and their bytes; 0 where each tile is a file. */
  packs: number;
  packBytes: number;
  /** Part of the inputs that is in memory. */
  cached: number;
  /** What becomes of its rows with so many workers. */
  pool: PoolFor;
}

export interface Prediction {
  seconds: number;
  parts: TimeParts;
  /** Seconds of the whole that each limit has to do with. */
  bound: readonly { limit: Limit; seconds: number }[];
}

/** What the model leaves out, of times and of memory. */
export const UNCERTAIN = 0.2;

/** Bytes of rows that go to a file and back take so much of what they take into a tile. */
const SPILL_COST = 0.5;
/** From this size on tiles go past the page cache, where the disk of the folder takes that. */
const DIRECT_BYTES = 1 << 19;

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
  const pool = job.pool(workers);
  const spilled = pool.spilled * job.rowBytes;
  const isDirect = machine.takesDirect && job.tileBytes >= DIRECT_BYTES * job.tiles;
  const cachedBytes = spilled + (isDirect ? 0 : job.tileBytes);
  const fresh = freshSeconds(pool.held * job.rowBytes + cachedBytes, machine);

  const tilesMs = (part: number, tilesPart: number): number =>
    tilesSum({ tiles: tilesPart * job.tiles, rowBytes: part * job.rowBytes }, rates.build);
  const spillMs = SPILL_COST * rates.build.perByte * spilled;
  const buildSeconds = (tilesMs(1 - pool.apart, 1 - pool.tilesApart) + spillMs) / 1000 + fresh;
  const slices = job.tasks.map(({ count, ...task }) => ({
    seconds: stageMs(task, rates.stage) / 1000,
    count,
  }));
  const built = (1 - pool.apart) * job.tileBytes + spilled;
  const stage = phase(
    stageParts(slices, buildSeconds, pool),
    ((1 - job.cached) * job.inputBytes) / diskRead + Math.max(0, built - dirtyBytes) / diskWrite,
  );
  // One task for each partition that some of the tiles are in: they fall into them by chance.
  const partitions = Math.max(1, PARTITIONS * (1 - Math.exp(-job.tiles / PARTITIONS)));
  const { perTile, perTask } = rates.merge;
  const placeMs = perTile * job.tiles + perTask * partitions;
  const mergeSeconds = (tilesMs(pool.apart, pool.tilesApart) + placeMs) / 1000;
  const merge = phase(
    [[{ seconds: mergeSeconds / partitions, count: partitions }]],
    // What does not fit into memory has gone to the disk meanwhile, and has to be read again.
    Math.max(0, spilled - cacheBytes) / diskRead +
      Math.max(0, pool.apart * job.tileBytes - Math.max(0, dirtyBytes - built)) / diskWrite,
  );

  const packSeconds = (rates.pack.perRow * job.rows) / 1000;
  const pack = phase(
    job.packs === 0 ? [] : [[{ seconds: packSeconds / job.packs, count: job.packs }]],
    job.packs === 0
      ? 0
      : Math.max(0, job.tileBytes - cacheBytes) / diskRead + job.packBytes / diskWrite,
  );

  const { side, crowd } = stage;
  const worked = (1000 * (stage.net + merge.net + pack.net)) / side;
  // The excess of a worker fades: 95 % of it are in its first WARM_UP_MS.
  const met = 1 - Math.exp((-3 * worked) / WARM_UP_MS);
  const warmUp = (paceAt(side).warmUp / 1000) * met * crowd;
  const start = costs.processStart + engine.start + costs.threadStart * crowd + costs.between;
  const plan = costs.planPerFile * job.files;
  const finalize = costs.finalize + engine.dispatch * (stage.tasks + merge.tasks + pack.tasks);
  const serial = (start + plan + finalize) * pace.one.slowdown + warmUp;

  return {
    seconds: serial + stage.seconds + merge.seconds + pack.seconds,
    parts: {
      ...{ start, plan, stage: inputParts(job, rates) },
      build: {
        perTile: (rates.build.perTile * job.tiles) / 1000,
        perByte: (rates.build.perByte * job.rowBytes) / 1000,
        spill: spillMs / 1000,
        place: placeMs / 1000,
        pack: job.packs === 0 ? 0 : packSeconds,
      },
      ...{ warmUp, freshMemory: fresh, finalize },
    },
    bound: [{ limit: 'serial part', seconds: serial }, stage, merge, pack],
  };

  /**
   * Computing and the disk go on side by side, since the system reads ahead and writes behind. But a
   * worker waits for what it reads itself: with one worker half of the shorter comes on top.
   */
  function phase(parts: readonly (readonly TaskKind[])[], disk: number) {
    const kinds = parts.flat();
    const tasks = kinds.reduce((sum, { count }) => sum + count, 0);
    const net = kinds.reduce((sum, { seconds, count }) => sum + seconds * count, 0);
    // Workers start when there is a task for them, and share the cores that there are.
    const started = Math.min(workers, Math.max(1, Math.ceil(tasks)));
    const side = Math.min(started, cores);
    const { slowdown } = paceAt(side);
    const timed = ({ seconds, count }: TaskKind) => ({
      seconds: seconds * slowdown + engine.gap,
      count,
    });
    const longest = Math.max(0, ...kinds.map((kind) => timed(kind).seconds));
    // One part after the other.
    const cpu = parts.reduce((sum, part) => sum + makespan(part.map(timed), side), 0);
    return {
      ...{ tasks, net, side, crowd: started / side },
      seconds: Math.max(cpu, disk) + Math.min(cpu, disk) / (2 * side),
      limit: limitOf(disk > cpu, cpu <= longest * 1.02, side),
    };
  }

  /**
   * Tasks of staging, and of writing tiles beside it: the tiles of the slices that workers are at in
   * the end come after these. Where slices are in groups, a group has all of it in one task.
   */
  function stageParts(slices: readonly TaskKind[], buildSeconds: number, { groups }: Pool) {
    const count = slices.reduce((sum, kind) => sum + kind.count, 0);
    if (groups.length > 0) {
      const staged = slices.reduce((sum, kind) => sum + kind.seconds * kind.count, 0);
      const all = staged + buildSeconds;
      return [groups.map(({ part, count: many }) => ({ seconds: all * part, count: many }))];
    }
    const builds = Math.max(1, Math.min(job.tiles, job.rowBytes / BUILD_BYTES));
    const late = Math.min(1, Math.min(workers, cores) / Math.max(1, count));
    const each = buildSeconds / builds;
    return [
      [...slices, { seconds: each, count: builds * (1 - late) }],
      [{ seconds: each, count: builds * late }],
    ];
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

function inputParts(job: Job, rates: Rates): TimeParts['stage'] {
  const parts = { reading: 0, kernels: 0, perFile: 0 };
  for (const { format, bytes, count } of job.tasks) {
    const { reading, kernels, perTask } = ratesOf(rates.stage, format);
    parts.reading += (reading * bytes * count) / 1000;
    parts.kernels += (kernels * bytes * count) / 1000;
    parts.perFile += (perTask * count) / 1000;
  }
  return parts;
}

/** Seconds for memory that has to be fetched, of so many bytes that are written to. */
function freshSeconds(written: number, machine: Machine): number {
  const { freshPerByte, hotBytes, freeBytes, freshShare } = machine;
  return freshPerByte * freshShare * Math.max(0, Math.min(written, freeBytes) - hotBytes);
}
