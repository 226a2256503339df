/** Runs that are Slurm jobs themselves: submitted, looked at, waited for, killed, cancelled. */

import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, before, suite, test } from 'node:test';
import type { RunStatus } from '../../src/staging/recording/run-status.ts';
import { LiveRun } from '../../src/viewer/run/live-run.ts';
import { checkNothingElse, checkSame, makeScenes, SUMMARY, startCli } from '../faults/faults.ts';
import { hashFolder } from '../staging/support.ts';
import { killIfThere, processesWith, waitUntil } from './engines/processes.ts';
import { skip, useCluster } from './slurm-support.ts';

const cluster = useCluster();

suite('detached runs', { skip }, () => {
  let scenes: string[] = [];
  let config = '';
  let reference: ReadonlyMap<string, string>;

  before(async () => {
    scenes = makeScenes(join(cluster.folder, 'scenes'), 3, 4_000);
    config = join(cluster.folder, 'config.json');
    const parallel = { pollInterval: 0.5, secondsPerElement: 0.2, maxElements: 3 };
    writeFileSync(config, JSON.stringify({ sliceBytes: 300_000, parallel }));
    const out = join(cluster.folder, 'reference');
    assert.equal((await call('stage', ...scenes, '--out', out, '--z', '14')).code, 0);
    reference = hashFolder(out, { summary: SUMMARY });
  });
  afterEach(() => cluster.nothingLeft());

  const call = async (...args: string[]): Promise<{ code: unknown; out: string; err: string }> => {
    const run = startCli(args);
    return { code: await run.ended, out: run.stdout(), err: run.stderr() };
  };
  const detach = (out: string, ...more: string[]): ReturnType<typeof call> =>
    call(
      ...['stage', ...scenes, '--out', out, '--z', '14', '--config', config],
      ...['--executor', 'slurm-array', '--detach', ...more],
    );
  const status = async (out: string): Promise<RunStatus> => {
    const { out: text, err } = await call('status', out, '--json');
    assert.notEqual(text, '', err);
    return JSON.parse(text) as RunStatus;
  };
  const driverPid = (jobId: string | null): number => {
    const found = processesWith((variables) => variables.includes(`SLURM_JOB_ID=${jobId}`));
    const driver = found.find(({ command }) => / stage /.test(command));
    assert.ok(driver !== undefined, 'the driver runs');
    return driver.pid;
  };
  /** A driver that goes on from another's work may be past the first phase at once. */
  const untilAtWork = (out: string): Promise<unknown> => {
    const atWork = async (): Promise<boolean> => {
      const { state, phase } = await status(out);
      return phase !== null && state !== 'lost' && state !== 'queued';
    };
    return waitUntil(atWork, 30_000, 'the run to be at work');
  };

  test('submitted, waited for: the same tiles, and no file of the run but how it ended', async () => {
    const out = join(cluster.folder, 'plain');
    const { code, out: text, err } = await detach(out);
    assert.equal(code, 0, err);
    assert.match(text, /Submitted as Slurm job \d+.*tilewright wait/s);
    assert.match((await status(out)).state, /queued|running/);
    const again = await detach(out);
    assert.equal(again.code, 2);
    assert.match(again.err, /is there already, Slurm job/);
    const waited = await call('wait', out);
    assert.equal(waited.code, 0, waited.err);
    assert.match(waited.out, /finished/);
    checkSame(out, reference);
    checkNothingElse(out);
    assert.equal((await status(out)).state, 'finished');
  });

  test('queued, then cancelled; then killed, and requeued: the same command goes on', async () => {
    const out = join(cluster.folder, 'harmed');
    const release = await cluster.occupy();
    await detach(out);
    assert.equal((await status(out)).state, 'queued');
    // What a viewer says of it, without being asked in between.
    const viewed = async (): Promise<[string | undefined, string | null | undefined]> => {
      const live = new LiveRun(out);
      const run = await live.look();
      await live.close();
      return [run?.state, run?.jobId];
    };
    const { jobId: queued } = await status(out);
    assert.deepEqual(await viewed(), ['queued', queued]);
    assert.equal((await call('cancel', out)).code, 0);
    assert.equal((await status(out)).state, 'cancelled');
    assert.deepEqual(await viewed(), ['cancelled', queued]);
    await release();

    await detach(out);
    await untilAtWork(out);
    killIfThere(driverPid((await status(out)).jobId), 'SIGKILL');
    await waitUntil(
      async () => (await status(out)).state === 'lost',
      20_000,
      'the driver to be lost',
    );
    assert.equal((await viewed())[0], 'lost');

    await detach(out);
    await untilAtWork(out);
    const { jobId } = await status(out);
    await cluster.slurm.command(['scontrol', 'requeue', jobId!]);
    const waited = await call('wait', out);
    assert.equal(waited.code, 0, waited.out + waited.err);
    checkSame(out, reference);
    checkNothingElse(out);
  });

  test('cancelled in the middle: no job is left, the same command goes on', async () => {
    const out = join(cluster.folder, 'cancelled');
    await detach(out);
    await untilAtWork(out);
    const { code, out: text } = await call('cancel', out);
    assert.equal(code, 0);
    assert.match(text, /the same stage command goes on/);
    assert.deepEqual(await cluster.slurm.squeue(), []);
    assert.equal((await call('stage', ...scenes, '--out', out, '--z', '14')).code, 0);
    checkSame(out, reference);
    assert.equal((await status(out)).state, 'finished');
  });

  test('a run that fails is waited for with its code and its last words', async () => {
    const out = join(cluster.folder, 'failing');
    await detach(out, '--layer', 'nowhere');
    const waited = await call('wait', out);
    assert.equal(waited.code, 1);
    assert.match(waited.out, /exit code {2}1.*nowhere/s);
    assert.equal(existsSync(join(out, '.tilewright/detached.log')), true);
  });
});
