/**
 * What the journal says of duplicates: which tiles are not as the merge wrote them, how many rows of
 * each input go in them, and which regions are done.
 */

import type { DatabaseSync } from 'node:sqlite';
import {
  changeJournal,
  damagedJournal,
  journalError,
  type MetaEntries,
  onJournal,
  textCrc,
} from './journal-file.ts';
import type { DuplicateCounts } from './journal-rows.ts';
import { JUDGING_SCHEMA, JUDGING_VERSION, PRODUCT_SCHEMA } from './product-schema.ts';

/** A tile of which something else than the merge's was made. */
export interface JudgedTileRow {
  x: number;
  y: number;
  /** Of what was made of it; '' while that is under way. */
  key: string;
}

/** The same, with null for one that is as the merge wrote it. */
interface JudgedTile {
  x: number;
  y: number;
  key: string | null;
}

/** Rows of an input that go in a tile: labelled, or removed. */
export interface GoneRow {
  x: number;
  y: number;
  /** The input's id. */
  input: number;
  rows: number;
  area: number;
}

interface RegionState {
  name: string;
  state: string;
}

/** Every method throws as those of the journal do. */
export class JudgingRows {
  readonly #db: DatabaseSync;
  readonly #path: string;
  readonly #meta: MetaEntries;

  /** @param meta - entries of the journal, by key */
  constructor(db: DatabaseSync, path: string, meta: MetaEntries) {
    this.#db = db;
    this.#path = path;
    this.#meta = meta;
  }

  /** By which rules and footprints all tiles are judged; null after a commit, or if they were not. */
  current(): string | null {
    return this.#meta.get('judged') ?? null;
  }

  /** @param duplicates - features of each input that go, by reason */
  markCurrent(rules: string, duplicates: DuplicateCounts): void {
    changeJournal(this.#db, this.#path, () => {
      this.#meta.set('judged', rules);
      this.#meta.set('duplicates', JSON.stringify(duplicates));
    });
  }

  /** As of the last time when all was judged; null if that never was. */
  duplicates(): DuplicateCounts | null {
    const text = this.#meta.get('duplicates');
    if (text === undefined) return null;
    const counts: unknown = JSON.parse(text);
    if (isDuplicateCounts(counts)) return counts;
    throw damagedJournal(this.#path, 'the counts of duplicates are none');
  }

  *tiles(): Generator<JudgedTileRow> {
    if (!this.isThere()) return;
    try {
      for (const row of this.#db.prepare('select x, y, key, crc from judged_tile').iterate()) {
        const { x, y, key, crc } = row as unknown as JudgedTileRow & { crc: number };
        this.#verify(crc === textCrc(`${x},${y}`, key), `the duplicates of the tile ${x}, ${y}`);
        yield { x, y, key };
      }
    } catch (error) {
      throw journalError(error, this.#path);
    }
  }

  *gone(): Generator<GoneRow> {
    if (!this.isThere()) return;
    try {
      const statement = this.#db.prepare('select x, y, input, rows, area, crc from gone');
      for (const row of statement.iterate()) {
        const { crc, ...gone } = row as unknown as GoneRow & { crc: number };
        this.#verify(crc === goneCrc(gone), `what goes in the tile ${gone.x}, ${gone.y}`);
        yield gone;
      }
    } catch (error) {
      throw journalError(error, this.#path);
    }
  }

  /** States of regions by name. */
  regions(): Map<string, string> {
    return onJournal(this.#path, () => {
      if (!this.isThere()) return new Map();
      const rows = this.#db.prepare('select name, state, crc from judged_region').all();
      return new Map(
        rows.map((row) => {
          const [name, state] = [String(row['name']), String(row['state'])];
          this.#verify(row['crc'] === textCrc(name, state), `the region ${name}`);
          return [name, state];
        }),
      );
    });
  }

  /**
   * Says that these tiles may be written from now on, so that nothing is judged until that is done, and
   * no product is known to be of them;
   * makes the tables if they are not there.
   */
  begin(tiles: Iterable<{ x: number; y: number }>, regions: Iterable<string>): void {
    changeJournal(this.#db, this.#path, () => {
      this.#db.exec("delete from meta where key in ('products', 'packs', 'judged')");
      if (!this.isThere()) {
        const products = "select 1 from sqlite_schema where name = 'product_tile'";
        if (this.#db.prepare(products).get() === undefined) this.#db.exec(PRODUCT_SCHEMA);
        this.#db.exec(`${JUDGING_SCHEMA} pragma user_version = ${JUDGING_VERSION}`);
      }
      for (const { x, y } of tiles) this.#setTile(x, y, '');
      this.#forgetRegions(regions);
    });
  }

  /**
   * What was made of the tiles of a region.
   * @param same - tiles that are as they were before `begin`
   */
  set(
    tiles: Iterable<JudgedTile>,
    gone: readonly GoneRow[],
    region: RegionState,
    same: Iterable<JudgedTile> = [],
  ): void {
    changeJournal(this.#db, this.#path, () => {
      const insert = this.#db.prepare('insert or replace into gone values (?, ?, ?, ?, ?, ?)');
      for (const { x, y, key } of tiles) {
        this.#forget(x, y);
        if (key !== null) this.#setTile(x, y, key);
      }
      for (const { x, y, key } of same) {
        if (key !== null) this.#setTile(x, y, key);
        else this.#forget(x, y);
      }
      for (const row of gone) {
        const { x, y, input, rows, area } = row;
        insert.run(y, x, input, rows, area, goneCrc(row));
      }
      this.#setRegion(region);
    });
  }

  /** Regions in which there is nothing to be done. */
  setRegions(regions: Iterable<RegionState>): void {
    changeJournal(this.#db, this.#path, () => {
      for (const region of regions) this.#setRegion(region);
    });
  }

  /**
   * Within the caller's transaction: the merge has written these tiles. Their regions are not done any
   * more, though they may have the very rows again that they had when they were.
   */
  forgetMerged(tiles: Iterable<{ x: number; y: number }>): void {
    if (!this.isThere()) return;
    const levels = new Set([...this.regions().keys()].map((name) => Number.parseInt(name, 10)));
    const names = new Set<string>();
    for (const { x, y } of tiles) {
      this.#forget(x, y);
      for (const level of levels) {
        names.add(`${level}-${Math.floor(x / 2 ** level)}-${Math.floor(y / 2 ** level)}`);
      }
    }
    this.#forgetRegions(names);
  }

  #forget(x: number, y: number): void {
    this.#db.prepare('delete from judged_tile where y = ? and x = ?').run(y, x);
    this.#db.prepare('delete from gone where y = ? and x = ?').run(y, x);
  }

  #forgetRegions(names: Iterable<string>): void {
    const forget = this.#db.prepare('delete from judged_region where name = ?');
    for (const name of names) forget.run(name);
  }

  /** The same of all. */
  clear(): void {
    if (!this.isThere()) return;
    this.#db.exec('delete from judged_tile; delete from gone; delete from judged_region');
  }

  /** Forgets regions that are no more. */
  dropRegions(names: Iterable<string>): void {
    changeJournal(this.#db, this.#path, () => {
      this.#forgetRegions(names);
    });
  }

  isThere(): boolean {
    const sql = "select 1 from sqlite_schema where name = 'judged_tile'";
    return this.#db.prepare(sql).get() !== undefined;
  }

  #setRegion({ name, state }: RegionState): void {
    this.#db
      .prepare('insert or replace into judged_region values (?, ?, ?)')
      .run(name, state, textCrc(name, state));
  }

  #setTile(x: number, y: number, key: string): void {
    this.#db
      .prepare('insert or replace into judged_tile values (?, ?, ?, ?)')
      .run(y, x, key, textCrc(`${x},${y}`, key));
  }

  #verify(holds: boolean, what: string): void {
    if (!holds) throw damagedJournal(this.#path, `${what} has another checksum than was written`);
  }
}

function isDuplicateCounts(value: unknown): value is DuplicateCounts {
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).every(
    (counts) =>
      typeof counts === 'object' && Object.values(counts ?? {}).every(Number.isSafeInteger),
  );
}

function goneCrc({ x, y, input, rows, area }: GoneRow): number {
  return textCrc([x, y, input, rows, area].join());
}
