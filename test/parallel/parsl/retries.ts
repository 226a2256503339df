/** Which failures are tried again, how often, and what that costs. */

import assert from 'node:assert/strict';
import {
  BashExitFailure,
  bashApp,
  Config,
  type FailedTask,
  load,
  sh,
} from '../../../src/parallel.ts';
import { type Case, failureOf, fn } from './kit.ts';

const RETRIES = 'test_error_handling/test_retries.py';
const HANDLER = 'test_error_handling/test_retry_handler.py';

/** Succeeds at the call with this number, from 0. */
const succeedAt = bashApp(
  (path: string, call: number) =>
    sh`n=$(cat ${path} 2>/dev/null | wc -l); echo x >> ${path}; test $n -eq ${call} || exit 5`,
);

export const retries: Case[] = [
  {
    name: 'what fails each time is given up after so many retries',
    after: RETRIES,
    config: { retries: 2 },
    async run({ kernel }) {
      const all = Array.from({ length: 10 }, (_, i) => fn.fail(`${i}`));
      for (const [i, future] of all.entries()) {
        const error = await failureOf(future);
        assert.equal(error.message, `${i} (tried 3 times)`);
        assert.ok(error.cause instanceof RangeError);
        assert.equal(future.attempts, 3);
      }
      assert.equal(kernel.counts.retried, 20);
    },
  },
  {
    name: 'so is what had to wait for another before',
    after: RETRIES,
    config: { retries: 2 },
    async run() {
      const first = fn.slow(20, 1);
      const all = Array.from({ length: 5 }, () => fn.failIf(true, first));
      for (const future of all) {
        assert.ok((await failureOf(future)).cause instanceof RangeError);
        assert.equal(future.attempts, 3);
      }
    },
  },
  {
    name: 'a command that succeeds when it is tried again',
    after: RETRIES,
    config: { retries: 2 },
    async run({ path }) {
      const future = succeedAt(path('retry'), 1);
      assert.equal(await future, 0);
      assert.equal(future.attempts, 2);
    },
  },
  {
    name: 'a function that succeeds at its last attempt, and one that would at the next',
    after: RETRIES,
    config: { retries: 2 },
    async run({ path }) {
      assert.equal(await fn.failTimes(path('two'), 2), 2);
      assert.equal((await failureOf(fn.failTimes(path('three'), 3))).code, 'task-failed');
    },
  },
  {
    name: 'without a number of retries, what a function throws is not tried again',
    after: RETRIES,
    differs: 'as in Parsl, whose default is 0; only lost workers and the like are tried again here',
    async run({ path }) {
      const future = fn.failTimes(path('once'), 1);
      assert.equal((await failureOf(future)).code, 'task-failed');
      assert.equal(future.attempts, 1);
    },
  },
  {
    name: 'an app may have retries of its own, and a call',
    after: RETRIES,
    async run({ path }) {
      const patient = fn.failTimes.with({ retries: 2 });
      assert.equal(await patient(path('a'), 2), 2);
      const future = patient.with({ retries: 0 })(path('b'), 1);
      assert.equal((await failureOf(future)).code, 'task-failed');
      assert.equal(future.attempts, 1);
    },
  },
  {
    name: 'who needs a task that is tried again waits for its last attempt',
    after: RETRIES,
    config: { retries: 3 },
    run: async ({ path }) => assert.equal(await fn.increment(fn.failTimes(path('three'), 3)), 4),
  },
  {
    name: 'a failure that is known not to go away is not tried again',
    after: RETRIES,
    config: { retries: 5 },
    async run() {
      const dependent = fn.list(fn.fail.with({ retries: 0 })());
      assert.equal((await failureOf(dependent)).code, 'dependency-failed');
      assert.equal(dependent.attempts, 0);
      const wrong = fn.same(Symbol('no') as unknown);
      assert.equal((await failureOf(wrong)).code, 'task-arguments');
      assert.ok(wrong.attempts <= 1);
    },
  },
  {
    name: 'failures that cost half allow for twice as many retries',
    after: HANDLER,
    config: { retries: 2, retryHandler: () => 0.5 },
    async run({ path }) {
      const future = succeedAt(path('four'), 4);
      assert.equal(await future, 0);
      assert.equal(future.attempts, 5);
    },
  },
  {
    name: 'and for no more than that',
    after: HANDLER,
    config: { retries: 2, retryHandler: () => 0.5 },
    async run({ path }) {
      const future = succeedAt(path('five'), 5);
      const { cause } = await failureOf(future);
      assert.ok(cause instanceof BashExitFailure);
      assert.equal(cause.exitCode, 5);
      assert.equal(future.attempts, 5);
    },
  },
  {
    name: 'what a failure costs is decided by the error and the task',
    after: HANDLER,
    config: null,
    async run({ config }) {
      const seen: FailedTask[] = [];
      const retryHandler = (error: Error, task: FailedTask): number => {
        seen.push(task);
        return error.message === 'cheap' ? 0 : Number.POSITIVE_INFINITY;
      };
      await using _kernel = await load(new Config(config({ retries: 1, retryHandler })));
      assert.equal((await failureOf(fn.fail('dear'))).message, 'dear');
      const name = 'parsl-functions.fail';
      assert.deepEqual(seen, [{ name, args: ['dear'], attempt: 1 }]);
    },
  },
  {
    name: 'what the handler throws is the error of the task',
    after: 'test_error_handling/test_retry_handler_failure.py',
    config: {
      retryHandler: () => {
        throw new Error('the handler fails');
      },
    },
    async run() {
      const future = fn.fail();
      const error = await failureOf(future);
      assert.equal(error.message, 'the handler fails');
      assert.equal(future.attempts, 1);
    },
  },
  {
    name: 'progress of attempts that failed is taken back',
    after: RETRIES,
    differs: 'Parsl has no progress of a task',
    config: { retries: 1 },
    async run({ path }) {
      const told: number[] = [];
      const future = fn.reportAndFail(path('one'), 1, 5).onProgress((more) => told.push(more));
      assert.equal(await future, 1);
      assert.deepEqual(told, [5, -5, 5]);
    },
  },
];
