/** Priorities of tasks as BullMQ has them. */

import type { Queue } from 'bullmq';
import type { Outstanding } from './outstanding.ts';

/** BullMQ's lowest. */
const MAX_PRIORITY = 2 ** 21;
const ORDINARY_PRIORITY = MAX_PRIORITY / 2;

/**
 * BullMQ's number for a priority, of which the lowest goes first. Where one job has one, all have: those
 * without would go before all others. Equal ones go in the order in which they were added.
 */
export function bullPriority(priority: number): number {
  const rank = ORDINARY_PRIORITY - Math.round(priority);
  return Math.min(Math.max(rank, 1), MAX_PRIORITY);
}

/** Numbers cost the server a tenth more for each job: they begin with the first that needs one. */
export function rankAll(queue: Queue, jobs: Iterable<Outstanding>): void {
  for (const { id, started } of jobs) {
    if (started) continue;
    // What can't be ranked has begun meanwhile, or is added again.
    queue
      .getJob(id)
      .then((job) => job?.changePriority({ priority: bullPriority(0) }))
      .catch(() => undefined);
  }
}
