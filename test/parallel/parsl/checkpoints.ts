/** Results that the next run finds. */

import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Config, type ConfigOptions, load } from '../../../src/parallel.ts';
import { waitUntil } from '../../integration/engines/processes.ts';
import { type Case, failureOf, fn, type Kit } from './kit.ts';

const EXIT = 'test_checkpointing/test_task_exit.py';
const ROUNDTRIP = 'test_checkpointing/test_task_exit_roundtrip.py';
const ALL = 'test_checkpointing/test_get_all_checkpoints.py';
const LAST = 'test_checkpointing/test_get_last_checkpoint.py';
const KILLED = 'test_checkpointing/test_regression_232.py';

const uuid = fn.uuid.with({ cache: true });
const fileOf = ({ path }: Kit): string => path('runinfo/checkpoint.jsonl');

/** A run of its own; the checkpoint is in the folder of the case. */
async function run<T>(kit: Kit, options: ConfigOptions, work: () => PromiseLike<T>): Promise<T> {
  const given = { checkpointMode: 'taskExit', ...options } as const;
  await using _kernel = await load(new Config(kit.config(given)));
  return await work();
}

export const checkpoints: Case[] = [
  {
    name: 'each result is in the file as soon as its task has ended',
    after: EXIT,
    config: { checkpointMode: 'taskExit' },
    async run(kit) {
      const results: string[] = [];
      for (let i = 0; i < 3; i++) {
        results.push(await uuid(i));
        const text = readFileSync(fileOf(kit), 'utf8');
        for (const result of results) assert.ok(text.includes(result));
      }
    },
  },
  {
    name: 'without a mode nothing is written',
    after: EXIT,
    async run(kit) {
      await uuid(0);
      assert.equal(existsSync(fileOf(kit)), false);
    },
  },
  {
    name: 'apps without cache leave nothing there',
    after: EXIT,
    config: { checkpointMode: 'taskExit' },
    async run(kit) {
      const result = await fn.uuid(0);
      const text = existsSync(fileOf(kit)) ? readFileSync(fileOf(kit), 'utf8') : '';
      assert.equal(text.includes(result), false);
    },
  },
  {
    name: 'the next run with the same runDir has the results of the last',
    after: ALL,
    config: null,
    async run(kit) {
      const first = await run(kit, {}, () => uuid('a'));
      assert.equal(await run(kit, {}, () => uuid('a')), first);
      assert.notEqual(await run(kit, {}, () => uuid('b')), first);
    },
  },
  {
    name: 'and the run after that too, though it has made nothing itself',
    after: LAST,
    config: null,
    async run(kit) {
      const first = await run(kit, {}, () => uuid('a'));
      for (let i = 0; i < 3; i++) assert.equal(await run(kit, {}, () => uuid('a')), first);
    },
  },
  {
    name: 'other files beside it disturb nobody',
    after: LAST,
    config: null,
    async run(kit) {
      const first = await run(kit, {}, () => uuid('a'));
      for (const name of ['X', '998', 'monitoring.db']) {
        writeFileSync(kit.path(`runinfo/${name}`), 'not a checkpoint');
      }
      assert.equal(await run(kit, {}, () => uuid('a')), first);
    },
  },
  {
    name: 'a run that only reads the file of another',
    after: ROUNDTRIP,
    config: null,
    async run(kit) {
      const first = await run(kit, {}, () => uuid('a'));
      const runDir = kit.path('other');
      const options = { runDir, checkpointFiles: [fileOf(kit)] };
      assert.equal(await run(kit, { ...options, checkpointMode: null }, () => uuid('a')), first);
      assert.equal(existsSync(kit.path('other/checkpoint.jsonl')), false);
    },
  },
  {
    name: 'files of several runs together',
    after: ALL,
    config: null,
    async run(kit) {
      const runDirs = ['one', 'two'].map((name) => kit.path(name));
      const results: string[] = [];
      for (const [i, runDir] of runDirs.entries()) {
        results.push(await run(kit, { runDir }, () => uuid(i)));
      }
      const checkpointFiles = runDirs.map((runDir) => `${runDir}/checkpoint.jsonl`);
      const again = await run(kit, { checkpointFiles }, () => Promise.all([uuid(0), uuid(1)]));
      assert.deepEqual(again, results);
    },
  },
  {
    name: 'a file that is not there is an error that names it',
    after: ROUNDTRIP,
    config: null,
    async run(kit) {
      const options = { checkpointFiles: [kit.path('nowhere.jsonl')] };
      await assert.rejects(
        run(kit, options, () => uuid(0)),
        /nowhere\.jsonl/,
      );
    },
  },
  {
    name: 'what failed is done again in the next run',
    after: ROUNDTRIP,
    config: null,
    async run(kit) {
      const cached = fn.failTimes.with({ cache: true });
      const first = await run(kit, {}, () => failureOf(cached(kit.path('x'), 2)));
      const second = await run(kit, {}, () => failureOf(cached(kit.path('x'), 2)));
      assert.deepEqual([first.message, second.message], ['call 0', 'call 1']);
      assert.equal(await run(kit, {}, () => cached(kit.path('x'), 2)), 2);
      assert.equal(await run(kit, {}, () => cached(kit.path('x'), 2)), 2);
      assert.equal(readFileSync(kit.path('x'), 'utf8').length, 3);
    },
  },
  {
    name: 'results of all kinds come back from the file as they were',
    after: ROUNDTRIP,
    config: null,
    async run(kit) {
      const cached = fn.same.with({ cache: true });
      const values = [
        ...[undefined, null, Number.NaN, -0, 2n ** 70n, 'line\nbreak', new Date(5)],
        ...[new Map([[{ a: 1 }, new Set([2])]]), new Float32Array([0.5, 1]), [undefined, 1]],
        { deep: [{ when: new Date(7) }] },
      ];
      for (const attempt of ['made', 'found']) {
        const results = await run(kit, {}, () => Promise.all(values.map((value) => cached(value))));
        assert.deepEqual(results, values, attempt);
      }
    },
  },
  {
    name: 'what a run made before it was killed is found by the next',
    after: KILLED,
    config: null,
    async run(kit) {
      // As it is left by a process that ends in the middle of a line.
      const first = await run(kit, {}, () => Promise.all([uuid(0), uuid(1)]));
      const text = readFileSync(fileOf(kit), 'utf8');
      writeFileSync(fileOf(kit), text.slice(0, -5));
      const second = await run(kit, {}, () => Promise.all([uuid(0), uuid(1)]));
      assert.equal(second.filter((result, i) => result === first[i]).length, 1);
      const third = await run(kit, {}, () => Promise.all([uuid(0), uuid(1)]));
      assert.deepEqual(third, second);
    },
  },
  {
    name: 'lines in it that are damaged stand for results that are made again',
    after: KILLED,
    config: null,
    async run(kit) {
      const first = await run(kit, {}, () => uuid(0));
      appendFileSync(fileOf(kit), '{"key": \n\n[]\nnull\n{"key":1}\n');
      assert.equal(await run(kit, {}, () => uuid(0)), first);
    },
  },
  {
    name: 'tasks that end all at once are all there, fast ones and slow ones',
    after: 'test_checkpointing/test_regression_233.py',
    config: null,
    async run(kit) {
      const cached = fn.slow.with({ cache: true });
      const work = (): Promise<unknown[]> =>
        Promise.all(Array.from({ length: 40 }, (_, i) => cached(i % 5, { i })));
      const first = await run(kit, {}, work);
      const checkpointFiles = [fileOf(kit)];
      const options = { runDir: kit.path('other'), checkpointFiles, checkpointMode: null };
      await using kernel = await load(new Config(kit.config(options)));
      assert.deepEqual(await work(), first);
      assert.equal(kernel.counts.memoized, 40);
    },
  },
  {
    name: 'by hand: nothing is in the file before it is asked for, then all',
    after: 'test_checkpointing/test_manual.py',
    config: { checkpointMode: 'manual' },
    async run(kit) {
      const results = await Promise.all([uuid(0), uuid(1)]);
      assert.equal(existsSync(fileOf(kit)), false);
      kit.kernel.checkpoint();
      const text = readFileSync(fileOf(kit), 'utf8');
      for (const result of results) assert.ok(text.includes(result));
    },
  },
  {
    name: 'by the clock: what has ended is in the file after a while, though the kernel goes on',
    after: 'test_checkpointing/test_periodic.py',
    config: { checkpointMode: 'periodic', checkpointPeriodMs: 150 },
    async run(kit) {
      for (let i = 0; i < 2; i++) {
        const result = await uuid(i);
        const there = (): boolean =>
          existsSync(fileOf(kit)) && readFileSync(fileOf(kit), 'utf8').includes(result);
        assert.equal(there(), false);
        await waitUntil(there, 10_000, 'the result to be written');
      }
    },
  },
  {
    name: 'at the end: nothing is in the file before the kernel has ended',
    after: KILLED,
    config: null,
    async run(kit) {
      let result = '';
      await run(kit, { checkpointMode: 'dfkExit' }, async () => {
        result = await uuid(0);
        assert.equal(existsSync(fileOf(kit)), false);
      });
      assert.ok(readFileSync(fileOf(kit), 'utf8').includes(result));
    },
  },
  ...(['taskExit', 'periodic', 'manual', 'dfkExit'] as const).map(
    (checkpointMode): Case => ({
      name: `what a run with the mode ${checkpointMode} leaves is found by one with any other`,
      after: 'test_checkpointing/test_regression_233.py',
      config: null,
      async run(kit) {
        const work = (): Promise<string[]> => Promise.all([0, 1, 2].map((i) => uuid(i)));
        const first = await run(kit, { checkpointMode }, work);
        for (const other of ['taskExit', 'periodic', 'manual', 'dfkExit'] as const) {
          assert.deepEqual(await run(kit, { checkpointMode: other }, work), first, other);
        }
      },
    }),
  ),
];
