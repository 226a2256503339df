/** Finds and opens the file that a MonitoringHub has written, or is writing. */

import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { sqliteCode, sqliteFault } from '../../core/sqlite-error.ts';
import { APPLICATION_ID, SCHEMA_VERSION, TABLE_NAMES } from '../../parallel/monitoring/schema.ts';

/** SQLITE_READONLY, CANTOPEN: a file that was left behind by a kill, where nothing can be written. */
const UNWRITABLE: readonly (number | undefined)[] = [8, 14];

export type SqlRow = Readonly<Record<string, unknown>>;

/**
 * @param given - a file, or a folder: the newest in it, in its `monitoring`, or in `runinfo/monitoring`
 * @throws TilewrightError input-missing
 */
export function findMonitoringFile(given: string): string {
  const stats = statSync(given, { throwIfNoEntry: false });
  if (stats === undefined) throw missing(`${given} is not there`);
  if (!stats.isDirectory()) return given;
  for (const below of ['', 'monitoring', 'runinfo/monitoring']) {
    const newest = filesIn(join(given, below)).at(-1);
    if (newest !== undefined) return newest;
  }
  throw missing(`${given} holds no file of a MonitoringHub (*.db)`);
}

function missing(what: string): TilewrightError {
  return new TilewrightError(
    'input-missing',
    `${what}. Name the file, or the runDir of a Config with \`monitoring: new MonitoringHub()\``,
    { input: what },
  );
}

/** By the time of their last change. */
function filesIn(folder: string): string[] {
  let entries: Dirent[] = [];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw toTilewrightError(error, { input: folder });
  }
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.db'))
    .map(({ name }) => join(folder, name))
    .map((path) => ({ path, at: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((a, b) => a.at - b.at || (a.path < b.path ? -1 : 1))
    .map(({ path }) => path);
}

/** One run in a file. */
export class MonitoringSource {
  readonly path: string;
  readonly runId: string;
  readonly #db: DatabaseSync;

  /**
   * @param number - which of the file's runs: 1 is the last
   * @throws TilewrightError input-format, input-missing and the like
   */
  constructor(path: string, number = 1) {
    this.path = resolve(path);
    let db: DatabaseSync | undefined;
    try {
      db = open(this.path);
      this.#db = db;
      this.#check();
      const run = db
        .prepare('SELECT run_id FROM workflow ORDER BY time_began DESC LIMIT 1 OFFSET ?')
        .get(number - 1);
      if (run === undefined) {
        const what = number === 1 ? 'has no run yet' : `has no ${number} runs`;
        throw new TilewrightError('input-missing', `${path} ${what}`, { input: path });
      }
      this.runId = String(run['run_id']);
    } catch (error) {
      db?.close();
      throw this.#fault(error);
    }
  }

  /** The tables are those that are written here, and nothing that would run other SQL. */
  #check(): void {
    const names = TABLE_NAMES.map((name) => `'${name}'`).join(', ');
    const tables = this.#db
      .prepare(
        `SELECT count(*) AS n FROM sqlite_schema WHERE type = 'table' AND name IN (${names})`,
      )
      .get();
    const { application_id } = this.#db.prepare('PRAGMA application_id').get() as SqlRow;
    const { user_version } = this.#db.prepare('PRAGMA user_version').get() as SqlRow;
    const known = application_id === APPLICATION_ID && user_version === SCHEMA_VERSION;
    if (known && tables?.['n'] === TABLE_NAMES.length) return;
    const what = 'is no file of a MonitoringHub, or one of another version';
    throw new TilewrightError('input-format', `${this.path} ${what}`, { input: this.path });
  }

  /** Rows of a query, whose `:run` is this run. */
  all(sql: string, values: Record<string, SQLInputValue> = {}): SqlRow[] {
    return [...this.rows(sql, values)];
  }

  *rows(sql: string, values: Record<string, SQLInputValue> = {}): Generator<SqlRow> {
    try {
      for (const row of this.#db.prepare(sql).iterate({ ...values, run: this.runId })) {
        yield row as SqlRow;
      }
    } catch (error) {
      throw this.#fault(error);
    }
  }

  /** All that is read in `work` is of one moment, whatever is written meanwhile. */
  snapshot<T>(work: () => T): T {
    this.#db.exec('BEGIN');
    try {
      return work();
    } finally {
      this.#db.exec('COMMIT');
    }
  }

  close(): void {
    this.#db.close();
  }

  #fault(error: unknown): TilewrightError {
    if (error instanceof TilewrightError) return error;
    const code = sqliteCode(error) === 26 ? 'input-format' : 'input-unreadable';
    return sqliteFault(error, this.path, code, `${this.path} can't be read`);
  }
}

function open(path: string): DatabaseSync {
  const options = { readOnly: true, enableForeignKeyConstraints: false, timeout: 5_000 };
  try {
    const db = new DatabaseSync(path, options);
    db.exec('PRAGMA trusted_schema = OFF');
    // Here it turns out whether what a killed writer has left can be taken in.
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    return db;
  } catch (error) {
    if (!UNWRITABLE.includes(sqliteCode(error))) throw error;
    const url = pathToFileURL(path);
    url.searchParams.set('immutable', '1');
    return new DatabaseSync(url, options);
  }
}

/** A number of a row; NaN for what is none. */
export function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}

export function textOf(value: unknown): string {
  return value === null || value === undefined ? '' : String(value);
}
