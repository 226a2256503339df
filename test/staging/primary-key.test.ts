/** Keys that mean something are in the tiles, through unions of columns, merging and re-runs. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConfigInput } from '../../src/staging/configuration/config-input.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { OneTile } from './one-tile.ts';

test('a key is a column of the tile, beside inputs that have none or one of the usual name', async (t) => {
  const at = new OneTile(t);
  const rows = [['x'], ['y'], ['z']];
  at.write('a', { columns: { n: 'TEXT' }, rows, key: 'facility_id' });
  at.write('b', { columns: { n: 'TEXT' }, rows });
  await at.stage();
  assert.deepEqual(at.columns(), { facility_id: 'INTEGER', n: 'TEXT' });
  const keyed = [
    [1, 'x'],
    [2, 'y'],
    [3, 'z'],
  ];
  const plain = rows.map(([n]) => [null, n!]);
  assert.deepEqual(at.values('a'), keyed);
  assert.deepEqual(at.values('b'), plain);
  // Rows of a are kept in the tile, and put into another schema, while others come and go.
  at.write('c', { columns: { FACILITY_ID: 'TEXT' }, rows: [['7a']] });
  await at.stage();
  assert.deepEqual(at.columns(), { facility_id: 'TEXT', n: 'TEXT' });
  assert.deepEqual(
    at.values('a'),
    keyed.map(([id, n]) => [String(id), n]),
  );
  at.remove('c');
  at.remove('b');
  await at.stage();
  assert.deepEqual(at.columns(), { facility_id: 'INTEGER', n: 'TEXT' });
  assert.deepEqual(at.values('a'), keyed);
  await at.assertAsFromScratch();
});

test('with keepPrimaryKey a key of the usual name is a column too', async (t) => {
  const at = new OneTile(t);
  at.write('a', { columns: { n: 'TEXT' }, rows: [['x'], ['y']] });
  const config: ConfigInput = { dirInput: at.input, dirStaged: at.staged, executor: 'inline' };
  await new TileStager({ ...config, keepPrimaryKey: true }).stageAll();
  assert.deepEqual(at.columns(), { fid: 'INTEGER', n: 'TEXT' });
  assert.deepEqual(at.values('a'), [
    [1, 'x'],
    [2, 'y'],
  ]);
  // Tiles must not mix rows with and without it.
  await assert.rejects(new TileStager(config).stageAll(), {
    code: 'config-differs',
    message: /keepPrimaryKey: true then, false now/,
  });
});
