/** Runs that are really held back by one thing: the report's verdict names it. */

import assert from 'node:assert/strict';
import { after, before, suite, type TestContext, test } from 'node:test';
import type { Bound } from '../../src/insight/analysis.ts';
import type { ReportJson } from '../../src/insight/report/json.ts';
import { runCli } from '../staging/support.ts';
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
const FIRST_LINES: Partial<Record<Bound, RegExp>> = {
  cpu: /^CPU bound this run: its 2 workers computed \d+ % of the time/,
  disk: /^The disk bound this run: its 2 workers waited for it \d+ % of the time/,
  network: /^The network bound this run: its 2 workers waited for it \d+ % of the time/,
  scheduler: /^The scheduler bound this run: for \d+ % of the time/,
  'too-few-tasks': /^Too few tasks bound this run: its 4 workers had nothing to do for \d+ %/,
};
const DISK = { device: '', bytesPerSecond: 1 };

async function reportOf({ out }: LimitedRun): Promise<ReportJson> {
  const { code, stdout, stderr } = await runCli(['report', out, '--json']);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as ReportJson;
}

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
  const check = async (t: TestContext, run: LimitedRun, bound: Bound): Promise<void> => {
    const { ended, stderr, out, ...measured } = run;
    assert.equal(ended, 0, stderr);
    const [report, text] = await Promise.all([reportOf(run), runCli(['report', out])]);
    const { verdict, time, seconds } = report;
    // For whoever looks into a verdict that is wrong on his machine.
    t.diagnostic(JSON.stringify(measured));
    t.diagnostic(`${verdict.bound}, then ${verdict.next}; ${verdict.sentence}`);
    t.diagnostic(
      `${seconds.toFixed(1)} s; ${time.map(({ kind, share }) => `${kind} ${(100 * share).toFixed(0)} %`).join(', ')}`,
    );
    assert.equal(verdict.bound, bound, verdict.sentence);
    assert.match(text.stdout.split('\n')[0]!, FIRST_LINES[bound]!);
    assert.ok(verdict.evidence.length > 8);
  };

  test('cores: nothing else is in the way', async (t) => {
    await check(t, await unhindered(runs, eight), 'cpu');
  });

  test('cores: both workers share one', { skip: limitsMissing({ cpus: '0' }) }, async (t) => {
    await check(t, await onOneCore(runs, eight), 'cpu');
  });

  test('cores: they share half of one', { skip: limitsMissing({ cores: 1 }) }, async (t) => {
    const run = await onHalfACore(runs, eight);
    assert.ok(run.throttled > 0, 'the quota was used up');
    await check(t, run, 'cpu');
  });

  test('a slow disk', { skip: limitsMissing({ disk: DISK }) }, async (t) => {
    const missing = diskMissing();
    if (missing !== false) return t.skip(missing);
    await check(t, await onSlowDisk(runs, four), 'disk');
  });

  test('little memory for rows', { skip: limitsMissing({ disk: DISK }) }, async (t) => {
    const missing = diskMissing();
    if (missing !== false) return t.skip(missing);
    const { enough, little } = await withLittleMemory(runs, four);
    await check(t, little, 'disk');
    const [of, ofLittle] = await Promise.all([enough, little].map(reportOf));
    const isMemory = ({ what }: { what: string }): boolean => /more memory/.test(what);
    assert.ok(ofLittle!.advice.some(isMemory), JSON.stringify(ofLittle!.advice));
    assert.ok(!of!.advice.some(isMemory), JSON.stringify(of!.advice));
    assert.equal(of!.end!.shuffleBytes, 0);
    // All rows are there once, whatever way they took.
    assert.deepEqual(ofLittle!.end!.made?.tiles, of!.end!.made?.tiles);
    assert.ok(ofLittle!.end!.shuffleBytes > 0.1 * ofLittle!.end!.rowBytes!);
  });

  test('inputs at the other end of a slow link', { skip: remoteMissing() }, async (t) => {
    const run = await throughSlowLink(runs, two);
    assert.ok(run.bytes > bytesOf(two), `${run.bytes} bytes came through the link`);
    await check(t, run, 'network');
  });

  test('a queue at the other end of a slow link', {
    skip: networkMissing() || redisMissing(),
  }, async (t) => {
    await check(t, await throughSlowQueue(runs, two), 'network');
  });

  test('blocks that wait behind another job', { skip: slurmMissing() }, async (t) => {
    const run = await behindAnotherJob(runs, two, SECONDS_IN_QUEUE);
    assert.ok(run.waited, 'the blocks waited');
    await check(t, run, 'scheduler');
  });

  test('fewer tasks than workers', async (t) => {
    await check(t, await oneBigInput(runs, one), 'too-few-tasks');
  });
});
