/** One suite for all executors: what the contract in executor.ts promises. */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { TilewrightError } from '../../src/core/errors.ts';
import type { Executor, RunOptions } from '../../src/parallel/executor.ts';
import { runAll } from '../../src/parallel/run-all.ts';
import type { TaskUsage } from '../../src/parallel/usage/usage.ts';
import { rounds } from '../soak/rounds.ts';
import { appsContract, runAllContract } from './contract-runs.ts';
import { task } from './contract-tasks.ts';
import { checkRandomValues } from './values/there-and-back.ts';

export interface ContractOptions {
  /** A new executor; it is shut down by the test. */
  make(): Executor | Promise<Executor>;
  /** Why the suite is skipped. */
  skip?: string | false;
  /** Whether a worker can be stopped in the middle of a task (not: the calling thread). */
  stopsTasks?: boolean;
  /** Whether values go to its workers as text (not: by structured clone). */
  asText?: boolean;
  /** How many tasks the test of many small ones runs. */
  many?: number;
}

export function executorContract(name: string, options: ContractOptions): void {
  const {
    make,
    skip = false,
    stopsTasks = true,
    asText = true,
    many = rounds(500, 10_000),
  } = options;
  suite(`executor: ${name}`, { skip }, () => {
    /** Starting workers takes longer than most tests: those that leave an executor as it was share one. */
    let shared: Executor | undefined;
    const withShared = async (work: (executor: Executor) => Promise<void>): Promise<void> => {
      shared ??= await make();
      await work(shared);
    };
    const withExecutor = async (work: (executor: Executor) => Promise<void>): Promise<void> => {
      const executor = await make();
      try {
        await work(executor);
      } finally {
        await executor.shutdown();
      }
    };
    const withFolder = async (work: (folder: string) => Promise<void>): Promise<void> => {
      const folder = mkdtempSync(join(tmpdir(), 'tilewright-contract-'));
      try {
        await work(folder);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    };
    const codeOf = (run: Promise<unknown>): Promise<string> =>
      run.then(
        () => 'none',
        (error: unknown) => (error as TilewrightError).code,
      );

    suite('one after the other', () => {
      after(() => shared?.shutdown());

      test('results, errors, progress', () =>
        withShared(async (executor) => {
          const value = { a: [1, 'two', null], b: { c: 0.1 } };
          assert.deepEqual(await executor.run(task('echo', value)), value);
          assert.equal(await executor.run(task('nothing')), undefined);
          assert.equal(await executor.run(task('slow', 5, 42)), 42);
          assert.equal(await executor.run(task('add', 1, 2)), 3);

          const answers = await Promise.all(
            Array.from({ length: 50 }, (_, i) => executor.run(task('slow', (i * 7) % 5, i))),
          );
          assert.deepEqual(
            answers,
            Array.from({ length: 50 }, (_, i) => i),
          );

          const amounts: number[] = [];
          const events: string[] = [];
          const listening: RunOptions = {
            onStart: () => events.push('start'),
            onProgress: (amount) => amounts.push(amount),
          };
          assert.equal(await executor.run(task('count', [1, 2, 3, 5, 8]), listening), 5);
          assert.deepEqual(amounts, [1, 2, 3, 5, 8]);
          assert.deepEqual(events, ['start']);

          // What a task costs is told before its result, by the worker that was told to begin.
          const usages: TaskUsage[] = [];
          let worker = '';
          const measured = await executor.run(task('work', 60), {
            onStart: (name) => {
              worker = name;
            },
            onUsage: (usage) => usages.push(usage),
          });
          assert.equal(measured, 'done');
          assert.equal(usages.length, 1);
          const [usage] = usages as [TaskUsage];
          assert.match(worker, /^[^/]+\/\d+\/\d+$/);
          assert.equal(usage.worker, worker);
          assert.ok(usage.wallMs >= 60, `${usage.wallMs}`);
          const cpuMs = usage.cpuUserMs + usage.cpuSystemMs;
          assert.ok(cpuMs > 5 && cpuMs <= usage.wallMs + 5, `${cpuMs} of ${usage.wallMs}`);
          assert.deepEqual(usage.notes, { readMs: 3, rows: 12 });
          assert.ok(usage.peakMemory > 10e6);

          await assert.rejects(executor.run(task('refuse')), (error: unknown) => {
            assert.ok(error instanceof TilewrightError);
            const { code, message, input, feature, tile, retryable } = error;
            assert.deepEqual(
              { code, message, input, feature, tile, retryable },
              {
                code: 'input-corrupt',
                message: 'lake.gpkg is damaged',
                input: 'lake.gpkg',
                feature: 7,
                tile: '3/1/2',
                retryable: true,
              },
            );
            assert.match(String(error.cause), /page 9/);
            return true;
          });
          await assert.rejects(executor.run(task('fault')), (error: TilewrightError) => {
            assert.equal(error.code, 'task-failed');
            assert.equal(error.message, 'off by one');
            assert.match(String(error.cause), /RangeError/);
            return true;
          });
          assert.equal(await codeOf(executor.run(task('full'))), 'disk-full');
          const unknown = { name: 'tasks.notThere', args: [] };
          assert.equal(await codeOf(executor.run(unknown)), 'task-unknown');
          const noModule = { name: 'nowhere.echo', args: [] };
          assert.equal(await codeOf(executor.run(noModule)), 'task-unknown');
          assert.equal(await executor.run(task('echo', 1)), 1);
        }));

      test('arguments that can not be sent, or are too much, are refused with what to do', () =>
        withShared(async (executor) => {
          const big = 'x'.repeat(10e6);
          if (asText) {
            await assert.rejects(executor.run(task('echo', big)), {
              code: 'task-arguments',
              message: /arguments of tasks\.echo take 9\.5 MiB.*at most 8\.0 MiB.*pass its path/s,
            });
          } else {
            assert.equal(await executor.run(task('echo', big)), big);
          }
          await assert.rejects(executor.run(task('echo', 1, { items: [{ call: () => 1 }] })), {
            code: 'task-arguments',
            message: /argument 2, \.items\[0\]\.call, is a function/,
          });
          await assert.rejects(executor.run(task('answerWithFunction')), {
            code: 'task-failed',
            message: /result of tasks\.answerWithFunction .*\.when is a function/,
          });
          // What is allowed gets through.
          const allowed = 'y'.repeat(7e6);
          assert.equal(await executor.run(task('echo', allowed)), allowed);
        }));

      const count = rounds(150, 1_000);
      test(`${count} random values get there and back, 200 others are refused`, () =>
        withShared((executor) => checkRandomValues(executor, count)));

      test(`${many} small tasks`, () =>
        withShared(async (executor) => {
          let total = 0;
          const tasks = Array.from({ length: many }, (_, i) => task('add', i, 1));
          await runAll(executor, tasks, (_task, result, error) => {
            if (error !== undefined) throw error;
            total += result as number;
          });
          assert.equal(total, (many * (many + 1)) / 2);
        }));

      test('of tasks that wait, those of higher priority begin first', () =>
        withShared(async (executor) => {
          const order: number[] = [];
          const hold = Promise.withResolvers<void>();
          const holders = Array.from({ length: 4 }, () =>
            executor.run(task('slow', 400, 0), { onStart: () => hold.resolve() }),
          );
          await hold.promise;
          const runs = [-1, 0, 2].flatMap((priority) =>
            [0, 1].map((i) =>
              executor.run(
                { ...task('slow', 20, 0), priority },
                { onStart: () => order.push(priority + i / 10) },
              ),
            ),
          );
          await Promise.all([...holders, ...runs]);
          // Where several begin at once, who tells of it first is open.
          const place = (priority: number): number =>
            order.findIndex((one) => Math.floor(one) === priority);
          assert.ok(place(2) < place(-1), order.join());
          assert.ok(place(0) < place(-1), order.join());
          if (executor.workers === 1)
            assert.deepEqual(order.slice(0, 4).map(Math.floor), [2, 2, 0, 0]);
        }));

      test('a task may occupy several workers, and is refused what there will never be', () =>
        withShared(async (executor) => {
          await executor.run(task('add', 1, 2));
          const resources = { cores: 1, memory: 1 };
          assert.equal(await executor.run({ ...task('add', 1, 2), resources }), 3);
          for (const bad of [{ cores: 0 }, { cores: 5000 }, { memory: 1e12 }, { memory: -1 }]) {
            assert.equal(
              await codeOf(executor.run({ ...task('add', 1, 2), resources: bad })),
              'task-arguments',
              JSON.stringify(bad),
            );
          }
          // Of several processes, each could have one.
          const { managers = [] } = executor as { managers?: readonly unknown[] };
          const cores = executor.workers ?? 1;
          if (cores < 2 || managers.length > 1) return;
          const wide = { ...task('interval', 60), resources: { cores } };
          const runs = Array.from({ length: 4 }, () => executor.run(wide));
          const times = ((await Promise.all(runs)) as [number, number][]).sort(([a], [b]) => a - b);
          for (const [i, [begin]] of times.entries()) {
            assert.ok(i === 0 || begin >= times[i - 1]![1], `${begin} is in ${times[i - 1]}`);
          }
        }));

      test('time limits', () =>
        (stopsTasks ? withShared : withExecutor)(async (executor) => {
          const limited = { ...task(stopsTasks ? 'spin' : 'never'), timeLimitMs: 300 };
          await assert.rejects(executor.run(limited), (error: TilewrightError) => {
            assert.equal(error.code, 'task-timeout');
            assert.match(error.message, /longer than its time limit of 0.3 s/);
            assert.equal(error.retryable, true);
            return true;
          });
          if (stopsTasks) {
            assert.equal(await executor.run({ ...task('echo', 1), timeLimitMs: 60_000 }), 1);
          }
        }));

      test('cancellation', () =>
        (stopsTasks ? withShared : withExecutor)(async (executor) => {
          const controller = new AbortController();
          const started = Promise.withResolvers<void>();
          const run = executor.run(task('never'), {
            signal: controller.signal,
            onStart: () => started.resolve(),
          });
          const code = codeOf(run);
          await started.promise;
          controller.abort();
          assert.equal(await code, 'task-cancelled');
          const never = AbortSignal.abort();
          assert.equal(
            await codeOf(executor.run(task('echo', 1), { signal: never })),
            'task-cancelled',
          );
          if (stopsTasks) assert.equal(await executor.run(task('echo', 1)), 1);
        }));

      runAllContract(withShared);
    });

    test('shutdown ends what runs and what waits, and takes nothing more', () =>
      withExecutor(async (executor) => {
        assert.equal(executor.closed, false);
        const started = Promise.withResolvers<void>();
        const codes = [...Array(5).keys()].map(() =>
          codeOf(executor.run(task('never'), { onStart: () => started.resolve() })),
        );
        await started.promise;
        await executor.shutdown();
        assert.equal(executor.closed, true);
        assert.deepEqual(await Promise.all(codes), Array(5).fill('interrupted'));
        await assert.rejects(executor.run(task('echo', 1)), { code: 'interrupted' });
        await executor.shutdown();
      }));

    test('shutdown with drain lets the running tasks end', () =>
      withExecutor((executor) =>
        withFolder(async (folder) => {
          const path = join(folder, 'mark');
          const started = Promise.withResolvers<void>();
          const first = executor.run(task('markLater', path, 700), {
            onStart: () => started.resolve(),
          });
          await started.promise;
          const others = Array.from({ length: executor.slots > 1e6 ? 0 : 60 }, () =>
            codeOf(executor.run(task('slow', 700, 'late'))),
          );
          await setTimeout(50);
          await executor.shutdown({ drain: true });
          assert.equal(await first, path);
          assert.equal(existsSync(path), true);
          const codes = await Promise.all(others);
          if (others.length > 0) assert.ok(codes.includes('interrupted'), 'some had to wait');
        }),
      ));

    appsContract({ make, stopsTasks, withFolder });
  });
}
