/** The executors that need no engine, by the contract; and what is theirs alone. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { TilewrightError } from '../../src/core/errors.ts';
import { HighThroughputExecutor } from '../../src/parallel/blocks/high-throughput-executor.ts';
import { InlineExecutor } from '../../src/parallel/inline-executor.ts';
import { LocalProvider } from '../../src/parallel/providers/local-provider.ts';
import { runAll } from '../../src/parallel/run-all.ts';
import { ThreadPoolExecutor } from '../../src/parallel/threads/thread-pool-executor.ts';
import { executorContract } from './contract.ts';
import { task } from './contract-tasks.ts';

executorContract('inline', { make: () => new InlineExecutor(), stopsTasks: false, asText: false });
for (const maxThreads of [1, 3]) {
  executorContract(`threads: ${maxThreads}`, {
    make: () => new ThreadPoolExecutor({ maxThreads }),
    asText: false,
  });
}
executorContract('local: one block', { make: () => new HighThroughputExecutor({}) });
executorContract('local: two blocks of one worker', {
  make: () =>
    new HighThroughputExecutor({
      maxWorkers: 1,
      provider: new LocalProvider({ initBlocks: 1, maxBlocks: 2 }),
    }),
});

suite('worker threads that die', () => {
  const withThreads = async (
    maxThreads: number,
    work: (executor: ThreadPoolExecutor) => Promise<void>,
  ): Promise<void> => {
    const executor = new ThreadPoolExecutor({ maxThreads });
    try {
      await work(executor);
    } finally {
      await executor.shutdown();
    }
  };

  test('the task under one rejects with worker-died, which may be retried; others go on', () =>
    withThreads(2, async (executor) => {
      const codes = await Promise.all(
        (['exit', 'echo', 'throwLater', 'echo', 'exit', 'echo', 'echo'] as const).map((name) =>
          executor.run(task(name, 5)).then(
            () => 'answered',
            (error: TilewrightError) => `${error.code} ${error.retryable}`,
          ),
        ),
      );
      const died = 'worker-died true';
      assert.deepEqual(codes, [died, 'answered', died, 'answered', died, 'answered', 'answered']);
      await assert.rejects(executor.run(task('exit', 5)), {
        message: /exit code 5.*task tasks\.exit/,
      });
      await assert.rejects(executor.run(task('throwLater')), { message: /out of the blue/ });
    }));

  test('a task whose worker dies is done by another, and its progress counts once', () =>
    withThreads(2, async (executor) => {
      const folder = mkdtempSync(join(tmpdir(), 'tilewright-workers-'));
      try {
        const marks = [join(folder, '0'), join(folder, '1')];
        const results: unknown[] = [];
        let progress = 0;
        await runAll(
          executor,
          [task('exitOnce', marks)],
          (_task, result, error) => results.push(error ?? result),
          {
            onProgress: (amount) => {
              progress += amount;
            },
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
      await runAll(executor, [task('exit', 1), task('echo', 'next')], (_task, result, error) =>
        outcomes.push((error as TilewrightError | undefined)?.code ?? result),
      );
      assert.deepEqual(outcomes.sort(), ['next', 'worker-died']);
    }));
});

test('a program that is given as text has threads too', () => {
  const from = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
  const code = `
    import { registry } from ${from('../../src/parallel/registry.ts')};
    import { ThreadPoolExecutor } from ${from('../../src/parallel/threads/thread-pool-executor.ts')};
    registry.register(${from('./tasks.ts')}, 'tasks');
    const executor = new ThreadPoolExecutor({ maxThreads: 1 });
    console.log(await executor.run({ name: 'tasks.add', args: [2, 3] }));
    await executor.shutdown();`;
  const args = ['--input-type=module', '-e', code];
  assert.equal(execFileSync(process.execPath, args, { encoding: 'utf8' }), '5\n');
});
