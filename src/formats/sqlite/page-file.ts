/**
 * An SQLite database file as pages, read through a small cache of large blocks
 * (https://www.sqlite.org/fileformat2.html#the_database_header). Only for files that nobody is
 * writing: rollback journals and write-ahead logs are not looked at, see `isPlain`.
 *
 * The cache is never handed out, only copied from: what a caller has, no other call changes.
 */

import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import type { RandomAccess } from '../bytes/random-access.ts';
import { findSidecar, type Sidecar } from '../input-format.ts';
import { openBytes } from '../remote/open-bytes.ts';
import { corrupt } from './damage.ts';
import { PageSet } from './page-set.ts';

export const MAGIC = 'SQLite format 3\0';
const BLOCK_BYTES = 1 << 18;
const BLOCKS = 12;
/** The page with this byte is SQLite's for its locks: it never holds anything. */
const LOCK_BYTE = 2 ** 30;

/**
 * The files beside a database that hold a part of its content. An empty write-ahead log holds nothing:
 * readers leave one behind. SQLite sets the owner of a log when it opens one as root: that is no
 * change of its content, and each has a number of its own in its header, drawn by lot.
 */
export const DATABASE_SIDECARS: readonly Sidecar[] = [
  { end: '-journal', appended: true, headBytes: 32 },
  { end: '-wal', appended: true, headBytes: 32, unlessEmpty: true },
];

/** What a page is used for, as the pointer map tells. */
export const PAGE_USE = { root: 1, firstOverflow: 3, overflow: 4, child: 5 } as const;

export class PageFile {
  readonly path: string;
  readonly pageSize: number;
  /** Bytes of a page that hold content: the page size less the reserved bytes. */
  readonly usableSize: number;
  /** Pages of the database; a file that was not cut to size after a change may be longer. */
  readonly pageCount: number;
  /** 1 = UTF-8, 2 and 3 = UTF-16. */
  readonly encoding: number;
  readonly #file: RandomAccess;
  readonly #blocks: Block[] = [];
  #recent: Block;
  #unused: PageSet | undefined;
  readonly #firstTrunk: number;
  readonly #freePages: number;
  /** Whether each page's parent is noted in a pointer map, for auto-vacuum. */
  readonly #mapped: boolean;
  readonly #blockBytes: number;
  #clock = 0;

  /**
   * @param file - a path or URL, or what is open already: `close` closes it
   * @param blockBytes - read at a time, or a page if that is more: few where few pages are looked at
   * @throws TilewrightError input-missing, input-empty, input-format (also for what is no file),
   *   input-truncated
   */
  constructor(file: string | RandomAccess, blockBytes = BLOCK_BYTES) {
    this.#file = typeof file === 'string' ? openBytes(file) : file;
    const { path, size: fileSize } = this.#file;
    this.path = path;
    this.#blockBytes = blockBytes;
    try {
      if (fileSize === 0) {
        throw new TilewrightError(
          'input-empty',
          `${path} is empty (0 bytes). Copy or download it again`,
          { input: path },
        );
      }
      const header = Buffer.alloc(100);
      const read = this.#file.read(header, 0, 100, 0);
      if (read < 100 || header.toString('latin1', 0, 16) !== MAGIC) {
        throw new TilewrightError(
          'input-format',
          `${path} is not a GeoPackage: it does not begin as an SQLite database does`,
          { input: path },
        );
      }
      const size = header.readUInt16BE(16);
      this.pageSize = size === 1 ? 65536 : size;
      this.usableSize = this.pageSize - header[20]!;
      if (
        this.pageSize < 512 ||
        (this.pageSize & (this.pageSize - 1)) !== 0 ||
        this.usableSize < 480
      ) {
        throw corrupt(path, `its page size is ${this.pageSize}`);
      }
      this.encoding = header.readUInt32BE(56);
      const pagesInFile = Math.floor(fileSize / this.pageSize);
      // The page count in the header counts only if the file was last written by a program that
      // keeps it up to date, which it says by repeating the change counter.
      const declared = header.readUInt32BE(28);
      const trusted = declared > 0 && header.readUInt32BE(24) === header.readUInt32BE(92);
      if (trusted && declared > pagesInFile) {
        throw new TilewrightError(
          'input-truncated',
          `${path} is cut short: its header says ${declared} pages of ${this.pageSize} bytes, ` +
            `the file has ${pagesInFile}. Copy or download it again`,
          { input: path },
        );
      }
      this.pageCount = trusted ? declared : pagesInFile;
      this.#firstTrunk = header.readUInt32BE(32);
      this.#freePages = header.readUInt32BE(36);
      this.#mapped = header.readUInt32BE(52) > 0;
      if (header.readUInt32BE(52) > this.pageCount) {
        throw corrupt(path, `its largest root page is ${header.readUInt32BE(52)}`);
      }
    } catch (error) {
      this.#file.close();
      throw toTilewrightError(error, { input: path }, 'input-unreadable');
    }
    this.#recent = { start: -1, end: -1, bytes: new Uint8Array(0), used: 0 };
  }

  /** Bytes of the file when it was opened. */
  get size(): number {
    return this.#file.size;
  }

  /** Copies bytes start ≤ i < end of page `number` (from 1) to target[at …]. */
  copy(number: number, start: number, end: number, target: Uint8Array, at: number): void {
    const { bytes, start: first } = this.#blockOf(number);
    const offset = (number - first) * this.pageSize;
    target.set(bytes.subarray(offset + start, offset + end), at);
  }

  /** The big-endian 32-bit number at `offset` of page `number`. */
  uint32(number: number, offset: number): number {
    const { bytes, start } = this.#blockOf(number);
    return readUint32(bytes, (number - start) * this.pageSize + offset);
  }

  /**
   * The pages that no table or index can have: the header's own, free ones, the one with the lock
   * byte, and those of auto-vacuum's pointer map. A copy: add the pages that you have met.
   * @throws TilewrightError input-corrupt when the list of free pages is not what the header says
   */
  unusedPages(): PageSet {
    this.#unused ??= this.#findUnused();
    return this.#unused.clone();
  }

  #findUnused(): PageSet {
    const { pageCount, usableSize } = this;
    const unused = new PageSet(this.path, pageCount);
    unused.add(1);
    if (this.#lockPage <= pageCount) unused.add(this.#lockPage);
    if (this.#mapped) {
      for (let page = 2; page <= pageCount; page += this.#mapStride) {
        const at = page === this.#lockPage ? page + 1 : page;
        if (at <= pageCount) unused.add(at);
      }
    }
    let free = 0;
    for (let trunk = this.#firstTrunk; trunk !== 0; trunk = this.uint32(trunk, 0)) {
      unused.add(trunk);
      const leaves = this.uint32(trunk, 4);
      free += 1 + leaves;
      if (leaves > usableSize / 4 - 2) {
        throw corrupt(this.path, `page ${trunk} is not a list of free pages`);
      }
      for (let i = 0; i < leaves; i++) unused.add(this.uint32(trunk, 8 + 4 * i));
    }
    if (free !== this.#freePages) {
      throw corrupt(this.path, `it has ${free} free pages, its header says ${this.#freePages}`);
    }
    return unused;
  }

  /**
   * Checks that a page belongs where it was met, if the database has a pointer map.
   * @param use - one of `PAGE_USE`
   * @param parent - the page that refers to it; 0 for a root
   * @throws TilewrightError input-corrupt
   */
  checkUse(page: number, use: number, parent: number): void {
    if (!this.#mapped || page === 1) return;
    const place = (page - 2) % this.#mapStride;
    const start = page - place;
    const map = start === this.#lockPage ? start + 1 : start;
    const at = 5 * (page - map - 1);
    if (at < 0) throw corrupt(this.path, `page ${page} is of the pointer map, and used otherwise`);
    const found = this.uint32(map, at) >>> 24;
    const noted = this.uint32(map, at + 1);
    if (found !== use || noted !== parent) {
      throw corrupt(this.path, `page ${page} belongs to page ${noted}, and page ${parent} has it`);
    }
  }

  get #lockPage(): number {
    return LOCK_BYTE / this.pageSize + 1;
  }

  /** A page of the map, which has entries of five bytes, and the pages that these are about. */
  get #mapStride(): number {
    return Math.floor(this.usableSize / 5) + 1;
  }

  #blockOf(number: number): Block {
    const recent = this.#recent;
    if (number >= recent.start && number < recent.end) return recent;
    if (!(number >= 1 && number <= this.pageCount)) {
      throw corrupt(this.path, `it refers to page ${number} of ${this.pageCount}`);
    }
    this.#recent = this.#block(number);
    return this.#recent;
  }

  #block(number: number): Block {
    const now = ++this.#clock;
    let oldest: Block | undefined;
    for (const block of this.#blocks) {
      if (number >= block.start && number < block.end) {
        block.used = now;
        return block;
      }
      if (oldest === undefined || block.used < oldest.used) oldest = block;
    }
    const perBlock = Math.max(1, Math.floor(this.#blockBytes / this.pageSize));
    const start = number - ((number - 1) % perBlock);
    const end = Math.min(start + perBlock, this.pageCount + 1);
    let block = oldest;
    if (block === undefined || this.#blocks.length < BLOCKS) {
      block = {
        start: 0,
        end: 0,
        bytes: new Uint8Array(Math.min(perBlock, this.pageCount) * this.pageSize),
        used: 0,
      };
      this.#blocks.push(block);
    }
    const length = (end - start) * this.pageSize;
    const position = (start - 1) * this.pageSize;
    block.end = block.start = -1;
    if (this.#file.read(block.bytes, 0, length, position) < length) {
      throw new TilewrightError('input-truncated', `${this.path} was cut short while it was read`, {
        input: this.path,
      });
    }
    block.start = start;
    block.end = end;
    block.used = now;
    return block;
  }

  /** @throws TilewrightError when the file has been written since it was opened */
  checkUnchanged(): void {
    if (this.#file.isChanged?.() !== true) return;
    throw new TilewrightError(
      'input-unreadable',
      `${this.path} was changed while it was read. Run again when nobody is writing it`,
      { input: this.path, retryable: true },
    );
  }

  close(): void {
    this.#file.close();
  }
}

interface Block {
  /** Pages start ≤ p < end. */
  start: number;
  end: number;
  bytes: Uint8Array;
  used: number;
}

/** Whether the database file holds everything: no rollback journal or write-ahead log beside it. */
export function isPlain(path: string): boolean {
  return DATABASE_SIDECARS.every((sidecar) => findSidecar(path, sidecar) === null);
}

export function readUint32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
  );
}
