/** Of many short tasks few are measured, of long ones all; the results are the same either way. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InlineExecutor } from '../../src/parallel/inline-executor.ts';
import { Registry } from '../../src/parallel/registry.ts';
import { ThreadPoolExecutor } from '../../src/parallel/threads/thread-pool-executor.ts';
import type { TaskUsage } from '../../src/parallel/usage/usage.ts';
import { noteDuration, worthMeasuring } from '../../src/parallel/usage/usage-sampling.ts';

const registry = new Registry();
registry.register(new URL('./tasks.ts', import.meta.url), 'tasks');

for (const make of [
  () => new InlineExecutor({ registry }),
  () => new ThreadPoolExecutor({ maxThreads: 1, registry }),
]) {
  const executor = make();
  test(`on ${executor.label}`, async (t) => {
    t.after(() => executor.shutdown());
    const run = async (name: string, args: unknown[]): Promise<[unknown, TaskUsage | null]> => {
      let usage: TaskUsage | null = null;
      const onUsage = (measured: TaskUsage): void => {
        usage = measured;
      };
      const result = await executor.run({ name, args, sampled: true }, { onUsage });
      return [result, usage];
    };
    let measured = 0;
    for (let i = 0; i < 400; i++) {
      const [result, usage] = await run('tasks.add', [i, 1]);
      assert.equal(result, i + 1);
      if (usage !== null) measured++;
    }
    assert.ok(measured >= 1 && measured < 100, `${measured} of 400 were measured`);
    const [nothing] = await run('tasks.nothing', []);
    assert.equal(nothing, undefined);
    for (let i = 0; i < 3; i++) {
      const [result, usage] = await run('tasks.slow', [25, 'late']);
      assert.equal(result, 'late');
      assert.ok(usage !== null && usage.wallMs >= 20);
    }
  });
}

test('so many are measured that it takes a fortieth of the time at most', () => {
  for (const ms of [0.01, 0.5, 2, 19, 25, 1e4]) {
    const name = `lasts.${ms}`;
    let measured = 0;
    for (let i = 0; i < 10_000; i++) {
      if (worthMeasuring(name)) measured++;
      noteDuration(name, ms);
    }
    // The first is always; never fewer than one of a thousand.
    const share = Math.max(1 / 1000, Math.min(1, ms / 20));
    assert.ok(measured <= Math.ceil(share * 10_000) + 1, `${ms} ms: ${measured}`);
    assert.ok(measured >= share * 10_000 * 0.8, `${ms} ms: ${measured}`);
  }
});
