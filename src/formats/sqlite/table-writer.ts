/** Writes tables and small indexes as pages (https://www.sqlite.org/fileformat2.html#b_tree_pages). */

import type { Value } from '../../core/columns.ts';
import { copyBytes } from '../../geometry/batch.ts';
import { RowWriter, recordHeaderLength } from './record.ts';
import { localPayload } from './table-page.ts';
import { varintLength, writeVarint } from './varint.ts';

/** What gives out the pages of a database, in ascending order. */
export interface Pages {
  readonly pageSize: number;
  /** Number that the next appended page will get. */
  readonly nextPage: number;
  /** Number of the page that is appended after page `number`. */
  pageAfter(number: number): number;
  /** Appends a page of content (of pageSize bytes), which is copied; returns its number. */
  append(page: Uint8Array): number;
}

/** Memory for a page that is being filled. */
interface Page {
  bytes: Uint8Array;
  view: DataView;
}

/** Those of tables that have been finished: a tile has two dozen tables, most of a page. */
const idlePages: Page[] = [];

function takePage(size: number): Page {
  const page = idlePages.pop();
  if (page?.bytes.length === size) return page;
  const bytes = new Uint8Array(size);
  return { bytes, view: new DataView(bytes.buffer) };
}

/** Of one call. */
const row = new RowWriter();

/** Builds a table's b-tree from rows in ascending order of rowid. */
export class TableWriter {
  readonly #pages: Pages;
  readonly #usable: number;
  readonly #page: Page;
  readonly #leaf: Uint8Array;
  readonly #leafView: DataView;
  /** The record that was begun last is to be written at target[at …]. */
  target: Uint8Array;
  view: DataView;
  at = 0;
  #long = new Uint8Array(0);
  /** Bytes of a record that was begun in `#long`; 0 if it is on the leaf. */
  #begun = 0;
  #begunRowid = 0;
  #cells = 0;
  #contentStart: number;
  #lastRowid = 0;
  /** Finished leaves: page numbers, and the last rowid of each. */
  readonly #children: number[] = [];
  readonly #keys: number[] = [];

  constructor(pages: Pages) {
    this.#pages = pages;
    this.#usable = pages.pageSize;
    this.#page = takePage(pages.pageSize);
    this.#leaf = this.#page.bytes;
    this.#leafView = this.#page.view;
    this.target = this.#leaf;
    this.view = this.#leafView;
    this.#contentStart = this.#usable;
  }

  addRow(rowid: number, values: readonly Value[]): void {
    row.clear();
    for (const value of values) row.value(value);
    this.addEncoded(rowid, row);
  }

  addEncoded(rowid: number, { types, typesLength, body, bodyLength }: RowWriter): void {
    const headerLength = recordHeaderLength(typesLength);
    this.begin(rowid, headerLength + bodyLength);
    const { target } = this;
    const at = writeVarint(target, this.at, headerLength);
    copyBytes(types, 0, typesLength, target, at);
    copyBytes(body, 0, bodyLength, target, at + typesLength);
    this.end();
  }

  /** Adds the record payload[start, end). */
  add(rowid: number, payload: Uint8Array, start: number, end: number): void {
    const length = end - start;
    const local = localPayload(length, this.#usable);
    const at = this.#beginCell(rowid, length, local);
    this.#leaf.set(payload.subarray(start, start + local), at);
    if (local < length) {
      writeUint32(this.#leaf, at + local, this.#writeOverflow(payload, start + local, end));
    }
  }

  /**
   * Begins a record of `length` bytes, which the caller writes at target[at …] and ends: into the
   * page itself if it has room for all of it.
   */
  begin(rowid: number, length: number): void {
    if (length <= this.#usable - 35) {
      this.at = this.#beginCell(rowid, length, length);
      this.target = this.#leaf;
      this.view = this.#leafView;
      this.#begun = 0;
      return;
    }
    if (length > this.#long.length) this.#long = new Uint8Array(2 * length);
    this.target = this.#long;
    this.view = new DataView(this.#long.buffer);
    this.at = 0;
    this.#begun = length;
    this.#begunRowid = rowid;
  }

  end(): void {
    if (this.#begun > 0) this.add(this.#begunRowid, this.#long, 0, this.#begun);
  }

  /** Makes room for a cell with `local` bytes of a record on the leaf; returns where these begin. */
  #beginCell(rowid: number, length: number, local: number): number {
    let size = (length < 0x80 ? 1 : varintLength(length)) + varintLength(rowid) + local;
    if (local < length) size += 4;
    if (8 + 2 * (this.#cells + 1) > this.#contentStart - size) this.#finishLeaf();
    const cell = this.#contentStart - size;
    this.#contentStart = cell;
    const leaf = this.#leaf;
    const at = writeVarint(leaf, writeVarint(leaf, cell, length), rowid);
    const pointer = 8 + 2 * this.#cells;
    leaf[pointer] = cell >> 8;
    leaf[pointer + 1] = cell & 255;
    this.#cells++;
    this.#lastRowid = rowid;
    return at;
  }

  #writeOverflow(payload: Uint8Array, start: number, end: number): number {
    const room = this.#usable - 4;
    const first = this.#pages.nextPage;
    const free = takePage(this.#usable);
    const page = free.bytes;
    while (start < end) {
      const take = Math.min(room, end - start);
      const next = start + take < end ? this.#pages.pageAfter(this.#pages.nextPage) : 0;
      writeUint32(page, 0, next);
      page.set(payload.subarray(start, start + take), 4);
      page.fill(0, 4 + take);
      this.#pages.append(page);
      start += take;
    }
    idlePages.push(free);
    return first;
  }

  /** Writes the leaf's header and zeroes the room between the pointers and the cells. */
  #closeLeaf(): Uint8Array {
    const leaf = this.#leaf;
    leaf[0] = 13;
    leaf[1] = leaf[2] = 0;
    leaf[3] = this.#cells >> 8;
    leaf[4] = this.#cells & 255;
    leaf[5] = (this.#contentStart >> 8) & 255;
    leaf[6] = this.#contentStart & 255;
    leaf[7] = 0;
    leaf.fill(0, 8 + 2 * this.#cells, this.#contentStart);
    return leaf;
  }

  #finishLeaf(): void {
    this.#children.push(this.#pages.append(this.#closeLeaf()));
    this.#keys.push(this.#lastRowid);
    this.#cells = 0;
    this.#contentStart = this.#usable;
  }

  /** Completes the tree; returns its root page. Nothing can be added afterwards. */
  finish(): number {
    this.#finishLeaf();
    idlePages.push(this.#page);
    let children = this.#children;
    let keys = this.#keys;
    while (children.length > 1) {
      const level = this.#interiorLevel(children, keys);
      children = level.children;
      keys = level.keys;
    }
    return children[0]!;
  }

  /** Completes the tree with its root in `page`, whose first `offset` bytes are taken. */
  finishInto(page: Uint8Array, offset: number): void {
    const size = this.#usable - this.#contentStart;
    if (this.#children.length === 0 && offset + 8 + 2 * this.#cells + size <= this.#usable) {
      const leaf = this.#closeLeaf();
      page.set(leaf.subarray(0, 8 + 2 * this.#cells), offset);
      page.set(leaf.subarray(this.#contentStart), this.#contentStart);
      idlePages.push(this.#page);
      return;
    }
    this.#finishLeaf();
    idlePages.push(this.#page);
    let children = this.#children;
    let keys = this.#keys;
    while (12 + interiorBytes(keys) > this.#usable - offset) {
      ({ children, keys } = this.#interiorLevel(children, keys));
    }
    fillInterior(page, offset, children, keys, 0, children.length);
  }

  #interiorLevel(children: number[], keys: number[]): { children: number[]; keys: number[] } {
    const parents: number[] = [];
    const parentKeys: number[] = [];
    const page = new Uint8Array(this.#usable);
    for (let start = 0; start < children.length; ) {
      let bytes = 12;
      let end = start;
      while (end < children.length) {
        bytes += 6 + varintLength(keys[end]!);
        if (bytes > this.#usable && end > start + 1) break;
        end++;
      }
      // A page that got a single child would have no key.
      if (children.length - end === 1) end--;
      page.fill(0);
      fillInterior(page, 0, children, keys, start, end);
      parents.push(this.#pages.append(page));
      parentKeys.push(keys[end - 1]!);
      start = end;
    }
    return { children: parents, keys: parentKeys };
  }
}

function interiorBytes(keys: number[]): number {
  return keys.reduce((sum, key) => sum + 6 + varintLength(key), 0);
}

/** An interior page with children[start … end): the last one is the right-most pointer. */
function fillInterior(
  page: Uint8Array,
  offset: number,
  children: number[],
  keys: number[],
  start: number,
  end: number,
): void {
  let content = page.length;
  let pointer = offset + 12;
  for (let i = start; i < end - 1; i++) {
    content -= 4 + varintLength(keys[i]!);
    writeUint32(page, content, children[i]!);
    writeVarint(page, content + 4, keys[i]!);
    page[pointer++] = content >> 8;
    page[pointer++] = content & 255;
  }
  const cells = end - 1 - start;
  page[offset] = 5;
  page[offset + 3] = cells >> 8;
  page[offset + 4] = cells & 255;
  page[offset + 5] = (content >> 8) & 255;
  page[offset + 6] = content & 255;
  writeUint32(page, offset + 8, children[end - 1]!);
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = (value >>> 16) & 255;
  bytes[at + 2] = (value >>> 8) & 255;
  bytes[at + 3] = value & 255;
}

/**
 * Writes a small index as one page; returns its number. Entries are the key columns and the rowid,
 * in ascending order (BINARY collation of their UTF-8 bytes).
 */
export function writeIndex(pages: Pages, entries: readonly (readonly Value[])[]): number {
  const free = takePage(pages.pageSize);
  const page = free.bytes.fill(0);
  // Longer entries of an index go on in overflow pages.
  const longest = Math.floor(((pages.pageSize - 12) * 64) / 255) - 23;
  let content = pages.pageSize;
  for (const [i, entry] of entries.entries()) {
    row.clear();
    for (const value of entry) row.value(value);
    const headerLength = recordHeaderLength(row.typesLength);
    const length = headerLength + row.bodyLength;
    content -= varintLength(length) + length;
    if (length > longest || content < 8 + 2 * entries.length) {
      throw new RangeError(`An index of ${entries.length} entries takes more than one page`);
    }
    let at = writeVarint(page, content, length);
    at = writeVarint(page, at, headerLength);
    page.set(row.types.subarray(0, row.typesLength), at);
    page.set(row.body.subarray(0, row.bodyLength), at + row.typesLength);
    page[8 + 2 * i] = content >> 8;
    page[9 + 2 * i] = content & 255;
  }
  page[0] = 10;
  page[3] = entries.length >> 8;
  page[4] = entries.length & 255;
  page[5] = (content >> 8) & 255;
  page[6] = content & 255;
  const number = pages.append(page);
  idlePages.push(free);
  return number;
}
