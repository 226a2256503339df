/** Rows as bytes, checked against SQLite in both directions. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Value } from '../../../src/core/columns.ts';
import { Random } from '../../../src/core/random.ts';
import {
  RowWriter,
  readRow,
  readValue,
  serialTypeLength,
} from '../../../src/formats/sqlite/record.ts';
import { VarintReader, varintLength, writeVarint } from '../../../src/formats/sqlite/varint.ts';
import {
  integrityOf,
  readTable,
  recordOf,
  rootOf,
  select,
  temporaryFolder,
  withDatabase,
  writeTable,
} from './sqlite-fixture.ts';

/** Integers at the edges of every width that a record knows, and of doubles. */
const EDGES: bigint[] = [];
for (const bits of [0n, 7n, 8n, 15n, 16n, 23n, 24n, 31n, 32n, 47n, 48n, 52n, 53n, 62n]) {
  for (const near of [-2n, -1n, 0n, 1n, 2n]) {
    EDGES.push((1n << bits) + near, -(1n << bits) + near);
  }
}
EDGES.push(2n ** 63n - 1n, 2n ** 63n - 2n, -(2n ** 63n), -(2n ** 63n) + 1n);

const REALS = [
  0.5,
  -0.5,
  Math.PI,
  1e-300,
  5e-324,
  -5e-324,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  1,
  0,
  -0,
  2 ** 31,
  2 ** 47 - 1,
  2 ** 47,
  -(2 ** 47),
  -(2 ** 47) - 1,
  2 ** 53,
  2 ** 53 + 2,
  2 ** 63,
  -(2 ** 63),
  1e300,
  2 ** 47 + 0.5,
];

const TEXTS = [
  '',
  'a',
  'Grünland ☃ 氷楔 🧊',
  '\uFEFFwith a byte order mark',
  'nul \0 within',
  'é'.repeat(57),
  'x'.repeat(58),
  'x'.repeat(6000),
  '🧊'.repeat(5000),
];

const BLOBS = [0, 1, 57, 58, 8186, 8187, 100_000].map((n) => new Uint8Array(n).fill(n % 251));

/** A varint by the definition in the file format, on 64-bit integers. */
function varintOf(value: bigint): number[] {
  const bits = BigInt.asUintN(64, value);
  if (bits >> 56n !== 0n) {
    const groups = Array.from({ length: 8 }, (_, i) => Number((bits >> BigInt(57 - 7 * i)) & 127n));
    return [...groups.map((group) => group | 128), Number(bits & 255n)];
  }
  const bytes = [Number(bits & 127n)];
  for (let rest = bits >> 7n; rest > 0n; rest >>= 7n) bytes.unshift(Number(rest & 127n) | 128);
  return bytes;
}

const isSafe = (value: bigint): boolean => Number.isSafeInteger(Number(value));

test('varints of every length, negative ones included, are those of the file format', () => {
  const values = new Set(EDGES.filter(isSafe));
  for (let bits = 7n; bits <= 53n; bits += 7n) {
    for (const near of [-1n, 0n, 1n]) values.add((1n << bits) + near).add(-(1n << bits) + near);
  }
  const random = new Random(1);
  for (let i = 0; i < 2000; i++) {
    const value = BigInt(Math.floor(random.next() * 2 ** random.integer(54)));
    values.add(i % 2 === 0 ? value : -value);
  }
  const bytes = new Uint8Array(12);
  const reader = new VarintReader();
  const lengths = new Set<number>();
  for (const value of values) {
    bytes.fill(0xee);
    const end = writeVarint(bytes, 1, Number(value));
    assert.deepEqual([...bytes.subarray(1, end)], varintOf(value), `${value}`);
    assert.equal(bytes[end], 0xee);
    assert.equal(varintLength(Number(value)), end - 1);
    assert.equal(reader.read(bytes, 1), end);
    assert.equal(reader.value, Number(value));
    lengths.add(end - 1);
  }
  assert.deepEqual([...lengths].sort(), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('a varint that goes on past the end of the bytes is read without an error', () => {
  const reader = new VarintReader();
  for (let length = 0; length < 9; length++) {
    reader.read(new Uint8Array(length).fill(0xff), 0);
    assert.ok(Number.isFinite(reader.value));
  }
});

test('a varint of 64 bits beyond ±2^53 keeps its sign and its size', () => {
  const reader = new VarintReader();
  for (const value of EDGES.filter((edge) => !isSafe(edge))) {
    reader.read(Uint8Array.from(varintOf(value)), 0);
    assert.equal(reader.value, Number(value), `${value}`);
  }
});

test('SQLite reads the integers that RowWriter writes, in as few bytes as its own', (t) => {
  const path = join(temporaryFolder(t), 'ours.db');
  const theirs = join(temporaryFolder(t), 'theirs.db');
  const writer = new RowWriter();
  const records = EDGES.map((edge, i) => {
    writer.clear();
    if (isSafe(edge)) writer.integer(Number(edge));
    else writer.bigint(edge);
    return { rowid: i + 1, record: recordOf(writer) };
  });
  writeTable(path, 'CREATE TABLE t(a)', records);
  assert.equal(integrityOf(path), 'ok');
  withDatabase(path, (db) => {
    assert.deepEqual(
      select(db, 'select a, typeof(a) from t order by rowid'),
      EDGES.map((edge) => [edge, 'integer']),
    );
  });
  withDatabase(theirs, (db) => {
    db.exec('create table t(a)');
    const insert = db.prepare('insert into t values (?)');
    for (const edge of EDGES) insert.run(edge);
  });
  const expected = EDGES.map((edge) => (isSafe(edge) ? Number(edge) : edge));
  for (const file of [path, theirs]) {
    const rows = readTable(file, rootOf(file, 't'));
    assert.deepEqual(
      rows.map((row) => row.values[0]),
      expected,
    );
  }
});

test('reals: as SQLite packs them in REAL columns, as they are in others', (t) => {
  const path = join(temporaryFolder(t), 'reals.db');
  const writer = new RowWriter();
  writeTable(
    path,
    'CREATE TABLE t(r REAL, b)',
    REALS.map((real, i) => {
      writer.clear();
      writer.real(real);
      writer.double(real);
      return { rowid: i + 1, record: recordOf(writer) };
    }),
  );
  assert.equal(integrityOf(path), 'ok');
  const theirs = join(temporaryFolder(t), 'theirs.db');
  withDatabase(theirs, (db) => {
    db.exec('create table t(r real, b)');
    const insert = db.prepare('insert into t values (?, ?)');
    for (const real of REALS) insert.run(real, real);
  });
  const sql = 'select r, typeof(r), b, typeof(b) from t order by rowid';
  const ours = withDatabase(path, (db) => select(db, sql));
  assert.deepEqual(
    ours,
    // Packed as an integer, −0 becomes 0; SQLite does the same.
    REALS.map((real) => [Object.is(real, -0) ? 0 : real, 'real', real, 'real']),
  );
  assert.deepEqual(
    ours,
    withDatabase(theirs, (db) => select(db, sql)),
  );
  assert.deepEqual(readTable(path, rootOf(path, 't')), readTable(theirs, rootOf(theirs, 't')));
});

test('a NaN becomes NULL', () => {
  const writer = new RowWriter();
  writer.real(Number.NaN);
  writer.double(Number.NaN);
  writer.value(Number.NaN);
  assert.deepEqual([...writer.types.subarray(0, writer.typesLength)], [0, 0, 0]);
  assert.equal(writer.bodyLength, 0);
});

test('texts and blobs go to SQLite and come back as they were', (t) => {
  const path = join(temporaryFolder(t), 'texts.db');
  const writer = new RowWriter();
  const values = [...TEXTS, ...BLOBS];
  writeTable(
    path,
    'CREATE TABLE t(a)',
    values.map((value, i) => {
      writer.clear();
      writer.value(value);
      return { rowid: i + 1, record: recordOf(writer) };
    }),
  );
  assert.equal(integrityOf(path), 'ok');
  const selected = withDatabase(path, (db) => select(db, 'select a from t order by rowid'));
  assert.deepEqual(
    selected.map((row) => row[0]),
    values,
  );
  assert.deepEqual(
    readTable(path, rootOf(path, 't')).map((row) => row.values[0]),
    values,
  );
});

test('a lone surrogate becomes U+FFFD, as when SQLite is given it', (t) => {
  const writer = new RowWriter();
  const texts = ['\uD800', 'a\uDC00b', '\uDC00\uD800', 'end\uD83E'];
  for (const text of texts) writer.text(text);
  const ours = readRow(writer.types, 0, writer.typesLength, writer.body, 0);
  const path = join(temporaryFolder(t), 'theirs.db');
  const theirs = withDatabase(path, (db) => select(db, 'select ?, ?, ?, ?', ...texts));
  assert.deepEqual([ours], theirs);
  assert.ok(String(ours[1]).includes('\uFFFD'));
});

test('UTF-8 and values that are encoded already are copied byte by byte', () => {
  const source = new TextEncoder().encode('--氷楔--');
  const writer = new RowWriter();
  writer.utf8(source, 2, 8);
  writer.encoded(13 + 2 * 6, source, 2, 8);
  writer.encoded(2, Uint8Array.of(9, 0x12, 0x34, 9), 1, 3);
  assert.deepEqual(readRow(writer.types, 0, writer.typesLength, writer.body, 0), [
    '氷楔',
    '氷楔',
    0x1234,
  ]);
});

test('an integer of more than 64 bits is refused', () => {
  const writer = new RowWriter();
  assert.throws(() => writer.bigint(2n ** 63n), RangeError);
  assert.throws(() => writer.bigint(-(2n ** 63n) - 1n), RangeError);
});

test('the reserved serial types are NULL of no bytes, as in SQLite', () => {
  for (const type of [10, 11]) {
    assert.equal(serialTypeLength(type), 0);
    assert.equal(readValue(type, new Uint8Array(4), 0), null);
  }
});

/** A value of a random kind and size, and how SQLite gives it back (integers as bigint). */
function randomValue(random: Random): Value {
  switch (random.integer(7)) {
    case 0:
      return null;
    case 1:
      return EDGES[random.integer(EDGES.length)]!;
    case 2:
      return BigInt(random.integer(2)) as bigint;
    case 3:
      return random.normal() * 10 ** random.integer(300);
    case 4:
      return String.fromCodePoint(
        ...Array.from({ length: random.integer(60) }, () => 1 + random.integer(0xd000)),
      );
    case 5:
      return 'z'.repeat(random.integer(3000));
    default:
      return Uint8Array.from({ length: random.integer(200) }, () => random.integer(256));
  }
}

test('3,000 random rows of up to 20 values: SQLite reads ours, we read both', (t) => {
  const random = new Random(20240607);
  const rows = Array.from({ length: 3000 }, () =>
    Array.from({ length: 20 }, (_, column) =>
      column < 18 || random.integer(2) === 0 ? randomValue(random) : null,
    ),
  );
  const names = Array.from({ length: 20 }, (_, i) => `c${i}`).join(', ');
  const ours = join(temporaryFolder(t), 'ours.db');
  const theirs = join(temporaryFolder(t), 'theirs.db');
  const writer = new RowWriter();
  writeTable(
    ours,
    `CREATE TABLE t(${names})`,
    rows.map((row, i) => {
      writer.clear();
      for (const value of row) {
        if (typeof value === 'bigint' && isSafe(value)) writer.value(Number(value));
        else if (typeof value === 'number') writer.double(value);
        else writer.value(value);
      }
      return { rowid: i - 1500, record: recordOf(writer) };
    }),
  );
  assert.equal(integrityOf(ours), 'ok');
  withDatabase(theirs, (db) => {
    db.exec(`create table t(${names})`);
    const insert = db.prepare(`insert into t(rowid, ${names}) values (?${', ?'.repeat(20)})`);
    db.exec('begin');
    for (const [i, row] of rows.entries()) insert.run(i - 1500, ...row);
    db.exec('commit');
  });
  const sql = `select ${names} from t order by rowid`;
  assert.deepEqual(
    withDatabase(ours, (db) => select(db, sql)),
    rows,
  );
  const expected = rows.map((row, i) => ({
    rowid: i - 1500,
    values: row.map((v) => (typeof v === 'bigint' && isSafe(v) ? Number(v) : v)),
  }));
  assert.deepEqual(readTable(ours, rootOf(ours, 't')), expected);
  assert.deepEqual(readTable(theirs, rootOf(theirs, 't')), expected);
});
