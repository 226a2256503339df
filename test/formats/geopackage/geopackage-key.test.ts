/** An integer key whose name means something is an attribute; both ways of reading agree on it. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openGeoPackage } from '../../../src/formats/geopackage/source.ts';
import { temporaryFolder } from '../../staging/support.ts';
import { withDatabase } from '../sqlite/sqlite-fixture.ts';
import { boxBlob, create, readBoth, readLayer } from './geopackage-fixture.ts';

const BOX = `x'${boxBlob(1, 2, 3, 4).toString('hex')}'`;
/** At the edges of SQLite's integers of 0, 1, 2, 3, 4, 6 and 8 bytes. */
const IDS = [
  0,
  1,
  127,
  128,
  32767,
  32768,
  2 ** 23 - 1,
  2 ** 23,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 47 - 1,
  2 ** 47,
].flatMap((id) => [id, -id - 2]);
IDS.push(2 ** 53 - 1);

/** Where the key may stand, and the columns that are read then. */
const TABLES: [columns: string, read: string[]][] = [
  ['OBJECTID integer primary key, geom, a text', ['OBJECTID integer', 'a text']],
  ['geom, a text, facility_id integer primary key', ['a text', 'facility_id integer']],
  ['b text, nr integer primary key, a text, geom', ['b text', 'nr integer', 'a text']],
  ['geom, b text, nr integer primary key, a text', ['b text', 'nr integer', 'a text']],
  ['"the key" integer primary key, geom', ['the key integer']],
  ['nr integer primary key, geom, a text, b text', ['nr integer', 'a text', 'b text']],
];

test('wherever it stands among the columns, and whatever its value', (t) => {
  const folder = temporaryFolder(t);
  for (const [n, [columns, read]] of TABLES.entries()) {
    const key = read.find((column) => column.endsWith(' integer'))!.slice(0, -8);
    const others = read.map((column) => column.replace(/ \w+$/, '')).filter((c) => c !== key);
    const path = create(join(folder, `${n}.gpkg`), `create table l (${columns})`, [['l']]);
    const names = [key, 'geom', ...others].map((name) => `"${name}"`);
    withDatabase(path, (db) => {
      for (const id of IDS) {
        const texts = others.map((other) => `'${other} ${id}'`);
        db.exec(`insert into l (${names.join()}) values (${[id, BOX, ...texts].join()})`);
      }
    });
    const found = readBoth(path);
    assert.deepEqual(found.columns, read);
    const expected = IDS.toSorted((a, b) => a - b).map((id) =>
      read.map((column) => (column === `${key} integer` ? id : `${column.slice(0, -5)} ${id}`)),
    );
    assert.deepEqual(found.values, expected);
    assert.ok(found.features.every(({ odd }) => !odd));
  }
});

test('also in rows from before a column was added, and in slices', (t) => {
  const path = create(
    join(temporaryFolder(t), 'a.gpkg'),
    `create table l (nr integer primary key, geom, a text);
     insert into l values (70, ${BOX}, 'x'), (300, ${BOX}, 'y');
     alter table l add column b text default 'new';
     insert into l values (3000, ${BOX}, 'z', null)`,
    [['l']],
  );
  const expected = [
    [70, 'x', 'new'],
    [300, 'y', 'new'],
    [3000, 'z', null],
  ];
  assert.deepEqual(readBoth(path).values, expected);
  const source = openGeoPackage(path);
  const slices = source.slices('l', 1);
  const features = slices.flatMap((slice) => readLayer(source, 'l', slice).features);
  assert.deepEqual(
    features.map(({ values }) => values),
    expected,
  );
  source.close();
});

test('a key that only numbers the rows is no column, unless it is asked for', (t) => {
  const folder = temporaryFolder(t);
  for (const key of ['fid', 'OGC_FID', 'ogr_fid', 'gid', 'Id', 'rowid', 'oid', 'PK_UID', 'fid_1']) {
    const sql = `create table l (${key} integer primary key, geom, a text);
      insert into l values (7, ${BOX}, 'x')`;
    const path = create(join(folder, `${key}.gpkg`), sql, [['l']]);
    assert.deepEqual(readBoth(path).columns, ['a text']);
    for (const keepPrimaryKey of [false, true]) {
      const source = openGeoPackage(path, { keepPrimaryKey });
      assert.equal(source.layer('l').key, keepPrimaryKey ? null : key);
      const [feature] = readLayer(source, 'l').features;
      assert.deepEqual(feature!.values, keepPrimaryKey ? [7, 'x'] : ['x']);
      source.close();
    }
  }
});

test('of a table without rowid', (t) => {
  const path = create(
    join(temporaryFolder(t), 'a.gpkg'),
    `create table l (nr integer primary key, geom, a text) without rowid;
     insert into l values (7, ${BOX}, 'x'), (5, ${BOX}, 'y')`,
    [['l']],
  );
  const found = readBoth(path);
  assert.deepEqual(found.positions, [5, 7]);
  assert.deepEqual(found.values, [
    [5, 'y'],
    [7, 'x'],
  ]);
});
