/** Made-up runs, as their events. */

import type { RunEvent, Told } from '../../src/staging/telling/events.ts';

export interface StreamOptions {
  inputs?: readonly string[];
  /** Features and rows of each input, and how many of them a worker does in a second. */
  features?: number;
  rows?: number;
  stageRate?: number;
  mergeRate?: number;
  workers?: readonly string[];
  /** Tasks whose first attempt fails half-way, by their number. */
  retried?: readonly number[];
  /** Inputs that fail, by their number. */
  failed?: readonly number[];
}

const STEP = 0.5;

/** The events of a run in which each input is one task, in steps of half a second. */
export function runStream(options: StreamOptions = {}): RunEvent[] {
  const {
    inputs = ['a.gpkg', 'b.gpkg', 'c.gpkg', 'd.gpkg'],
    features = 10_000,
    rows = 12_000,
    stageRate = 1_000,
    mergeRate = 2_000,
    workers = ['host/1/1', 'host/1/2'],
    retried = [],
    failed = [],
  } = options;
  const events: RunEvent[] = [];
  let at = 0;
  const tell = (event: Told): void => {
    events.push({ at, ...event } as RunEvent);
  };
  const phase = (
    name: 'stage' | 'merge',
    each: number,
    rate: number,
    tasks: readonly { id: number; subject: string; fails: boolean; again: boolean }[],
  ): void => {
    const total = each * tasks.length;
    let done = 0;
    const bytes = total * 700;
    tell({ type: 'phase-started', phase: name, total, tasks: tasks.length, bytes });
    const queue = tasks.map((task) => ({ ...task, attempt: 1 }));
    const busy = new Map<
      string,
      { task: (typeof queue)[number]; did: number; startedAt: number }
    >();
    while (queue.length > 0 || busy.size > 0) {
      for (const worker of workers) {
        const task = busy.has(worker) ? undefined : queue.shift();
        if (task === undefined) continue;
        busy.set(worker, { task, did: 0, startedAt: at });
        const { id, subject, attempt } = task;
        tell({
          ...{ type: 'task-started', phase: name, task: id, subject, part: 1, parts: 1 },
          worker,
          attempt,
        });
      }
      at += STEP;
      for (const [worker, job] of busy) {
        const { task } = job;
        const amount = Math.min(each - job.did, rate * STEP);
        job.did += amount;
        done += amount;
        tell({ type: 'progress', phase: name, done, total });
        const breaks = (task.fails || (task.again && task.attempt === 1)) && job.did >= each / 2;
        if (!breaks && job.did < each) continue;
        busy.delete(worker);
        const again = breaks && !task.fails;
        const error = breaks
          ? { code: 'task-failed' as const, message: `${task.subject} can't be read at row 7` }
          : null;
        tell({
          ...{ type: 'task-ended', phase: name, task: task.id, subject: task.subject },
          ...{ part: 1, parts: 1, worker, attempt: task.attempt, bytes: each * 700 },
          ...{ submittedAt: 0, startedAt: job.startedAt, usage: null, error, retried: again },
        });
        if (!breaks) continue;
        if (again) {
          done -= job.did;
          tell({ type: 'progress', phase: name, done, total });
          queue.push({ ...task, attempt: 2 });
        } else tell({ type: 'input-failed', input: task.subject, error: error! });
      }
    }
    tell({ type: 'phase-ended', phase: name });
  };
  tell({
    type: 'run-started',
    folder: '/staged',
    runId: 'r1',
    executor: 'threads',
    slots: workers.length,
    phases: ['plan', 'stage', 'merge', 'finalize'],
  });
  tell({ type: 'phase-started', phase: 'plan', total: inputs.length, tasks: 0, bytes: 0 });
  at += 0.3;
  tell({ type: 'phase-ended', phase: 'plan' });
  phase(
    'stage',
    features,
    stageRate,
    inputs.map((subject, id) => ({
      id,
      subject,
      fails: failed.includes(id),
      again: retried.includes(id),
    })),
  );
  phase(
    'merge',
    rows,
    mergeRate,
    inputs.map((_, i) => ({ id: 1000 + i, subject: `partition ${i}`, fails: false, again: false })),
  );
  tell({ type: 'phase-started', phase: 'finalize', total: 0, tasks: 0, bytes: 0 });
  at += 0.2;
  tell({ type: 'phase-ended', phase: 'finalize' });
  tell({ type: 'run-ended', state: 'finished', error: null });
  return events;
}
