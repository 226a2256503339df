/** Tiles depend on the inputs and the configuration alone: not on who works, nor in which order. */

import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { writeScenes } from '../../bench/scenes.ts';
import { initializeStager, TileStager } from '../../src/index.ts';
import type { ConfigInput } from '../../src/staging/configuration/config-input.ts';
import {
  hashFolder,
  IN_ONE_TILE,
  listTiles,
  polygonWkb,
  randomPolygons,
  readTiles,
  runCli,
  temporaryFolder,
} from './support.ts';
import { writeGeoPackage } from './write-geopackage.ts';

const SUMMARY = 'staging_summary.csv';
const POLYGONS = 2500;

describe('the same inputs and configuration make the same bytes', () => {
  const base = temporaryFolder({ after });
  const input = join(base, 'input');
  let expected = new Map<string, string>();
  let paths: string[] = [];

  before(async () => {
    writeScenes(input, { seed: 8, count: 3, polygonsEach: POLYGONS, cellArea: 15_000 });
    // Ids with gaps, below zero and beyond 32 bits: slices are ranges of ids.
    const fids = [-(2 ** 40), -5, 1, 2, 3, 500, 501, 2 ** 33, 2 ** 33 + 1, 2 ** 52];
    const rings = randomPolygons(4, fids.length, IN_ONE_TILE, 1e-4);
    const rows = rings.map((ring, i) => ({ fid: fids[i]!, wkb: polygonWkb([ring]), values: [] }));
    writeGeoPackage(join(input, 'sparse.gpkg'), { layer: 'l', srsId: 4326, columns: [], rows });
    paths = readdirSync(input).sort();
    const staged = join(base, 'reference');
    const config: ConfigInput = { dirInput: input, dirStaged: staged, executor: 'inline' };
    const result = await new TileStager(config).stageAll();
    assert.equal(result.featuresStaged, 3 * POLYGONS + fids.length);
    assert.ok(result.boundaryCopies > 100, `${result.boundaryCopies} copies`);
    expected = hashFolder(staged, { summary: SUMMARY });
    assert.ok(expected.size > 30, `${expected.size} files`);
  });

  const cases: { name: string; options: string[]; sliceBytes?: number }[] = [
    { name: '1 thread', options: ['--workers', '1'] },
    { name: '2 threads', options: ['--workers', '2'] },
    { name: '4 threads', options: ['--workers', '4'] },
    { name: 'inline', options: ['--executor', 'inline'] },
    { name: 'inline, sliced', options: ['--executor', 'inline'], sliceBytes: 100_000 },
    { name: '2 threads, sliced', options: ['--workers', '2'], sliceBytes: 300_000 },
    { name: '4 threads, thin slices', options: ['--workers', '4'], sliceBytes: 20_000 },
  ];
  for (const [i, { name, options, sliceBytes }] of cases.entries()) {
    test(name, async () => {
      const out = join(base, `case ${i}`);
      const config = join(base, `config-${i}.json`);
      writeFileSync(config, JSON.stringify(sliceBytes === undefined ? {} : { sliceBytes }));
      const args = ['stage', input, '--out', out, '--config', config, '--quiet', ...options];
      const { code, stderr } = await runCli(args);
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
      assert.deepEqual(hashFolder(out, { summary: SUMMARY }), expected);
    });
  }

  test('slices of an input whose ids are far apart', async () => {
    const out = join(base, 'rows');
    const values: ConfigInput = { dirInput: input, dirStaged: out, executor: 'inline' };
    const sparse = join(input, 'sparse.gpkg');
    await new TileStager({ ...values, sliceBytes: 1000 }).stage(sparse);
    const rows = readTiles(out);
    assert.equal(rows.length, 10);
    const identifiers = rows.map((row) => row.values['staging_identifier']);
    const whole = join(base, 'whole');
    await new TileStager({ ...values, dirStaged: whole }).stage(sparse);
    assert.deepEqual(
      readTiles(whole).map((row) => row.values['staging_identifier']),
      identifiers,
    );
    assert.deepEqual(hashFolder(out), hashFolder(whole));
  });

  test('one input after the other, in any order', async () => {
    const out = join(base, 'one by one');
    const stager = new TileStager({ dirInput: input, dirStaged: out, executor: 'inline' });
    for (const name of [...paths].reverse()) await stager.stage(join(input, name));
    assert.deepEqual(hashFolder(out, { summary: SUMMARY }), expected);
  });

  test('all inputs by calls at the same time', async () => {
    const out = join(base, 'at once');
    const stager = new TileStager({ dirInput: input, dirStaged: out, executor: 'inline' });
    await Promise.all(paths.map((name) => stager.stage(join(input, name))));
    assert.deepEqual(hashFolder(out, { summary: SUMMARY }), expected);
  });

  test('as a library, with the settings of the notebook', async () => {
    const out = join(base, 'library');
    const stager = initializeStager(input, out);
    const inputs = stager.tiles.getFilenamesFromDir('input');
    assert.deepEqual(
      inputs,
      paths.map((name) => join(input, name)),
    );
    assert.deepEqual(stager.tiles.getFilenamesFromDir('staged'), []);
    assert.equal(stager.config.get('dir_staged'), out);
    assert.equal(stager.config.get('dirStaged'), out);
    assert.equal(stager.config.get('filename_staging_summary'), join(out, SUMMARY));

    const first = await stager.stage(inputs[0]!);
    assert.equal(first.featuresStaged, POLYGONS);
    assert.deepEqual(
      first.inputs.map((one) => one.name),
      [paths[0]],
    );
    const all = await stager.stageAll();
    assert.equal(all.featuresStaged, 2 * POLYGONS + 10);
    assert.equal(all.inputs.filter((one) => one.status === 'unchanged').length, 1);
    assert.deepEqual(all.missing, []);
    assert.deepEqual(hashFolder(out, { summary: SUMMARY }), expected);

    const tiles = listTiles(out).map((tile) => join(out, tile));
    assert.deepEqual(stager.tiles.getFilenamesFromDir('staged'), tiles);
    assert.deepEqual(stager.tiles.getFilenamesFromDir('staged', { z: 13 }), tiles);
    assert.deepEqual(stager.tiles.getFilenamesFromDir('staged', { z: 12 }), []);
    const tile = stager.tiles.tileFromPath(tiles[0]!)!;
    assert.equal(stager.tiles.pathFromTile(tile), tiles[0]);

    const told: string[] = [];
    await stager.stageAll({ onProgress: ({ type }) => told.push(type) });
    const nothing = ['run-started', 'phase-started', 'phase-ended', 'run-ended'];
    assert.deepEqual(told, nothing);
    assert.equal(await stager.clean(), tiles.length);
    assert.deepEqual(stager.tiles.getFilenamesFromDir('staged'), []);
  });

  test('stage rejects with the error of its input', async () => {
    const stager = initializeStager(input, join(base, 'rejects'));
    await assert.rejects(stager.stage(join(input, 'nothing.gpkg')), { code: 'input-missing' });
    const broken = join(base, 'broken.gpkg');
    writeFileSync(broken, 'not a database, but long enough to have a header'.repeat(20));
    await assert.rejects(stager.stage(broken), { code: 'input-format' });
  });
});
