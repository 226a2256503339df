/** The notebook's program, with nothing changed but its configuration, on Redis and on Slurm. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCourse } from '../example.ts';
import { rounds } from '../soak/rounds.ts';
import { temporaryFolder } from '../staging/support.ts';
import { assertNoneLeft, markedEnvironment } from './engines/processes.ts';
import { redisKeys, redisMissing, startRedis } from './engines/redis.ts';
import { slurmMissing, startSlurm } from './engines/slurm.ts';

/** Of each of six files. */
const POLYGONS = rounds(3_000, 30_000);

test('the notebook on Redis', { skip: redisMissing() }, async (t) => {
  const redis = await startRedis();
  t.after(() => redis.stop());
  const { mark, env } = markedEnvironment();
  const queue = { ...env, TILEWRIGHT_QUEUE: redis.url };
  await runCourse(temporaryFolder(t), POLYGONS, 'redis', queue);
  assert.deepEqual(await redisKeys(redis.url), []);
  await assertNoneLeft(mark);
});

test('the notebook on Slurm', { skip: slurmMissing() }, async (t) => {
  const slurm = await startSlurm();
  t.after(() => slurm.stop());
  const { mark, env } = markedEnvironment();
  await runCourse(temporaryFolder(t), POLYGONS, 'slurm', { ...env, ...slurm.env });
  await slurm.waitIdle(20_000);
  await assertNoneLeft(mark);
});
