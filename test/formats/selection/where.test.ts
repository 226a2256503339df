/** Conditions: rows for which they are true, against SQLite. */

import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { Column } from '../../../src/core/columns.ts';
import { TilewrightError } from '../../../src/core/errors.ts';
import { Random } from '../../../src/core/random.ts';
import { momentOfText } from '../../../src/formats/selection/moments.ts';
import { whereOf } from '../../../src/formats/selection/where.ts';
import { RowWriter } from '../../../src/formats/sqlite/record.ts';
import { COLUMNS, randomRow, randomWhere } from './random-where.ts';

const LAYER = {
  columns: [
    ...COLUMNS,
    { name: 'blob', type: 'blob' },
    { name: 'same', type: 'integer' },
    { name: 'Same', type: 'integer' },
  ] satisfies Column[],
  key: 'fid',
};

test('random conditions are true, false or unknown of the same rows as in SQLite', () => {
  const random = new Random(21);
  const rows = Array.from({ length: 400 }, () => randomRow(random));
  const db = new DatabaseSync(':memory:');
  db.exec('pragma case_sensitive_like = on');
  db.exec(
    'create table f (i integer, j integer, r real, t text, "a ""b""" text, flag boolean, day text)',
  );
  const insert = db.prepare('insert into f values (?, ?, ?, ?, ?, ?, ?)');
  const writers = rows.map((row) => {
    insert.run(
      ...row.map((value) => (Number.isSafeInteger(value) ? BigInt(value as number) : value)),
    );
    const writer = new RowWriter();
    for (const [k, value] of row.entries()) {
      if (k === 2 && value !== null) writer.real(value as number);
      else writer.value(value);
    }
    return writer;
  });
  const selected = (condition: string): number[] => {
    const { isTrue } = whereOf(condition, LAYER, 'x');
    return writers.flatMap(({ types, typesLength, body }, i) =>
      isTrue(types, 0, typesLength, body, 0) ? i + 1 : [],
    );
  };
  const inSqlite = (condition: string): unknown[] =>
    db
      .prepare(`select rowid from f where ${condition} order by 1`)
      .all()
      .map(({ rowid }) => rowid);
  let some = 0;
  for (let n = 0; n < 2500; n++) {
    const [ours, sqlite] = randomWhere(random);
    const found = selected(ours);
    assert.deepEqual(found, inSqlite(sqlite), ours);
    assert.deepEqual(selected(`not (${ours})`), inSqlite(`not (${sqlite})`), `not (${ours})`);
    if (found.length > 0 && found.length < rows.length) some++;
  }
  db.close();
  assert.ok(some > 1000, `${some} tell rows apart`);
});

/** The message of what is thrown. */
function refusal(where: string, code: string): string {
  try {
    whereOf(where, LAYER, 'a.gpkg');
  } catch (error) {
    assert.ok(error instanceof TilewrightError);
    assert.equal(error.code, code, where);
    return error.message;
  }
  throw new Error(`${where} is understood`);
}

test('what is no condition is told with its place', () => {
  const cases: [where: string, message: RegExp][] = [
    ['', /at its end: it is empty/],
    ['i >', /at its end: a value or a column is missing/],
    ['i > > 3', /at character 5, "> 3": a value or a column is missing/],
    ['i = 1 j = 2', /at character 7, "j = 2": AND or OR is missing/],
    ['i = 1 AND', /at its end/],
    ['(i = 1', /at its end: \) is missing/],
    ['i = 1)', /at character 6, "\)"/],
    ['lower(t) = 1', /at character 6, "\(t\) = 1": functions are not known/],
    ["t = 'a", /at character 5, "'a": the ' is not closed/],
    ['i * 2 = 4', /at character 3, "\* 2 = 4": that is no part/],
    ['1 < i < 3', /at character 7, "< 3": comparisons are not chained/],
    ['i in (1, j)', /at character 10, "j\)": IN has values, no columns/],
    ['i in ()', /character 7/],
    ['i between 1', /at its end: BETWEEN has an AND/],
    ['i is 3', /at character 6, "3": after IS comes NULL/],
    ['i not = 3', /at character 7, "= 3": after NOT comes/],
    ['t like t', /at character 8, "t": LIKE has a pattern/],
    ["t like 'a!' escape '!'", /ends with the character of ESCAPE/],
    ["t like 'a' escape 'ab'", /ESCAPE has one character/],
    ['5', /a value alone is no condition/],
    ['i = (j = 1)', /a column or a value is wanted here/],
    ["day > DATE '2020-02-30'", /at character 7, .* no date such as/],
    ["day > TIMESTAMP 'now'", /no timestamp such as/],
    ['i = 1x', /a number goes over into a word/],
    [`${'('.repeat(101)}i = 1${')'.repeat(101)}`, /more than 100 levels/],
    [`${'not '.repeat(5000)}flag`, /more than 100 levels/],
    [`i = ${'1'.repeat(100_001)}`, /too long: it has 100,005 characters/],
  ];
  for (const [where, message] of cases) assert.match(refusal(where, 'config-invalid'), message);
});

test('columns that are not there, and types that do not go together, are told', () => {
  const cases: [where: string, message: RegExp][] = [
    [
      'flg',
      /^a\.gpkg can't be selected from by where: There is no column flg\. Did you mean flag\?/,
    ],
    ['t = "lake"', /There is no column lake\. A text goes in 'single quotes'/],
    ['fid > 3', /The column fid numbers the rows: .* --keep-primary-key/],
    ["i = 'a'", /i \(integer\) can't be compared with the text 'a'\.$/],
    ["i = '5'", /Write the number without quotes/],
    ['t = 5', /t \(text\) can't be compared with the number 5\. Write it in single quotes/],
    ['t = r', /t \(text\) can't be compared with r \(real\)/],
    ['day > 2020', /day \(date\) can't be compared with the number 2020/],
    ["day > '2020'", /'2020' is compared with a date, and is none such as/],
    ["i like '1%'", /LIKE is for texts, and i \(integer\) is none/],
    ['t', /t \(text\) alone is no condition/],
    ['blob = 1', /blob \(blob\) can't be compared; IS NULL/],
    ['SAME = 1', /It has same and Same: write one of these exactly/],
  ];
  for (const [where, message] of cases) assert.match(refusal(where, 'input-selection'), message);
});

test('moments are the same in every form, as Date has them', () => {
  const random = new Random(22);
  const two = (value: number): string => String(value).padStart(2, '0');
  for (let n = 0; n < 2000; n++) {
    const date = new Date(random.next() * 2 * 253_402_300_799_000 - 62_135_596_800_000);
    if (date.getUTCFullYear() > 9999) continue;
    const iso = date.toISOString();
    const ms = date.getTime();
    assert.equal(momentOfText(iso), ms, iso);
    assert.equal(momentOfText(iso.replace('T', ' ').slice(0, -1)), ms, iso);
    const zone = random.integer(24 * 60) - 12 * 60;
    const there = new Date(ms + zone * 60_000).toISOString();
    const offset = `${zone < 0 ? '-' : '+'}${two(Math.floor(Math.abs(zone) / 60))}:${two(Math.abs(zone) % 60)}`;
    if (/^\d{4}-/.test(there)) assert.equal(momentOfText(there.slice(0, -1) + offset), ms);
    assert.equal(momentOfText(iso.slice(0, 10)), Date.parse(iso.slice(0, 10)));
  }
  const none = [
    '',
    '2020',
    '2020-13-01',
    '2021-02-29',
    '1900-02-29',
    '2020-01-01T',
    '2020-01-01T24:00',
  ];
  const others = [
    '2020-01-01T1:00',
    '2020-01-01Z',
    '2020-01-01T10:00+1',
    '2020-01-01T10:00:00.Z',
    'ä020-01-01',
  ];
  for (const text of [...none, ...others]) assert.ok(Number.isNaN(momentOfText(text)), text);
});

test('dates are compared with texts, DATE and TIMESTAMP as moments', () => {
  const writer = new RowWriter();
  const columns: Column[] = [
    { name: 'at', type: 'datetime' },
    { name: 'day', type: 'date' },
    { name: 'note', type: 'text' },
  ];
  writer.text('2020-05-01T12:00:00+02:00');
  writer.text('2020-05-01');
  writer.text('2020-05-02');
  const isTrue = (where: string): boolean =>
    whereOf(where, { columns, key: null }, 'x').isTrue(
      writer.types,
      0,
      writer.typesLength,
      writer.body,
      0,
    );
  assert.ok(isTrue("at = '2020-05-01 10:00'"));
  assert.ok(
    isTrue(
      "at in (TIMESTAMP '2020-05-01T10:00:00.000Z') AND at between '2020-05-01' and DATE '2020-05-02'",
    ),
  );
  assert.ok(isTrue('at > day AND day < note'));
  assert.ok(isTrue("day like '2020-%' and day = DATE '2020-05-01' and note > DATE '2020-05-01'"));
  assert.ok(!isTrue("day <> '2020-05-01'"));
  assert.ok(isTrue("note > '2020-05-01T23'"));
});
