/** The viewer's page while a run goes on: it waits for it, shows it, and tells how it has ended. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, type TestContext, test } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { writeScenes } from '../../bench/scenes.ts';
import { serve } from '../../src/index.ts';
import { folderLock, makeStagedFolder } from '../../src/staging/folder/staged-folder.ts';
import { listTiles, temporaryFolder } from '../staging/support.ts';
import { findBrowser, launchBrowser, NO_BROWSER, watch } from './browser.ts';
import { CONTRAST } from './page-scripts.ts';

const CLI = join(import.meta.dirname, '../../src/cli/main.ts');
const EVIL = '<img src=x onerror="document.title=1">.gpkg';
const POLYGONS = 2_000;

/** Part of the map that is painted in the colour of the run's tiles. */
const RUN_TILES = `(() => {
  const { width, height } = document.querySelector('canvas.tiles');
  const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  copy.drawImage(document.querySelector('canvas.tiles'), 0, 0);
  const { data } = copy.getImageData(0, 0, width, height);
  let painted = 0;
  for (let k = 0; k < data.length; k += 4) {
    const [red, green, blue, alpha] = data.subarray(k, k + 4);
    if (alpha > 0 && red > green + 30 && red > blue + 40) painted++;
  }
  return painted / (data.length / 4);
})()`;

suite('a run that goes on', { skip: findBrowser() === null && NO_BROWSER }, () => {
  const folder = temporaryFolder({ after });
  const input = join(folder, 'input');
  let browser: Browser;
  after(() => browser?.close());
  before(async () => {
    writeScenes(input, { seed: 7, count: 3, polygonsEach: POLYGONS, cellArea: 9000, overlap: 0.3 });
    writeFileSync(join(input, EVIL), 'no database'.repeat(100));
    browser = await launchBrowser();
  });

  async function open(t: TestContext, staged: string, options: BrowserContextOptions = {}) {
    const viewer = await serve(staged, { port: 0 });
    t.after(() => viewer.close());
    const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
    t.after(() => context.close());
    context.setDefaultTimeout(30_000);
    const page = await context.newPage();
    const log = watch(page);
    await page.goto(viewer.url);
    await page.locator('body[data-state="ready"]').waitFor();
    return { page, log };
  }

  function stage(t: TestContext, staged: string): ChildProcess {
    const args = ['stage', input, '--out', staged, '--workers', '2', '--quiet'];
    const child = spawn(process.execPath, [CLI, ...args], { stdio: 'ignore' });
    t.after(() => child.kill('SIGKILL'));
    return child;
  }

  /** Not waitForFunction: the page's policy lets nobody evaluate texts in it. */
  async function painted(page: Page, isEnough: (share: number) => boolean): Promise<void> {
    while (!isEnough(Number(await page.evaluate(RUN_TILES)))) await page.waitForTimeout(200);
  }

  const strip = (page: Page) => page.getByRole('region', { name: 'The run' });
  const heading = (page: Page, name: RegExp) => page.getByRole('heading', { name }).waitFor();

  test('is waited for, shown with its phases and tiles, and told of when it has ended', async (t) => {
    const staged = join(folder, 'staged');
    const { page, log } = await open(t, staged);
    await page.getByText('The folder is not there yet').waitFor();
    await page.getByText('tilewright stage INPUT --out staged').waitFor();

    // Somebody else has the folder: the run waits when it has staged.
    makeStagedFolder(staged);
    const lock = await folderLock(staged);
    const child = stage(t, staged);
    const ended = once(child, 'exit');
    await heading(page, /^The run is waiting for another run\.$/);
    const tab = page.getByRole('tab', { name: 'Run' });
    assert.equal(await tab.getAttribute('aria-selected'), 'true');
    const phases = page.locator('#run-phases li');
    const texts = (await phases.allTextContents()).map((text) => text.replace(/[\d.]+ s/, '_ s'));
    assert.deepEqual(texts, [
      '✓planning_ s · 4 inputs',
      `✓staging_ s · ${(3 * POLYGONS).toLocaleString('en')} features`,
      '▸waiting for another run_ s',
      '·placing tiles',
      '·finishing',
    ]);
    const share = Number(await page.evaluate("document.querySelector('#run-share').value"));
    assert.ok(share > 0.3 && share < 1, `${share}`);
    await page.getByText(`process ${child.pid} on `).waitFor();
    await page.getByText('0 of 2 workers busy').waitFor();
    // Tiles that are built and wait for their places, while the folder has none.
    await page.getByText(/^([1-9]\d*) of \1 tiles so far$/).waitFor();
    await painted(page, (share) => share > 0.01);
    const [, count] = /of (\d+)/.exec((await page.textContent('#run-tiles-count'))!)!;
    assert.match((await page.textContent('#facts'))!, /^0 tiles/);
    // What files are called is nothing but text.
    await page.locator('#run-failures li', { hasText: EVIL }).waitFor();
    assert.equal(await page.locator('#panel-run img').count(), 0);
    await page.locator('#news', { hasText: 'waiting for another run' }).waitFor({
      state: 'attached',
    });
    // Whatever tab is shown, the line above tells of it, and leads back.
    await page.getByRole('tab', { name: 'Tiles' }).click();
    assert.match((await strip(page).textContent())!, /waiting for another run/);
    await strip(page).getByRole('button', { name: 'Details' }).press('Enter');
    assert.equal(await tab.getAttribute('aria-selected'), 'true');

    lock.release();
    await heading(
      page,
      /^The run has finished in .* staged, \d+ tiles written, and 1 input failed/,
    );
    assert.deepEqual(await ended, [1, null]);
    const tiles = listTiles(staged).length;
    assert.equal(Number(count), tiles);
    await page.locator('#facts', { hasText: `${tiles} tiles` }).waitFor();
    await painted(page, (share) => share === 0);
    await page.locator('#status', { hasText: `${tiles} tiles in view` }).waitFor();
    await page.getByText(`${tiles} new, 0 changed`).waitFor();
    await page.getByRole('button', { name: /the report$/ }).click();
    const report = page.frameLocator('iframe[title="Report of the last run"]');
    await report.getByRole('heading', { name: /bound this (run|one)/ }).waitFor();
    await strip(page).getByRole('button', { name: 'Close this line' }).click();
    await strip(page).waitFor({ state: 'hidden' });
    assert.deepEqual(log.problems, []);
    assert.equal(await page.title(), 'staged – Tilewright');
  });

  test('that was killed is told so, in both schemes and on a phone', async (t) => {
    const staged = join(folder, 'killed');
    makeStagedFolder(staged);
    const lock = await folderLock(staged);
    const child = stage(t, staged);
    try {
      const { page } = await open(t, staged);
      await heading(page, /^The run is waiting for another run\.$/);
      child.kill('SIGKILL');
      await heading(page, /^The run was killed: no sign of life since \d\d:\d\d:\d\d\./);
      for (const colorScheme of ['light', 'dark'] as const) {
        const { page: other, log } = await open(t, staged, {
          colorScheme,
          viewport: { width: 390, height: 844 },
        });
        await strip(other).getByText('The run was killed').waitFor();
        await other.getByRole('tab', { name: 'Run' }).click();
        await heading(other, /^The run was killed/);
        assert.match((await other.locator('#run-phases li').last().textContent())!, /^×waiting/);
        const { lowest, text } = (await other.evaluate(CONTRAST)) as {
          lowest: number;
          text: string;
        };
        assert.ok(lowest >= 4.5, `${colorScheme}: ${lowest} of "${text}"`);
        for (const width of [390, 320]) {
          await other.setViewportSize({ width, height: 844 });
          const over =
            'document.documentElement.scrollWidth - document.documentElement.clientWidth';
          assert.equal(await other.evaluate(over), 0, `${width} wide`);
        }
        assert.deepEqual(log.problems, []);
      }
    } finally {
      lock.release();
    }
  });
});
