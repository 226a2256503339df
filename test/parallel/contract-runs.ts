/** The contract's part on runs of many tasks, and on apps, on every executor. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { TilewrightError } from '../../src/core/errors.ts';
import { app, joinApp } from '../../src/parallel/data-flow/app.ts';
import { Config } from '../../src/parallel/data-flow/config.ts';
import { clear, load } from '../../src/parallel/data-flow/loaded.ts';
import type { Executor } from '../../src/parallel/executor.ts';
import { runAll } from '../../src/parallel/run-all.ts';
import { TASKS_URL, task } from './contract-tasks.ts';
import type * as Tasks from './tasks.ts';

const apps = {
  add: app<typeof Tasks.add>(TASKS_URL, 'add'),
  sum: app<typeof Tasks.sum>(TASKS_URL, 'sum'),
  slow: app<typeof Tasks.slow>(TASKS_URL, 'slow'),
  refuse: app<typeof Tasks.refuse>(TASKS_URL, 'refuse'),
  flaky: app<typeof Tasks.flaky>(TASKS_URL, 'flaky'),
  count: app<typeof Tasks.count>(TASKS_URL, 'count'),
};

export interface ContractKit {
  make(): Executor | Promise<Executor>;
  stopsTasks: boolean;
  withFolder(work: (folder: string) => Promise<void>): Promise<void>;
}

type WithExecutor = (work: (executor: Executor) => Promise<void>) => Promise<void>;

/** To be called in a suite. */
export function runAllContract(withExecutor: WithExecutor): void {
  test('runAll tells each result, and stops at an error that onDone throws', () =>
    withExecutor(async (executor) => {
      const results = new Map<unknown, unknown>();
      const tasks = Array.from({ length: 20 }, (_, i) =>
        i === 13 ? task('fault', i) : task('echo', i),
      );
      await runAll(executor, tasks, (one, result, error) =>
        results.set(one.args[0], error === undefined ? result : (error as TilewrightError).code),
      );
      assert.equal(results.size, 20);
      for (const [args, result] of results)
        assert.equal(result, args === 13 ? 'task-failed' : args);

      let done = 0;
      const slow = Array.from({ length: 1000 }, (_, i) => task('slow', i < 10 ? 1 : 50, i));
      await assert.rejects(
        runAll(executor, slow, (_task, result) => {
          done++;
          if (result === 5) throw new Error('enough');
        }),
        /enough/,
      );
      assert.ok(done < 700, `${done} tasks were done`);
    }));

  test('runAll tries again what a retry can help, a few times', () =>
    withExecutor(async (executor) => {
      let failure: unknown;
      await runAll(executor, [task('refuse')], (_task, _result, error) => {
        failure = error;
      });
      assert.ok(failure instanceof TilewrightError);
      assert.equal(failure.code, 'input-corrupt');
      assert.match(failure.message, /lake\.gpkg is damaged \(tried 3 times\)/);
      assert.equal(failure.retryable, false);
    }));

  test('runAll waits for tasks that run when there is an error instead of the next one', () =>
    withExecutor(async (executor) => {
      let started = 0;
      let ended = 0;
      const tasks = (function* () {
        yield task('slow', 100, 1);
        throw new Error('no more');
      })();
      const observe = () => ({
        onAttempt: () => started++,
        onSuccess: () => ended++,
        onFailure: () => ended++,
      });
      const run = runAll(executor, tasks, () => undefined, { observe });
      await assert.rejects(run, /no more/);
      assert.deepEqual([started, ended], [1, 1]);
    }));

  test('runAll rejects with what the listener of progress throws', () =>
    withExecutor(async (executor) => {
      const onProgress = (): never => {
        throw new Error('listener');
      };
      const run = runAll(executor, [task('count', [1, 2])], () => undefined, { onProgress });
      await assert.rejects(run, /listener/);
    }));
}

/** To be called in a suite. */
export function appsContract({ make, stopsTasks, withFolder }: ContractKit): void {
  test('apps: dependencies, joins, retries, cancellation, progress', () =>
    withFolder(async (folder) => {
      await using kernel = await load(new Config({ executors: [await make()], backoffMs: 10 }));
      const three = apps.add(1, 2);
      const ten = apps.add(three, apps.slow(20, 7) as never);
      assert.equal(await ten, 10);
      assert.equal(await apps.sum([three, ten, 5]), 18);
      assert.equal(three.done(), true);

      const fibonacci: (n: number) => ReturnType<typeof apps.add> = joinApp((n: number) =>
        n < 2 ? apps.add(n, 0) : apps.add(fibonacci(n - 1), fibonacci(n - 2)),
      ) as never;
      assert.equal(await fibonacci(5), 5);

      const broken = apps.add(apps.refuse() as never, 1);
      await assert.rejects(broken, (error: TilewrightError) => {
        assert.equal(error.code, 'dependency-failed');
        assert.match(error.message, /tasks\.add.*tasks\.refuse.*lake\.gpkg is damaged/);
        return true;
      });
      assert.equal(broken.state, 'failed');

      const flaky = apps.flaky(join(folder, 'mark'));
      assert.equal(await flaky, 'at last');
      assert.equal(flaky.attempts, 2);

      let progress = 0;
      await apps.count([1, 2, 3]).onProgress((amount) => {
        progress += amount;
      });
      assert.equal(progress, 6);

      if (stopsTasks) {
        const long = apps.slow(600_000, 0);
        const dependent = apps.add(long as never, 1);
        while (long.state !== 'running') await setTimeout(5);
        assert.equal(long.cancel(), true);
        assert.equal(long.cancel(), false);
        await assert.rejects(long, { code: 'task-cancelled' });
        await assert.rejects(dependent, { code: 'dependency-failed' });
        assert.equal(kernel.counts.cancelled, 1);
      }
      assert.equal(kernel.counts.waiting + kernel.counts.queued + kernel.counts.running, 0);
      await clear();
    }));
}
