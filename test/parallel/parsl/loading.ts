/** Configurations, what is loaded, how it ends. */

import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import {
  type AppFuture,
  Config,
  type ConfigOptions,
  clear,
  DataFlowKernel,
  dataFlowKernel,
  HighThroughputExecutor,
  type HighThroughputOptions,
  InlineExecutor,
  LocalProvider,
  load,
  ThreadPoolExecutor,
} from '../../../src/parallel.ts';
import { type Case, failureOf, fn, HERE } from './kit.ts';

const CONTEXT = 'test_python_apps/test_context_manager.py';
const DEFAULT = 'integration/test_parsl_load_default_config.py';
const DYNAMIC = 'sites/test_dynamic_executor.py';
const WORKERS = 'test_htex/test_maxworker_computation_executor.py';

const notLoaded = { code: 'usage', message: /No configuration is loaded/ };

export const loading: Case[] = [
  {
    name: 'within the block there is a kernel, after it there is none',
    after: CONTEXT,
    config: null,
    async run({ config }) {
      {
        await using kernel = await load(new Config(config()));
        assert.ok(kernel instanceof DataFlowKernel);
        assert.equal(dataFlowKernel(), kernel);
        assert.equal(await fn.double(2), 4);
      }
      assert.throws(() => fn.double(2), notLoaded);
      assert.throws(dataFlowKernel, notLoaded);
    },
  },
  {
    name: "exitMode 'skip' leaves the kernel and its tasks alone",
    after: CONTEXT,
    config: null,
    async run({ config, path }) {
      let future: AppFuture<number>;
      let loaded: DataFlowKernel;
      {
        await using kernel = await load(new Config(config({ exitMode: 'skip' })));
        future = fn.until(path('go'), 1);
        loaded = kernel;
      }
      assert.equal(dataFlowKernel(), loaded);
      assert.equal(future.done(), false);
      writeFileSync(path('go'), '');
      assert.equal(await future, 1);
      await clear();
      assert.throws(dataFlowKernel, notLoaded);
    },
  },
  {
    name: "exitMode 'wait', the default, waits for tasks that nobody awaits",
    after: CONTEXT,
    config: null,
    async run({ config }) {
      let future: AppFuture<number>;
      {
        await using _kernel = await load(new Config(config()));
        future = fn.slow(50, 1);
      }
      assert.equal(future.done(), true);
      assert.equal(await future, 1);
      assert.throws(dataFlowKernel, notLoaded);
    },
  },
  {
    name: "exitMode 'wait' waits for what those tasks lead to as well",
    after: 'test_regression/test_221.py',
    config: null,
    async run({ config, path }) {
      {
        await using _kernel = await load(new Config(config({ exitMode: 'wait' })));
        const first = [0, 1].map((i) => fn.slow(20, i));
        for (const [i, one] of first.entries()) fn.counted(path(`${i}`), one);
      }
      assert.deepEqual([existsSync(path('0')), existsSync(path('1'))], [true, true]);
    },
  },
  {
    name: 'an exception that ends the block comes out of it, when the tasks have ended',
    after: CONTEXT,
    config: null,
    differs: 'Parsl does not wait then; a block can’t know here that it ends by an exception',
    async run({ config }) {
      let other: AppFuture<number> | undefined;
      const block = async (): Promise<void> => {
        await using _kernel = await load(new Config(config()));
        other = fn.slow(30, 1);
        await fn.fail('out of the block');
      };
      await assert.rejects(block, { code: 'task-failed', message: 'out of the block' });
      assert.equal(other?.state, 'done');
      assert.throws(dataFlowKernel, notLoaded);
    },
  },
  {
    name: "exitMode 'cancel' takes back what has not ended",
    after: CONTEXT,
    config: null,
    async run({ config }) {
      let running: AppFuture<unknown>;
      let waiting: AppFuture<unknown>;
      {
        await using _kernel = await load(new Config(config({ exitMode: 'cancel' })));
        running = fn.never();
        waiting = fn.list(running);
      }
      const codes = ['interrupted', 'task-cancelled', 'dependency-failed'];
      for (const future of [running, waiting]) {
        assert.ok(codes.includes((await failureOf(future)).code));
      }
    },
  },
  {
    name: 'an exitMode that there is not is refused by name',
    after: CONTEXT,
    on: HERE,
    config: null,
    async run() {
      const wrong = (): Config => new Config({ exitMode: 'wrongmode' as 'wait' });
      assert.throws(wrong, { code: 'config-invalid', message: /exitMode.*wrongmode/ });
    },
  },
  ...(
    [
      [
        'an option that there is not, with the one that is meant',
        { retires: 1 },
        /retires.*retries/,
      ],
      ['retries below 0', { retries: -1 }, /retries/],
      ['retries that are no number', { retries: '2' }, /retries/],
      ['a retryHandler that is no function', { retryHandler: 1 }, /retryHandler/],
      ['a strategy that there is not', { strategy: 'fast' }, /strategy/],
      ['no executors', { executors: [] }, /executors/],
      ['executors that are none', { executors: [{}] }, /executors/],
      ['a mode of checkpoints that there is not', { checkpointMode: 'never' }, /checkpointMode/],
    ] as const
  ).map(
    ([what, options, message]): Case => ({
      name: `a configuration is refused for ${what}`,
      after: DEFAULT,
      on: HERE,
      config: null,
      async run() {
        const wrong = (): Config => new Config(options as unknown as ConfigOptions);
        assert.throws(wrong, { code: 'config-invalid', message });
      },
    }),
  ),
  {
    name: 'a configuration without any options runs tasks on threads',
    after: DEFAULT,
    on: HERE,
    config: null,
    async run() {
      await using kernel = await load(new Config());
      assert.equal(await fn.double(2), 4);
      assert.ok(kernel.executors[0] instanceof ThreadPoolExecutor);
    },
  },
  {
    name: 'a second configuration beside a loaded one is refused',
    after: DEFAULT,
    on: HERE,
    async run({ config }) {
      await assert.rejects(load(new Config(config())), {
        code: 'usage',
        message: /loaded already/,
      });
      assert.equal(await fn.double(1), 2);
    },
  },
  {
    name: 'a configuration whose executors have ended is not loaded again',
    after: DEFAULT,
    config: null,
    async run({ config }) {
      const one = new Config(config());
      await load(one);
      await clear();
      await assert.rejects(load(one), { code: 'usage', message: /shut down.*new Config/ });
    },
  },
  {
    name: 'one configuration after the other, in one program',
    after: 'test_regression/test_3874.py',
    config: null,
    async run({ config }) {
      for (let i = 0; i < 3; i++) {
        await using kernel = await load(new Config(config()));
        assert.equal(await fn.double(i), 2 * i);
        assert.equal(kernel.counts.done, 1);
      }
    },
  },
  {
    name: 'to load a configuration changes nothing in it',
    after: 'test_regression/test_98.py',
    config: null,
    async run({ config }) {
      const one = new Config(config({ retries: 1 }));
      const { executors, ...rest } = one;
      const before = structuredClone(rest);
      await using _kernel = await load(one);
      await fn.double(1);
      const { executors: after, ...restAfter } = one;
      assert.equal(after, executors);
      assert.deepEqual(structuredClone(restAfter), before);
    },
  },
  {
    name: 'apps choose their executor by its label',
    after: DYNAMIC,
    config: null,
    async run({ config, lend }) {
      const executors = [lend('a'), new InlineExecutor({ label: 'b' })];
      await using _kernel = await load(new Config(config({ executors })));
      const workers = await Promise.all(
        [1, 2, 3].map(() => fn.worker.with({ executors: ['b'] })()),
      );
      assert.equal(new Set(workers).size, 1);
      assert.equal(workers[0]!.split('/')[1], String(process.pid));
      const wrong = (): unknown => fn.worker.with({ executors: ['c'] })();
      assert.throws(wrong, { code: 'usage', message: /labelled a, b/ });
    },
  },
  {
    name: 'an executor is added when tasks run already',
    after: DYNAMIC,
    async run({ kernel }) {
      assert.equal(await fn.double(1), 2);
      await kernel.addExecutors([new InlineExecutor({ label: 'added' })]);
      assert.equal(await fn.double.with({ executors: ['added'] })(2), 4);
      assert.equal(await fn.double.with({ executors: ['lent'] })(3), 6);
      const twice = kernel.addExecutors([new InlineExecutor({ label: 'added' })]);
      await assert.rejects(twice, { code: 'config-invalid', message: /added/ });
    },
  },
  {
    name: 'tasks in each state are counted',
    after: 'test_summary.py',
    async run({ kernel }) {
      await fn.double(1);
      await fn.fail().exception();
      const cancelled = fn.never();
      cancelled.cancel();
      await cancelled.exception();
      const { done, failed, cancelled: back } = kernel.counts;
      assert.deepEqual([done, failed, back], [1, 1, 1]);
    },
  },
  {
    name: 'workers of a node are as many as said, and as its cores are enough for',
    after: WORKERS,
    on: HERE,
    config: null,
    async run() {
      const slots = (options: HighThroughputOptions): number =>
        new HighThroughputExecutor(options).slots;
      assert.equal(slots({ maxWorkers: 1 }), 1);
      assert.ok(slots({ coresPerWorker: 0.25 }) >= 4);
      assert.equal(slots({ coresPerWorker: 1e6 }), 1);
      const provider = new LocalProvider({ maxBlocks: 3 });
      assert.equal(slots({ maxWorkers: 1, provider }), 3);
    },
  },
  ...(
    [
      ['maxWorkers: 0', { maxWorkers: 0 }],
      ['coresPerWorker: 0', { coresPerWorker: 0 }],
      ['parallelism: 2', { parallelism: 2 }],
      ['max_workers', { max_workers: 2 }],
    ] as const
  ).map(
    ([what, options]): Case => ({
      name: `workers are refused that can’t be had: ${what}`,
      after: WORKERS,
      on: HERE,
      config: null,
      async run() {
        const wrong = (): unknown => new HighThroughputExecutor(options as HighThroughputOptions);
        assert.throws(wrong, {
          code: 'config-invalid',
          message: new RegExp(Object.keys(options)[0]!),
        });
      },
    }),
  ),
];
