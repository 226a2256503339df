/** Results that are arguments: chains, fans, structures with futures in them. */

import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { type AppFuture, Config, InlineExecutor, load } from '../../../src/parallel.ts';
import { type Case, failureOf, fn } from './kit.ts';

const TYPE5 = 'test_python_apps/test_type5.py';
const PLUGGABLE = 'test_python_apps/test_pluggable_future_resolution.py';
const MAPRED = 'test_python_apps/test_mapred.py';
const PIPELINE = 'test_python_apps/test_pipeline.py';
const DEPFAIL = 'test_python_apps/test_depfail_propagation.py';

/** The futures of a chain, each of which needs the one before. */
function chain(depth: number, next: (before: number | AppFuture<number>) => AppFuture<number>) {
  const futures = [next(0)];
  while (futures.length < depth) futures.push(next(futures.at(-1)!));
  return futures;
}
const total = (numbers: number[]): number => numbers.reduce((a, b) => a + b, 0);
const times = <T>(length: number, make: (i: number) => T): T[] =>
  Array.from({ length }, (_, i) => make(i));

export const dataFlow: Case[] = [
  {
    name: 'a chain of increments',
    after: 'test_python_apps/test_simple.py',
    run: async () =>
      assert.deepEqual(await Promise.all(chain(5, (x) => fn.increment(x))), [1, 2, 3, 4, 5]),
  },
  {
    name: 'a chain whose steps take a while',
    after: 'test_python_apps/test_simple.py',
    async run() {
      const futures = chain(4, (x) => fn.increment(fn.slow(10, x)));
      assert.deepEqual(await Promise.all(futures), [1, 2, 3, 4]);
    },
  },
  {
    name: 'a pipeline of 2 and of 3 steps, looked at from its end',
    after: PIPELINE,
    async run() {
      for (const depth of [2, 3]) {
        const futures = chain(depth, (x) => fn.increment(x));
        const results: number[] = [];
        for (const future of futures.reverse()) results.push(await future);
        assert.equal(total(results), (depth * (depth + 1)) / 2);
      }
    },
  },
  {
    name: 'every result is the argument of one call',
    after: TYPE5,
    async run() {
      const first = times(4, (i) => fn.double(i + 1));
      const second = first.map((future) => fn.double(future));
      assert.equal(total(await Promise.all(second)), 4 * 10);
    },
  },
  {
    name: 'each two results are the arguments of one call',
    after: TYPE5,
    async run() {
      const first = times(4, (i) => fn.double(i + 1));
      const sums = times(2, (i) => fn.add(first[2 * i]!, first[2 * i + 1]!));
      assert.deepEqual(await Promise.all(sums), [6, 14]);
    },
  },
  {
    name: 'fan out to 50 and in again',
    after: TYPE5,
    async run() {
      const one = fn.increment(0);
      assert.equal(await fn.sum(times(50, (i) => fn.multiply(one, i))), 1225);
    },
  },
  {
    name: 'map and reduce, with the futures in a list: 2, 3 and 5 wide',
    after: MAPRED,
    async run() {
      for (const width of [2, 3, 5]) {
        assert.equal(await fn.sum(times(width, (i) => fn.double(i))), width * (width - 1));
      }
    },
  },
  {
    name: 'map and reduce, with the futures as arguments of their own',
    after: MAPRED,
    async run() {
      for (const width of [2, 3, 5]) {
        assert.equal(await fn.sumAll(...times(width, (i) => fn.double(i))), width * (width - 1));
      }
    },
  },
  {
    name: 'an app over all items of an iterable, and the sum of its results',
    after: 'test_python_apps/test_overview.py',
    async run() {
      assert.equal(await fn.sum(fn.double.map(times(10, (i) => i))), 90);
      const results: number[] = [];
      for await (const result of fn.double.map(new Set([3, 1, 2]))) results.push(result);
      assert.deepEqual(results, [6, 2, 4]);
    },
  },
  {
    name: 'a diamond',
    after: 'test_python_apps/test_dependencies.py',
    async run() {
      const a = fn.same(2);
      const d = fn.multiply(fn.multiply(a, 3), fn.multiply(a, 5));
      assert.equal(await fn.same(d), 60);
    },
  },
  {
    name: 'a chain of a thousand begins no deeper in the stack than one of two',
    after: 'test_python_apps/test_dependencies_deep.py',
    on: ['threads'],
    config: null,
    async run() {
      let deepest = 0;
      class Watched extends InlineExecutor {
        override run(...given: Parameters<InlineExecutor['run']>): Promise<unknown> {
          // Each of them would take a second.
          if (Number(given[0].args[0]) % 50 === 0) this.look();
          return super.run(...given);
        }
        look(): void {
          const before = Error.stackTraceLimit;
          Error.stackTraceLimit = Number.POSITIVE_INFINITY;
          deepest = Math.max(deepest, new Error().stack!.split('\n').length);
          Error.stackTraceLimit = before;
        }
      }
      await using _kernel = await load(new Config({ executors: [new Watched()] }));
      const first = Promise.withResolvers<number>();
      let last = fn.increment(first.promise);
      for (let i = 1; i < 1000; i++) last = fn.increment(last);
      first.resolve(0);
      assert.equal(await last, 1000);
      assert.ok(deepest > 0 && deepest < 50, `${deepest} calls deep`);
    },
  },
  {
    name: 'Fibonacci’s numbers, one after the other',
    after: 'test_python_apps/test_fibonacci_iterative.py',
    async run() {
      const numbers: (number | AppFuture<number>)[] = [0, 1];
      while (numbers.length < 10) numbers.push(fn.add(numbers.at(-2)!, numbers.at(-1)!));
      assert.deepEqual(await Promise.all(numbers), [0, 1, 1, 2, 3, 5, 8, 13, 21, 34]);
    },
  },
  {
    name: 'a plain promise is waited for like a future',
    after: 'test_python_apps/test_dep_standard_futures.py',
    async run() {
      const { promise, resolve } = Promise.withResolvers<string>();
      const future = fn.same(promise);
      await setTimeout(5);
      assert.equal(future.done(), false);
      assert.equal(future.state, 'waiting');
      resolve('Test');
      assert.equal(await future, 'Test');
    },
  },
  {
    name: 'a plain promise that is rejected fails the call, which names its place',
    after: 'test_python_apps/test_dep_standard_futures.py',
    async run() {
      const { promise, reject } = Promise.withResolvers<number>();
      const future = fn.add(1, promise);
      const plain = new RangeError('plain failure');
      reject(plain);
      const error = await failureOf(future);
      assert.equal(error.code, 'dependency-failed');
      assert.match(error.message, /parsl-functions\.add.*argument 2.*plain failure/);
      assert.equal(error.cause, plain);
    },
  },
  {
    name: 'a future as an argument',
    after: PLUGGABLE,
    run: async () => assert.equal(await fn.increment(fn.slow(5, 7)), 8),
  },
  {
    name: 'a future in a tuple',
    after: PLUGGABLE,
    run: async () => assert.equal(await fn.deep([fn.same(7)] as const), 7),
  },
  {
    name: 'a promise in a list that is rejected is a failed dependency',
    after: PLUGGABLE,
    async run() {
      const error = await failureOf(fn.sum([Promise.reject(new Error('artificial'))]));
      assert.equal(error.code, 'dependency-failed');
      assert.match(error.message, /argument 1, \[0\].*artificial/);
    },
  },
  {
    name: 'futures in lists and in Sets: what arrives is of the same kind',
    after: PLUGGABLE,
    async run() {
      assert.deepEqual(await fn.same([fn.same('a'), fn.same('b')]), ['a', 'b']);
      assert.deepEqual(await fn.same(new Set([fn.same('a'), fn.same('b')])), new Set(['a', 'b']));
    },
  },
  {
    name: 'futures as keys and as values of a Map',
    after: PLUGGABLE,
    async run() {
      const map = new Map([[fn.same('test1'), fn.same('test2')]]);
      assert.deepEqual(await fn.same(map), new Map([['test1', 'test2']]));
    },
  },
  {
    name: 'a promise five lists deep',
    after: PLUGGABLE,
    run: async () => assert.equal(await fn.deep([[[[[Promise.resolve(7)]]]]]), 7),
  },
  {
    name: 'a future deep in lists, objects and Maps by turns',
    after: PLUGGABLE,
    async run() {
      const given = [{ a: new Map([['b', [new Set([{ c: fn.same(7) }])]]]) }];
      const expected = [{ a: new Map([['b', [new Set([{ c: 7 }])]]]) }];
      assert.deepEqual(await fn.same(given), expected);
    },
  },
  {
    name: 'keys and values that are there later than the call',
    after: PLUGGABLE,
    async run() {
      const [key, other, value] = times(3, () => Promise.withResolvers<string | number>());
      const future = fn.same(
        new Map<unknown, unknown>([
          [key!.promise, [30, value!.promise]],
          [other!.promise, 20],
        ]),
      );
      await setTimeout(5);
      assert.equal(future.done(), false);
      other!.resolve('b');
      value!.resolve(10);
      key!.resolve('a');
      const expected = new Map<unknown, unknown>([
        ['a', [30, 10]],
        ['b', 20],
      ]);
      assert.deepEqual(await future, expected);
    },
  },
  {
    name: 'arguments are those of the moment of the call',
    after: 'test_python_apps/test_inputs_default.py',
    async run() {
      const numbers: (number | AppFuture<number>)[] = [fn.same(1), fn.same(2)];
      const future = fn.sum(numbers);
      numbers.push(1000);
      assert.equal(await future, 3);
    },
  },
  {
    name: 'who needs what has failed fails by that, and says of which task',
    after: DEPFAIL,
    async run({ kernel }) {
      const first = fn.fail();
      const second = fn.list(first);
      assert.equal((await failureOf(first)).code, 'task-failed');
      const error = await failureOf(second);
      assert.equal(error.code, 'dependency-failed');
      assert.match(error.message, /parsl-functions\.list.*parsl-functions\.fail.*on purpose/);
      assert.equal(second.attempts, 0);
      assert.equal(kernel.counts.failed, 2);
    },
  },
  {
    name: 'it goes on along a chain, and each link keeps the one before as its cause',
    after: DEPFAIL,
    async run({ kernel }) {
      const first = fn.fail();
      const links: AppFuture<unknown>[] = [fn.list(first)];
      while (links.length < 3) links.push(fn.list(links.at(-1)));
      for (const [i, link] of links.entries()) {
        const error = await failureOf(link);
        assert.equal(error.code, 'dependency-failed');
        assert.equal(error.cause, await [first, ...links][i]!.exception());
      }
      assert.equal(kernel.counts.failed, 4);
    },
  },
  {
    name: 'it goes to all branches',
    after: DEPFAIL,
    async run({ kernel }) {
      const first = fn.fail();
      const codes = await Promise.all(times(5, async () => (await failureOf(fn.list(first))).code));
      assert.deepEqual(
        codes,
        times(5, () => 'dependency-failed'),
      );
      assert.equal(kernel.counts.failed, 6);
    },
  },
  {
    name: 'two that have failed are both told',
    after: 'test_python_apps/test_fail.py',
    async run() {
      const error = await failureOf(fn.list(fn.fail('A'), fn.same(1), fn.fail('B')));
      assert.equal(error.code, 'dependency-failed');
      assert.match(error.message, /2 .*: A; .*: B/);
      assert.ok(error.cause instanceof AggregateError);
      assert.deepEqual(
        error.cause.errors.map(({ message }: Error) => message),
        ['A', 'B'],
      );
    },
  },
];
