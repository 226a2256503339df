/** Executors with a queue on Redis keep the contract of all executors, and leave nothing there. */

import { after, before } from 'node:test';
import { HighThroughputExecutor } from '../../src/parallel/blocks/high-throughput-executor.ts';
import { executorContract } from '../parallel/contract.ts';
import { assertNoneLeft, MARK, markedEnvironment } from './engines/processes.ts';
import { type Redis, redisMissing, startRedis } from './engines/redis.ts';
import { assertNoKeys, blocksOfOne, noBlocks, startWorker } from './redis-support.ts';

const skip = redisMissing();
const { mark } = markedEnvironment();
const atEnd: (() => unknown)[] = [];
let redis: Redis;

before(async () => {
  if (skip !== false) return;
  // Whatever is started from now on carries it.
  process.env[MARK] = mark;
  redis = await startRedis();
  await startWorker({ after: (work) => atEnd.push(work) }, [
    ...['--queue', redis.url, '--queue-name', 'by-hand', '--workers', '2'],
  ]);
});

after(async () => {
  if (skip !== false) return;
  for (const work of atEnd) await work();
  await assertNoKeys(redis);
  await assertNoneLeft(mark);
  await redis.stop();
});

executorContract('queue: a block', {
  skip,
  make: () => new HighThroughputExecutor({ queue: redis.url }),
});

executorContract('queue: two blocks of one worker', {
  skip,
  make: () => new HighThroughputExecutor({ queue: redis.url, ...blocksOfOne(2) }),
});

executorContract('queue: a worker started by hand', {
  skip,
  make: () => new HighThroughputExecutor({ queue: redis.url, queueName: 'by-hand', ...noBlocks() }),
});
