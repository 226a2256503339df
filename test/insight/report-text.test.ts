import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { cellWidth, clipMiddle, wrap } from '../../src/core/columns-of-text.ts';
import type { TimeKind } from '../../src/insight/analysis.ts';
import {
  activity,
  STATES,
  splitOf,
  stateNames,
  stateSequence,
} from '../../src/insight/report/activity.ts';
import { reportText } from '../../src/insight/report/report-text.ts';
import { bar, columnsOf } from '../../src/insight/report/terminal/bar.ts';
import {
  bytesText,
  factorText,
  percentText,
  rangeText,
  secondsText,
  shortCount,
} from '../../src/insight/units.ts';
import type { SpillReason } from '../../src/staging/telling/spilled-rows.ts';
import { sampleAnalysis } from './sample-analysis.ts';
import { RUNS } from './sample-runs.ts';

const text = (name: string, width: number, color = false): string =>
  reportText(RUNS[name]!(), { width, color });

suite('report as text', () => {
  for (const name of Object.keys(RUNS)) {
    test(`${name}: fits, begins with the verdict, and has no holes`, () => {
      const analysis = RUNS[name]!();
      for (const width of [60, 80, 120, 200]) {
        const lines = reportText(analysis, { width, color: false }).split('\n');
        for (const line of lines) assert.ok(cellWidth(line) <= width, `${width}: ${line}`);
        const { sentence } = analysis.verdict;
        if (cellWidth(sentence) <= width) assert.equal(lines[0], sentence);
        else assert.ok(sentence.startsWith(lines[0]!));
        assert.doesNotMatch(lines.join('\n'), /NaN|undefined|Infinity|\[object/);
      }
    });
  }

  test('has a section for all that there is', () => {
    const report = text('failing', 100);
    for (const title of [
      'Evidence',
      'What would make it faster',
      'What the time of the workers went into',
      'Phases',
      'Workers over time',
      'Slowest inputs',
      'Stragglers',
      'Failures',
      'Run',
      'Machine',
    ]) {
      assert.match(report, new RegExp(`^${title}$`, 'm'));
    }
    assert.match(report, /CPU time of the workers +2\.\d of 3 cores +3 cores +\d+ % +█/);
    assert.match(report, /Give it 6 workers +[\d.]+ s → [\d.]+–[\d.]+ s, 1\.7–1\.9× as fast/);
    assert.match(report, /^ {2}staging +[\d.]+ s +\d+ % +40 /m);
    assert.match(report, /… and 2 others/);
    assert.match(text('withoutSamples', 100), /^Not measured\n {2}How long processes waited/m);
    assert.match(text('killed', 100), /killed after [\d.]+ s, or still going on/);
    assert.doesNotMatch(text('nothingToDo', 100), /^(Phases|Evidence|Slowest inputs)$/m);
  });

  test('says how many rows were spilled, and why', () => {
    const told = (spilled: Partial<Record<SpillReason, number>>): string => {
      const none = { full: 0, kept: 0, shared: 0, late: 0, wide: 0 };
      const analysis = sampleAnalysis();
      const end = { ...analysis.end!, rowBytes: 4e9, spilled: { ...none, ...spilled } };
      return reportText({ ...analysis, end }, { width: 200, color: false });
    };
    assert.match(
      told({ full: 4e8, late: 2e8 }),
      /^ {2}spilled +15 % of 4\.00 GB of rows: 10 % as the memory was full, 5 % as their tiles were/m,
    );
    assert.doesNotMatch(told({}), /spilled/);
    assert.doesNotMatch(text('failing', 100), /spilled/);
  });

  test('what may leave nothing of the time is at least so much faster', () => {
    const analysis = sampleAnalysis();
    const [advice] = analysis.advice;
    const seconds = { low: 0, high: analysis.seconds / 2 };
    const changed = { ...analysis, advice: [{ ...advice!, seconds }] };
    const report = reportText(changed, { width: 100, color: false });
    assert.match(report, /→ 0–15\.\d s, at least 2\.0× as fast/);
  });

  test('names can neither move the cursor nor change colours', () => {
    const plain = text('failing', 120);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for.
    assert.doesNotMatch(plain, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    assert.ok(plain.includes('number 1\\u001b[31m.shp'));
    const colored = text('failing', 120, true);
    assert.notEqual(colored, plain);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: codes of colours.
    assert.equal(colored.replace(/\u001b\[[\d;]*m/g, ''), plain);
  });

  test('of many workers the busiest and the idlest are shown', () => {
    const analysis = RUNS['big']!();
    const report = reportText(analysis, { width: 120, color: false });
    assert.match(report, /… 480 workers between these are left out …/);
    const section = report.slice(report.indexOf('Workers over time'), report.indexOf('Slowest'));
    const shares = [...section.matchAll(/^ {2}node\S+ .* (\d+) %$/gm)].map(([, share]) =>
      Number(share),
    );
    assert.equal(shares.length, 20);
    assert.deepEqual(
      shares,
      shares.toSorted((a, b) => b - a),
    );
    const busiest = Math.max(...analysis.workers.map(({ busy }) => busy)) / analysis.seconds;
    assert.equal(shares[0], Math.round(100 * busiest));
  });

  test('is the same for the same analysis', () => {
    assert.equal(text('medium', 100), text('medium', 100));
  });
});

suite('what workers did', () => {
  const analysis = sampleAnalysis({ workers: 3 });

  test('sums over the parts of the run are those of the tasks', () => {
    const sums = activity(analysis.timeline, analysis.seconds, 77, 3);
    for (const state of STATES) {
      if (state === 'idle') continue;
      const expected = analysis.timeline.reduce((sum, span) => sum + splitOf(span)[state], 0);
      const found = sums.reduce((sum, part) => sum + part[state], 0);
      assert.ok(Math.abs(found - expected) < 1e-6, `${state}: ${found}, not ${expected}`);
    }
    const all = sums.reduce(
      (sum, part) => sum + STATES.reduce((t, state) => t + part[state], 0),
      0,
    );
    assert.ok(Math.abs(all - 3 * analysis.seconds) < 1e-6);
  });

  test('what blocked tasks waited for is named as the analysis has it', () => {
    const named = (...kinds: [TimeKind, number][]): string =>
      stateNames({ ...analysis, time: kinds.map(([kind, share]) => ({ kind, share, seconds: 1 })) })
        .blocked;
    assert.equal(named(['computing', 1]), 'waiting for the disk');
    assert.equal(named(['computing', 0.9], ['waiting for memory', 0.01]), 'waiting for memory');
    const both = named(['waiting for the network', 0.3], ['waiting for the disk', 0.1]);
    assert.equal(both, 'waiting for the network or the disk');
  });

  test('marks are as many as the shares of the time', () => {
    const parts = Array.from({ length: 200 }, () => ({
      computing: 0.7,
      core: 0.1,
      blocked: 0.2,
      unknown: 0,
      idle: 0,
    }));
    const marks = stateSequence(parts);
    const count = (state: string): number => marks.filter((mark) => mark === state).length;
    assert.deepEqual([count('computing'), count('core'), count('blocked')], [140, 20, 40]);
  });

  test('parts of a task are never more than its time', () => {
    const [span] = analysis.timeline;
    const split = splitOf({ ...span!, start: 2, end: 4, cpu: 3, queuedForCpu: 1, blocked: 0 });
    assert.deepEqual(split, { computing: 1.5, core: 0.5, blocked: 0, unknown: 0, idle: 0 });
    const none = { cpu: 0, queuedForCpu: 0, blocked: 0 };
    assert.equal(splitOf({ ...span!, start: 2, end: 4, ...none }).unknown, 2);
  });
});

test('numbers as people read them', () => {
  const times: [number, string][] = [
    [0, '0 s'],
    [0.0004, '0.4 ms'],
    [0.0312, '31 ms'],
    [0.9996, '1.0 s'],
    [41.23, '41.2 s'],
    [231, '231 s'],
    [299.6, '5 min'],
    [725, '12 min 5 s'],
    [7199.7, '2 h'],
    [12_000, '3 h 20 min'],
    [187_200, '2 d 4 h'],
    [Number.NaN, '–'],
  ];
  for (const [seconds, expected] of times) assert.equal(secondsText(seconds), expected);
  assert.deepEqual([0, 999, 999.7, 1.2e6, 999_600, 4.83e10].map(bytesText), [
    '0 B',
    '999 B',
    '1.00 kB',
    '1.20 MB',
    '1.00 MB',
    '48.3 GB',
  ]);
  assert.deepEqual([0, 0.0004, 0.004, 0.0096, 0.5, 1].map(percentText), [
    '0 %',
    '< 0.1 %',
    '0.4 %',
    '1 %',
    '50 %',
    '100 %',
  ]);
  assert.deepEqual([1.034, 1.84, 12.4].map(factorText), ['1.03×', '1.8×', '12×']);
  assert.equal(rangeText(22.04, 25.31), '22.0–25.3 s');
  assert.equal(rangeText(0.5, 2), '500 ms – 2.0 s');
  assert.equal(rangeText(400, 500), '6 min 40 s – 8 min 20 s');
  assert.equal(rangeText(3, 3), '3.0 s');
  assert.deepEqual([99_999, 1_204_331].map(shortCount), ['99,999', '1.20 M']);
});

test('cells of a terminal', () => {
  assert.equal(cellWidth('a日本e\u0301'), 6);
  assert.equal(clipMiddle('scene-00017-fixed.gpkg', 12), 'scene-….gpkg');
  assert.equal(cellWidth(clipMiddle('日本日本日本日本', 9)) <= 9, true);
  assert.deepEqual(wrap('one two 3 s four', 8), ['one two', '3 s four']);
  assert.deepEqual(wrap('abcdefghij', 4), ['abcd', 'efgh', 'ij']);
  assert.deepEqual(
    [bar(0, 4), bar(0.001, 4), bar(0.5, 4), bar(1, 4)],
    ['    ', '▏   ', '██  ', '████'],
  );
  assert.deepEqual(
    columnsOf([1, 1, 1], 10).reduce((sum, count) => sum + count),
    10,
  );
  assert.deepEqual(columnsOf([0, 0], 10), [0, 0]);
});
