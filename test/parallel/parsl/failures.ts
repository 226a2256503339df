/** Errors, time limits, and what can't be sent. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { Config, load, registerErrorClass, type TilewrightError } from '../../../src/parallel.ts';
import { isRunning, waitUntil } from '../../integration/engines/processes.ts';
import { LakeError } from './functions.ts';
import { type Case, type Engine, failureOf, fn } from './kit.ts';

const FAIL = 'test_python_apps/test_fail.py';
const EXCEPTION = 'test_python_apps/test_exception.py';
const WALLTIME = 'test_error_handling/test_python_walltime.py';
const SERIALIZATION = 'test_error_handling/test_serialization_fail.py';
const RESOURCES = 'test_error_handling/test_resource_spec.py';

/** Where a worker that is killed is noticed within a second or so; see the fault tests of queues. */
const NOTICED_SOON: readonly Engine[] = ['local', 'slurm'];

registerErrorClass(LakeError);

export const failures: Case[] = [
  {
    name: 'what a function throws is the cause of the error of its future',
    after: 'test_error_handling/test_fail.py',
    async run() {
      const error = await failureOf(fn.fail('it should come to the caller'));
      assert.equal(error.code, 'task-failed');
      assert.equal(error.message, 'it should come to the caller');
      assert.ok(error.cause instanceof RangeError);
      await assert.rejects(fn.fail(), { code: 'task-failed' });
    },
  },
  {
    name: 'an error of a class of one’s own, with all that it carries',
    after: EXCEPTION,
    async run() {
      const { cause } = await failureOf(fn.throwLake());
      assert.ok(cause instanceof LakeError);
      assert.equal(cause.message, 'Toolik is too deep');
      assert.equal(cause.lake, 'Toolik');
      assert.deepEqual(cause.depths, [3, 25]);
    },
  },
  {
    name: 'the stack is the worker’s, down to the line that threw',
    after: EXCEPTION,
    async run() {
      const { cause } = await failureOf(fn.throwLake());
      assert.match((cause as Error).stack!, /throwLake.*functions\.ts:\d+/s);
    },
  },
  {
    name: 'the cause of an error comes along',
    after: EXCEPTION,
    async run() {
      const { cause } = await failureOf(fn.failWithCause());
      assert.equal((cause as Error).message, 'outer');
      assert.ok((cause as Error).cause instanceof TypeError);
      assert.equal(((cause as Error).cause as Error).message, 'inner');
    },
  },
  {
    name: 'so do all errors of an AggregateError',
    after: EXCEPTION,
    async run() {
      const { cause } = await failureOf(fn.failWithAll());
      assert.ok(cause instanceof AggregateError);
      assert.deepEqual(
        cause.errors.map((error: Error) => [error.constructor, error.message]),
        [
          [RangeError, 'A'],
          [TypeError, 'B'],
        ],
      );
    },
  },
  {
    name: 'what is thrown and is no error',
    after: EXCEPTION,
    async run() {
      const error = await failureOf(fn.throwText());
      assert.equal(error.code, 'task-failed');
      assert.match(error.message, /no error at all/);
      assert.equal(error.cause, 'no error at all');
    },
  },
  {
    name: 'one that fails leaves the others alone',
    after: FAIL,
    async run() {
      const [a, b, c] = [fn.failIf(true), fn.failIf(false), fn.failIf(false)];
      assert.equal((await failureOf(a)).code, 'task-failed');
      assert.deepEqual([await b, await c], ['fine', 'fine']);
    },
  },
  {
    name: 'of three in a row the first fails: neither of the others is run',
    after: FAIL,
    async run() {
      const first = fn.failIf(true);
      const second = fn.failIf(false, first);
      const third = fn.failIf(false, second);
      const error = await failureOf(third);
      assert.equal(error.code, 'dependency-failed');
      assert.equal((error.cause as TilewrightError).code, 'dependency-failed');
      assert.equal((error.cause as TilewrightError).cause, await first.exception());
      assert.deepEqual([second.attempts, third.attempts], [0, 0]);
    },
  },
  {
    name: 'of three in a row the one in the middle fails',
    after: FAIL,
    async run() {
      const first = fn.failIf(false);
      const second = fn.failIf(true, first);
      const error = await failureOf(fn.failIf(false, second));
      assert.equal(error.cause, await second.exception());
      assert.equal(await first, 'fine');
    },
  },
  {
    name: 'what takes longer than its time limit is stopped',
    after: WALLTIME,
    async run() {
      const error = await failureOf(fn.slow.with({ timeLimitMs: 100, retries: 0 })(60_000, 7));
      assert.equal(error.code, 'task-timeout');
      assert.match(error.message, /0\.1 s/);
      assert.equal(await fn.double(1), 2);
    },
  },
  {
    name: 'a time limit for one call, longer than that of the app',
    after: WALLTIME,
    async run() {
      const short = fn.slow.with({ timeLimitMs: 1, retries: 0 });
      assert.equal(await short.with({ timeLimitMs: 60_000 })(10, 7), 7);
    },
  },
  {
    name: 'a time limit that is not reached disturbs nobody later',
    after: 'test_python_apps/test_timeout.py',
    async run() {
      const limited = fn.same.with({ timeLimitMs: 400, retries: 0 });
      assert.equal(await limited(1), 1);
      assert.equal(await fn.slow(500, 2), 2);
    },
  },
  {
    name: 'nor does that of a task that has failed before',
    after: 'test_python_apps/test_timeout.py',
    async run() {
      const error = await failureOf(fn.fail.with({ timeLimitMs: 400, retries: 0 })());
      assert.equal(error.message, 'on purpose');
      assert.equal(await fn.slow(500, 2), 2);
    },
  },
  {
    name: 'a time limit is not said where it has no place, and not as a text',
    after: WALLTIME,
    async run() {
      const wrong = (options: object) => () => fn.slow.with(options as never);
      assert.throws(wrong({ walltime: 1 }), { code: 'config-invalid', message: /walltime/ });
      assert.throws(wrong({ timeLimitMs: '1' }), {
        code: 'config-invalid',
        message: /timeLimitMs/,
      });
      assert.throws(wrong({ timeLimitMs: 0 }), { code: 'config-invalid' });
    },
  },
  {
    name: 'what a task occupies may be said',
    after: RESOURCES,
    run: async () =>
      assert.equal(await fn.double.with({ resources: { cores: 1, memory: 1 } })(2), 4),
  },
  {
    name: 'resources that there are not are refused by name',
    after: 'test_htex/test_resource_spec_validation.py',
    async run() {
      const wrong = (resources: object) => () => fn.double.with({ resources: resources as never });
      assert.throws(wrong({ cpus: 1, memory: 1, disk: 1 }), {
        code: 'config-invalid',
        message: /cpus/,
      });
      assert.throws(wrong({ num_nodes: 2 }), { code: 'config-invalid', message: /num_nodes/ });
      assert.throws(wrong({ cores: 0.5 }), { code: 'config-invalid', message: /cores/ });
    },
  },
  {
    name: 'an argument that can’t be sent is told at once, and not tried again',
    after: SERIALIZATION,
    config: { retries: 2 },
    async run() {
      function* numbers(): Generator<number> {
        for (let i = 0; ; i++) yield i;
      }
      const future = fn.same(numbers());
      const error = await failureOf(future);
      assert.equal(error.code, 'task-arguments');
      assert.match(error.message, /parsl-functions\.same.*argument 1/s);
      assert.ok(future.attempts <= 1, `${future.attempts}`);
    },
  },
  {
    name: 'a result that can’t be sent is told by its place',
    after: SERIALIZATION,
    config: { retries: 2 },
    async run() {
      const error = await failureOf(fn.answerWithFunction());
      assert.match(error.message, /answerWithFunction.*\.a\[0\]\.when.* function/s);
      assert.equal(await fn.double(1), 2);
    },
  },
  {
    name: 'a worker that ends in the middle of a task is replaced, three times in a row',
    after: 'test_htex/test_worker_failure.py',
    async run() {
      for (let i = 0; i < 3; i++) {
        const error = await failureOf(fn.exit.with({ retries: 0 })(2));
        assert.equal(error.code, 'worker-died');
        assert.match(error.message, /parsl-functions\.exit/);
      }
      assert.equal(await fn.double(1), 2);
    },
  },
  {
    name: 'tasks beside one whose worker ends are done',
    after: 'test_htex/test_worker_failure.py',
    async run() {
      const exit = fn.exit.with({ retries: 0 })(1);
      const others = await Promise.all(Array.from({ length: 10 }, (_, i) => fn.slow(5, i)));
      assert.deepEqual(
        others,
        Array.from({ length: 10 }, (_, i) => i),
      );
      assert.equal((await failureOf(exit)).code, 'worker-died');
    },
  },
  {
    name: 'a process of workers that is killed is told, and replaced by another block',
    after: 'test_htex/test_manager_failure.py',
    on: NOTICED_SOON,
    config: null,
    async run({ make, config }) {
      await using _kernel = await load(new Config(config({ executors: [make(1)] })));
      const pid = await fn.pid();
      const error = await failureOf(fn.kill.with({ retries: 0 })());
      assert.equal(error.code, 'worker-died');
      assert.match(error.message, /parsl-functions\.kill/);
      assert.notEqual(await fn.pid(), pid);
      await assertGone(pid);
    },
  },
  {
    name: 'one that is told to end by SIGTERM ends when its task has, and is replaced',
    after: 'test_htex/test_manager_failure.py',
    on: NOTICED_SOON,
    config: null,
    differs: 'in Parsl the task is lost',
    async run({ make, config }) {
      await using _kernel = await load(new Config(config({ executors: [make(1)] })));
      const future = fn.terminate(200);
      const pid = await future;
      assert.equal(future.attempts, 1);
      assert.notEqual(await fn.pid(), pid);
      await assertGone(pid);
    },
  },
  {
    name: 'what runs when a process of workers is killed is done by the next',
    after: 'test_serialization/test_3495_deserialize_managerlost.py',
    on: NOTICED_SOON,
    config: null,
    async run({ make, config, path }) {
      const executors = [make(2)];
      await using _kernel = await load(new Config(config({ executors, retries: 1 })));
      await fn.pid();
      const other = fn.until(path('go'), 'other');
      while (other.state !== 'running') await setTimeout(5);
      const error = await failureOf(fn.kill.with({ retries: 0 })());
      assert.equal(error.code, 'worker-died');
      writeFileSync(path('go'), '');
      assert.equal(await other, 'other');
      assert.equal(other.attempts, 2);
    },
  },
];

/** Waits until there is no such process. */
async function assertGone(pid: number): Promise<void> {
  await waitUntil(() => !isRunning(pid), 10_000, `process ${pid} to end`);
}
