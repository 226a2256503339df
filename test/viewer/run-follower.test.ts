/** What a viewer says of a run, by what the run leaves in its folder: while it goes on, and after. */

import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { Random } from '../../src/core/random.ts';
import {
  beginRun,
  folderLock,
  makeStagedFolder,
  type RunHandle,
} from '../../src/staging/folder/staged-folder.ts';
import { recordPath } from '../../src/staging/recording/record-file.ts';
import { RunReporter } from '../../src/staging/recording/run-record.ts';
import { lastRun } from '../../src/staging/recording/run-status.ts';
import { RunFollower } from '../../src/viewer/run/run-follower.ts';
import { RunTiles } from '../../src/viewer/run/run-tiles.ts';
import { BLOCK_FIELDS, runTilesOf } from '../../src/viewer/shared/run-tiles-format.ts';
import { runLine, STARTED_AT } from '../insight/record-builder.ts';
import { listTiles, temporaryFolder } from '../staging/support.ts';
import { stageScenes } from './support.ts';

type Line = { type: string; [name: string]: unknown };

const error = { code: 'input-format', message: 'it is <b>broken</b>', retryable: false };
const started: Line[] = [
  { ...runLine() },
  { at: 0, type: 'phase-started', phase: 'plan', total: 3, tasks: 0, bytes: 0 },
  { at: 0.1, type: 'input-failed', input: 'bad.gpkg', error },
  { at: 0.2, type: 'phase-ended', phase: 'plan' },
  { at: 0.2, type: 'phase-started', phase: 'stage', total: 10_000, tasks: 4, bytes: 5e7 },
  taskStarted(1, 'a.gpkg', 'here/7/1', 0.25),
  taskStarted(2, 'b.gpkg', 'here/7/2', 0.25),
];

function taskStarted(task: number, subject: string, worker: string, at: number): Line {
  return {
    ...{ at, type: 'task-started', phase: 'stage', task, subject, part: 1, parts: 2 },
    ...{ worker, attempt: 1 },
  };
}

function taskEnded(task: number, at: number, more: object = {}): Line {
  return {
    ...{ at, type: 'task-ended', phase: 'stage', task, subject: 'a.gpkg', part: 1, parts: 2 },
    ...{ worker: 'here/7/1', attempt: 1, bytes: 1, submittedAt: 0, startedAt: 0.25, usage: null },
    ...{ error: null, retried: false, ...more },
  };
}

/** 1,000 features a second, told twice a second. */
function progress(from: number, to: number): Line[] {
  const lines: Line[] = [];
  for (let at = from; at <= to; at += 0.5) {
    lines.push({ at, type: 'progress', phase: 'stage', done: (at - 0.25) * 1000, total: 10_000 });
    lines.push({ at, type: 'sample', workers: 3, running: 2, waiting: 2 });
  }
  return lines;
}

/** A folder in which a run goes on that has just this to say. */
class FakeRun {
  readonly folder: string;
  readonly path: string;
  readonly handle: RunHandle;
  #isAlive = true;

  constructor(t: TestContext) {
    this.folder = join(temporaryFolder(t), 'staged');
    makeStagedFolder(this.folder);
    this.handle = beginRun(this.folder);
    this.path = recordPath(this.folder, STARTED_AT, this.handle.runId);
    mkdirSync(dirname(this.path), { recursive: true });
    t.after(() => this.die());
  }

  tell(...lines: (Line | string)[]): void {
    const text = lines.map((line) =>
      typeof line === 'string' ? line : `${JSON.stringify(line)}\n`,
    );
    appendFileSync(this.path, text.join(''));
  }

  die(): void {
    if (this.#isAlive) this.handle.lock.release();
    this.#isAlive = false;
  }
}

suite('a run', () => {
  test('is followed from its record: phases, rate, workers, failures', (t) => {
    const run = new FakeRun(t);
    const follower = new RunFollower(run.folder);
    // It lives, and has not told anything yet.
    assert.equal(follower.look(null)?.state, 'running');
    assert.deepEqual(follower.look(null)?.phases, []);

    run.tell(...started, ...progress(0.75, 4.25));
    let now = follower.look(null)!;
    assert.equal(now.state, 'running');
    assert.deepEqual([now.executor, now.slots, now.host], ['threads', 2, 'here']);
    assert.deepEqual(
      now.phases.map(({ phase, ended, done, total }) => [phase, ended, done, total]),
      [
        ['plan', true, 3, 3],
        ['stage', false, 4000, 10_000],
      ],
    );
    assert.equal(now.phases[1]!.share, 0.4);
    // Less by what has passed since it was told.
    const { perSecond, bytesPerSecond } = now.rate!;
    assert.ok(perSecond > 700 && perSecond < 1001, `${perSecond}`);
    // 50 MB have 10,000 features.
    assert.equal(Math.round(bytesPerSecond! / perSecond), 5000);
    // 6 s of staging, and a tenth of its 10 s for the tiles.
    assert.ok(now.left!.low < 7 && now.left!.high > 7, JSON.stringify(now.left));
    assert.deepEqual(
      now.workers.map(({ name, subject }) => [name, subject]),
      [
        ['worker 1', 'a.gpkg 1/2'],
        ['worker 2', 'b.gpkg 1/2'],
      ],
    );
    assert.deepEqual([now.workersThere, now.tasksWaiting, now.failed], [3, 2, 1]);
    assert.deepEqual(now.failures, [
      { subject: 'bad.gpkg', message: error.message, retried: false },
    ]);

    // A line that is being written is left for the next look.
    const text = JSON.stringify(taskEnded(1, 4.5, { error, retried: true }));
    run.tell(text.slice(0, 40));
    assert.equal(follower.look(null)!.retries, 0);
    run.tell(`${text.slice(40)}\n`, { at: 4.6, type: 'warning', message: 'the disk is small' });
    now = follower.look(null)!;
    assert.deepEqual(
      [now.retries, now.workers.length, now.warnings],
      [1, 1, ['the disk is small']],
    );
    assert.equal(now.problem, null);
  });

  test('that has ended says what it has made, before and after its process is gone', (t) => {
    const run = new FakeRun(t);
    const follower = new RunFollower(run.folder);
    const tiles = { new: 2, changed: 1, unchanged: 0, removed: 0, total: 3 };
    const inputs = { staged: 2, unchanged: 0, failed: 1 };
    const made = { inputs, featuresRead: 9, featuresStaged: 8, rowsWritten: 8, tiles };
    run.tell(...started, { type: 'end', at: 9, state: 'finished', error: null, made });
    for (const look of ['while it is there', 'when it is gone']) {
      const now = follower.look(null)!;
      assert.deepEqual([now.state, now.seconds, now.share], ['finished', 9, 1], look);
      assert.deepEqual(now.made!.tiles, tiles, look);
      assert.deepEqual([now.workers, now.tiles, now.silent], [[], null, 0], look);
      run.die();
    }
  });

  test('that fails, is killed, is stopped or is cancelled is told so', async (t) => {
    const run = new FakeRun(t);
    run.tell(...started);
    // Stopped: it has its lock, and writes no more.
    const then = new Date(Date.now() - 100_000);
    utimesSync(run.path, then, then);
    let now = new RunFollower(run.folder).look(null)!;
    assert.equal(now.state, 'running');
    assert.ok(now.silent >= 100 && now.silent < 200, `${now.silent}`);
    assert.equal(now.toldAt, then.toISOString());
    // Killed.
    run.die();
    now = new RunFollower(run.folder).look(null)!;
    assert.deepEqual([now.state, now.toldAt, now.silent], ['lost', then.toISOString(), 0]);
    assert.equal(now.seconds, 0.25, 'when it was heard of last');
    // The next run has told of itself, and has nothing to do: it leaves no record.
    const reporter = new RunReporter(run.folder);
    reporter.begin();
    reporter.end('finished', 0, 'Nothing to do');
    now = new RunFollower(run.folder).look(await lastRun(run.folder))!;
    assert.deepEqual([now.state, now.reason, now.phases], ['finished', 'Nothing to do', []]);
    // Of a run with a record, what it has told itself is the reason.
    const status = (await lastRun(run.folder))!;
    const same = { ...status, startedAt: STARTED_AT };
    const failed = { ...same, state: 'failed' as const, reason: 'The disk is full' };
    now = new RunFollower(run.folder).look(failed)!;
    assert.deepEqual([now.state, now.reason, now.failed], ['failed', 'The disk is full', 1]);
    now = new RunFollower(run.folder).look({ ...same, state: 'cancelled' })!;
    assert.deepEqual([now.state, now.failed], ['cancelled', 1]);
    // A driver in the queue: what the record of the one before says is not its own.
    now = new RunFollower(run.folder).look({ ...same, state: 'queued', reason: 'Priority' })!;
    assert.deepEqual([now.state, now.reason, now.phases], ['queued', 'Priority', []]);
  });

  test('without a record is told of by its status alone', async (t) => {
    const folder = join(temporaryFolder(t), 'staged');
    makeStagedFolder(folder);
    assert.equal(new RunFollower(folder).look(await lastRun(folder)), null);
    const handle = beginRun(folder);
    t.after(() => handle.lock.release());
    const reporter = new RunReporter(folder);
    reporter.update({
      at: 0,
      type: 'phase-started',
      phase: 'stage',
      total: 80,
      tasks: 4,
      bytes: 1,
    });
    const follower = new RunFollower(folder);
    const now = follower.look(await lastRun(folder))!;
    assert.equal(now.state, 'running');
    assert.deepEqual(
      now.phases.map(({ phase, total }) => [phase, total]),
      [
        ['plan', 0],
        ['stage', 80],
      ],
    );
    assert.equal(now.pid, process.pid);
  });

  test('whose files are not its own does no harm', async (t) => {
    const run = new FakeRun(t);
    const all: Line[] = [
      ...started,
      ...progress(0.75, 0.75),
      taskEnded(1, 1, { error }),
      { at: 1, type: 'warning', message: '' },
      { type: 'end', at: 2, state: 'finished', error: null, made: null },
    ];
    const odd = [null, true, -1, 1e308, 'x', '', '__proto__', [], {}, { length: 1e9 }];
    const random = new Random(5);
    let told = 0;
    for (let k = 0; k < 150; k++) {
      const lines = all.map((line) => ({ ...line }));
      const line = lines[Math.floor(random.next() * lines.length)]!;
      const names = Object.keys(line);
      line[names[Math.floor(random.next() * names.length)]!] = odd[
        Math.floor(random.next() * odd.length)
      ] as never;
      writeFileSync(run.path, '');
      run.tell(...lines);
      const now = new RunFollower(run.folder).look(null)!;
      JSON.stringify(now);
      if (now.problem !== null) {
        told++;
        assert.match(now.problem, /is no record of a run/);
      }
    }
    assert.ok(told > 40, `${told} were noticed`);
    // A line without end.
    writeFileSync(run.path, `${JSON.stringify(started[0])}\n`);
    run.tell('x'.repeat(3 << 20));
    assert.match(new RunFollower(run.folder).look(null)!.problem!, /is no record/);
    // A link out of the folder is not read, nor is a status that no run has written.
    const outside = join(run.folder, '../outside.jsonl');
    writeFileSync(outside, started.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const other = new FakeRun(t);
    symlinkSync(outside, other.path);
    assert.deepEqual(new RunFollower(other.folder).look(null)!.phases, []);
    const status = join(other.folder, '.tilewright/run.json');
    for (const text of ['{"state":"running"}', '[]', '"', `"${'x'.repeat(2 << 20)}"`]) {
      writeFileSync(status, text);
      assert.equal(await lastRun(other.folder), null, text.slice(0, 20));
    }
  });
});

test('tiles of a run are those that the folder has when it has ended', async (t) => {
  const folder = temporaryFolder(t);
  const staged = join(folder, 'staged');
  makeStagedFolder(staged);
  // Somebody else has the folder: the run waits when its shuffle files are there.
  const lock = await folderLock(staged);
  const ended = stageScenes(folder);
  const follower = new RunFollower(staged);
  let now = follower.look(null);
  try {
    while (now?.phases.at(-1)?.phase !== 'wait') {
      await new Promise((resolve) => setTimeout(resolve, 50));
      now = follower.look(null);
    }
  } finally {
    lock.release();
  }
  const found = new Float64Array(follower.tiles());
  await ended;
  const names = listTiles(staged);
  assert.equal(now.tiles!.count, names.length);
  // All have all of their rows, and are built; they wait for the folder to get to their places.
  assert.equal(now.tiles!.written, names.length);
  // Tiles of WGS1984Quad at z 13 are squares of 180° / 2¹³, from 90° north.
  const span = 180 / 2 ** 13;
  const expected = names.map((name) => {
    const [x, y] = name
      .match(/\/(\d+)\/(\d+)\.gpkg$/)!
      .slice(1)
      .map(Number);
    return [x! * span - 180, 90 - (y! + 1) * span, (x! + 1) * span - 180, 90 - y! * span].join();
  });
  const tiles = runTilesOf(found.buffer);
  assert.deepEqual(tiles.map(({ box }) => box.join()).sort(), expected.sort());
  assert.ok(tiles.every(({ written }) => written === 1));
  assert.equal(found.length, names.length * BLOCK_FIELDS);
  const bounds = [0, 1, 2, 3].map((i) => {
    const edges = tiles.map(({ box }) => box[i]!);
    return i < 2 ? Math.min(...edges) : Math.max(...edges);
  });
  assert.deepEqual(now.tiles!.bounds, bounds);
  // The run's folder is gone, and with it what would tell of its tiles.
  assert.equal(new RunTiles(staged, now.runId!).look()!.count, 0);
  assert.equal(follower.look(null)!.state, 'finished');
});
