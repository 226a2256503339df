/**
 * Writes an SQLite database file page by page, in one pass and without SQLite: the same rows give
 * the same bytes (https://www.sqlite.org/fileformat2.html). Tables are filled in order of rowid.
 */

import { alignedBytes, type OutputFile } from '../../core/files/output-file.ts';
import { RowWriter } from './record.ts';
import { type Pages, TableWriter } from './table-writer.ts';

/** What is written at once: the page cache copies small pieces sooner, disks want large ones. */
const PIECE_BYTES = 1 << 20;
const DIRECT_PIECE_BYTES = 4 << 20;
const HEADER_BYTES = 100;
/** The page at this offset is SQLite's for its locks: it never holds anything. */
const LOCK_BYTE = 2 ** 30;
/** What sqlite3_libversion_number() of the writer would be; readers only show it. */
const SQLITE_VERSION_NUMBER = 3046000;
const MAGIC_BYTES = new TextEncoder().encode('SQLite format 3\0');
/** Versions of the format, no reserved bytes, and fixed fractions of pages. */
const FORMAT_BYTES = Uint8Array.of(1, 1, 0, 64, 32, 32);
const NO_BYTES = new Uint8Array(0);
/** Of one call. */
const row = new RowWriter();

export interface DatabaseOptions {
  pageSize: number;
  applicationId: number;
  userVersion: number;
}

/** Gives out pages in ascending order, and writes them in large pieces. */
export class DatabaseWriter implements Pages {
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

  /**
   * Writes the schema and the header; nothing can be appended afterwards.
   * @param name - what is between the parts of texts
   */
  finish(schema: readonly SchemaEntry[], name: Uint8Array = NO_BYTES): void {
    const table = new TableWriter(this);
    const put = (text: SchemaText): void => {
      if (typeof text === 'string') row.text(text);
      else row.join(text, name);
    };
    for (const [i, entry] of schema.entries()) {
      row.clear();
      row.text(entry.type);
      put(entry.name);
      put(entry.table);
      row.integer(entry.rootPage);
      if (entry.sql === null) row.null();
      else put(entry.sql);
      table.addEncoded(i + 1, row);
    }
    const first = new Uint8Array(this.pageSize);
    table.finishInto(first, HEADER_BYTES);
    this.#writeHeader(first);
    // A database that is in the buffer as a whole is written at once.
    const isWhole = this.#written === 0;
    if (isWhole) this.#buffer.set(first);
    this.#flush();
    if (!isWhole) this.#output.write(first, first.length, 0);
    idleBuffer = this.#buffer;
  }

  #writeHeader(page: Uint8Array): void {
    const view = new DataView(page.buffer);
    page.set(MAGIC_BYTES);
    view.setUint16(16, this.pageSize === 65536 ? 1 : this.pageSize);
    page.set(FORMAT_BYTES, 18);
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

/** A text, or its parts in UTF-8, between which a name comes that many databases don't share. */
export type SchemaText = string | readonly Uint8Array[];

export interface SchemaEntry {
  type: 'table' | 'index' | 'trigger' | 'view';
  name: SchemaText;
  table: SchemaText;
  rootPage: number;
  sql: SchemaText | null;
}

/** Of the writer that has finished: a worker mostly writes one tile after the other. */
let idleBuffer: Uint8Array | undefined;
