/** What can't be staged is left out alone: a feature, an input; all else is staged. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ConfigInput } from '../../src/staging/configuration/config-input.ts';
import { type StageAllResult, TileStager } from '../../src/staging/tile-stager.ts';
import { declaredColumns, hashFolder, polygonWkb, type Ring } from './support.ts';
import { layerAt, tileAt, Workplace } from './workplace.ts';
import type { OddLayer } from './write-geopackage.ts';

/** Columns that a table of SQLite has room for, without key, geometry and the eight properties. */
const ROOM = 2000 - 2 - 9;

function box(minX: number, minY: number, maxX: number, maxY: number): Ring {
  return [
    [minX, minY],
    [maxX, minY],
    [maxX, maxY],
    [minX, maxY],
    [minX, minY],
  ];
}

/** A feature in each of these tiles, and so many columns of its own. */
function wide(name: string, columns: number, tiles: readonly number[]): OddLayer {
  const layer = layerAt(tiles);
  const rows = layer.rows.filter((_, i) => i % 10 === 0).map(({ wkb }) => ({ wkb: wkb! }));
  return {
    ...layer,
    columns: Array.from({ length: columns }, (_, i) => ({ name: `${name}${i}`, type: 'INTEGER' })),
    rows: rows.map((row) => ({ ...row, values: new Array<number>(columns).fill(7) })),
  };
}

function stage(at: Workplace, values: ConfigInput = {}): Promise<StageAllResult> {
  const config: ConfigInput = {
    dirInput: at.input,
    dirStaged: at.staged,
    executor: 'inline',
    ...values,
  };
  return new TileStager(config).stageAll();
}

function statuses({ inputs }: StageAllResult): Record<string, string> {
  return Object.fromEntries(
    inputs.map((input) => [
      input.name,
      input.status === 'failed' ? input.error.code : input.status,
    ]),
  );
}

test('a feature in too many tiles is dropped alone', async (t) => {
  const at = new Workplace(t);
  const rings = [box(10, 60, 10.01, 60.01), box(-180, -90, 180, 90), box(11, 60, 11.01, 60.01)];
  at.write('a.gpkg', {
    layer: 'a',
    srsId: 4326,
    columns: [],
    rows: rings.map((ring) => ({ wkb: polygonWkb([ring]), values: [] })),
  });
  const { inputs, featuresStaged, drops } = await stage(at);
  assert.equal(inputs[0]?.status, 'staged');
  assert.equal(featuresStaged, 2);
  assert.deepEqual(drops, { 'too many tiles': { count: 1, positions: [2] } });
});

test('an input with more columns than a tile has room for', async (t) => {
  const at = new Workplace(t);
  at.write('most.gpkg', wide('m', ROOM, [3]));
  at.write('ok.gpkg', layerAt([0]));
  at.write('wide.gpkg', wide('w', ROOM + 1, [7]));
  const result = await stage(at);
  assert.deepEqual(statuses(result), {
    'most.gpkg': 'staged',
    'ok.gpkg': 'staged',
    'wide.gpkg': 'input-columns',
  });
  const failed = result.inputs.find((input) => input.status === 'failed')!;
  assert.match(failed.error.message, /^wide\.gpkg has 1990 columns, .* room for 1989 .*--columns/);
  assert.equal(declaredColumns(join(at.staged, tileAt(3))).length, 1999);
});

test('inputs that share no tile are not limited together', async (t) => {
  const at = new Workplace(t);
  for (let i = 0; i < 25; i++) at.write(`${i}.gpkg`, wide(`c${i}_`, 85, [i]));
  const result = await stage(at);
  assert.deepEqual(new Set(Object.values(statuses(result))), new Set(['staged']));
  for (let i = 0; i < 25; i++) {
    assert.equal(declaredColumns(join(at.staged, tileAt(i))).length, 2 + 85 + 8);
  }
});

test('of inputs that share a tile, the one whose columns have no room is left out', async (t) => {
  const at = new Workplace(t);
  at.write('a.gpkg', wide('a', 900, [0, 1]));
  at.write('b.gpkg', wide('b', 900, [1, 2]));
  at.write('c.gpkg', wide('c', 900, [2, 1]));
  at.write('d.gpkg', wide('d', 900, [2, 5]));
  at.write('e.gpkg', wide('A', 900, [0, 1]));
  const first = await stage(at);
  const expected = {
    'a.gpkg': 'staged',
    'b.gpkg': 'staged',
    'c.gpkg': 'input-columns',
    'd.gpkg': 'staged',
    // The same columns in capitals: SQL does not tell them apart.
    'e.gpkg': 'staged',
  };
  assert.deepEqual(statuses(first), expected);
  const failed = first.inputs.find((input) => input.status === 'failed')!;
  assert.equal(failed.error.tile, '13/1217/894');
  assert.match(failed.error.message, /with a\.gpkg, b\.gpkg: together they have 2700 different/);
  const kept = hashFolder(at.staged);

  // Again, beside rows that stay; and in a folder without it.
  const again = statuses(await stage(at));
  assert.equal(again['c.gpkg'], 'input-columns');
  assert.equal(again['a.gpkg'], 'unchanged');
  assert.deepEqual(hashFolder(at.staged), kept);
  at.remove('c.gpkg');
  await at.stage(join(at.base, 'without'));
  assert.deepEqual(kept, hashFolder(join(at.base, 'without')));
});
