/** Blocks that are jobs of a real Grid Engine. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { HighThroughputExecutor } from '../../src/parallel/blocks/high-throughput-executor.ts';
import {
  GridEngineProvider,
  type GridEngineProviderOptions,
} from '../../src/parallel/providers/grid-engine-provider.ts';
import { executorContract } from '../parallel/contract.ts';
import { task } from '../parallel/contract-tasks.ts';
import { type GridEngine, gridEngineMissing, startGridEngine } from './engines/grid-engine.ts';
import { isRunning, waitUntil } from './engines/processes.ts';

const skip = gridEngineMissing();
let engine: GridEngine | undefined;
let runDir = '';

if (skip === false) {
  before(async () => {
    engine = await startGridEngine();
    Object.assign(process.env, engine.env);
    runDir = mkdtempSync(join(tmpdir(), 'tilewright-grid-engine-test-'));
  });
  after(async () => {
    rmSync(runDir, { recursive: true, force: true });
    await engine?.stop();
    for (const name of Object.keys(engine?.env ?? {})) delete process.env[name];
  });
}

function make(options: GridEngineProviderOptions = {}): HighThroughputExecutor {
  const provider = new GridEngineProvider({ pollInterval: 0.3, walltime: '00:05:00', ...options });
  return new HighThroughputExecutor({ provider, runDir, address: '127.0.0.1', maxWorkers: 2 });
}

const jobs = async (): Promise<string> => (await engine!.command(['qstat'])).trim();

executorContract('blocks of Grid Engine', {
  skip,
  make: () => make({ parallelEnvironment: 'smp', coresPerNode: 2 }),
});

suite('blocks of Grid Engine', { skip }, () => {
  test('nothing is left of them', async () => {
    const executor = make({ initBlocks: 2, maxBlocks: 2 });
    await Promise.all([1, 2, 3].map((i) => executor.run(task('slow', 300, i))));
    await waitUntil(() => executor.managers.length === 2, 30_000, 'both blocks');
    const pids = executor.managers.map(({ pid }) => pid);
    assert.match(await jobs(), /tilewright/);
    await executor.shutdown();
    assert.equal(await jobs(), '');
    assert.deepEqual(pids.filter(isRunning), []);
  });

  test('what the batch system refuses is told in its words', async () => {
    const executor = make({ queue: 'no-such-queue' });
    await assert.rejects(executor.run(task('echo', 1)), {
      code: 'block-failed',
      message: /Grid Engine refuses the job: .*no-such-queue/s,
    });
    await executor.shutdown();
  });

  test('a workerInit that fails, a job that waits for ever', async () => {
    const failing = make({ workerInit: 'module_is_not_here load x' });
    await assert.rejects(failing.run(task('echo', 1)), {
      code: 'block-failed',
      message: /3 blocks in a row.*module_is_not_here: command not found/s,
    });
    await failing.shutdown();
    // Held by the user: nobody releases it.
    const held = make({ schedulerOptions: '#$ -h', maxHeldTime: 0.5 });
    await assert.rejects(held.run(task('echo', 1)), {
      code: 'block-failed',
      message: /would never have started \(state hqw\)/,
    });
    await held.shutdown();
    assert.equal(await jobs(), '');
  });
});
