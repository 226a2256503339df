/** How many blocks there are, with each strategy. */

import assert from 'node:assert/strict';
import { suite, type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Random } from '../../src/core/random.ts';
import { HighThroughputExecutor } from '../../src/parallel/blocks/high-throughput-executor.ts';
import type { HighThroughputOptions } from '../../src/parallel/blocks/high-throughput-options.ts';
import { wantedBlocks } from '../../src/parallel/blocks/strategy.ts';
import { Config } from '../../src/parallel/data-flow/config.ts';
import type { BlockEvent } from '../../src/parallel/executor.ts';
import {
  LocalProvider,
  type LocalProviderOptions,
} from '../../src/parallel/providers/local-provider.ts';
import { waitUntil } from '../integration/engines/processes.ts';
import { task } from './contract-tasks.ts';

/**
 * The number of blocks after one look of Parsl's `htex_auto_scale`, case by case as the comments and
 * the log lines of parsl/jobs/strategy.py name them; all idle blocks are idle for long enough.
 */
function parslBlocks(
  active: number,
  load: { tasks: number; slots: number; parallelism: number; min: number; max: number },
): number {
  const { tasks, slots, parallelism, min, max } = load;
  const activeSlots = active * slots;
  if (tasks === 0) return active <= min ? active : min;
  if (activeSlots / tasks < parallelism) {
    if (active >= max) return active;
    const missing = Math.ceil(Math.ceil(tasks * parallelism - activeSlots) / slots);
    return active + Math.min(missing, max - active);
  }
  if (activeSlots === 0) return active < max ? active + 1 : active;
  if (activeSlots > tasks && active > min) {
    const excess = Math.floor(Math.floor(activeSlots - tasks * parallelism) / slots);
    return active - Math.min(excess, active - min);
  }
  return active;
}

function executorFor(
  t: TestContext,
  provider: LocalProviderOptions,
  options: HighThroughputOptions,
): HighThroughputExecutor {
  const executor = new HighThroughputExecutor({
    ...{ maxWorkers: 1, maxIdletime: 0.3, provider: new LocalProvider(provider) },
    ...options,
  });
  t.after(() => executor.shutdown());
  return executor;
}

const slowTasks = (executor: HighThroughputExecutor, count: number, ms = 700) =>
  Promise.all(Array.from({ length: count }, (_, i) => executor.run(task('slow', ms, i))));

suite('strategies of scaling', () => {
  test('as many blocks as Parsl has', () => {
    const random = new Random(7);
    const below = (n: number): number => random.uint32() % n;
    let compared = 0;
    for (let i = 0; i < 20_000; i++) {
      const min = below(4);
      const max = min + 1 + below(8);
      // Steps of 1/8 have no rounding of their own.
      const load = { tasks: below(60), slots: 1 + below(6), parallelism: below(9) / 8, min, max };
      const { tasks, slots: slotsPerBlock, parallelism } = load;
      // Parsl keeps what is there; where it stays as it is after one look is where it wants to be.
      const wanted = wantedBlocks({
        ...{ tasks, slotsPerBlock, parallelism },
        ...{ minBlocks: min, maxBlocks: max },
      });
      const after = parslBlocks(wanted, load);
      // With parallelism 0, Parsl would end the only block, were it idle.
      if (after === wanted - 1 && wanted === 1 && tasks > 0) continue;
      assert.equal(after, wanted, JSON.stringify(load));
      const grown = parslBlocks(0, load);
      if (tasks > 0 && grown >= min) assert.equal(wanted, grown, JSON.stringify(load));
      compared++;
    }
    assert.ok(compared > 15_000, `${compared}`);
  });

  test('none: the blocks of the start and no others; when they have ended, tasks fail', async (t) => {
    const executor = executorFor(t, { initBlocks: 1, maxBlocks: 3 }, { strategy: 'none' });
    const states: string[] = [];
    executor.onBlock = ({ state }: BlockEvent) => states.push(state);
    await slowTasks(executor, 4, 200);
    assert.equal(executor.blocks, 1);
    process.kill(executor.managers[0]!.pid, 'SIGKILL');
    await assert.rejects(executor.run(task('slow', 100, 1)), {
      code: 'block-failed',
      message: /have ended, tasks are left, and the strategy 'none'/,
    });
    assert.deepEqual(states, ['submitted', 'running', 'failed']);
  });

  test('simple: no block ends while there are tasks', async (t) => {
    const executor = executorFor(t, { initBlocks: 3, maxBlocks: 3 }, { strategy: 'simple' });
    const work = slowTasks(executor, 1, 3_000);
    await waitUntil(() => executor.managers.length === 3, 20_000, 'three blocks');
    await work;
    assert.equal(executor.blocks, 3);
    await waitUntil(() => executor.blocks === 0, 20_000, 'their end');
  });

  test('parallelism: two tasks share a slot', async (t) => {
    const executor = executorFor(t, { initBlocks: 0, maxBlocks: 8 }, { parallelism: 0.5 });
    const work = slowTasks(executor, 6, 1_500);
    await waitUntil(() => executor.blocks > 0, 10_000, 'blocks');
    await setTimeout(600);
    assert.equal(executor.blocks, 3);
    await work;
  });

  test('a period: decisions are so far apart', async (t) => {
    const executor = executorFor(
      t,
      { initBlocks: 0, maxBlocks: 8 },
      { strategyPeriodMs: 60_000, coresPerWorker: 0.5 },
    );
    const work = slowTasks(executor, 1, 1_500);
    await waitUntil(() => executor.blocks === 1, 10_000, 'the first');
    const more = slowTasks(executor, 3, 100);
    await setTimeout(600);
    assert.equal(executor.blocks, 1);
    await Promise.all([work, more]);
  });

  test('what a Config says is for executors that were told nothing', (t) => {
    const none = { initBlocks: 0, maxBlocks: 1 };
    const config = (options: HighThroughputOptions) =>
      new Config({ strategy: 'none', executors: [executorFor(t, none, options)] });
    assert.throws(() => config({}), { code: 'config-invalid', message: /initBlocks.*is 0/ });
    config({ strategy: 'simple' });
    assert.throws(() => executorFor(t, none, { strategy: 'none' }), { code: 'config-invalid' });
    assert.throws(() => new Config({ strategy: 'fast' as never }), /strategy must be "none" or/);
  });
});
