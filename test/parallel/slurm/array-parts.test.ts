/** The parts of array jobs that need no Slurm: batches, and logs that are followed. */

import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { z } from 'zod';
import { CostModel, planElements } from '../../../src/parallel/slurm/arrays/batching.ts';
import { LogReader } from '../../../src/parallel/slurm/arrays/log-reader.ts';
import { LogWriter } from '../../../src/parallel/slurm/arrays/log-writer.ts';

suite('batches of an array', () => {
  const tasks = (costs: number[], alone = false) => costs.map((cost) => ({ cost, alone }));
  const options = { threads: 2, secondsPerElement: 60, maxElements: 1000 };

  test('every task is in one element, and elements have about the same work', () => {
    const costs = Array.from({ length: 500 }, (_, i) => 1 + ((i * 37) % 50));
    const total = costs.reduce((a, b) => a + b);
    const groups = planElements(tasks(costs), options);
    assert.equal(groups.length, Math.floor(total / 120));
    assert.equal(groups.flat().length, 500);
    const loads = groups.map((group) => group.reduce((sum, { cost }) => sum + cost, 0));
    assert.ok(Math.min(...loads) >= 120 - 50 && Math.max(...loads) <= 120 + 50, loads.join());
    for (const group of groups) {
      assert.deepEqual(
        group,
        [...group].sort((a, b) => b.cost - a.cost),
      );
    }
  });

  test('little work is one element, suspects have their own, and there is a limit', () => {
    assert.equal(planElements(tasks([1, 2, 3]), options).length, 1);
    const groups = planElements([...tasks([1, 2]), ...tasks([5, 5], true)], options);
    assert.deepEqual(
      groups.map((group) => group.length),
      [1, 1, 2],
    );
    assert.equal(
      planElements(tasks(Array(50).fill(1e4)), { ...options, maxElements: 7 }).length,
      7,
    );
    assert.deepEqual(planElements([], options), []);
  });

  test('what was measured is believed, by function', () => {
    const costs = new CostModel();
    assert.equal(costs.seconds('a', 40e6), 2);
    costs.note('a', 100e6, 1);
    assert.equal(costs.seconds('a', 40e6), 2, 'not after one second');
    costs.note('a', 300e6, 3);
    assert.equal(costs.seconds('a', 50e6), 0.5);
    assert.equal(costs.seconds('b', 40e6), 2);
    costs.note('c', undefined, 6);
    costs.note('c', undefined, 2);
    assert.equal(costs.seconds('c', undefined), 4);
  });
});

suite('logs of elements', () => {
  const withLog = async (work: (path: string) => Promise<void>): Promise<void> => {
    const folder = mkdtempSync(join(tmpdir(), 'tilewright-log-'));
    try {
      writeFileSync(join(folder, 'log'), '');
      await work(join(folder, 'log'));
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  test('only whole lines count, also when they come in pieces', () =>
    withLog(async (path) => {
      const reader = new LogReader(path, z.object({ text: z.string() }));
      assert.deepEqual(await reader.read(), []);
      const bytes = Buffer.from('{"text":"größer"}\n{"text":"b"}\n{"te');
      // In the middle of a character of two bytes.
      appendFileSync(path, bytes.subarray(0, 12));
      assert.deepEqual(await reader.read(), []);
      appendFileSync(path, bytes.subarray(12));
      assert.deepEqual(await reader.read(), [{ text: 'größer' }, { text: 'b' }]);
      assert.deepEqual(await reader.read(), []);
      appendFileSync(path, `xt":"${'c'.repeat(3e6)}"}\n`);
      assert.equal((await reader.read())[0]!.text.length, 3e6);
    }));

  test('a hole that is filled later is waited for', () =>
    withLog(async (path) => {
      const reader = new LogReader(path, z.object({ n: z.number() }));
      writeFileSync(path, `{"n":1}\n${'\0'.repeat(8)}{"n":3}\n`);
      assert.deepEqual(await reader.read(), [{ n: 1 }]);
      writeFileSync(path, '{"n":1}\n{"n":2}\n{"n":3}\n');
      assert.deepEqual(await reader.read(), [{ n: 2 }, { n: 3 }]);
    }));

  test('a writer keeps the order, and has written all when it is closed', () =>
    withLog(async (path) => {
      const fail = (error: unknown): never => {
        throw error;
      };
      const writer = await LogWriter.open(path);
      for (let n = 0; n < 1000; n++) writer.append({ n }, fail);
      await writer.close();
      const lines = await new LogReader(path, z.object({ n: z.number() })).read();
      assert.deepEqual(
        lines.map(({ n }) => n),
        Array.from({ length: 1000 }, (_, n) => n),
      );
    }));
});
