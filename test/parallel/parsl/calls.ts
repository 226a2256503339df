/** Calls of functions: arguments, results, imports, where they run. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { app, apps } from '../../../src/parallel.ts';
import type * as Functions from './functions.ts';
import { BLOCKS, type Case, failureOf, fn, HERE, URL_OF_FUNCTIONS } from './kit.ts';

const BASIC = 'test_python_apps/test_basic.py';
const INPUTS = 'test_python_apps/test_arg_input_types.py';
const CALLABLES = 'test_callables.py';
const SIZES = 'test_regression/test_1480.py';

export const calls: Case[] = [
  {
    name: 'a function is called with an argument, its result comes back',
    after: BASIC,
    run: async () => assert.equal(await fn.double(2), 4),
  },
  {
    name: 'what a function imports when it is called is imported by the worker',
    after: BASIC,
    async run() {
      for (const n of [-2, -1, 0, 1, 2, 3]) assert.equal(await fn.importedSquare(n), n * n);
    },
  },
  {
    name: 'calls in a loop, of 0 to 21 rounds',
    after: BASIC,
    async run() {
      for (const n of [0, 1, 2, 3, 5, 8, 13, 21]) {
        const futures = Array.from({ length: n }, (_, i) => fn.double(i));
        const expected = Array.from({ length: n }, (_, i) => 2 * i);
        assert.deepEqual(await Promise.all(futures), expected);
      }
    },
  },
  {
    name: 'a text is an argument',
    after: INPUTS,
    run: async () => assert.equal(await fn.text(['hi']), '["hi"]'),
  },
  {
    name: 'numbers are arguments, as they are',
    after: INPUTS,
    async run() {
      assert.equal(await fn.text(3.14), '3.14');
      assert.equal(await fn.sum([5, 7]), 12);
      for (const n of [-0, Number.NaN, Number.POSITIVE_INFINITY, 5e-324, 2 ** 53]) {
        assert.ok(Object.is(await fn.same(n), n), `${n}`);
      }
    },
  },
  {
    name: 'a list of different things is an argument',
    after: INPUTS,
    run: async () => assert.equal(await fn.text([['foo', 7]]), '[["foo",7]]'),
  },
  {
    name: 'positions and an object of options make one call',
    after: 'test_execute_task.py',
    async run() {
      assert.deepEqual(await fn.list(1, 2, 3, { name: 'boots' }), [1, 2, 3, { name: 'boots' }]);
      assert.equal(await fn.greeting({ name: 'boots', times: 2 }), 'hello bootshello boots');
    },
  },
  {
    name: 'defaults of arguments are those of the function',
    after: 'test_regression/test_226.py',
    async run() {
      assert.equal(await fn.power(3), 9);
      assert.equal(await fn.power(3, 3), 27);
      assert.equal(await fn.power(3, undefined), 9);
    },
  },
  {
    name: 'an option of an earlier call is not kept for the next',
    after: 'test_bash_apps/test_kwarg_storage.py',
    async run() {
      for (const name of ['a', 'b', 'c']) {
        assert.equal(await fn.greeting({ name }), `hello ${name}`);
      }
      assert.equal(await fn.greeting({}), 'hello there');
    },
  },
  {
    name: "an argument may be called like an option of apps: it is the function's",
    after: 'test_bash_apps/test_keyword_overlaps.py',
    async run() {
      assert.equal(await fn.cacheOf(), 7);
      assert.equal(await fn.cacheOf({ cache: 8 }), 8);
    },
  },
  {
    name: 'a table with gaps and lists in it arrives as it was',
    after: 'test_regression/test_226.py',
    async run() {
      const table = {
        x: [null, 2, [3]],
        y: [undefined, new Date(0), new Map([[1, new Set([2])]])],
      };
      assert.deepEqual(await fn.same(table), table);
    },
  },
  {
    name: 'an instance of a class is refused by its place, before anything is run',
    after: 'test_regression/test_226.py',
    differs: 'Parsl sends objects of any class; here only data',
    async run() {
      class Foo {
        readonly x = 1;
      }
      const error = await failureOf(fn.list('foo', { b: [new Foo()] }));
      assert.equal(error.code, 'task-arguments');
      assert.match(error.message, /argument 2, \.b\[0\].*Foo/);
    },
  },
  {
    name: 'a function is refused as an argument, in whatever structure',
    after: CALLABLES,
    differs: 'Parsl sends functions as code; here their names are called',
    async run() {
      for (const value of [Math.max, [() => 1], { f: fn.double }, new Map([[1, Math.min]])]) {
        const error = await failureOf(fn.same(value));
        assert.equal(error.code, 'task-arguments');
        assert.match(error.message, /argument 1.* function/);
      }
    },
  },
  {
    name: 'an app is found by the URL of its module, as a text too',
    after: CALLABLES,
    async run() {
      const url = URL_OF_FUNCTIONS.href;
      const own = app<typeof Functions.double>(url, 'double', { module: 'parsl-functions' });
      assert.equal(await own(4), 8);
    },
  },
  {
    name: 'a module that was written when the workers were there already is found',
    after: CALLABLES,
    async run({ path, folder }) {
      const file = path('late.mjs');
      writeFileSync(file, 'export const triple = (n) => 3 * n;');
      const late = app<(n: number) => number>(pathToFileURL(file), 'triple', {
        module: folder.replaceAll(/\W/g, '_'),
      });
      assert.equal(await late(4), 12);
    },
  },
  {
    name: 'a name that is not defined in the function is a ReferenceError',
    after: 'test_python_apps/test_import_fail.py',
    run: async () => assert.ok((await failureOf(fn.missingName())).cause instanceof ReferenceError),
  },
  {
    name: 'an import that fails in the function says of what',
    after: 'test_python_apps/test_import_fail.py',
    async run() {
      const error = await failureOf(fn.missingModule());
      assert.equal(error.code, 'task-failed');
      assert.match(error.message, /there-is-no-such-module/);
      assert.equal((error.cause as NodeJS.ErrnoException).code, 'ERR_MODULE_NOT_FOUND');
    },
  },
  {
    name: 'a module that can’t be imported at all, and a name that it does not export',
    after: 'test_python_apps/test_import_fail.py',
    async run({ path, folder }) {
      const file = path('broken.mjs');
      writeFileSync(file, "import './not-there.mjs'; export const one = () => 1;");
      const module = folder.replaceAll(/\W/g, '_');
      const one = app<() => number>(pathToFileURL(file), 'one', { module });
      assert.match((await failureOf(one())).message, /not-there\.mjs/);
      const all = apps<Record<string, () => unknown>>(URL_OF_FUNCTIONS, {
        module: 'parsl-functions',
      });
      const error = await failureOf(all['dubble']!());
      assert.equal(error.code, 'task-unknown');
      assert.match(error.message, /double/);
    },
  },
  {
    name: 'a million numbers come back in one result, by their type',
    after: SIZES,
    async run() {
      const result = await fn.floats(1_000_000);
      assert.ok(result instanceof Float32Array);
      assert.equal(result.length, 1_000_000);
      assert.ok(result.every((x) => x === 0.5));
    },
  },
  {
    name: 'typed arrays keep their lengths, there and back',
    after: 'test_regression/test_1653.py',
    async run() {
      for (const n of [0, 1, 100, 1000]) {
        const given = Float64Array.from({ length: n }, (_, i) => i / 7);
        assert.deepEqual(await fn.same(given), given);
      }
    },
  },
  {
    name: 'arguments and results of nothing to 6 MiB',
    after: SIZES,
    async run() {
      for (const size of [0, 1, 1024, 2 ** 20, 6 * 2 ** 20]) {
        assert.equal(await fn.lengthOf('x'.repeat(size)), size);
        assert.equal((await fn.textOf(size)).length, size);
      }
    },
  },
  {
    name: 'too large an argument is refused by name',
    after: SIZES,
    on: BLOCKS,
    async run() {
      const error = await failureOf(fn.lengthOf('x'.repeat(9 * 2 ** 20)));
      assert.equal(error.code, 'task-arguments');
      assert.match(error.message, /parsl-functions\.lengthOf.*MiB/s);
      assert.equal(await fn.double(1), 2);
    },
  },
  {
    name: 'equal calls have futures and results of their own',
    after: 'test_serialization/test_2555_caching_deserializer.py',
    async run() {
      const [a, b] = [fn.range(3), fn.range(3)];
      assert.notEqual(a, b);
      const [one, other] = [await a, await b];
      assert.deepEqual(one, other);
      assert.notEqual(one, other);
    },
  },
  {
    name: 'a worker imports a module once, however often it is called',
    after: 'test_serialization/test_htex_code_cache.py',
    async run() {
      const seen = new Map<string, number[]>();
      for (let i = 0; i < 8; i++) {
        const [worker, call] = await fn.calledHere();
        seen.set(worker, [...(seen.get(worker) ?? []), call]);
      }
      for (const counts of seen.values()) {
        assert.deepEqual(
          counts,
          counts.map((_, i) => counts[0]! + i),
        );
      }
    },
  },
  {
    name: 'tasks run at the same time, on different workers',
    after: 'test_thread_parallelism.py',
    async run({ folder }) {
      const [a, b] = await Promise.all([fn.meet(folder, 0, 2), fn.meet(folder, 1, 2)]);
      assert.notEqual(a, b);
    },
  },
  {
    name: 'threads are of this process, and not more than they may be',
    after: 'test_threads/test_configs.py',
    on: HERE,
    async run() {
      const workers = new Set(await Promise.all(range(20, () => fn.worker())));
      assert.ok(workers.size >= 1 && workers.size <= 2);
      for (const worker of workers) assert.equal(worker.split('/')[1], String(process.pid));
    },
  },
  {
    name: 'blocks have processes of their own',
    after: 'test_htex/test_worker_info.py',
    on: BLOCKS,
    async run() {
      const pids = new Set(await Promise.all(range(10, () => fn.pid())));
      assert.equal(pids.has(process.pid), false);
    },
  },
  {
    name: 'many tasks: a thousand of them, handed in at once',
    after: 'integration/test_stress/test_python_simple.py',
    async run({ kernel }) {
      const futures = range(1000, (i) => fn.increment(i));
      assert.deepEqual(
        await Promise.all(futures),
        range(1000, (i) => i + 1),
      );
      assert.equal(kernel.counts.done, 1000);
    },
  },
  {
    name: 'errors wait until somebody looks: ten of them, each in its future',
    after: 'test_threads/test_lazy_errors.py',
    async run() {
      const futures = range(10, () => fn.divide(10n, 0n));
      for (const future of futures) {
        assert.ok((await failureOf(future)).cause instanceof RangeError);
        assert.equal(future.done(), true);
      }
    },
  },
  {
    name: 'what a task prints is told with its worker, line by line, not lost',
    after: 'test_python_apps/test_basic.py',
    differs: 'Parsl leaves it in files of the workers',
    async run({ path }) {
      await fn.print.with({ stdout: path('out'), stderr: path('err') })('hello');
      assert.equal(readFileSync(path('out'), 'utf8'), 'hello\n');
      assert.equal(readFileSync(path('err'), 'utf8'), 'hello!\n');
    },
  },
];

function range<T>(length: number, make: (i: number) => T): T[] {
  return Array.from({ length }, (_, i) => make(i));
}
