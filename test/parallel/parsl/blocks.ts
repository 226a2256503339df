/** How blocks come and go, and in which order workers take tasks. */

import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { wantedBlocks } from '../../../src/parallel/blocks/strategy.ts';
import {
  type BlockLaunch,
  Config,
  type ConfigOptions,
  HighThroughputExecutor,
  type HighThroughputOptions,
  LocalProvider,
  type LocalProviderOptions,
  load,
} from '../../../src/parallel.ts';
import { waitUntil } from '../../integration/engines/processes.ts';
import { BLOCKS, type Case, type Engine, failureOf, fn, HERE, type Kit } from './kit.ts';

const LOCAL: readonly Engine[] = ['local'];
const SCALE = 'test_scaling/test_scale_down.py';
const PRIORITY = 'test_htex/test_priority_queue.py';

/** Counts what it is asked for; its first blocks may do something else than to serve. */
class WatchedProvider extends LocalProvider {
  readonly submitted: string[] = [];
  readonly cancelled = new Set<string>();
  instead: readonly string[] | null = null;

  override async submit(launch: BlockLaunch): Promise<string> {
    const { instead } = this;
    const command = instead === null ? launch.command : instead;
    const id = await super.submit({ ...launch, command });
    this.submitted.push(id);
    return id;
  }

  override async cancel(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.cancelled.add(id);
    await super.cancel(ids);
  }
}

interface Loaded extends AsyncDisposable {
  executor: HighThroughputExecutor;
  provider: WatchedProvider;
}

/** A kernel on blocks of one worker each. */
async function loadBlocks(
  { config }: Kit,
  blocks: LocalProviderOptions,
  options: Pick<ConfigOptions, 'strategy' | 'strategyPeriodMs' | 'maxIdletime' | 'retries'>,
  own: HighThroughputOptions = {},
  instead: readonly string[] | null = null,
): Promise<Loaded> {
  const provider = new WatchedProvider(blocks);
  provider.instead = instead;
  const executor = new HighThroughputExecutor({ maxWorkers: 1, provider, ...own });
  const kernel = await load(new Config(config({ executors: [executor], ...options })));
  return { executor, provider, [Symbol.asyncDispose]: () => kernel[Symbol.asyncDispose]() };
}

/** The tasks of the table, by the priorities, begin as they should on one worker. */
const byPriority: Case['run'] = async ({ make, config, path }) => {
  await using _kernel = await load(new Config(config({ executors: [make(1)] })));
  const first = fn.until(path('go'), 0);
  while (first.state !== 'running') await setTimeout(5);
  const priorities = [2, 9, 5, 2, 10, 1, 5, 10, 1];
  const all = priorities.map((priority, i) =>
    fn.note.with({ priority })(path('order'), `${priority} ${i}`),
  );
  await setTimeout(50);
  writeFileSync(path('go'), '');
  await Promise.all(all);
  const expected = priorities.map((priority, i) => ({ priority, i }));
  expected.sort((a, b) => b.priority - a.priority || a.i - b.i);
  assert.deepEqual(
    readFileSync(path('order'), 'utf8').trim().split('\n'),
    expected.map(({ priority, i }) => `${priority} ${i}`),
  );
};

export const blocks: Case[] = [
  {
    name: 'blocks come as tasks wait, and the least that is to be kept stays: simple',
    after: SCALE,
    on: LOCAL,
    config: null,
    async run(kit) {
      const options = { strategy: 'simple', maxIdletime: 0.3 } as const;
      const counts = { initBlocks: 0, minBlocks: 1, maxBlocks: 3 };
      await using loaded = await loadBlocks(kit, counts, options);
      const { executor } = loaded;
      assert.equal(executor.managers.length, 0);
      const all = Array.from({ length: 6 }, (_, i) => fn.until(kit.path('go'), i));
      await waitUntil(() => executor.managers.length === 3, 10_000, 'all blocks');
      writeFileSync(kit.path('go'), '');
      await Promise.all(all);
      await waitUntil(() => executor.managers.length === 1, 10_000, 'two blocks to end');
    },
  },
  {
    name: 'idle blocks end while another still works: htex-auto-scale',
    after: 'test_scaling/test_scale_down_htex_auto_scale.py',
    on: LOCAL,
    config: null,
    async run(kit) {
      const options = { strategy: 'htex-auto-scale', maxIdletime: 0.3 } as const;
      const counts = { initBlocks: 0, minBlocks: 0, maxBlocks: 3 };
      await using loaded = await loadBlocks(kit, counts, options);
      const { executor } = loaded;
      const long = fn.until(kit.path('end'), 'long');
      const all = Array.from({ length: 5 }, (_, i) => fn.until(kit.path('go'), i));
      await waitUntil(() => executor.managers.length === 3, 10_000, 'all blocks');
      writeFileSync(kit.path('go'), '');
      await Promise.all(all);
      await waitUntil(() => executor.managers.length === 1, 10_000, 'two blocks to end');
      assert.equal(long.done(), false);
      writeFileSync(kit.path('end'), '');
      assert.equal(await long, 'long');
      assert.equal(long.attempts, 1);
      await waitUntil(() => executor.managers.length === 0, 10_000, 'the last block to end');
    },
  },
  {
    name: 'one task is one block, however many there may be',
    after: 'test_scaling/test_regression_1621.py',
    on: LOCAL,
    config: null,
    async run(kit) {
      const options = { strategy: 'simple', strategyPeriodMs: 20 } as const;
      await using loaded = await loadBlocks(kit, { initBlocks: 0, maxBlocks: 10 }, options);
      assert.equal(await fn.slow(300, 1), 1);
      assert.equal(loaded.provider.submitted.length, 1);
    },
  },
  {
    name: 'a parallelism of 0 is one block all the same',
    after: 'test_regression/test_97_parallelism_0.py',
    on: LOCAL,
    config: null,
    async run(kit) {
      const counts = { initBlocks: 0, maxBlocks: 2, parallelism: 0 };
      await using loaded = await loadBlocks(kit, counts, { strategy: 'simple' });
      assert.deepEqual(await Promise.all([1, 2, 3].map((i) => fn.double(i))), [2, 4, 6]);
      assert.equal(loaded.provider.submitted.length, 1);
    },
  },
  {
    name: 'an idle block that has not come up yet is ended too, and that is no failure',
    after: 'test_scaling/test_regression_3568_scaledown_vs_MISSING.py',
    on: LOCAL,
    config: null,
    async run(kit) {
      const options = { strategy: 'htex-auto-scale', maxIdletime: 0.2 } as const;
      const counts = { initBlocks: 1, minBlocks: 0, maxBlocks: 1 };
      const instead = ['sleep', '600'];
      await using loaded = await loadBlocks(kit, counts, options, {}, instead);
      const { executor, provider } = loaded;
      await waitUntil(() => executor.blocks === 0, 10_000, 'the block to be given up');
      assert.equal(executor.managers.length, 0);
      provider.instead = null;
      assert.equal(await fn.double(3), 6);
      assert.equal(provider.submitted.length, 2);
    },
  },
  {
    name: 'all blocks are given back when the kernel ends',
    after: 'test_scaling/test_shutdown_scalein.py',
    on: LOCAL,
    config: null,
    async run(kit) {
      let provider: WatchedProvider;
      {
        const counts = { initBlocks: 3, maxBlocks: 3 };
        await using loaded = await loadBlocks(kit, counts, { strategy: 'none' });
        provider = loaded.provider;
        const { executor } = loaded;
        await waitUntil(() => executor.managers.length === 3, 10_000, 'all blocks');
      }
      assert.equal(provider.submitted.length, 3);
      const states = [...(await provider.status(provider.submitted)).values()];
      const over = (state: string): boolean => state === 'completed' || state === 'failed';
      assert.ok(
        states.every(({ state }) => over(state)),
        JSON.stringify(states),
      );
    },
  },
  ...[
    { tasks: 14, slots: 48, blocks: 1 },
    { tasks: 1, slots: 1, blocks: 1 },
    { tasks: 100, slots: 1, blocks: 20 },
    { tasks: 47, slots: 48, blocks: 1 },
    { tasks: 48, slots: 48, blocks: 1 },
    { tasks: 49, slots: 48, blocks: 2 },
    { tasks: 149, slots: 50, blocks: 3 },
    { tasks: 0, slots: 48, blocks: 0 },
  ].map(
    ({ tasks, slots, blocks }): Case => ({
      name: `${tasks} tasks on blocks of ${slots} slots want ${blocks} blocks of 20`,
      after: 'test_scaling/test_regression_3696_oscillation.py',
      on: HERE,
      config: null,
      async run() {
        const load = { tasks, slotsPerBlock: slots, parallelism: 1, minBlocks: 0, maxBlocks: 20 };
        assert.equal(wantedBlocks(load), blocks);
      },
    }),
  ),
  {
    name: 'the workers that are there are told, with their block and their number',
    after: 'test_htex/test_managers_command.py',
    on: LOCAL,
    config: null,
    async run(kit) {
      await using loaded = await loadBlocks(kit, { maxBlocks: 1 }, {});
      assert.equal(await fn.double(1), 2);
      const [manager, ...others] = loaded.executor.managers;
      assert.equal(others.length, 0);
      assert.equal(manager?.slots, 1);
      assert.match(String(manager?.blockId), /^[\da-f]{12}$/);
    },
  },
  {
    name: 'blocks that never serve anybody fail the tasks, with their last words',
    after: 'test_htex/test_disconnected_blocks.py',
    on: LOCAL,
    config: null,
    async run(kit) {
      const counts = { initBlocks: 0, maxBlocks: 2, workerInit: 'echo no module >&2; exit 3' };
      await using _loaded = await loadBlocks(kit, counts, {});
      const error = await failureOf(fn.double(5));
      assert.equal(error.code, 'block-failed');
      assert.match(error.message, /no module/);
    },
  },
  {
    name: 'blocks that end well before anybody could use them are a failure too',
    after: 'test_htex/test_disconnected_blocks.py',
    on: LOCAL,
    config: null,
    async run(kit) {
      await using loaded = await loadBlocks(kit, { initBlocks: 0 }, {}, {}, ['true']);
      assert.equal((await failureOf(fn.double(5))).code, 'block-failed');
      assert.equal(loaded.executor.managers.length, 0);
    },
  },
  {
    name: 'a program for workers that is not there fails the tasks',
    after: 'test_htex/test_missing_worker.py',
    on: LOCAL,
    config: null,
    async run(kit) {
      const instead = ['/no/such/program-for-workers'];
      await using _loaded = await loadBlocks(kit, { initBlocks: 0 }, {}, {}, instead);
      const error = await failureOf(fn.double(5));
      assert.equal(error.code, 'block-failed');
      assert.match(error.message, /program-for-workers/);
    },
  },
  {
    name: 'a provider that refuses to submit fails the tasks with what it says',
    after: 'test_htex/test_disconnected_blocks_failing_provider.py',
    on: LOCAL,
    config: null,
    async run({ config }) {
      class Failing extends LocalProvider {
        override submit(): Promise<string> {
          return Promise.reject(new Error('deliberate failure of submit'));
        }
      }
      const provider = new Failing({ initBlocks: 0 });
      const executors = [new HighThroughputExecutor({ provider })];
      await using _kernel = await load(new Config(config({ executors })));
      assert.match((await failureOf(fn.double(5))).message, /deliberate failure of submit/);
    },
  },
  {
    name: 'the folder of a run may be removed when it is over; the next run does not want it',
    after: 'test_regression/test_3874.py',
    on: LOCAL,
    config: null,
    async run(kit) {
      for (const name of ['1', '2']) {
        const runDir = kit.path(name);
        {
          await using _loaded = await loadBlocks(kit, {}, {}, { runDir });
          assert.equal(await fn.double(1), 2);
        }
        rmSync(runDir, { recursive: true, force: true });
      }
    },
  },
  {
    name: 'of tasks that wait, those of a higher priority begin first, equal ones in their order',
    after: PRIORITY,
    on: ['threads', 'local', 'redis'],
    config: null,
    differs: 'in Parsl a lower number goes first',
    run: byPriority,
  },
  {
    name: 'a block of its own runs a task and ends with its executor',
    after: 'test_htex/test_basic.py',
    on: BLOCKS,
    config: null,
    async run({ make, config }) {
      await using _kernel = await load(new Config(config({ executors: [make(1)] })));
      assert.equal(await fn.nothing(), undefined);
    },
  },
];
