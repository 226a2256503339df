/** Options that nothing can be done with are refused when they are given, by name. */

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { TilewrightError } from '../../src/core/errors.ts';
import { HighThroughputExecutor } from '../../src/parallel/blocks/high-throughput-executor.ts';
import { InlineExecutor } from '../../src/parallel/inline-executor.ts';
import { CondorProvider } from '../../src/parallel/providers/condor-provider.ts';
import { GridEngineProvider } from '../../src/parallel/providers/grid-engine-provider.ts';
import { LocalProvider } from '../../src/parallel/providers/local-provider.ts';
import { LSFProvider } from '../../src/parallel/providers/lsf-provider.ts';
import { PBSProProvider } from '../../src/parallel/providers/pbs-pro-provider.ts';
import { SlurmProvider } from '../../src/parallel/providers/slurm-provider.ts';
import { SlurmArrayExecutor } from '../../src/parallel/slurm/arrays/array-executor.ts';
import { ThreadPoolExecutor } from '../../src/parallel/threads/thread-pool-executor.ts';
import { runWorker } from '../../src/parallel/worker/worker.ts';

const kinds: Record<string, new (options: never) => unknown> = {
  InlineExecutor,
  ThreadPoolExecutor,
  HighThroughputExecutor,
  LocalProvider,
  SlurmProvider,
  SlurmArrayExecutor,
  PBSProProvider,
  LSFProvider,
  GridEngineProvider,
  CondorProvider,
};

function refusal(kind: string, options: unknown): string {
  try {
    new kinds[kind]!(options as never);
  } catch (error) {
    assert.ok(error instanceof TilewrightError, String(error));
    assert.equal(error.code, 'config-invalid');
    return error.message;
  }
  return 'taken';
}

/** Values that are nothing for any option that is a number, and for any that is text. */
const NO_NUMBER = [Number.NaN, '2', null, -1, {}, [1], true, Number.NEGATIVE_INFINITY];
const NO_TEXT = [1, null, {}, ['a'], true, 'a\0b'];

const numbers: Record<string, string[]> = {
  ThreadPoolExecutor: ['maxThreads'],
  HighThroughputExecutor: ['maxWorkers', 'coresPerWorker', 'port', 'maxIdletime'],
  LocalProvider: ['initBlocks', 'minBlocks', 'maxBlocks'],
  SlurmProvider: ['initBlocks', 'minBlocks', 'maxBlocks', 'nodesPerBlock', 'coresPerNode'].concat([
    'memPerNode',
    'cmdTimeout',
    'pollInterval',
    'maxHeldTime',
    'maxBlockedTime',
    'cancelTimeout',
  ]),
  SlurmArrayExecutor: [
    'maxElements',
    'coresPerElement',
    'memPerElement',
    'secondsPerElement',
  ].concat([
    'gatherTime',
    'cmdTimeout',
    'pollInterval',
    'lookInterval',
    'maxHeldTime',
    'maxBlockedTime',
  ]),
};

const clusterNumbers = ['initBlocks', 'minBlocks', 'maxBlocks', 'parallelism', 'cmdTimeout'].concat(
  ['pollInterval', 'maxHeldTime', 'cancelTimeout'],
);
Object.assign(numbers, {
  PBSProProvider: [...clusterNumbers, 'nodesPerBlock', 'cpusPerNode', 'memPerNode'],
  LSFProvider: [...clusterNumbers, 'nodesPerBlock', 'coresPerBlock', 'coresPerNode'],
  GridEngineProvider: [...clusterNumbers, 'nodesPerBlock', 'coresPerNode'],
  CondorProvider: [...clusterNumbers, 'coresPerSlot', 'memPerSlot'],
});

const texts: Record<string, string[]> = {
  InlineExecutor: ['label'],
  ThreadPoolExecutor: ['label'],
  HighThroughputExecutor: ['label', 'queue', 'queueName', 'queueCa', 'address', 'runDir'],
  LocalProvider: ['label', 'workerInit'],
  SlurmProvider: [
    'label',
    'partition',
    'account',
    'qos',
    'walltime',
    'schedulerOptions',
    'workerInit',
  ],
  SlurmArrayExecutor: [
    'label',
    'partition',
    'walltime',
    'schedulerOptions',
    'workerInit',
    'runDir',
  ],
};

test('runWorker: nothing but its own options, and only values of their kind', async () => {
  for (const [options, message] of [
    [{ quueue: 'redis://a' }, /no option quueue\. Did you mean queue\?/],
    [{ queue: '' }, /queue must be text that is not empty/],
    [{ maxWorkers: 0 }, /maxWorkers must be a whole number ≥ 1, not 0/],
    [{ coresPerWorker: 0 }, /coresPerWorker must be a number of cores above 0, not 0/],
    [{ idleExitMs: -1 }, /idleExitMs must be a number of milliseconds ≥ 0/],
    [{ endsAt: 'soon' }, /endsAt must be a time in milliseconds or null, not "soon"/],
    [{ cpuAffinity: 'all' }, /cpuAffinity must be "none", "block"/],
  ] as const) {
    await assert.rejects(runWorker(options as never), { code: 'config-invalid', message });
  }
  await assert.rejects(runWorker({ endsAt: null, idleExitMs: Number.POSITIVE_INFINITY }), {
    code: 'usage',
    message: /needs --queue URL/,
  });
});

suite('options of executors and providers', () => {
  for (const kind of Object.keys(kinds)) {
    test(`${kind}: nothing but its own options, and only values of their kind`, () => {
      assert.equal(refusal(kind, {}), 'taken');
      assert.match(refusal(kind, { lable: 'x' }), /no option lable\. Did you mean label\?/);
      assert.match(refusal(kind, { qqq: 1 }), /no option qqq\. There are .*label/);
      assert.match(refusal(kind, { toString: 1 }), /no option toString/);
      assert.match(refusal(kind, null), /must be an object, not null/);
      for (const key of numbers[kind] ?? []) {
        for (const value of NO_NUMBER) {
          assert.match(refusal(kind, { [key]: value }), new RegExp(`${key} must be a .*number`));
        }
        assert.equal(refusal(kind, { [key]: undefined }), 'taken');
      }
      for (const key of texts[kind] ?? []) {
        for (const value of NO_TEXT) {
          assert.match(refusal(kind, { [key]: value }), new RegExp(`${key} must be .*, not`));
        }
      }
    });
  }

  test('what would let tasks wait for ever', () => {
    assert.match(refusal('ThreadPoolExecutor', { maxThreads: 0 }), /≥ 1, not 0/);
    assert.match(refusal('ThreadPoolExecutor', { maxThreads: 1.5 }), /≥ 1, not 1.5/);
    assert.match(refusal('HighThroughputExecutor', { maxWorkers: 0 }), /≥ 1, not 0/);
    assert.match(refusal('HighThroughputExecutor', { coresPerWorker: 0 }), /above 0, not 0/);
    assert.match(refusal('HighThroughputExecutor', { port: 70_000 }), /from 1 to 65535, not 70000/);
    const none = new LocalProvider({ maxBlocks: 0 });
    assert.match(refusal('HighThroughputExecutor', { provider: none }), /maxBlocks 0.*no queue/);
    const queue = 'redis://127.0.0.1:6379';
    assert.equal(refusal('HighThroughputExecutor', { provider: none, queue }), 'taken');
    assert.match(
      refusal('HighThroughputExecutor', { queue: 'http://x' }),
      /redis:\/\/.*"http:\/\/x"/,
    );
    assert.match(refusal('HighThroughputExecutor', { provider: {} }), /a provider, with submit/);
    assert.match(
      refusal('HighThroughputExecutor', { registry: new Map() }),
      /a Registry.*not a Map/,
    );
    // A timer takes at the most 2^31 milliseconds; with more it fires at once.
    assert.match(refusal('SlurmProvider', { pollInterval: 1e7 }), /pollInterval must be/);
    assert.match(refusal('SlurmProvider', { pollInterval: 0 }), /pollInterval must be/);
    assert.equal(refusal('HighThroughputExecutor', { maxIdletime: Infinity }), 'taken');
    const htex = (options: object): string => refusal('HighThroughputExecutor', options);
    assert.match(htex({ cpuAffinity: 'blocks' }), /cpuAffinity must be "none", "block"/);
    assert.match(htex({ availableAccelerators: [''] }), /how many there are, or an array/);
    assert.match(htex({ parallelism: 1.5 }), /parallelism must be a number from 0 to 1, not 1.5/);
    assert.match(
      htex({ strategy: 'none', provider: new LocalProvider({ initBlocks: 0 }) }),
      /initBlocks/,
    );
    assert.match(htex({ workerProgram: [] }), /an array of a program and its words/);
    assert.match(htex({ workerProgram: ['node'], nodeOptions: ['-x'] }), /among its words/);
  });

  test('counts of blocks that contradict each other', () => {
    assert.match(
      refusal('LocalProvider', { initBlocks: 3, maxBlocks: 2 }),
      /initBlocks is 3.*maxBlocks, 2/,
    );
    assert.match(
      refusal('SlurmProvider', { minBlocks: 2, maxBlocks: 1 }),
      /minBlocks is 2.*maxBlocks, 1/,
    );
    const counts = (options: object) => {
      const { initBlocks, minBlocks, maxBlocks } = new LocalProvider(options);
      return [initBlocks, minBlocks, maxBlocks];
    };
    assert.deepEqual(counts({}), [1, 0, 1]);
    assert.deepEqual(counts({ minBlocks: 2 }), [2, 2, 2]);
    assert.deepEqual(counts({ initBlocks: 4 }), [4, 0, 4]);
    assert.deepEqual(counts({ initBlocks: 0, maxBlocks: 3 }), [0, 0, 3]);
    assert.deepEqual(counts({ maxBlocks: 0 }), [0, 0, 0]);
  });

  test('of batch systems: what can never be had, or is for nobody', () => {
    const simple = { nodesPerBlock: 2, launcher: 'simple' };
    for (const kind of ['SlurmProvider', 'PBSProProvider', 'LSFProvider']) {
      assert.match(refusal(kind, simple), /launcher simple starts workers on one node/);
    }
    assert.match(
      refusal('SlurmProvider', { launcher: 'ssh' }),
      /launcher must be "simple", "srun"/,
    );
    assert.match(refusal('SlurmProvider', { constraint: 'a b' }), /constraint can't be "a b"/);
    assert.equal(refusal('SlurmProvider', { constraint: '[a*2&b]', gres: 'gpu:a100:2' }), 'taken');
    assert.match(
      refusal('PBSProProvider', { schedulerOptions: 'rm x' }),
      /lines "#PBS …", not "rm x"/,
    );
    assert.match(refusal('PBSProProvider', { walltime: '30' }), /walltime must be HH:MM:SS/);
    assert.match(refusal('LSFProvider', { coresPerNode: 2 }), /need requestByNodes: false/);
    assert.match(refusal('LSFProvider', { requestByNodes: false }), /coresPerNode are needed/);
    assert.match(refusal('GridEngineProvider', { coresPerNode: 2 }), /needs a parallelEnvironment/);
    assert.match(refusal('CondorProvider', { nodesPerBlock: 2 }), /no option nodesPerBlock/);
    assert.match(refusal('CondorProvider', { environment: { A: 1 } }), /whose values are text/);
  });
});
