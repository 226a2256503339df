/** One suite for all executors: what the contract in executor.ts promises. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { TilewrightError } from '../../src/core/errors.ts';
import { type Executor, MAX_ATTEMPTS, runAll, type Task } from '../../src/parallel/executor.ts';
import { InlineExecutor } from '../../src/parallel/inline-executor.ts';
import { ThreadExecutor } from '../../src/parallel/thread-executor.ts';

const TASKS_URL = new URL('./tasks.ts', import.meta.url).href;

const EXECUTORS: Record<string, () => Executor> = {
  inline: () => new InlineExecutor(TASKS_URL),
  'one thread': () => new ThreadExecutor(TASKS_URL, 1),
  'three threads': () => new ThreadExecutor(TASKS_URL, 3),
};

for (const [name, make] of Object.entries(EXECUTORS)) {
  suite(`executor: ${name}`, () => {
    const withExecutor = async (work: (executor: Executor) => Promise<void>): Promise<void> => {
      const executor = make();
      try {
        await work(executor);
      } finally {
        await executor.close();
      }
    };

    test('resolves with what the function returns', () =>
      withExecutor(async (executor) => {
        const value = { a: [1, 'two', null], b: { c: 0.1 } };
        assert.deepEqual(await executor.run({ name: 'echo', args: value }), value);
        assert.equal(await executor.run({ name: 'nothing', args: null }), undefined);
        const answer = await executor.run({ name: 'slow', args: { ms: 5, answer: 42 } });
        assert.equal(answer, 42);
      }));

    test('answers each of many calls with its own result', () =>
      withExecutor(async (executor) => {
        const answers = await Promise.all(
          Array.from({ length: 50 }, (_, answer) =>
            executor.run({ name: 'slow', args: { ms: (answer * 7) % 5, answer } }),
          ),
        );
        assert.deepEqual(
          answers,
          Array.from({ length: 50 }, (_, i) => i),
        );
      }));

    test('rejects with all that the error of the function says', () =>
      withExecutor(async (executor) => {
        await assert.rejects(executor.run({ name: 'refuse', args: null }), (error: unknown) => {
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
      }));

    test('gives errors that are not ours a code, and goes on', () =>
      withExecutor(async (executor) => {
        const codeOf = (task: Task): Promise<string> =>
          executor.run(task).then(
            () => 'none',
            (error: unknown) => (error as TilewrightError).code,
          );
        assert.equal(await codeOf({ name: 'fault', args: null }), 'internal');
        assert.equal(await codeOf({ name: 'full', args: null }), 'disk-full');
        assert.equal(await codeOf({ name: 'no such task', args: null }), 'internal');
        assert.equal(await executor.run({ name: 'echo', args: 1 }), 1);
      }));

    test('passes progress on, in order, before the result', () =>
      withExecutor(async (executor) => {
        const amounts: number[] = [];
        const task = { name: 'count', args: { steps: [1, 2, 3, 5, 8] } };
        assert.equal(await executor.run(task, (amount) => amounts.push(amount)), 5);
        assert.deepEqual(amounts, [1, 2, 3, 5, 8]);
      }));

    test('close() ends what runs and what waits, and takes nothing more', () =>
      withExecutor(async (executor) => {
        assert.equal(executor.closed, false);
        const codes = [...Array(5).keys()].map(() =>
          executor.run({ name: 'never', args: null }).catch((error) => error.code),
        );
        // The first of them has begun when this comes back.
        await new Promise((resolve) => setTimeout(resolve, 50));
        await executor.close();
        assert.equal(executor.closed, true);
        assert.deepEqual(await Promise.all(codes), Array(5).fill('interrupted'));
        await assert.rejects(executor.run({ name: 'echo', args: 1 }), { code: 'interrupted' });
        await executor.close();
      }));

    test('runAll starts tasks in their order and tells each result', () =>
      withExecutor(async (executor) => {
        const started: number[] = [];
        const tasks = (function* () {
          for (let i = 0; i < 20; i++) {
            started.push(i);
            yield { name: i === 13 ? 'refuse' : 'echo', args: i };
          }
        })();
        const results = new Map<unknown, unknown>();
        await runAll(executor, tasks, (task, result, error) =>
          results.set(task.args, error === undefined ? result : (error as TilewrightError).code),
        );
        assert.deepEqual(started, [...Array(20).keys()]);
        assert.equal(results.size, 20);
        for (const [args, result] of results) {
          assert.equal(result, args === 13 ? 'input-corrupt' : args);
        }
      }));

    test('runAll stops at an error that onDone throws, when the running tasks have ended', () =>
      withExecutor(async (executor) => {
        let done = 0;
        const tasks = [...Array(50).keys()].map((answer) => ({
          name: 'slow',
          args: { ms: 1, answer },
        }));
        await assert.rejects(
          runAll(executor, tasks, (_task, result) => {
            done++;
            if (result === 5) throw new Error('enough');
          }),
          /enough/,
        );
        assert.ok(done >= 6 && done < 6 + 2 * executor.slots, `${done} tasks were done`);
      }));

    test('runAll tries again what a retry can help, a few times', () =>
      withExecutor(async (executor) => {
        let failure: unknown;
        await runAll(executor, [{ name: 'refuse', args: null }], (_task, _result, error) => {
          failure = error;
        });
        assert.ok(failure instanceof TilewrightError);
        assert.equal(failure.code, 'input-corrupt');
        assert.match(failure.message, /lake\.gpkg is damaged \(tried 3 times\)/);
        assert.equal(failure.retryable, false);
      }));

    test('runAll rejects with what the listener of progress throws', () =>
      withExecutor(async (executor) => {
        await assert.rejects(
          runAll(
            executor,
            [{ name: 'count', args: { steps: [1, 2] } }],
            () => undefined,
            () => {
              throw new Error('listener');
            },
          ),
          /listener/,
        );
      }));
  });
}

suite('workers that die', () => {
  const withThreads = async (
    threads: number,
    work: (executor: ThreadExecutor) => Promise<void>,
  ): Promise<void> => {
    const executor = new ThreadExecutor(TASKS_URL, threads);
    try {
      await work(executor);
    } finally {
      await executor.close();
    }
  };

  test('the task under one rejects with worker-died, which may be retried; others go on', () =>
    withThreads(2, async (executor) => {
      const codes = await Promise.all(
        ['exit', 'echo', 'throwLater', 'echo', 'exit', 'echo', 'echo'].map((name) =>
          executor.run({ name, args: { code: 5 } }).then(
            () => 'answered',
            (error: TilewrightError) => `${error.code} ${error.retryable}`,
          ),
        ),
      );
      const died = 'worker-died true';
      assert.deepEqual(codes, [died, 'answered', died, 'answered', died, 'answered', 'answered']);
      await assert.rejects(executor.run({ name: 'exit', args: { code: 5 } }), {
        message: /exit code 5.*task exit/,
      });
      await assert.rejects(executor.run({ name: 'throwLater', args: null }), {
        message: /out of the blue/,
      });
    }));

  test('a task whose worker dies is done by another, and its progress counts once', () =>
    withThreads(2, async (executor) => {
      const folder = mkdtempSync(join(tmpdir(), 'tilewright-workers-'));
      try {
        const marks = Array.from({ length: MAX_ATTEMPTS - 1 }, (_, i) => join(folder, `${i}`));
        const results: unknown[] = [];
        let progress = 0;
        await runAll(
          executor,
          [{ name: 'exitOnce', args: { marks } }],
          (_task, result, error) => results.push(error ?? result),
          (amount) => {
            progress += amount;
          },
        );
        assert.deepEqual(results, ['done at last']);
        assert.equal(progress, 10);
      } finally {
        rmSync(folder, { recursive: true });
      }
    }));

  test('a task under which every worker dies is given up', () =>
    withThreads(1, async (executor) => {
      const outcomes: unknown[] = [];
      const tasks = [
        { name: 'exit', args: { code: 1 } },
        { name: 'echo', args: 'next' },
      ];
      await runAll(executor, tasks, (_task, result, error) =>
        outcomes.push((error as TilewrightError | undefined)?.code ?? result),
      );
      assert.deepEqual(outcomes, ['worker-died', 'next']);
    }));
});
