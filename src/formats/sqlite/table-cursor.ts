/**
 * Walks the rows of a table b-tree in order of rowid, without SQLite: 0.4 µs a row where a
 * statement takes 4 (https://www.sqlite.org/fileformat2.html#b_tree_pages).
 */

import { VarintReader } from '../../core/record.ts';
import { corrupt, type PageFile } from './page-file.ts';

const TABLE_INTERIOR = 5;
const TABLE_LEAF = 13;
/** A table b-tree of 2^32 pages has fewer levels than this. */
const MAX_DEPTH = 24;

export class TableCursor {
  /** Rowid of the current row; past ±2^53 it is not exact. */
  rowid = 0;
  /** The row's record is payload[payloadStart … payloadEnd), until the next call of `next`. */
  payload: Uint8Array = new Uint8Array(0);
  payloadStart = 0;
  payloadEnd = 0;

  readonly #file: PageFile;
  readonly #root: number;
  readonly #varint = new VarintReader();
  /** Interior pages from the root to the leaf: a copy of each page, and the child we are in. */
  readonly #path: Level[] = [];
  #leaf: Uint8Array = new Uint8Array(0);
  #leafHeader = 0;
  #leafNumber = 0;
  #cell = 0;
  #cells = 0;
  /** Rowids ascend, up to the key that the leaf's parent has for it: what does not is damage. */
  #last = Number.NEGATIVE_INFINITY;
  #limit = Number.POSITIVE_INFINITY;
  #overflow = new Uint8Array(0);
  #pagesLeft: number;

  constructor(file: PageFile, rootPage: number) {
    this.#file = file;
    this.#root = rootPage;
    this.#pagesLeft = file.pageCount;
  }

  /** Places the cursor before the first row whose rowid is at least `rowid`. */
  seek(rowid: number): void {
    this.#path.length = 0;
    this.#pagesLeft = this.#file.pageCount;
    this.#last = Number.NEGATIVE_INFINITY;
    this.#descend(this.#root, rowid);
    while (this.#cell < this.#cells) {
      this.#readCell(this.#cell, false);
      if (this.rowid >= rowid) break;
      this.#cell++;
    }
  }

  /** Moves to the next row; false at the end of the table. Call `seek` first. */
  next(): boolean {
    while (this.#cell >= this.#cells) {
      if (!this.#nextLeaf()) return false;
    }
    this.#readCell(this.#cell++, true);
    if (this.rowid < this.#last || this.rowid > this.#limit) {
      throw corrupt(
        this.#file.path,
        `the row ${this.rowid} is out of order on page ${this.#leafNumber}`,
      );
    }
    this.#last = this.rowid;
    return true;
  }

  /** Call this before `next` when other pages of the file may have been read in between. */
  refresh(): void {
    if (this.#leafNumber > 0) this.#leaf = this.#file.page(this.#leafNumber);
  }

  #descend(number: number, rowid: number): void {
    for (;;) {
      if (this.#path.length > MAX_DEPTH || this.#pagesLeft-- <= 0) {
        throw corrupt(this.#file.path, 'a table refers to its pages in a circle');
      }
      const page = this.#file.page(number);
      const header = number === 1 ? 100 : 0;
      const cells = (page[header + 3]! << 8) | page[header + 4]!;
      if (page[header] === TABLE_LEAF) {
        if (header + 8 + 2 * cells > page.length) throw this.#badPage(number);
        this.#leaf = page;
        this.#leafHeader = header + 8;
        this.#leafNumber = number;
        this.#cell = 0;
        this.#cells = cells;
        this.#limit = this.#path.at(-1)?.limit ?? Number.POSITIVE_INFINITY;
        return;
      }
      if (page[header] !== TABLE_INTERIOR || header + 12 + 2 * cells > page.length) {
        throw this.#badPage(number);
      }
      // A copy, because the cache may reuse the page's memory before we come back to it.
      const copy = page.slice(header);
      const above = this.#path.at(-1)?.limit ?? Number.POSITIVE_INFINITY;
      const level: Level = { page: copy, cell: 0, cells, above, limit: above };
      if (header > 0) shiftPointers(copy, cells, header);
      while (level.cell < cells && this.#keyOf(level) < rowid) level.cell++;
      this.#enter(level);
      this.#path.push(level);
      number = childOf(level, this.#file.path);
    }
  }

  /** The largest rowid of the level's current child, which is not its last. */
  #keyOf(level: Level): number {
    this.#varint.read(level.page, cellOffset(level.page, level.cell, this.#file.path) + 4);
    return this.#varint.value;
  }

  /** Notes how large rowids may be in the level's current child. */
  #enter(level: Level): void {
    level.limit = level.cell < level.cells ? this.#keyOf(level) : level.above;
  }

  #nextLeaf(): boolean {
    for (;;) {
      const level = this.#path.at(-1);
      if (level === undefined) return false;
      if (level.cell < level.cells) {
        level.cell++;
        this.#enter(level);
        this.#descend(childOf(level, this.#file.path), Number.NEGATIVE_INFINITY);
        return true;
      }
      this.#path.pop();
    }
  }

  #readCell(cell: number, withPayload: boolean): void {
    // The cache may have given the leaf's memory to other pages while overflow pages were read.
    const leaf = this.#leaf;
    const pointer = this.#leafHeader + 2 * cell;
    const start = (leaf[pointer]! << 8) | leaf[pointer + 1]!;
    const varint = this.#varint;
    let at = varint.read(leaf, start);
    const length = varint.value;
    at = varint.read(leaf, at);
    this.rowid = varint.value;
    if (!withPayload) return;
    const usable = this.#file.usableSize;
    if (length <= usable - 35) {
      if (length < 0 || at + length > leaf.length) throw this.#badPage(this.#leafNumber);
      this.payload = leaf;
      this.payloadStart = at;
      this.payloadEnd = at + length;
    } else {
      this.#readOverflow(leaf, at, length);
    }
  }

  /** Gathers a record that goes on in overflow pages into one piece of memory. */
  #readOverflow(leaf: Uint8Array, at: number, length: number): void {
    const file = this.#file;
    const local = localPayload(length, file.usableSize);
    if (length > file.pageCount * file.pageSize || at + local + 4 > leaf.length) {
      throw this.#badPage(this.#leafNumber);
    }
    const room = file.usableSize - 4;
    this.#reserveOverflow(local, Math.min(length, 1 << 20));
    this.#overflow.set(leaf.subarray(at, at + local));
    let filled = local;
    let next = readUint32(leaf, at + local);
    // Brent's cycle detection: a page met again within the next 2, 4, 8, … pages.
    let mark = -1;
    let untilMark = 1;
    let stride = 1;
    while (filled < length) {
      if (next === mark) throw corrupt(file.path, 'a record refers to its pages in a circle');
      if (--untilMark === 0) {
        mark = next;
        stride *= 2;
        untilMark = stride;
      }
      const page = file.page(next);
      const take = Math.min(room, length - filled);
      // Memory grows with what is there, not with what the record says of its length.
      this.#reserveOverflow(filled, filled + take);
      this.#overflow.set(page.subarray(4, 4 + take), filled);
      filled += take;
      next = readUint32(page, 0);
    }
    this.payload = this.#overflow;
    this.payloadStart = 0;
    this.payloadEnd = length;
    this.#leaf = file.page(this.#leafNumber);
  }

  #reserveOverflow(filled: number, needed: number): void {
    if (needed <= this.#overflow.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#overflow.length * 2));
    grown.set(this.#overflow.subarray(0, filled));
    this.#overflow = grown;
  }

  #badPage(number: number): Error {
    return corrupt(this.#file.path, `page ${number} is not a page of a table`);
  }
}

/** An interior page on the way to the leaf: a copy, and the child that we are in. */
interface Level {
  page: Uint8Array;
  cell: number;
  cells: number;
  /** The largest rowid that the page may have, and that its current child may have. */
  above: number;
  limit: number;
}

/** Bytes of a record of `length` bytes that stay on a table's leaf page. */
export function localPayload(length: number, usable: number): number {
  if (length <= usable - 35) return length;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const fitted = least + ((length - least) % (usable - 4));
  return fitted <= usable - 35 ? fitted : least;
}

function cellOffset(page: Uint8Array, cell: number, path: string): number {
  const offset = (page[12 + 2 * cell]! << 8) | page[13 + 2 * cell]!;
  if (offset + 5 > page.length) throw corrupt(path, 'a cell lies outside its page');
  return offset;
}

/** Cell pointers count from the start of the page, which for page 1 is before its header. */
function shiftPointers(page: Uint8Array, cells: number, by: number): void {
  for (let i = 12; i < 12 + 2 * cells; i += 2) {
    const offset = ((page[i]! << 8) | page[i + 1]!) - by;
    page[i] = offset >> 8;
    page[i + 1] = offset & 255;
  }
}

function childOf(level: Level, path: string): number {
  return level.cell < level.cells
    ? readUint32(level.page, cellOffset(level.page, level.cell, path))
    : readUint32(level.page, 8);
}

function readUint32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
  );
}
