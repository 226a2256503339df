/**
 * One page of a table b-tree, checked as a whole before anything of it is used
 * (https://www.sqlite.org/fileformat2.html#b_tree_pages): its cells lie inside it, their keys
 * ascend between the bounds that the pages above give, and cells, free blocks and fragments fill
 * the content area to the byte. So a count, a pointer or a length that is damaged is noticed: none
 * can hide, double or reorder rows.
 */

import { TilewrightError } from '../../core/errors.ts';
import { corrupt } from './damage.ts';
import { type PageFile, readUint32 } from './page-file.ts';
import { VarintReader } from './varint.ts';

const INTERIOR = 5;
const LEAF = 13;

export class TablePage {
  /** The page, until the next call of `load`. */
  readonly bytes: Uint8Array;
  number = 0;
  isLeaf = false;
  cellCount = 0;
  /** Leaf: rowid of each cell, in ascending order. Interior page: the largest rowid below it. */
  readonly keys: Float64Array;
  /** Leaf: where the cell's record begins in `bytes`, and how long the whole record is. */
  readonly starts: Uint16Array;
  readonly lengths: Float64Array;
  /** Interior page: the page of each child, one more than there are cells. */
  readonly children: Uint32Array;

  readonly #file: PageFile;
  readonly #varint = new VarintReader();

  constructor(file: PageFile) {
    // A cell takes two bytes for its pointer, and four at the least.
    const cells = Math.ceil(file.pageSize / 6);
    this.#file = file;
    this.bytes = new Uint8Array(file.pageSize);
    this.keys = new Float64Array(cells);
    this.starts = new Uint16Array(cells);
    this.lengths = new Float64Array(cells);
    this.children = new Uint32Array(cells + 1);
  }

  /**
   * Reads page `number`, whose keys k have to be above < k ≤ limit.
   * @throws TilewrightError input-corrupt; input-unreadable for rowids that are no safe integers
   */
  load(number: number, above: number, limit: number): void {
    const { bytes } = this;
    this.#file.copy(number, 0, bytes.length, bytes, 0);
    this.number = number;
    const header = number === 1 ? 100 : 0;
    this.isLeaf = bytes[header] === LEAF;
    if (!this.isLeaf && bytes[header] !== INTERIOR) {
      throw corrupt(this.#file.path, `page ${number} is not a page of a table`);
    }
    const pointers = header + (this.isLeaf ? 8 : 12);
    const cells = readUint16(bytes, header + 3);
    // 65536 does not fit into two bytes.
    const content = readUint16(bytes, header + 5) || 65536;
    this.cellCount = cells;
    if (pointers + 2 * cells > content || content > this.#file.usableSize) throw this.#malformed();
    const used = this.isLeaf
      ? this.#readLeaf(pointers, content, above, limit)
      : this.#readInterior(pointers, content, above, limit);
    const free = this.#freeBytes(readUint16(bytes, header + 1), content) + bytes[header + 7]!;
    if (used + free !== this.#file.usableSize - content) throw this.#malformed();
  }

  /** Finds the cells; returns how many bytes they take. */
  #readLeaf(pointers: number, content: number, above: number, limit: number): number {
    const { bytes, keys, starts, lengths, cellCount } = this;
    const varint = this.#varint;
    const usable = this.#file.usableSize;
    let used = 0;
    let last = above;
    for (let i = 0; i < cellCount; i++) {
      const cell = (bytes[pointers + 2 * i]! << 8) | bytes[pointers + 2 * i + 1]!;
      let at = varint.read(bytes, cell);
      const length = varint.value;
      at = varint.read(bytes, at);
      const rowid = varint.value;
      if (!(rowid > last && rowid <= limit)) this.#refuseKey(rowid, last);
      last = rowid;
      keys[i] = rowid;
      starts[i] = at;
      lengths[i] = length;
      const local = length <= usable - 35 ? length : localPayload(length, usable) + 4;
      const size = at - cell + local;
      if (cell < content || length < 0 || cell + size > usable) throw this.#malformed();
      used += size < 4 ? 4 : size;
    }
    // Only these can be the ones that were rounded: they ascend.
    if (cellCount > 0 && !(Number.isSafeInteger(keys[0]) && Number.isSafeInteger(last))) {
      throw this.#tooLarge();
    }
    return used;
  }

  #readInterior(pointers: number, content: number, above: number, limit: number): number {
    const { bytes, keys, children, cellCount } = this;
    const varint = this.#varint;
    const usable = this.#file.usableSize;
    let used = 0;
    let last = above;
    for (let i = 0; i < cellCount; i++) {
      const cell = readUint16(bytes, pointers + 2 * i);
      const end = varint.read(bytes, cell + 4);
      const key = varint.value;
      if (!(key > last && key <= limit)) this.#refuseKey(key, last);
      last = key;
      keys[i] = key;
      children[i] = readUint32(bytes, cell);
      if (cell < content || end > usable) throw this.#malformed();
      used += end - cell;
    }
    children[cellCount] = readUint32(bytes, pointers - 4);
    return used;
  }

  /** Bytes of the free blocks, a chain in ascending order. */
  #freeBytes(first: number, content: number): number {
    const { bytes } = this;
    let free = 0;
    let end = content;
    for (let block = first; block !== 0; block = readUint16(bytes, block)) {
      if (block < end || block + 4 > this.#file.usableSize) throw this.#malformed();
      const size = readUint16(bytes, block + 2);
      end = block + size;
      if (size < 4 || end > this.#file.usableSize) throw this.#malformed();
      free += size;
    }
    return free;
  }

  #refuseKey(key: number, last: number): never {
    // Two that differ may have been rounded to one.
    if (key === last && !Number.isSafeInteger(key)) throw this.#tooLarge();
    throw corrupt(this.#file.path, `the row ${key} is out of order on page ${this.number}`);
  }

  #malformed(): Error {
    return corrupt(this.#file.path, `the cells of page ${this.number} do not fit into it`);
  }

  #tooLarge(): Error {
    return new TilewrightError(
      'input-unreadable',
      `${this.#file.path} has a table with row ids that are not whole numbers between ±2^53, which ` +
        'can’t be kept apart. Give its features smaller ids',
      { input: this.#file.path },
    );
  }
}

/** Bytes of a record of `length` bytes that stay on a table's leaf page. */
export function localPayload(length: number, usable: number): number {
  if (length <= usable - 35) return length;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const fitted = least + ((length - least) % (usable - 4));
  return fitted <= usable - 35 ? fitted : least;
}

function readUint16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}
