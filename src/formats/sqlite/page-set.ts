/** A set of the pages of a database, a bit each: no page may have two uses. */

import { corrupt } from './damage.ts';

/** Pages whose bits lie together; memory is taken for those that are met. */
const CHUNK_PAGES = 1 << 16;

export class PageSet {
  readonly #path: string;
  readonly #pageCount: number;
  readonly #chunks = new Map<number, Uint8Array>();

  constructor(path: string, pageCount: number) {
    this.#path = path;
    this.#pageCount = pageCount;
  }

  /** @throws TilewrightError input-corrupt when the page is in the set, or not in the database */
  add(page: number): void {
    if (!(page >= 1 && page <= this.#pageCount && Number.isInteger(page))) {
      throw corrupt(this.#path, `it refers to page ${page} of ${this.#pageCount}`);
    }
    const place = page % CHUNK_PAGES;
    const number = (page - place) / CHUNK_PAGES;
    let chunk = this.#chunks.get(number);
    if (chunk === undefined) {
      chunk = new Uint8Array(CHUNK_PAGES / 8);
      this.#chunks.set(number, chunk);
    }
    const byte = chunk[place >>> 3]!;
    const bit = 1 << (place & 7);
    if (byte & bit) {
      throw corrupt(this.#path, `page ${page} is used twice, or is used and listed as free`);
    }
    chunk[place >>> 3] = byte | bit;
  }

  clone(): PageSet {
    const copy = new PageSet(this.#path, this.#pageCount);
    for (const [number, chunk] of this.#chunks) copy.#chunks.set(number, chunk.slice());
    return copy;
  }
}
