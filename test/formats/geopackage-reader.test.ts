/** Layers of every shape: tables, views, keys, names, encodings, slices. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { Value } from '../../src/core/columns.ts';
import { Random } from '../../src/core/random.ts';
import { readLayers } from '../../src/formats/geopackage/schema.ts';
import { openGeoPackage } from '../../src/formats/geopackage/source.ts';
import { readThroughSql } from '../../src/formats/geopackage/sql-rows.ts';
import { openSource } from '../../src/formats/open.ts';
import {
  boxBlob,
  collect,
  GEOPACKAGE_TABLES,
  type ReadResult,
  readLayer,
  registerLayer,
  total,
} from './geopackage-fixture.ts';
import { temporaryFolder, withDatabase } from './sqlite-fixture.ts';

const BOX = `x'${boxBlob(1, 2, 3, 4).toString('hex')}'`;

function create(path: string, sql: string, layers: [table: string, geometry?: string][]): string {
  withDatabase(path, (db) => {
    db.exec(`pragma journal_mode = off; ${GEOPACKAGE_TABLES} ${sql}`);
    for (const [table, geometry] of layers) registerLayer(db, table, geometry);
  });
  return path;
}

/** The layer through SQL alone, as where its pages can't be read. */
function throughSql(path: string, name: string): ReadResult {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const layer = readLayers(db, path, 1e6).find((candidate) => candidate.name === name)!;
    const whole = { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY };
    return collect((batch, options) => readThroughSql(db, path, layer, whole, batch, options));
  } finally {
    db.close();
  }
}

interface Read extends ReadResult {
  columns: string[];
  positions: number[];
  values: Value[][];
}

/** Reads a layer; both ways of reading agree. */
function read(path: string, layer = 'l'): Read {
  const source = openGeoPackage(path);
  try {
    const info = source.layers().find((candidate) => candidate.name === layer)!;
    const result = readLayer(source, layer);
    assert.deepEqual(result, throughSql(path, layer));
    assert.equal(result.rowsRead, total(result));
    return {
      ...result,
      columns: info.columns.map((column) => `${column.name} ${column.type}`),
      positions: result.features.map((feature) => feature.position),
      values: result.features.map((feature) => feature.values),
    };
  } finally {
    source.close();
  }
}

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
    const found = read(path);
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
  const found = read(path);
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
    const found = read(path);
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
    const found = read(path);
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
    const found = read(path);
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
    const found = read(path);
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
  const found = read(path);
  assert.deepEqual(found.columns.slice(0, 1), ['a integer']);
  assert.deepEqual(found.values, [
    [2, 4, 0.5, 'x2'],
    [1, 2, 2, 'x1'],
  ]);
  assert.deepEqual(found.positions, [2, 3]);
  assert.deepEqual(found.drops, { 'null geometry': { count: 1, positions: [1] } });
  assert.equal(found.rowsRead, 3);
  assert.deepEqual(read(path, 'base').positions, [5, 7]);
});

test('generated columns', (t) => {
  const path = create(
    join(temporaryFolder(t), 'a.gpkg'),
    `create table l (fid integer primary key, a integer, v integer as (a * 2), geom,
        s text generated always as ('x' || a) stored, b real);
      insert into l (fid, a, geom, b) values (3, 5, ${BOX}, 1), (8, 6, ${BOX}, 1.5)`,
    [['l']],
  );
  const found = read(path);
  assert.deepEqual(found.columns, ['a integer', 'v integer', 's text', 'b real']);
  assert.deepEqual(found.values, [
    [5, 10, 'x5', 1],
    [6, 12, 'x6', 1.5],
  ]);
  assert.deepEqual(found.positions, [3, 8]);
});

test('columns that were added afterwards, with defaults of every kind', (t) => {
  const path = create(
    join(temporaryFolder(t), 'a.gpkg'),
    `create table l (fid integer primary key, geom, a text);
      insert into l values (1, ${BOX}, 'old'), (2, null, 'null'), (3, ${BOX}, '');
      alter table l add column n integer;
      insert into l values (4, ${BOX}, 'middle', 44);
      alter table l add column i integer default 5;
      alter table l add column h integer default 0x1F;
      alter table l add column neg integer default -7;
      alter table l add column plus real default +3;
      alter table l add column half real default .5;
      alter table l add column e real default 1e3;
      alter table l add column it text default 'it''s ☃';
      alter table l add column digits text default 12;
      alter table l add column number integer default '34';
      alter table l add column blob blob default x'00ff';
      alter table l add column yes boolean default true;
      alter table l add column nil text default null;
      alter table l add column word integer default 'word';
      alter table l add column big integer default 9223372036854775807;
      alter table l add column bracket integer default (6);
      insert into l (fid, geom, a) values (5, ${BOX}, 'new');
      insert into l values (6, ${BOX}, 'given', 1, 2, 3, 4, 5.5, 6, 7, 'e', 'n', 10, x'01', 0, '', 11,
        12, 13)`,
    [['l']],
  );
  const found = read(path);
  const blob = Uint8Array.of(0, 255);
  const defaults: Value[] = [5, 31, -7, 3, 0.5, 1000, "it's ☃", '12', 34, blob, 1, null, 'word'];
  defaults.push(2n ** 63n - 1n, 6);
  assert.deepEqual(found.positions, [1, 3, 4, 5, 6]);
  assert.deepEqual(found.values.slice(0, 4), [
    ['old', null, ...defaults],
    ['', null, ...defaults],
    ['middle', 44, ...defaults],
    ['new', null, ...defaults],
  ]);
  assert.deepEqual(found.values[4]!.slice(0, 6), ['given', 1, 2, 3, 4, 5.5]);
  assert.deepEqual(
    found.features.map((feature) => feature.odd),
    [true, true, true, true, false],
  );
});

test('a geometry column that was added afterwards is null in older rows', (t) => {
  const path = create(
    join(temporaryFolder(t), 'a.gpkg'),
    `create table l (fid integer primary key, a text); insert into l values (1, 'x');
      alter table l add column geom blob; insert into l values (2, 'y', ${BOX})`,
    [['l']],
  );
  const found = read(path);
  assert.deepEqual(found.values, [['y']]);
  assert.deepEqual(found.drops, { 'null geometry': { count: 1, positions: [1] } });
});

test('columns that were dropped or renamed are not seen', (t) => {
  const path = create(
    join(temporaryFolder(t), 'a.gpkg'),
    `create table l (fid integer primary key, a text, geom, b text, c text);
      insert into l values (1, 'a', ${BOX}, 'b', 'c');
      alter table l drop column b; alter table l rename column c to d`,
    [['l']],
  );
  const found = read(path);
  assert.deepEqual(found.columns, ['a text', 'd text']);
  assert.deepEqual(found.values, [['a', 'c']]);
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
    const found = read(path, name);
    const others = names.filter((other) => other !== name);
    assert.deepEqual(
      found.columns,
      others.map((other) => `${other} text`),
    );
    assert.deepEqual(found.values, [others]);
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
  assert.deepEqual(read(path, 'lAYER').values, [['x']]);
  assert.equal(read(path, 'ä').rowsRead, 0);
  assert.equal(read(path, 'Ä').rowsRead, 1);
  const source = openGeoPackage(path);
  assert.deepEqual(
    source.layers().map((layer) => layer.name),
    ['lAYER', 'ä', 'Ä'],
  );
  assert.throws(() => source.slices('nope', 1), { code: 'input-layer', message: /lAYER, ä, Ä/ });
  source.close();
});

test('UTF-16 databases', (t) => {
  const folder = temporaryFolder(t);
  const sql = `create table l (fid integer primary key, geom, "ä" text);
    insert into l values (4, ${BOX}, 'Grüße 🧊'), (6, ${BOX}, '')`;
  const expected = read(create(join(folder, 'UTF-8.gpkg'), sql, [['l']]));
  for (const encoding of ['UTF-16le', 'UTF-16be']) {
    const path = join(folder, `${encoding}.gpkg`);
    withDatabase(path, (db) => db.exec(`pragma encoding = '${encoding}'; create table other (a)`));
    assert.deepEqual(read(create(path, sql, [['l']])), expected);
    const source = openGeoPackage(path);
    const slices = source.slices('l', 1);
    assert.equal(slices.length, 3);
    const features = slices.flatMap((slice) => readLayer(source, 'l', slice).features);
    assert.deepEqual(features, expected.features);
    source.close();
  }
  assert.deepEqual(expected.values, [['Grüße 🧊'], ['']]);
});

test('values of every kind in columns of every type, odd ones marked', (t) => {
  const types = ['integer', 'boolean', 'real', 'double', 'decimal(5,2)', 'text', 'varchar(9)'];
  types.push('date', 'datetime', 'blob', '', 'mediumint', 'text_json', 'numeric', 'any');
  const literals = [
    'null',
    '0',
    '1',
    '-5',
    '2.0',
    '2.5',
    "'x'",
    "'7'",
    "x'01'",
    '9007199254740991',
  ];
  literals.push(
    '9007199254740993',
    '-9223372036854775808',
    '1e300',
    '140737488355328',
    "''",
    '1e20',
  );
  literals.push('1125899906842624.0', '-0.0', '9e999', "'2020-01-01'");
  const path = create(
    join(temporaryFolder(t), 'a.gpkg'),
    `create table l (fid integer primary key, geom, ${types.map((type, i) => `c${i} ${type}`).join()});` +
      literals
        .map((v) => `insert into l values (null, ${BOX}${`, ${v}`.repeat(types.length)});`)
        .join(''),
    [['l']],
  );
  const found = read(path);
  assert.equal(found.features.length, literals.length);
  const odd = found.features.filter((feature) => feature.odd).map((f) => literals[f.position - 1]);
  assert.ok(!odd.includes('null') && odd.includes("x'01'") && odd.includes('9007199254740993'));
  assert.deepEqual(found.values[1]!.slice(0, 6), [0, 0, 0, 0, 0, '0']);
});

test('a value is odd in a column of another kind only', (t) => {
  const folder = temporaryFolder(t);
  const cases: [type: string, literal: string, odd: boolean][] = [
    ['integer', '5', false],
    ['integer', '9007199254740991', false],
    ['integer', '-9007199254740991', false],
    ['integer', '9007199254740992', true],
    ['integer', '2.5', true],
    ['integer', "'x'", true],
    ['integer', "x'01'", true],
    ['boolean', '1', false],
    ['boolean', '1.5', true],
    ['real', '5', false],
    ['real', '1e300', false],
    ['decimal', '1125899906842624', false],
    ['decimal', '9007199254740993', true],
    ['real', "'x'", true],
    ['text', "''", false],
    ['text', "x''", true],
    ['date', "'2020-01-01'", false],
    ['date', '2020', true],
    ['blob', "x''", false],
    ['blob', "'x'", true],
    ['blob', '7', true],
  ];
  for (const [n, [type, literal, odd]] of cases.entries()) {
    const path = create(
      join(folder, `${n}.gpkg`),
      `create table l (fid integer primary key, a ${type}, geom);
        insert into l values (1, ${literal}, ${BOX}), (2, null, ${BOX})`,
      [['l']],
    );
    const { features } = read(path);
    assert.deepEqual(
      features.map((feature) => feature.odd),
      [odd, false],
      `${literal} in ${type}`,
    );
  }
});

test('any slices give the features of the whole, in its order', (t) => {
  const folder = temporaryFolder(t);
  const random = new Random(33);
  const kinds: Record<string, number[]> = {
    dense: Array.from({ length: 700 }, (_, i) => i + 1),
    sparse: Array.from({ length: 500 }, (_, i) => 1 + i ** 4),
    negative: Array.from({ length: 300 }, (_, i) => 3 * i - 450),
    clusters: Array.from({ length: 600 }, (_, i) => (i % 3) * 1e12 + i),
    edges: [1 - 2 ** 53, -(2 ** 40), -1, 0, 1, 5, 2 ** 40, 2 ** 53 - 2, 2 ** 53 - 1],
    single: [77],
    largest: [2 ** 53 - 1],
  };
  for (const [kind, ids] of Object.entries(kinds)) {
    const path = join(folder, `${kind}.gpkg`);
    create(path, 'create table l (fid integer primary key, geom, a text)', [['l']]);
    withDatabase(path, (db) => {
      const insert = db.prepare('insert into l values (?, ?, ?)');
      db.exec('begin');
      for (const id of ids) {
        insert.run(
          BigInt(id),
          id % 7 === 3 ? null : boxBlob(0, 0, 1, id),
          'x'.repeat((id % 9) & 7),
        );
      }
      db.exec('commit');
    });
    const whole = read(path);
    assert.equal(whole.rowsRead, ids.length);
    const source = openGeoPackage(path);
    const { bytes } = source.layers()[0]!;
    for (const wanted of [1, 2, 3, 7, 50, 1000]) {
      const slices = source.slices('l', bytes / wanted);
      assert.ok(slices.length <= wanted + 1 && slices.length >= 1);
      for (let i = 1; i < slices.length; i++) assert.equal(slices[i]!.start, slices[i - 1]!.end);
      const parts = slices.map((slice) =>
        readLayer(source, 'l', slice, { maxFeatures: 1 + random.integer(90) }),
      );
      assert.deepEqual(
        parts.flatMap((part) => part.features),
        whole.features,
      );
      assert.equal(
        parts.reduce((sum, part) => sum + part.rowsRead, 0),
        whole.rowsRead,
      );
    }
    source.close();
  }
});

test('an empty layer has no slices and no rows', (t) => {
  const path = create(join(temporaryFolder(t), 'a.gpkg'), 'create table l (geom, a)', [['l']]);
  const source = openGeoPackage(path);
  assert.deepEqual(source.slices('l', 1000), []);
  assert.equal(read(path).rowsRead, 0);
  source.close();
});

test('two layers of one source can be read in turns', (t) => {
  const path = create(
    join(temporaryFolder(t), 'a.gpkg'),
    ['l', 'm']
      .map(
        (name) => `create table ${name} (fid integer primary key, geom, a blob);
        with recursive n(i) as (select 1 union all select i + 1 from n where i < 1500)
        insert into ${name} select i, ${BOX}, zeroblob(6000 + i) from n;`,
      )
      .join(''),
    [['l'], ['m']],
  );
  const source = openGeoPackage(path);
  const alone = ['l', 'm'].map((layer) => readLayer(source, layer).features);
  const together: (typeof alone)[number][] = [[], []];
  const iterators = ['l', 'm'].map((layer, k) => {
    const step = collectStepwise(source, layer, together[k]!);
    return step;
  });
  for (let more = true; more; ) more = iterators.map((next) => next()).some((left) => left);
  assert.deepEqual(together[0], alone[0]);
  assert.deepEqual(together[1], alone[1]);
  source.close();
});

/** A function that reads the next batch of a layer; false at the end. */
function collectStepwise(
  source: ReturnType<typeof openGeoPackage>,
  layer: string,
  target: ReadResult['features'],
): () => boolean {
  const batches = { next: () => false };
  let iterator: Iterator<unknown> | undefined;
  collect((batch, options) => {
    const whole = { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY };
    const stream = source.read(layer, whole, batch, { ...options, maxFeatures: 100 });
    iterator = stream[Symbol.iterator]();
    batches.next = () => {
      const step = iterator!.next();
      if (step.done === true) return false;
      target.push(...collect(() => [batch]).features);
      return true;
    };
    return [];
  });
  return () => batches.next();
}

test('what is no GeoPackage is refused by name', (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'a.gpkg');
  withDatabase(path, (db) => db.exec('create table t (a)'));
  assert.throws(() => openGeoPackage(path), { code: 'input-format', message: /gpkg_contents/ });
  assert.throws(() => openSource(join(folder, 'none.GPKG')), { code: 'input-missing' });
  assert.throws(() => openSource(join(folder, 'a.txt')), {
    code: 'input-format',
    message: /\.shp/,
  });
  assert.throws(() => openSource(join(folder, 'gpkg')), { code: 'input-format' });
  const wrong = create(join(folder, 'b.gpkg'), 'create table l (a)', [['l', 'geom']]);
  assert.throws(() => openSource(wrong), { code: 'input-corrupt', message: /no column geom/ });
});
