/** The cases after Parsl's tests, on workers that take tasks from a queue on Redis. */

import { after, before } from 'node:test';
import { HighThroughputExecutor } from '../../src/parallel.ts';
import { registerCases } from '../parallel/parsl/register.ts';
import { assertNoneLeft, MARK, markedEnvironment } from './engines/processes.ts';
import { type Redis, redisMissing, startRedis } from './engines/redis.ts';
import { assertNoKeys } from './redis-support.ts';

const skip = redisMissing();
const { mark } = markedEnvironment();
let redis: Redis;
let queues = 0;

before(async () => {
  if (skip !== false) return;
  process.env[MARK] = mark;
  redis = await startRedis();
});

after(async () => {
  if (skip !== false) return;
  await assertNoKeys(redis);
  await assertNoneLeft(mark);
  await redis.stop();
});

registerCases('redis', {
  skip,
  make: (maxWorkers, label) =>
    new HighThroughputExecutor({
      label,
      maxWorkers,
      coresPerWorker: 0.25,
      queue: redis.url,
      queueName: `parsl-${++queues}`,
    }),
});
