/** Pages of one column in a row group: compressed, with checksums, and told of in the metadata. */

import { crc32 } from 'node:zlib';
import { ByteSink } from './byte-sink.ts';
import { compress } from './compress.ts';
import { CODEC, ENCODING, type Leaf } from './layout.ts';
import { ThriftWriter } from './thrift-writer.ts';

/** Chunks up to here stay as they are: compressing them saves less than it takes. */
const SMALL_CHUNK = 512;
const DATA_PAGE = 0;
const DICTIONARY_PAGE = 2;
const header = new ThriftWriter();

interface Range {
  least: Uint8Array;
  most: Uint8Array;
}

interface Page {
  /** From the start of the chunk. */
  at: number;
  /** With its header. */
  bytes: number;
  firstRow: number;
  nulls: number;
  rows: number;
  range: Range | null;
}

export class ColumnChunk {
  leaf!: Leaf;
  /** The pages, one after the other. */
  readonly bytes = new ByteSink(0);
  #codec = CODEC.UNCOMPRESSED;
  #plainBytes = 0;
  readonly #encodings = new Set<number>();
  #hasDictionary = false;
  #pages: Page[] = [];
  #rows = 0;
  #nulls = 0;
  #range: Range | null = null;
  #position = 0;
  #offsetIndex = { at: 0, length: 0 };
  #columnIndex = { at: 0, length: 0 };

  /** @param rawBytes - about what the pages would take as they are */
  begin(leaf: Leaf, rawBytes: number): void {
    this.leaf = leaf;
    this.bytes.clear();
    this.#codec = rawBytes < SMALL_CHUNK ? CODEC.UNCOMPRESSED : CODEC.ZSTD;
    this.#plainBytes = this.#rows = this.#nulls = 0;
    this.#hasDictionary = false;
    this.#encodings.clear();
    this.#pages = [];
    this.#range = null;
    this.#offsetIndex.length = this.#columnIndex.length = 0;
  }

  dictionary(plain: ByteSink, count: number): void {
    this.#hasDictionary = true;
    this.#encodings.add(ENCODING.PLAIN);
    this.#put(plain, DICTIONARY_PAGE, 7, () => {
      header.i32(1, count);
      header.i32(2, ENCODING.PLAIN);
    });
  }

  /** @param content - levels, then values */
  page(content: ByteSink, rows: number, nulls: number, encoding: number): void {
    const at = this.bytes.length;
    this.#put(content, DATA_PAGE, 5, () => {
      header.i32(1, rows);
      header.i32(2, encoding);
      header.i32(3, ENCODING.RLE);
      header.i32(4, ENCODING.RLE);
    });
    const bytes = this.bytes.length - at;
    this.#pages.push({ at, bytes, firstRow: this.#rows, rows, nulls, range: null });
    this.#rows += rows;
    this.#nulls += nulls;
    this.#encodings.add(encoding);
  }

  #put(content: ByteSink, type: number, field: number, describe: () => void): void {
    const plain = content.filled;
    const stored = this.#codec === CODEC.ZSTD ? compress(plain) : plain;
    header.clear();
    header.begin();
    header.i32(1, type);
    header.i32(2, plain.length);
    header.i32(3, stored.length);
    header.i32(4, crc32(stored) | 0);
    header.begin(field);
    describe();
    header.end();
    header.end();
    this.#plainBytes += header.length + plain.length;
    this.bytes.all(header.filled);
    this.bytes.all(stored);
  }

  /** Tells the least and greatest value, as PLAIN has them: of the last page, or of all. */
  range(least: Uint8Array, most: Uint8Array, ofPage = false): void {
    const range = { least: least.slice(), most: most.slice() };
    if (ofPage) this.#pages.at(-1)!.range = range;
    else this.#range = range;
  }

  /** @param position - of the chunk in the file */
  placeAt(position: number): void {
    this.#position = position;
  }

  /** Writes where its pages are, and what they hold, at `position` of the file; of one page nothing. */
  writeIndexes(out: ThriftWriter, position: number): void {
    if (this.#pages.length < 2) return;
    const start = out.length;
    const isIndexed = this.#pages.every(
      ({ range, nulls, rows }) => range !== null || nulls === rows,
    );
    if (isIndexed) {
      writeColumnIndex(out, this.#pages);
      this.#columnIndex = { at: position, length: out.length - start };
    }
    const from = out.length;
    writeOffsetIndex(out, this.#pages, this.#position);
    this.#offsetIndex = { at: position + from - start, length: out.length - from };
  }

  /** Writes the ColumnChunk, an item of a list. */
  writeMetadata(out: ThriftWriter): void {
    const { leaf, bytes } = this;
    out.begin();
    out.i64(2, 0);
    out.begin(3);
    out.i32(1, leaf.type);
    const encodings = [...this.#encodings, ENCODING.RLE].sort((a, b) => a - b);
    out.list(2, 'i32', encodings.length);
    for (const encoding of encodings) out.zigzag(encoding);
    out.list(3, 'binary', leaf.path.length);
    for (const name of leaf.path) out.textItem(name);
    out.i32(4, this.#codec);
    out.i64(5, this.#rows);
    out.i64(6, this.#plainBytes);
    out.i64(7, bytes.length);
    out.i64(9, this.#position + (this.#pages[0]?.at ?? 0));
    if (this.#hasDictionary) out.i64(11, this.#position);
    this.#writeStatistics(out);
    out.end();
    if (this.#offsetIndex.length > 0) {
      out.i64(4, this.#offsetIndex.at);
      out.i32(5, this.#offsetIndex.length);
    }
    if (this.#columnIndex.length > 0) {
      out.i64(6, this.#columnIndex.at);
      out.i32(7, this.#columnIndex.length);
    }
    out.end();
  }

  /** Bytes of the pages before they were compressed, headers among them. */
  get plainBytes(): number {
    return this.#plainBytes;
  }

  #writeStatistics(out: ThriftWriter): void {
    if (!this.leaf.optional && this.#range === null) return;
    out.begin(12);
    out.i64(3, this.#nulls);
    if (this.#range !== null) {
      out.binary(5, this.#range.most);
      out.binary(6, this.#range.least);
    }
    out.end();
  }
}

const NOTHING = new Uint8Array(0);

function writeColumnIndex(out: ThriftWriter, pages: readonly Page[]): void {
  out.begin();
  out.list(1, 'bool', pages.length);
  for (const { range } of pages) out.boolItem(range === null);
  out.list(2, 'binary', pages.length);
  for (const { range } of pages) out.bytesItem(range?.least ?? NOTHING);
  out.list(3, 'binary', pages.length);
  for (const { range } of pages) out.bytesItem(range?.most ?? NOTHING);
  // In no order.
  out.i32(4, 0);
  out.list(5, 'i64', pages.length);
  for (const { nulls } of pages) out.zigzag(nulls);
  out.end();
}

function writeOffsetIndex(out: ThriftWriter, pages: readonly Page[], position: number): void {
  out.begin();
  out.list(1, 'struct', pages.length);
  for (const { at, bytes, firstRow } of pages) {
    out.begin();
    out.i64(1, position + at);
    out.i32(2, bytes);
    out.i64(3, firstRow);
    out.end();
  }
  out.end();
}
