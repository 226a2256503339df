/** SQLite databases for tests: written by the project and by SQLite itself. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import type { TestContext } from 'node:test';
import type { Value } from '../../../src/core/columns.ts';
import { OutputFile } from '../../../src/core/files/output-file.ts';
import { DatabaseWriter } from '../../../src/formats/sqlite/database-writer.ts';
import { PageFile } from '../../../src/formats/sqlite/page-file.ts';
import { type RowWriter, readRow, recordHeaderLength } from '../../../src/formats/sqlite/record.ts';
import { TableCursor } from '../../../src/formats/sqlite/table-cursor.ts';
import { TableWriter } from '../../../src/formats/sqlite/table-writer.ts';
import { VarintReader, writeVarint } from '../../../src/formats/sqlite/varint.ts';

/** A folder of its own for a test, removed when the test ends. */
export function temporaryFolder(t: Pick<TestContext, 'after'>): string {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A whole record from what a RowWriter holds. */
export function recordOf(writer: RowWriter): Uint8Array {
  const header = recordHeaderLength(writer.typesLength);
  const record = new Uint8Array(header + writer.bodyLength);
  record.set(writer.types.subarray(0, writer.typesLength), writeVarint(record, 0, header));
  record.set(writer.body.subarray(0, writer.bodyLength), header);
  return record;
}

/** Writes a database of the one table t with the project's writer. @param sql - its CREATE TABLE */
export function writeTable(
  path: string,
  sql: string,
  rows: Iterable<{ rowid: number; record: Uint8Array }>,
  pageSize = 4096,
): void {
  rmSync(path, { force: true });
  const output = OutputFile.create(path);
  try {
    const database = new DatabaseWriter(output, { pageSize, applicationId: 7, userVersion: 9 });
    const table = new TableWriter(database);
    for (const { rowid, record } of rows) table.add(rowid, record, 0, record.length);
    const rootPage = table.finish();
    database.finish([{ type: 'table', name: 't', table: 't', rootPage, sql }]);
  } finally {
    output.close();
  }
}

/** Opens a database, runs the statements and the function, closes it. */
export function withDatabase<T>(path: string, run: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  try {
    return run(db);
  } finally {
    db.close();
  }
}

/** What SQLite says: 'ok' for a sound database. */
export function integrityOf(path: string): string {
  return withDatabase(path, (db) =>
    db
      .prepare('pragma integrity_check')
      .all()
      .map((row) => String(row['integrity_check']))
      .join('\n'),
  );
}

/** All rows of a query as arrays; every integer is a bigint, so that storage classes can be told. */
export function select(db: DatabaseSync, sql: string, ...values: SQLInputValue[]): Value[][] {
  const statement = db.prepare(sql);
  statement.setReadBigInts(true);
  statement.setReturnArrays(true);
  return statement.all(...values) as unknown as Value[][];
}

/** The root page of a table, as the schema has it. */
export function rootOf(path: string, table: string): number {
  return withDatabase(path, (db) =>
    Number(db.prepare('select rootpage as r from sqlite_schema where name = ?').get(table)!['r']),
  );
}

export interface CursorRow {
  rowid: number;
  values: Value[];
}

/** The rows from `start` on that the project's cursor finds, at most `limit`. */
export function readTable(
  path: string,
  root: number,
  start = Number.NEGATIVE_INFINITY,
  limit = Number.POSITIVE_INFINITY,
): CursorRow[] {
  const pages = new PageFile(path);
  try {
    return [...cursorRows(new TableCursor(pages, root), start, limit)];
  } finally {
    pages.close();
  }
}

export function* cursorRows(
  cursor: TableCursor,
  start: number,
  limit = Number.POSITIVE_INFINITY,
): Generator<CursorRow> {
  const varint = new VarintReader();
  cursor.seek(start);
  for (let n = 0; n < limit && cursor.next(); n++) {
    const { payload, payloadStart } = cursor;
    const types = varint.read(payload, payloadStart);
    const body = payloadStart + varint.value;
    yield { rowid: cursor.rowid, values: readRow(payload, types, body, payload, body) };
  }
}
