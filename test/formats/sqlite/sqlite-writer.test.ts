/** Databases written page by page, judged by SQLite: sound, with the rows that were given. */

import assert from 'node:assert/strict';
import { readFileSync, rmSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { OutputFile } from '../../../src/core/files/output-file.ts';
import { Random } from '../../../src/core/random.ts';
import { DatabaseWriter, type SchemaEntry } from '../../../src/formats/sqlite/database-writer.ts';
import { RowWriter } from '../../../src/formats/sqlite/record.ts';
import { localPayload } from '../../../src/formats/sqlite/table-page.ts';
import { TableWriter, writeIndex } from '../../../src/formats/sqlite/table-writer.ts';
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

interface Row {
  rowid: number;
  record: Uint8Array;
}

const writer = new RowWriter();

/** A record of exactly `length` bytes that holds one blob. */
function recordOfLength(length: number, fill: number): Uint8Array {
  for (let blob = Math.max(0, length - 12); blob < length; blob++) {
    writer.clear();
    writer.blob(new Uint8Array(blob).fill(fill));
    const record = recordOf(writer);
    if (record.length === length) return record;
  }
  throw new Error(`no record has ${length} bytes`);
}

function blobLength(record: Uint8Array): number {
  return record.length - record[0]!;
}

/** Whether the database is sound and holds these rows, for SQLite and for our own reader. */
function check(path: string, rows: readonly Row[]): void {
  assert.equal(integrityOf(path), 'ok');
  const found = withDatabase(path, (db) => select(db, 'select rowid, a from t order by rowid'));
  const own = readTable(path, rootOf(path, 't'));
  assert.equal(found.length, rows.length);
  assert.equal(own.length, rows.length);
  for (const [i, { rowid, record }] of rows.entries()) {
    const blob = found[i]![1] as Uint8Array;
    assert.equal(Number(found[i]![0]), rowid);
    assert.ok(Buffer.from(blob).equals(record.subarray(record.length - blob.length)));
    assert.equal(own[i]!.rowid, rowid);
    assert.ok(Buffer.from(blob).equals(own[i]!.values[0] as Uint8Array));
  }
}

for (const pageSize of [512, 1024, 4096, 8192, 65_536]) {
  test(`rows around every limit of pages of ${pageSize} bytes`, (t) => {
    const path = join(temporaryFolder(t), 'a.db');
    const least = Math.floor(((pageSize - 12) * 32) / 255) - 23;
    const most = pageSize - 35;
    const edges = [2, 100, 127, 128, least, most, 16_383, 16_384];
    for (let pages = 0; pages < 5; pages++) {
      // Where an overflow page is full, and where what stays on the leaf jumps to the least.
      edges.push(least + pages * (pageSize - 4), most + pages * (pageSize - 4));
    }
    const lengths = new Set<number>();
    for (const edge of edges) for (let d = -3; d <= 3; d++) lengths.add(Math.max(2, edge + d));
    // A blob's serial type takes another byte at 58 and at 8,186 bytes: no record has some lengths.
    const rows: Row[] = [];
    for (const length of lengths) {
      try {
        rows.push({ rowid: rows.length + 1, record: recordOfLength(length, rows.length & 255) });
      } catch {
        assert.ok(length === 60 || length === 8190 || length < 3, `${length}`);
      }
    }
    assert.ok(rows.length > 80);
    const locals = rows.map(({ record }) => localPayload(record.length, pageSize));
    assert.ok(locals.includes(most) && locals.includes(least));
    writeTable(path, 'CREATE TABLE t(a)', rows, pageSize);
    check(path, rows);
    for (const row of [rows[0]!, rows.at(-1)!]) {
      writeTable(path, 'CREATE TABLE t(a)', [row], pageSize);
      check(path, [row]);
    }
  });
}

test('every number of rows up to 150, and around what the levels of a tree hold', (t) => {
  const path = join(temporaryFolder(t), 'a.db');
  const record = recordOfLength(200, 7);
  const counts = Array.from({ length: 151 }, (_, n) => n);
  // Two rows a leaf; an interior page holds 62 or 63 leaves.
  for (const around of [124, 126, 186, 248, 252, 378, 62 * 124, 63 * 126]) {
    for (let d = -4; d <= 4; d++) counts.push(around + d);
  }
  const depths = new Set<number>();
  for (const count of counts) {
    const rows = Array.from({ length: count }, (_, i) => ({ rowid: i + 1, record }));
    writeTable(path, 'CREATE TABLE t(a)', rows, 512);
    assert.equal(integrityOf(path), 'ok', `${count} rows`);
    const ids = withDatabase(path, (db) => select(db, 'select count(*), max(rowid) from t'))[0]!;
    assert.deepEqual(ids.map(Number), [count, count === 0 ? 0 : count]);
    const bytes = readFileSync(path);
    let depth = 1;
    let page = rootOf(path, 't');
    for (; bytes[(page - 1) * 512] === 5; depth++) page = bytes.readUInt32BE((page - 1) * 512 + 8);
    depths.add(depth);
  }
  assert.deepEqual([...depths].sort(), [1, 2, 3, 4]);
});

test('ids that are sparse, negative and as large as a double counts', (t) => {
  const path = join(temporaryFolder(t), 'a.db');
  const random = new Random(4);
  const ids = new Set([1 - 2 ** 53, -(2 ** 47), -129, -128, -1, 0, 1, 127, 128, 2 ** 53 - 1]);
  for (let i = 0; i < 3000; i++) {
    ids.add(Math.floor((2 * random.next() - 1) * 2 ** random.integer(54)));
  }
  const rows = [...ids]
    .sort((a, b) => a - b)
    .map((rowid, i) => ({ rowid, record: recordOfLength(5 + (i % 50), i & 255) }));
  for (const pageSize of [512, 4096]) {
    writeTable(path, 'CREATE TABLE t(a)', rows, pageSize);
    check(path, rows);
  }
});

test('the shortest records, deleted and inserted again', (t) => {
  const path = join(temporaryFolder(t), 'a.db');
  const rows = Array.from({ length: 2000 }, (_, i) => ({
    rowid: i + 1,
    record: Uint8Array.of(2, 0),
  }));
  writeTable(path, 'CREATE TABLE t(a)', rows, 512);
  assert.equal(integrityOf(path), 'ok');
  withDatabase(path, (db) => {
    db.exec('delete from t where rowid % 3 = 0; insert into t values (1), (null)');
    assert.deepEqual(select(db, 'select count(*), count(a) from t'), [[1336n, 1n]]);
  });
  assert.equal(integrityOf(path), 'ok');
});

test('SQLite goes on with a database: inserts, updates, deletes, vacuum', (t) => {
  const path = join(temporaryFolder(t), 'a.db');
  const random = new Random(6);
  for (const pageSize of [512, 4096, 65_536]) {
    const rows = Array.from({ length: 500 }, (_, i) => ({
      rowid: 3 * i,
      record: recordOfLength(5 + random.integer(50) ** 2, i & 255),
    }));
    writeTable(path, 'CREATE TABLE t(a)', rows, pageSize);
    withDatabase(path, (db) => {
      db.exec(`delete from t where rowid % 2 = 0;
        insert into t(rowid, a) select rowid + 1, zeroblob(3000) from t;
        update t set a = zeroblob(length(a) + 700) where rowid % 5 = 0;
        create index i on t(length(a))`);
      assert.deepEqual(select(db, 'select count(*) from t'), [[500n]]);
      assert.equal(integrityOf(path), 'ok');
      db.exec('vacuum');
    });
    assert.equal(integrityOf(path), 'ok');
  }
});

function writeSchema(path: string, pageSize: number, lengths: number[]): SchemaEntry[] {
  rmSync(path, { force: true });
  const output = OutputFile.create(path);
  const database = new DatabaseWriter(output, { pageSize, applicationId: 1, userVersion: 2 });
  const entries = lengths.map((length, n): SchemaEntry => {
    const sql = `CREATE TABLE t${n}(${'x'.repeat(length)})`;
    const rootPage = new TableWriter(database).finish();
    return { type: 'table', name: `t${n}`, table: `t${n}`, rootPage, sql };
  });
  database.finish(entries);
  output.close();
  return entries;
}

test('schemas of every length around what page 1 holds, and of many tables', (t) => {
  const path = join(temporaryFolder(t), 'a.db');
  const schemas: number[][] = [[]];
  for (let length = 1; length < 520; length++) schemas.push([length]);
  for (let n = 2; n < 30; n++) schemas.push(Array(n).fill(5), Array(n).fill(90));
  schemas.push(Array(150).fill(100), Array(300).fill(100), Array(700).fill(150));
  for (const lengths of schemas) {
    const entries = writeSchema(path, 512, lengths);
    assert.equal(integrityOf(path), 'ok', `${lengths.length} tables of ${lengths[0]}`);
    const found = withDatabase(path, (db) => select(db, 'select name, sql from sqlite_schema'));
    assert.deepEqual(
      found,
      entries.map((entry) => [entry.name, entry.sql]),
    );
    assert.equal(readTable(path, 1).length, lengths.length);
  }
  // The database can grow from there, with a root that has a single child too.
  for (const length of [330, 360, 390, 420]) {
    writeSchema(path, 512, [length]);
    withDatabase(path, (db) => db.exec('create table more (a); insert into t0 values (1)'));
    assert.equal(integrityOf(path), 'ok');
  }
});

test('the header says what it was given', (t) => {
  const path = join(temporaryFolder(t), 'a.db');
  for (const pageSize of [512, 4096, 65_536]) {
    writeTable(path, 'CREATE TABLE t(a)', [], pageSize);
    withDatabase(path, (db) => {
      const pragma = (name: string): unknown =>
        Object.values(db.prepare(`pragma ${name}`).get()!)[0];
      assert.equal(pragma('page_size'), pageSize);
      assert.equal(pragma('application_id'), 7);
      assert.equal(pragma('user_version'), 9);
      assert.equal(pragma('encoding'), 'UTF-8');
      assert.equal(pragma('journal_mode'), 'delete');
      assert.equal(pragma('page_count'), statSync(path).size / pageSize);
    });
  }
});

test('the same rows give the same bytes', (t) => {
  const folder = temporaryFolder(t);
  const rows = (): Row[] => {
    const random = new Random(8);
    return Array.from({ length: 2000 }, (_, i) => ({
      rowid: i + 1,
      record: recordOfLength(5 + random.integer(60) ** 2, random.integer(256)),
    }));
  };
  const [first, second] = ['a.db', 'b.db'].map((name) => {
    const path = join(folder, name);
    writeTable(path, 'CREATE TABLE t(a)', rows());
    // In between, another database uses the shared buffers.
    writeTable(join(folder, 'other.db'), 'CREATE TABLE t(a)', rows().slice(0, 700), 512);
    return readFileSync(path);
  });
  assert.ok(first!.length > 1 << 20 && first!.equals(second!));
});

test('an index finds its row; one that takes more than its page is refused', (t) => {
  const path = join(temporaryFolder(t), 'a.db');
  const write = (name: string, pageSize: number): void => {
    rmSync(path, { force: true });
    const output = OutputFile.create(path);
    try {
      const database = new DatabaseWriter(output, { pageSize, applicationId: 1, userVersion: 1 });
      const table = new TableWriter(database);
      table.addRow(1, [name, 5]);
      const root = table.finish();
      const index = writeIndex(database, [[name, 1]]);
      const sql = 'CREATE TABLE t(a TEXT UNIQUE, b)';
      database.finish([
        { type: 'table', name: 't', table: 't', rootPage: root, sql },
        { type: 'index', name: 'sqlite_autoindex_t_1', table: 't', rootPage: index, sql: null },
      ]);
    } finally {
      output.close();
    }
  };
  for (const pageSize of [512, 4096]) {
    const longest = Math.floor(((pageSize - 12) * 64) / 255) - 23;
    // The record's head takes 3 or 4 bytes, the rowid none.
    for (const length of [1, 50, 90, longest - 6, longest - 4, longest - 3]) {
      const name = 'é'.repeat(length >> 1) + 'x'.repeat(length & 1);
      try {
        write(name, pageSize);
      } catch (error) {
        assert.ok(error instanceof RangeError && length > longest - 4);
        continue;
      }
      assert.equal(integrityOf(path), 'ok', `${length} of ${longest}`);
      const sql = 'select b from t indexed by sqlite_autoindex_t_1 where a = ?';
      assert.deepEqual(
        withDatabase(path, (db) => select(db, sql, name)),
        [[5n]],
      );
    }
    assert.throws(() => write('x'.repeat(longest), pageSize), RangeError);
  }
});

/** Bytes that the test of a large database writes, and keeps for a moment. */
const LARGE = 1.2e9;

test('a database of more than 1 GiB leaves the page of the locks alone', (t) => {
  const folder = temporaryFolder(t);
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < 4 * LARGE) {
    t.skip(`less than ${4 * LARGE} bytes are free`);
    return;
  }
  const path = join(folder, 'large.db');
  const record = recordOfLength(30_000_000, 3);
  const small = recordOfLength(20_000, 4);
  rmSync(path, { force: true });
  const output = OutputFile.create(path);
  const database = new DatabaseWriter(output, {
    pageSize: 65_536,
    applicationId: 1,
    userVersion: 1,
  });
  const table = new TableWriter(database);
  const count = 36;
  for (let rowid = 1; rowid <= count; rowid++) table.add(rowid, record, 0, record.length);
  for (let rowid = count + 1; rowid <= count + 9; rowid++) table.add(rowid, small, 0, small.length);
  const rootPage = table.finish();
  const sql = 'CREATE TABLE t(a)';
  database.finish([{ type: 'table', name: 't', table: 't', rootPage, sql }]);
  output.close();
  assert.ok(statSync(path).size > 2 ** 30 + 65_536);
  assert.equal(integrityOf(path), 'ok');
  withDatabase(path, (db) => {
    assert.deepEqual(select(db, 'select count(*), sum(length(a)) from t'), [
      [BigInt(count + 9), BigInt(count * blobLength(record) + 9 * blobLength(small))],
    ]);
  });
  rmSync(path);
});
