/** Very many tasks at once: they are handed to their executor a part at a time, in their order. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turnstile } from '../../../src/parallel/data-flow/turnstile.ts';
import { app, Config, load, ThreadPoolExecutor } from '../../../src/parallel.ts';
import { TASKS_URL } from '../contract-tasks.ts';
import type * as Tasks from '../tasks.ts';

test('10,000 go through at a time, the others in their order as places get free', async () => {
  const turnstile = new Turnstile();
  const order: number[] = [];
  let held = 0;
  for (let i = 0; i < 25_000; i++) {
    const turn = turnstile.enter();
    if (turn === null) continue;
    held++;
    void turn.then(() => order.push(i));
  }
  assert.equal(held, 15_000);
  assert.equal(turnstile.inside, 10_000);
  assert.equal(turnstile.pass(), null);
  for (let i = 0; i < 25_001; i++) {
    turnstile.leave();
    if (i % 100 === 0) await null;
  }
  await null;
  assert.deepEqual(
    order,
    Array.from({ length: 15_000 }, (_, i) => 10_000 + i),
  );
  assert.equal(turnstile.inside, 0);
});

test('14,000 tasks: results in place, one with a priority before those that wait, cancelled ones not', async () => {
  const add = app<typeof Tasks.add>(TASKS_URL, 'add');
  const order: number[] = [];
  await using kernel = await load(
    new Config({ executors: [new ThreadPoolExecutor({ maxThreads: 2 })] }),
  );
  const futures = Array.from({ length: 14_000 }, (_, i) => add(i, 1));
  const late = futures.at(-1)!.then(() => order.push(0));
  const urgent = add
    .with({ priority: 1 })(1, 1)
    .then(() => order.push(1));
  assert.equal(futures[12_000]!.cancel(), true);
  const results = await Promise.allSettled(futures);
  for (const [i, result] of results.entries()) {
    if (i === 12_000) assert.equal(result.status, 'rejected');
    else assert.equal((result as PromiseFulfilledResult<number>).value, i + 1);
  }
  await Promise.all([late, urgent]);
  assert.deepEqual(order, [1, 0]);
  const { done, cancelled, waiting, queued, running } = kernel.counts;
  assert.deepEqual(
    { done, cancelled, waiting, queued, running },
    {
      ...{ done: 14_000, cancelled: 1, waiting: 0, queued: 0, running: 0 },
    },
  );
});
