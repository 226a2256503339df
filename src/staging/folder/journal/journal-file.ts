/**
 * The journal's database: its schema, how it is opened, and the checks of what it says. A staged
 * folder may come from somebody else, so nothing in it is run or followed before it was looked at.
 *
 * The file says in SQLite's own fields what it is (`application_id`) and its version
 * (`user_version`). Every row carries the CRC-32 of what it says.
 */

import { lstatSync, readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { TilewrightError } from '../../../core/errors.ts';
import { identityOf } from '../../../core/files/file-lock.ts';
import { notOwn } from '../../../core/files/make-folder.ts';
import { sqliteCode, sqliteFault } from '../../../core/sqlite-error.ts';
import {
  JUDGING_SCHEMA,
  JUDGING_VERSION,
  PRODUCT_SCHEMA,
  PRODUCT_VERSION,
} from './product-schema.ts';

const APPLICATION_ID = 0x54574a4c; // TWJL
const VERSION = 2;

const SCHEMA = `
  create table meta (key text primary key, value text not null, crc integer not null) without rowid;
  create table input (
    id integer primary key, name text unique not null, json text not null, crc integer not null);
  create table tile_input (
    partition integer, y integer, x integer, input integer not null references input (id),
    rows integer not null, area real not null, geometry integer not null, crc integer not null,
    primary key (partition, y, x, input)) without rowid;
  create index tile_input_by_input on tile_input (input);
  create table pending (json text not null, crc integer not null);`;

/** Larger texts are nobody's that a journal is meant for, and no string of JavaScript's. */
const MAX_TEXT_BYTES = 1 << 28;

/** Rows of `tile_input` with the names of their inputs. */
/** Entries of a journal, by key. */
export interface MetaEntries {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
}

export const SELECT_TILE_INPUTS = `
  select t.x, t.y, i.name as input, t.rows, t.area, t.geometry, t.partition, t.input as id, t.crc
    from tile_input t join input i on i.id = t.input`;

/** A text that is larger than any of ours comes out as null. */
export function limited(column: string): string {
  return `case when octet_length(${column}) <= ${MAX_TEXT_BYTES} then ${column} end as ${column}`;
}

export const SELECT_INPUTS = `select id, name, ${limited('json')}, crc from input`;

/** Ends of every rollback journal that names another one, which SQLite would remove. */
const SUPER_JOURNAL_MAGIC = 'd9d505f920a163d7';

/** Opens a journal; makes it where there is none, unless it is only read. */
export function openJournal(path: string, readOnly: boolean): DatabaseSync {
  requirePlain(path);
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { readOnly, timeout: 60_000 });
    // Before anything that the schema may have to do with.
    db.exec('pragma trusted_schema = off; pragma cell_size_check = on');
    if (!readOnly) {
      db.exec('pragma synchronous = full');
      create(db);
    }
    requireOurs(db, path);
    return db;
  } catch (error) {
    db?.close();
    throw journalError(error, path);
  }
}

function create(db: DatabaseSync): void {
  if (!isEmpty(db)) return;
  inTransaction(db, 'immediate', () => {
    // Another process may have been faster.
    if (!isEmpty(db)) return;
    db.exec(SCHEMA);
    db.exec(`pragma application_id = ${APPLICATION_ID}; pragma user_version = ${VERSION}`);
  });
}

function isEmpty(db: DatabaseSync): boolean {
  return db.prepare('select 1 from sqlite_schema').get() === undefined;
}

/** Views, triggers, generated columns and other defaults would run when it is read or written. */
function requireOurs(db: DatabaseSync, path: string): void {
  const number = (name: string): number => Number(db.prepare(`pragma ${name}`).get()![name]);
  // As they are at one time: a run may be adding tables, with which the version changes.
  const [version, application, schema, tables] = inTransaction(db, 'deferred', () => [
    number('user_version'),
    number('application_id'),
    schemaOf(db),
    db.prepare("select 1 from sqlite_schema where name = 'tile_input'").get(),
  ]);
  const isKnown = [VERSION, PRODUCT_VERSION, JUDGING_VERSION].includes(version);
  if (application !== APPLICATION_ID || !isKnown) {
    throw new TilewrightError(
      'staged-folder',
      tables === undefined
        ? `${path} is no journal of Tilewright's. Stage into another folder`
        : `${path} was written by another version of Tilewright (${version || 1}, this one reads ` +
            `${VERSION} to ${JUDGING_VERSION}). Stage into a new folder, or remove this one and stage everything again`,
    );
  }
  if (schema === expectedSchema(version)) return;
  throw new TilewrightError(
    'staged-folder',
    `${path} has other tables, views or triggers than Tilewright makes: something else has changed ` +
      'it. Stage into another folder',
  );
}

function schemaOf(db: DatabaseSync): string {
  const rows = db
    .prepare('select type, name, tbl_name, sql from sqlite_schema order by 1, 2')
    .all();
  return JSON.stringify(rows);
}

const expected = new Map<number, string>();

function expectedSchema(version: number): string {
  let schema = expected.get(version);
  if (schema === undefined) {
    const db = new DatabaseSync(':memory:');
    db.exec(SCHEMA);
    if (version >= PRODUCT_VERSION) db.exec(PRODUCT_SCHEMA);
    if (version >= JUDGING_VERSION) db.exec(JUDGING_SCHEMA);
    schema = schemaOf(db);
    expected.set(version, schema);
    db.close();
  }
  return schema;
}

/** SQLite follows links, and acts on what lies beside a database. */
function requirePlain(path: string): void {
  for (const end of ['', '-journal', '-wal', '-shm']) {
    const there = lstatSync(path + end, { throwIfNoEntry: false });
    if (there !== undefined && !there.isFile()) throw notOwn(path + end, there, 'file');
  }
  const rollback = `${path}-journal`;
  const size = lstatSync(rollback, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0 || size > MAX_TEXT_BYTES) return;
  let end: string;
  try {
    end = readFileSync(rollback).subarray(-8).toString('hex');
  } catch (error) {
    // Whoever made it has ended its transaction.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw journalError(error, rollback);
  }
  if (end !== SUPER_JOURNAL_MAGIC) return;
  throw new TilewrightError(
    'staged-folder',
    `${rollback} names another file, which no journal of Tilewright's does: SQLite would remove that ` +
      'file. Stage into another folder',
  );
}

/** Tells later whether the path still leads to the same file. */
export function journalIdentity(path: string): string | null {
  return identityOf(path);
}

/** CRC-32 of what a row says, with a zero byte between texts. */
export function textCrc(...texts: readonly string[]): number {
  return crc32(texts.join('\0'));
}

const rowNumbers = new Float64Array(7);
const rowBytes = Buffer.from(rowNumbers.buffer);

/** CRC-32 of a row of `tile_input`: its numbers as doubles. */
export function tileInputCrc(
  partition: number,
  x: number,
  y: number,
  input: number,
  rows: number,
  area: number,
  geometry: number,
): number {
  rowNumbers[0] = x;
  rowNumbers[1] = y;
  rowNumbers[2] = input;
  rowNumbers[3] = rows;
  rowNumbers[4] = area;
  rowNumbers[5] = geometry;
  rowNumbers[6] = partition;
  return crc32(rowBytes);
}

function inTransaction<T>(db: DatabaseSync, kind: 'deferred' | 'immediate', work: () => T): T {
  db.exec(`begin ${kind}`);
  try {
    const result = work();
    db.exec('commit');
    return result;
  } catch (error) {
    if (db.isTransaction) db.exec('rollback');
    throw error;
  }
}

/** Does this work on a journal. @throws TilewrightError disk-full, output-unwritable, staged-folder */
export function onJournal<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw journalError(error, path);
  }
}

/** The same in one transaction, which nobody else's is beside. */
export function changeJournal(db: DatabaseSync, path: string, work: () => void): void {
  onJournal(path, () => inTransaction(db, 'immediate', work));
}

/** What is the journal's own; all else is what the system has against it. */
export function journalError(error: unknown, path: string): TilewrightError {
  const code = sqliteCode(error);
  // SQLITE_BUSY
  if (code === 5) {
    return new TilewrightError(
      'staged-folder',
      `The journal ${path} has been in use by another process for too long. Run the same ` +
        'command again',
      { cause: error, retryable: true },
    );
  }
  const known = sqliteFault(
    error,
    path,
    'output-unwritable',
    `The journal ${path} can't be read or written`,
  );
  // SQLITE_CORRUPT, SQLITE_NOTADB; the first is also what SQLite says of a disk that fails.
  if (known.code !== 'output-unwritable' || (code !== 11 && code !== 26)) return known;
  return damagedJournal(path, (error as Error).message, error);
}

export function damagedJournal(path: string, why: string, cause?: unknown): TilewrightError {
  return new TilewrightError(
    'staged-folder',
    `The journal ${path} is damaged: ${why}. Remove the staged folder, or choose another one, and ` +
      'stage everything again',
    { cause },
  );
}
