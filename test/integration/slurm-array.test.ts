/** Job arrays: the contract on two nodes, and the faults that a cluster has. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, suite, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { TilewrightError } from '../../src/core/errors.ts';
import { runAll } from '../../src/parallel/run-all.ts';
import type { SlurmArrayExecutor } from '../../src/parallel/slurm/arrays/array-executor.ts';
import type { SlurmArrayOptions } from '../../src/parallel/slurm/arrays/array-options.ts';
import type { Task } from '../../src/parallel/task.ts';
import { executorContract } from '../parallel/contract.ts';
import { task } from '../parallel/contract-tasks.ts';
import { killIfThere, waitUntil } from './engines/processes.ts';
import { makeArrays } from './slurm-executors.ts';
import { skip, useCluster } from './slurm-support.ts';

const cluster = useCluster();
/** Slurm's controller saves what it knows so late at the most. */
const SAVE_MS = 5_500;

executorContract('arrays of Slurm', {
  skip,
  make: () => makeArrays(cluster.folder, { secondsPerElement: 250 }),
});

/** Results, or codes of errors, in the order in which the tasks end. */
async function outcomes(executor: SlurmArrayExecutor, tasks: Task[]): Promise<unknown[]> {
  const found: unknown[] = [];
  await runAll(executor, tasks, (_task, result, error) =>
    found.push((error as TilewrightError | undefined)?.code ?? result),
  );
  return found;
}

const slow = (count: number, ms: number): Task[] =>
  Array.from({ length: count }, (_, i) => task('slow', ms, i));
const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const sorted = (found: unknown[]): unknown[] => found.sort((a, b) => Number(a) - Number(b));

suite('arrays of Slurm: faults', { skip }, () => {
  afterEach(async () => {
    await cluster.nothingLeft();
    const left = readdirSync(cluster.folder).filter((name) => name.startsWith('arrays-'));
    assert.deepEqual(left, []);
  });

  const withArrays = async (
    options: SlurmArrayOptions,
    work: (executor: SlurmArrayExecutor) => Promise<void>,
  ): Promise<void> => {
    const executor = makeArrays(cluster.folder, options);
    try {
      await work(executor);
    } finally {
      await executor.shutdown();
    }
  };

  test('kill -9 of an element: what it had begun is tried again, the rest is done', () =>
    withArrays({ secondsPerElement: 250 }, async (executor) => {
      const marks = [join(cluster.folder, 'killed')];
      const found = await outcomes(executor, [task('killOnce', marks), ...slow(30, 20)]);
      assert.equal(found.filter((result) => result === 'done at last').length, 1);
      assert.equal(found.filter((result) => typeof result === 'number').length, 30);
    }));

  test('a task that kills every element is given up, alone; the others are done', () =>
    withArrays({ secondsPerElement: 250 }, async (executor) => {
      const run = outcomes(executor, [task('killProcess'), ...slow(10, 20)]);
      const found = await run;
      assert.equal(found.filter((result) => typeof result === 'number').length, 10);
      assert.equal(found.filter((result) => result === 'worker-died').length, 1);
    }));

  test('elements that somebody cancels are submitted again', () =>
    withArrays({ secondsPerElement: 0.5, coresPerElement: 1, maxElements: 1 }, async (executor) => {
      const started = Promise.withResolvers<void>();
      const tasks = slow(4, 700).map((one) =>
        executor.run(one, { onStart: () => started.resolve() }),
      );
      await started.promise;
      const waiting = (await cluster.slurm.squeue()).filter((job) => job.state === 'PENDING');
      assert.ok(waiting.length > 0);
      await cluster.slurm.command(['scancel', ...waiting.map(({ id }) => id)]);
      assert.deepEqual(await Promise.all(tasks), numbers(4));
    }));

  test('an element begins nothing that it has no time for', () =>
    withArrays({ walltime: '00:00:08', coresPerElement: 1 }, async (executor) => {
      assert.deepEqual(sorted(await outcomes(executor, slow(6, 800))), numbers(6));
      const names = new Set(cluster.slurm.jobs().map(({ name }) => name));
      const arrays = [...names].filter((name) => name.endsWith('-2'));
      assert.ok(arrays.length > 0, 'what was left over went into a second array');
    }));

  test('kill -9 of slurmd and slurmctld: what runs is done, and more when they are back', () =>
    withArrays({ secondsPerElement: 0.5, coresPerElement: 1 }, async (executor) => {
      assert.equal(await executor.run(task('echo', 1)), 1);
      const started = Promise.withResolvers<void>();
      const tasks = slow(4, 3_000).map((one) =>
        executor.run(one, { onStart: () => started.resolve() }),
      );
      await started.promise;
      await setTimeout(SAVE_MS / 2);
      await cluster.slurm.killSlurmctld('SIGKILL');
      await cluster.slurm.killSlurmd('node1', 'SIGKILL');
      const late = executor.run(task('echo', 'late'));
      await setTimeout(1_500);
      await cluster.slurm.startSlurmctld();
      await cluster.slurm.startSlurmd('node1');
      const found = await Promise.all(tasks.map((run) => run.catch((error) => error.code)));
      for (const one of found) assert.ok(typeof one === 'number' || one === 'worker-died');
      assert.equal(await late, 'late');
      await executor.shutdown();
      await cluster.slurm.cancelAll();
    }));

  test('a workerInit that fails is an error with what it printed', () =>
    withArrays({ workerInit: 'ls /no/such/module' }, async (executor) => {
      await assert.rejects(executor.run(task('echo', 1)), (error: TilewrightError) => {
        assert.equal(error.code, 'block-failed');
        assert.match(error.message, /ended before they began a task, 3 times.*no\/such\/module/s);
        return true;
      });
    }));

  test('when all elements are held, that is an error with the reason', () =>
    withArrays({}, async (executor) => {
      const release = await cluster.occupy();
      let ended = false;
      const message = executor.run(task('echo', 1)).then(
        () => 'none',
        (error: TilewrightError) => `${error.code}: ${error.message}`,
      );
      void message.then(() => {
        ended = true;
      });
      while (!ended) {
        await cluster.holdWaiting();
        await setTimeout(100);
      }
      assert.match(await message, /^block-failed: .*would never have started \(JobHeld/);
      await release();
    }));

  test('kill -9 of the driver: the next one ends its array, then goes on', async () => {
    const runDir = cluster.folder;
    const program = fileURLToPath(new URL('./slurm-driver.ts', import.meta.url));
    const mark = JSON.stringify(join(runDir, 'hangs'));
    const driver = spawn(process.execPath, [program, 'array', runDir, '1', 'markAndHang', mark], {
      stdio: 'ignore',
    });
    await waitUntil(() => existsSync(JSON.parse(mark) as string), 20_000, 'the task to hang');
    killIfThere(driver.pid!, 'SIGKILL');
    const element = Number(readFileSync(JSON.parse(mark) as string, 'utf8'));
    assert.equal((await cluster.slurm.squeue()).length, 1);
    await withArrays({}, async (executor) => {
      await executor.start();
      assert.deepEqual(await cluster.slurm.squeue(), []);
      assert.equal(existsSync(`/proc/${element}`), false);
      assert.equal(await executor.run(task('echo', 1)), 1);
    });
  });
});
