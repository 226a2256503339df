/** Memory of a run. Pure. */

import type { Range } from '../estimate-types.ts';

/** A worker holds rows of a shuffle file up to this (`src/staging/rows/shuffle-writer.ts`). */
const ARENA_BYTES = 72 * 2 ** 20;
/** Of the coordinator: for an input, and for a pair of an input and a tile. */
const PER_INPUT = 1500;
const PER_PAIR = 250;
/** Uncertainty of what a worker takes, which the collection of garbage decides about. */
const UNCERTAIN = 0.2;

export interface MemoryCosts {
  /** Of the process without its workers; of a worker without the rows that it holds. */
  base: number;
  perWorker: number;
}

/**
 * From the most that the process had with one worker, and with several.
 * @param rows - bytes of the rows of the largest task of the sample
 */
export function memoryCosts(
  one: number,
  several: number,
  workers: number,
  rows: number,
): MemoryCosts {
  const held = Math.min(ARENA_BYTES, rows);
  const least = 40e6;
  const each = workers > 1 ? (several - one) / (workers - 1) : one / 3;
  // The process can't be smaller than an empty one.
  const perWorker = Math.min(Math.max(each, least + held), one * 0.7);
  return { base: one - perWorker, perWorker: perWorker - held };
}

/** @param rows - bytes of the rows of the job's largest task */
export function memoryOf(
  { base, perWorker }: MemoryCosts,
  workers: number,
  job: { files: number; pairs: number; tasks: readonly { count: number }[]; tiles: number },
  rows: number,
): Range {
  const each = perWorker + Math.min(ARENA_BYTES, rows);
  const coordinator = base + PER_INPUT * job.files + PER_PAIR * job.pairs;
  // Those without a task do not start.
  const tasks = job.tasks.reduce((sum, { count }) => sum + count, 0);
  const all = Math.min(workers, Math.max(1, Math.ceil(tasks), Math.ceil(job.tiles))) * each;
  return {
    low: coordinator + all * (1 - UNCERTAIN),
    about: coordinator + all,
    high: (coordinator + all) * (1 + UNCERTAIN),
  };
}
