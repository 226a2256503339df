/**
 * What the journal says of products: which there are, and for each file the state of what it was made
 * of. A row without a state is of a file that is being made, or was when its run died: whatever lies
 * there is ours, and is made again.
 */

import type { DatabaseSync } from 'node:sqlite';
import { LOOSE_FORMAT, stagedFormat } from '../../../formats/staged-formats.ts';
import type { Tile } from '../../../tms/tile-matrix.ts';
import { tileKey } from '../../../tms/tile-path.ts';
import { isProductExtension, isProductName } from '../product-names.ts';
import {
  changeJournal,
  damagedJournal,
  journalError,
  type MetaEntries,
  onJournal,
  textCrc,
} from './journal-file.ts';
import { PRODUCT_SCHEMA, PRODUCT_VERSION } from './product-schema.ts';

/** A product that the folder has files of. */
export interface KnownProduct {
  id: number;
  name: string;
  extension: string;
}

/** Names under which packs, and tiles that are to be packed, are kept. */
export const PACKS = 'packs';
const LOOSE = 'loose-tiles';
/** What no product may be called. */
export const TAKEN_NAMES: readonly string[] = [PACKS, LOOSE];

export interface ProductRow {
  z: number;
  x: number;
  y: number;
  /** Empty while the file is being made. */
  state: string;
  /** Bytes of the file, and their CRC-32. */
  size: number;
  sum: number;
}

/** Every method throws as those of the journal do. */
export class ProductRows {
  readonly #db: DatabaseSync;
  readonly #path: string;
  readonly #meta: MetaEntries;

  /** @param meta - entries of the journal, by key */
  constructor(db: DatabaseSync, path: string, meta: MetaEntries) {
    this.#db = db;
    this.#path = path;
    this.#meta = meta;
  }

  /** Which products are those of the tiles as they are; null after a commit. */
  current(): string | null {
    return this.#meta.get('products') ?? null;
  }

  markCurrent(products: string): void {
    this.#meta.set('products', products);
  }

  /** Whether all tiles are in packs as they are; false after a commit. */
  arePacksCurrent(): boolean {
    return this.#meta.get('packs') === 'current';
  }

  markPacksCurrent(): void {
    this.#meta.set('packs', 'current');
  }

  /** Says that no tile is loose. */
  forgetLoose(): void {
    const loose = this.find(LOOSE);
    if (loose !== null) this.drop(loose);
  }

  /**
   * Says that tiles with rows are files of their own until they are packed, whatever a pack has of them,
   * and that the others are not there. Within the caller's transaction.
   */
  noteWritten(z: number, tiles: readonly { x: number; y: number; rows: number }[]): void {
    const there = tiles.filter(({ rows }) => rows > 0);
    let loose = this.find(LOOSE);
    if (there.length > 0) loose ??= this.#declare(LOOSE, stagedFormat(LOOSE_FORMAT).extension);
    if (loose === null) return;
    const gone = tiles.filter(({ rows }) => rows === 0);
    this.#delete(
      loose,
      gone.map(({ x, y }) => ({ z, x, y })),
    );
    this.#insert(
      loose,
      there.map(({ x, y }) => ({ z, x, y, state: '', size: 0, sum: 0 })),
    );
  }

  /** The same in a transaction of its own, of tiles with rows. */
  setWritten(z: number, tiles: readonly { x: number; y: number }[]): void {
    if (tiles.length === 0) return;
    changeJournal(this.#db, this.#path, () => {
      this.noteWritten(
        z,
        tiles.map(({ x, y }) => ({ x, y, rows: 1 })),
      );
    });
  }

  /** By `x/y`. */
  looseTiles(): Set<string> {
    const loose = this.find(LOOSE);
    const tiles = new Set<string>();
    if (loose !== null) for (const { x, y } of this.rows(loose)) tiles.add(tileKey(x, y));
    return tiles;
  }

  /** Sets the row of a pack, whose tiles are loose no more. */
  setPacked(packs: KnownProduct, row: ProductRow, tiles: Iterable<Tile>): void {
    changeJournal(this.#db, this.#path, () => {
      this.#insert(packs, [row]);
      const loose = this.find(LOOSE);
      if (loose !== null) this.#delete(loose, tiles);
    });
  }

  /** Those that were asked for, by name. */
  known(): KnownProduct[] {
    return this.all().filter(({ name }) => !TAKEN_NAMES.includes(name));
  }

  /** The same, and packs of tiles, which are kept as a product is. */
  all(): KnownProduct[] {
    return onJournal(this.#path, () => {
      if (!this.#isThere()) return [];
      const rows = this.#db
        .prepare('select id, name, extension, crc from product order by name')
        .all();
      return rows.map(({ id, name, extension, crc }) => {
        const isOurs = isProductName(name) && isProductExtension(extension);
        if (!isOurs || crc !== textCrc(String(id), name, extension)) {
          throw damagedJournal(this.#path, 'what it says of products has another checksum');
        }
        return { id: Number(id), name, extension };
      });
    });
  }

  find(name: string): KnownProduct | null {
    return this.all().find((product) => product.name === name) ?? null;
  }

  /** Declares a product; makes the tables if this is the first. */
  add(name: string, extension: string): KnownProduct {
    let product!: KnownProduct;
    changeJournal(this.#db, this.#path, () => {
      product = this.#declare(name, extension);
    });
    return product;
  }

  #declare(name: string, extension: string): KnownProduct {
    if (!this.#isThere())
      this.#db.exec(`${PRODUCT_SCHEMA} pragma user_version = ${PRODUCT_VERSION}`);
    const insert = this.#db.prepare('insert into product (name, extension, crc) values (?, ?, 0)');
    const id = Number(insert.run(name, extension).lastInsertRowid);
    const crc = textCrc(String(id), name, extension);
    this.#db.prepare('update product set crc = ? where id = ?').run(crc, id);
    return { id, name, extension };
  }

  /** Forgets a product whose files are gone. */
  drop(product: KnownProduct): void {
    changeJournal(this.#db, this.#path, () => this.forget(product));
  }

  /** The same within the caller's transaction. */
  forget({ id }: KnownProduct): void {
    this.#db.prepare('delete from product_tile where product = ?').run(id);
    this.#db.prepare('delete from product where id = ?').run(id);
  }

  count({ id }: KnownProduct): number {
    return onJournal(this.#path, () => {
      const row = this.#db
        .prepare('select count(*) as n from product_tile where product = ?')
        .get(id);
      return Number(row!['n']);
    });
  }

  /** In the order of z, row and column. @param limit - of the first ones */
  *rows({ id, name }: KnownProduct, limit = -1): Generator<ProductRow> {
    try {
      const statement = this.#db.prepare(
        'select z, x, y, state, size, sum, crc from product_tile where product = ? limit ?',
      );
      for (const row of statement.iterate(id, limit)) {
        const { crc, ...rest } = row as unknown as ProductRow & { crc: number };
        if (crc !== rowCrc(id, rest)) {
          const tile = `${rest.z}/${rest.x}/${rest.y}`;
          throw damagedJournal(this.#path, `the product ${name} of ${tile} has another checksum`);
        }
        yield rest;
      }
    } catch (error) {
      throw journalError(error, this.#path);
    }
  }

  /** Sets these rows, in one transaction. */
  set(product: KnownProduct, rows: Iterable<ProductRow>): void {
    changeJournal(this.#db, this.#path, () => this.#insert(product, rows));
  }

  #insert({ id }: KnownProduct, rows: Iterable<ProductRow>): void {
    const statement = this.#db.prepare(
      'insert or replace into product_tile values (?, ?, ?, ?, ?, ?, ?, ?)',
    );
    for (const row of rows) {
      const { z, x, y, state, size, sum } = row;
      statement.run(id, z, y, x, state, size, sum, rowCrc(id, row));
    }
  }

  /** Removes these rows, in one transaction. */
  remove(product: KnownProduct, rows: Iterable<Tile>): void {
    changeJournal(this.#db, this.#path, () => this.#delete(product, rows));
  }

  #delete({ id }: KnownProduct, rows: Iterable<Tile>): void {
    const statement = this.#db.prepare(
      'delete from product_tile where product = ? and z = ? and y = ? and x = ?',
    );
    for (const { z, x, y } of rows) statement.run(id, z, y, x);
  }

  #isThere(): boolean {
    const sql = "select 1 from sqlite_schema where name = 'product_tile'";
    return this.#db.prepare(sql).get() !== undefined;
  }
}

function rowCrc(id: number, { z, x, y, state, size, sum }: ProductRow): number {
  return textCrc([id, z, x, y, size, sum].join(), state);
}
