/** How a kernel ends, and that nothing is lost without a word. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { setImmediate, setTimeout } from 'node:timers/promises';
import {
  type AppFuture,
  apps,
  Config,
  clear,
  DataFlowKernel,
  InlineExecutor,
  load,
  ThreadPoolExecutor,
  waitForCurrentTasks,
} from '../../../src/parallel.ts';
import type * as Tasks from '../tasks.ts';

const TASKS_URL = new URL('../tasks.ts', import.meta.url);
const tasks = apps<typeof Tasks>(TASKS_URL);

function warningsOf(t: TestContext): string[] {
  const warnings: string[] = [];
  t.mock.method(process, 'emitWarning', (text: string) => warnings.push(text));
  return warnings;
}

const threads = (more: object = {}): Config =>
  new Config({ executors: [new ThreadPoolExecutor({ maxThreads: 2 })], retries: 0, ...more });

suite('the end of a block', () => {
  test("waits for all tasks by default, also for those that come of others ('wait')", async (t) => {
    const warnings = warningsOf(t);
    const ended: unknown[] = [];
    {
      await using _kernel = await load(threads());
      void tasks.slow(50, 'a').then((one) => {
        ended.push(one);
        void tasks.slow(30, 'b').then((other) => ended.push(other));
      });
    }
    assert.deepEqual(ended, ['a', 'b']);
    assert.deepEqual(warnings, []);
  });

  test("takes back what has not ended ('cancel'), or does nothing ('skip')", async (t) => {
    const warnings = warningsOf(t);
    let left: AppFuture<unknown>;
    {
      await using _kernel = await load(threads({ exitMode: 'cancel' }));
      left = tasks.slow(60_000, 1);
    }
    assert.match(String((await left.exception())?.code), /interrupted|task-cancelled/);
    {
      await using kernel = await load(threads({ exitMode: 'skip' }));
      left = tasks.slow(30, 2);
      assert.equal(kernel.closed, false);
    }
    assert.equal(await left, 2);
    await clear();
    await setImmediate();
    assert.deepEqual(warnings, []);
    assert.throws(() => new Config({ exitMode: 'cleanup' as 'cancel' }), {
      message: /exitMode must be "wait" or "cancel" or "skip", not "cleanup"/,
    });
  });
});

suite('waitForCurrentTasks', () => {
  test('waits for what was handed in before, however it ends', async () => {
    await using kernel = await load(threads());
    const some = [tasks.slow(30, 1), tasks.fault(), tasks.add(tasks.slow(20, 1) as never, 1)];
    const waiting = waitForCurrentTasks();
    const later = tasks.slow(5_000, 2);
    await waiting;
    assert.deepEqual(
      some.map((one) => one.state),
      ['done', 'failed', 'done'],
    );
    assert.equal(later.state, 'running');
    later.cancel();
    await kernel.waitForCurrentTasks();
    assert.equal(kernel.counts.cancelled, 1);
  });

  test('is nothing without a kernel', async () => {
    await assert.rejects(waitForCurrentTasks(), { code: 'usage' });
  });
});

suite('executors that come later', () => {
  test('run apps, and end with the kernel', async () => {
    await load(new Config({ executors: [new InlineExecutor()] }));
    const { dataFlowKernel } = await import('../../../src/parallel.ts');
    const kernel = dataFlowKernel();
    assert.throws(() => tasks.add.with({ executors: ['b'] })(1, 2), { code: 'usage' });
    const more = new ThreadPoolExecutor({ label: 'b', maxThreads: 1 });
    await kernel.addExecutors([more]);
    assert.equal(await tasks.add.with({ executors: ['b'] })(1, 2), 3);
    assert.deepEqual(
      kernel.executors.map(({ label }) => label),
      ['inline', 'b'],
    );
    await assert.rejects(kernel.addExecutors([new InlineExecutor()]), {
      code: 'config-invalid',
      message: /two executors are labelled inline/,
    });
    await assert.rejects(kernel.addExecutors([{} as InlineExecutor]), { code: 'config-invalid' });
    await clear();
    assert.equal(more.closed, true);
    await assert.rejects(kernel.addExecutors([new InlineExecutor()]), { code: 'usage' });
  });

  test('a kernel of ones own has executors, too', async () => {
    const kernel = new DataFlowKernel(new Config({ executors: [new InlineExecutor()] }));
    await kernel.start();
    assert.equal(await kernel.submit({ name: 'tasks.add', args: [1, 2] }), 3);
    await Promise.all([kernel.cleanup(), kernel.cleanup()]);
    await kernel.cleanup();
  });
});

suite('tasks that nobody looks at', () => {
  test('are told in one warning: how many, and three of their names', async (t) => {
    const warnings = warningsOf(t);
    await load(threads());
    for (let i = 0; i < 4; i++) tasks.fault();
    await waitForCurrentTasks();
    const slow = [1, 2, 3].map((i) => tasks.slow(60_000, i));
    while (slow[0]!.state !== 'running') await setTimeout(2);
    await clear();
    await setImmediate();
    await setImmediate();
    assert.equal(warnings.length, 1);
    const [warning] = warnings;
    assert.match(
      warning!,
      /^3 tasks were not done to the end: (tasks\.slow, ){2}tasks\.slow\. Await/,
    );
    assert.match(
      warning!,
      /4 tasks were found to have failed by nobody: tasks\.fault \(off by one/,
    );
    assert.match(warning!, /, …\. Await/);
  });

  test('are not those that somebody has awaited, asked, or passed on', async (t) => {
    const warnings = warningsOf(t);
    await load(threads());
    await tasks.fault().catch(() => undefined);
    await tasks.fault().exception();
    const polled = tasks.fault();
    const passed = tasks.fault();
    const part = (tasks.fault() as AppFuture<unknown>).get('a');
    const dependent = tasks.add(passed, 1);
    await dependent.exception();
    await part.exception();
    const cancelled = tasks.slow(60_000, 1);
    cancelled.cancel();
    while (!polled.done()) await setTimeout(2);
    const late = tasks.slow(60_000, 1);
    const settled = await tasks.fault.map([1, 2] as never, { settle: true });
    assert.equal(settled.length, 2);
    await clear();
    assert.equal((await late.exception())?.code, 'interrupted');
    await setTimeout(10);
    assert.deepEqual(warnings, []);
  });
});

suite('a program that ends', () => {
  const from = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
  async function run(code: string): Promise<{ exitCode: number; stderr: string; out: string }> {
    const program = `
      import { apps, Config, InlineExecutor, load } from ${from('../../../src/parallel.ts')};
      const tasks = apps(${from('../tasks.ts')});
      ${code}`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program]);
    let [stderr, out] = ['', ''];
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    child.stdout.setEncoding('utf8').on('data', (text) => {
      out += text;
    });
    const exitCode = await new Promise<number>((resolve) => child.on('close', resolve));
    return { exitCode, stderr, out };
  }

  test('says what failed that nobody looked at, also without clear()', async () => {
    const { exitCode, stderr } = await run('await load(new Config()); tasks.fault();');
    assert.equal(exitCode, 0);
    assert.match(
      stderr,
      /TilewrightWarning: 1 task was found to have failed by nobody: tasks\.fault/,
    );
  });

  test('says what it leaves when it calls process.exit, or waits for what never comes', async () => {
    const left = await run(
      `await load(new Config()); tasks.never(); tasks.never().then(() => 0); process.exit(3);`,
    );
    assert.equal(left.exitCode, 3);
    assert.match(left.stderr, /^TilewrightWarning: 1 task was not done to the end: tasks\.never\./);
    const hangs = await run(
      `await load(new Config({ executors: [new InlineExecutor()] }));
       await tasks.add(new Promise(() => 0), 1);`,
    );
    assert.equal(hangs.exitCode, 13);
    assert.match(hangs.stderr, /TilewrightWarning: 1 task was not done to the end: tasks\.add/);
  });

  test('does the work of a block to its end, and says nothing', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'tilewright-ending-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const mark = join(folder, 'made');
    const { exitCode, stderr, out } = await run(
      `{ await using k = await load(new Config()); tasks.markLater(${JSON.stringify(mark)}, 50); }
       console.log('after');`,
    );
    assert.deepEqual([exitCode, stderr, out], [0, '', 'after\n']);
    assert.equal(existsSync(mark), true);
  });
});
