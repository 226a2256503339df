/**
 * What the queues take of BullMQ beyond what it documents: how jobs reach a worker, and the names of
 * keys. All of it has to hold for a new version of BullMQ before it is the one in package.json.
 */

import assert from 'node:assert/strict';
import { after, before, suite, type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { parseQueueUrl } from '../../src/parallel/redis/queue-address.ts';
import { newCoordinatorId, queueKeys } from '../../src/parallel/redis/queue-keys.ts';
import {
  createQueueWorker,
  type QueueJob,
  type QueueWorker,
} from '../../src/parallel/redis/queue-worker.ts';
import { RedisLink } from '../../src/parallel/redis/redis-link.ts';
import { type Redis, redisKeys, redisMissing, startRedis } from './engines/redis.ts';

suite('BullMQ', { skip: redisMissing(), timeout: 60_000 }, () => {
  let redis: Redis;
  let link: RedisLink;
  before(async () => {
    redis = await startRedis();
    link = await RedisLink.open(parseQueueUrl(redis.url));
  });
  after(async () => {
    link.close();
    await redis.stop();
  });

  const worker = (
    t: TestContext,
    keys: ReturnType<typeof queueKeys>,
    work: (job: QueueJob, token: string) => Promise<null>,
    log: (line: string) => void = assert.fail,
  ): QueueWorker => {
    const one = createQueueWorker(link, keys, 1, work, log);
    t.after(() => one.close(true));
    return one;
  };

  test('its keys are called as ours are: those of jobs, of waiting ones, of locks', async (t) => {
    const keys = queueKeys('names', newCoordinatorId());
    const queue = new link.bullmq.Queue(keys.id, { connection: link.client, prefix: keys.prefix });
    t.after(() => queue.close());
    await queue.add('task', {}, { jobId: 't1' });
    assert.equal(await redis.cli('EXISTS', `${keys.job}t1`), '1');
    const seen = await new Promise<[token: string, lock: string]>((resolve) => {
      worker(t, keys, async ({ id }, token) => {
        resolve([token, await redis.cli('GET', `${keys.job}${id}:lock`)]);
        return null;
      });
    });
    assert.equal(seen[1], seen[0]);
  });

  test('jobs that others made reach a worker as plain ones, whichever way they come', async (t) => {
    const keys = queueKeys('plain', newCoordinatorId());
    // By itself BullMQ would fail each, make another of it, or try again after an hour.
    const strange = ['rjk', 'a:b:c:d:e', 'defa', 'no', 'failedReason', '"no"', 'stc', '3'];
    const options = '{"attempts":9,"backoff":{"type":"fixed","delay":3600000},"tm":"x"}';
    const put = async (id: string, data: string): Promise<void> => {
      const fields = ['name', 'x', 'data', data, 'opts', options, ...strange];
      await redis.cli('HSET', `${keys.job}${id}`, ...fields);
      await redis.cli('LPUSH', `${keys.job}wait`, id);
    };
    const seen: unknown[] = [];
    const all = Promise.withResolvers<void>();
    // The first is asked for, the second comes with the end of one, the third with a failure.
    await put('first', '{{{');
    await put('second', '{"a":1}');
    await put('third', '{{{');
    await put('fourth', '{"b":2}');
    const one = worker(t, keys, async (job) => {
      const { id, name, data, opts, stalledCounter } = job;
      const { attempts } = opts;
      seen.push({ id, name, data, attempts, stalledCounter });
      for (const key of ['repeatJobKey', 'deferredFailure', 'failedReason'] as const) {
        if (job[key]) seen.push(key);
      }
      if (id === 'fourth') all.resolve();
      if (id === 'second') throw new Error('so that the next one comes with its failure');
      return null;
    });
    await all.promise;
    const plain = { name: 'task', attempts: 0, stalledCounter: 3 };
    assert.deepEqual(seen, [
      { id: 'first', data: null, ...plain },
      { id: 'second', data: { a: 1 }, ...plain },
      { id: 'third', data: null, ...plain },
      { id: 'fourth', data: { b: 2 }, ...plain },
    ]);
    await one.close();
    assert.deepEqual(
      (await redisKeys(redis.url)).filter((key) => /first|second|third|fourth/.test(key)),
      [],
    );
  });

  test('a server that can give no job is not asked again and again', async (t) => {
    const keys = queueKeys('trouble', newCoordinatorId());
    await redis.cli('SET', `${keys.job}wait`, 'not a list');
    const lines: string[] = [];
    const one = worker(t, keys, assert.fail, (line) => lines.push(line));
    let errors = 0;
    one.on('error', () => errors++);
    await setTimeout(1_200);
    assert.match(lines.join('\n'), /^trouble with the queue: .*WRONGTYPE/);
    assert.ok(errors >= 1 && errors < 6, `${errors} errors in 1.2 s`);
  });
});
