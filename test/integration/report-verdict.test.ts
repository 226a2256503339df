/** Runs that are really held back by one thing: the report's verdict names it. */

import assert from 'node:assert/strict';
import { after, before, suite, type TestContext, test } from 'node:test';
import { analyse } from '../../src/insight/analyse.ts';
import type { Bound } from '../../src/insight/analysis.ts';
import { readRecordLines, readRecords } from '../../src/staging/recording/record-file.ts';
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
  /** The run has ended well, and its verdict names what bound it. */
  const check = (t: TestContext, run: LimitedRun, bound: Bound): void => {
    const { ended, stderr, out, ...measured } = run;
    assert.equal(ended, 0, stderr);
    const { verdict, time, seconds } = analyse(readRecordLines(readRecords(out)[0]!.path));
    // For whoever looks into a verdict that is wrong on his machine.
    t.diagnostic(JSON.stringify(measured));
    t.diagnostic(`${verdict.bound}, then ${verdict.next}; ${verdict.sentence}`);
    t.diagnostic(
      `${seconds.toFixed(1)} s; ${time.map(({ kind, share }) => `${kind} ${(100 * share).toFixed(0)} %`).join(', ')}`,
    );
    assert.equal(verdict.bound, bound, verdict.sentence);
  };

  test('cores: nothing else is in the way', async (t) => {
    check(t, await unhindered(runs, eight), 'cpu');
  });

  test('cores: both workers share one', { skip: limitsMissing({ cpus: '0' }) }, async (t) => {
    check(t, await onOneCore(runs, eight), 'cpu');
  });

  test('cores: they share half of one', { skip: limitsMissing({ cores: 1 }) }, async (t) => {
    const run = await onHalfACore(runs, eight);
    assert.ok(run.throttled > 0, 'the quota was used up');
    check(t, run, 'cpu');
  });

  test('a slow disk', { skip: limitsMissing({ disk: DISK }) }, async (t) => {
    const missing = diskMissing();
    if (missing !== false) return t.skip(missing);
    check(t, await onSlowDisk(runs, four), 'disk');
  });

  test('little memory', { skip: limitsMissing({ disk: DISK, memory: 1 }) }, async (t) => {
    const missing = diskMissing();
    if (missing !== false) return t.skip(missing);
    const { enough, little } = await withLittleMemory(runs, four);
    assert.ok(little.refaults > 10 * enough.refaults, `${little.refaults} of ${enough.refaults}`);
    check(t, little, 'memory');
  });

  test('inputs at the other end of a slow link', { skip: remoteMissing() }, async (t) => {
    const run = await throughSlowLink(runs, two);
    assert.ok(run.bytes > bytesOf(two), `${run.bytes} bytes came through the link`);
    check(t, run, 'network');
  });

  test('a queue at the other end of a slow link', {
    skip: networkMissing() || redisMissing(),
  }, async (t) => {
    check(t, await throughSlowQueue(runs, two), 'network');
  });

  test('blocks that wait behind another job', { skip: slurmMissing() }, async (t) => {
    const run = await behindAnotherJob(runs, two, SECONDS_IN_QUEUE);
    assert.ok(run.waited, 'the blocks waited');
    check(t, run, 'scheduler');
  });

  test('fewer tasks than workers', async (t) => {
    check(t, await oneBigInput(runs, one), 'too-few-tasks');
  });
});
