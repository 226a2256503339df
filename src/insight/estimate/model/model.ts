/**
 * The model: how long a job of a certain size takes with so many workers, and what binds it. Pure:
 * numbers in, numbers out. Seconds and bytes.
 *
 *   start + plan + stage(w) + merge(w) + finalize
 *
 * Each of the two phases takes what its tasks need, spread over w workers, at least as long as its
 * longest task, and at least as long as the disk needs for its bytes.
 */

import type { Limit, TimeParts } from '../estimate-types.ts';
import type { Engine } from './engines.ts';
import { kernelUnits, type MergeRates, ratesOf, type StageRates } from './fit.ts';
import { makespan } from './makespan.ts';

/** What was measured of the pipeline on this machine. */
export interface Costs {
  /** By format. Milliseconds. */
  stage: ReadonlyMap<string, StageRates>;
  merge: MergeRates;
  stageWarmUp: number;
  mergeWarmUp: number;
  /** Milliseconds of CPU, for each worker, of the threads that optimize its code meanwhile. */
  sideWork: number;
  /** Seconds: of the process, of a thread, of what the coordinator does between the phases. */
  processStart: number;
  threadStart: number;
  between: number;
  planPerFile: number;
  /** Seconds for each byte of shuffle files that is removed, and each pair of an input and a tile. */
  removePerByte: number;
  finalizePerPair: number;
}

export interface Machine {
  cores: number;
  /**
   * How many times longer tasks take when as many workers run as there are cores: they share caches,
   * memory and the cores' own threads, and perhaps cores with other programs.
   */
  slowdown: { one: number; all: number };
  /** Bytes a second; Infinity if it is not known. */
  diskRead: number;
  diskWrite: number;
  /** Bytes that may be written before writers have to wait for the disk. */
  dirtyBytes: number;
  /** Bytes of memory for caches. */
  cacheBytes: number;
  /** Seconds for each byte that is written into memory which has to be fetched first … */
  freshPerByte: number;
  /**
   * … which are those after the first `hotBytes`, up to `freeBytes`. Beyond `knownBytes` only the part
   * `freshShare` of them is, since some of that memory may have been used lately.
   */
  hotBytes: number;
  knownBytes: number;
  freeBytes: number;
  freshShare: number;
}

/** One kind of stage task. */
export interface StageSize {
  format: string;
  bytes: number;
  features: number;
  vertices: number;
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
  /** Of an input and a tile that it has rows in. */
  pairs: number;
  /** Part of the inputs that is in memory. */
  cached: number;
}

export interface Prediction {
  seconds: number;
  parts: TimeParts;
  /** Seconds of the whole that each limit has to do with. */
  bound: { limit: Limit; seconds: number }[];
}

const PARTITIONS = 256;
/** How fast the excess at the start of a worker fades, in seconds. */
const FADE = 0.15;

export function predict(
  job: Job,
  costs: Costs,
  machine: Machine,
  engine: Engine,
  workers: number,
): Prediction {
  const cores = engine.here ? machine.cores : Infinity;
  const taskCount = job.tasks.reduce((sum, { count }) => sum + count, 0);
  const mergeTasks = PARTITIONS * (1 - Math.exp(-job.tiles / PARTITIONS));
  // Workers start when there is a task for them.
  const starting = Math.min(workers, Math.max(1, Math.ceil(taskCount)));
  const merging = Math.min(workers, Math.max(1, Math.ceil(mergeTasks)));
  const side = Math.min(starting, cores);
  const mergeSide = Math.min(merging, cores);
  const crowd = starting / side;
  const slow = slowdownOf(machine, engine, side);
  const mergeSlow = slowdownOf(machine, engine, mergeSide);
  const fresh = freshSeconds(job, machine);

  const stageTimes = job.tasks.map((task) => stageSeconds(task, ratesOf(costs.stage, task.format)));
  const stageNet = job.tasks.reduce((sum, { count }, i) => sum + count * stageTimes[i]!.sum, 0);
  const stageScale = stageNet === 0 ? 0 : 1 + fresh.stage / stageNet;
  const stageList = job.tasks.map(({ count }, i) => ({
    seconds: stageTimes[i]!.sum * stageScale * slow + engine.gap,
    count,
  }));
  const stageCpu = makespan(stageList, side);
  const stageLongest = Math.max(0, ...stageList.map(({ seconds }) => seconds));
  const stageWarm = fading(costs.stageWarmUp / 1000, stageNet / side);
  const stageDisk =
    ((1 - job.cached) * job.inputBytes) / machine.diskRead +
    Math.max(0, job.shuffleBytes - machine.dirtyBytes) / machine.diskWrite;
  const stage = phase(stageCpu + stageWarm * slow * crowd, stageDisk, side);

  const perTile = (costs.merge.perTile * job.tiles) / 1000;
  const perByte = (costs.merge.perByte * job.shuffleBytes) / 1000;
  const mergeNet = perTile + perByte;
  const mean = job.tiles / PARTITIONS;
  const fullest = Math.max(1, mean + 3 * Math.sqrt(mean));
  const mergeTime = mergeNet + fresh.merge;
  const mergeLongest = Math.min(1, fullest / Math.max(1, job.tiles)) * mergeTime * mergeSlow;
  const mergeCpu = Math.max(
    mergeLongest,
    ((mergeTime * mergeSlow + mergeTasks * engine.gap) / mergeSide) *
      (1 + imbalance(mergeSide, mergeTasks)),
  );
  const mergeWarm = fading(costs.mergeWarmUp / 1000, mergeNet / mergeSide);
  // What does not fit into memory has gone to the disk meanwhile, and has to be read again.
  const lost = Math.max(0, job.shuffleBytes - machine.cacheBytes);
  const allowance = Math.max(0, machine.dirtyBytes - job.shuffleBytes);
  const mergeDisk =
    lost / machine.diskRead + Math.max(0, job.tileBytes - allowance) / machine.diskWrite;
  const merge = phase(
    mergeCpu + (mergeWarm * mergeSlow * merging) / mergeSide,
    mergeDisk,
    mergeSide,
  );

  // Those threads have the cores that workers leave, or take them from the workers.
  const worked = stageCpu + mergeCpu;
  const sideWork = (fading(costs.sideWork / 1000, (stageNet + mergeNet) / side) * starting) / cores;
  const left = worked * (1 - side / cores);
  const crowding = cores === Infinity ? 0 : Math.max(0, sideWork - left) * slow;

  const start = costs.processStart + engine.start + costs.threadStart * crowd + costs.between;
  const plan = costs.planPerFile * job.files;
  const finalize = costs.removePerByte * job.shuffleBytes + costs.finalizePerPair * job.pairs;
  const dispatch = engine.dispatch * (taskCount + mergeTasks);
  const serial = (start + plan + finalize + dispatch) * machine.slowdown.one;

  const sum = (part: 'reading' | 'kernels' | 'writing' | 'perFile'): number =>
    job.tasks.reduce((total, { count }, i) => total + count * stageTimes[i]![part], 0);
  return {
    seconds: serial + stage.seconds + merge.seconds + crowding,
    parts: {
      start,
      plan,
      stage: {
        reading: sum('reading'),
        kernels: sum('kernels'),
        writing: sum('writing'),
        perFile: sum('perFile'),
      },
      merge: { perTile, perByte },
      warmUp: stageWarm + mergeWarm + crowding,
      freshMemory: fresh.stage + fresh.merge,
      finalize: finalize + dispatch,
    },
    bound: [
      { limit: 'serial part', seconds: serial + stageWarm + mergeWarm + crowding },
      {
        limit: limitOf(stage.byDisk, stageCpu <= stageLongest * 1.02, side, cores),
        seconds: stage.seconds - stageWarm,
      },
      {
        limit: limitOf(merge.byDisk, mergeCpu <= mergeLongest * 1.02, mergeSide, cores),
        seconds: merge.seconds - mergeWarm,
      },
    ],
  };
}

/** Seconds of one task. */
function stageSeconds(size: StageSize, rates: StageRates) {
  const reading = (rates.readingPerByte * size.bytes) / 1000;
  const kernels = (rates.kernelsPerUnit * kernelUnits(size)) / 1000;
  const writing = (rates.writingPerByte * size.shuffleBytes) / 1000;
  const perFile = rates.perFile / 1000;
  return { reading, kernels, writing, perFile, sum: reading + kernels + writing + perFile };
}

/** Between one worker and as many as there are cores, in proportion; workers elsewhere are alone. */
function slowdownOf({ cores, slowdown }: Machine, engine: Engine, workers: number): number {
  if (!engine.here || cores <= 1) return slowdown.one;
  const place = Math.min(1, (workers - 1) / (cores - 1));
  return slowdown.one + (slowdown.all - slowdown.one) * place;
}

/** Of one worker: shuffle files are written first, then tiles. */
function freshSeconds(job: Job, machine: Machine): { stage: number; merge: number } {
  const { freshPerByte, hotBytes, knownBytes, freeBytes, freshShare } = machine;
  const upTo = (bytes: number): number => {
    const taken = Math.min(bytes, freeBytes);
    const known = Math.max(0, Math.min(taken, knownBytes) - hotBytes);
    return known + freshShare * Math.max(0, taken - Math.max(hotBytes, knownBytes));
  };
  const stage = upTo(job.shuffleBytes);
  const all = upTo(job.shuffleBytes + job.tileBytes);
  return { stage: freshPerByte * stage, merge: freshPerByte * (all - stage) };
}

/**
 * Computing and the disk go on side by side, since the system reads ahead and writes behind. But a
 * worker waits for what it reads itself: with one worker half of the shorter is taken to come on top.
 */
function phase(cpu: number, disk: number, workers: number): { seconds: number; byDisk: boolean } {
  const seconds = Math.max(cpu, disk) + Math.min(cpu, disk) / (2 * workers);
  return { seconds, byDisk: disk > cpu };
}

/** What is left over at the end, when the last tasks do not come out even. */
function imbalance(workers: number, tasks: number): number {
  return tasks <= workers ? 0 : (workers - 1) / (2 * tasks);
}

/** The excess that is met in `seconds` of work. */
function fading(excess: number, seconds: number): number {
  return excess * (1 - Math.exp(-seconds / FADE));
}

function limitOf(byDisk: boolean, byLongest: boolean, side: number, cores: number): Limit {
  if (byDisk) return 'disk';
  if (byLongest && side > 1) return 'largest task';
  return side >= cores ? 'cores' : 'none';
}
