/** Layers of one file are inputs of their own: each is staged, or fails, alone and by its name. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { Random } from '../../src/core/random.ts';
import type { ConfigInput } from '../../src/staging/configuration/config-input.ts';
import { inputName } from '../../src/staging/inputs/input-name.ts';
import { type StageAllResult, TileStager } from '../../src/staging/tile-stager.ts';
import { listTiles, readTiles, runCli, temporaryFolder } from './support.ts';
import { layerAt, tileAt, Workplace } from './workplace.ts';
import type { OddLayer } from './write-geopackage.ts';

const EMPTY: OddLayer = { ...layerAt([]), layer: 'empty', srsId: 0 };

function stage(at: Workplace, values: ConfigInput = {}): Promise<StageAllResult> {
  const config: ConfigInput = {
    dirInput: at.input,
    dirStaged: at.staged,
    executor: 'inline',
    ...values,
  };
  return new TileStager(config).stageAll();
}

function change(at: Workplace, name: string, sql: string): void {
  const db = new DatabaseSync(join(at.input, name));
  db.exec(sql);
  db.close();
}

/** Status, or the code of the error, by input. */
function statuses({ inputs }: StageAllResult): Record<string, string> {
  return Object.fromEntries(
    inputs.map((input) => [
      input.name,
      input.status === 'failed' ? input.error.code : input.status,
    ]),
  );
}

/** What can be wrong with a layer, as SQL over a sound one. */
const FAULTS: [what: string, sql: string, code: string][] = [
  [
    'a view that SQLite can not run',
    'drop table bad; create view bad as select fid, ST_Buffer(geom, 1) as geom from good',
    'input-layer',
  ],
  [
    'a view that fails when it is read',
    `drop table bad; create view bad as select fid, geom,
       json_extract('no json', '$.' || fid) as n from good`,
    'input-layer',
  ],
  ['a table that is gone', 'drop table bad', 'input-corrupt'],
  ['no geometry column', 'alter table bad rename column geom to shape', 'input-corrupt'],
  ['no CRS', "update gpkg_geometry_columns set srs_id = 0 where table_name = 'bad'", 'crs-missing'],
  ['a column of ours', 'alter table bad add column Staging_Area real', 'property-exists'],
];

for (const [what, sql, code] of FAULTS) {
  test(`${what} fails that layer alone, in each run until it is mended`, async (t) => {
    const at = new Workplace(t);
    at.write('a.gpkg', [layerAt([0], 1, 'good'), layerAt([3], 2, 'bad'), EMPTY]);
    change(at, 'a.gpkg', sql);
    const failed = { 'a.gpkg#bad': code };
    const first = await stage(at);
    assert.deepEqual(statuses(first), {
      ...failed,
      'a.gpkg#empty': 'staged',
      'a.gpkg#good': 'staged',
    });
    const tiles = listTiles(at.staged);
    assert.ok(tiles.includes(tileAt(0)) && !tiles.includes(tileAt(3)));
    const unchanged = { 'a.gpkg#empty': 'unchanged', 'a.gpkg#good': 'unchanged' };
    assert.deepEqual(statuses(await stage(at)), { ...failed, ...unchanged });
    // One layer that is asked for never trips over another.
    const good = await stage(at, { layer: 'good' });
    assert.deepEqual(statuses(good), { 'a.gpkg#good': 'unchanged' });
    // With the same names, when all are sound.
    at.write('a.gpkg', [layerAt([0], 1, 'good'), layerAt([3], 2, 'bad'), EMPTY]);
    assert.deepEqual(statuses(await stage(at)), {
      'a.gpkg#bad': 'staged',
      'a.gpkg#empty': 'staged',
      'a.gpkg#good': 'staged',
    });
    assert.ok(listTiles(at.staged).includes(tileAt(3)));
    const names = new Set(readTiles(at.staged).map((row) => row.values['staging_filename']));
    assert.deepEqual([...names].sort(), ['a.gpkg#bad', 'a.gpkg#good']);
  });
}

test('a layer that could not be staged is staged when that is possible, and no other', async (t) => {
  const at = new Workplace(t);
  at.write('a.gpkg', [layerAt([0], 1, 'good'), { ...layerAt([3], 2, 'bad'), srsId: 0 }]);
  assert.deepEqual(statuses(await stage(at)), {
    'a.gpkg#bad': 'crs-missing',
    'a.gpkg#good': 'staged',
  });
  assert.deepEqual(statuses(await stage(at, { inputCrs: 'EPSG:4326' })), {
    'a.gpkg#bad': 'staged',
    'a.gpkg#good': 'unchanged',
  });
  assert.deepEqual(statuses(await stage(at, { inputCrs: 'EPSG:4326' })), {
    'a.gpkg#bad': 'unchanged',
    'a.gpkg#good': 'unchanged',
  });
});

test('layers that were staged one by one are all there is to stage', async (t) => {
  const at = new Workplace(t);
  at.write('a.gpkg', [layerAt([0], 1, 'lakes'), layerAt([1], 2, 'ice#wedges')]);
  for (const layer of ['lakes', 'ice#wedges']) await stage(at, { layer });
  assert.deepEqual(statuses(await stage(at)), {
    'a.gpkg#ice%23wedges': 'unchanged',
    'a.gpkg#lakes': 'unchanged',
  });
});

test('a code that contradicts its definition fails its layer, unless the CRS is overruled', async (t) => {
  const at = new Workplace(t);
  at.write('a.gpkg', [layerAt([0], 1, 'good'), { ...layerAt([3], 2, 'bad'), srsId: 3413 }]);
  change(
    at,
    'a.gpkg',
    `update gpkg_spatial_ref_sys set definition =
       (select definition from gpkg_spatial_ref_sys where srs_id = 4326) where srs_id = 3413`,
  );
  const result = await stage(at);
  assert.deepEqual(statuses(result), { 'a.gpkg#bad': 'crs-unknown', 'a.gpkg#good': 'staged' });
  const bad = result.inputs.find(({ name }) => name === 'a.gpkg#bad')!;
  assert.match(bad.status === 'failed' ? bad.error.message : '', /EPSG:3413.*"GEOGCS.*contradict/);
  const again = await stage(at, { overrideCrs: 'EPSG:4326' });
  assert.deepEqual(statuses(again), { 'a.gpkg#bad': 'staged', 'a.gpkg#good': 'staged' });
});

test('a layer and a file of one name', async (t) => {
  const at = new Workplace(t);
  at.write('a.gpkg', [layerAt([0], 1, 't'), layerAt([1], 2, 'b.gpkg')]);
  at.write('a.gpkg#b.gpkg', layerAt([3], 3, 't'));
  const expected = ['a.gpkg#b%2Egpkg', 'a.gpkg#b.gpkg', 'a.gpkg#t'];
  assert.deepEqual(Object.keys(statuses(await stage(at))).sort(), expected.toSorted());
  const rows = readTiles(at.staged);
  for (const [name, column] of [
    ['a.gpkg#b.gpkg', 3],
    ['a.gpkg#b%2Egpkg', 1],
  ] as const) {
    const own = rows.filter((row) => row.values['staging_filename'] === name);
    assert.ok(own.some((row) => row.tile === tileAt(column)));
    assert.ok(own.every((row) => row.tile !== tileAt(column === 3 ? 1 : 3)));
  }
});

test('no two inputs have one name; usual names are as they were', () => {
  assert.equal(inputName('sub/a.gpkg', 'lakes', 1), 'sub/a.gpkg');
  assert.equal(inputName('sub/a.gpkg', 'lakes', 2), 'sub/a.gpkg#lakes');
  for (const name of ['50 %', 'a/b', 't(geom)', 'Straße', 'v1.2', '']) {
    assert.equal(inputName('a.gpkg', name, 2), `a.gpkg#${name}`);
  }
  assert.equal(inputName('a.gpkg', 'a\nb\x1b', 2), 'a.gpkg#a%0Ab%1B');
  const random = new Random(11);
  const parts = ['a', '#', '%', '23', '25', '2E', '.gpkg', '.SHP', '\n', '%23', '/'];
  const text = (length: number): string =>
    Array.from({ length }, () => parts[random.integer(parts.length)]).join('');
  const seen = new Map<string, string>();
  for (let i = 0; i < 40_000; i++) {
    const file = `${text(random.integer(4))}.gpkg`;
    const layer = text(random.integer(5));
    const layers = 1 + random.integer(2);
    const identity = JSON.stringify(layers === 1 ? [file] : [file, layer]);
    const name = inputName(file, layer, layers);
    assert.equal(seen.get(name) ?? identity, identity, name);
    seen.set(name, identity);
  }
  assert.ok(seen.size > 5000);
});

test('info shows the sound layers and names the broken ones, harmlessly', async (t) => {
  const path = join(temporaryFolder(t), 'a.gpkg');
  const at = new Workplace(t);
  at.input = join(path, '..');
  at.write('a.gpkg', [{ ...layerAt([0], 1, 'good\x1b[31m'), key: 'nr' }, layerAt([3], 2, 'bad')]);
  change(at, 'a.gpkg', 'drop table bad');
  const { code, stdout } = await runCli(['info', path]);
  assert.equal(code, 1);
  assert.match(stdout, /2 layers/);
  assert.match(stdout, /good\\u001b\[31m\n.*10 features\n/);
  assert.match(stdout, /columns +nr \(integer\), n \(integer\)\n/);
  assert.match(stdout, / {2}bad\n {4}failed +.*no table or view bad/);
  const json = await runCli(['info', path, '--json']);
  assert.equal(json.code, 1);
  const [file] = JSON.parse(json.stdout);
  assert.equal(file.layers[0].featureCount, 10);
  assert.equal(file.layers[1].error.code, 'input-corrupt');
});

test('--layer in another case, where only one layer is meant', async (t) => {
  const at = new Workplace(t);
  at.write('a.gpkg', [layerAt([0], 1, 'Polygons'), layerAt([1], 1, 'other')]);
  await at.ok('--layer', 'pOLYGONS');
  assert.equal(at.rowsOf('a.gpkg#Polygons'), 10);
  assert.match(await at.ok('--layer', 'Polygons'), /^Nothing to do: 1 input unchanged/);
  const { code, stderr } = await at.run('--layer', 'polygon');
  assert.equal(code, 1);
  assert.match(stderr, /no layer polygon; it has: Polygons, other\. Did you mean Polygons\?/);
});

test('stage(path) is about its own input, also where another has to be staged again and fails', async (t) => {
  const at = new Workplace(t);
  at.write('a.gpkg', layerAt([0]));
  at.write('b.gpkg', layerAt([1]));
  await at.ok();
  // Other settings: all that was staged is staged again.
  writeFileSync(join(at.input, 'a.gpkg'), 'no GeoPackage any more');
  const stager = new TileStager({
    ...{ dirInput: at.input, dirStaged: at.staged, simplifyTolerance: null, executor: 'inline' },
    ...{ force: true, zRange: [0, 5] },
  });
  const { inputs } = await stager.stage(join(at.input, 'b.gpkg'));
  assert.deepEqual(
    inputs.map(({ name, status }) => [name, status]),
    [
      ['a.gpkg', 'failed'],
      ['b.gpkg', 'staged'],
    ],
  );
  await assert.rejects(stager.stage(join(at.input, 'a.gpkg')), { code: 'input-format' });
});
