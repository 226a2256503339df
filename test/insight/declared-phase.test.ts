/**
 * A phase that is declared once appears in all that tells of runs; one that this version doesn't know
 * is shown by its name.
 */

import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import { suite, type TestContext, test } from 'node:test';
import { writeScenes } from '../../bench/scenes.ts';
import { statusText } from '../../src/cli/commands/status.ts';
import { blockLines } from '../../src/cli/progress/block.ts';
import { JsonLines } from '../../src/cli/progress/json-lines.ts';
import { PlainProgress } from '../../src/cli/progress/plain-progress.ts';
import { styleOf } from '../../src/cli/progress/style.ts';
import { RunProgressState } from '../../src/insight/progress/progress-state.ts';
import { StatusEvents } from '../../src/insight/progress/status-events.ts';
import { WorkerNames } from '../../src/insight/progress/words.ts';
import { reportHtml } from '../../src/insight/report/html.ts';
import { reportJson } from '../../src/insight/report/json.ts';
import { reportText } from '../../src/insight/report/report-text.ts';
import { runReport } from '../../src/insight/run-report.ts';
import { beginRun, makeStagedFolder } from '../../src/staging/folder/staged-folder.ts';
import {
  type RecordedRun,
  readRecords,
  recordPath,
} from '../../src/staging/recording/record-file.ts';
import type { RecordLine } from '../../src/staging/recording/record-lines.ts';
import { RunReporter } from '../../src/staging/recording/run-record.ts';
import { runStatus } from '../../src/staging/recording/run-status.ts';
import type { RunEvent } from '../../src/staging/telling/events.ts';
import {
  isPhase,
  type PhaseDeclaration,
  phaseOf,
  phases,
} from '../../src/staging/telling/phases.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { headline, phaseFacts } from '../../src/viewer/page/run/run-words.ts';
import { RunFollower } from '../../src/viewer/run/run-follower.ts';
import { temporaryFolder } from '../staging/support.ts';
import { runLine, STARTED_AT, taskLines } from './record-builder.ts';

const SURVEY: PhaseDeclaration = {
  ...{ name: 'survey', words: 'surveying tiles', unit: 'pairs' },
  ...{ work: 'tasks', weight: 0.5, isUsual: true },
};

/** Declares it between staging and merging, for one test. */
function declare(t: TestContext, phase: PhaseDeclaration): void {
  const list = phases as PhaseDeclaration[];
  list.splice(
    list.findIndex(({ name }) => name === 'merge'),
    0,
    phase,
  );
  t.after(() => list.splice(list.indexOf(phase), 1));
}

/** A run that is in this phase: 40 of 100 are done, and one of two tasks. */
function eventsIn(phase: string): RunEvent[] {
  const tasks = taskLines('stage', [{ worker: 'here/1/1', start: 0.2, end: 10 }]);
  const own = taskLines('stage', [{ worker: 'here/1/1', start: 10, end: 14, subject: 'pair 1' }]);
  const names = phases.filter(({ isUsual }) => isUsual).map(({ name }) => name);
  return [
    {
      ...{ at: 0, type: 'run-started', folder: '/s', runId: 'r', executor: 'threads', slots: 1 },
      phases: names,
    },
    { at: 0, type: 'phase-started', phase: 'plan', total: 3, tasks: 0, bytes: 0 },
    { at: 0.1, type: 'phase-ended', phase: 'plan' },
    { at: 0.1, type: 'phase-started', phase: 'stage', total: 1000, tasks: 1, bytes: 1e6 },
    started('stage', 'a.gpkg', 0.2),
    { at: 0.2, type: 'progress', phase: 'stage', done: 0, total: 1000 },
    { at: 10, type: 'progress', phase: 'stage', done: 1000, total: 1000 },
    ...(tasks as RunEvent[]),
    { at: 10, type: 'phase-ended', phase: 'stage' },
    { at: 10, type: 'phase-started', phase, total: 100, tasks: 2, bytes: 1e6 },
    started(phase, 'pair 1', 10),
    { at: 10, type: 'progress', phase, done: 0, total: 100 },
    { at: 14, type: 'progress', phase, done: 40, total: 100 },
    ...own.map((line) => ({ ...line, phase }) as RunEvent),
  ];
}

function started(phase: string, subject: string, at: number): RunEvent {
  return {
    ...{ at, type: 'task-started', phase, task: 0, subject, part: 1, parts: 1 },
    ...{ worker: 'here/1/1', attempt: 1 },
  };
}

const END: RecordLine = {
  ...{ type: 'end', at: 20, state: 'finished', error: null, made: null, inputBytes: 1 },
  ...{ shuffleBytes: 1, tileBytes: 1, coordinatorCpu: 0.1, peakMemory: 2e8, recording: 0 },
  disk: { read: 5e8, write: 2e8 },
};

/** A folder into which a run goes on that has told of these events. */
function folderOf(t: TestContext, events: readonly RunEvent[], names?: string[]): string {
  const folder = join(temporaryFolder(t), 'staged');
  makeStagedFolder(folder);
  const handle = beginRun(folder);
  t.after(() => handle.lock.release());
  const path = recordPath(folder, STARTED_AT, handle.runId);
  mkdirSync(dirname(path), { recursive: true });
  const run = runLine(names === undefined ? {} : { phases: names });
  const lines = [run, ...events.filter(({ type }) => type !== 'run-started')];
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return folder;
}

suite('a phase that is declared once', () => {
  test('is in progress, on terminals, in lines and in JSON', (t) => {
    declare(t, SURVEY);
    const events = eventsIn('survey');
    const state = new RunProgressState();
    const shares: number[] = [];
    let before: string[] = [];
    for (const event of events) {
      state.apply(event);
      shares.push(state.share());
      if (event.type === 'phase-ended' && event.phase === 'stage') before = state.toCome;
    }
    assert.deepEqual(before, ['survey', 'merge', 'finalize']);
    assert.deepEqual(state.toCome, ['merge', 'finalize']);
    assert.deepEqual(
      state.phases.map(({ phase }) => phase),
      ['plan', 'stage', 'survey'],
    );
    assert.deepEqual(
      shares,
      shares.toSorted((a, b) => a - b),
    );
    // 10 s are staged, 4 of 10 s related; merging takes a tenth of the 20 s, all by their weights.
    assert.ok(Math.abs(state.share() - 14 / (20 + 2)) < 0.02, `${state.share()}`);
    const left = state.timeLeft()!;
    assert.ok(Math.abs((left.low + left.high) / 2 - (6 + 2)) < 0.5, JSON.stringify(left));

    const size = { columns: 100, rows: 30 };
    const block = blockLines(state, new WorkerNames(), 14, size, styleOf({ LANG: 'C.UTF-8' }));
    assert.ok(
      block.some((line) => /surveying tiles.*40 % .*40 of 100 pairs.*1 of 2 tasks/.test(line)),
    );
    assert.ok(
      block.some((line) => /pair/.test(line) && /10 pairs\/s/.test(line)),
      block.join('\n'),
    );

    const texts: string[] = [];
    const lines = new PlainProgress({ write: (text: string) => texts.push(text) });
    for (const event of events) lines.update(event);
    lines.update({ at: 20, type: 'phase-ended', phase: 'survey' });
    lines.end();
    const plain = texts.join('');
    assert.match(plain, /^surveying tiles: 100 pairs, 2 tasks$/m);
    assert.match(plain, /^surveying tiles: done in 10 s, 40 pairs/m);

    const chunks: string[] = [];
    const stream = new Writable({
      write(chunk, _encoding, done) {
        chunks.push(String(chunk));
        done();
      },
    });
    const out = new JsonLines(stream);
    for (const event of events) out.update(event);
    out.update({ at: 20, type: 'phase-ended', phase: 'survey' });
    out.end();
    const json = chunks.join('');
    assert.match(json, /"type":"progress","phase":"survey","done":40,"total":100/);
  });

  test('is in the record, the reports, status, wait and the viewer', async (t) => {
    declare(t, SURVEY);
    const events = eventsIn('survey');
    const folder = folderOf(t, events, ['plan', 'stage', 'survey', 'merge', 'finalize']);
    const now = new RunFollower(folder).look(null)!;
    assert.equal(now.problem, null);
    assert.deepEqual(now.toCome, ['merge', 'finalize']);
    assert.equal(headline({ ...now, silent: 0 }), 'The run is surveying tiles.');
    assert.match(phaseFacts(now.phases.at(-1)!), /40 of 100 pairs · 1 of 2 tasks/);

    const reporter = new RunReporter(folder);
    for (const event of events) reporter.update(event);
    const status = await runStatus(folder);
    assert.match(statusText({ ...status, done: 40 }), /surveying tiles, 40 %, 40 of 100 pairs/);
    const watched = new RunProgressState();
    for (const event of new StatusEvents().of({ ...status, seconds: 14 })) watched.apply(event);
    assert.deepEqual(
      watched.phases.map(({ phase }) => phase),
      ['plan', 'stage', 'survey'],
    );
    assert.equal(watched.phase('stage')!.seconds(14), 14);

    requireInReports(folder, 'survey');
  });

  test('is told of by a run before it comes', async (t) => {
    declare(t, SURVEY);
    const folder = temporaryFolder(t);
    writeScenes(join(folder, 'in'), { seed: 8, count: 1, polygonsEach: 20, cellArea: 15_000 });
    let told: readonly string[] = [];
    await new TileStager({ dirStaged: join(folder, 'out'), executor: 'inline' }).stageAll({
      inputs: [join(folder, 'in')],
      onProgress: (event) => {
        if (event.type === 'run-started') told = event.phases;
      },
    });
    assert.deepEqual(told, ['plan', 'stage', 'survey', 'merge', 'finalize']);
  });
});

suite('a phase of another version', () => {
  test('is shown by its name, by progress, reports and the viewer', async (t) => {
    const events = eventsIn('dream');
    const folder = folderOf(t, events);
    const now = new RunFollower(folder).look(null)!;
    assert.equal(headline({ ...now, silent: 0 }), 'The run is dream.');
    assert.deepEqual(
      now.phases.map(({ phase }) => phase),
      ['plan', 'stage', 'dream'],
    );
    const size = { columns: 100, rows: 30 };
    const state = new RunProgressState();
    for (const event of events) state.apply(event);
    const block = blockLines(state, new WorkerNames(), 14, size, styleOf({ LANG: 'C.UTF-8' }));
    assert.ok(block.some((line) => /dream +40 %/.test(line)));
    const reporter = new RunReporter(folder);
    for (const event of events) reporter.update(event);
    assert.match(statusText(await runStatus(folder)), /^phase {6}dream$/m);
    requireInReports(folder, 'dream');
  });

  test('has a name that does no harm', () => {
    for (const name of ['', 'a\u001b[2J', '<b>', '__proto__', 'x'.repeat(33), 7, null]) {
      assert.equal(isPhase(name), false, String(name));
    }
    assert.ok(isPhase('dream') && phases.every(({ name }) => isPhase(name)));
  });
});

/** Ends the run, and looks for the phase and its task in what is said of it. */
function requireInReports(folder: string, phase: string): void {
  const { words } = phaseOf(phase);
  const [{ path }] = readRecords(folder) as [RecordedRun];
  const ended = { at: 20, type: 'phase-ended', phase };
  appendFileSync(path, `${JSON.stringify(ended)}\n${JSON.stringify(END)}\n`);
  const analysis = runReport(folder);
  const own = analysis.phases.find((share) => share.phase === phase)!;
  assert.deepEqual([own.start, own.end, own.tasks, own.wall], [10, 20, 1, 4]);
  // Its worker had nothing to do for 6 s of it, which are not the coordinator's.
  const idle = analysis.time.find(({ kind }) => kind === 'nothing to do');
  assert.equal(Math.round(idle!.seconds), 6);
  assert.equal(JSON.parse(reportJson(analysis)).phases.at(-1).phase, phase);
  assert.match(
    reportText(analysis, { width: 100, color: false }),
    new RegExp(`^ +${words} +10`, 'm'),
  );
  const page = reportHtml(analysis);
  assert.match(page, new RegExp(`class="phase-name[^>]*>${words}<`));
  assert.match(page, new RegExp(`"phases":\\["stage","${phase}"\\]`));
}
