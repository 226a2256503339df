/** Memory of a run. Pure. */

import type { Range } from '../estimate-types.ts';
import { UNCERTAIN } from './model.ts';
import { MEMORY_PER_BYTE } from './pool.ts';

/** Of the coordinator, for a tile. */
const PER_TILE = 250;

/** The most memory that a process had, and the bytes of rows in it. */
interface Peak {
  peak: number;
  rows: number;
}

export interface MemoryCosts {
  /** Of the process without its workers; of a worker without rows. */
  base: number;
  perWorker: number;
}

/** From what the process had with one worker, and with several. */
export function memoryCosts(one: Peak, several: (Peak & { workers: number }) | null): MemoryCosts {
  const without = ({ peak, rows }: Peak): number =>
    Math.max(peak / 2, peak - MEMORY_PER_BYTE * rows);
  const alone = without(one);
  const each = several === null ? alone / 3 : (without(several) - alone) / (several.workers - 1);
  const perWorker = Math.min(Math.max(each, 0), alone);
  return { base: alone - perWorker, perWorker };
}

/** @param rows - bytes of rows that wait in memory, of all workers together */
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
  const all = started * perWorker + MEMORY_PER_BYTE * rows;
  // The collection of garbage decides about it.
  return {
    low: coordinator + all * (1 - UNCERTAIN),
    about: coordinator + all,
    high: (coordinator + all) * (1 + UNCERTAIN),
  };
}
