/** Staging on local workers: the same tiles, whatever is killed. */

import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { before, suite, test } from 'node:test';
import { suiteFolder } from '../faults/faults.ts';
import { SOAK } from '../soak/rounds.ts';
import { withoutProgress } from '../staging/support.ts';
import { assertNoneLeft, killIfThere, waitUntil } from './engines/processes.ts';
import { type RunSettings, StagingBench, type StagingRun } from './staging-runs.ts';

suite('staging on local workers', () => {
  const bench = new StagingBench(suiteFolder());
  const twoBlocks: RunSettings = {
    executor: 'local',
    parallel: { maxWorkers: 1, initBlocks: 2, maxBlocks: 2 },
  };
  before(() => bench.prepare());

  const killWorker = (run: StagingRun): void => {
    const worker = run.children().find(({ command }) => command.includes('worker-main'));
    assert.ok(worker !== undefined, 'a worker is there to be killed');
    killIfThere(worker.pid, 'SIGKILL');
  };

  test('one block of two workers, two blocks of one: the same bytes', async () => {
    bench.check(await bench.finish({ executor: 'local', workers: 2 }));
    bench.check(await bench.finish(twoBlocks));
  });

  for (const phase of ['staging', 'merging'] as const) {
    const until = (run: StagingRun): Promise<void> =>
      phase === 'staging' ? run.untilStaging() : run.untilMerging();

    /** Each kind of end in one phase, and in both in a soak. */
    const skip = (own: typeof phase) => !SOAK && phase !== own && 'left to the soak';

    test(`a block is killed while ${phase}`, { skip: skip('merging') }, async () => {
      const run = bench.start(twoBlocks);
      await until(run);
      killWorker(run);
      await bench.survives(run);
    });

    test(`the process that stages is killed while ${phase}: the same command goes on`, {
      skip: skip('staging'),
    }, async () => {
      const run = bench.start(twoBlocks);
      await until(run);
      run.child.kill('SIGKILL');
      assert.equal(await run.ended, 'SIGKILL');
      await assertNoneLeft(run.mark);
      bench.check(await bench.finish(twoBlocks, run));
    });

    test(`Ctrl-C while ${phase}: running tasks end, nothing is left, it goes on from there`, {
      skip: skip('staging'),
    }, async () => {
      const run = bench.start(twoBlocks);
      await until(run);
      run.child.kill('SIGINT');
      assert.equal(await run.ended, 130);
      assert.match(run.stderr(), /Stopping when the running tasks have ended; again: at once/);
      assert.match(run.stderr(), /Interrupted\. The same command goes on from here/);
      await assertNoneLeft(run.mark);
      bench.check(await bench.finish(twoBlocks, run));
    });

    test(`Ctrl-C twice while ${phase}: at once`, { skip: skip('merging') }, async () => {
      const run = bench.start(twoBlocks);
      await until(run);
      run.child.kill('SIGINT');
      await waitUntil(() => run.stderr().includes('Stopping'), 5_000, 'the first to be noticed');
      run.child.kill('SIGINT');
      assert.equal(await run.ended, 130);
      await assertNoneLeft(run.mark);
      bench.check(await bench.finish(twoBlocks, run));
    });
  }

  test('a run that fails leaves no process', async () => {
    const run = bench.start({
      executor: 'local',
      parallel: { workerInit: 'echo broken >&2; false' },
    });
    assert.equal(await run.ended, 1);
    // Once, and not for each of the inputs.
    assert.match(withoutProgress(run.stderr()), /^tilewright: 3 blocks in a row .*broken\n$/s);
    await assertNoneLeft(run.mark);
    rmSync(run.out, { recursive: true });
  });
});
