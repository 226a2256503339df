/** Duplicates in a real browser: their colour, their number, and the switch that hides them. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { serve, type Viewer } from '../../src/index.ts';
import { BY_DATE, featureOf, labelsOf } from '../staging/deduplication/deduplicate-support.ts';
import { readTiles, temporaryFolder } from '../staging/support.ts';
import { stageAgain, stageScenes, tileName } from '../viewer/support.ts';
import { findBrowser, launchBrowser, NO_BROWSER, pageOpener } from './browser.ts';

suite('duplicates on the page', { skip: findBrowser() === null && NO_BROWSER }, () => {
  const folder = temporaryFolder({ after });
  const viewers: Viewer[] = [];
  let browser: Browser;
  let labels: Map<string, boolean>;
  after(async () => {
    await browser?.close();
    for (const viewer of viewers) await viewer.close();
  });
  before(async () => {
    const { input, staged } = await stageScenes(folder, BY_DATE);
    await stageAgain(input, join(folder, 'removed'), { ...BY_DATE, duplicates: 'remove' });
    for (const path of [staged, join(folder, 'removed')]) {
      viewers.push(await serve(path, { port: 0 }));
    }
    labels = labelsOf(staged);
    browser = await launchBrowser();
  });
  const withPage = pageOpener(() => browser);
  const duplicates = () => [...labels.values()].filter(Boolean).length;

  const drawn = async (page: Page): Promise<number> => {
    await page.locator('body[data-state="ready"]').waitFor();
    const status = page.locator('#status').filter({ hasText: /polygons? drawn/ });
    return Number.parseInt((await status.textContent())!.replace(',', ''), 10);
  };
  const countOf = async (page: Page, label: string): Promise<number | null> => {
    await page.locator('body[data-state="ready"] #key-items li').first().waitFor();
    const item = page.locator('#key-items li').filter({ hasText: label });
    if ((await item.count()) === 0) return null;
    return Number((await item.locator('.count').textContent())!.replace(',', ''));
  };

  test('have a colour of their own, and can be hidden', async () => {
    await withPage(viewers[0]!.url, {}, async (page) => {
      await page
        .locator('#facts')
        .filter({ hasText: `${duplicates()} duplicates` })
        .waitFor();
      const rows = readTiles(join(folder, 'staged'));
      const row = rows.find((one) => labels.get(featureOf(one)))!;
      const fid = rows.filter(({ tile }) => tile === row.tile).indexOf(row) + 1;
      const tile = tileName(row);
      await page.goto(`${viewers[0]!.url}#tile=${tile}&tab=polygons&polygon=${tile}/${fid}`);
      await page.reload();
      const fact = page.locator('#feature dt', { hasText: 'Duplicate' });
      assert.equal(await fact.locator('+ dd').textContent(), 'yes');
      await page.getByRole('button', { name: 'Zoom to it' }).last().click();
      for (let k = 0; k < 3; k++) await page.locator('#zoom-out').click();
      await page.getByLabel('Polygons by').selectOption('duplicates');
      await page.locator('#key-title').filter({ hasText: 'Polygons by duplicates' }).waitFor();
      await page.locator('body[data-state="ready"]').waitFor();
      const [stay, gone] = [await countOf(page, 'stay'), await countOf(page, 'duplicates')];
      const all = await drawn(page);
      assert.ok(gone !== null && stay !== null && gone > 0 && stay > 0, `${stay} ${gone}`);
      assert.equal(stay + gone, all);
      await page.locator('#duplicates-option').uncheck();
      await page
        .locator('#status')
        .filter({ hasText: new RegExp(`^${stay} polygons? drawn`) })
        .waitFor();
      assert.equal(await drawn(page), stay);
      assert.deepEqual(
        [await countOf(page, 'stay'), await countOf(page, 'duplicates')],
        [stay, null],
      );
      assert.match(page.url(), /hide=duplicates/);
      await page.reload();
      assert.equal(await drawn(page), stay);
    });
  });

  test('that are left out are counted, by input and reason', async () => {
    await withPage(`${viewers[1]!.url}#tab=inputs`, {}, async (page) => {
      await page
        .locator('#facts')
        .filter({ hasText: `${duplicates()} duplicates left out` })
        .waitFor();
      assert.equal(await page.locator('#duplicates-option').isVisible(), false);
      const byInput = Map.groupBy(labels, ([name]) => name.split(' ')[0]!);
      for (const [name, features] of byInput) {
        const own = features.filter(([, goes]) => goes).length;
        const text = await page.locator('#inputs li').filter({ hasText: name }).textContent();
        assert.equal(text!.includes('left out'), own > 0, text!);
        if (own > 0) assert.ok(text!.includes(`left out: ${own} duplicate of another`), text!);
      }
    });
  });
});
