/** What workers did when, from the tasks that ran on them. All times are seconds. */

import type { RunAnalysis, TaskSpan, TimeKind } from '../analysis.ts';

/** What a task's time went into; `unknown` is what was not measured, `idle` is no task. */
export const STATES = ['computing', 'core', 'blocked', 'unknown', 'idle'] as const;
export type State = (typeof STATES)[number];
export type States = Record<State, number>;

/** What charts of workers need of a run. */
export type WorkerRun = Pick<
  RunAnalysis,
  'workers' | 'timeline' | 'seconds' | 'time' | 'phases'
> & { run: { slots: number } };

/** Kinds of waiting that a thread can't tell apart: it is blocked, and that is all. */
const BLOCKED: readonly TimeKind[] = [
  'waiting for the disk',
  'waiting for the network',
  'waiting for memory',
];

/** From this share of the workers' time on a kind of waiting is named. */
const NAMED = 0.02;

/** What stands for the states in this run: blocked is what its workers have waited for. */
export function stateNames(analysis: Pick<WorkerRun, 'time'>): Record<State, string> {
  const kinds = analysis.time.filter(({ kind, share }) => BLOCKED.includes(kind) && share > 0);
  const named = kinds.filter(({ share }, i) => i === 0 || share >= NAMED);
  const causes = named.map(({ kind }) => kind.replace('waiting for ', ''));
  return {
    computing: 'computing',
    core: 'waiting for a core',
    blocked: `waiting for ${causes.length === 0 ? 'the disk' : causes.join(' or ')}`,
    unknown: 'busy, not measured with what',
    idle: 'nothing to do',
  };
}

/** A task's time by state, which together are its length. */
export function splitOf(span: TaskSpan): States {
  const wall = Math.max(0, span.end - span.start);
  const parts = [span.cpu, span.queuedForCpu, span.blocked].map((part) =>
    Number.isFinite(part) ? Math.max(0, part) : 0,
  ) as [number, number, number];
  const sum = parts[0] + parts[1] + parts[2];
  // Helper threads count too, so that CPU time can be more than the time that went by.
  const scale = sum > wall && sum > 0 ? wall / sum : 1;
  const [computing, core, blocked] = parts.map((part) => part * scale) as [number, number, number];
  const unknown = Math.max(0, wall - computing - core - blocked);
  return { computing, core, blocked, unknown, idle: 0 };
}

/**
 * How many workers there were at a time, for the whole run. Those that were named can be more, where
 * workers come and go, or fewer, where some never had a task.
 */
export function capacity({ time, seconds, workers, run }: WorkerRun): number {
  const sum = time.reduce((total, each) => total + each.seconds, 0);
  const count = Math.round(sum / seconds);
  return Number.isFinite(count) && count > 0 ? count : workers.length || run.slots;
}

/** Places in `analysis.workers`, by host, process and thread. */
export function workerOrder({ workers }: WorkerRun): number[] {
  const collator = new Intl.Collator('en', { numeric: true });
  return workers
    .map((_, i) => i)
    .sort((a, b) => collator.compare(workers[a]!.worker, workers[b]!.worker));
}

/** Tasks of each worker, in `analysis.workers`' order, each by start. */
export function spansByWorker(analysis: WorkerRun): TaskSpan[][] {
  const rows: TaskSpan[][] = analysis.workers.map(() => []);
  for (const span of analysis.timeline) rows[span.worker]?.push(span);
  for (const row of rows) row.sort((a, b) => a.start - b.start);
  return rows;
}

/**
 * Sums of worker seconds by state, for equal parts of the run.
 * @param workers - how many there are: what they do not use is idle
 */
export function activity(
  spans: readonly TaskSpan[],
  seconds: number,
  buckets: number,
  workers: number,
): States[] {
  const width = seconds / buckets;
  const sums: States[] = Array.from({ length: buckets }, () => ({
    computing: 0,
    core: 0,
    blocked: 0,
    unknown: 0,
    idle: 0,
  }));
  if (!(width > 0)) return sums;
  for (const span of spans) {
    const wall = span.end - span.start;
    if (!(wall > 0)) continue;
    const split = splitOf(span);
    const last = Math.min(buckets - 1, Math.floor(span.end / width));
    for (let i = Math.max(0, Math.floor(span.start / width)); i <= last; i++) {
      const overlap = Math.min(span.end, (i + 1) * width) - Math.max(span.start, i * width);
      if (overlap <= 0) continue;
      const sum = sums[i]!;
      for (const state of STATES) sum[state] += (split[state] * overlap) / wall;
    }
  }
  for (const sum of sums) {
    const busy = sum.computing + sum.core + sum.blocked + sum.unknown;
    sum.idle = Math.max(0, workers * width - busy);
  }
  return sums;
}

/**
 * One state for each part of the time, so that the number of parts with a state is as the time that
 * went into it: what a part does not show is carried on to the next.
 */
export function stateSequence(parts: readonly States[]): State[] {
  const carried: States = { computing: 0, core: 0, blocked: 0, unknown: 0, idle: 0 };
  return parts.map((states) => {
    const sum = STATES.reduce((total, state) => total + states[state], 0);
    let best: State = 'idle';
    for (const state of STATES) {
      carried[state] += sum > 0 ? states[state] / sum : 0;
      // What did not happen here is not shown here, however much of it is carried.
      if (states[state] > 0 && (states[best] === 0 || carried[state] > carried[best])) best = state;
    }
    carried[best]--;
    return best;
  });
}
