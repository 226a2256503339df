/**
 * Packs of GeoParquet: `npx node bench/packing.bench.ts [--size tiny|tenth|full] [--z N] [--pack N]`. Stages
 * a data set with one worker, and with two but for one input, which is added then; checks that files are the
 * same, that DuckDB reads them as one dataset, and that the added input changes no packs but its own.
 */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  globSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseArgs } from 'node:util';
import { TileStager } from '../src/index.ts';
import { Journal } from '../src/staging/folder/journal/journal.ts';
import { journalPath } from '../src/staging/folder/staged-folder.ts';
import { fileOf, filePath } from '../src/staging/folder/tile-place.ts';
import type { RunEvent } from '../src/staging/telling/events.ts';
import { duckRows } from '../test/formats/duckdb.ts';
import {
  DATA_FOLDER,
  type DatasetName,
  formatBytes,
  prepareDataset,
  requireSpace,
} from './data.ts';

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: 'tiny' },
    z: { type: 'string', default: '18' },
    pack: { type: 'string', default: '6' },
  },
});
const dataset = prepareDataset(values.size as DatasetName, (line) => console.error(line));
requireSpace(5 * dataset.bytes, 'packing');
const work = mkdtempSync(join(DATA_FOLDER, 'packing-'));
const inputs = join(work, 'inputs');

/** Seconds of the run, and of its phase `pack`. */
async function stage(name: string, workers: number): Promise<{ all: number; pack: number }> {
  const config = { dirInput: inputs, dirStaged: join(work, name), workers, record: false };
  const how = { extStaged: 'geoparquet', pack: Number(values.pack) };
  let [all, pack] = [0, 0];
  const onProgress = ({ type, at, ...event }: RunEvent): void => {
    if (type === 'run-ended') all = at;
    if (!('phase' in event) || event.phase !== 'pack') return;
    if (type === 'phase-started') pack -= at;
    else if (type === 'phase-ended') pack += at;
  };
  const stager = new TileStager({ ...config, ...how, zRange: [0, Number(values.z)] });
  await stager.stageAll({ onProgress });
  return { all, pack };
}

const filesOf = (name: string): string[] =>
  globSync('WGS1984Quad/*/*/*', { cwd: join(work, name) }).sort();

function hashes(name: string): Map<string, string> {
  const hash = (path: string): string =>
    createHash('sha256')
      .update(readFileSync(join(work, name, path)))
      .digest('hex');
  return new Map(filesOf(name).map((path) => [path, hash(path)]));
}

/** Files that have rows of an input. */
function filesWith(name: string, input: string): string[] {
  const journal = new Journal(journalPath(join(work, name)), { readOnly: true });
  try {
    const settings = journal.settings()!;
    const own = [...journal.allTileInputs()].filter((entry) => entry.input === input);
    return [...new Set(own.map(({ x, y }) => filePath(settings, fileOf(settings, x, y))))].sort();
  } finally {
    journal.close();
  }
}

function countTiles(name: string): { tiles: number; rows: number } {
  const journal = new Journal(journalPath(join(work, name)), { readOnly: true });
  try {
    const rows = journal.inputs().reduce((sum, { statistics }) => sum + statistics.rows, 0);
    return { tiles: journal.countTiles(), rows };
  } finally {
    journal.close();
  }
}

/** Of the features of all inputs. */
function sumOfClasses(): number {
  const sums = dataset.files.map(({ path }) => {
    const db = new DatabaseSync(path, { readOnly: true });
    const table = db.prepare('select table_name as t from gpkg_contents').get()!['t'];
    const { n } = db.prepare(`select sum("Class") as n from "${table}"`).get() as { n: number };
    db.close();
    return n;
  });
  return sums.reduce((sum, n) => sum + n, 0);
}

try {
  mkdirSync(inputs);
  const [last, ...others] = dataset.files.toSorted((a, b) => a.bytes - b.bytes);
  const add = (path: string): void => linkSync(path, join(inputs, basename(path)));
  for (const { path } of others) add(path);
  const before = await stage('added', 2);
  const first = hashes('added');
  add(last!.path);
  const added = await stage('added', 2);
  const one = await stage('one', 1);

  const files = hashes('one');
  assert.deepEqual(hashes('added'), files);
  const changed = [...files]
    .filter(([path, hash]) => first.get(path) !== hash)
    .map(([path]) => path);
  assert.deepEqual(changed, filesWith('one', basename(last!.path)));

  const { tiles, rows } = countTiles('one');
  const [row] = await duckRows(
    `select count(*)::double as n, count(distinct staging_tile)::double as tiles,
       sum("Class") filter (where staging_centroid_within_tile)::double as classes
       from read_parquet('${join(work, 'one')}/WGS1984Quad/*/*/*.parquet')`,
  );
  assert.deepEqual(row, { n: rows, tiles, classes: sumOfClasses() });

  const bytes = [...files.keys()].reduce(
    (sum, path) => sum + statSync(join(work, 'one', path)).size,
    0,
  );
  const seconds = (run: { all: number; pack: number }): string =>
    `${run.all.toFixed(1)} s, ${run.pack.toFixed(1)} s of it packing`;
  console.log(
    `${dataset.polygons} polygons, ${rows} rows: ${tiles} tiles in ${files.size} files, ${formatBytes(bytes)}`,
  );
  console.log(`1 worker   ${seconds(one)}`);
  console.log(`2 workers, without the smallest of ${others.length + 1} inputs  ${seconds(before)}`);
  console.log(`2 workers, that one added  ${seconds(added)}, ${changed.length} packs changed`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
