/** The notebook's program, with nothing changed but its configuration, on Redis and on Slurm. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOTEBOOK_OUTPUT, runExample } from '../example.ts';
import { temporaryFolder } from '../staging/support.ts';
import { assertNoneLeft, markedEnvironment } from './engines/processes.ts';
import { redisKeys, redisMissing, startRedis } from './engines/redis.ts';
import { slurmMissing, startSlurm } from './engines/slurm.ts';

test('the notebook on Redis', { skip: redisMissing() }, async (t) => {
  const redis = await startRedis();
  t.after(() => redis.stop());
  const { mark, env } = markedEnvironment();
  const text = await runExample('notebook.ts', ['redis'], temporaryFolder(t), {
    ...env,
    TILEWRIGHT_QUEUE: redis.url,
  });
  assert.match(text, NOTEBOOK_OUTPUT);
  assert.deepEqual(await redisKeys(redis.url), []);
  await assertNoneLeft(mark);
});

test('the notebook on Slurm', { skip: slurmMissing() }, async (t) => {
  const slurm = await startSlurm();
  t.after(() => slurm.stop());
  const { mark, env } = markedEnvironment();
  const folder = temporaryFolder(t);
  const text = await runExample('notebook.ts', ['slurm'], folder, { ...env, ...slurm.env });
  assert.match(text, NOTEBOOK_OUTPUT);
  await slurm.waitIdle(20_000);
  await assertNoneLeft(mark);
});
