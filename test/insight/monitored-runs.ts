/** Monitoring files of made-up runs, and what is in them by a plain count. */

import { hostname } from 'node:os';
import { Random } from '../../src/core/random.ts';
import type { TaskEvent } from '../../src/parallel/data-flow/observer.ts';
import { EventPacker } from '../../src/parallel/monitoring/packed-events.ts';
import { RunWriter } from '../../src/parallel/monitoring/run-writer.ts';
import { timestamp } from '../../src/parallel/monitoring/schema.ts';

/** Milliseconds since the epoch. */
export const START = Date.UTC(2026, 10, 28, 12, 0, 0);

/** What `TilewrightError` has of itself here. */
export const failed = (code: string, message: string): NonNullable<TaskEvent['error']> =>
  ({ code, message }) as NonNullable<TaskEvent['error']>;

/** A run whose events are written batch by batch. */
export class MadeUpRun {
  readonly #writer: RunWriter;
  readonly #packer = new EventPacker(100_000);

  constructor(path: string, name = 'made-up.ts', startedAt = START, pid = process.pid) {
    this.#writer = new RunWriter(path, {
      run_id: `run-of-${name}`,
      workflow_name: name,
      time_began: timestamp(startedAt),
      host: hostname(),
      user: 'somebody',
      rundir: '/runs',
      pid,
    });
  }

  add(event: TaskEvent): void {
    this.#packer.add(event);
  }

  /** Makes what was added readable; with `endedAt` it is the last. */
  write(endedAt?: number): void {
    const more = endedAt === undefined ? {} : { endedAt };
    this.#writer.write({ tasks: this.#packer.take(), blocks: [], ...more });
    if (endedAt !== undefined) this.#writer.close();
  }
}

/** A run of one task, which has been running for 3 s; `task` is what its further events say. */
export function runningRun(path: string): { run: MadeUpRun; task: typeof RUNNING_TASK } {
  const now = Date.now();
  const run = new MadeUpRun(path, 'live.ts', now - 5_000);
  run.add({ ...RUNNING_TASK, state: 'waiting', attempt: 0, at: now - 4_000 });
  run.add({ ...RUNNING_TASK, state: 'queued', at: now - 4_000 });
  run.add({ ...RUNNING_TASK, state: 'running', at: now - 3_000 });
  run.write();
  return { run, task: RUNNING_TASK };
}

const RUNNING_TASK = {
  ...{ taskId: 1, name: 'a.b', attempt: 1 },
  ...{ executor: 'threads', worker: 'h/1/1' },
};

/** Sums that a summary of the run has to have. Times are milliseconds. */
export interface Tally {
  endedAt: number;
  states: Record<string, number>;
  retried: number;
  apps: Map<string, { tasks: number; took: number[]; failures: number }>;
  busy: Map<string, { tasks: number; ms: number }>;
  waits: { queue: number[]; needs: number[] };
  /** By app and error. */
  errors: Map<string, number>;
}

const NAMES = ['lakes.area', 'lakes.total', 'ice.wedge'];

/** Tasks one after the other on each of some workers, with all ways to end. */
export function randomRun(path: string, seed: number, tasks: number): Tally {
  const random = new Random(seed);
  const run = new MadeUpRun(path);
  const workers = Array.from({ length: 1 + random.integer(4) }, (_, i) => `node${i % 2}/77/${i}`);
  const free = new Map(workers.map((worker) => [worker, START]));
  const tally: Tally = {
    endedAt: START,
    states: {},
    retried: 0,
    apps: new Map(),
    busy: new Map(),
    waits: { queue: [], needs: [] },
    errors: new Map(),
  };
  const events: TaskEvent[] = [];
  for (let taskId = 1; taskId <= tasks; taskId++) {
    const name = NAMES[random.integer(NAMES.length)]!;
    const app = tally.apps.get(name) ?? { tasks: 0, took: [], failures: 0 };
    tally.apps.set(name, app);
    app.tasks++;
    let at = START + random.integer(5_000);
    const tell = (
      state: TaskEvent['state'],
      attempt: number,
      more: Partial<TaskEvent> = {},
    ): void => {
      events.push({ taskId, name, state, attempt, at, ...more });
      tally.endedAt = Math.max(tally.endedAt, at);
    };
    const end = (state: string): void => {
      tally.states[state] = (tally.states[state] ?? 0) + 1;
    };
    tell('waiting', 0);
    const needs = random.integer(200);
    at += needs;
    if (random.integer(10) === 0) {
      tell('memoized', 0);
      end('memoized');
      continue;
    }
    if (random.integer(10) === 0) {
      const error = failed('dependency-failed', 'what it needs is not there');
      tell('failed', 0, { error });
      tally.errors.set(
        `${name} ${error.code}`,
        (tally.errors.get(`${name} ${error.code}`) ?? 0) + 1,
      );
      end('dependencyFailed');
      continue;
    }
    tally.waits.needs.push(needs);
    for (let attempt = 1; ; attempt++) {
      tell('queued', attempt, { executor: 'threads' });
      const worker = workers[random.integer(workers.length)]!;
      const queue = Math.max(0, free.get(worker)! - at) + random.integer(20);
      tally.waits.queue.push(queue);
      at += queue;
      tell('running', attempt, { executor: 'threads', worker });
      const took = 1 + random.integer(300);
      at += took;
      free.set(worker, at);
      app.took.push(took);
      const busy = tally.busy.get(worker) ?? { tasks: 0, ms: 0 };
      tally.busy.set(worker, { tasks: busy.tasks + 1, ms: busy.ms + took });
      const way = random.integer(6);
      if (way === 0 && attempt < 3) {
        tell('retry', attempt, { error: failed('worker-died', 'gone') });
        tally.retried++;
        app.failures++;
        continue;
      }
      if (way === 1) {
        const error = failed('task-failed', `no ${random.integer(3)}`);
        tell('failed', attempt, { error });
        app.failures++;
        const key = `${name} ${error.code}: ${error.message}`;
        tally.errors.set(key, (tally.errors.get(key) ?? 0) + 1);
        end('failed');
      } else if (way === 2) {
        tell('cancelled', attempt, { error: failed('task-cancelled', 'taken back') });
        end('cancelled');
      } else {
        tell('done', attempt);
        end('done');
      }
      break;
    }
  }
  for (const event of events.sort((a, b) => a.at - b.at)) {
    run.add(event);
    if (random.integer(100) === 0) run.write();
  }
  run.write(tally.endedAt);
  return tally;
}
