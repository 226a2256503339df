/**
 * One run over a folder of sixty files in twelve CRSs, a dozen of them broken: everything is staged, or
 * named with its own reason, and what is staged and dropped together is what GDAL counts.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { countDropped } from '../../src/core/drops.ts';
import type { InputResult } from '../../src/staging/phases/run-result.ts';
import { hasGdal, NO_GDAL } from '../staging/gdal.ts';
import { readTiles, resultOf, runCli, temporaryFolder } from '../staging/support.ts';

interface Expected {
  layers: Record<string, { rows: number; polygons: number }>;
  /** Codes by layer; '' for the file. */
  fails: Record<string, string>;
  /** Longitude and latitude by the attribute n. */
  centres: Record<string, [number, number]>;
}

/** Features that GDAL takes for polygons and that are in no tile. */
const LOST: Record<string, number> = { 'world.gpkg': 2, 'geometry.gpkg': 1 };
/** Degrees: without grids, ways from one datum to another differ by metres. */
const NEAR = 2e-4;
/** The same where a warning says that the input's datum is not known. */
const SAID = 1e-2;
/** Systems whose datum shifts are still applied with the wrong sign; counts hold there, too. */
const SHIFTED = ['27700/', '28992/', '5514/'];
/** ESRI's Behrmann, whose name is not that of EPSG's method: staged, or refused by name. */
const MAY_BE_UNKNOWN = '6933/shape.shp';

test('sixty files in twelve CRSs, some broken', { skip: !hasGdal && NO_GDAL }, async (t) => {
  const base = temporaryFolder(t);
  const folder = join(base, 'input');
  const script = join(import.meta.dirname, 'make-mixed-folder.py');
  const { status, stdout, stderr } = spawnSync('/usr/bin/python3', [script, folder], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  const files = JSON.parse(stdout) as Record<string, Expected>;
  assert.equal(Object.keys(files).length, 60);

  const out = join(base, 'staged');
  const args = ['stage', folder, '--out', out, '--workers', '2', '--json'];
  const first = await runCli(args, { timeoutMs: 300_000 });
  assert.equal(first.code, 1, first.stderr);
  const report = resultOf(first.stdout);
  assert.deepEqual(report.missing, []);

  const results = new Map(report.inputs.map((input) => [input.name, input]));
  const sums = { rows: 0, staged: 0, dropped: 0, read: 0 };
  for (const [file, { layers, fails }] of Object.entries(files)) {
    const names = Object.keys(layers);
    if (fails[''] !== undefined) {
      assert.equal(codeOf(results.get(file)), fails[''], file);
      results.delete(file);
      continue;
    }
    for (const layer of names) {
      const { rows, polygons } = layers[layer]!;
      const name = names.length === 1 ? file : `${file}#${layer}`;
      const input = results.get(name);
      results.delete(name);
      const code = codeOf(input);
      if (name === MAY_BE_UNKNOWN && code === 'crs-unknown') continue;
      assert.equal(code, fails[layer] ?? 'staged', name);
      if (input?.rowsRead === undefined) continue;
      const dropped = countDropped(input.drops!);
      assert.equal(input.rowsRead, rows, name);
      assert.equal(input.featuresStaged! + dropped, rows, name);
      const lost = LOST[file] ?? 0;
      assert.equal(input.featuresStaged, polygons - lost, name);
      sums.rows += rows;
      sums.staged += input.featuresStaged!;
      sums.dropped += dropped;
    }
  }
  assert.deepEqual([...results.keys()], [], 'nothing else is told of');
  assert.equal(report.featuresRead, sums.rows);
  assert.equal(report.featuresStaged, sums.staged);
  assert.equal(report.featuresDropped, sums.dropped);
  t.diagnostic(`${sums.rows} rows: ${sums.staged} staged, ${sums.dropped} dropped`);

  // What the tiles have is what the report says, and lies where PROJ puts it.
  const identifiers = Map.groupBy(readTiles(out), ({ values }) => `${values['staging_filename']}`);
  let compared = 0;
  for (const [name, rows] of identifiers) {
    const input = report.inputs.find((one) => one.name === name);
    const distinct = new Set(rows.map(({ values }) => values['staging_identifier']));
    assert.equal(distinct.size, input?.status === 'staged' ? input.featuresStaged : -1, name);
    for (const [n, [lon, lat]] of Object.entries(files[name]?.centres ?? {})) {
      const row = rows.find(({ values }) => values['n'] === Number(n));
      const { staging_centroid_x: x, staging_centroid_y: y } = row!.values;
      const off = Math.max(Math.abs(Number(x) - lon), Math.abs(Number(y) - lat));
      const said = report.warnings.some((text) => text.startsWith(`${name}: `));
      const near = said || SHIFTED.some((start) => name.startsWith(start)) ? SAID : NEAR;
      assert.ok(off < near, `${name}, ${n}: ${x} ${y}, not ${lon} ${lat}`);
      compared++;
    }
  }
  const refused = codeOf(report.inputs.find(({ name }) => name === MAY_BE_UNKNOWN)) !== 'staged';
  assert.equal(compared, 12 * (7 + 5 + 3) - (refused ? 5 : 0));

  // Again: the same failures, and nothing is read that has not failed before it was read.
  const again = resultOf((await runCli(args, { timeoutMs: 300_000 })).stdout);
  assert.equal(again.featuresRead, 0);
  const states = (inputs: InputResult[]): [string, string][] =>
    inputs.map((input) => [input.name, codeOf(input).replace('unchanged', 'staged')]);
  assert.deepEqual(states(again.inputs), states(report.inputs));
});

function codeOf(input: InputResult | undefined): string {
  if (input === undefined) return 'not told of';
  return input.status === 'failed' ? input.error.code : input.status;
}
