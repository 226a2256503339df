/** The SQLite file that monitoring writes. */

import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { TilewrightError } from '../../core/errors.ts';
import { makeFolder } from '../../core/files/make-folder.ts';
import { sqliteCode, sqliteFault } from '../../core/sqlite-error.ts';
import { fileSystemOf } from '../../machine/file-system.ts';
import type { RowSink } from './run-rows.ts';
import {
  APPLICATION_ID,
  columnNames,
  createStatements,
  type Row,
  SCHEMA_VERSION,
  type StatusName,
  TABLE_NAMES,
  TABLES,
  type TableName,
} from './schema.ts';

const SQLITE_BUSY = 5;
/** Rows of the statement for many, and values of one. */
const STATUS_ROWS = 32;
const STATUS_VALUES = 4;

interface Insert {
  statement: StatementSync;
  columns: readonly string[];
  values: SQLInputValue[];
}

export class MonitoringFile implements RowSink {
  readonly path: string;
  readonly #db: DatabaseSync;
  readonly #inserts: Record<TableName, Insert>;
  readonly #task: StatementSync;
  readonly #attempt: StatementSync;
  /** Rows that wait for one statement that writes many: twice as fast. */
  readonly #statuses: { many: StatementSync; one: StatementSync; values: SQLInputValue[] };

  /**
   * Opens a file, which may have other runs in it already, or makes it.
   * @param runId - of the run whose rows are written
   * @throws TilewrightError output-unwritable, and what the system has against it
   */
  constructor(path: string, runId: string) {
    this.path = path;
    let db: DatabaseSync | undefined;
    try {
      makeFolder(dirname(path));
      const isNew = !existsSync(path) || statSync(path).size === 0;
      db = new DatabaseSync(path, { enableForeignKeyConstraints: false });
      if (!isNew) refuseOthers(db, path);
      // A reader does not hold up the writer then. Not where memory is not shared: over a network.
      const mode = fileSystemOf(path).network ? 'TRUNCATE' : 'WAL';
      db.exec(`PRAGMA journal_mode = ${mode}`);
      // Tasks must not wait for a disk: the file is whole after a crash of the process, and may not
      // be after one of the system.
      db.exec('PRAGMA synchronous = OFF');
      db.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
      db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
      for (const sql of createStatements()) db.exec(sql);
      this.#inserts = Object.fromEntries(
        TABLE_NAMES.map((table) => [table, insertInto(db!, table)]),
      ) as Record<TableName, Insert>;
      const run = `'${runId.replaceAll("'", "''")}'`;
      this.#task = db.prepare(
        `INSERT OR REPLACE INTO task (task_id, task_depends, task_func_name, task_memoize,
          task_hashsum, task_inputs, task_outputs, task_stdout, task_stderr, task_time_invoked,
          task_time_returned, task_fail_count, task_fail_cost, task_status_name, task_join,
          task_error, run_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ${run})`,
      );
      this.#attempt = db.prepare(
        `INSERT OR REPLACE INTO try (task_id, try_id, hostname, task_executor, task_try_time_launched,
          task_try_time_running, task_try_time_returned, task_fail_history, worker, run_id)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ${run})`,
      );
      const one =
        'INSERT INTO status (task_id, task_status_name, timestamp, run_id, try_id) VALUES ';
      const row = `(?, ?, ?, ${run}, ?)`;
      const many = one + new Array<string>(STATUS_ROWS).fill(row).join(', ');
      this.#statuses = { many: db.prepare(many), one: db.prepare(one + row), values: [] };
      this.#db = db;
    } catch (error) {
      db?.close();
      throw this.#fault(error);
    }
  }

  /**
   * Runs what writes rows as one transaction.
   * @returns false if the file is locked by somebody, and `work` was not called
   * @throws TilewrightError disk-full and other faults
   */
  transaction(work: () => void): boolean {
    try {
      this.#db.exec('BEGIN IMMEDIATE');
    } catch (error) {
      if (sqliteCode(error) === SQLITE_BUSY) return false;
      throw this.#fault(error);
    }
    try {
      work();
      this.#writeStatuses();
      this.#db.exec('COMMIT');
      return true;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw this.#fault(error);
    }
  }

  status(taskId: number, status: StatusName, at: string, tryId: number): void {
    const { values } = this.#statuses;
    values.push(taskId, status, at, tryId);
    if (values.length < STATUS_VALUES * STATUS_ROWS) return;
    this.#statuses.many.run(...values);
    values.length = 0;
  }

  #writeStatuses(): void {
    const { values, one } = this.#statuses;
    for (let i = 0; i < values.length; i += STATUS_VALUES) {
      one.run(...values.slice(i, i + STATUS_VALUES));
    }
    values.length = 0;
  }

  task(row: Row<'task'>): void {
    this.#task.run(
      row.task_id ?? null,
      row.task_depends ?? null,
      row.task_func_name ?? null,
      row.task_memoize ?? null,
      row.task_hashsum ?? null,
      row.task_inputs ?? null,
      row.task_outputs ?? null,
      row.task_stdout ?? null,
      row.task_stderr ?? null,
      row.task_time_invoked ?? null,
      row.task_time_returned ?? null,
      row.task_fail_count ?? null,
      row.task_fail_cost ?? null,
      row.task_status_name ?? null,
      row.task_join ?? null,
      row.task_error ?? null,
    );
  }

  attempt(row: Row<'try'>): void {
    this.#attempt.run(
      row.task_id ?? null,
      row.try_id ?? null,
      row.hostname ?? null,
      row.task_executor ?? null,
      row.task_try_time_launched ?? null,
      row.task_try_time_running ?? null,
      row.task_try_time_returned ?? null,
      row.task_fail_history ?? null,
      row.worker ?? null,
    );
  }

  insert<N extends TableName>(table: N, row: Row<N>): void {
    const { statement, columns, values } = this.#inserts[table];
    const given = row as Record<string, SQLInputValue | undefined>;
    for (let i = 0; i < columns.length; i++) values[i] = given[columns[i]!] ?? null;
    statement.run(...values);
  }

  /** Leaves one file, which can be read where nothing can be written. */
  close(): void {
    try {
      // Refused while somebody reads: then the next one who opens it tidies up.
      this.#db.exec('PRAGMA journal_mode = DELETE');
    } catch (error) {
      if (sqliteCode(error) === undefined) throw error;
    } finally {
      this.#db.close();
    }
  }

  #fault(error: unknown): TilewrightError {
    const what = `The monitoring file ${this.path} can't be written`;
    return sqliteFault(error, this.path, 'output-unwritable', what);
  }
}

function refuseOthers(db: DatabaseSync, path: string): void {
  const { application_id } = db.prepare('PRAGMA application_id').get() as Record<string, unknown>;
  const { user_version } = db.prepare('PRAGMA user_version').get() as Record<string, unknown>;
  if (application_id === APPLICATION_ID && user_version === SCHEMA_VERSION) return;
  const what = application_id === APPLICATION_ID ? 'of another version' : 'no file of monitoring';
  throw new TilewrightError(
    'output-unwritable',
    `${path} is ${what}, and is left alone. Give the MonitoringHub another file`,
  );
}

function insertInto(db: DatabaseSync, table: TableName): Insert {
  const columns = columnNames(table);
  const verb = TABLES[table].key === null ? 'INSERT' : 'INSERT OR REPLACE';
  const names = columns.map((name) => `"${name}"`).join(', ');
  const marks = columns.map(() => '?').join(', ');
  const statement = db.prepare(`${verb} INTO "${table}" (${names}) VALUES (${marks})`);
  return { statement, columns, values: [] };
}
