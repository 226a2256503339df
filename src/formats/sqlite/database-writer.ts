/**
 * Writes an SQLite database file page by page, in one pass and without SQLite: the same rows give
 * the same bytes (https://www.sqlite.org/fileformat2.html). Tables are filled in order of rowid.
 */

import { alignedBytes, type OutputFile } from '../../core/files/output-file.ts';
import { RowWriter, recordHeaderLength } from './record.ts';
import { localPayload } from './table-page.ts';
import { varintLength, writeVarint } from './varint.ts';

/** What is written at once: the page cache copies small pieces sooner, disks want large ones. */
const PIECE_BYTES = 1 << 20;
const DIRECT_PIECE_BYTES = 4 << 20;
const HEADER_BYTES = 100;
/** The page at this offset is SQLite's for its locks: it never holds anything. */
const LOCK_BYTE = 2 ** 30;
/** What sqlite3_libversion_number() of the writer would be; readers only show it. */
const SQLITE_VERSION_NUMBER = 3046000;

export interface DatabaseOptions {
  pageSize: number;
  applicationId: number;
  userVersion: number;
}

/** Gives out pages in ascending order, and writes them in large pieces. */
export class DatabaseWriter {
  readonly pageSize: number;
  readonly #output: OutputFile;
  readonly #options: DatabaseOptions;
  readonly #buffer: Uint8Array;
  /** How much of the buffer is filled before it is written. */
  readonly #pieceBytes: number;
  /** Page 1 is the buffer's first; it is filled last, when everything is known. */
  #buffered: number;
  #written = 0;
  /** Pages given out so far; page 1 is the schema's. */
  #pages = 1;

  constructor(output: OutputFile, options: DatabaseOptions) {
    this.pageSize = options.pageSize;
    this.#output = output;
    this.#options = options;
    this.#pieceBytes = output.direct ? DIRECT_PIECE_BYTES : PIECE_BYTES;
    this.#buffer = idleBuffer ?? alignedBytes(DIRECT_PIECE_BYTES);
    idleBuffer = undefined;
    this.#buffered = options.pageSize;
    this.#buffer.fill(0, 0, this.#buffered);
  }

  /** Appends a page of content (of pageSize bytes); returns its number. */
  append(page: Uint8Array): number {
    if (this.nextPage > this.#pages + 1) this.#put(new Uint8Array(this.pageSize));
    return this.#put(page);
  }

  #put(page: Uint8Array): number {
    if (this.#buffered + this.pageSize > this.#pieceBytes) this.#flush();
    this.#buffer.set(page, this.#buffered);
    this.#buffered += this.pageSize;
    return ++this.#pages;
  }

  /** Number that the next appended page will get. */
  get nextPage(): number {
    return this.pageAfter(this.#pages);
  }

  /** Number of the page that is appended after page `number`. */
  pageAfter(number: number): number {
    return number * this.pageSize === LOCK_BYTE ? number + 2 : number + 1;
  }

  #flush(): void {
    this.#output.write(this.#buffer, this.#buffered, this.#written);
    this.#written += this.#buffered;
    this.#buffered = 0;
  }

  /** Writes the schema and the header; nothing can be appended afterwards. */
  finish(schema: SchemaEntry[]): void {
    const table = new TableWriter(this);
    for (const [i, entry] of schema.entries()) {
      table.addRow(i + 1, [entry.type, entry.name, entry.table, entry.rootPage, entry.sql]);
    }
    const first = new Uint8Array(this.pageSize);
    table.finishInto(first, HEADER_BYTES);
    this.#writeHeader(first);
    const isSmall = this.#written === 0;
    if (isSmall) this.#buffer.set(first);
    this.#flush();
    if (!isSmall) this.#output.write(first, first.length, 0);
    idleBuffer = this.#buffer;
  }

  #writeHeader(page: Uint8Array): void {
    const view = new DataView(page.buffer);
    page.set(new TextEncoder().encode('SQLite format 3\0'));
    view.setUint16(16, this.pageSize === 65536 ? 1 : this.pageSize);
    page.set([1, 1, 0, 64, 32, 32], 18);
    view.setUint32(24, 1); // file change counter
    view.setUint32(28, this.#pages);
    view.setUint32(40, 1); // schema cookie
    view.setUint32(44, 4); // schema format
    view.setUint32(56, 1); // UTF-8
    view.setUint32(60, this.#options.userVersion);
    view.setUint32(68, this.#options.applicationId);
    view.setUint32(92, 1); // the change counter for which the page count holds
    view.setUint32(96, SQLITE_VERSION_NUMBER);
  }
}

export interface SchemaEntry {
  type: 'table' | 'index' | 'trigger' | 'view';
  name: string;
  table: string;
  rootPage: number;
  sql: string | null;
}

/** Of the writer that has finished: a worker mostly writes one tile after the other. */
let idleBuffer: Uint8Array | undefined;

/** Builds a table's b-tree from rows in ascending order of rowid. */
export class TableWriter {
  readonly #database: DatabaseWriter;
  readonly #usable: number;
  readonly #leaf: Uint8Array;
  readonly #rowWriter = new RowWriter();
  #overflowPage: Uint8Array | undefined;
  /** The record that was begun last is to be written at target[at …]. */
  target: Uint8Array;
  view: DataView;
  at = 0;
  readonly #leafView: DataView;
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

  constructor(database: DatabaseWriter) {
    this.#database = database;
    this.#usable = database.pageSize;
    this.#leaf = new Uint8Array(database.pageSize);
    this.#leafView = new DataView(this.#leaf.buffer);
    this.target = this.#leaf;
    this.view = this.#leafView;
    this.#contentStart = this.#usable;
  }

  addRow(rowid: number, values: (null | number | string | Uint8Array)[]): void {
    const writer = this.#rowWriter;
    writer.clear();
    for (const value of values) writer.value(value);
    const headerLength = recordHeaderLength(writer.typesLength);
    const payload = new Uint8Array(headerLength + writer.bodyLength);
    const at = writeVarint(payload, 0, headerLength);
    payload.set(writer.types.subarray(0, writer.typesLength), at);
    payload.set(writer.body.subarray(0, writer.bodyLength), headerLength);
    this.add(rowid, payload, 0, payload.length);
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
    const first = this.#database.nextPage;
    this.#overflowPage ??= new Uint8Array(this.#usable);
    const page = this.#overflowPage;
    while (start < end) {
      const take = Math.min(room, end - start);
      const next = start + take < end ? this.#database.pageAfter(this.#database.nextPage) : 0;
      writeUint32(page, 0, next);
      page.set(payload.subarray(start, start + take), 4);
      page.fill(0, 4 + take);
      this.#database.append(page);
      start += take;
    }
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
    this.#children.push(this.#database.append(this.#closeLeaf()));
    this.#keys.push(this.#lastRowid);
    this.#cells = 0;
    this.#contentStart = this.#usable;
  }

  /** Completes the tree; returns its root page. */
  finish(): number {
    if (this.#children.length === 0) return this.#database.append(this.#closeLeaf());
    this.#finishLeaf();
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
      return;
    }
    this.#finishLeaf();
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
      parents.push(this.#database.append(page));
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

/**
 * Writes a small index as one page; returns its number. Entries are the key columns and the rowid,
 * in ascending order (BINARY collation of their UTF-8 bytes).
 */
export function writeIndex(
  database: DatabaseWriter,
  entries: (null | number | string)[][],
): number {
  const page = new Uint8Array(database.pageSize);
  const writer = new RowWriter();
  // Longer entries of an index go on in overflow pages.
  const longest = Math.floor(((database.pageSize - 12) * 64) / 255) - 23;
  let content = database.pageSize;
  for (const [i, entry] of entries.entries()) {
    writer.clear();
    for (const value of entry) writer.value(value);
    const headerLength = recordHeaderLength(writer.typesLength);
    const length = headerLength + writer.bodyLength;
    content -= varintLength(length) + length;
    if (length > longest || content < 8 + 2 * entries.length) {
      throw new RangeError(`An index of ${entries.length} entries takes more than one page`);
    }
    let at = writeVarint(page, content, length);
    at = writeVarint(page, at, headerLength);
    page.set(writer.types.subarray(0, writer.typesLength), at);
    page.set(writer.body.subarray(0, writer.bodyLength), at + writer.typesLength);
    page[8 + 2 * i] = content >> 8;
    page[9 + 2 * i] = content & 255;
  }
  page[0] = 10;
  page[3] = entries.length >> 8;
  page[4] = entries.length & 255;
  page[5] = (content >> 8) & 255;
  page[6] = content & 255;
  return database.append(page);
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = (value >>> 16) & 255;
  bytes[at + 2] = (value >>> 8) & 255;
  bytes[at + 3] = value & 255;
}
