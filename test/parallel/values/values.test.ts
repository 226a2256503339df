/** Values of all kinds as text; memory that is shared and moved. (On executors: see the contract.) */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import { decodeText, encodeText } from '../../../src/parallel/values/codec.ts';
import {
  app,
  Config,
  type Executor,
  HighThroughputExecutor,
  InlineExecutor,
  load,
  move,
  ThreadPoolExecutor,
} from '../../../src/parallel.ts';
import { TASKS_URL, task } from '../contract-tasks.ts';
import type * as Tasks from '../tasks.ts';
import { RandomValues } from './random-values.ts';

const executors: (() => Executor)[] = [
  () => new InlineExecutor(),
  () => new ThreadPoolExecutor({ maxThreads: 2 }),
  () => new HighThroughputExecutor({ maxWorkers: 2 }),
];

suite('values there and back', () => {
  test('as text', () => {
    const values = new RandomValues(new Random(11));
    for (let i = 0; i < 5_000; i++) {
      const value = values.next();
      assert.deepStrictEqual(decodeText(encodeText(value, `value ${i}`)), value);
    }
  });

  test('memory is shared with threads, moved to them, or copied', async () => {
    const threads = new ThreadPoolExecutor({ maxThreads: 1 });
    const blocks = new HighThroughputExecutor({ maxWorkers: 1 });
    try {
      const shared = new Int32Array(new SharedArrayBuffer(8));
      await threads.run(task('fill', shared, 7));
      assert.deepEqual([...shared], [7, 7]);
      await assert.rejects(blocks.run(task('fill', shared, 7)), {
        code: 'task-arguments',
        message: /memory that only threads can share/,
      });
      const copied = new Float64Array([1, 2]);
      await threads.run(task('fill', copied, 7));
      assert.deepEqual([...copied], [1, 2]);
      const moved = new Float64Array([1, 2]);
      assert.deepEqual(await threads.run(task('fill', move(moved), 7)), new Float64Array([7, 7]));
      assert.equal(moved.length, 0);
      await assert.rejects(threads.run(task('fill', moved, 7)), {
        message: /argument 1, is memory that was moved|argument 1 is memory that was moved/,
      });
    } finally {
      await Promise.all([threads.shutdown(), blocks.shutdown()]);
    }
  });

  test('arguments are those of the moment of the call, though the task may wait', async () => {
    for (const make of executors) {
      const executor = make();
      const args = { n: 0, list: [0] };
      const runs = Array.from({ length: 20 }, (_, i) => {
        args.n = i;
        args.list[0] = i;
        return executor.run(task('echo', args));
      });
      const expected = Array.from({ length: 20 }, (_, i) => ({ n: i, list: [i] }));
      assert.deepEqual(await Promise.all(runs), expected);
      await executor.shutdown();
    }
  });

  test('a task that is tried again gets the arguments of the call', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'tilewright-values-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const flaky = app<typeof Tasks.flakyEcho>(TASKS_URL, 'flakyEcho');
    for (const [i, make] of executors.entries()) {
      await using _kernel = await load(new Config({ executors: [make()], backoffMs: 10 }));
      const value = { n: 1, bytes: Buffer.from('a'), map: new Map([[1, [1]]]) };
      const future = flaky(join(folder, String(i)), value);
      value.n = 2;
      value.bytes[0] = 0;
      value.map.get(1)![0] = 2;
      assert.deepEqual(await future, { n: 1, bytes: Buffer.from('a'), map: new Map([[1, [1]]]) });
      assert.equal(future.attempts, 2);
    }
  });
});
