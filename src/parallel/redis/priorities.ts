/** Priorities of tasks as BullMQ has them. */

/** BullMQ's lowest. */
const MAX_PRIORITY = 2 ** 21;
const ORDINARY_PRIORITY = MAX_PRIORITY / 2;

/**
 * BullMQ's number for a priority, of which the lowest goes first. Every job has one: those without
 * would go before all others. Equal ones go in the order in which they were added.
 */
export function bullPriority(priority: number): number {
  const rank = ORDINARY_PRIORITY - Math.round(priority);
  return Math.min(Math.max(rank, 1), MAX_PRIORITY);
}
