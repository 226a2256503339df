/** Attribute values of every kind, and those of columns that came or went later. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Value } from '../../../src/core/columns.ts';
import { temporaryFolder } from '../sqlite/sqlite-fixture.ts';
import { BOX, create, readBoth } from './geopackage-fixture.ts';

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
  const found = readBoth(path);
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
  const found = readBoth(path);
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
  const found = readBoth(path);
  assert.deepEqual(found.columns, ['a text', 'd text']);
  assert.deepEqual(found.values, [['a', 'c']]);
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
  const found = readBoth(path);
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
    const { features } = readBoth(path);
    assert.deepEqual(
      features.map((feature) => feature.odd),
      [odd, false],
      `${literal} in ${type}`,
    );
  }
});
