/** What is read from a monitoring file, and shown of it. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { monitoringHtml } from '../../src/insight/monitoring/monitoring-html.ts';
import { MonitoringSource } from '../../src/insight/monitoring/monitoring-source.ts';
import { monitoringLines } from '../../src/insight/monitoring/monitoring-text.ts';
import { readHistory } from '../../src/insight/monitoring/read-history.ts';
import { readSummary } from '../../src/insight/monitoring/read-summary.ts';
import { endedOf, type RunSummary } from '../../src/insight/monitoring/run-summary.ts';
import { findBrowser, launchBrowser, NO_BROWSER, watch } from '../integration/browser.ts';
import { temporaryFolder } from '../staging/support.ts';
import { elementsOf } from './markup-check.ts';
import { failed, MadeUpRun, randomRun, START, type Tally } from './monitored-runs.ts';

const mean = (numbers: number[]): number =>
  numbers.length === 0 ? 0 : numbers.reduce((a, b) => a + b, 0) / numbers.length;
const near = (a: number, b: number, what: string): void =>
  assert.ok(Math.abs(a - b) < 1e-6 * Math.max(1, Math.abs(b)), `${what}: ${a}, not ${b}`);

suite('a summary is what a plain count gives', () => {
  for (const [seed, tasks] of [
    [1, 1],
    [2, 10],
    [3, 300],
    [4, 2_000],
  ] as const) {
    test(`seed ${seed}, ${tasks} tasks`, (t) => {
      const path = join(temporaryFolder(t), 'run.db');
      const tally = randomRun(path, seed, tasks);
      const source = new MonitoringSource(path);
      t.after(() => source.close());
      const summary = readSummary(source);
      assertSame(summary, tally, tasks);
      const history = readHistory(source, summary);
      const attempts = [...tally.busy.values()].reduce((sum, each) => sum + each.tasks, 0);
      assert.equal(history.timeline.length, attempts);
      const lengths = history.timeline.reduce((sum, { start, end }) => sum + end - start, 0);
      near(lengths, summary.efficiency.busy, 'bars');
      const last = (id: string): (number | null | undefined)[] =>
        history.charts
          .find((chart) => chart.id === id)!
          .series.map((line) => line.points.at(-1)?.value);
      if (summary.seconds > 0) {
        const { counts } = summary;
        assert.deepEqual(last('states'), [0, 0, 0]);
        const done = counts.done + counts.memoized;
        assert.deepEqual(last('ends'), [done, endedOf(counts) - done]);
      }
    });
  }
});

function assertSame(summary: RunSummary, tally: Tally, tasks: number): void {
  const { counts, apps, workers, waits } = summary;
  assert.equal(summary.state, 'ended');
  assert.equal(summary.tasks, tasks);
  near(summary.seconds, (tally.endedAt - START) / 1000, 'seconds');
  for (const state of Object.keys(counts) as (keyof typeof counts)[]) {
    assert.equal(counts[state], tally.states[state] ?? 0, state);
  }
  assert.equal(summary.retried, tally.retried);
  assert.equal(apps.length, tally.apps.size);
  for (const app of apps) {
    const own = tally.apps.get(app.name)!;
    assert.equal(app.tasks, own.tasks);
    assert.equal(app.failures, own.failures);
    near(app.mean, mean(own.took) / 1000, 'mean');
    near(app.most, Math.max(0, ...own.took) / 1000, 'most');
  }
  assert.equal(workers.length, tally.busy.size);
  for (const { worker, busy, tasks: own } of workers) {
    assert.equal(own, tally.busy.get(worker)!.tasks);
    near(busy, tally.busy.get(worker)!.ms / 1000, worker);
  }
  near(waits.queue.mean, mean(tally.waits.queue) / 1000, 'queue');
  near(waits.queue.most, Math.max(0, ...tally.waits.queue) / 1000, 'longest in the queue');
  near(waits.dependencies.mean, mean(tally.waits.needs) / 1000, 'needs');
  const errors = new Map(tally.errors);
  for (const { name, error, count, retried } of summary.failures) {
    if (retried) continue;
    const key = error.startsWith('dependency-failed')
      ? `${name} dependency-failed`
      : `${name} ${error}`;
    assert.equal(count, errors.get(key), key);
    errors.delete(key);
  }
  assert.equal(errors.size, 0);
}

test('a run that goes on, one that was killed, one that has not begun', (t) => {
  const folder = temporaryFolder(t);
  const now = Date.now();
  const path = join(folder, 'run.db');
  const run = new MadeUpRun(path, 'on.ts', now - 10_000);
  const events = { taskId: 1, name: 'a.b', attempt: 1, executor: 'threads', worker: 'h/1/1' };
  run.add({ ...events, state: 'waiting', attempt: 0, at: now - 9_000 });
  run.add({ ...events, state: 'queued', at: now - 9_000 });
  run.add({ ...events, state: 'running', at: now - 8_000 });
  run.write();
  const source = new MonitoringSource(path);
  const summary = readSummary(source, now);
  assert.equal(summary.state, 'running');
  assert.equal(summary.counts.running, 1);
  near(summary.seconds, 10, 'seconds');
  near(summary.efficiency.busy, 8, 'busy');
  assert.equal(readSummary(source, now + 3_600_000).state, 'lost');
  run.write(now);
  source.close();

  const killed = join(folder, 'killed.db');
  // No process has this number: Linux gives none above 4,194,304.
  new MadeUpRun(killed, 'killed.ts', now - 5_000, 2 ** 30).write();
  const lost = new MonitoringSource(killed);
  assert.equal(readSummary(lost, Date.now()).state, 'lost');
  assert.match(
    monitoringLines(readSummary(lost), { width: 80, color: false })[0]!,
    /was lost after/,
  );
  lost.close();
});

const EVIL =
  '</script><script>document.title="owned"</script><img src=x onerror=alert(1)>\u001b[31m\u202e"\'&';

function hostileRun(path: string): void {
  const run = new MadeUpRun(path, EVIL);
  for (let taskId = 1; taskId <= 40; taskId++) {
    const event = {
      taskId,
      name: `m.${EVIL}${taskId % 3}`,
      executor: EVIL,
      worker: `${EVIL}/1/${taskId % 2}`,
    };
    const at = START + 100 * taskId;
    run.add({ ...event, state: 'waiting', attempt: 0, at });
    run.add({ ...event, state: 'queued', attempt: 1, at });
    run.add({ ...event, state: 'running', attempt: 1, at });
    const error = failed('task-failed', EVIL);
    run.add({
      ...event,
      state: taskId % 4 === 0 ? 'failed' : 'done',
      attempt: 1,
      at: at + 80,
      ...(taskId % 4 === 0 && { error }),
    });
  }
  run.write(START + 5_000);
}

test('names and errors are shown, and obeyed by nothing', async (t) => {
  const path = join(temporaryFolder(t), 'run.db');
  hostileRun(path);
  const source = new MonitoringSource(path);
  t.after(() => source.close());
  const summary = readSummary(source);
  const html = monitoringHtml(summary, readHistory(source, summary));
  const scripts = elementsOf(html).filter(({ name }) => name === 'script');
  assert.equal(scripts.length, 2);
  assert.equal(
    elementsOf(html).some(({ name }) => name === 'img'),
    false,
  );
  for (const width of [20, 60, 100, 200]) {
    const lines = monitoringLines(summary, { width, color: false });
    assert.ok(
      lines.every((line) => line.length <= width),
      `${width} columns`,
    );
    assert.equal(/\p{C}/u.exec(lines.join('').replaceAll('\u00a0', ' ')), null);
    assert.equal(monitoringLines(summary, { width, height: 7, color: true }).length, 7);
  }

  if (findBrowser() === null) {
    t.diagnostic(NO_BROWSER);
    return;
  }
  const browser = await launchBrowser();
  t.after(() => browser.close());
  const page = await browser.newPage();
  const log = watch(page);
  await page.setContent(html);
  await page.hover('[data-chart=timeline]');
  await page.click('[data-zoom=in]');
  await page.click('th button');
  assert.match(await page.title(), /has ended after 5\.0 s: 30 tasks done, 10 failed$/);
  assert.notEqual(await page.title(), 'owned');
  assert.deepEqual(log.problems, []);
  assert.deepEqual([...log.hosts], []);
});
