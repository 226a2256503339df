/**
 * The journal: the record, in the staged folder, of what has been committed. An SQLite database,
 * because a commit is atomic and its reader needs no server.
 *
 * `input` and `tile_input` say which inputs are staged and which tiles their rows are in. `pending`
 * holds the run that is being merged: it is written before the first tile changes and deleted in
 * the transaction that commits the run, so whoever finds it after a crash can finish the work.
 */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { TilewrightError } from '../../../core/errors.ts';
import { partitionOf } from '../../rows/shuffle-format.ts';
import type { FoundInput } from '../found-input.ts';
import {
  checkAgain,
  checkInput,
  checkPending,
  checkReset,
  checkSettings,
} from './journal-checks.ts';
import {
  changeJournal,
  damagedJournal,
  journalError,
  journalIdentity,
  limited,
  type MetaEntries,
  onJournal,
  openJournal,
  SELECT_INPUTS,
  SELECT_TILE_INPUTS,
  textCrc,
  tileInputCrc,
} from './journal-file.ts';
import { JudgingRows } from './journal-judging.ts';
import { ProductRows } from './journal-products.ts';
import type {
  FolderSettings,
  PendingRun,
  Reset,
  StagedInput,
  TileEntry,
  TileInput,
} from './journal-rows.ts';

export type {
  FolderSettings,
  InputStatistics,
  PendingRun,
  Reset,
  StagedInput,
  TileEntry,
  TileInput,
} from './journal-rows.ts';

/** Every method throws TilewrightError disk-full, output-unwritable or staged-folder. */
export class Journal {
  readonly #path: string;
  readonly #db: DatabaseSync;
  readonly #identity: string | null;
  /** What was derived from the tiles. */
  readonly products: ProductRows;
  /** What was judged of their rows. */
  readonly judging: JudgingRows;

  constructor(path: string, options: { readOnly?: boolean } = {}) {
    this.#path = path;
    this.#db = openJournal(path, options.readOnly ?? false);
    this.#identity = journalIdentity(path);
    const meta: MetaEntries = {
      get: (key) => this.#meta(key),
      set: (key, value) => this.#setMeta(key, value),
    };
    this.products = new ProductRows(this.#db, path, meta);
    this.judging = new JudgingRows(this.#db, path, meta);
  }

  /**
   * For who has waited for the folder's lock: what is committed into a file that has no name any
   * more is lost. @throws TilewrightError staged-folder
   */
  requireInPlace(): void {
    if (journalIdentity(this.#path) === this.#identity) return;
    throw new TilewrightError(
      'staged-folder',
      `${this.#path} is gone: somebody has cleaned the folder meanwhile. Run the same command again`,
    );
  }

  close(): void {
    this.#db.close();
  }

  settings(): FolderSettings | null {
    const text = this.#meta('settings');
    return text === undefined ? null : this.#parse(text, checkSettings);
  }

  /** Sets them if there are none; returns those that hold. */
  adoptSettings(settings: FolderSettings): FolderSettings {
    const text = JSON.stringify(settings);
    onJournal(this.#path, () =>
      this.#db
        .prepare("insert or ignore into meta values ('settings', ?, ?)")
        .run(text, textCrc('settings', text)),
    );
    return this.settings()!;
  }

  inputs(): StagedInput[] {
    return this.#all(`${SELECT_INPUTS} order by name`).map((row) => this.#inputOf(row));
  }

  /** The committed input of this name. */
  input(name: string): StagedInput | null {
    const row = this.#get(`${SELECT_INPUTS} where name = ?`, name);
    return row === undefined ? null : this.#inputOf(row);
  }

  #inputOf({ name, json, crc }: Record<string, unknown>): StagedInput {
    this.#verify(crc === textCrc(String(name), String(json)), `what it says of ${name}`);
    const input = this.#parse(String(json), checkInput);
    this.#verify(input.name === name, `the name of ${name}`);
    return input;
  }

  pending(): PendingRun | null {
    const row = this.#get(`select ${limited('json')}, crc from pending`);
    if (row === undefined) return null;
    const json = String(row['json']);
    this.#verify(row['crc'] === textCrc(json), 'the run that is pending');
    return this.#parse(json, checkPending);
  }

  setPending(run: PendingRun): void {
    changeJournal(this.#db, this.#path, () => {
      this.#db.exec('delete from pending');
      const json = JSON.stringify(run);
      this.#db.prepare('insert into pending values (?, ?)').run(json, textCrc(json));
    });
  }

  /** Rows of inputs in the tiles of a partition, by tile, then name. */
  tileInputs(partition: number): TileInput[] {
    return this.#tileInputs('where t.partition = ? order by t.y, t.x, i.name', partition);
  }

  /** All rows, by name, then tile: the order of the summary. */
  *allTileInputs(): Generator<TileInput> {
    const left = new Map(this.inputs().map(({ name, statistics }) => [name, statistics.rows]));
    try {
      const statement = this.#db.prepare(`${SELECT_TILE_INPUTS} order by i.name, t.y, t.x`);
      for (const row of statement.iterate()) {
        const tile = this.#tileInputOf(row);
        left.set(tile.input, left.get(tile.input)! - tile.rows);
        yield tile;
      }
    } catch (error) {
      throw journalError(error, this.#path);
    }
    for (const [name, rows] of left) this.#verify(rows === 0, `the tiles of ${name}`);
  }

  /** The same, in the order of tiles: for millions of them. */
  *tileEntries(): Generator<TileEntry> {
    try {
      const statement = this.#db.prepare(
        'select x, y, input, rows, area, geometry, partition, crc from tile_input ' +
          'order by partition, y, x',
      );
      statement.setReturnArrays(true);
      for (const row of statement.iterate()) {
        const [x, y, input, rows, area, geometry, partition, crc] = row as unknown as number[];
        const own = tileInputCrc(partition!, x!, y!, input!, rows!, area!, geometry!);
        this.#verify(own === crc, `the tile ${x}, ${y}`);
        yield row as unknown as TileEntry;
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
    return onJournal(this.#path, () => {
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
    const tiles: { x: number; y: number }[] = [];
    for (const [x, y] of this.tileEntries()) {
      const last = tiles.at(-1);
      if (last?.x !== x || last.y !== y) tiles.push({ x, y });
    }
    return tiles;
  }

  /** Says that the folder will be emptied; whoever finds this goes on with it. */
  planReset(reset: Reset): void {
    this.#setMeta('reset', JSON.stringify(reset));
  }

  plannedReset(): Reset | null {
    const text = this.#meta('reset');
    return text === undefined ? null : this.#parse(text, checkReset);
  }

  /** Does the planned reset: forgets everything that is staged. */
  reset(): void {
    const { settings, again } = this.plannedReset()!;
    changeJournal(this.#db, this.#path, () => {
      this.#db.exec(`delete from pending; delete from tile_input; delete from input;
        delete from meta where key in ('reset', 'products', 'packs', 'judged', 'duplicates')`);
      this.judging.clear();
      for (const product of this.products.all()) this.products.forget(product);
      this.#setMeta('settings', JSON.stringify(settings));
      this.#setMeta('again', JSON.stringify(again));
      this.#setMeta('summary', 'stale');
    });
  }

  /** Inputs that a reset left to be staged again, and that no run has committed since. */
  again(): FoundInput[] {
    return this.#parse(this.#meta('again') ?? '[]', checkAgain);
  }

  countTiles(): number {
    const row = this.#get(
      'select count(*) as n from (select distinct partition, y, x from tile_input)',
    );
    return Number(row!['n']);
  }

  /**
   * In one transaction: the run's inputs are in, the removed ones are out, nothing is pending.
   * @param tiles - that were merged, and how many rows they have
   * @param restage - names of inputs that the next run stages anew
   */
  commit(
    run: PendingRun,
    tileInputs: Iterable<TileInput>,
    tiles: Iterable<{ x: number; y: number; rows: number }>,
    restage: ReadonlySet<string> = new Set(),
  ): void {
    changeJournal(this.#db, this.#path, () => {
      const idOf = this.#db.prepare('select id from input where name = ?');
      const removeRows = this.#db.prepare('delete from tile_input where input = ?');
      const removeInput = this.#db.prepare('delete from input where id = ?');
      for (const name of new Set([...run.removed, ...run.inputs.map((input) => input.name)])) {
        const id = idOf.get(name)?.['id'];
        if (id === undefined) continue;
        removeRows.run(id);
        removeInput.run(id);
      }
      const ids = new Map<string, number>();
      const addInput = this.#db.prepare('insert into input (name, json, crc) values (?, ?, ?)');
      for (const { slices: _, ...input } of run.inputs) {
        const json = JSON.stringify(input);
        const { lastInsertRowid } = addInput.run(input.name, json, textCrc(input.name, json));
        ids.set(input.name, Number(lastInsertRowid));
      }
      const addRow: StatementSync = this.#db.prepare(
        'insert into tile_input values (?, ?, ?, ?, ?, ?, ?, ?)',
      );
      for (const { x, y, input, rows, area, geometry } of tileInputs) {
        const id = ids.get(input)!;
        const partition = partitionOf(x, y);
        const crc = tileInputCrc(partition, x, y, id, rows, area, geometry);
        addRow.run(partition, y, x, id, rows, area, geometry, crc);
      }
      const merged = [...tiles];
      this.judging.forgetMerged(merged);
      const { z, pack } = this.settings()!;
      if (pack !== undefined) this.products.noteWritten(z, merged);
      const files = new Set(run.inputs.map((input) => input.file));
      const again = this.again().filter((input) => !files.has(input.name));
      const rowsOf = this.#db.prepare(
        `select ifnull(sum(rows), 0) as n from tile_input
          where input = (select id from input where name = ?)`,
      );
      const update = this.#db.prepare('update input set json = ?, crc = ? where name = ?');
      for (const name of restage) {
        const input = this.input(name)!;
        // A tile that was left as it is has no rows of an input that this run staged.
        const rows = Number(rowsOf.get(name)!['n']);
        const statistics = { ...input.statistics, rows };
        const json = JSON.stringify({ ...input, fingerprint: '', statistics });
        update.run(json, textCrc(name, json), name);
        if (again.some((other) => other.name === input.file)) continue;
        again.push({ path: input.path, name: input.file, root: input.root });
      }
      this.#setMeta('again', JSON.stringify(again));
      this.#setMeta('summary', 'stale');
      this.#db.exec(
        "delete from pending; delete from meta where key in ('products', 'packs', 'judged')",
      );
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

  /** Other rules for what is staged, which is judged by them from now on. */
  changeSettings(settings: FolderSettings): void {
    changeJournal(this.#db, this.#path, () => {
      this.#setMeta('settings', JSON.stringify(settings));
      this.#setMeta('summary', 'stale');
      this.#db.exec("delete from meta where key in ('products', 'packs', 'judged')");
    });
  }

  #tileInputs(clause: string, ...parameters: number[]): TileInput[] {
    const rows = this.#all(`${SELECT_TILE_INPUTS} ${clause}`, ...parameters);
    return rows.map((row) => this.#tileInputOf(row));
  }

  #tileInputOf(row: Record<string, unknown>): TileInput {
    const { partition, id, crc, ...tile } = row as unknown as JoinedRow;
    const { x, y, rows, area, geometry } = tile;
    const own = tileInputCrc(partition, x, y, id, rows, area, geometry);
    this.#verify(own === crc, `${tile.input} in the tile ${x}, ${y}`);
    return tile;
  }

  #meta(key: string): string | undefined {
    const row = this.#get(`select ${limited('value')}, crc from meta where key = ?`, key);
    if (row === undefined) return undefined;
    const value = String(row['value']);
    this.#verify(row['crc'] === textCrc(key, value), `the entry ${key}`);
    return value;
  }

  #setMeta(key: string, value: string): void {
    onJournal(this.#path, () =>
      this.#db
        .prepare('insert or replace into meta values (?, ?, ?)')
        .run(key, value, textCrc(key, value)),
    );
  }

  #verify(holds: boolean, what: string): void {
    if (!holds) throw damagedJournal(this.#path, `${what} has another checksum than was written`);
  }

  #parse<T>(text: string, check: (value: T) => T): T {
    try {
      return check(JSON.parse(text) as T);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new TilewrightError(
        'staged-folder',
        `${this.#path} is not as Tilewright writes it: ${why}. Stage into another folder`,
        { cause: error },
      );
    }
  }

  #get(sql: string, ...parameters: string[]): Record<string, unknown> | undefined {
    return onJournal(this.#path, () => this.#db.prepare(sql).get(...parameters));
  }

  #all(sql: string, ...parameters: number[]): Record<string, unknown>[] {
    return onJournal(this.#path, () => this.#db.prepare(sql).all(...parameters));
  }
}

/** As SELECT_TILE_INPUTS has it. */
interface JoinedRow extends TileInput {
  partition: number;
  id: number;
  crc: number;
}
