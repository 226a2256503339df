/** What is wrong with a configuration is said when it is made or loaded, not by tasks that hang. */

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { inspect } from 'node:util';
import {
  app,
  Config,
  type ConfigOptions,
  clear,
  InlineExecutor,
  joinApp,
  load,
} from '../../../src/parallel.ts';
import type * as Tasks from '../tasks.ts';

const TASKS_URL = new URL('../tasks.ts', import.meta.url);

function refused(options: unknown, message: RegExp): void {
  const make = (): Config => new Config(options as ConfigOptions);
  assert.throws(make, { code: 'config-invalid', message }, inspect(options));
}

suite('Config refuses', () => {
  test('keys that it does not know, with the one that was meant', () => {
    refused({ retires: 3 }, /there is no option retires\. Did you mean retries\?/);
    refused({ executor: [] }, /no option executor\. Did you mean executors\?/);
    refused({ app_cache: true }, /Did you mean appCache\?/);
    refused({ xyz: 1 }, /no option xyz\. There are appCache, .*executors/);
    refused({ toString: 1 }, /no option toString/);
    refused('threads', /must be an object/);
    refused(null, /must be an object/);
  });

  test('values that nothing can be done with', () => {
    for (const retries of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '2', null]) {
      refused({ retries }, /retries must be a whole number ≥ 0, not/);
    }
    for (const key of ['backoffMs', 'maxBackoffMs']) {
      for (const wrong of [-1, Number.NaN, '100', null, 1n]) {
        refused({ [key]: wrong }, new RegExp(`${key} must be a number of milliseconds ≥ 0`));
      }
    }
    refused({ shouldRetry: true }, /shouldRetry must be a function/);
    refused({ appCache: 'yes' }, /appCache must be true or false, not "yes"/);
    refused({ checkpointMode: 'task_exit' }, /checkpointMode must be .*"taskExit".*"task_exit"/);
    refused({ checkpointFiles: 'a.jsonl' }, /checkpointFiles must be an array of paths/);
    refused({ runDir: '' }, /runDir must be text/);
    refused({ monitoring: {} }, /monitoring must be .*onTask/);
    refused({ executors: new InlineExecutor() }, /executors must be an array of Executors/);
    refused({ executors: ['threads'] }, /executors must be an array of Executors/);
    refused({ executors: [] }, /executors has none/);
    const twice = [new InlineExecutor(), new InlineExecutor()];
    refused({ executors: twice }, /two executors are labelled inline/);
  });

  test('nothing that can be meant', () => {
    const backoffs = [0, 0.5, 1e12, Number.POSITIVE_INFINITY];
    for (const backoffMs of backoffs) new Config({ backoffMs, maxBackoffMs: backoffMs });
    assert.deepEqual(new Config({ retries: 0 }).retryPolicy.retries, 0);
    assert.equal(new Config({ checkpointMode: null }).checkpoint, null);
  });
});

test('apps refuse options in the same way, when they are made', () => {
  const make = (options: unknown): unknown =>
    app<typeof Tasks.add>(TASKS_URL, 'add', options as object);
  const refusals: [options: object, message: RegExp][] = [
    [{ cached: true }, /app add are not valid.*cached\. Did you mean cache\?/],
    [{ timeLimitMs: 0 }, /timeLimitMs must be .* above 0/],
    [{ timeLimitMs: Number.NaN }, /timeLimitMs/],
    [{ executors: 'threads' }, /executors must be an array/],
    [{ retryPolicy: { retries: -1 } }, /retryPolicy .*retries must be/],
    [{ retryPolicy: { retires: 1 } }, /retires\. Did you mean retries\?/],
  ];
  for (const [options, message] of refusals) {
    assert.throws(() => make(options), { code: 'config-invalid', message });
  }
  assert.throws(() => joinApp('add' as never), { code: 'usage', message: /joinApp takes/ });
});

test('a Config whose executors were shut down is refused with what to do', async () => {
  const config = new Config();
  await load(config);
  await clear();
  await assert.rejects(load(config), {
    code: 'usage',
    message: /executor threads of this Config was shut down.*new Config/,
  });
  await assert.rejects(load({} as never), { code: 'usage', message: /new Config/ });
  // Neither is loaded: a good one can be.
  await using _kernel = await load(new Config({ executors: [new InlineExecutor()] }));
  assert.equal(await app<typeof Tasks.add>(TASKS_URL, 'add')(1, 2), 3);
});
