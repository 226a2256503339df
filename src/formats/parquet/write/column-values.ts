/** Values of one column in a row group, until they are written as pages. */

import { ByteSink } from './byte-sink.ts';
import { ColumnChunk } from './column-chunk.ts';
import type { Dictionary } from './dictionary.ts';
import { writeHybrid, writeRun } from './hybrid.ts';
import { ENCODING, type Leaf } from './layout.ts';

/** Rows of a page, at the most. */
const PAGE_ROWS = 1 << 14;

/** Of one call. */
const page = new ByteSink(1 << 16);

export abstract class ColumnValues {
  readonly leaf: Leaf;
  /** With those that are NULL. */
  rows = 0;
  /** Those that are not. */
  count = 0;
  /** By row, 1 where there is a value; not filled while all are there. */
  #defined = new Uint8Array(0);
  #hasNulls = false;
  readonly #chunk = new ColumnChunk();

  constructor(leaf: Leaf) {
    this.leaf = leaf;
  }

  /** About what the values take as they are encoded. */
  abstract get rawBytes(): number;

  null(): void {
    if (!this.#hasNulls) {
      this.#hasNulls = true;
      this.#defined.fill(1, 0, this.rows);
    }
    this.#reserveDefined();
    this.#defined[this.rows++] = 0;
  }

  /** Counts a value that was appended. */
  protected added(): void {
    this.count++;
    if (this.#hasNulls) {
      this.#reserveDefined();
      this.#defined[this.rows] = 1;
    }
    this.rows++;
  }

  #reserveDefined(): void {
    if (this.rows < this.#defined.length) return;
    const grown = new Uint8Array(Math.max(1024, 2 * this.rows + 2)).fill(1);
    grown.set(this.#defined);
    this.#defined = grown;
  }

  /** All of it as pages, until the next call; it is empty again. */
  chunk(): ColumnChunk {
    const chunk = this.#chunk;
    const encoding = this.prepare();
    chunk.begin(this.leaf, this.rawBytes);
    const { dictionary } = this;
    if (dictionary !== null) chunk.dictionary(dictionary.plain, dictionary.count);
    if (this.count > 0) this.noteRange(chunk, 0, this.count);
    let value = 0;
    for (let row = 0; row < this.rows; ) {
      const end = this.#pageEnd(row, value);
      const valueEnd = value + this.#countDefined(row, end);
      page.clear();
      if (this.leaf.optional) this.#writeLevels(row, end);
      const isEmpty = valueEnd === value;
      if (!isEmpty) this.encode(page, value, valueEnd);
      // Some readers look for the head of another encoding even where no value follows.
      const used = isEmpty ? ENCODING.PLAIN : encoding;
      chunk.page(page, end - row, end - row - (valueEnd - value), used);
      if (end - row < this.rows && valueEnd > value) this.noteRange(chunk, value, valueEnd, true);
      row = end;
      value = valueEnd;
    }
    this.rows = this.count = 0;
    this.#hasNulls = false;
    this.clear();
    return chunk;
  }

  #pageEnd(row: number, value: number): number {
    const most = Math.min(this.rows, row + PAGE_ROWS);
    const values = this.valuesThatFit(value, Math.min(this.count, value + PAGE_ROWS));
    if (!this.#hasNulls) return Math.min(most, row + Math.max(1, values));
    let end = row;
    for (let left = values; end < most; end++) {
      if (this.#defined[end] === 1 && left-- === 0 && end > row) break;
    }
    return end;
  }

  #countDefined(row: number, end: number): number {
    if (!this.#hasNulls) return end - row;
    let count = 0;
    for (let i = row; i < end; i++) count += this.#defined[i]!;
    return count;
  }

  /** Definition levels of one bit, after their length in bytes. */
  #writeLevels(row: number, end: number): void {
    const at = page.length;
    page.uint32(0);
    if (!this.#hasNulls) writeRun(page, 1, end - row, 1);
    else writeHybrid(page, this.#defined, row, end, 1);
    const length = page.length;
    page.length = at;
    page.uint32(length - at - 4);
    page.length = length;
  }

  /** How many of the values start ≤ i < end make a page of a size that suits. */
  protected valuesThatFit(start: number, end: number): number {
    return end - start;
  }

  /** Chooses the encoding of all pages. */
  protected prepare(): number {
    return ENCODING.PLAIN;
  }

  /** What the encoding refers to. */
  protected get dictionary(): Dictionary | null {
    return null;
  }

  /** Appends values start ≤ i < end, as `prepare` said. */
  protected abstract encode(out: ByteSink, start: number, end: number): void;

  /** Tells the chunk the least and greatest of values, start < end, of all or of the last page. */
  protected noteRange(_chunk: ColumnChunk, _start: number, _end: number, _ofPage?: boolean): void {
    // A column of values that have no order of use.
  }

  protected abstract clear(): void;
}

/** The array with room for one more value. */
export function withRoom<T extends Float64Array | Float32Array | Int32Array | Uint8Array>(
  array: T,
  count: number,
): T {
  if (count < array.length) return array;
  const grown = new (array.constructor as new (length: number) => T)(Math.max(64, 2 * count));
  grown.set(array as never);
  return grown;
}
