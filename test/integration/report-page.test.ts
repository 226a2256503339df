/** The page of a report in a real browser: on a phone, where nothing is cut off, and on paper. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { reportHtml } from '../../src/insight/report/html.ts';
import { RUNS } from '../insight/sample-runs.ts';
import { temporaryFolder } from '../staging/support.ts';
import { findBrowser, launchBrowser, NO_BROWSER } from './browser.ts';

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
  for (const [name, analysis] of Object.entries(RUNS)) {
    test(`of the run ${name} has nothing cut off`, async (t) => {
      const path = join(folder, `${name.replaceAll(' ', '-')}.html`);
      writeFileSync(path, reportHtml(analysis()));
      const browser = await launchBrowser();
      t.after(() => browser.close());
      const page = await browser.newPage({ colorScheme: 'dark' });
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
});
