/** What goes wrong on a cluster, done to queues on Redis: every task is done, and counts once. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { TilewrightError } from '../../src/core/errors.ts';
import type { Executor } from '../../src/parallel/executor.ts';
import { runAll } from '../../src/parallel/run-all.ts';
import { task } from '../parallel/contract-tasks.ts';
import {
  assertNoneLeft,
  killIfThere,
  MARK,
  markedEnvironment,
  waitUntil,
} from './engines/processes.ts';
import { type Redis, redisKeys, redisMissing, startRedis } from './engines/redis.ts';
import {
  assertNoKeys,
  blocksOfOne,
  executorOn,
  noBlocks,
  startWorker,
  temporaryFolder,
} from './redis-support.ts';

const coordinator = fileURLToPath(new URL('redis-coordinator.ts', import.meta.url));

suite('queues on Redis: faults', { skip: redisMissing(), concurrency: 3 }, () => {
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

  /** Runs tasks 0 to count − 1 that wait and answer; each must answer once. */
  const runMany = async (
    executor: Executor,
    count: number,
    ms: number,
    onDone: (done: number) => void = () => undefined,
  ): Promise<void> => {
    const results: unknown[] = [];
    const tasks = Array.from({ length: count }, (_, i) => task('slow', ms, i));
    await runAll(executor, tasks, (_task, result, error) => {
      if (error !== undefined) throw error;
      results.push(result);
      onDone(results.length);
    });
    assert.deepEqual(
      results.sort((a, b) => Number(a) - Number(b)),
      tasks.map((_, i) => i),
    );
  };

  for (const keepData of [true, false]) {
    const how = keepData ? 'with what it had confirmed' : 'with nothing';
    test(`the server is killed and comes back ${how}`, async (t) => {
      const redis = await server(t);
      const executor = executorOn(t, redis, blocksOfOne(2));
      const worker = await startWorker(t, ['--queue', redis.url, '--workers', '1']);
      await worker.says('serves the queue');
      let restarted: Promise<void> | undefined;
      const long = executor.run(task('slow', 8_000, 'long'));
      await runMany(executor, 60, 200, (done) => {
        if (done === 15) restarted = redis.restart({ keepData });
      });
      await restarted;
      assert.equal(await long, 'long');
      await executor.shutdown();
      assert.match(worker.output, /is gone; waiting for it/);
      assert.match(worker.output, /the queue is back/);
      assert.equal(await worker.stop(), 0);
      await assertNoKeys(redis);
    });
  }

  test('a block is killed during its task, which another one does', async (t) => {
    const redis = await server(t);
    const executor = executorOn(t, redis, blocksOfOne(2));
    const mark = join(temporaryFolder(t), 'mark');
    const killed = executor.run(task('killOnce', [mark]));
    await runMany(executor, 30, 50);
    assert.equal(await killed, 'done at last');
    await executor.shutdown();
    await assertNoKeys(redis);
  });

  test('a task that always kills its worker is named; those beside it are done', async (t) => {
    const redis = await server(t);
    const executor = executorOn(t, redis, { maxWorkers: 2 });
    const outcomes = new Map<unknown, unknown>();
    const tasks = [task('killProcess')];
    for (let i = 0; i < 12; i++) tasks.push(task('slow', 400, i));
    await runAll(executor, tasks, (one, result, error) => outcomes.set(one.name, error ?? result));
    const died = outcomes.get('tasks.killProcess') as TilewrightError;
    assert.equal(died.code, 'worker-died');
    assert.match(died.message, /task tasks\.killProcess, each of 3 times/);
    assert.equal(typeof outcomes.get('tasks.slow'), 'number');
    await executor.shutdown();
    await assertNoKeys(redis);
  });

  test('workers that are started by hand join, drop out and are killed', async (t) => {
    const redis = await server(t);
    const executor = executorOn(t, redis, noBlocks());
    const args = ['--queue', redis.url, '--workers', '1'];
    const first = await startWorker(t, args);
    let second: ReturnType<typeof startWorker> | undefined;
    let gone: Promise<unknown> | undefined;
    await runMany(executor, 60, 100, (done) => {
      if (done === 5) second = startWorker(t, args);
      if (done === 30) gone = first.stop('SIGINT');
    });
    assert.equal(await gone, 0);
    assert.match(first.output, /it ends when its tasks have/);
    const worker = await second!;
    assert.equal(executor.managers.length, 1);

    const task1 = executor.run(task('slow', 2_000, 1));
    await waitUntil(() => executor.managers[0]?.busy === 1, 10_000, 'the task to begin');
    killIfThere(worker.pid, 'SIGKILL');
    await startWorker(t, [...args, '--idle-exit', '20']);
    assert.equal(await task1, 1);
    await executor.shutdown();
    await assertNoKeys(redis);
  });

  for (const byHand of [false, true]) {
    const whose = byHand ? 'a worker started by hand' : 'blocks of its own';
    test(`a coordinator with ${whose} is killed, and started again`, async (t) => {
      const redis = await server(t);
      const folder = temporaryFolder(t);
      const args = [redis.url, 'again', '40', '150', byHand ? 'by-hand' : 'blocks'];
      const worker = byHand
        ? await startWorker(t, ['--queue', redis.url, '--queue-name', 'again'])
        : undefined;
      const start = () => {
        const child = spawn(process.execPath, [coordinator, ...args], {
          stdio: ['ignore', 'pipe', 'inherit'],
          // Who is killed leaves its files.
          env: { ...process.env, TMPDIR: folder },
        });
        let output = '';
        child.stdout.setEncoding('utf8').on('data', (text: string) => {
          output += text;
        });
        return { child, exited: once(child, 'exit'), said: () => output };
      };
      const first = start();
      await waitUntil(() => first.said().includes('done\ndone\n'), 60_000, 'tasks to be done');
      first.child.kill('SIGKILL');
      await first.exited;
      assert.notDeepEqual(await redisKeys(redis.url), []);
      const second = start();
      assert.deepEqual((await second.exited)[0], 0);
      assert.match(second.said(), /sum 780/);
      assert.equal(await (worker?.stop() ?? 0), 0);
      await assertNoKeys(redis);
    });
  }

  test('coordinators with one queue name leave each other alone', async (t) => {
    const redis = await server(t);
    const one = executorOn(t, redis, noBlocks());
    const other = executorOn(t, redis, noBlocks());
    const worker = await startWorker(t, ['--queue', redis.url, '--workers', '2']);
    const long = runMany(other, 60, 100);
    await runMany(one, 20, 100);
    const running = one.run(task('never'), { onStart: () => void one.shutdown() });
    await assert.rejects(running, { code: 'interrupted' });
    await one.shutdown();
    await long;
    await other.shutdown();
    assert.equal(await worker.stop(), 0);
    await assertNoKeys(redis);
  });

  test('what is no task, and other nonsense in Redis, harms nobody', async (t) => {
    const redis = await server(t);
    const executor = executorOn(t, redis, noBlocks());
    await executor.start();
    const owner = (await redisKeys(redis.url)).find((key) => key.endsWith(':owner'))!;
    const base = owner.slice(0, -'owner'.length);
    const put = async (id: string, fields: readonly string[]): Promise<void> => {
      await redis.cli('HSET', `${base}${id}`, ...fields);
      await redis.cli('LPUSH', `${base}wait`, id);
    };
    const mark = join(temporaryFolder(t), 'mark');
    const args = JSON.stringify([mark]);
    await put('no-json', ['name', 'x', 'data', '{{{', 'opts', '{}', 'timestamp', '1']);
    await put('no-opts', ['name', 'x', 'data', '{}', 'opts', '[[[', 'timestamp', '1']);
    await put('empty', ['nothing', '1']);
    await put('list', ['name', 'x', 'data', '[1,2]', 'opts', '{"attempts":9}', 'timestamp', 'x']);
    await put('repeat', ['name', 'x', 'data', '{}', 'opts', '{}', 'rjk', 'a:b:c:d:e']);
    const foreign = { name: 'tasks.markLater', args, owner: 'somebody' };
    await put('foreign', ['data', JSON.stringify(foreign), 'opts', '{}']);
    const code = { name: 'node:child_process.exec', args, owner: base.split(':')[1] };
    await put('code', ['data', JSON.stringify(code), 'opts', '{}']);
    await redis.cli('LPUSH', `${base}wait`, 'not-there');
    await redis.cli('SADD', 'tilewright:coordinators', 'nobody', 'f'.repeat(16), '../..');
    await redis.cli('HSET', `${base}results`, 't1', 'nonsense', 'zzz', '{"run":1}\n5');
    await redis.cli('HSET', `${base}manager-info`, 'ghost', '{"id":"ghost"}', 'other', '{');

    const worker = await startWorker(t, ['--queue', redis.url, '--workers', '2']);
    await worker.says('serves the queue');
    for (const channel of [
      `${base}to-coordinator`,
      `${base}to-managers`,
      'tilewright:coordinators',
    ]) {
      for (const message of ['', '{', 'null', '{"type":"done"}', '{"type":"cancel","jobs":1}']) {
        await redis.cli('PUBLISH', channel, message);
      }
      await redis.cli('PUBLISH', channel, '{"type":"started","job":"t9","run":"r","manager":"m"}');
    }
    // If t1 finds the nonsense in place of its result, that is an error, and it is tried again.
    await runMany(executor, 50, 5);
    assert.equal(existsSync(mark), false);
    assert.match(worker.output, /job empty is no task, and was dropped/);
    await executor.shutdown();
    assert.equal(await worker.stop(), 0);
    await assertNoKeys(redis);
  });
});
