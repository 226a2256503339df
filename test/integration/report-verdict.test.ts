/** Runs that are really held back by one thing: the report's verdict names it. */

import assert from 'node:assert/strict';
import { after, before, suite, type TestContext, test } from 'node:test';
import { networkMissing } from './engines/network.ts';
import { redisMissing } from './engines/redis.ts';
import { slurmMissing } from './engines/slurm.ts';
import {
  behindAnotherJob,
  oneBigInput,
  onHalfACore,
  onOneCore,
  onSlowDisk,
  throughSlowLink,
  throughSlowQueue,
  unhindered,
  withLittleMemory,
} from './limits/constraints.ts';
import { limitsMissing } from './limits/control-group.ts';
import { diskOf } from './limits/disk.ts';
import { bytesOf, type LimitedRun, LimitedRuns } from './limits/limited-runs.ts';
import { remoteMissing } from './limits/remote-folder.ts';

const SECONDS_IN_QUEUE = 8;
const DISK = { device: '', bytesPerSecond: 1 };

suite('the verdict on a run', { skip: limitsMissing({}) }, () => {
  let runs: LimitedRuns;
  let eight: string;
  let four: string;
  let two: string;
  let one: string;

  before(() => {
    runs = new LimitedRuns();
    eight = runs.scenes('scenes', 8, 30_000);
    four = runs.first(4, eight);
    two = runs.first(2, eight);
    one = runs.scenes('one', 1, 240_000);
  });
  after(() => runs?.close());

  /** Why a disk can't be made slow, or false. */
  const diskMissing = (): string | false =>
    diskOf(runs.folder) === null
      ? `${runs.folder} is on no disk: set TMPDIR to a folder that is`
      : false;
  const finished = ({ ended, stderr }: LimitedRun): void => assert.equal(ended, 0, stderr);
  /** What was measured, for whoever looks into a verdict that is wrong on his machine. */
  const tell = (t: TestContext, { seconds, pressure, throttled, refaults }: LimitedRun): void =>
    t.diagnostic(JSON.stringify({ seconds, pressure, throttled, refaults }));

  test('cores: nothing else is in the way', async (t) => {
    const run = await unhindered(runs, eight);
    tell(t, run);
    finished(run);
  });

  test('cores: both workers share one', { skip: limitsMissing({ cpus: '0' }) }, async (t) => {
    const run = await onOneCore(runs, eight);
    tell(t, run);
    finished(run);
  });

  test('cores: both workers share half of one', {
    skip: limitsMissing({ cores: 1 }),
  }, async (t) => {
    const run = await onHalfACore(runs, eight);
    tell(t, run);
    finished(run);
    assert.ok(run.throttled > 0, 'the quota was used up');
  });

  test('a slow disk', { skip: limitsMissing({ disk: DISK }) }, async (t) => {
    const missing = diskMissing();
    if (missing !== false) return t.skip(missing);
    const run = await onSlowDisk(runs, four);
    tell(t, run);
    finished(run);
  });

  test('little memory', { skip: limitsMissing({ disk: DISK, memory: 1 }) }, async (t) => {
    const missing = diskMissing();
    if (missing !== false) return t.skip(missing);
    const { enough, little } = await withLittleMemory(runs, four);
    tell(t, enough);
    tell(t, little);
    finished(enough);
    finished(little);
    assert.ok(little.refaults > 10 * enough.refaults, `${little.refaults} of ${enough.refaults}`);
  });

  test('inputs at the other end of a slow link', { skip: remoteMissing() }, async (t) => {
    const run = await throughSlowLink(runs, two);
    tell(t, run);
    finished(run);
    assert.ok(run.bytes > bytesOf(two), `${run.bytes} bytes came through the link`);
  });

  test('a queue at the other end of a slow link', {
    skip: networkMissing() || redisMissing(),
  }, async (t) => {
    const run = await throughSlowQueue(runs, two);
    tell(t, run);
    finished(run);
  });

  test('blocks that wait behind another job', { skip: slurmMissing() }, async (t) => {
    const run = await behindAnotherJob(runs, two, SECONDS_IN_QUEUE);
    tell(t, run);
    finished(run);
    assert.ok(run.waited, 'the blocks waited');
  });

  test('fewer tasks than workers', async (t) => {
    const run = await oneBigInput(runs, one);
    tell(t, run);
    finished(run);
  });
});
