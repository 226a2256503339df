/** Layers of every shape: tables, views, keys, names, encodings. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openGeoPackage } from '../../../src/formats/geopackage/source.ts';
import { openSource } from '../../../src/formats/open.ts';
import { temporaryFolder, withDatabase } from '../sqlite/sqlite-fixture.ts';
import { BOX, create, readBoth, readLayer } from './geopackage-fixture.ts';

test('the geometry first, in the middle, last; the key anywhere, or missing', (t) => {
  const folder = temporaryFolder(t);
  const tables: [string, string, number[]][] = [
    ['geom blob, a, b, fid integer primary key', 'geom, a, b, fid', [11, 12]],
    ['a, geom blob, fid integer primary key, b', 'geom, a, b, fid', [11, 12]],
    ['a, fid integer primary key, b, geom blob', 'geom, a, b, fid', [11, 12]],
    ['fid integer primary key, a, b, geom blob', 'geom, a, b, fid', [11, 12]],
    ['a, geom blob, b', 'geom, a, b, rowid', [11, 12]],
  ];
  for (const [n, [columns, names, positions]] of tables.entries()) {
    const path = create(
      join(folder, `${n}.gpkg`),
      `create table l (${columns}); insert into l (${names})
        values (${BOX}, 'one', 1, 11), (${BOX}, 'two', 2, 12)`,
      [['l']],
    );
    const found = readBoth(path);
    assert.deepEqual(found.columns, ['a text', 'b text']);
    assert.deepEqual(found.values, [
      ['one', 1],
      ['two', 2],
    ]);
    assert.deepEqual(found.positions, positions);
    assert.ok(
      found.features.every((feature) => feature.odd),
      'b is text by default',
    );
  }
});

test('a layer of geometries alone', (t) => {
  const path = create(
    join(temporaryFolder(t), 'a.gpkg'),
    `create table l (geom); insert into l values (${BOX}), (null), (${BOX})`,
    [['l']],
  );
  const found = readBoth(path);
  assert.deepEqual(found.columns, []);
  assert.deepEqual(found.positions, [1, 3]);
});

test('keys that are not the rowid are attributes', (t) => {
  const folder = temporaryFolder(t);
  const tables: [string, string][] = [
    ['id text primary key, geom, a', 'id text'],
    ['id int primary key, geom, a', 'id integer'],
    ['id integer primary key desc, geom, a', 'id integer'],
    ['id integer, geom, a, primary key (id, a)', 'id integer'],
    ['id integer unique not null, geom, a', 'id integer'],
  ];
  for (const [n, [columns, id]] of tables.entries()) {
    const path = create(
      join(folder, `${n}.gpkg`),
      `create table l (${columns}); insert into l values (50, ${BOX}, 'x'), (40, ${BOX}, 'y')`,
      [['l']],
    );
    const found = readBoth(path);
    assert.deepEqual(found.columns, [id, 'a text'], columns);
    assert.deepEqual(found.positions, [1, 2]);
    assert.deepEqual(
      found.values.map((row) => Number(row[0])),
      [50, 40],
    );
  }
});

test('INTEGER PRIMARY KEY in its other spellings is the rowid', (t) => {
  const folder = temporaryFolder(t);
  const tables = [
    'Fid InTeGeR primary key autoincrement not null, geom, a',
    'fid integer, geom, a, primary key (fid)',
    '"fid" "INTEGER" primary key asc, geom, a',
    'fid integer, geom, a, primary key (fid desc)',
  ];
  for (const [n, columns] of tables.entries()) {
    const path = create(
      join(folder, `${n}.gpkg`),
      `create table l (${columns}); insert into l values (50, ${BOX}, 'x'), (40, ${BOX}, 'y')`,
      [['l']],
    );
    const found = readBoth(path);
    assert.deepEqual(found.columns, ['a text'], columns);
    assert.deepEqual(found.positions, [40, 50]);
    assert.deepEqual(found.values, [['y'], ['x']]);
  }
});

test('columns that are called as SQLite calls the rowid', (t) => {
  const folder = temporaryFolder(t);
  const tables: [string, string[], number[]][] = [
    ['geom, rowid text', ['rowid text'], [1, 2]],
    ['geom, RowId text, _rowid_ text', ['RowId text', '_rowid_ text'], [1, 2]],
    ['geom, rowid, _rowid_, oid', ['rowid text', '_rowid_ text', 'oid text'], [1, 2]],
    ['rowid integer primary key, geom', [], [7, 9]],
    ['oid integer primary key, geom, rowid text', ['rowid text'], [7, 9]],
  ];
  for (const [n, [columns, names, positions]] of tables.entries()) {
    const key = columns.includes('primary') ? columns.split(' ')[0]! : null;
    const others = names.map((name) => name.split(' ')[0]!).filter((name) => name !== key);
    const row = (id: number): string =>
      `(${[BOX, ...(key === null ? [] : [id]), ...others.map((name) => `'${name}${id}'`)].join()})`;
    const path = create(
      join(folder, `${n}.gpkg`),
      `create table l (${columns}); insert into l (${['geom', ...((key ?? '') ? [key] : []), ...others].join()})
        values ${row(9)}, ${row(7)}`,
      [['l']],
    );
    const found = readBoth(path);
    assert.deepEqual(found.columns, names);
    assert.deepEqual(found.positions, positions);
    const source = openGeoPackage(path);
    const slices = source.slices('l', 1);
    const sliced = slices.flatMap((slice) => readLayer(source, 'l', slice).features);
    assert.deepEqual(sliced, found.features);
    source.close();
  }
});

test('tables without rowids, by their key or in their order', (t) => {
  const folder = temporaryFolder(t);
  const tables: [string, number[], number][] = [
    ['fid integer primary key, geom, a', [40, 50], 1],
    ['fid text primary key, geom, a', [1, 2], 2],
    ['fid integer, geom, a, primary key (a, fid)', [1, 2], 2],
  ];
  for (const [n, [columns, positions, attributes]] of tables.entries()) {
    const path = create(
      join(folder, `${n}.gpkg`),
      `create table l (${columns}) without rowid;
        insert into l values (50, ${BOX}, 'x'), (40, ${BOX}, 'x')`,
      [['l']],
    );
    const found = readBoth(path);
    assert.deepEqual(found.positions, positions, columns);
    assert.equal(found.columns.length, attributes);
  }
  const huge = create(
    join(folder, 'huge.gpkg'),
    `create table l (fid integer primary key, geom) without rowid;
      insert into l values (9007199254740993, ${BOX})`,
    [['l']],
  );
  const source = openGeoPackage(huge);
  assert.throws(() => readLayer(source, 'l'), { code: 'input-unreadable', message: /2\^53/ });
  source.close();
});

test('feature ids beyond 2^53 are refused before anything is read', (t) => {
  const folder = temporaryFolder(t);
  for (const id of [2n ** 53n, -(2n ** 53n) - 1n, 2n ** 63n - 1n]) {
    const path = create(
      join(folder, `${id}.gpkg`),
      `create table l (fid integer primary key, geom); insert into l values (5, null), (${id}, null)`,
      [['l']],
    );
    const source = openGeoPackage(path);
    const refused = { code: 'input-unreadable', input: path, message: /2\^53/ };
    assert.throws(() => source.slices('l', 1000), refused);
    source.close();
  }
});

test('views, with what they reckon', (t) => {
  const path = create(
    join(temporaryFolder(t), 'a.gpkg'),
    `create table base (fid integer primary key, geom, a integer, r real);
      insert into base values (5, ${BOX}, 1, 2), (7, ${BOX}, 2, 0.5), (9, null, 3, null);
      create view l as select geom, a, a * 2 as twice, r, 'x' || a as text from base
        order by fid desc`,
    [['l'], ['base']],
  );
  const found = readBoth(path);
  assert.deepEqual(found.columns.slice(0, 1), ['a integer']);
  assert.deepEqual(found.values, [
    [2, 4, 0.5, 'x2'],
    [1, 2, 2, 'x1'],
  ]);
  assert.deepEqual(found.positions, [2, 3]);
  assert.deepEqual(found.drops, { 'null geometry': { count: 1, positions: [1] } });
  assert.equal(found.rowsRead, 3);
  assert.deepEqual(readBoth(path, 'base').positions, [5, 7]);
});

test('generated columns', (t) => {
  const path = create(
    join(temporaryFolder(t), 'a.gpkg'),
    `create table l (fid integer primary key, a integer, v integer as (a * 2), geom,
        s text generated always as ('x' || a) stored, b real);
      insert into l (fid, a, geom, b) values (3, 5, ${BOX}, 1), (8, 6, ${BOX}, 1.5)`,
    [['l']],
  );
  const found = readBoth(path);
  assert.deepEqual(found.columns, ['a integer', 'v integer', 's text', 'b real']);
  assert.deepEqual(found.values, [
    [5, 10, 'x5', 1],
    [6, 12, 'x6', 1.5],
  ]);
  assert.deepEqual(found.positions, [3, 8]);
});

test('names of layers and columns with quotes, spaces, other letters, and SQL words', (t) => {
  const names = ["it's", 'say "x"', 'a b', 'Straße', 'ÄÖ', 'ä', 'select', '☃', '%s', '[b]', ' '];
  const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
  const path = create(
    join(temporaryFolder(t), 'a.gpkg'),
    names
      .map((name) => {
        const others = names
          .filter((other) => other !== name)
          .map((other) => `${quote(other)} text`);
        const values = names
          .filter((other) => other !== name)
          .map((o) => `'${o.replaceAll("'", "''")}'`);
        return `create table ${quote(name)} (${quote(`${name} key`)} integer primary key,
          ${others.join()}, ${quote(name)} blob);
          insert into ${quote(name)} values (3, ${values.join()}, ${BOX});`;
      })
      .join(''),
    names.map((name) => [name, name]),
  );
  const source = openGeoPackage(path);
  assert.deepEqual(
    source.layers().map((layer) => layer.name),
    names,
  );
  source.close();
  for (const name of names) {
    const found = readBoth(path, name);
    const others = names.filter((other) => other !== name);
    const texts = others.map((other) => `${other} text`);
    assert.deepEqual(found.columns, [`${name} key integer`, ...texts]);
    assert.deepEqual(found.values, [[3, ...others]]);
    assert.deepEqual(found.positions, [3]);
  }
});

test('names whose case differs between the tables, as far as SQLite is concerned', (t) => {
  const path = create(
    join(temporaryFolder(t), 'a.gpkg'),
    `create table LaYer (FID integer primary key, GEOM, a text);
      insert into layer values (1, ${BOX}, 'x');
      create trigger "layer" after delete on LaYer begin select 1; end;
      create table "ä" (geom); create table "Ä" (geom); insert into "Ä" values (${BOX})`,
    [['lAYER', 'gEOM'], ['ä'], ['Ä'], ['gone']],
  );
  assert.deepEqual(readBoth(path, 'lAYER').values, [['x']]);
  assert.equal(readBoth(path, 'ä').rowsRead, 0);
  assert.equal(readBoth(path, 'Ä').rowsRead, 1);
  const source = openGeoPackage(path);
  assert.deepEqual(source.layerNames(), ['lAYER', 'ä', 'Ä', 'gone']);
  assert.throws(() => source.layer('gone'), {
    code: 'input-corrupt',
    message: /no table or view gone/,
  });
  assert.throws(() => source.slices('nope', 1), { code: 'input-layer', message: /lAYER, ä, Ä/ });
  source.close();
});

test('UTF-16 databases', (t) => {
  const folder = temporaryFolder(t);
  const sql = `create table l (fid integer primary key, geom, "ä" text);
    insert into l values (4, ${BOX}, 'Grüße 🧊'), (6, ${BOX}, '')`;
  const expected = readBoth(create(join(folder, 'UTF-8.gpkg'), sql, [['l']]));
  for (const encoding of ['UTF-16le', 'UTF-16be']) {
    const path = join(folder, `${encoding}.gpkg`);
    withDatabase(path, (db) => db.exec(`pragma encoding = '${encoding}'; create table other (a)`));
    assert.deepEqual(readBoth(create(path, sql, [['l']])), expected);
    const source = openGeoPackage(path);
    const slices = source.slices('l', 1);
    assert.equal(slices.length, 3);
    const features = slices.flatMap((slice) => readLayer(source, 'l', slice).features);
    assert.deepEqual(features, expected.features);
    source.close();
  }
  assert.deepEqual(expected.values, [['Grüße 🧊'], ['']]);
});

test('what is no GeoPackage is refused by name', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'a.gpkg');
  withDatabase(path, (db) => db.exec('create table t (a)'));
  assert.throws(() => openGeoPackage(path), { code: 'input-format', message: /gpkg_contents/ });
  await assert.rejects(openSource(join(folder, 'none.GPKG')), { code: 'input-missing' });
  await assert.rejects(openSource(join(folder, 'a.txt')), {
    code: 'input-format',
    message: /not read: text/,
  });
  await assert.rejects(openSource(join(folder, 'gpkg')), { code: 'input-format' });
  const wrong = create(join(folder, 'b.gpkg'), 'create table l (a)', [['l', 'geom']]);
  const source = await openSource(wrong);
  assert.throws(() => source.layer('l'), { code: 'input-corrupt', message: /no column geom/ });
  source.close();
});
