/** The page of a report in a real browser: on a phone, where nothing is cut off, and on paper. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { timeTicks } from '../../src/insight/report/charts/time-ticks.ts';
import { reportHtml } from '../../src/insight/report/html.ts';
import { RUNS } from '../insight/sample-runs.ts';
import { temporaryFolder } from '../staging/support.ts';
import { findBrowser, launchBrowser, NO_BROWSER, watch } from './browser.ts';

/** What is wider than its place, and bars that are cut off or have no room. */
const CUT_OFF = `(() => {
  document.querySelectorAll('details').forEach((one) => { one.open = true; });
  const width = document.documentElement.clientWidth;
  const cut = [];
  if (document.documentElement.scrollWidth > width) cut.push('the page');
  for (const place of document.querySelectorAll('.scroll')) {
    if (place.scrollWidth > place.clientWidth) cut.push(place.querySelector('caption').textContent);
  }
  const bars = [...document.querySelectorAll('.meter, .bar, .gain svg')];
  for (const bar of bars) {
    const { left, right } = bar.getBoundingClientRect();
    if (left < 0 || right > width || right - left < 80) cut.push(bar.outerHTML.slice(0, 80));
  }
  return { cut, bars: bars.length };
})()`;

suite('the page of a report', { skip: findBrowser() === null && NO_BROWSER }, () => {
  const folder = temporaryFolder({ after });
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser?.close());

  for (const [name, analysis] of Object.entries(RUNS)) {
    test(`of the run ${name} has nothing cut off`, async (t) => {
      const path = join(folder, `${name.replaceAll(' ', '-')}.html`);
      writeFileSync(path, reportHtml(analysis()));
      const page = await browser.newPage({ colorScheme: 'dark' });
      t.after(() => page.close());
      await page.goto(pathToFileURL(path).href);
      for (const [width, media] of [
        [1100, 'screen'],
        [390, 'screen'],
        [320, 'screen'],
        // A4 without its margins.
        [718, 'print'],
      ] as const) {
        await page.setViewportSize({ width, height: 844 });
        await page.emulateMedia({ media });
        const { cut, bars } = (await page.evaluate(CUT_OFF)) as { cut: string[]; bars: number };
        assert.deepEqual(cut, [], `${width} wide`);
        if (name === 'medium') assert.ok(bars > 10, `${bars} bars`);
      }
      // Paper is white, whatever the screen was.
      const ground = await page.evaluate('getComputedStyle(document.body).backgroundColor');
      assert.equal(ground, 'rgb(255, 255, 255)');
    });
  }

  test('sorts, zooms, tells of tasks and changes its theme', async (t) => {
    const analysis = RUNS['medium']!();
    const { seconds, slowest, timeline, workers } = analysis;
    const path = join(folder, 'used.html');
    writeFileSync(path, reportHtml(analysis));
    const page = await browser.newPage({
      colorScheme: 'dark',
      viewport: { width: 1100, height: 900 },
    });
    t.after(() => page.close());
    const log = watch(page);
    await page.goto(pathToFileURL(path).href);

    const ground = (): Promise<string> =>
      page.evaluate('getComputedStyle(document.body).backgroundColor');
    const dark = await ground();
    await page.click('#theme');
    assert.equal(await ground(), 'rgb(247, 247, 245)');
    await page.click('#theme');
    assert.equal(await ground(), dark);

    const table = page.locator('table', { hasText: 'Inputs that took longest' });
    const names = (): Promise<string[]> => table.locator('td:first-child').allTextContents();
    const byCpu = slowest.toSorted((a, b) => b.cpu - a.cpu).map(({ input }) => input);
    const given = slowest.map(({ input }) => input);
    assert.deepEqual(await names(), given);
    assert.notDeepEqual(byCpu, given);
    const cpu = table.getByRole('button', { name: 'CPU' });
    await cpu.click();
    assert.deepEqual(await names(), byCpu);
    assert.equal(await table.locator('th[aria-sort]').getAttribute('aria-sort'), 'descending');
    await cpu.click();
    assert.deepEqual(await names(), byCpu.toReversed());
    assert.equal(await table.locator('th[aria-sort]').getAttribute('aria-sort'), 'ascending');
    await table.getByRole('button', { name: 'input' }).click();
    const collator = new Intl.Collator('en', { numeric: true });
    assert.deepEqual(await names(), given.toSorted(collator.compare));

    const chart = page.locator('[data-chart=timeline]');
    const picture = chart.locator('> svg');
    await picture.scrollIntoViewIfNeeded();
    const { width } = (await picture.boundingBox())!;
    const point = (share: number, y = 60) => ({ position: { x: share * width, y }, force: true });
    const shown = async (): Promise<number[]> => {
      const box = (await chart.locator('.plot').getAttribute('viewBox'))!.split(' ').map(Number);
      return [box[0]! / 10_000, (box[0]! + box[2]!) / 10_000];
    };
    const isShown = async (from: number, to: number): Promise<void> => {
      const [left, right] = await shown();
      assert.ok(Math.abs(left! - from) < 0.005, `from ${left}, not ${from}`);
      assert.ok(Math.abs(right! - to) < 0.005, `to ${right}, not ${to}`);
      const ticks = await chart.locator('.tick').allTextContents();
      const wanted = timeTicks(left! * seconds, right! * seconds).map(({ text }) => text);
      assert.deepEqual(ticks, wanted);
    };
    /** Tasks that a tip names, with what the run says of that worker at that time. */
    const tellsOfTasks = async (): Promise<void> => {
      const [left, right] = (await shown()) as [number, number];
      let told = 0;
      for (let k = 0; k < 40; k++) {
        const share = (k % 8) / 8 + 0.06;
        await picture.hover(point(share, 26 + 30 * (k % 24) + 15));
        const lines = (await page.locator('#tip').textContent())!.split('\n');
        const at = (left + share * (right - left)) * seconds;
        const worker = workers.findIndex((each) => each.worker === lines.at(-2));
        const near = ((right - left) * seconds) / 500;
        const spans = timeline.filter(
          (span) => span.worker === worker && span.start - near < at && span.end + near > at,
        );
        if (lines[0] === 'nothing to do') {
          assert.ok(!spans.some((span) => span.start + near < at && span.end - near > at), `${at}`);
          continue;
        }
        told++;
        const names = spans.map(({ subject, part, parts }) =>
          parts > 1 ? `${subject}, slice ${part} of ${parts}` : subject,
        );
        assert.ok(names.includes(lines[0]!), `${lines.join('; ')}: not of ${names.join('; ')}`);
        const span = spans[names.indexOf(lines[0]!)]!;
        assert.ok(lines[1]!.startsWith(span.phase), lines[1]);
      }
      assert.ok(told > 10, `${told} tasks`);
    };
    await isShown(0, 1);
    await tellsOfTasks();
    await page.click('[data-zoom=in]');
    await isShown(0.25, 0.75);
    await tellsOfTasks();
    await page.click('[data-zoom=right]');
    await isShown(0.25 + 0.5 / 3, 0.75 + 0.5 / 3);
    await page.click('[data-zoom=right]');
    await isShown(0.5, 1);
    await page.click('[data-zoom=left]');
    await isShown(0.5 - 0.5 / 3, 1 - 0.5 / 3);
    await page.click('[data-zoom=out]');
    await isShown(0, 1);
    await picture.hover(point(0.4));
    await page.mouse.down();
    await picture.hover(point(0.2));
    await page.mouse.up();
    await isShown(0.2, 0.4);
    await picture.dblclick(point(0.5));
    await isShown(0, 1);
    const disk = page.locator('[data-chart=disk] > svg');
    await disk.hover({ position: { x: width / 2, y: 40 } });
    assert.match((await page.locator('#tip').textContent())!, /^written: [\d.]+ [kMG]?B\/s\n/m);
    assert.deepEqual(log.problems, []);
  });
});
