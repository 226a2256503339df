/** Rows read off the pages of databases that SQLite wrote, against SQLite's own answers. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { Value } from '../../../src/core/columns.ts';
import { Random } from '../../../src/core/random.ts';
import { isPlain, PageFile } from '../../../src/formats/sqlite/page-file.ts';
import { TableCursor } from '../../../src/formats/sqlite/table-cursor.ts';
import {
  type CursorRow,
  cursorRows,
  integrityOf,
  readTable,
  rootOf,
  select,
  temporaryFolder,
  withDatabase,
} from './sqlite-fixture.ts';

const PAGE_SIZES = [512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536];

/** Rows of 0 to 200,000 bytes, most of them small. */
function randomBlob(random: Random): Uint8Array {
  const length = Math.floor(random.next() ** 6 * 200_000);
  return new Uint8Array(length).fill(1 + random.integer(255));
}

/** Inserts rows in random order at sparse ids, deletes many, inserts others into the free room. */
function fill(db: DatabaseSync, random: Random, ids: number[]): void {
  db.exec('create table t (id integer primary key, a blob, b, c text)');
  const insert = db.prepare('insert or replace into t values (?, ?, ?, ?)');
  const remove = db.prepare('delete from t where id = ?');
  const add = (id: number): void => {
    insert.run(BigInt(id), randomBlob(random), random.integer(1000), 'x'.repeat(random.integer(9)));
  };
  for (let round = 0; round < 3; round++) {
    db.exec('begin');
    for (const id of ids) if (random.integer(3) > 0) add(id);
    for (const id of ids) if (random.integer(3) === 0) remove.run(BigInt(id));
    db.exec('commit');
  }
}

const ID_KINDS: Record<string, (random: Random, n: number) => number> = {
  dense: (_, n) => n + 1,
  sparse: (random, n) => 1000 * n + random.integer(1000),
  negative: (random, n) => -3 * n - random.integer(3),
  mixed: (random) => Math.floor((2 * random.next() - 1) * 2 ** random.integer(54)),
};

function randomIds(random: Random, kind: string, count: number): number[] {
  const ids = Array.from({ length: count }, (_, n) => ID_KINDS[kind]!(random, n));
  if (kind === 'mixed') ids.push(2 ** 53 - 1, 1 - 2 ** 53, 0, -1, -2, -128, 2 ** 31, -(2 ** 31));
  for (let i = ids.length - 1; i > 0; i--) {
    const k = random.integer(i + 1);
    [ids[i], ids[k]] = [ids[k]!, ids[i]!];
  }
  return [...new Set(ids)];
}

/** Long values in short: a difference between them can be shown. */
function digest(value: Value): Value {
  if (typeof value === 'bigint') return Number(value);
  if (!(value instanceof Uint8Array)) return value;
  return `${value.length} bytes ${createHash('md5').update(value).digest('hex')}`;
}

function digestRow({ rowid, values }: CursorRow): CursorRow {
  return { rowid, values: values.map(digest) };
}

/** All rows, and rows from many places on, are what SQLite selects. Returns how many there are. */
function compareWithSql(path: string, random: Random): number {
  const expected = withDatabase(path, (db) => select(db, 'select id, a, b, c from t order by id'));
  const rows = expected.map(([id, a, b, c]) => ({
    rowid: Number(id),
    values: [null, digest(a!), digest(b!), digest(c!)],
  }));
  const root = rootOf(path, 't');
  const all = readTable(path, root).map(digestRow);
  assert.equal(all.length, rows.length);
  // One by one: the difference of two long lists takes minutes to show.
  for (const [i, row] of rows.entries()) assert.deepEqual(all[i], row);
  const pages = new PageFile(path);
  const cursor = new TableCursor(pages, root);
  const edges = { first: rows[0]!.rowid, last: rows.at(-1)!.rowid };
  assert.deepEqual(cursor.edges(), edges);
  const starts = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 2 ** 53, -(2 ** 53), 0.5];
  for (let n = 0; n < 60 && rows.length > 0; n++) {
    starts.push(rows[random.integer(rows.length)]!.rowid + random.integer(3) - 1);
  }
  for (const start of starts) {
    const from = rows.findIndex((row) => row.rowid >= start);
    const some = from < 0 ? [] : rows.slice(from, from + 3);
    assert.deepEqual([...cursorRows(cursor, start, 3)].map(digestRow), some, `from ${start}`);
  }
  pages.close();
  return rows.length;
}

for (const pageSize of PAGE_SIZES) {
  test(`pages of ${pageSize} bytes: long rows, deleted rows, ids of all kinds`, (t) => {
    const folder = temporaryFolder(t);
    const random = new Random(pageSize);
    for (const kind of Object.keys(ID_KINDS)) {
      const path = join(folder, `${kind}.db`);
      const free = withDatabase(path, (db) => {
        db.exec(`pragma page_size = ${pageSize}; pragma journal_mode = off`);
        fill(db, random, randomIds(random, kind, 250));
        return Number(db.prepare('pragma freelist_count').get()!['freelist_count']);
      });
      assert.ok(free > 0, 'there are free pages');
      assert.ok(compareWithSql(path, random) > 80);
    }
  });
}

test('100,000 rows on pages of 512 bytes: many levels', (t) => {
  const path = join(temporaryFolder(t), 'deep.db');
  withDatabase(path, (db) => {
    db.exec(`pragma page_size = 512; pragma journal_mode = off;
      create table t (id integer primary key, a, b, c);
      with recursive n(i) as (select 1 union all select i + 1 from n where i < 100000)
      insert into t select i * 7 - 350000, i, zeroblob(40 + i % 30), 'c' || i from n;
      delete from t where id % 5 = 0`);
  });
  const pages = new PageFile(path);
  const root = rootOf(path, 't');
  let depth = 1;
  // The right-most child of each page whose first byte says that it is an interior one.
  for (let page = root; pages.uint32(page, 0) >>> 24 === 5; depth++) page = pages.uint32(page, 8);
  pages.close();
  assert.ok(depth >= 4, `${depth} levels`);
  assert.equal(compareWithSql(path, new Random(1)), 80_000);
});

for (const mode of ['full', 'incremental']) {
  test(`auto_vacuum = ${mode}: pointer-map pages among the others`, (t) => {
    const folder = temporaryFolder(t);
    const random = new Random(9);
    for (const pageSize of [512, 4096]) {
      const path = join(folder, `${pageSize}.db`);
      withDatabase(path, (db) => {
        db.exec(`pragma page_size = ${pageSize}; pragma auto_vacuum = ${mode};
          pragma journal_mode = off`);
        fill(db, random, randomIds(random, 'sparse', 400));
        if (mode === 'incremental') db.exec('pragma incremental_vacuum(20)');
      });
      assert.ok(readFileSync(path).readUInt32BE(52) > 0, 'the header says auto_vacuum');
      assert.ok(compareWithSql(path, random) > 100);
    }
  });
}

test('pages of which some bytes are reserved', (t) => {
  const folder = temporaryFolder(t);
  const random = new Random(10);
  for (const [pageSize, reserved] of [
    [512, 32],
    [1024, 1],
    [4096, 255],
    [65_536, 24],
  ] as const) {
    const path = join(folder, `${pageSize}.db`);
    withDatabase(path, (db) => db.exec(`pragma page_size = ${pageSize}; pragma user_version = 1`));
    // SQLite keeps what an empty database says of its reserved bytes.
    const bytes = readFileSync(path);
    bytes[20] = reserved;
    bytes.writeUInt16BE(pageSize - reserved, 105);
    writeFileSync(path, bytes);
    withDatabase(path, (db) => {
      db.exec('pragma journal_mode = off');
      fill(db, random, randomIds(random, 'dense', 300));
    });
    assert.equal(integrityOf(path), 'ok');
    const pages = new PageFile(path);
    assert.equal(pages.usableSize, pageSize - reserved);
    pages.close();
    assert.ok(compareWithSql(path, random) > 100);
  }
});

test('the schema, whose root is page 1: on one page, and on many', (t) => {
  const folder = temporaryFolder(t);
  for (const tables of [0, 1, 3, 300]) {
    const path = join(folder, `${tables}.db`);
    const expected = withDatabase(path, (db) => {
      db.exec('pragma page_size = 512; pragma journal_mode = off; pragma user_version = 1');
      for (let n = 0; n < tables; n++) {
        db.exec(`create table t${n} (a text, "column ${'x'.repeat(n)}")`);
      }
      return select(db, 'select rowid, type, name, tbl_name, rootpage, sql from sqlite_schema');
    });
    const rows = readTable(path, 1).map(({ rowid, values }) => [rowid, ...values]);
    assert.deepEqual(
      rows,
      expected.map((row) => row.map((v) => (typeof v === 'bigint' ? Number(v) : v))),
    );
    assert.equal(rows.length, tables);
  }
});

test('an empty table has no rows, wherever one starts', (t) => {
  const path = join(temporaryFolder(t), 'empty.db');
  withDatabase(path, (db) => db.exec('create table t (a)'));
  const root = rootOf(path, 't');
  for (const start of [Number.NEGATIVE_INFINITY, -5, 0, 5]) {
    assert.deepEqual(readTable(path, root, start), []);
  }
  const pages = new PageFile(path);
  assert.equal(new TableCursor(pages, root).edges(), null);
  pages.close();
});

test('two cursors on one file do not disturb each other', (t) => {
  const path = join(temporaryFolder(t), 'big.db');
  withDatabase(path, (db) => {
    db.exec(`pragma page_size = 4096; create table t (id integer primary key, a, b, c);
      with recursive n(i) as (select 1 union all select i + 1 from n where i < 4000)
      insert into t select i, i, zeroblob(2000 + i % 5000), 'c' from n`);
  });
  assert.ok(statSync(path).size > 12 << 20, 'the cache holds a part of it');
  const pages = new PageFile(path);
  const root = rootOf(path, 't');
  const cursors = [1, 2001].map((start) => {
    const cursor = new TableCursor(pages, root);
    cursor.seek(start);
    return { cursor, expected: start };
  });
  let read = 0;
  for (let more = true; more; ) {
    more = false;
    for (const state of cursors) {
      for (let k = 0; k < 700 && state.cursor.next(); k++) {
        assert.equal(state.cursor.rowid, state.expected++);
        read++;
        more = true;
      }
    }
  }
  assert.equal(read, 6000);
  pages.close();
});

test('a file is plain without a journal and without a write-ahead log that holds something', (t) => {
  const path = join(temporaryFolder(t), 'a.db');
  withDatabase(path, (db) => db.exec('create table t (a)'));
  assert.equal(isPlain(path), true);
  writeFileSync(`${path}-wal`, '');
  assert.equal(isPlain(path), true);
  writeFileSync(`${path}-wal`, 'x');
  assert.equal(isPlain(path), false);
  writeFileSync(`${path}-wal`, '');
  writeFileSync(`${path}-journal`, '');
  assert.equal(isPlain(path), false);
});

test('a database that SQLite keeps in write-ahead mode, after it was closed', (t) => {
  const path = join(temporaryFolder(t), 'wal.db');
  const random = new Random(12);
  withDatabase(path, (db) => {
    db.exec('pragma journal_mode = wal');
    fill(db, random, randomIds(random, 'dense', 200));
  });
  assert.equal(existsSync(`${path}-wal`), false);
  const copy = `${path}-copy`;
  copyFileSync(path, copy);
  assert.ok(compareWithSql(copy, random) > 50);
});

test('a file that was written since it was opened is told', (t) => {
  const path = join(temporaryFolder(t), 'a.db');
  withDatabase(path, (db) => db.exec('create table t (a)'));
  const pages = new PageFile(path);
  pages.checkUnchanged();
  withDatabase(path, (db) => db.exec('insert into t values (zeroblob(100000))'));
  assert.throws(() => pages.checkUnchanged(), { code: 'input-unreadable', retryable: true });
  pages.close();
});
