/** The viewer's page in a real browser, with mouse and keyboard. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { serve, type Viewer } from '../../src/index.ts';
import { polygonWkb, readTiles, type TileRow, temporaryFolder } from '../staging/support.ts';
import { writeGeoPackage } from '../staging/write-geopackage.ts';
import { isInside } from '../viewer/oracles.ts';
import { stageAgain, stageScenes, tileName } from '../viewer/support.ts';
import { findBrowser, launchBrowser, NO_BROWSER, pageOpener } from './browser.ts';
import { CONTRAST, PAINTED } from './page-scripts.ts';

const ARCTIC = join(import.meta.dirname, '../../examples/arctic-squares.json');
const EVIL = '<img src=x onerror="document.title=1"><b>bold</b>';
suite('the page', { skip: findBrowser() === null && NO_BROWSER }, () => {
  const folder = temporaryFolder({ after });
  let input: string;
  let staged: string;
  let rows: TileRow[];
  let tiles: Map<string, TileRow[]>;
  let viewer: Viewer;
  let browser: Browser;
  after(async () => {
    await browser?.close();
    await viewer?.close();
  });
  before(async () => {
    ({ input, staged } = await stageScenes(folder, {}, 700));
    rows = readTiles(staged);
    tiles = Map.groupBy(rows, tileName);
    viewer = await serve(staged, { port: 0 });
    browser = await launchBrowser();
  });

  const withPage = pageOpener(() => browser);

  const status = (page: Page, text: RegExp) =>
    page.locator('#status').filter({ hasText: text }).waitFor();
  const hash = (page: Page) => new URLSearchParams(new URL(page.url()).hash.slice(1));

  const hashOf = (page: Page, isThere: (now: URLSearchParams) => boolean) =>
    page.waitForURL((url) => isThere(new URLSearchParams(url.hash.slice(1))));

  /** Where a place of the CRS is on the screen, by what the link says of the view. */
  async function onScreen(page: Page, x: number, y: number, spanX: number) {
    const box = (await page.locator('#map').boundingBox())!;
    const [atX, atY] = hash(page).get('at')!.split(',').map(Number);
    const resolution = spanX / 2 ** Number(hash(page).get('zoom'));
    return {
      x: box.x + box.width / 2 + (x - atX!) / resolution,
      y: box.y + box.height / 2 - (y - atY!) / resolution,
    };
  }

  /** Polygons of a tile that no other one lies over, whose centroid is in them. */
  function alone(own: TileRow[]): TileRow {
    return own.find((row) => {
      const [x, y] = centroid(row);
      return (
        row.values['staging_centroid_within_tile'] === 1 &&
        own.every((other) => isInside(other, x, y) === (other === row))
      );
    })!;
  }
  const centroid = ({ values }: TileRow): [number, number] => [
    Number(values['staging_centroid_x']),
    Number(values['staging_centroid_y']),
  ];

  test('from all tiles to one polygon with the mouse, and back by the link', async () => {
    await withPage(viewer.url, {}, async (page, log) => {
      await status(page, new RegExp(`^${tiles.size} tiles in view`));
      const painted = Number(await page.evaluate(PAINTED));
      assert.ok(painted > 0.1 && painted < 0.9, `${painted}`);
      assert.match((await page.textContent('#facts'))!, /z 13 of WGS1984Quad · EPSG:4326, WGS 84/);

      // Sort.
      const table = page.getByRole('table', { name: /Staged tiles/ });
      const header = table.getByRole('columnheader', { name: /Polygons/ });
      assert.equal(await header.getAttribute('aria-sort'), null);
      await header.getByRole('button').click();
      await table.locator('th[aria-sort="descending"]', { hasText: 'Polygons' }).waitFor();
      const counts = [...tiles].sort(([, a], [, b]) => b.length - a.length);
      const [first, own] = counts[0]!;
      const cells = await table.locator('tbody tr').first().locator('th, td').allTextContents();
      assert.deepEqual([cells[0], Number(cells[1])], [first, own.length]);

      // A row leads to its tile, and polygons appear.
      await table.getByRole('button', { name: first, exact: true }).click();
      await status(page, /\d+ polygons drawn\.$/);
      assert.equal(hash(page).get('tile'), first);
      await page.getByRole('heading', { name: `Tile ${first}` }).waitFor();

      // Zoom with the wheel to a polygon, and click it.
      const wanted = alone(own);
      const [x, y] = centroid(wanted);
      const spanX = 360 / 2 ** 14;
      const place = await onScreen(page, x, y, spanX);
      await page.mouse.move(place.x, place.y);
      const zoom = Number(hash(page).get('zoom'));
      await page.mouse.wheel(0, -600);
      await hashOf(page, (now) => Number(now.get('zoom')) > zoom + 0.5);
      const there = await onScreen(page, x, y, spanX);
      await page.mouse.click(there.x, there.y);
      const card = page.getByRole('article', { name: /^Polygon / });
      await card.waitFor();
      const names = await card.locator('.attributes th').allTextContents();
      const texts = await card.locator('.attributes td').allTextContents();
      assert.deepEqual(names, Object.keys(wanted.values));
      const { staging_centroid_within_tile: isWithin, ...values } = wanted.values;
      assert.equal(isWithin, 1);
      assert.deepEqual(texts, [...Object.values(values).map(String), 'yes']);
      assert.match((await card.locator('dl').textContent())!, /Area on the ground[\d.,]+ m²/);
      assert.equal(hash(page).get('id'), wanted.values['staging_identifier']);

      // Filter by input: the table, the tiles and the polygons follow.
      await page.getByRole('radio', { name: 'Density' }).check();
      await page.getByRole('tab', { name: 'Inputs' }).click();
      const name = String(wanted.values['staging_filename']);
      await page.getByRole('searchbox', { name: 'Search inputs' }).fill(name.slice(0, 13));
      await page.getByRole('button', { name: 'Only those found' }).click();
      await page.getByText('1 of 3 inputs shown on the map').waitFor();
      await page.getByRole('tab', { name: 'Tiles' }).click();
      const kept = Map.groupBy(
        rows.filter(({ values }) => values['staging_filename'] === name),
        tileName,
      );
      await page.getByText(`1–${kept.size} of ${kept.size} tiles`).waitFor();
      await page.getByRole('button', { name: 'Show all tiles' }).click();
      await status(page, new RegExp(`^${kept.size} tiles in view`));

      // The link restores all of it, in a browser that was never here.
      await page.getByRole('combobox', { name: 'Theme' }).selectOption('dark');
      const link = page.url();
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      await page.getByRole('button', { name: 'Copy link' }).click();
      await page.getByRole('button', { name: 'Copied' }).waitFor();
      assert.equal(await page.evaluate('navigator.clipboard.readText()'), link);
      await withPage(link, {}, async (again) => {
        await again.getByText(`1–${kept.size} of ${kept.size} tiles`).waitFor();
        assert.equal(again.url(), link);
        assert.ok(await again.getByRole('radio', { name: 'Density' }).isChecked());
        assert.equal(await again.locator('html').getAttribute('data-theme'), 'dark');
        await again.getByRole('tab', { name: 'Polygons' }).click();
        await again.getByRole('article', { name: /^Polygon / }).waitFor();
      });

      // Back, step by step.
      await page.goBack();
      await page.locator('html[data-theme="light"]').waitFor();
      for (let k = 0; k < 3; k++) await page.goBack();
      await page.getByText(`1–${tiles.size} of ${tiles.size} tiles`).waitFor({ state: 'attached' });
      await page.goForward();
      assert.deepEqual(log.problems, []);
    });
  });

  test('copies of a polygon lead to one another', async () => {
    const byId = Map.groupBy(rows, ({ values }) => values['staging_identifier']);
    const copies = [...byId.values()].find(({ length }) => length === 2)!;
    const [a, b] = copies as [TileRow, TileRow];
    const link = `${viewer.url}#tab=polygons&polygon=${tileName(a)}/${a.fid}`;
    await withPage(link, {}, async (page) => {
      await page.getByRole('button', { name: `Copy in tile ${tileName(b)}` }).click();
      await page.getByRole('button', { name: `Copy in tile ${tileName(a)}` }).waitFor();
      assert.equal(hash(page).get('polygon'), `${tileName(b)}/${b.fid}`);
      await status(page, /polygons drawn/);
    });
  });

  test('everything by keyboard, with names that a screen reader says', async () => {
    await withPage(viewer.url, {}, async (page) => {
      const focused = () =>
        page.evaluate(
          `(({ ariaLabel, labels, textContent }) =>
            ariaLabel ?? (labels?.[0] ?? { textContent }).textContent.trim())(document.activeElement)`,
        );
      const order: unknown[] = [];
      for (let k = 0; k < 15; k++) {
        await page.keyboard.press('Tab');
        order.push(await focused());
      }
      assert.deepEqual(
        order.map((name) => String(name).split('\n')[0]),
        [
          'Skip the map',
          'Copy link',
          'Theme',
          'Map of the staged tiles',
          'Count',
          'Polygons by',
          'Map options',
          'True shape',
          'Coastlines',
          'Graticule',
          'Save picture',
          'Zoom in',
          'Zoom out',
          'Show all tiles',
          'Tiles',
        ],
      );
      for (const role of ['banner', 'main'] as const)
        assert.equal(await page.getByRole(role).count(), 1);
      assert.equal(await page.getByRole('region', { name: 'Map' }).count(), 1);
      assert.equal(await page.getByRole('heading', { level: 1 }).count(), 1);
      assert.equal(await page.getByRole('radio').count(), 3);
      assert.equal(await page.locator('#status[role="status"]').count(), 1);
      // Nothing that can be used is without a name.
      const nameless =
        await page.evaluate(`[...document.querySelectorAll('button, input, select, iframe')]
        .filter((element) => !(element.textContent.trim() || element.ariaLabel || element.title ||
          element.labels?.length)).length`);
      assert.equal(nameless, 0);

      // The link past the map leads into the panel, and changes nothing else.
      const link = page.url();
      await page.locator('.skip').focus();
      await page.keyboard.press('Enter');
      assert.equal(await page.evaluate('document.activeElement.id'), 'panel');
      assert.equal(page.url(), link);
      await page.keyboard.press('Tab');

      // A choice of inputs keeps the focus.
      await page.keyboard.press('End');
      await page.keyboard.press('ArrowLeft');
      assert.equal(await focused(), 'Run');
      await page.getByRole('heading', { name: /^The run has finished in / }).waitFor();
      await page.keyboard.press('ArrowLeft');
      assert.equal(await focused(), 'Inputs');
      const box = page.locator('#inputs').getByRole('checkbox').first();
      await box.focus();
      await page.keyboard.press('Space');
      await page.getByText('2 of 3 inputs shown').waitFor();
      assert.ok(await page.locator('#inputs li:first-child input:focus').isVisible());
      await page.keyboard.press('Space');
      await page.getByText('3 of 3 inputs shown').waitFor();

      // Tabs by arrows; a tile by Enter.
      await page.getByRole('tab', { name: 'Inputs' }).focus();
      await page.keyboard.press('Home');
      await page.keyboard.press('ArrowRight');
      assert.equal(await focused(), 'Polygons');
      await page.getByText('Zoom in until polygons appear').waitFor();
      await page.keyboard.press('ArrowLeft');
      const [first] = [...tiles.keys()].sort(byRow);
      await page.getByRole('button', { name: first!, exact: true }).focus();
      await page.keyboard.press('Enter');
      await status(page, /polygons? drawn/);

      // A polygon from the list: what is told of it is read on from its heading.
      await page.getByRole('tab', { name: 'Tiles' }).focus();
      await page.keyboard.press('ArrowRight');
      const items = page.getByRole('list').getByRole('button', { name: /^Polygon / });
      await items.first().focus();
      await page.keyboard.press('Enter');
      await page.locator('#feature-title:focus').waitFor();
      assert.match(String(await focused()), /^Polygon /);

      // The map: zoom, move, and select what is in the middle, which is that polygon.
      const id = hash(page).get('id');
      await page.getByRole('button', { name: 'Close this polygon' }).press('Enter');
      assert.equal(await focused(), 'Map of the staged tiles');
      assert.equal(hash(page).get('id'), null);
      await page.keyboard.press('Enter');
      await page.getByRole('article', { name: /^Polygon / }).waitFor();
      assert.equal(hash(page).get('id'), id);
      const before = hash(page);
      await page.keyboard.press('+');
      await hashOf(page, (now) => Number(now.get('zoom')) > Number(before.get('zoom')));
      await page.keyboard.press('ArrowRight');
      const eastOf = (at: URLSearchParams): number => Number(at.get('at')!.split(',')[0]);
      await hashOf(page, (now) => eastOf(now) > eastOf(before));

      await page.getByRole('tab', { name: 'Report' }).press('Enter');
      const report = page.frameLocator('iframe[title="Report of the last run"]');
      await report.getByRole('heading', { name: /bound this run/ }).waitFor();
      // Its own script runs there, and makes the charts answer.
      await report.getByRole('button', { name: 'Zoom in' }).click();
    });
  });

  function byRow(a: string, b: string): number {
    const [, ax, ay] = a.split('/').map(Number);
    const [, bx, by] = b.split('/').map(Number);
    return ay! - by! || ax! - bx!;
  }

  test('texts are readable in both schemes, wide and narrow', async () => {
    const [, own] = [...tiles].sort(([, a], [, b]) => b.length - a.length)[0]!;
    for (const colorScheme of ['light', 'dark'] as const) {
      const link = `${viewer.url}#tab=polygons&polygon=${tileName(own[0]!)}/${own[0]!.fid}`;
      await withPage(link, { colorScheme }, async (page) => {
        await page.getByRole('article', { name: /^Polygon / }).waitFor();
        assert.equal(await page.locator('html').getAttribute('data-theme'), colorScheme);
        for (const tab of ['Polygons', 'Inputs', 'Tiles'] as const) {
          await page.getByRole('tab', { name: tab }).click();
          const { lowest, text, texts } = (await page.evaluate(CONTRAST)) as {
            lowest: number;
            text: string;
            texts: number;
          };
          assert.ok(texts > 15, `${texts} texts`);
          assert.ok(lowest >= 4.5, `${colorScheme}: ${lowest} of "${text}"`);
        }
        await page.setViewportSize({ width: 390, height: 800 });
        const wide = await page.evaluate(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        );
        assert.equal(wide, 0, 'nothing is wider than the window');
      });
    }
  });

  test('a polar TileMatrixSet, in its own CRS', async (t) => {
    const polar = join(folder, 'polar');
    await stageAgain(input, polar, { tmsId: ARCTIC, zRange: [0, 1] });
    const other = await serve(polar, { port: 0 });
    t.after(() => other.close());
    const own = Map.groupBy(readTiles(polar), tileName);
    await withPage(other.url, { colorScheme: 'dark' }, async (page) => {
      await status(page, new RegExp(`^${own.size} tiles in view`));
      assert.match((await page.textContent('#facts'))!, /EPSG:3413/);
      const [name, ownRows] = [...own].sort(([, a], [, b]) => b.length - a.length)[0]!;
      await page.getByRole('button', { name, exact: true }).click();
      await status(page, /polygons drawn/);
      const wanted = alone(ownRows);
      const [x, y] = centroid(wanted);
      // Tiles are squares of 1 km.
      const place = await onScreen(page, x, y, 1000);
      await page.mouse.move(place.x, place.y);
      const [, longitude] = /([\d.]+)° W/.exec((await page.textContent('#pointer'))!)!;
      assert.ok(Math.abs(Number(longitude) - 153.1) < 0.5, longitude);
      await page.mouse.click(place.x, place.y);
      const text = String(wanted.values['staging_identifier']);
      await page.getByRole('cell', { name: text }).waitFor();
    });
  });

  test('what is staged meanwhile appears, and attributes are nothing but text', async () => {
    await withPage(viewer.url, {}, async (page) => {
      const [x, y] = centroid(rows[0]!);
      const side = 0.004;
      const ring = [
        [0, 0],
        [side, 0],
        [side, side / 3],
        [0, side / 3],
        [0, 0],
      ];
      writeGeoPackage(join(input, 'evil.gpkg'), {
        layer: 'evil',
        srsId: 4326,
        columns: [{ name: EVIL, type: 'TEXT' }],
        rows: [{ wkb: polygonWkb([ring.map(([dx, dy]) => [x + dx!, y + dy!])]), values: [EVIL] }],
      });
      await stageAgain(input, staged);
      // As if one came back to it.
      await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
      await page.locator('#facts').filter({ hasText: '4 inputs' }).waitFor();
      const evil = readTiles(staged).find(({ values }) => EVIL in values && values[EVIL] === EVIL)!;
      await page.goto(`${viewer.url}#tab=polygons&polygon=${tileName(evil)}/${evil.fid}`);
      await page.getByRole('cell', { name: EVIL, exact: true }).waitFor();
      assert.equal(await page.locator('#feature img, #feature b').count(), 0);
      assert.match(await page.title(), /^staged – Tilewright$/);
    });
  });
});
