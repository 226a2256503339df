/** Futures: what they wait for, and how long. */

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { app, Config, InlineExecutor, load, ThreadPoolExecutor } from '../../../src/parallel.ts';
import type * as Tasks from '../tasks.ts';

const TASKS_URL = new URL('../tasks.ts', import.meta.url);
const slow = app<typeof Tasks.slow>(TASKS_URL, 'slow');

suite('waiting for a result', () => {
  test('takes any time ≥ 0, also one without end or past 2^31 ms', async () => {
    await using _kernel = await load(new Config({ executors: [new InlineExecutor()] }));
    for (const time of [undefined, 2 ** 31, 30 * 86_400_000, Number.POSITIVE_INFINITY]) {
      assert.equal(await slow(20, 'late').result(time), 'late');
    }
    const future = slow(50, 'late');
    await assert.rejects(future.result(0), { code: 'task-timeout', message: /after 0 s/ });
    for (const wrong of [Number.NaN, -1, '5' as never, null as never]) {
      await assert.rejects(future.result(wrong), { code: 'usage', message: /milliseconds ≥ 0/ });
    }
    assert.equal(await future, 'late');
  });

  test('a time limit may be longer than a timer of the system', async () => {
    const executors = [new InlineExecutor(), new ThreadPoolExecutor({ maxThreads: 1 })];
    await using _kernel = await load(new Config({ executors }));
    for (const executor of ['inline', 'threads']) {
      for (const timeLimitMs of [30 * 86_400_000, Number.POSITIVE_INFINITY]) {
        const options = { timeLimitMs, executors: [executor] };
        const limited = app<typeof Tasks.slow>(TASKS_URL, 'slow', options);
        assert.equal(await limited(20, 1), 1, `${executor} ${timeLimitMs}`);
      }
    }
  });
});
