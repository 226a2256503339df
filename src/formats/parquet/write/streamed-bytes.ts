/** A column of long values, none of them NULL: pages are made as soon as there is enough for one. */

import { ByteSink } from './byte-sink.ts';
import { PAGE_BYTES } from './byte-values.ts';
import { ColumnChunk } from './column-chunk.ts';
import { ENCODING, type Leaf } from './layout.ts';

export class StreamedBytes {
  readonly leaf: Leaf;
  readonly #chunk = new ColumnChunk();
  readonly #page = new ByteSink(0);
  #pageRows = 0;
  #isBegun = false;

  constructor(leaf: Leaf) {
    this.leaf = leaf;
  }

  /** Adds bytes[start, end). */
  add(bytes: Uint8Array, start: number, end: number): void {
    const page = this.#page;
    if (this.#pageRows > 0 && page.length + 4 + end - start > PAGE_BYTES) this.#endPage(PAGE_BYTES);
    page.uint32(end - start);
    page.append(bytes, start, end);
    this.#pageRows++;
  }

  #endPage(rawBytes: number): void {
    if (!this.#isBegun) this.#chunk.begin(this.leaf, rawBytes);
    this.#isBegun = true;
    this.#chunk.page(this.#page, this.#pageRows, 0, ENCODING.PLAIN);
    this.#page.clear();
    this.#pageRows = 0;
  }

  /** All of it as pages, until the next call; it is empty again. */
  chunk(): ColumnChunk {
    if (this.#pageRows > 0) this.#endPage(this.#page.length);
    this.#isBegun = false;
    return this.#chunk;
  }
}
