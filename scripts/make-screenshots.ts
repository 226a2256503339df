/**
 * Takes the pictures of the viewer in docs/images, of sample scenes that are staged for them:
 * `npx node scripts/make-screenshots.ts`. Needs chromium.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { writeScenes } from '../bench/scenes.ts';
import { serve, TileStager } from '../src/index.ts';
import type { FeatureList, TablePage } from '../src/viewer/shared/messages.ts';
import type { RunNow } from '../src/viewer/shared/run-messages.ts';
import { findBrowser, launchBrowser, NO_BROWSER } from '../test/integration/browser.ts';

const root = join(import.meta.dirname, '..');
const MOST_BYTES = 150_000;

interface Shot {
  name: string;
  colorScheme: 'light' | 'dark';
  width?: number;
  height?: number;
  /** After #. */
  link: string;
  act?: (page: Page) => Promise<void>;
}

async function take(browser: Browser, url: string, shot: Shot): Promise<void> {
  const { name, colorScheme, width = 1120, height = 700, link, act } = shot;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await page.goto(`${url}#${link}`);
  await act?.(page);
  await page.locator('body[data-state="ready"]').waitFor();
  await page.waitForTimeout(700);
  const path = join(root, 'docs/images', `viewer-${name}.png`);
  const picture = await page.screenshot({ animations: 'disabled' });
  await context.close();
  const { length } = picture;
  if (length > MOST_BYTES) throw new Error(`${name} has ${length} bytes, more than ${MOST_BYTES}`);
  writeFileSync(path, picture);
  console.log(`${path}: ${length} bytes`);
}

/** Of a run that is stopped when it has written a part of its tiles. */
async function takeRun(browser: Browser, dirInput: string, staged: string): Promise<void> {
  const viewer = await serve(staged, { port: 0 });
  const now = async (): Promise<RunNow | null> =>
    ((await (await fetch(new URL('/data/run', viewer.url))).json()) as { run: RunNow | null }).run;
  const main = join(root, 'src/cli/main.ts');
  const args = [main, 'stage', dirInput, '--out', staged, '--workers', '1', '--quiet'];
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  const ended = once(child, 'exit');
  try {
    let tiles: RunNow['tiles'] = null;
    const isEarly = (): boolean => tiles === null || tiles.written <= 0.25 * tiles.count;
    while (child.exitCode === null && isEarly()) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      tiles = (await now())?.tiles ?? null;
    }
    if (child.exitCode !== null) throw new Error('The run had ended before its picture was taken');
    child.kill('SIGSTOP');
    await take(browser, viewer.url, {
      name: 'run-light',
      colorScheme: 'light',
      link: 'tab=run&shape=true',
      act: async (page) => {
        await page.getByText(/tiles so far/).waitFor();
      },
    });
  } finally {
    child.kill('SIGCONT');
    await ended;
    await viewer.close();
  }
}

if (findBrowser() === null) {
  console.error(NO_BROWSER);
  process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), 'tilewright-screenshots-'));
const browser = await launchBrowser();
try {
  const dirInput = join(folder, 'input');
  writeScenes(dirInput, { seed: 1, count: 6, polygonsEach: 20_000, overlap: 0.12 });
  const degrees = join(folder, 'ice-wedges');
  await new TileStager({ dirInput, dirStaged: degrees }).stageAll();
  const squares = join(folder, 'arctic');
  const tmsId = join(root, 'examples/arctic-squares.json');
  await new TileStager({ dirInput, dirStaged: squares, tmsId, zRange: [0, 1] }).stageAll();

  const plain = await serve(degrees, { port: 0 });
  const table = await fetch(new URL('/data/table?sort=rows&order=desc&limit=1', plain.url));
  const [fullest] = ((await table.json()) as TablePage).rows;
  const tile = `13/${fullest!.x}/${fullest!.y}`;
  const [west, south, east, north] = fullest!.bounds;
  await take(browser, plain.url, {
    name: 'tiles-light',
    colorScheme: 'light',
    link: `tile=${tile}`,
  });
  await take(browser, plain.url, {
    name: 'narrow-dark',
    colorScheme: 'dark',
    width: 400,
    height: 760,
    link: 'color=density',
  });
  await take(browser, plain.url, {
    name: 'attribute-light',
    colorScheme: 'light',
    width: 900,
    height: 560,
    link: `shape=true&by=Length&at=${(west + east) / 2},${(south + north) / 2}&zoom=13.5`,
  });
  await plain.close();

  const polar = await serve(squares, { port: 0 });
  const page = await fetch(new URL('/data/table?sort=rows&order=desc&limit=1', polar.url));
  const [square] = ((await page.json()) as TablePage).rows;
  // Near a corner of the square, where polygons have copies.
  const [, minY, maxX] = square!.bounds;
  const box = [maxX - 30, minY - 30, maxX + 1, minY + 60];
  const list = await fetch(new URL(`/data/list?box=${box.join()}&limit=50`, polar.url));
  const { features } = (await list.json()) as FeatureList;
  const crossing = features.find(({ bounds }) => bounds[0] < maxX && bounds[2] > maxX)!;
  const { x, y, fid, bounds, identifier } = crossing;
  const at = `${(bounds[0] + bounds[2]) / 2},${(bounds[1] + bounds[3]) / 2}`;
  const polygon = `polygon=1/${x}/${y}/${fid}&id=${identifier}&tab=polygons`;
  await take(browser, polar.url, {
    name: 'polygon-dark',
    colorScheme: 'dark',
    width: 900,
    height: 560,
    link: `at=${at}&zoom=13.4&${polygon}`,
  });
  await polar.close();

  // Enough to be stopped in the midst of it.
  const many = join(folder, 'many');
  writeScenes(many, { seed: 3, count: 8, polygonsEach: 60_000, overlap: 0.2 });
  await takeRun(browser, many, join(folder, 'staged'));
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
