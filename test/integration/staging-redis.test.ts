/** Staging through a queue on Redis: the same tiles, whatever dies, and no key afterwards. */

import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { lastRun } from '../../src/staging/recording/run-status.ts';
import { RunFollower } from '../../src/viewer/run/run-follower.ts';
import { start, suiteFolder } from '../faults/faults.ts';
import { createNamespace, networkMissing } from './engines/network.ts';
import { assertNoneLeft, killIfThere, markedEnvironment, waitUntil } from './engines/processes.ts';
import { type Redis, redisKeys, redisMissing, startRedis } from './engines/redis.ts';
import { type RunSettings, StagingBench, type StagingRun } from './staging-runs.ts';

const CUT_MS = 30_000;
const CLI = new URL('../../src/cli/main.ts', import.meta.url).pathname;

suite('staging through Redis', { skip: redisMissing() }, () => {
  const bench = new StagingBench(suiteFolder());
  let redis: Redis;
  const settings = (parallel: object = {}): RunSettings => ({
    executor: 'redis',
    parallel: { queue: redis.url, maxWorkers: 1, initBlocks: 2, maxBlocks: 2, ...parallel },
  });
  const noKeys = async (): Promise<void> => {
    await waitUntil(async () => (await redisKeys(redis.url)).length === 0, 5_000, 'no key');
  };

  before(async () => {
    redis = await startRedis();
    await bench.prepare();
  });
  after(() => redis?.stop());

  test('blocks of this machine: the same bytes, and no key', async () => {
    bench.check(await bench.finish(settings()));
    assert.deepEqual(await redisKeys(redis.url), []);
  });

  test('a viewer sees who works on what, as the run goes on', async () => {
    const run = bench.start(settings());
    const follower = new RunFollower(run.out);
    const work = await waitUntil(
      async () => {
        const now = follower.look(await lastRun(run.out));
        return now?.state === 'running' && now.workers.length > 0 ? now : null;
      },
      30_000,
      'workers to be seen',
    );
    assert.equal(work.executor, 'redis');
    assert.equal(work.phases.at(-1)!.phase, 'stage');
    for (const { subject } of work.workers)
      assert.match(subject, /\.gpkg( \d+\/\d+| and \d+ more)?$/);
    await bench.survives(run);
    assert.equal(follower.look(await lastRun(run.out))!.state, 'finished');
  });

  for (const keepData of [true, false]) {
    test(`the server is killed, and comes back ${keepData ? 'with' : 'without'} its data`, async () => {
      const run = bench.start(settings());
      await run.untilStaging();
      await redis.kill('SIGKILL');
      await setTimeout(1_000);
      await redis.restart({ keepData });
      await bench.survives(run);
      await noKeys();
    });
  }

  test('a block is killed', async () => {
    const run = bench.start(settings());
    await run.untilStaging();
    const worker = run.children().find(({ command }) => command.includes('worker-main'));
    assert.ok(worker !== undefined);
    killIfThere(worker.pid, 'SIGKILL');
    await bench.survives(run);
    await noKeys();
  });

  test('the process that stages is killed: the same command goes on', async () => {
    const run = bench.start(settings());
    await run.untilMerging();
    run.child.kill('SIGKILL');
    assert.equal(await run.ended, 'SIGKILL');
    await assertNoneLeft(run.mark);
    bench.check(await bench.finish(settings(), run));
    await noKeys();
  });

  test('Ctrl-C leaves no process and no key', async () => {
    const run = bench.start(settings());
    await run.untilStaging();
    run.child.kill('SIGINT');
    assert.equal(await run.ended, 130);
    await assertNoneLeft(run.mark);
    await noKeys();
    bench.check(await bench.finish(settings(), run));
  });

  test('a worker that joined by hand, on a cable that is pulled for 30 s', async (t) => {
    const missing = networkMissing();
    if (missing !== false) {
      t.skip(missing);
      return;
    }
    const namespace = await createNamespace();
    const server = await startRedis({ bind: namespace.hostAddress, password: 'secret' });
    const { mark, env } = markedEnvironment();
    const [prefix, ...words] = namespace.run;
    const worker = startIn([prefix!, ...words], server.url, env);
    try {
      const run: StagingRun = bench.start(
        settings({ queue: server.url, initBlocks: 0, maxBlocks: 0 }),
      );
      await run.untilStaging();
      await namespace.cut();
      await setTimeout(CUT_MS);
      assert.equal(run.child.exitCode, null, 'nobody else could do the work');
      await namespace.heal();
      await bench.survives(run);
    } finally {
      worker.child.kill('SIGINT');
      await worker.ended;
      await assertNoneLeft(mark);
      assert.deepEqual(await redisKeys(server.url), []);
      await server.stop();
      await namespace.remove();
    }
  });

  /** A worker in a network namespace; the URL, with its password, is in its environment. */
  function startIn(prefix: string[], url: string, env: Record<string, string>) {
    const script = `const { spawn } = require('node:child_process');
      const child = spawn(${JSON.stringify(prefix[0])}, ${JSON.stringify([
        ...prefix.slice(1),
        process.execPath,
        CLI,
        'worker',
        '--workers',
        '2',
      ])}, { stdio: 'inherit' });
      process.on('SIGINT', () => child.kill('SIGINT'));
      child.on('exit', (code) => process.exit(code ?? 1));`;
    return start(['-e', script], { ...env, TILEWRIGHT_QUEUE: url });
  }
});
