/**
 * Times the viewer: `npx node bench/viewer.bench.ts`. Needs chromium.
 *
 * - First view: from navigation to the frame with 2,200 tiles, in a browser without a cache.
 * - One tile of a million polygons: answers for cells of it, at levels from all of it to a street,
 *   and how long another question waits meanwhile.
 */

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { serve, TileStager, type Viewer } from '../src/index.ts';
import { decodeCell } from '../src/viewer/shared/cell-format.ts';
import type { FolderInfo } from '../src/viewer/shared/messages.ts';
import { findBrowser, launchBrowser, NO_BROWSER } from '../test/integration/browser.ts';
import { formatBytes, outputFolder, requireSpace } from './data.ts';
import { CELL_AREA, writeScenes } from './scenes.ts';

const RUNS = 7;
const MILLION = 1_000_000;
/** As much ground as 8.1 million polygons of the users' job are on, in 35 inputs. */
const SPARSE = { seed: 4, count: 35, polygonsEach: 1000, cellArea: (CELL_AREA * 8.1e6) / 35_000 };

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1]!;
}

async function stage(folder: string, options: Parameters<typeof writeScenes>[1], z: number) {
  const dirInput = join(folder, 'input');
  const dirStaged = join(folder, 'staged');
  mkdirSync(dirInput, { recursive: true });
  writeScenes(dirInput, options);
  await new TileStager({ dirInput, dirStaged, zRange: [0, z] }).stageAll();
  return dirStaged;
}

async function firstView(viewer: Viewer): Promise<void> {
  if (findBrowser() === null) {
    console.log(NO_BROWSER);
    return;
  }
  const browser = await launchBrowser();
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const context = await browser.newContext({ viewport: { width: 1360, height: 850 } });
    const page = await context.newPage();
    await page.goto(viewer.url);
    await page.locator('body[data-state="ready"]').waitFor();
    let time: unknown = null;
    while (typeof time !== 'number') {
      time = await page.evaluate(
        "performance.getEntriesByName('tiles-shown')[0]?.startTime ?? null",
      );
    }
    times.push(time);
    await context.close();
  }
  await browser.close();
  const [least, most] = [Math.min(...times), Math.max(...times)];
  const spread = `${least.toFixed(0)} to ${most.toFixed(0)}`;
  console.log(`first view: ${median(times).toFixed(0)} ms (${spread}, ${RUNS} runs)`);
}

async function millionTile(viewer: Viewer): Promise<void> {
  const info = (await (await fetch(new URL('/data/folder', viewer.url))).json()) as FolderInfo;
  const table = await fetch(new URL('/data/table?limit=1', viewer.url));
  const [tile] = ((await table.json()) as { rows: { x: number; y: number }[] }).rows;
  const { spanX, extent } = info.matrix;
  // Where the scenes begin, in degrees.
  const [x, y] = [-153.1 - extent[0], extent[3] - 70.32];
  for (const level of [0, 6, 10, 12, 14, 16]) {
    const cells = Math.max(1, 2 ** (level - 2));
    const [i, j] = [x, y].map((at) => Math.floor((at / spanX) * cells));
    const path = `/data/cell/0/${tile!.x}/${tile!.y}/${level}/${i}/${j}`;
    const times: number[] = [];
    let bytes = new ArrayBuffer(0);
    let waited = 0;
    for (let run = 0; run < 3; run++) {
      const start = performance.now();
      const answer = fetch(new URL(path, viewer.url)).then((response) => response.arrayBuffer());
      const other = await fetch(new URL('/data/table?limit=1', viewer.url));
      await other.arrayBuffer();
      waited = Math.max(waited, performance.now() - start);
      bytes = await answer;
      times.push(performance.now() - start);
    }
    const { polygons, leftOut } = decodeCell(bytes);
    console.log(
      `level ${String(level).padStart(2)}: ${median(times).toFixed(0).padStart(5)} ms, ` +
        `${polygons} polygons, ${leftOut} as shading, ${(bytes.byteLength / 1e3).toFixed(0)} kB; ` +
        `another question: ${waited.toFixed(0)} ms`,
    );
  }
  const { rss } = process.memoryUsage();
  console.log(`memory of the process: ${formatBytes(rss)}`);
}

const folder = outputFolder();
requireSpace(3e9, 'the folders of the viewer');
try {
  const sparse = await serve(await stage(join(folder, 'sparse'), SPARSE, 13), { port: 0 });
  const grid = (await (await fetch(new URL('/data/folder', sparse.url))).json()) as FolderInfo;
  console.log(`${grid.tiles} tiles, ${grid.rows} rows`);
  await firstView(sparse);
  await sparse.close();
  const one = { seed: 5, count: 1, polygonsEach: MILLION };
  const whole = await serve(await stage(join(folder, 'one'), one, 0), { port: 0 });
  await millionTile(whole);
  await whole.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
