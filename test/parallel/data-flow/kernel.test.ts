/** What the kernel does by itself, whatever the executor: loading, futures, memo, checkpoints. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { TilewrightError } from '../../../src/core/errors.ts';
import {
  app,
  Config,
  clear,
  dataFlowKernel,
  InlineExecutor,
  joinApp,
  load,
  Registry,
  ThreadPoolExecutor,
} from '../../../src/parallel.ts';
import type * as Tasks from '../tasks.ts';

const TASKS_URL = new URL('../tasks.ts', import.meta.url);
const add = app<typeof Tasks.add>(TASKS_URL, 'add');
const slow = app<typeof Tasks.slow>(TASKS_URL, 'slow');

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-kernel-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

suite('loading', () => {
  test('comes before apps, once, and ends with clear or the block', async () => {
    assert.throws(() => add(1, 2), { code: 'usage', message: /load\(new Config/ });
    assert.throws(() => dataFlowKernel(), { code: 'usage' });
    const config = new Config({ executors: [new InlineExecutor()] });
    const kernel = await load(config);
    assert.equal(dataFlowKernel(), kernel);
    await assert.rejects(load(config), { code: 'usage', message: /clear\(\).*await using/ });
    assert.equal(await add(1, 2), 3);
    await clear();
    await clear();
    const early = load(new Config({ executors: [new InlineExecutor()] }));
    await Promise.all([clear(), assert.rejects(early, { code: 'interrupted', message: /clear/ })]);
    assert.throws(() => kernel.submit({ name: 'tasks.add', args: [1, 2] }), { code: 'usage' });
    {
      await using _kernel = await load(new Config({ executors: [new InlineExecutor()] }));
      assert.equal(await add(2, 2), 4);
    }
    assert.throws(() => dataFlowKernel(), { code: 'usage' });
  });

  test('clear rejects what has not ended', async () => {
    await load(new Config({ executors: [new ThreadPoolExecutor({ maxThreads: 1 })] }));
    const futures = [slow(60_000, 1), slow(60_000, 2)];
    const waiting = add(futures[0] as never, 1);
    while (futures[0]!.state !== 'running') await setTimeout(5);
    await clear();
    for (const future of futures) {
      assert.equal((await future.exception())?.code, 'interrupted');
      assert.equal(future.done(), true);
    }
    assert.match(String((await waiting.exception())?.code), /dependency-failed|task-cancelled/);
  });
});

suite('apps', () => {
  test('choose their executor by its label', async () => {
    const executors = [new InlineExecutor({ label: 'a' }), new ThreadPoolExecutor({ label: 'b' })];
    await using _kernel = await load(new Config({ executors }));
    const onB = app<typeof Tasks.killProcess>(TASKS_URL, 'killProcess', { executors: ['a'] });
    await assert.rejects(onB(), { message: 'this would end the test' });
    const onC = app<typeof Tasks.add>(TASKS_URL, 'add', { executors: ['c'] });
    assert.throws(() => onC(1, 2), { message: /run on c.*labelled a, b/ });
    const onNone = onC.with({ executors: [] });
    assert.throws(() => onNone(1, 2), { code: 'usage', message: /run on none.*labelled a, b/ });
  });

  test('wait for a result no longer than they are told', async () => {
    await using _kernel = await load(
      new Config({ executors: [new ThreadPoolExecutor({ maxThreads: 1 })] }),
    );
    const future = slow(300, 'late');
    await assert.rejects(future.result(20), { code: 'task-timeout' });
    assert.equal(await future.result(60_000), 'late');
    assert.equal(await future.exception(), null);
  });

  test('are retried when the error says so, or the policy', async (t) => {
    const mark = join(folderFor(t), 'mark');
    const executors = [new InlineExecutor()];
    await using kernel = await load(new Config({ executors, backoffMs: 1 }));
    const fault = app<typeof Tasks.fault>(TASKS_URL, 'fault');
    const once = fault();
    assert.equal((await once.exception())?.code, 'task-failed');
    assert.equal(once.attempts, 1);
    const always = app<typeof Tasks.fault>(TASKS_URL, 'fault', {
      retryPolicy: { retries: 3, shouldRetry: () => true },
    });
    const often = always();
    assert.match((await often.exception())!.message, /off by one \(tried 4 times\)/);
    assert.equal(often.attempts, 4);
    const flaky = app<typeof Tasks.flaky>(TASKS_URL, 'flaky');
    assert.equal(await flaky(mark), 'at last');
    assert.equal(kernel.counts.retried, 4);
    assert.deepEqual([kernel.counts.done, kernel.counts.failed], [1, 2]);
  });

  test('a join app fails with what its apps fail with, and takes them back', async () => {
    await using _kernel = await load(
      new Config({ executors: [new ThreadPoolExecutor({ maxThreads: 2 })], retries: 0 }),
    );
    const refuse = app<typeof Tasks.refuse>(TASKS_URL, 'refuse');
    const failing = joinApp(() => [add(1, 1), refuse()] as const);
    await assert.rejects(failing(), { code: 'dependency-failed', message: /lake\.gpkg/ });
    const inner: ReturnType<typeof slow>[] = [];
    const long = joinApp(() => {
      inner.push(slow(60_000, 1));
      return inner[0]!;
    });
    const outer = long();
    while (inner[0]?.state !== 'running') await setTimeout(5);
    assert.equal(outer.cancel(), true);
    await assert.rejects(inner[0]!, { code: 'task-cancelled' });
  });

  test('are known by names that stand for one module', () => {
    const registry = new Registry();
    assert.equal(registry.register('file:///a/apps.ts'), 'apps');
    assert.equal(registry.register('file:///a/apps.ts'), 'apps');
    assert.throws(() => registry.register('file:///b/apps.ts'), { message: /Two modules/ });
    assert.equal(registry.register('file:///b/apps.ts', 'others'), 'others');
    assert.throws(() => registry.register('./apps.ts'), { message: /import\.meta\.url/ });
    assert.equal(registry.register('file:///a/b%20c#.ts'), 'b-c');
    assert.throws(() => registry.register('file:///a/d.ts', 'b c'), { message: /letters/ });
    for (const name of ['echo', '.echo', 'constructor.echo', '__proto__.echo', '']) {
      assert.throws(() => registry.locate(name), { code: 'task-unknown' }, name);
    }
    assert.deepEqual(registry.locate('apps.a.b'), {
      name: 'apps.a.b',
      url: 'file:///a/apps.ts',
      exportName: 'a.b',
    });
  });

  test('nothing can be called but what the module itself exports as a function', async () => {
    await using kernel = await load(new Config({ executors: [new InlineExecutor()] }));
    for (const name of [
      'tasks.toString',
      'tasks.constructor',
      'tasks.__proto__',
      'tasks.default',
    ]) {
      const error = await kernel.submit({ name, args: [] }).exception();
      assert.equal(error?.code, 'task-unknown', name);
    }
  });
});

suite('memo', () => {
  /** A module that counts its calls in a file. */
  const counting = (folder: string, factor: number): URL => {
    const path = join(folder, 'counting.ts');
    writeFileSync(
      path,
      `import { appendFileSync } from 'node:fs';
       export function times(file: string, n: number, extra?: object): number {
         appendFileSync(file, 'x');
         return ${factor} * n;
       }`,
    );
    return pathToFileURL(path);
  };

  test('results come from earlier calls with the same arguments, if the app wants that', async (t) => {
    const folder = folderFor(t);
    const file = join(folder, 'calls');
    const url = counting(folder, 2);
    await using kernel = await load(new Config({ executors: [new InlineExecutor()] }));
    const cached = app<(...args: unknown[]) => number>(url, 'times', { cache: true });
    assert.equal(await cached(file, 21, { a: 1, b: 2 }), 42);
    assert.equal(await cached(file, 21, { b: 2, a: 1 }), 42);
    assert.equal(await cached(file, 22), 44);
    assert.equal(readFileSync(file, 'utf8'), 'xx');
    assert.equal(kernel.counts.memoized, 1);
    const fresh = app<(...args: unknown[]) => number>(url, 'times');
    assert.equal(await fresh(file, 22), 44);
    assert.equal(readFileSync(file, 'utf8'), 'xxx');
  });

  test('a checkpoint is found again by the next process, for the same code only', (t) => {
    const folder = folderFor(t);
    const calls = join(folder, 'calls');
    const program = (url: URL): string => `
      import { app, clear, Config, InlineExecutor, load } from ${JSON.stringify(
        new URL('../../../src/parallel.ts', import.meta.url).href,
      )};
      await load(new Config({ executors: [new InlineExecutor()], checkpointMode: 'taskExit',
        runDir: ${JSON.stringify(join(folder, 'runinfo'))} }));
      const times = app(${JSON.stringify(url.href)}, 'times', { cache: true });
      console.log((await Promise.all([1, 2, 3].map((n) => times(${JSON.stringify(calls)}, n)))).join());
      process.kill(process.pid, 'SIGKILL');`;
    const run = (url: URL): string =>
      spawnSync(process.execPath, ['--input-type=module', '-e', program(url)], { encoding: 'utf8' })
        .stdout;
    const url = counting(folder, 2);
    assert.equal(run(url), '2,4,6\n');
    assert.equal(readFileSync(calls, 'utf8'), 'xxx');
    assert.equal(run(url), '2,4,6\n');
    assert.equal(readFileSync(calls, 'utf8'), 'xxx');
    // What a crash cut short counts for nothing.
    appendFileSync(join(folder, 'runinfo/checkpoint.jsonl'), '{"key":"half a li');
    assert.equal(run(url), '2,4,6\n');
    assert.equal(run(counting(folder, 3)), '3,6,9\n');
    assert.equal(readFileSync(calls, 'utf8'), 'xxxxxx');
  });
});

test('errors of ours that are thrown in an app keep what they say', async () => {
  await using _kernel = await load(
    new Config({ executors: [new ThreadPoolExecutor({ maxThreads: 1 })], retries: 0 }),
  );
  const refuse = app<typeof Tasks.refuse>(TASKS_URL, 'refuse');
  const error = (await refuse().exception()) as TilewrightError;
  assert.deepEqual([error.code, error.feature, error.tile], ['input-corrupt', 7, '3/1/2']);
});
