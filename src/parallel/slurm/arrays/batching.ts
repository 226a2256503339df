/** Which tasks go into which element of an array: each element should be worth its start. */

import type { Entry } from './array-job.ts';

/** Bytes a second that a worker is expected to get through before any was measured. */
const INITIAL_RATE = 20e6;
/** Seconds that a task of unknown weight is expected to take. */
const INITIAL_SECONDS = 0.5;
/** Seconds of work after which what was measured is believed. */
const ENOUGH_SECONDS = 2;

interface Measured {
  weight: number;
  weightSeconds: number;
  tasks: number;
  seconds: number;
}

/** Learns from the tasks that have ended how long others of the same function will take. */
export class CostModel {
  readonly #measured = new Map<string, Measured>();

  note(name: string, weight: number | undefined, seconds: number): void {
    const known = this.#measured.get(name) ?? { weight: 0, weightSeconds: 0, tasks: 0, seconds: 0 };
    known.tasks++;
    known.seconds += seconds;
    if (weight !== undefined) {
      known.weight += weight;
      known.weightSeconds += seconds;
    }
    this.#measured.set(name, known);
  }

  /** Seconds that one worker is expected to need. */
  seconds(name: string, weight: number | undefined): number {
    const known = this.#measured.get(name);
    if (weight !== undefined) {
      const believed = known !== undefined && known.weightSeconds >= ENOUGH_SECONDS;
      return weight / (believed ? Math.max(1, known.weight / known.weightSeconds) : INITIAL_RATE);
    }
    const believed = known !== undefined && known.seconds >= ENOUGH_SECONDS;
    return believed ? known.seconds / known.tasks : INITIAL_SECONDS;
  }
}

export interface Costed {
  /** Seconds of one worker. */
  cost: number;
  /** Whether it gets an element of its own. */
  alone: boolean;
  /** Default: 0. */
  priority?: number | undefined;
}

/** How elements are planned. */
interface PlanOptions {
  /** Workers of an element. */
  threads: number;
  secondsPerElement: number;
  /** Of one array. */
  maxElements: number;
}

/** Groups of tasks that wait, by what they are expected to cost. */
export function groupEntries(
  entries: readonly Entry[],
  costs: CostModel,
  options: PlanOptions,
): Entry[][] {
  const costed = entries.map((entry) => ({
    entry,
    cost: costs.seconds(entry.task.name, entry.weight),
    alone: entry.task.alone === true,
    priority: entry.task.priority,
  }));
  return planElements(costed, options).map((group) => group.map(({ entry }) => entry));
}

/**
 * Groups of tasks, one for each element; in each those of the highest priority come first, of them the
 * longest. All elements have about
 * the same amount of work: at least `secondsPerElement` for each of their threads, unless there is
 * less in all.
 */
export function planElements<T extends Costed>(tasks: readonly T[], options: PlanOptions): T[][] {
  const single = tasks.filter((task) => task.alone).map((task) => [task]);
  const shared = tasks
    .filter((task) => !task.alone)
    .sort((a, b) => (b.priority ?? 0) - (a.priority ?? 0) || b.cost - a.cost);
  if (shared.length === 0) return single;
  const total = shared.reduce((sum, task) => sum + task.cost, 0);
  const worth = Math.floor(total / (options.threads * options.secondsPerElement));
  const room = Math.max(1, options.maxElements - single.length);
  const count = Math.max(1, Math.min(worth, shared.length, room));
  const groups = Array.from({ length: count }, () => ({ load: 0, tasks: [] as T[] }));
  for (const task of shared) {
    let least = groups[0]!;
    for (const group of groups) if (group.load < least.load) least = group;
    least.load += task.cost;
    least.tasks.push(task);
  }
  return [...single, ...groups.map((group) => group.tasks)];
}
