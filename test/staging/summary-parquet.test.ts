/** A summary whose name ends in .parquet says what the CSV says. */

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeScenes } from '../../bench/scenes.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { duckRows } from '../formats/duckdb.ts';
import { readCsv, temporaryFolder } from './support.ts';

test('as Parquet', async (t) => {
  const folder = temporaryFolder(t);
  const input = join(folder, 'input');
  mkdirSync(input);
  writeScenes(input, { seed: 5, count: 3, polygonsEach: 200, cellArea: 60_000 });
  const stage = (dirStaged: string, filenameStagingSummary: string) =>
    new TileStager({
      ...{ dirInput: input, dirStaged: join(folder, dirStaged), executor: 'inline' },
      filenameStagingSummary,
    }).stageAll();
  await stage('csv', 'summary.csv');
  await stage('parquet', 'summary.Parquet');
  const told = await duckRows(
    `select * replace (epoch_ms(datetime) as datetime)
      from read_parquet('${join(folder, 'parquet/summary.Parquet')}')`,
  );
  const csv = readCsv(join(folder, 'csv/summary.csv'));
  assert.ok(csv.length > 20);
  const plain = (rows: Record<string, unknown>[]): unknown[] =>
    rows.map((row) =>
      Object.entries(row)
        .filter(([name]) => name !== 'datetime')
        .map(([name, value]) => [name, /^(filename|tms)/.test(name) ? value : Number(value)]),
    );
  assert.deepEqual(plain(told), plain(csv));
  for (const { datetime } of told) {
    assert.ok(Math.abs(Number(datetime) - Date.now()) < 600_000, String(datetime));
  }
  // The next run replaces its own, and nobody else's.
  const again = await stage('parquet', 'summary.Parquet');
  assert.equal(again.tiles.new + again.tiles.changed, 0);
  mkdirSync(join(folder, 'other'));
  writeFileSync(join(folder, 'other/summary.parquet'), 'PAR1 of somebody');
  await assert.rejects(stage('other', 'summary.parquet'), { code: 'tiles-foreign' });
});
