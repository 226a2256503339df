/** What the report of a run says of its overlaps. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { writeScenes } from '../../bench/scenes.ts';
import { analyse } from '../../src/insight/analyse.ts';
import { reportHtml } from '../../src/insight/report/html.ts';
import { reportJson } from '../../src/insight/report/json.ts';
import { reportText } from '../../src/insight/report/report-text.ts';
import { runReport } from '../../src/insight/run-report.ts';
import { regionSubject } from '../../src/staging/judging/regions.ts';
import type { RecordLine } from '../../src/staging/recording/record-lines.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { temporaryFolder } from '../staging/support.ts';
import { type FakeTask, runLine, taskLines } from './record-builder.ts';

const TEXT = { width: 120, color: false };

interface FakePhase {
  phase: string;
  from: number;
  to: number;
  tasks?: FakeTask[];
}

function runOf(phases: readonly FakePhase[], slots = 2): RecordLine[] {
  return [
    runLine({ slots }),
    ...phases.flatMap(({ phase, from, to, tasks = [] }): RecordLine[] => [
      { type: 'phase-started', phase, at: from, total: 1, tasks: tasks.length, bytes: 1 },
      ...taskLines(phase, tasks),
      { type: 'phase-ended', phase, at: to },
    ]),
  ];
}

const one = (start: number, end: number, more: Partial<FakeTask> = {}): FakeTask => ({
  ...{ worker: 'here/1/1', start, end },
  ...more,
});
const two = (start: number, end: number, more: Partial<FakeTask> = {}): FakeTask => ({
  ...{ worker: 'here/1/2', start, end },
  ...more,
});

suite('a report of a run that judges overlaps', () => {
  test('accounts for all of its time, and names pairs, inputs, reasons and tiles', async (t) => {
    const folder = temporaryFolder(t);
    const inputs = join(folder, 'in');
    const scenes = writeScenes(inputs, { seed: 3, count: 2, polygonsEach: 2_000, overlap: 0.5 });
    const staged = join(folder, 'staged');
    const stager = new TileStager({
      ...{ dirInput: inputs, dirStaged: staged, workers: 2 },
      deduplicateMethod: 'neighbor',
    });
    const result = await stager.stageAll();
    const analysis = runReport(staged);
    const all = analysis.time.reduce((sum, { share }) => sum + share, 0);
    assert.ok(Math.abs(all - 1) < 1e-3, `${all} of the time`);
    const judged = ['relate', 'judge', 'label'];
    const names = analysis.phases.map(({ phase }) => phase);
    assert.deepEqual(
      names.filter((name) => judged.includes(name)),
      judged,
    );
    assert.ok(result.pairs! > 0);
    assert.deepEqual(analysis.end!.judged, { pairs: result.pairs, duplicates: result.duplicates });
    const tasks = analysis.timeline.filter(({ phase }) => judged.includes(phase));
    assert.ok(tasks.length >= 2);
    for (const { subject } of tasks) {
      assert.match(subject, /^(\d+ tiles of )?13\/\d+(–\d+)?\/\d+(–\d+)?$/);
    }
    const json = JSON.parse(reportJson(analysis));
    assert.equal(json.end.judged.pairs, result.pairs);
    const [gone, counts] = Object.entries(result.duplicates!).find(([, of]) =>
      Object.values(of).some((count) => count > 0),
    )!;
    const count = counts['duplicate of another']!.toLocaleString('en');
    const text = reportText(analysis, TEXT);
    for (const told of [text, reportHtml(analysis)]) {
      for (const words of ['finding overlaps', 'judging overlaps', 'labelling duplicates']) {
        assert.ok(told.includes(words), words);
      }
      assert.ok(told.includes(`${gone} ${count}`), 'input and count');
      assert.ok(told.includes(`${result.pairs!.toLocaleString('en')} pairs`), 'pairs');
    }
    assert.match(text, new RegExp(`^ {2}duplicate of another +${count} features: ${gone}`, 'm'));
    assert.equal(scenes.length, 2);
    const again = await new TileStager({
      dirStaged: staged,
      deduplicateMethod: null,
    }).deduplicate();
    assert.equal(again.duplicates, null);
    assert.equal(runReport(staged).end!.judged, undefined);
  });

  test('says so when it waited for them, and what to do', () => {
    const phases = [
      { phase: 'stage', from: 0, to: 4, tasks: [one(0, 4), two(0, 4)] },
      {
        ...{ phase: 'relate', from: 4, to: 12 },
        tasks: [one(4, 12, { notes: { pairs: 700 } }), two(4, 12, { notes: { pairs: 300 } })],
      },
      { phase: 'judge', from: 12, to: 12.5 },
      { phase: 'label', from: 12.5, to: 14, tasks: [one(12.5, 14), two(12.5, 14)] },
    ];
    const { verdict, advice, seconds } = analyse(runOf(phases));
    assert.equal(verdict.bound, 'cpu');
    assert.match(verdict.sentence, /finding, judging and labelling them took 71 %\.$/);
    const [first] = verdict.evidence;
    assert.equal(first!.what, 'Finding, judging and labelling overlaps');
    assert.equal(first!.value, '10.0 s, 1,000 pairs found');
    const apart = advice.find(({ what }) => what.includes('tilewright deduplicate'))!;
    assert.ok(apart.seconds.low < 4 && apart.seconds.high > 4 && apart.seconds.high < seconds);
  });

  test('says nothing of them when something else took longer, or when it does nothing else', () => {
    const little = runOf([
      { phase: 'stage', from: 0, to: 10, tasks: [one(0, 10), two(0, 10)] },
      { phase: 'relate', from: 10, to: 12, tasks: [one(10, 12), two(10, 12)] },
    ]);
    const { verdict, advice } = analyse(little);
    assert.doesNotMatch(verdict.sentence, /verlap/);
    assert.equal(verdict.evidence.at(-1)!.what, 'Finding, judging and labelling overlaps');
    assert.ok(!advice.some(({ what }) => what.includes('deduplicate')));
    const alone = analyse(
      runOf([{ phase: 'relate', from: 0, to: 12, tasks: [one(0, 12), two(0, 12)] }]),
    );
    assert.doesNotMatch(alone.verdict.sentence, /verlap/);
    assert.ok(!alone.advice.some(({ what }) => what.includes('deduplicate')));
  });

  test('blames the one process that judges what reaches over regions', () => {
    const { verdict, advice } = analyse(
      runOf([
        { phase: 'stage', from: 0, to: 2, tasks: [one(0, 2), two(0, 2)] },
        { phase: 'relate', from: 2, to: 4, tasks: [one(2, 4), two(2, 4)] },
        { phase: 'judge', from: 4, to: 20 },
      ]),
    );
    assert.equal(verdict.bound, 'coordinator');
    assert.match(verdict.sentence, /^Judging bound this run: for 80 % of the time one process/);
    assert.ok(advice.some(({ what }) => what.startsWith('Ask more of duplicates')));
  });

  test('does not ask for smaller slices where the longest task is on tiles', () => {
    const run = (subject: string) =>
      analyse(
        runOf([
          { phase: 'stage', from: 0, to: 1, tasks: [one(0, 1), two(0, 1)] },
          { phase: 'relate', from: 1, to: 12, tasks: [one(1, 12, { subject }), two(1, 2)] },
        ]),
      );
    const big = run('13/1203/890');
    assert.equal(big.verdict.bound, 'too-few-tasks');
    const what = big.advice.map((one) => one.what).join('; ');
    assert.match(what, /smaller tiles \(a higher zoom level\)/);
    assert.doesNotMatch(what, /sliceBytes/);
    assert.doesNotMatch(
      run('4 tiles of 13/1203–1204/890–891')
        .advice.map((one) => one.what)
        .join('; '),
      /sliceBytes|zoom level/,
    );
  });

  test('takes tasks with many pairs for no stragglers', () => {
    const tasks = Array.from({ length: 12 }, (_, i) => {
      const pairs = i < 2 ? 20_000 : 0;
      const [start, end] = i < 2 ? [0, 2] : [2 + 0.04 * i, 2.04 + 0.04 * i];
      const worker = `here/1/${1 + (i % 2)}`;
      return { worker, start, end, bytes: 20_000, notes: { pairs } };
    });
    const { stragglers } = analyse(runOf([{ phase: 'relate', from: 0, to: 2.6, tasks }]));
    assert.deepEqual(stragglers, []);
  });
});

test('a task on a region is said to be on its tiles', () => {
  const tiles = [
    { x: 1203, y: 890, rows: 5 },
    { x: 1216, y: 891, rows: 5 },
  ];
  const region = { level: 4, x: 75, y: 55, rows: 10 };
  assert.equal(regionSubject({ ...region, tiles }, 13), '2 tiles of 13/1203–1216/890–891');
  assert.equal(regionSubject({ ...region, tiles: [tiles[0]!] }, 13), '13/1203/890');
});
