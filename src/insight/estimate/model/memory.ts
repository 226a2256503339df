/** Memory of a run. Pure. */

import { LEAST_MEMORY } from '../../../staging/groups/row-memory.ts';
import type { Range } from '../estimate-types.ts';
import { UNCERTAIN } from './model.ts';

/** Of the coordinator, for a tile. */
const PER_TILE = 250;

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
  const held = Math.min(LEAST_MEMORY, rows);
  const each = workers > 1 ? (several - one) / (workers - 1) : one / 3;
  const perWorker = Math.min(Math.max(each, held), one);
  return { base: one - perWorker, perWorker: perWorker - held };
}

/** @param rows - bytes of the rows of the job's largest task */
export function memoryOf(
  { base, perWorker }: MemoryCosts,
  workers: number,
  job: { tasks: readonly { count: number }[]; tiles: number },
  rows: number,
): Range {
  // Those without a task do not start.
  const tasks = job.tasks.reduce((sum, { count }) => sum + count, 0);
  const started = Math.min(workers, Math.max(1, Math.ceil(tasks), Math.ceil(job.tiles)));
  const coordinator = base + PER_TILE * job.tiles;
  const all = started * (perWorker + Math.min(LEAST_MEMORY, rows));
  // The collection of garbage decides about it.
  return {
    low: coordinator + all * (1 - UNCERTAIN),
    about: coordinator + all,
    high: (coordinator + all) * (1 + UNCERTAIN),
  };
}
