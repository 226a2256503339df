/** Staging on a real Slurm cluster of two nodes: the same tiles, whatever dies, and an empty queue. */

import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { suiteFolder } from '../faults/faults.ts';
import { SOAK } from '../soak/rounds.ts';
import { assertNoneLeft, killIfThere } from './engines/processes.ts';
import { type Slurm, slurmMissing, startSlurm } from './engines/slurm.ts';
import { type RunSettings, StagingBench, type StagingRun } from './staging-runs.ts';

suite('staging on Slurm', { skip: slurmMissing() }, () => {
  const bench = new StagingBench(suiteFolder());
  let slurm: Slurm;
  const common = { partition: 'test', walltime: '00:10:00', pollInterval: 0.5 };
  const settings: Record<string, () => RunSettings> = {
    slurm: () => ({
      executor: 'slurm',
      env: slurm.env,
      parallel: { ...common, address: '127.0.0.1', maxWorkers: 1, initBlocks: 2, maxBlocks: 2 },
    }),
    'slurm-array': () => ({
      executor: 'slurm-array',
      env: slurm.env,
      parallel: { ...common, maxElements: 2, secondsPerElement: 0.5 },
    }),
  };
  /** Fails if a job is left; the next test finds the cluster as it was. */
  const emptyQueue = (): Promise<void> => slurm.waitIdle(40_000);
  /** A process of the run that a node has started. */
  const killJob = (run: StagingRun): void => {
    const job = run.children().find(({ command }) => /worker-main|array-element/.test(command));
    assert.ok(job !== undefined, 'a job runs');
    killIfThere(job.pid, 'SIGKILL');
  };

  before(async () => {
    slurm = await startSlurm();
    await bench.prepare();
  });
  after(() => slurm?.stop());

  for (const [executor, make] of Object.entries(settings)) {
    suite(executor, () => {
      test('the same bytes, and an empty queue', async () => {
        bench.check(await bench.finish(make()));
        await emptyQueue();
      });

      test("a job's process is killed", async () => {
        const run = bench.start(make());
        await run.untilStaging();
        killJob(run);
        await bench.survives(run);
        await emptyQueue();
      });

      test('the process that stages is killed: the same command goes on', async () => {
        const run = bench.start(make());
        await run.untilStaging();
        run.child.kill('SIGKILL');
        assert.equal(await run.ended, 'SIGKILL');
        bench.check(await bench.finish(make(), run));
        await emptyQueue();
        await assertNoneLeft(run.mark, 15_000);
      });

      test('Ctrl-C leaves no job and no process', async () => {
        const run = bench.start(make());
        await run.untilMerging();
        run.child.kill('SIGINT');
        assert.equal(await run.ended, 130);
        await emptyQueue();
        await assertNoneLeft(run.mark, 15_000);
        bench.check(await bench.finish(make(), run));
      });

      // Tasks of arrays get over both in slurm-array.test.ts.
      const skip = !SOAK && executor === 'slurm-array' && 'left to the soak';
      test('slurmd of a node is killed, and comes back', { skip }, async () => {
        const run = bench.start(make());
        await run.untilStaging();
        await slurm.killSlurmd('node1', 'SIGKILL');
        await setTimeout(1_500);
        await slurm.startSlurmd('node1');
        await bench.survives(run);
        await emptyQueue();
      });

      test('slurmctld is killed, and comes back', { skip }, async () => {
        const run = bench.start(make());
        await run.untilStaging();
        await slurm.killSlurmctld('SIGKILL');
        await setTimeout(1_500);
        await slurm.startSlurmctld();
        await bench.survives(run);
        await slurm.cancelAll();
        await emptyQueue();
      });
    });
  }
});
