/** Passwords and TLS: they work, are asked for, and are shown to nobody. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import type { TilewrightError } from '../../src/core/errors.ts';
import { HighThroughputExecutor } from '../../src/parallel/blocks/high-throughput-executor.ts';
import { parseQueueUrl, warnIfOpen } from '../../src/parallel/redis/queue-address.ts';
import { task } from '../parallel/contract-tasks.ts';
import { assertNoneLeft, MARK, markedEnvironment, markedProcesses } from './engines/processes.ts';
import { freePorts } from './engines/programs.ts';
import { redisMissing, startRedis } from './engines/redis.ts';
import {
  assertNoKeys,
  blocksOfOne,
  executorOn,
  noBlocks,
  startWorker,
  temporaryFolder,
} from './redis-support.ts';

const program = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

suite('queues on Redis: secrets', { skip: redisMissing() }, () => {
  const { mark } = markedEnvironment();
  const password = 'p@ss/wörd:1';
  before(() => {
    process.env[MARK] = mark;
  });
  after(() => assertNoneLeft(mark));

  const failure = async (queue: string, queueCa?: string): Promise<TilewrightError> => {
    const options = { queue, ...(queueCa !== undefined && { queueCa }) };
    const executor = new HighThroughputExecutor({ ...options, ...noBlocks() });
    try {
      return await executor.start().then(
        () => assert.fail('it was let in'),
        (error: TilewrightError) => error,
      );
    } finally {
      await executor.shutdown();
    }
  };

  test('TLS and a password: blocks and workers find both; no argument shows it', async (t) => {
    const redis = await startRedis({ tls: true, password });
    t.after(() => redis.stop());
    const runDir = temporaryFolder(t);
    const executor = executorOn(t, redis, { ...blocksOfOne(1), runDir });
    const worker = await startWorker(t, ['--queue-ca', redis.ca!, '--workers', '1'], {
      env: { TILEWRIGHT_QUEUE: redis.url },
    });
    assert.equal(await executor.run(task('add', 1, 2)), 3);
    await worker.says('serves the queue');
    const commands = markedProcesses(mark).map(({ command }) => command);
    assert.ok(commands.some((command) => command.includes('--queue-file')));
    const encoded = encodeURIComponent(password);
    for (const command of commands) {
      assert.ok(!command.includes(password) && !command.includes(encoded), command);
    }
    const [launch] = readdirSync(runDir);
    const file = join(runDir, launch!, 'queue');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(readFileSync(file, 'utf8'), redis.url);
    await executor.shutdown();
    assert.equal(existsSync(file), false);
    assert.equal(await worker.stop(), 0);
    assert.ok(!worker.output.includes(password) && !worker.output.includes(encoded));
    await assertNoKeys(redis);

    const wrong = await failure(redis.url.replace(encoded, 'wr0ng'), redis.ca);
    assert.equal(wrong.code, 'queue');
    assert.match(wrong.message, /rediss:\/\/127\.0\.0\.1:\d+ can't be reached: WRONGPASS/);
    assert.ok(!inspect(wrong).includes('wr0ng'));
    const none = await failure(redis.url.replace(/\/\/.*@/, '//'), redis.ca);
    assert.match(none.message, /NOAUTH/);
    assert.match((await failure(redis.url)).message, /certificate/);
    const plain = await failure(redis.url.replace('rediss:', 'redis:'));
    assert.match(plain.message, /can't be reached/);
    assert.ok(!inspect(plain).includes(password));
  });

  test('a user with rights for its keys and channels alone', async (t) => {
    const redis = await startRedis();
    t.after(() => redis.stop());
    const rights = ['~mine:*', '&mine:*', '+@all', '-@dangerous', '+info', '+client'];
    await redis.cli('ACL', 'SETUSER', 'stager', 'on', '>secret', ...rights);
    const queue = redis.url.replace('//', '//stager:secret@');
    const executor = executorOn(t, redis, { queue, queueName: 'mine', ...blocksOfOne(1) });
    assert.equal(await executor.run(task('add', 1, 2)), 3);
    await executor.shutdown();
    await assertNoKeys(redis);
    const elsewhere = executorOn(t, redis, { queue, queueName: 'yours', ...noBlocks() });
    await assert.rejects(elsewhere.start(), {
      code: 'queue',
      message: /can't be used: .*NOPERM|permission/,
    });
  });

  test('a server that is not there is told of soon, without the password', async () => {
    const [port] = await freePorts(1);
    const began = performance.now();
    const error = await failure(`redis://me:hidden@127.0.0.1:${port}/2`);
    assert.equal(error.code, 'queue');
    assert.match(
      error.message,
      new RegExp(`redis://127\\.0\\.0\\.1:${port}/2 can't.*ECONNREFUSED`),
    );
    assert.ok(!inspect(error).includes('hidden'));
    assert.ok(performance.now() - began < 30_000);
    const args = ['worker', '--queue', `redis://me:hidden@127.0.0.1:${port}`];
    const { status, stderr } = spawnSync(process.execPath, [program, ...args], {
      encoding: 'utf8',
    });
    assert.equal(status, 1);
    assert.match(stderr, /ECONNREFUSED/);
    assert.ok(!stderr.includes('hidden'));
  });

  test('URLs that are none are refused, and not repeated', () => {
    const wrong = [
      ['', /The queue's URL is not one/],
      ['localhost:6379', /can't begin with localhost:/],
      ['http://me:hidden@host', /can't begin with http:/],
      ['redis://me:hidden@host/name', /database is a number/],
      ['redis://me:hidden@host/0?tls=true', /something after its database/],
      ['redis://', /names no host/],
    ] as const;
    for (const [url, message] of wrong) {
      assert.throws(
        () => parseQueueUrl(url),
        (error: TilewrightError) => {
          assert.equal(error.code, 'usage');
          assert.match(error.message, message);
          assert.ok(!error.message.includes('hidden'));
          return true;
        },
      );
    }
    assert.throws(() => parseQueueUrl('redis://host', 'ca.pem'), /has to begin with rediss:/);
    assert.throws(() => parseQueueUrl('rediss://host', '/not/there.pem'), /can't be read/);
    const { options, shown } = parseQueueUrl('redis://a%40b:c%2Fd@[::1]:7000/3');
    assert.deepEqual(
      [options.username, options.password, options.host, options.port, options.db, shown],
      ['a@b', 'c/d', '::1', 7000, 3, 'redis://[::1]:7000/3'],
    );
  });

  test('a queue that is open to a network is warned of, once', async () => {
    const warnings: string[] = [];
    const note = (warning: Error): number => warnings.push(warning.message);
    process.on('warning', note);
    try {
      for (const url of ['redis://node1', 'redis://node1', 'redis://node1:7000']) {
        warnIfOpen(parseQueueUrl(url));
      }
      for (const url of ['redis://localhost', 'redis://127.0.0.1', 'redis://[::1]']) {
        warnIfOpen(parseQueueUrl(url));
      }
      for (const url of ['redis://:secret@node1', 'rediss://node2']) warnIfOpen(parseQueueUrl(url));
      await new Promise(setImmediate);
    } finally {
      process.off('warning', note);
    }
    assert.equal(warnings.length, 2);
    assert.match(warnings[0]!, /redis:\/\/node1 has neither a password nor TLS/);
  });
});
