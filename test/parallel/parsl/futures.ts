/** What futures tell, parts of results, cancellation, waiting. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  type AppFuture,
  type TilewrightError,
  waitForCurrentTasks,
} from '../../../src/parallel.ts';
import { type Case, failureOf, fn } from './kit.ts';

const FUTURES = 'test_python_apps/test_futures.py';
const LIFTED = 'test_python_apps/test_lifted.py';
const WAIT = 'test_regression/test_1606_wait_for_current_tasks.py';

export const futures: Case[] = [
  {
    name: 'a future without dependencies: not done, then done, with the result',
    after: FUTURES,
    async run({ path }) {
      const future = fn.until(path('go'), 2);
      assert.equal(future.done(), false);
      writeFileSync(path('go'), '');
      assert.equal(await future.result(), 2);
      assert.equal(future.done(), true);
      assert.equal(future.state, 'done');
      assert.equal(await future.exception(), null);
    },
  },
  {
    name: 'a future that waits for another: waiting, then done',
    after: FUTURES,
    async run({ path }) {
      const first = fn.until(path('go'), 1);
      const second = fn.increment(first);
      assert.equal(second.state, 'waiting');
      assert.equal(second.attempts, 0);
      writeFileSync(path('go'), '');
      assert.equal(await second.result(), 2);
      assert.equal(second.attempts, 1);
      assert.equal(first.done(), true);
    },
  },
  {
    name: 'the future of a file, with and without a task before it',
    after: FUTURES,
    async run({ file }) {
      const first = fn.writeTo.with({ outputs: [file('one.txt')] })('2');
      const second = fn.writeTo.with({ outputs: [file('two.txt')] })(first);
      assert.equal((await second.outputs[0]!).filename, 'two.txt');
      assert.equal((await first.outputs[0]!.result()).filename, 'one.txt');
      assert.deepEqual(
        await fn.readFrom.with({ inputs: [...first.outputs, ...second.outputs] })(),
        ['2', '2'],
      );
    },
  },
  {
    name: 'a result that is not there in time is an error; the task goes on',
    after: 'test_docs/test_tutorial_1.py',
    async run({ path }) {
      const future = fn.until(path('go'), 5);
      await assert.rejects(future.result(30), { code: 'task-timeout' });
      assert.equal(future.done(), false);
      writeFileSync(path('go'), '');
      assert.equal(await future.result(60_000), 5);
    },
  },
  {
    name: 'tasks are numbered in the order of their calls, and named by their functions',
    after: 'test_monitoring/test_app_names.py',
    async run() {
      const all = [fn.double(1), fn.increment(1), fn.double(2)];
      assert.deepEqual(
        all.map(({ taskId }) => taskId),
        [1, 2, 3],
      );
      assert.deepEqual(
        all.map(({ name }) => name),
        ['parsl-functions.double', 'parsl-functions.increment', 'parsl-functions.double'],
      );
      await Promise.all(all);
    },
  },
  {
    name: 'a field of a result, as a future',
    after: LIFTED,
    run: async () => assert.equal(await fn.person().get('name'), 'X'),
  },
  {
    name: 'a field of a field, and an element of it',
    after: LIFTED,
    async run() {
      const person = fn.person();
      assert.equal(await person.get('at').get('y'), 2);
      assert.equal(await person.get('tags').at(1), 'b');
      assert.equal(await person.get('tags').at(-1), 'c');
    },
  },
  {
    name: 'an element of a list',
    after: LIFTED,
    run: async () => assert.equal(await fn.range(3).at(0), 0),
  },
  {
    name: 'a value of a Map, by its key',
    after: LIFTED,
    run: async () => assert.equal(await fn.byLetter().get('a'), 1),
  },
  {
    name: 'a key that is not there is an error that tells which there are',
    after: LIFTED,
    async run() {
      const error = await failureOf(fn.person().get('invalid' as 'name'));
      assert.equal(error.code, 'task-failed');
      assert.match(error.message, /no invalid.*name, at, tags/);
      assert.equal((await failureOf(fn.range(3).at(3))).code, 'task-failed');
    },
  },
  {
    name: 'what every object inherits is no field',
    after: LIFTED,
    async run() {
      for (const key of ['toString', '__proto__', 'constructor']) {
        assert.equal((await failureOf(fn.person().get(key as 'name'))).code, 'task-failed', key);
      }
    },
  },
  {
    name: 'a field of what is no object is an error, not undefined',
    after: LIFTED,
    async run() {
      for (const value of [null, undefined, 7, 'text']) {
        const part = fn.same(value).get('x');
        assert.match((await failureOf(part)).message, /no x: it is /);
      }
    },
  },
  {
    name: 'to ask for a field waits for nothing',
    after: LIFTED,
    async run() {
      const { promise, resolve } = Promise.withResolvers<{ a: string }>();
      const part = fn.same(promise).get('a');
      assert.equal(part.done(), false);
      resolve({ a: 'X' });
      assert.equal(await part, 'X');
    },
  },
  {
    name: 'a part of a result is an argument',
    after: LIFTED,
    async run() {
      const person = fn.person();
      assert.equal(await fn.add(person.get('at').get('x'), person.get('at').get('y')), 3);
    },
  },
  {
    name: 'a part fails as the whole does',
    after: LIFTED,
    async run() {
      const whole = fn.fail();
      const part = (whole as AppFuture<{ a: number }>).get('a');
      assert.equal(await part.exception(), await whole.exception());
      assert.equal((await failureOf(fn.increment(part))).code, 'dependency-failed');
    },
  },
  {
    name: 'a task that runs is cancelled, and its worker takes another',
    after: 'test_python_apps/test_futures.py',
    async run({ kernel }) {
      const future = fn.never();
      while (future.state !== 'running') await setTimeout(5);
      assert.equal(future.cancel(), true);
      assert.equal((await failureOf(future)).code, 'task-cancelled');
      assert.equal(future.state, 'cancelled');
      assert.equal(future.cancel(), false);
      assert.equal(await fn.double(1), 2);
      assert.equal(kernel.counts.cancelled, 1);
    },
  },
  {
    name: 'a task that waits for another is cancelled before it begins',
    after: FUTURES,
    async run({ path }) {
      const first = fn.until(path('go'), 1);
      const second = fn.counted(path('calls'), first);
      second.cancel();
      writeFileSync(path('go'), '');
      assert.equal(await first, 1);
      assert.equal((await failureOf(second)).code, 'task-cancelled');
      assert.equal(second.attempts, 0);
    },
  },
  {
    name: 'who needs a task that was cancelled fails by that',
    after: FUTURES,
    async run() {
      const first = fn.never();
      const second = fn.list(first);
      first.cancel();
      const error = await failureOf(second);
      assert.equal(error.code, 'dependency-failed');
      assert.equal((error.cause as TilewrightError).code, 'task-cancelled');
    },
  },
  {
    name: 'all tasks of the moment are waited for, the slow one in their middle too',
    after: WAIT,
    async run({ path }) {
      const all = [fn.double(1), fn.until(path('go'), 1), fn.double(2)];
      await all[0];
      await all[2];
      let over = false;
      const wait = waitForCurrentTasks().then(() => {
        over = true;
      });
      await setTimeout(20);
      assert.equal(over, false);
      writeFileSync(path('go'), '');
      await wait;
      assert.ok(all.every((future) => future.done()));
    },
  },
  {
    name: 'to wait for tasks that fail is no error',
    after: WAIT,
    async run() {
      const all = [fn.fail(), fn.double(1)];
      await waitForCurrentTasks();
      assert.deepEqual(
        all.map(({ state }) => state),
        ['failed', 'done'],
      );
    },
  },
  {
    name: 'nothing keeps a future that has ended and is forgotten',
    after: 'test_python_apps/test_garbage_collect.py',
    async run({ kernel }) {
      const references = await (async () => {
        const first = fn.same({ big: 'x'.repeat(1000) });
        const second = fn.same(first);
        await second;
        return [new WeakRef(first), new WeakRef(second)];
      })();
      const { waiting, queued, running } = kernel.counts;
      assert.deepEqual({ waiting, queued, running }, { waiting: 0, queued: 0, running: 0 });
      setFlagsFromString('--expose-gc');
      const collect = runInNewContext('gc') as () => void;
      for (let i = 0; i < 50 && references.some((one) => one.deref() !== undefined); i++) {
        await setTimeout(5);
        collect();
      }
      assert.deepEqual(
        references.map((one) => one.deref()),
        [undefined, undefined],
      );
    },
  },
  {
    name: 'what a task reports is told as it goes',
    after: FUTURES,
    differs: 'Parsl has no progress of a task',
    async run() {
      let amount = 0;
      await fn.progress([1, 2, 3]).onProgress((more) => {
        amount += more;
      });
      assert.equal(amount, 6);
    },
  },
];
