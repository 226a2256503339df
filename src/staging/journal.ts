/**
 * The journal: the record, in the staged folder, of what has been committed. An SQLite database,
 * because a commit is atomic and its reader needs no server.
 *
 * `input` and `tile_input` say which inputs are staged and which tiles their rows are in. `pending`
 * holds the run that is being merged: it is written before the first tile changes and deleted in
 * the transaction that commits the run, so whoever finds it after a crash can finish the work.
 */

import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Column } from '../core/columns.ts';
import type { DropJson } from '../core/drops.ts';
import { TilewrightError } from '../core/errors.ts';
import { sqliteCode, sqliteFault } from '../core/sqlite-error.ts';
import type { FoundInput } from './found-input.ts';
import { partitionOf } from './shuffle-format.ts';

const VERSION = 1;

/** What all rows of a staged folder have in common. */
export interface FolderSettings {
  tms: string;
  /** JSON text of the TileMatrixSet. */
  tmsDefinition: string;
  z: number;
  simplifyTolerance: number | null;
  properties: Record<string, string>;
  /** Left out where it is false, as in folders of versions that did not have it. */
  keepPrimaryKey?: true;
  style: string;
  tilePathStructure: readonly string[];
  format: 'GeoPackage';
}

/** An input whose rows are in the tiles. */
export interface StagedInput {
  /** Name in staging: see input-name.ts. */
  name: string;
  /** Path below the input folder. */
  file: string;
  /** Absolute path that it was read from, and the folder argument that led to it. */
  path: string;
  root: string;
  /** `*` when all layers were asked for, else the one. */
  selection: string;
  /** How many layers its file has. Where it is not told, `*` means all of them. */
  layers?: number;
  /** Size and time of its files, and where its CRS came from. */
  fingerprint: string;
  crsOrigin: string;
  /** Columns of its records, and the types that their values really need. */
  recordColumns: Column[];
  columns: Column[];
  statistics: InputStatistics;
  /** ISO 8601. */
  stagedAt: string;
}

export interface InputStatistics {
  rowsRead: number;
  featuresStaged: number;
  rows: number;
  droppedM: number;
  drops: DropJson;
}

/** A run whose tiles are being written. */
export interface PendingRun {
  runId: string;
  /** Inputs whose rows it writes, with their shuffle files. */
  inputs: (StagedInput & { shuffles: string[] })[];
  /** Names of committed inputs whose rows leave the tiles: replaced or pruned. */
  removed: string[];
}

/** A staged folder that is being emptied: its tiles go first, then what the journal says of them. */
export interface Reset {
  /** Of the folder from then on. */
  settings: FolderSettings;
  /** Inputs to be staged again. */
  again: FoundInput[];
}

/** Rows of one input in one tile. */
export interface TileInput {
  x: number;
  y: number;
  input: string;
  rows: number;
  area: number;
  /** Bits of shuffle-format's GEOMETRY_…. */
  geometry: number;
}

/** Every method throws TilewrightError disk-full, output-unwritable or staged-folder. */
export class Journal {
  readonly #path: string;
  readonly #db: DatabaseSync;

  constructor(path: string, options: { readOnly?: boolean } = {}) {
    this.#path = path;
    let db: DatabaseSync | undefined;
    try {
      db = new DatabaseSync(path, { readOnly: options.readOnly ?? false, timeout: 60_000 });
      this.#db = db;
      if (!options.readOnly) this.#create();
    } catch (error) {
      db?.close();
      throw journalError(error, path);
    }
  }

  #create(): void {
    this.#db.exec(`
      pragma synchronous = full;
      create table if not exists meta (key text primary key, value text) without rowid;
      create table if not exists input (
        id integer primary key, name text unique not null, json text not null);
      create table if not exists tile_input (
        partition integer, y integer, x integer, input integer not null references input (id),
        rows integer not null, area real not null, geometry integer not null,
        primary key (partition, y, x, input)) without rowid;
      create index if not exists tile_input_by_input on tile_input (input);
      create table if not exists pending (json text not null);
      insert or ignore into meta values ('version', '${VERSION}');`);
    const version = this.#meta('version');
    if (Number(version) !== VERSION) {
      throw new TilewrightError(
        'staged-folder',
        `${this.#path} was written by another version of tilewright (journal ${version}, this one ` +
          `reads ${VERSION}). Stage into a new folder`,
      );
    }
  }

  close(): void {
    this.#db.close();
  }

  settings(): FolderSettings | null {
    const text = this.#meta('settings');
    return text === undefined ? null : (JSON.parse(text) as FolderSettings);
  }

  /** Sets them if there are none; returns those that hold. */
  adoptSettings(settings: FolderSettings): FolderSettings {
    this.#guard(() =>
      this.#db
        .prepare("insert or ignore into meta values ('settings', ?)")
        .run(JSON.stringify(settings)),
    );
    return this.settings()!;
  }

  inputs(): StagedInput[] {
    const statement = 'select json from input order by name';
    return this.#all(statement).map((row) => JSON.parse(String(row['json'])) as StagedInput);
  }

  /** The committed input of this name. */
  input(name: string): StagedInput | null {
    const row = this.#get('select json from input where name = ?', name);
    return row === undefined ? null : (JSON.parse(String(row['json'])) as StagedInput);
  }

  pending(): PendingRun | null {
    const row = this.#get('select json from pending');
    return row === undefined ? null : (JSON.parse(String(row['json'])) as PendingRun);
  }

  setPending(run: PendingRun): void {
    this.#transaction(() => {
      this.#db.exec('delete from pending');
      this.#db.prepare('insert into pending values (?)').run(JSON.stringify(run));
    });
  }

  /** Rows of inputs in the tiles of a partition, by tile, then name. */
  tileInputs(partition: number): TileInput[] {
    return this.#tileInputs('where t.partition = ? order by t.y, t.x, i.name', partition);
  }

  /** All rows, by name, then tile: the order of the summary. */
  *allTileInputs(): Generator<TileInput> {
    try {
      const statement = this.#db.prepare(`${SELECT_TILE_INPUTS} order by i.name, t.y, t.x`);
      for (const row of statement.iterate()) yield row as unknown as TileInput;
    } catch (error) {
      throw journalError(error, this.#path);
    }
  }

  /** The same as [x, y, id of the input, rows, area], in no order: for millions of them. */
  *tileEntries(): Generator<[x: number, y: number, input: number, rows: number, area: number]> {
    try {
      const statement = this.#db.prepare('select x, y, input, rows, area from tile_input');
      statement.setReturnArrays(true);
      for (const row of statement.iterate()) {
        yield row as unknown as [number, number, number, number, number];
      }
    } catch (error) {
      throw journalError(error, this.#path);
    }
  }

  /** Names of the committed inputs by their ids. */
  inputNames(): Map<number, string> {
    const rows = this.#all('select id, name from input');
    return new Map(rows.map((row) => [Number(row['id']), String(row['name'])]));
  }

  /** Partitions that have rows of any of these inputs. */
  partitionsOf(names: readonly string[]): Set<number> {
    return this.#guard(() => {
      const statement = this.#db.prepare(
        `select distinct partition from tile_input
          where input = (select id from input where name = ?)`,
      );
      return new Set(
        names.flatMap((name) => statement.all(name).map((row) => Number(row['partition']))),
      );
    });
  }

  /** All tiles that have rows of committed inputs. */
  tiles(): { x: number; y: number }[] {
    const rows = this.#all('select distinct y, x from tile_input');
    return rows as unknown as { x: number; y: number }[];
  }

  /** Says that the folder will be emptied; whoever finds this goes on with it. */
  planReset(reset: Reset): void {
    this.#setMeta('reset', JSON.stringify(reset));
  }

  plannedReset(): Reset | null {
    const text = this.#meta('reset');
    return text === undefined ? null : (JSON.parse(text) as Reset);
  }

  /** Does the planned reset: forgets everything that is staged. */
  reset(): void {
    const { settings, again } = this.plannedReset()!;
    this.#transaction(() => {
      this.#db.exec(`delete from pending; delete from tile_input; delete from input;
        delete from meta where key = 'reset'`);
      this.#setMeta('settings', JSON.stringify(settings));
      this.#setMeta('again', JSON.stringify(again));
      this.#setMeta('summary', 'stale');
    });
  }

  /** Inputs that a reset left to be staged again, and that no run has committed since. */
  again(): FoundInput[] {
    return JSON.parse(this.#meta('again') ?? '[]') as FoundInput[];
  }

  countTiles(): number {
    const row = this.#get(
      'select count(*) as n from (select distinct partition, y, x from tile_input)',
    );
    return Number(row!['n']);
  }

  /** In one transaction: the run's inputs are in, the removed ones are out, nothing is pending. */
  commit(run: PendingRun, tileInputs: Iterable<TileInput>): void {
    this.#transaction(() => {
      const idOf = this.#db.prepare('select id from input where name = ?');
      const removeRows = this.#db.prepare('delete from tile_input where input = ?');
      const removeInput = this.#db.prepare('delete from input where id = ?');
      for (const name of new Set([...run.removed, ...run.inputs.map((input) => input.name)])) {
        const id = idOf.get(name)?.['id'];
        if (id === undefined) continue;
        removeRows.run(id);
        removeInput.run(id);
      }
      const ids = new Map<string, number | bigint>();
      const addInput = this.#db.prepare('insert into input (name, json) values (?, ?)');
      for (const { shuffles: _, ...input } of run.inputs) {
        ids.set(input.name, addInput.run(input.name, JSON.stringify(input)).lastInsertRowid);
      }
      const addRow: StatementSync = this.#db.prepare(
        'insert into tile_input values (?, ?, ?, ?, ?, ?, ?)',
      );
      for (const { x, y, input, rows, area, geometry } of tileInputs) {
        addRow.run(partitionOf(x, y), y, x, ids.get(input)!, rows, area, geometry);
      }
      const files = new Set(run.inputs.map((input) => input.file));
      const again = this.again().filter((input) => !files.has(input.name));
      this.#setMeta('again', JSON.stringify(again));
      this.#setMeta('summary', 'stale');
      this.#db.exec('delete from pending');
    });
  }

  /** Whether the summary was written after the last commit. */
  summaryIsCurrent(): boolean {
    return this.#meta('summary') === 'current';
  }

  /** Whether a run has written a summary, or was about to. */
  hasSummary(): boolean {
    return this.#meta('summary') !== undefined;
  }

  markSummaryCurrent(): void {
    this.#setMeta('summary', 'current');
  }

  #tileInputs(clause: string, ...parameters: number[]): TileInput[] {
    return this.#all(`${SELECT_TILE_INPUTS} ${clause}`, ...parameters) as unknown as TileInput[];
  }

  #meta(key: string): string | undefined {
    const row = this.#get('select value from meta where key = ?', key);
    return row === undefined ? undefined : String(row['value']);
  }

  #setMeta(key: string, value: string): void {
    this.#guard(() =>
      this.#db.prepare('insert or replace into meta values (?, ?)').run(key, value),
    );
  }

  #get(sql: string, ...parameters: string[]): Record<string, unknown> | undefined {
    return this.#guard(() => this.#db.prepare(sql).get(...parameters));
  }

  #all(sql: string, ...parameters: number[]): Record<string, unknown>[] {
    return this.#guard(() => this.#db.prepare(sql).all(...parameters));
  }

  #transaction(work: () => void): void {
    this.#guard(() => {
      this.#db.exec('begin immediate');
      try {
        work();
        this.#db.exec('commit');
      } catch (error) {
        if (this.#db.isTransaction) this.#db.exec('rollback');
        throw error;
      }
    });
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw journalError(error, this.#path);
    }
  }
}

/** What is the journal's own; all else is what the system has against it. */
function journalError(error: unknown, path: string): TilewrightError {
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
  return damaged(path, (error as Error).message, error);
}

function damaged(path: string, why: string, cause?: unknown): TilewrightError {
  return new TilewrightError(
    'staged-folder',
    `The journal ${path} is damaged: ${why}. Remove the staged folder, or choose another one, and ` +
      'stage everything again',
    { cause },
  );
}

const SELECT_TILE_INPUTS = `
  select t.x, t.y, i.name as input, t.rows, t.area, t.geometry
    from tile_input t join input i on i.id = t.input`;
