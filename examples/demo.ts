/**
 * Makes sample data and stages it: `npm run demo`, or `node examples/demo.ts FOLDER` for another
 * folder. Four overlapping scenes of ice-wedge polygons, 120,000 polygons in EPSG:3413, become the
 * tiles of WGS1984Quad at z 13. The second time there is nothing left to do.
 */

import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { planScenes, writeScene } from '../bench/scenes.ts';
import { initializeStager, openSource, TilewrightError } from '../src/index.ts';

const SCENES = { seed: 20190703, count: 4, polygonsEach: 30_000, overlap: 0.15 };

const folder = resolve(process.argv[2] ?? join(import.meta.dirname, '../demo'));
const input = join(folder, 'input');
const staged = join(folder, 'staged');

const here = (path: string): string => relative(process.cwd(), path) || '.';
const number = (n: number): string => n.toLocaleString('en');
const line = (label: string, text: string): void => console.log(`${label.padEnd(10)} ${text}`);

await makeScenes();
await stage();

async function makeScenes(): Promise<void> {
  mkdirSync(input, { recursive: true });
  const started = performance.now();
  let made = 0;
  let bytes = 0;
  for (const { name, ...scene } of planScenes(SCENES)) {
    const path = join(input, name);
    if (!(await isThere(path, scene.polygons))) {
      writeScene(path, scene);
      made++;
    }
    bytes += statSync(path).size;
  }
  const what =
    `${SCENES.count} scenes, ${number(SCENES.count * SCENES.polygonsEach)} ice-wedge polygons, ` +
    `${(bytes / 1e6).toFixed(0)} MB, in ${here(input)}`;
  const seconds = (performance.now() - started) / 1000;
  if (made === 0) line('input', `${what}: they are there already`);
  else line('input', `${what}: ${made} made in ${seconds.toFixed(1)} s`);
}

/** Whether the scene was made before: then it keeps its time, and counts as unchanged. */
async function isThere(path: string, polygons: number): Promise<boolean> {
  if (!existsSync(path)) return false;
  try {
    const source = await openSource(path);
    const [layer] = await source.layers();
    await source.close();
    return layer?.featureCount === polygons;
  } catch (error) {
    if (error instanceof TilewrightError) return false;
    throw error;
  }
}

async function stage(): Promise<void> {
  const stager = initializeStager(input, staged);
  const result = await stager.stageAll();
  const changed = result.inputs.filter((one) => one.status === 'staged').length;
  if (changed === 0) {
    line('staged', `nothing to do: ${result.inputs.length} inputs are unchanged`);
  } else {
    const rate = Math.round(result.featuresRead / result.seconds);
    line(
      'staged',
      `${number(result.featuresRead)} polygons in ${result.seconds.toFixed(1)} s, ` +
        `${number(rate)} a second`,
    );
    line(
      '',
      `${number(result.rowsWritten)} rows, as ${number(result.boundaryCopies)} times a polygon ` +
        'is in one more tile',
    );
    for (const [reason, { count }] of Object.entries(result.drops)) {
      line('dropped', `${number(count)}: ${reason}`);
    }
  }
  const tiles = stager.tiles.getFilenamesFromDir('staged');
  const biggest = tiles.reduce((a, b) => (statSync(b).size > statSync(a).size ? b : a));
  line('tiles', `${number(tiles.length)} GeoPackages in ${here(staged)}`);
  line('summary', here(stager.config.get('filenameStagingSummary')));
  console.log('\nWhat is in a tile (it also opens in QGIS, GeoPandas and GDAL):');
  console.log(`  npm run --silent tilewright -- info ${here(biggest)}`);
}
