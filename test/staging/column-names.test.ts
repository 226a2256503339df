/** Columns of any name, in inputs that share a tile. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Value } from '../../src/core/columns.ts';
import { gdalReports, hasGdal, NO_GDAL } from './gdal.ts';
import { OneTile } from './one-tile.ts';

describe('names of columns', () => {
  const cases: Record<string, string[]> = {
    'quotes, spaces, commas and brackets': ['a "b"', "it's", 'x, "y" TEXT', '(z)', ' ', '[k]', '`'],
    'letters beyond ASCII': ['größe', 'ä', 'Ä', '名前', 'İ', '🦭', 'e\u0301'],
    'words of SQL': ['select', 'table', 'order', 'primary key', 'null'],
    'the names of the key and the geometry': ['fid', 'geom', 'FID_1', 'Geom_1'],
    "SQLite's own names of the key": ['rowid', 'oid'],
    'the names of other parts': ['rtree', 'minx', 'id', 'ogc_fid', 'table_name'],
  };
  for (const [kind, names] of Object.entries(cases)) {
    test(kind, async (t) => {
      const at = new OneTile(t);
      const columns = Object.fromEntries(names.map((name) => [name, 'TEXT']));
      const row = (prefix: string): Value[] => names.map((name) => `${prefix} ${name}`);
      const table = { columns, key: 'gid', geometry: 'the_geometry' };
      at.write('a', { ...table, rows: [row('one'), row('two'), row('three')] });
      at.write('b', {
        ...table,
        columns: { first: 'INTEGER', ...columns },
        rows: [[5, ...row('b')]],
      });
      await at.stage();
      assert.deepEqual(Object.keys(at.columns()), [...names, 'first']);
      assert.deepEqual(
        at.values('a'),
        ['one', 'two', 'three'].map((prefix) => [...row(prefix), null]),
      );
      assert.deepEqual(at.values('b'), [[...row('b'), 5]]);
      if (hasGdal) {
        const [report] = gdalReports([{ path: at.tile }]);
        assert.deepEqual(report!.errors, []);
        assert.equal(report!.count, 4);
      } else t.diagnostic(NO_GDAL);
      await at.assertAsFromScratch();
      at.remove('b');
      await at.stage();
      await at.assertAsFromScratch();
    });
  }

  test('that differ in the case of ASCII letters only are one column, others are not', async (t) => {
    const at = new OneTile(t);
    at.write('a', { columns: { Length: 'REAL', ä: 'TEXT' }, rows: [[1.5, 'small']] });
    at.write('b', { columns: { LENGTH: 'REAL', Ä: 'TEXT' }, rows: [[2.5, 'capital']] });
    await at.stage();
    assert.deepEqual(at.columns(), { Length: 'REAL', ä: 'TEXT', Ä: 'TEXT' });
    assert.deepEqual(at.values('a'), [[1.5, 'small', null]]);
    assert.deepEqual(at.values('b'), [[2.5, null, 'capital']]);
    // Without a, the column has the name that b gives it.
    at.remove('a');
    await at.stage();
    assert.deepEqual(at.columns(), { LENGTH: 'REAL', Ä: 'TEXT' });
    await at.assertAsFromScratch();
  });

  test('of added properties are refused in an input, and said by name', async (t) => {
    const at = new OneTile(t);
    at.write('a', { columns: { Staging_Tile: 'TEXT' }, rows: [['x']] });
    at.write('b', { columns: { v: 'TEXT' }, rows: [['x']] });
    const { inputs } = await at.stage();
    const failed = inputs.find((input) => input.name === 'a.gpkg')!;
    assert.equal(failed.status, 'failed');
    assert.ok(failed.status === 'failed' && failed.error.code === 'property-exists');
    assert.match(failed.status === 'failed' ? failed.error.message : '', /Staging_Tile/);
    assert.deepEqual(at.values('b'), [['x']]);
  });
});
