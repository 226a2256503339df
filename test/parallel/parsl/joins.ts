/** Apps that call other apps. */

import assert from 'node:assert/strict';
import { type AppFuture, joinApp } from '../../../src/parallel.ts';
import { LakeError } from './functions.ts';
import { type Case, failureOf, fn } from './kit.ts';

const JOIN = 'test_python_apps/test_join.py';

const outer = joinApp(() => fn.three());
const several = joinApp((n: number) => Array.from({ length: n }, () => fn.three()));
const fibonacci: (n: number) => AppFuture<number> = joinApp((n: number) => {
  if (n === 0) return fn.sumAll();
  if (n === 1) return fn.sumAll(1);
  return fn.sumAll(fibonacci(n - 1), fibonacci(n - 2));
});
/** A join in a join, and so on; the innermost calls an app that fails. */
const failing: (depth: number) => AppFuture<unknown> = joinApp((depth: number) =>
  depth === 0 ? fn.fail('at the bottom') : failing(depth - 1),
);

export const joins: Case[] = [
  {
    name: 'the result of the app that a join returns is its own',
    after: JOIN,
    run: async () => assert.equal(await outer(), 3),
  },
  {
    name: 'a join is an argument of other apps',
    after: JOIN,
    run: async () => assert.equal(await fn.increment(outer()), 4),
  },
  {
    name: 'a join gets results in place of futures, and combines what it calls',
    after: JOIN,
    async run() {
      const combine = joinApp((n: number) =>
        fn.list(...Array.from({ length: n }, () => fn.three())),
      );
      assert.deepEqual(await combine(fn.three()), [3, 3, 3]);
    },
  },
  {
    name: 'a join that returns a list of futures has a list of results',
    after: JOIN,
    run: async () => assert.deepEqual(await several(fn.three()), [3, 3, 3]),
  },
  {
    name: 'a join that returns an empty list comes to its end',
    after: JOIN,
    run: async () => assert.deepEqual(await several(0), []),
  },
  {
    name: 'futures in objects, Maps and Sets that a join returns',
    after: JOIN,
    async run() {
      const join = joinApp(() => ({
        object: { a: fn.three() },
        map: new Map([['b', fn.double(2)]]),
        set: new Set([fn.double(3)]),
        plain: 'text',
      }));
      assert.deepEqual(await join(), {
        object: { a: 3 },
        map: new Map([['b', 4]]),
        set: new Set([6]),
        plain: 'text',
      });
    },
  },
  {
    name: 'a join may return what is no future: it is the result',
    after: JOIN,
    differs: 'Parsl refuses it with a TypeError',
    run: async () => assert.equal(await joinApp(() => 3)(), 3),
  },
  {
    name: 'a join may wait for an app before it calls the next',
    after: JOIN,
    async run() {
      const join = joinApp(async (n: number) => {
        const first = await fn.double(n);
        return first > 5 ? fn.same('large') : fn.same('small');
      });
      assert.deepEqual([await join(2), await join(3)], ['small', 'large']);
    },
  },
  {
    name: 'Fibonacci’s numbers by recursion',
    after: 'test_python_apps/test_fibonacci_recursive.py',
    async run() {
      const expected = [0, 3, 8];
      assert.deepEqual(await Promise.all([0, 4, 6].map((n) => fibonacci(n))), expected);
    },
  },
  {
    name: 'an app that fails in a join fails the join, which names it',
    after: JOIN,
    async run() {
      const error = await failureOf(joinApp(() => fn.throwLake())());
      assert.equal(error.code, 'dependency-failed');
      assert.match(error.message, /parsl-functions\.throwLake.*Toolik is too deep/);
      const { cause } = error.cause as Error;
      assert.ok(cause instanceof LakeError || (cause as Error).name === 'LakeError');
    },
  },
  {
    name: 'two that fail in a join are both told, in their order',
    after: JOIN,
    async run() {
      const error = await failureOf(joinApp(() => [fn.fail('Error A'), fn.fail('Error B')])());
      assert.equal(error.code, 'dependency-failed');
      assert.match(error.message, /2 .*Error A.*Error B/);
      const { errors } = error.cause as AggregateError;
      assert.deepEqual(
        errors.map(({ message }: Error) => message),
        ['Error A', 'Error B'],
      );
    },
  },
  {
    name: 'one that fails and one that does not, in a join: the one is told',
    after: JOIN,
    async run() {
      const error = await failureOf(joinApp(() => [fn.fail('Error A'), fn.three()])());
      assert.equal(error.code, 'dependency-failed');
      assert.match(error.message, /parsl-functions\.fail.*Error A/);
      assert.equal((error.cause as Error).message, 'Error A');
    },
  },
  {
    name: 'a failure five joins deep comes up to the outermost',
    after: JOIN,
    async run() {
      const error = await failureOf(failing(5));
      assert.equal(error.code, 'dependency-failed');
      assert.match(error.message, /at the bottom/);
      let inner: unknown = error;
      let depth = 0;
      for (; inner instanceof Error && !(inner instanceof RangeError); inner = inner.cause) depth++;
      assert.ok(inner instanceof RangeError);
      assert.equal(inner.message, 'at the bottom');
      assert.equal(depth, 7);
    },
  },
  {
    name: 'what the function of a join throws itself is the error of the join',
    after: JOIN,
    async run() {
      const join = joinApp((n: number) => {
        if (n > 0) throw new RangeError('no call is made');
        return fn.three();
      });
      const error = await failureOf(join(1));
      assert.equal(error.code, 'task-failed');
      assert.ok(error.cause instanceof RangeError);
      assert.equal(await join(0), 3);
    },
  },
  {
    name: 'a join whose argument failed is not called',
    after: JOIN,
    async run() {
      let called = 0;
      const join = joinApp((_n: number) => {
        called++;
        return fn.three();
      });
      const error = await failureOf(join(fn.fail() as AppFuture<never>));
      assert.equal(error.code, 'dependency-failed');
      assert.equal(called, 0);
    },
  },
  {
    name: 'a part of what a join gives, as a future',
    after: 'test_python_apps/test_lifted.py',
    async run() {
      const join = joinApp(() => ({ people: [fn.person()] }));
      assert.equal(await join().get('people').at(0).get('at').get('x'), 1);
    },
  },
];
