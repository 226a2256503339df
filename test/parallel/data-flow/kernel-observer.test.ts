/** What an observer is told is what happened. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  app,
  Config,
  joinApp,
  type KernelObserver,
  load,
  type TaskEvent,
  ThreadPoolExecutor,
} from '../../../src/parallel.ts';
import type * as Tasks from '../tasks.ts';

const TASKS_URL = new URL('../tasks.ts', import.meta.url);
const add = app<typeof Tasks.add>(TASKS_URL, 'add');
const addOnce = app<typeof Tasks.add>(TASKS_URL, 'add', { cache: true });
const refuse = app<typeof Tasks.refuse>(TASKS_URL, 'refuse');
const slow = app<typeof Tasks.slow>(TASKS_URL, 'slow');
const executors = (): ThreadPoolExecutor[] => [new ThreadPoolExecutor({ maxThreads: 2 })];

test('each change of each task, in order, between the start and the end of the run', async () => {
  const events: TaskEvent[] = [];
  const run: string[] = [];
  const monitoring: KernelObserver = {
    onStart: ({ runDir, startedAt }) => run.push(`start ${runDir} ${startedAt <= Date.now()}`),
    onTask: (event) => events.push(structuredClone({ ...event, error: undefined })),
    onEnd: ({ done, failed }) => {
      run.push(`end ${done} ${failed}`);
    },
  };
  {
    await using _kernel = await load(
      new Config({ executors: executors(), retries: 1, backoffMs: 1, monitoring }),
    );
    const three = add(1, 2);
    assert.equal(await add(three, [1] as never), '31');
    assert.equal((await refuse().exception())?.code, 'input-corrupt');
    assert.equal(await addOnce(3, 4), 7);
    assert.equal(await addOnce(3, 4), 7);
    assert.equal(await joinApp(() => add(5, 6))(), 11);
    const long = slow(60_000, 1);
    while (long.state !== 'running') await new Promise((resolve) => setTimeout(resolve, 5));
    long.cancel();
    assert.equal((await long.exception())?.code, 'task-cancelled');
  }
  assert.deepEqual(run, ['start runinfo true', 'end 6 1']);
  const told = (taskId: number): string =>
    events
      .filter((event) => event.taskId === taskId)
      .map(({ state, attempt }) => `${state} ${attempt}`)
      .join(', ');
  assert.equal(told(1), 'waiting 0, queued 1, running 1, done 1');
  assert.equal(told(2), 'waiting 0, queued 1, running 1, done 1');
  const retried = 'waiting 0, queued 1, running 1, retry 1, queued 2, running 2, failed 2';
  assert.equal(told(3), retried);
  assert.equal(told(5), 'waiting 0, memoized 0');
  assert.equal(told(8), 'waiting 0, queued 1, running 1, cancelled 1');
  const of = (taskId: number, state: string): TaskEvent =>
    events.find((event) => event.taskId === taskId && event.state === state)!;
  assert.deepEqual(of(2, 'waiting').depends, [1]);
  assert.equal(of(6, 'waiting').join, true);
  assert.match(of(1, 'done').usage?.worker ?? '', /\/\d+\/\d+$/);
  assert.equal(of(1, 'done').usage?.worker, of(1, 'running').worker);
  assert.equal(of(1, 'queued').executor, 'threads');
  assert.equal(of(4, 'done').hash, of(5, 'memoized').hash);
  assert.ok(events.every((event, i) => i === 0 || event.at >= events[i - 1]!.at));
});

test('an observer that throws is dropped with a warning, and harms no task', async (t) => {
  const warnings: string[] = [];
  t.mock.method(process, 'emitWarning', (text: string) => warnings.push(text));
  let calls = 0;
  const monitoring: KernelObserver = {
    onTask: () => {
      calls++;
      throw new Error('disk on fire');
    },
  };
  await using _kernel = await load(new Config({ executors: executors(), monitoring }));
  assert.equal(await add(add(1, 2), 3), 6);
  assert.equal(calls, 1);
  assert.deepEqual(warnings, ['Monitoring has stopped, the tasks go on: disk on fire']);
});
