/** Blocks that are Slurm jobs: the contract on two nodes, and the faults that a cluster has. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, suite, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { TilewrightError } from '../../src/core/errors.ts';
import type { Executor } from '../../src/parallel/executor.ts';
import { runAll } from '../../src/parallel/run-all.ts';
import { executorContract } from '../parallel/contract.ts';
import { task } from '../parallel/contract-tasks.ts';
import { killIfThere, waitUntil } from './engines/processes.ts';
import { makeBlocks } from './slurm-executors.ts';
import { skip, useCluster } from './slurm-support.ts';

const cluster = useCluster();

executorContract('blocks of Slurm', {
  skip,
  make: () => makeBlocks(cluster.folder, { initBlocks: 2, maxBlocks: 2 }),
});

/** Slurm's controller saves what it knows so late at the most. */
const SAVE_MS = 5_500;

/** Results, or codes of errors, in the order of the tasks. */
async function outcomes(
  executor: Executor,
  tasks: Parameters<typeof runAll>[1],
): Promise<unknown[]> {
  const found: unknown[] = [];
  await runAll(executor, tasks, (_task, result, error) =>
    found.push((error as TilewrightError | undefined)?.code ?? result),
  );
  return found;
}

suite('blocks of Slurm: faults', { skip }, () => {
  afterEach(async () => {
    await cluster.nothingLeft();
    assert.deepEqual(
      readdirSync(cluster.folder).filter((name) => name.startsWith('htex')),
      [],
    );
  });

  const withBlocks = async (
    options: Parameters<typeof makeBlocks>[1],
    work: (executor: ReturnType<typeof makeBlocks>) => Promise<void>,
  ): Promise<void> => {
    const executor = makeBlocks(cluster.folder, options);
    try {
      await work(executor);
    } finally {
      await executor.shutdown();
    }
  };

  test('a block of two nodes has workers on both', () =>
    withBlocks({ nodesPerBlock: 2 }, async (executor) => {
      const done = outcomes(
        executor,
        Array.from({ length: 8 }, (_, i) => task('slow', 300, i)),
      );
      await waitUntil(() => executor.managers.length === 2, 20_000, 'workers on two nodes');
      assert.deepEqual((await done).sort(), [0, 1, 2, 3, 4, 5, 6, 7]);
    }));

  test('kill -9 of a block’s process: its tasks run again on another block', () =>
    withBlocks({ maxBlocks: 2 }, async (executor) => {
      const marks = [join(cluster.folder, 'killed')];
      const others = Array.from({ length: 10 }, (_, i) => task('slow', 50, i));
      const found = await outcomes(executor, [task('killOnce', marks), ...others]);
      assert.equal(found.filter((result) => result === 'done at last').length, 1);
      assert.equal(found.filter((result) => typeof result === 'number').length, 10);
      assert.equal(existsSync(marks[0]!), true);
    }));

  test('a task that kills every worker is given up; the others are done', () =>
    withBlocks({ maxBlocks: 2, initBlocks: 2 }, async (executor) => {
      const others = Array.from({ length: 10 }, (_, i) => task('slow', 50, i));
      const found = await outcomes(executor, [...others, task('killProcess')]);
      assert.equal(found.filter((result) => typeof result === 'number').length, 10);
      assert.equal(found.filter((result) => result === 'worker-died').length, 1);
    }));

  test('kill -9 of slurmd: what runs goes on', () =>
    withBlocks({ maxBlocks: 2, initBlocks: 2 }, async (executor) => {
      const tasks = Array.from({ length: 12 }, (_, i) => task('slow', 500, i));
      const done = outcomes(executor, tasks);
      await waitUntil(() => executor.managers.length === 2, 20_000, 'workers on two nodes');
      await cluster.slurm.killSlurmd('node1', 'SIGKILL');
      assert.equal((await done).filter((result) => typeof result === 'number').length, 12);
      await cluster.slurm.startSlurmd('node1');
    }));

  test('kill -9 of slurmctld: what runs goes on, and blocks can be had when it is back', () =>
    withBlocks({ maxBlocks: 1 }, async (executor) => {
      const marks = [join(cluster.folder, 'controller')];
      assert.equal(await executor.run(task('echo', 1)), 1);
      await setTimeout(SAVE_MS);
      await cluster.slurm.killSlurmctld('SIGKILL');
      assert.equal(await executor.run(task('echo', 2)), 2);
      // The only block dies while nobody can give another one.
      const done = outcomes(executor, [task('killOnce', marks), task('slow', 10, 'other')]);
      await waitUntil(() => existsSync(marks[0]!), 10_000, 'the block to be killed');
      await setTimeout(2_000);
      await cluster.slurm.startSlurmctld();
      assert.deepEqual((await done).sort(), ['done at last', 'other']);
    }));

  test('a workerInit that fails is an error with what it printed', () =>
    withBlocks({ workerInit: 'echo preparing\nls /no/such/module >&2' }, async (executor) => {
      await assert.rejects(executor.run(task('echo', 1)), (error: TilewrightError) => {
        assert.equal(error.code, 'block-failed');
        assert.match(error.message, /provider slurm ended before a worker.*no\/such\/module/s);
        return true;
      });
    }));

  test('what Slurm refuses is an error with its words', () =>
    withBlocks({ partition: 'nowhere' }, async (executor) => {
      await assert.rejects(executor.run(task('echo', 1)), {
        code: 'block-failed',
        message: /invalid partition specified: nowhere/,
      });
    }));

  test('a job that is held is submitted again; one that is queued waits', () =>
    withBlocks({ maxBlocks: 1 }, async (executor) => {
      const release = await cluster.occupy();
      const run = executor.run(task('echo', 'at last'));
      await waitUntil(async () => (await cluster.holdWaiting()) > 0, 20_000, 'a waiting job');
      const waits = async (): Promise<boolean> =>
        (await cluster.slurm.squeue()).some(({ state, reason }) => {
          return state === 'PENDING' && !reason.startsWith('JobHeld') && reason !== 'None';
        });
      await waitUntil(waits, 20_000, 'another job to be queued');
      await setTimeout(2_000);
      assert.equal(await waits(), true, 'a queued job is left alone');
      await release();
      assert.equal(await run, 'at last');
    }));

  test('when all jobs are held, that is an error with the reason', () =>
    withBlocks({ maxBlocks: 1 }, async (executor) => {
      const release = await cluster.occupy();
      const code = executor.run(task('echo', 1)).then(
        () => 'none',
        (error: TilewrightError) => `${error.code}: ${error.message}`,
      );
      let ended = false;
      void code.then(() => {
        ended = true;
      });
      while (!ended) {
        await cluster.holdWaiting();
        await setTimeout(100);
      }
      assert.match(await code, /^block-failed: 3 blocks in a row.*\(JobHeld(Admin|User)\)/);
      await release();
    }));

  test('kill -9 of the coordinator: blocks that start later end by themselves', async () => {
    const release = await cluster.occupy();
    const runDir = join(cluster.folder, 'orphans');
    mkdirSync(runDir);
    const driver = spawn(
      process.execPath,
      [
        fileURLToPath(new URL('./slurm-driver.ts', import.meta.url)),
        'blocks',
        runDir,
        '1',
        'never',
      ],
      { stdio: 'ignore' },
    );
    const waiting = async (): Promise<boolean> =>
      (await cluster.slurm.squeue()).some(({ name }) => name.startsWith('tilewright-htex'));
    await waitUntil(waiting, 20_000, 'the block to be queued');
    killIfThere(driver.pid!, 'SIGKILL');
    await release();
    await waitUntil(async () => !(await waiting()), 30_000, 'the block to end');
  });
});
