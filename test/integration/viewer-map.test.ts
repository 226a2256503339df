/** The viewer's map in a real browser: colours, shapes, what lies below the tiles, pictures. */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { serve, type Viewer } from '../../src/index.ts';
import { readTiles, type TileRow, temporaryFolder } from '../staging/support.ts';
import { type Attributes, writeAttributes } from '../viewer/attributes.ts';
import { boxOfRow } from '../viewer/oracles.ts';
import { stageAgain, tileName } from '../viewer/support.ts';
import { findBrowser, launchBrowser, NO_BROWSER, pageOpener } from './browser.ts';
import { COLORS_OF, CONTRAST } from './page-scripts.ts';

const SPAN = 360 / 2 ** 13;
const MIDDLE = 'at=-152.945,70.323&zoom=8';

suite('the map', { skip: findBrowser() === null && NO_BROWSER }, () => {
  const folder = temporaryFolder({ after });
  let all: Attributes[];
  let rows: TileRow[];
  let viewer: Viewer;
  let polar: Viewer;
  let browser: Browser;
  after(async () => {
    await browser?.close();
    await viewer?.close();
    await polar?.close();
  });
  before(async () => {
    const input = join(folder, 'input');
    mkdirSync(input);
    all = writeAttributes(join(input, 'wedges.gpkg'), [-153, 70.3]);
    const staged = join(folder, 'wedges 2020');
    await stageAgain(input, staged, { zRange: [0, 12] });
    rows = readTiles(staged);
    viewer = await serve(staged, { port: 0 });
    const round = join(folder, 'polar');
    await stageAgain(input, round, { tmsId: 'UPSArcticWGS84Quad', zRange: [0, 13] });
    polar = await serve(round, { port: 0 });
    browser = await launchBrowser();
  });

  const withPage = pageOpener(() => browser);

  const hash = (page: Page) => new URLSearchParams(new URL(page.url()).hash.slice(1));
  const drawn = (page: Page) =>
    page
      .locator('#status')
      .filter({ hasText: /polygons? drawn/ })
      .waitFor();
  const legend = async (page: Page): Promise<[string, string][]> => {
    await page.locator('body[data-state="ready"] #key-items li').first().waitFor();
    const items = await page.locator('#key-items li').all();
    return Promise.all(
      items.map(
        async (item): Promise<[string, string]> => [
          (await item.locator('.label').textContent())!,
          (await item.locator('.count').textContent())!,
        ],
      ),
    );
  };
  const countsOf = (values: readonly unknown[]) =>
    [...Map.groupBy(values, (value) => value)].map(
      ([value, { length }]) => [value, length] as const,
    );

  test('polygons by a column of few texts: the most frequent, with their numbers', async () => {
    await withPage(`${viewer.url}#${MIDDLE}`, {}, async (page) => {
      await drawn(page);
      const before = Number(await page.evaluate(COLORS_OF));
      await page.getByLabel('Polygons by').selectOption('kind');
      await page.getByText('Polygons by kind').waitFor();
      await drawn(page);
      assert.equal(hash(page).get('by'), 'kind');
      const expected = countsOf(all.map(({ kind }) => kind).filter((kind) => kind !== null))
        .sort(([a, m], [b, n]) => n - m || (a! < b! ? -1 : 1))
        .map(([kind, count]): [string, string] => [String(kind) || '(empty)', String(count)]);
      const found = await legend(page);
      assert.deepEqual(found.slice(0, 7), expected.slice(0, 7));
      const others = expected.slice(7).reduce((sum, [, count]) => sum + Number(count), 0);
      assert.deepEqual(found[7], [`others (${expected.length - 7} values)`, String(others)]);
      const without = all.filter(({ kind }) => kind === null).length;
      assert.deepEqual(found[8], ['no value', String(without)]);
      // Other hues than those of one colour.
      await page.waitForTimeout(300);
      const now = Number(await page.evaluate(COLORS_OF));
      assert.ok(now >= before + 2, `${before} hues, then ${now}`);
    });
  });

  test('by numbers: a ramp by number or width; by booleans and inputs; a link keeps it', async () => {
    const url = `${viewer.url}#${MIDDLE}&by=depth&theme=dark`;
    await withPage(url, {}, async (page) => {
      await page.getByText('Polygons by depth').waitFor();
      await drawn(page);
      const depths = all.map(({ depth }) => depth).filter((depth) => depth !== null);
      const quantiles = await legend(page);
      assert.equal(quantiles.length, 8);
      for (const [, count] of quantiles.slice(0, 7)) {
        assert.ok(Math.abs(Number(count) - depths.length / 7) < 8, count);
      }
      assert.deepEqual(quantiles[7], ['no value', String(all.length - depths.length)]);
      await page.getByRole('radio', { name: 'Equal widths' }).check();
      await page.waitForURL((at) => at.hash.includes('spread=linear'));
      const [low, high] = [Math.min(...depths), Math.max(...depths)];
      const step = (high - low) / 7;
      const widths = (await legend(page)).slice(0, 7).map(([, count]) => Number(count));
      assert.deepEqual(
        widths,
        widths.map(
          (_, k) =>
            depths.filter(
              (depth) =>
                (k === 0 || depth > low + k * step) && (k === 6 || depth <= low + (k + 1) * step),
            ).length,
        ),
      );
      await page.getByLabel('Polygons by').selectOption('wet');
      await page.getByText('Polygons by wet').waitFor();
      await drawn(page);
      const wet = (value: number | null) => String(all.filter((own) => own.wet === value).length);
      assert.deepEqual(await legend(page), [
        ['no', wet(0)],
        ['yes', wet(1)],
        ['no value', wet(null)],
      ]);
      assert.ok(await page.getByRole('radio', { name: 'Equal widths' }).isHidden());
      await page.getByLabel('Polygons by').selectOption('input');
      await page.getByText('Polygons by input').waitFor();
      await drawn(page);
      assert.deepEqual(await legend(page), [['wedges.gpkg', String(all.length)]]);
      const contrast = (await page.evaluate(CONTRAST)) as { lowest: number; text: string };
      assert.ok(contrast.lowest >= 4.5, `${contrast.lowest} of "${contrast.text}"`);
    });
  });

  test('the legend is of what is in view', async () => {
    const [x, y] = [-152.985, 70.305];
    await withPage(`${viewer.url}#at=${x},${y}&zoom=11&by=grade`, {}, async (page) => {
      await drawn(page);
      const map = (await page.locator('#map').boundingBox())!;
      const resolution = SPAN / 2 ** 11;
      const [dx, dy] = [(map.width / 2) * resolution, (map.height / 2) * resolution];
      const seen = new Map(
        rows
          .filter((row) => {
            const [minX, minY, maxX, maxY] = boxOfRow(row);
            return minX < x + dx && maxX > x - dx && minY < y + dy && maxY > y - dy;
          })
          .map(({ values }) => [values['staging_identifier'], values['grade']]),
      );
      const expected = countsOf([...seen.values()]).sort(
        ([a, m], [b, n]) => n - m || (a! < b! ? -1 : 1),
      );
      assert.ok(seen.size > 5 && seen.size < all.length / 2, `${seen.size}`);
      assert.deepEqual(
        await legend(page),
        expected.map(([grade, count]) => [String(grade), String(count)]),
      );
    });
  });

  test('true shape: squares are square, and a click hits what is there', async () => {
    for (const shape of ['own', 'true'] as const) {
      const wanted = rows.find(({ values }) => values['staging_centroid_within_tile'] === 1)!;
      const [x, y] = [values(wanted, 'staging_centroid_x'), values(wanted, 'staging_centroid_y')];
      await withPage(`${viewer.url}#at=${x - 0.002},${y}&zoom=12`, {}, async (page) => {
        await drawn(page);
        if (shape === 'true') {
          await page.getByLabel('True shape').check();
          await page.waitForURL((at) => at.hash.includes('shape=true'));
        }
        const map = (await page.locator('#map').boundingBox())!;
        const resolution = SPAN / 2 ** 12;
        // The middle of the tiles: what plot takes, too.
        const boxes = rows.map(({ tile }) => Number(tile.split('/').at(-1)!.replace('.gpkg', '')));
        const middle = 90 - (SPAN * (Math.min(...boxes) + Math.max(...boxes) + 1)) / 2;
        const k = shape === 'true' ? Math.cos((middle * Math.PI) / 180) : 1;
        const at = {
          x: map.x + map.width / 2 + (0.002 * k) / resolution,
          y: map.y + map.height / 2,
        };
        await page.mouse.move(at.x, at.y);
        const [, longitude] = /([\d.]+)° W/.exec((await page.textContent('#pointer'))!)!;
        assert.ok(Math.abs(-Number(longitude) - x) < 0.0001, `${longitude} ${x}`);
        await page.mouse.click(at.x, at.y);
        const id = String(wanted.values['staging_identifier']);
        await page.getByRole('cell', { name: id }).waitFor();
        assert.equal(hash(page).get('id'), id);
        assert.equal(await page.getByRole('row', { name: /^wet / }).count(), 1);
      });
    }
  });

  test('booleans are yes and no, and null is a dash', async () => {
    for (const [value, text] of [
      [1, 'yes'],
      [0, 'no'],
      [null, '–'],
    ] as const) {
      const row = rows.find(({ values }) => values['wet'] === value)!;
      const link = `${viewer.url}#tab=polygons&polygon=${tileName(row)}/${row.fid}`;
      await withPage(link, {}, async (page) => {
        await page.getByRole('row', { name: `wet ${text}` }).waitFor();
        await page.getByRole('row', { name: 'seen 2020-06-30' }).waitFor();
      });
    }
  });

  test('coastlines and graticule can be switched off; zoom ends where it makes no more sense', async () => {
    for (const url of [viewer.url, polar.url]) {
      await withPage(url, {}, async (page) => {
        const painted = async () => {
          await page.waitForTimeout(150);
          return Number(await page.evaluate(INKED));
        };
        /** Clicks until twice nothing has changed; the zoom in the end. */
        const toTheEnd = async (name: string): Promise<string | null> => {
          let same = 0;
          for (let k = 0; k < 40 && same < 2; k++) {
            const before = hash(page).get('zoom');
            await page.getByRole('button', { name }).click();
            await page.evaluate(TWO_FRAMES);
            same = hash(page).get('zoom') === before ? same + 1 : 0;
          }
          assert.equal(same, 2, `${name} comes to an end`);
          return hash(page).get('zoom');
        };
        await toTheEnd('Zoom out');
        const both = await painted();
        await page.getByLabel('Coastlines').uncheck();
        const lines = await painted();
        await page.getByLabel('Graticule').uncheck();
        const none = await painted();
        assert.ok(both > lines + 2000 && lines > none + 1000, `${both} ${lines} ${none}`);
        assert.equal(hash(page).get('hide'), 'land,graticule');
        await page.getByRole('button', { name: 'Show all tiles' }).click();
        const zoom = Number(await toTheEnd('Zoom in'));
        const meters = url === viewer.url ? SPAN * 111_319 : 32_881_518 / 2 ** 13;
        // Millimetres a pixel.
        const pixel = (meters / 2 ** zoom) * 1000;
        assert.ok(pixel > 1 && pixel < 10, `${pixel} mm`);
      });
    }
  });

  test('a picture of the view', async () => {
    await withPage(`${viewer.url}#${MIDDLE}&by=kind`, {}, async (page) => {
      await page.getByText('Polygons by kind').waitFor();
      await drawn(page);
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Save picture' }).click(),
      ]);
      assert.equal(download.suggestedFilename(), 'wedges 2020.png');
      const path = join(folder, 'picture.png');
      await download.saveAs(path);
      const bytes = readFileSync(path);
      assert.equal(bytes.toString('latin1', 1, 4), 'PNG');
      const map = (await page.locator('#map').boundingBox())!;
      assert.equal(bytes.readUInt32BE(16), map.width);
      assert.ok(bytes.readUInt32BE(20) > map.height);
      assert.ok(bytes.length > 20_000, `${bytes.length}`);
    });
  });
});

const values = (row: TileRow, name: string): number => Number(row.values[name]);

/** Until what was asked for is drawn. */
const TWO_FRAMES =
  'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))';

/** How many dots of the map's canvas are painted on. */
const INKED = `(() => {
  const canvas = document.querySelector('canvas.tiles');
  const copy = new OffscreenCanvas(canvas.width, canvas.height);
  const context = copy.getContext('2d', { willReadFrequently: true });
  context.drawImage(canvas, 0, 0);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  let painted = 0;
  for (let k = 3; k < data.length; k += 4) if (data[k] > 0) painted++;
  return painted;
})()`;
