import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { pageFiles } from '../../src/core/files/page-files.ts';
import type { RunAnalysis } from '../../src/insight/analysis.ts';
import { splitOf } from '../../src/insight/report/activity.ts';
import { timeTicks } from '../../src/insight/report/charts/time-ticks.ts';
import { codeRow } from '../../src/insight/report/charts/timeline.ts';
import { timelinePaths } from '../../src/insight/report/charts/timeline-paths.ts';
import { reportHtml } from '../../src/insight/report/html.ts';
import { sampleCharts } from '../../src/insight/report/series.ts';
import { elementsOf } from './markup-check.ts';
import { sampleAnalysis } from './sample-analysis.ts';
import { HOSTILE, RUNS } from './sample-runs.ts';

const SCRIPT = pageFiles(join(import.meta.dirname, '../../src/insight/report/browser')).get(
  'main.js',
)!;

/** Boxes of a path of timelinePaths. */
function boxes(path: string): { x: number; y: number; width: number; height: number }[] {
  return [...path.matchAll(/M([\d.]+) ([\d.]+)h([\d.]+)v([\d.]+)H[\d.]+z/g)].map((match) => {
    const [x, y, width, height] = match.slice(1).map(Number) as [number, number, number, number];
    return { x, y, width, height };
  });
}

const area = (path: string): number =>
  boxes(path).reduce((sum, { width, height }) => sum + width * height, 0);

function pathOf(page: string, name: string): string {
  return new RegExp(`<path class="bar-${name}" d="([^"]*)"/>`).exec(page)![1]!;
}

function dataOf(page: string): { timeline: { rows: number[][]; subjects: [number, string][] } } {
  return JSON.parse(/<script type="application\/json" id="data">(.*?)<\/script>/.exec(page)![1]!);
}

const sum = (analysis: RunAnalysis, state: 'computing' | 'core' | 'blocked'): number =>
  analysis.timeline.reduce((total, span) => total + splitOf(span)[state], 0);

suite('report as a page', () => {
  for (const [name, make] of Object.entries(RUNS)) {
    test(`${name}: well-formed, whole, and needs nothing else`, () => {
      const analysis = make();
      const page = reportHtml(analysis);
      const elements = elementsOf(page);
      assert.ok(page.length < (name === 'big' ? 3e6 : 400_000), `${page.length} bytes`);
      const data = page.replace(SCRIPT, '');
      assert.doesNotMatch(data, /NaN|undefined|Infinity|\[object/);
      assert.doesNotMatch(data, /https?:|url\(|@import|\bsrc=|\bhref=/);
      assert.doesNotMatch(
        SCRIPT,
        /https?:(?!\/\/www\.w3\.org\/2000\/svg["'])|fetch|XMLHttp|localStorage/,
      );
      assert.ok(!elements.some(({ name: each }) => /^(a|img|link|iframe|object|form)$/.test(each)));
      const ids = elements.flatMap(({ attributes }) => attributes['id'] ?? []);
      assert.equal(new Set(ids).size, ids.length);
      for (const { attributes } of elements) {
        for (const id of attributes['aria-labelledby']?.split(' ') ?? [])
          assert.ok(ids.includes(id));
      }
      assert.equal(elements.filter(({ name: each }) => each === 'h1').length, 1);
    });
  }

  test('says the verdict first, then all that the analysis has', () => {
    const page = reportHtml(RUNS['failing']!());
    const parts = [
      '<h1>CPU bound this run: its 3 workers computed',
      'Evidence',
      'What would make it faster',
      'What the time of the workers went into',
      'Workers and their tasks',
      'All workers together',
      'Disk of the staged folder',
      'Pressure',
      'Phases',
      'Slowest inputs',
      'Stragglers',
      'Failures',
    ].map((part) => page.indexOf(part));
    assert.ok(!parts.includes(-1), parts.join());
    const titles = [...page.matchAll(/<svg [^>]*role="img"[^>]*>(<title)?/g)];
    assert.ok(titles.length >= 9);
    for (const [, title] of titles) assert.equal(title, '<title');
  });

  test('what names contain stays text', () => {
    const page = reportHtml(RUNS['failing']!());
    assert.ok(!page.includes('<script>alert'));
    assert.ok(page.includes('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;.gpkg'));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for.
    assert.doesNotMatch(page, /[\u0000-\u0009\u000b-\u001f]/);
    let before = '';
    const names = dataOf(page).timeline.subjects.map(([same, rest]) => {
      before = before.slice(0, same) + rest;
      return before;
    });
    assert.ok(names.includes(HOSTILE));
  });

  test('only the script that is in it may run, and it can be read', () => {
    const page = reportHtml(sampleAnalysis());
    const [, script] = /<script>(.*?)<\/script>/s.exec(page)!;
    const hash = createHash('sha256').update(script!).digest('base64');
    assert.ok(
      page.includes(`default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'`),
    );
    // Only parsed: what it does is for a browser.
    runInNewContext(`(function () {${script}})`);
  });

  test('many long names do not make it big', () => {
    const inputName = (i: number): string => `${'x'.repeat(i % 7)}${i * 7919}-${'long'.repeat(60)}`;
    const options = { workers: 40, stageTasks: 40_000, mergeTasks: 0, inputName };
    const page = reportHtml(sampleAnalysis(options));
    assert.ok(page.length < 3e6, `${page.length} bytes`);
  });

  test('is the same for the same analysis', () => {
    assert.equal(reportHtml(RUNS['medium']!()), reportHtml(RUNS['medium']!()));
  });
});

suite('charts are true to the data', () => {
  const width = 10_000;

  test('bars of the timeline have the area of the time that they stand for', () => {
    const analysis = RUNS['medium']!();
    const page = reportHtml(analysis);
    const pixel = (analysis.seconds / width) * (1 / 24);
    for (const state of ['computing', 'core', 'blocked'] as const) {
      const found = area(pathOf(page, state)) * pixel;
      const expected = sum(analysis, state);
      assert.ok(Math.abs(found / expected - 1) < 0.03, `${state}: ${found}, not ${expected}`);
    }
    const rows = new Set(
      boxes(pathOf(page, 'computing')).map(({ y, height }) => Math.floor((y + height / 2) / 30)),
    );
    assert.equal(rows.size, analysis.workers.length);
  });

  test('merged bars too, though there are far fewer than tasks', () => {
    const analysis = sampleAnalysis({ workers: 300, stageTasks: 60_000, mergeTasks: 300 });
    const page = reportHtml(analysis);
    const states = ['computing', 'core', 'blocked'] as const;
    const count = states.reduce((total, state) => total + boxes(pathOf(page, state)).length, 0);
    assert.ok(count < 40_000, `${count} boxes`);
    const widths = states.reduce(
      (total, state) => total + boxes(pathOf(page, state)).reduce((all, box) => all + box.width, 0),
      0,
    );
    const busy = analysis.timeline.reduce((total, { start, end }) => total + end - start, 0);
    assert.ok(Math.abs((widths * analysis.seconds) / width / busy - 1) < 0.03);
    const right = Math.max(
      ...states.flatMap((state) => boxes(pathOf(page, state)).map((box) => box.x + box.width)),
    );
    assert.ok(right <= width + 1, `${right}`);
  });

  test('a part of the time shows the tasks of that time alone', () => {
    const { timeline } = sampleAnalysis();
    const first = { ...timeline[0]!, start: 10, end: 20, cpu: 10, queuedForCpu: 0, blocked: 0 };
    const second = { ...first, start: 60, end: 80, cpu: 0, blocked: 20 };
    const row = codeRow([first, second], 100, new Map());
    const view = { to: 200_000, width, pitch: 10, bar: 8, least: 20, detail: true };
    const all = timelinePaths([row], { ...view, from: 0 });
    assert.deepEqual(boxes(all.computing), [{ x: 1000, y: 1, width: 1000, height: 8 }]);
    assert.deepEqual(boxes(all.blocked), [{ x: 6000, y: 1, width: 2000, height: 8 }]);
    const late = timelinePaths([row], { ...view, from: 140_000 });
    assert.equal(late.computing, '');
    // 70 s to 80 s of 70 s to 100 s.
    assert.deepEqual(boxes(late.blocked), [{ x: 0, y: 1, width: 3333, height: 8 }]);
    const failed = codeRow([{ ...first, error: 'no' }], 100, new Map());
    assert.equal(boxes(timelinePaths([failed], { ...view, from: 0 }).failed).length, 1);
  });

  test('the rows in the page are those of the analysis', () => {
    const analysis = RUNS['medium']!();
    const { rows, subjects } = dataOf(reportHtml(analysis)).timeline;
    assert.equal(
      rows.reduce((total, row) => total + row.length / 9, 0),
      analysis.timeline.length,
    );
    assert.equal(subjects.length, new Set(analysis.timeline.map(({ subject }) => subject)).size);
    const steps = rows
      .flat()
      .filter((_, i) => i % 9 === 1)
      .reduce((total, length) => total + length, 0);
    const busy = analysis.timeline.reduce((total, { start, end }) => total + end - start, 0);
    assert.ok(Math.abs((steps / 200_000) * analysis.seconds - busy) < 0.01 * busy);
  });

  test('rates of samples are what their counters grew by', () => {
    const analysis = sampleAnalysis();
    const [first, last] = [analysis.samples[0]!, analysis.samples.at(-1)!];
    const disk = sampleCharts(analysis).find(({ id }) => id === 'disk')!;
    const written = disk.series.find(({ name }) => name === 'written')!;
    const mean =
      written.points.reduce((total, { value }) => total + value!, 0) / written.points.length;
    const expected = (last.diskWrittenBytes! - first.diskWrittenBytes!) / (last.at - first.at);
    assert.ok(Math.abs(mean / expected - 1) < 1e-6);
    assert.deepEqual(
      disk.limits.map(({ value }) => value),
      [310e6, 520e6],
    );
    const broken = analysis.samples.map((sample, i) => ({
      ...sample,
      sentBytes: i === 5 ? 0 : sample.sentBytes,
      receivedBytes: null,
      pressureMs: null,
    }));
    const charts = sampleCharts({ ...analysis, samples: broken });
    assert.ok(!charts.some(({ id }) => id === 'pressure'));
    const network = charts.find(({ id }) => id === 'network')!;
    assert.deepEqual(
      network.series.map(({ name }) => name),
      ['sent'],
    );
    assert.equal(network.series[0]!.points[4]!.value, null);
  });

  test('ticks are round and few', () => {
    for (const to of [0.003, 0.7, 2, 41, 299, 3600, 86_400, 2e6]) {
      const ticks = timeTicks(0, to);
      assert.ok(ticks.length >= 3 && ticks.length <= 7, `${to}: ${ticks.length}`);
      assert.equal(new Set(ticks.map(({ text }) => text)).size, ticks.length);
    }
    assert.deepEqual(
      timeTicks(100, 400).map(({ text }) => text),
      ['2 min', '3 min', '4 min', '5 min', '6 min'],
    );
    assert.deepEqual(timeTicks(0, 0), []);
  });
});
