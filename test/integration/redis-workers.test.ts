/** How workers of a queue end, what they bear, and what becomes of their tasks then. */

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { writeModules } from '../../src/parallel/blocks/modules-file.ts';
import { runAll } from '../../src/parallel/run-all.ts';
import { bashApp, Config, load, registry, sh } from '../../src/parallel.ts';
import { task } from '../parallel/contract-tasks.ts';
import { createNamespace, networkMissing } from './engines/network.ts';
import { assertNoneLeft, MARK, markedEnvironment, waitUntil } from './engines/processes.ts';
import { type Redis, redisKeys, redisMissing, startRedis } from './engines/redis.ts';
import {
  assertNoKeys,
  blocksOfOne,
  executorOn,
  noBlocks,
  startWorker,
  temporaryFolder,
} from './redis-support.ts';

const workerProgram = fileURLToPath(
  new URL('../../src/parallel/worker/worker-main.ts', import.meta.url),
);
const cliProgram = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const tasksUrl = new URL('../parallel/tasks.ts', import.meta.url).href;

suite('queues on Redis: workers', { skip: redisMissing(), concurrency: 3 }, () => {
  const { mark } = markedEnvironment();
  before(() => {
    process.env[MARK] = mark;
  });
  after(() => assertNoneLeft(mark));

  const server = async (t: TestContext): Promise<Redis> => {
    const redis = await startRedis();
    t.after(() => redis.stop());
    return redis;
  };

  test('an answer of 60 MiB gets through whole', async (t) => {
    const redis = await server(t);
    const executor = executorOn(t, redis, blocksOfOne(1));
    const length = 60 * 2 ** 20;
    assert.equal(((await executor.run(task('long', length))) as string).length, length);
    await assert.rejects(executor.run(task('long', 65 * 2 ** 20)), {
      code: 'task-failed',
      message: /at most 64\.0 MiB/,
    });
    await executor.shutdown();
    await assertNoKeys(redis);
  });

  test('one whose time is nearly up puts a task back, and leaves', async (t) => {
    const redis = await server(t);
    const executor = executorOn(t, redis, noBlocks());
    const folder = temporaryFolder(t);
    const [file, modules] = [join(folder, 'queue'), join(folder, 'modules')];
    writeFileSync(file, redis.url, { mode: 0o600 });
    writeModules(modules, { modules: [['tasks', tasksUrl]], argv: [] });
    const args = ['--queue-file', file, '--walltime', '20', '--modules', modules];
    const block = spawn(process.execPath, [workerProgram, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    t.after(() => block.kill('SIGKILL'));
    let output = '';
    block.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    const ended = once(block, 'exit');
    assert.equal(await executor.run(task('echo', 'short')), 'short');
    const starts: string[] = [];
    const long = executor.run(
      { ...task('slow', 500, 'long'), timeLimitMs: 60_000 },
      { onStart: () => starts.push('started') },
    );
    assert.equal((await ended)[0], 0);
    assert.match(output, /too little of its time is left/);
    assert.deepEqual(starts, []);
    const worker = await startWorker(t, ['--queue', redis.url]);
    assert.equal(await long, 'long');
    await executor.shutdown();
    assert.equal(await worker.stop(), 0);
    await assertNoKeys(redis);
  });

  test('one that is interrupted twice stops at once, and its task goes elsewhere', async (t) => {
    const redis = await server(t);
    const executor = executorOn(t, redis, noBlocks());
    const args = ['--queue', redis.url, '--workers', '1'];
    const worker = await startWorker(t, args);
    const mark = join(temporaryFolder(t), 'mark');
    const begun = Promise.withResolvers<void>();
    const slow = executor.run(task('markLater', mark, 5_000), { onStart: () => begun.resolve() });
    await begun.promise;
    process.kill(worker.pid, 'SIGINT');
    await worker.says('it ends when its tasks have');
    assert.equal(await worker.stop('SIGINT'), 130);
    assert.equal(existsSync(mark), false);
    const next = await startWorker(t, args);
    assert.equal(await slow, mark);
    await executor.shutdown();
    assert.equal(await next.stop(), 0);
    await assertNoKeys(redis);
  });

  test('one that is told to end does so, also while the server is gone', async (t) => {
    const redis = await server(t);
    const executor = executorOn(t, redis, noBlocks());
    const worker = await startWorker(t, ['--queue', redis.url]);
    assert.equal(await executor.run(task('echo', 1)), 1);
    await redis.kill('SIGKILL');
    await worker.says('is gone; waiting for it');
    assert.equal(await worker.stop(), 0);
    await redis.restart({ keepData: true });
    await executor.shutdown();
    await assertNoKeys(redis);
  });

  test('a block whose coordinator never comes ends by itself', async (t) => {
    const redis = await server(t);
    const file = join(temporaryFolder(t), 'queue');
    writeFileSync(file, redis.url, { mode: 0o600 });
    const args = ['--queue-file', file, '--owner', '0123456789abcdef', '--block', 'b'];
    const block = spawn(process.execPath, [workerProgram, ...args], { stdio: 'ignore' });
    t.after(() => block.kill('SIGKILL'));
    assert.deepEqual(await once(block, 'exit'), [0, null]);
    await assertNoKeys(redis);
  });

  test('a machine without the packages is told which to install', () => {
    const hide = `import { registerHooks } from 'node:module'; registerHooks({ resolve(name, context,
      next) { if (name === 'bullmq') throw new Error('it is not here'); return next(name, context);
      } });`;
    const args = ['--import', `data:text/javascript,${encodeURIComponent(hide)}`, cliProgram];
    const { status, stderr } = spawnSync(
      process.execPath,
      [...args, 'worker', '--queue', 'redis://localhost'],
      { encoding: 'utf8' },
    );
    assert.equal(status, 2);
    assert.match(stderr, /npm install bullmq ioredis/);
  });

  test('one that nobody needs ends by itself, if it is told to', async (t) => {
    const redis = await server(t);
    const worker = await startWorker(t, ['--queue', redis.url, '--idle-exit', '1']);
    assert.equal(await worker.exited, 0);
    assert.match(worker.output, /it had nothing to do for 1 s/);
    await assertNoKeys(redis);
  });

  test('one that was started by hand runs commands if it is told to', async (t) => {
    const redis = await server(t);
    const executor = executorOn(t, redis, { ...noBlocks(), registry });
    await using _kernel = await load(new Config({ executors: [executor], retries: 0 }));
    const folder = temporaryFolder(t);
    // A copy, as on another machine.
    const source = readFileSync(new URL('../parallel/apps/echo-command.ts', import.meta.url));
    const copy = join(folder, 'echo-command.ts');
    writeFileSync(copy, source);
    const without = await startWorker(t, ['--queue', redis.url, '--tasks', copy]);
    const worker = await startWorker(t, ['--queue', redis.url, '--tasks', copy, '--commands']);
    const path = join(folder, 'two words');
    const write = bashApp((word: string, to: string) => sh`echo ${word} > ${to}; exit 3`, {
      successCodes: [3],
    });
    assert.equal(await write('hello', path), 3);
    assert.equal(readFileSync(path, 'utf8'), 'hello\n');
    const echo = bashApp<(text: string) => string[]>(
      new URL('../parallel/apps/echo-command.ts', import.meta.url),
      'echo',
      { capture: true },
    );
    assert.equal((await echo('from a copy')).stdout, `${copy}: from a copy\n`);
    await without.says(
      'module bash-app was not given to it: it runs commands with --commands only',
    );
    await worker.stop();
  });

  test('a task that is taken back is stopped in its worker, which goes on', async (t) => {
    const redis = await server(t);
    const executor = executorOn(t, redis, blocksOfOne(1));
    const controller = new AbortController();
    const begun = Promise.withResolvers<void>();
    const { signal } = controller;
    const options = { signal, onStart: () => begun.resolve() };
    const spinning = executor.run(task('spin'), options);
    const waiting = executor.run(task('spin'), { signal });
    await begun.promise;
    controller.abort();
    await assert.rejects(spinning, { code: 'task-cancelled' });
    await assert.rejects(waiting, { code: 'task-cancelled' });
    assert.equal(await executor.run(task('echo', 1)), 1);
    await executor.shutdown();
    await assertNoKeys(redis);
  });

  test('the end of a run does not wait for a server that is gone', async (t) => {
    const redis = await server(t);
    const executor = executorOn(t, redis, blocksOfOne(1));
    const begun = Promise.withResolvers<void>();
    const running = executor.run(task('never'), { onStart: () => begun.resolve() });
    await begun.promise;
    await redis.kill('SIGKILL');
    const shutdown = executor.shutdown();
    await assert.rejects(running, { code: 'interrupted' });
    await shutdown;
    await redis.restart({ keepData: true });
    assert.notDeepEqual(await redisKeys(redis.url), []);
    // The next run with the same queue clears it away.
    const next = executorOn(t, redis, blocksOfOne(1));
    assert.equal(await next.run(task('echo', 1)), 1);
    await next.shutdown();
    await assertNoKeys(redis);
  });

  test('a worker behind a cut cable: its task is done, and counts once', {
    skip: networkMissing(),
  }, async (t) => {
    const namespace = await createNamespace();
    t.after(() => namespace.remove());
    const redis = await startRedis({ bind: namespace.hostAddress });
    t.after(() => redis.stop());
    const executor = executorOn(t, redis, noBlocks());
    const args = ['--queue', redis.url, '--workers', '1'];
    const far = await startWorker(t, args, { prefix: namespace.run });
    t.after(() => far.stop('SIGKILL'));
    const begun = Promise.withResolvers<void>();
    const done: unknown[] = [];
    const folder = temporaryFolder(t);
    const running = runAll(
      executor,
      [task('markLater', join(folder, 'a'), 20_000), task('slow', 100, 'b')],
      (_task, result, error) => done.push(error ?? result),
    );
    await waitUntil(() => executor.managers[0]?.busy === 1, 30_000, 'a task to begin');
    begun.resolve();
    await namespace.cut();
    const near = await startWorker(t, args);
    await setTimeout(30_000);
    await namespace.heal();
    await running;
    assert.deepEqual(done.sort(), [join(folder, 'a'), 'b'].sort());
    await waitUntil(() => far.output.includes('the queue is back'), 30_000, 'the far worker');
    assert.equal(await executor.run(task('echo', 1)), 1);
    await executor.shutdown();
    assert.equal(await near.stop(), 0);
    assert.equal(await far.stop(), 0);
    await assertNoKeys(redis);
  });
});
