/** Results that are remembered. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { app, Config, load } from '../../../src/parallel.ts';
import { type Case, failureOf, fn, type Kit } from './kit.ts';

const MEMO_1 = 'test_python_apps/test_memoize_1.py';
const BAD = 'test_python_apps/test_memoize_bad_id_for_memo.py';
const IGNORE = 'test_python_apps/test_memoize_ignore_args.py';
const EXCEPTION = 'test_python_apps/test_memoize_exception.py';

const uuid = fn.uuid.with({ cache: true });
const callsOf = (path: string): number => readFileSync(path, 'utf8').length;

/** An app of a module with this text, which other cases do not know. */
function appOf({ path, folder }: Kit, name: string, text: string): () => ReturnType<typeof uuid> {
  const file = path(`${name}.mjs`);
  writeFileSync(file, text);
  const module = `${name}${folder.replaceAll(/\W/g, '_')}`;
  return app<() => string>(pathToFileURL(file), 'id', { module, cache: true });
}

export const memo: Case[] = [
  {
    name: 'an equal call of an app with cache has the result of the first',
    after: MEMO_1,
    async run({ kernel }) {
      const first = await uuid(0);
      for (let i = 0; i < 3; i++) assert.equal(await uuid(0), first);
      assert.equal(kernel.counts.memoized, 3);
    },
  },
  {
    name: 'without cache it is made each time',
    after: MEMO_1,
    async run({ kernel }) {
      assert.notEqual(await fn.uuid(0), await fn.uuid(0));
      assert.equal(kernel.counts.memoized, 0);
    },
  },
  {
    name: 'the configuration turns it off for all apps',
    after: 'test_python_apps/test_memoize_2.py',
    config: { appCache: false },
    async run() {
      const first = await uuid(0);
      for (let i = 0; i < 2; i++) assert.notEqual(await uuid(0), first);
    },
  },
  {
    name: 'functions of the same name with other code are others',
    after: 'test_python_apps/test_memoize_4.py',
    async run(kit) {
      const head = "import { randomUUID } from 'node:crypto';\n";
      const one = appOf(kit, 'one', `${head}export const id = () => randomUUID();`);
      const two = appOf(kit, 'two', `${head}export const id = () => 'b' + randomUUID();`);
      const first = await one();
      assert.equal(await one(), first);
      assert.notEqual(await two(), first);
    },
  },
  {
    name: 'a result that is remembered comes without a worker',
    after: MEMO_1,
    async run({ path }) {
      const counted = fn.counted.with({ cache: true });
      for (let i = 0; i < 3; i++)
        assert.deepEqual(await counted(path('calls'), { a: i % 1 }), { a: 0 });
      assert.equal(callsOf(path('calls')), 1);
    },
  },
  {
    name: 'an argument that is no data fails the call, cache or not',
    after: BAD,
    async run() {
      class Unknown {
        readonly x = 1;
      }
      const error = await failureOf(uuid(new Unknown()));
      assert.equal(error.code, 'task-arguments');
      assert.match(error.message, /argument 1/);
    },
  },
  {
    name: 'an argument whose getter throws fails the call with what that throws',
    after: BAD,
    async run() {
      const given = {
        get x(): never {
          throw new RangeError('deliberate');
        },
      };
      const error = await failureOf(uuid(given));
      assert.equal(error.code, 'task-arguments');
      assert.match(error.message, /argument 1, \.x, .*deliberate/);
    },
  },
  {
    name: 'so does one beside a future that is waited for',
    after: BAD,
    async run() {
      const error = await failureOf(uuid([fn.same(1), () => 1]));
      assert.equal(error.code, 'task-arguments');
      assert.match(error.message, /argument 1, \[1\]/);
    },
  },
  {
    name: 'a failure is not remembered: the call is made again',
    after: EXCEPTION,
    differs: 'Parsl gives the exception of the first call again, within a run',
    async run({ path }) {
      const cached = fn.failTimes.with({ cache: true });
      assert.equal((await failureOf(cached(path('x'), 1))).code, 'task-failed');
      assert.equal(await cached(path('x'), 1), 1);
      assert.equal(await cached(path('x'), 1), 1);
      assert.equal(callsOf(path('x')), 2);
    },
  },
  {
    name: 'without cache a failure is an error of its own each time',
    after: EXCEPTION,
    async run() {
      assert.notEqual(await failureOf(fn.fail()), await failureOf(fn.fail()));
    },
  },
  {
    name: 'other arguments make another call',
    after: IGNORE,
    async run() {
      assert.notEqual(await uuid({ x: 0 }), await uuid({ x: 1 }));
      assert.notEqual(await uuid(0), await uuid('0'));
    },
  },
  {
    name: 'an argument may be left out of the comparison, by its name',
    after: IGNORE,
    async run() {
      const ignoring = fn.uuidOf.with({ cache: true, ignoreForCache: ['x'] });
      const first = await ignoring({ x: 0, y: 1 });
      assert.equal(await ignoring({ x: 1, y: 1 }), first);
      assert.notEqual(await ignoring({ x: 0, y: 2 }), first);
    },
  },
  {
    name: 'and by its position',
    after: IGNORE,
    async run({ path }) {
      const ignoring = fn.counted.with({ cache: true, ignoreForCache: [1] });
      assert.equal(await ignoring(path('calls'), 'a'), 'a');
      assert.equal(await ignoring(path('calls'), 'b'), 'a');
      assert.equal(await ignoring(path('others'), 'b'), 'b');
      assert.equal(callsOf(path('calls')), 1);
    },
  },
  {
    name: 'the order of keys does not matter, that of a list does',
    after: IGNORE,
    async run() {
      const first = await uuid({ a: 1, b: [1, 2] });
      assert.equal(await uuid({ b: [1, 2], a: 1 }), first);
      assert.notEqual(await uuid({ a: 1, b: [2, 1] }), first);
    },
  },
  {
    name: 'values that look alike as text are told apart',
    after: IGNORE,
    async run() {
      const values = [
        ...[0, -0, Number.NaN, null, undefined, 1n, '1', [undefined], [null], {}, []],
        ...[new Map(), new Map([[1, 2]]), new Set(), new Set([1]), new Date(0), new Date(1)],
        ...[new Float32Array([1]), new Float64Array([1]), new Float32Array([2])],
      ];
      const first = await Promise.all(values.map((value) => uuid(value)));
      assert.equal(new Set(first).size, values.length);
      const second = await Promise.all(values.map((value) => uuid(structuredClone(value))));
      assert.deepEqual(second, first);
    },
  },
  {
    name: 'results of all kinds are remembered as they were',
    after: MEMO_1,
    async run() {
      const cached = fn.same.with({ cache: true });
      for (const value of [undefined, null, Number.NaN, new Map([[1, new Set([2])]]), 2n ** 70n]) {
        assert.deepEqual([await cached(value), await cached(value)], [value, value]);
      }
    },
  },
  {
    name: 'futures among the arguments count by their results',
    after: MEMO_1,
    async run() {
      const first = await uuid(fn.same(7));
      assert.equal(await uuid(7), first);
      assert.equal(await uuid(Promise.resolve(7)), first);
    },
  },
  {
    name: 'cache may be said for one call',
    after: MEMO_1,
    async run() {
      const first = await fn.uuid.with({ cache: true })(1);
      assert.equal(await uuid(1), first);
      assert.notEqual(await uuid.with({ cache: false })(1), first);
    },
  },
  {
    name: 'what one kernel remembers the next does not know, without a checkpoint',
    after: 'test_python_apps/test_memoize_2.py',
    config: null,
    async run({ config }) {
      const results: string[] = [];
      for (let i = 0; i < 2; i++) {
        await using _kernel = await load(new Config(config()));
        results.push(await uuid(0));
      }
      assert.notEqual(results[0], results[1]);
    },
  },
];
