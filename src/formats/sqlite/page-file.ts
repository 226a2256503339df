/**
 * An SQLite database file as pages, read through a small cache of large blocks
 * (https://www.sqlite.org/fileformat2.html#the_database_header). Only for files that nobody is
 * writing: rollback journals and write-ahead logs are not looked at, see `isPlain`.
 */

import {
  type BigIntStats,
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readSync,
  statSync,
} from 'node:fs';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';

const MAGIC = 'SQLite format 3\0';
const BLOCK_BYTES = 1 << 18;
const BLOCKS = 12;

export class PageFile {
  readonly path: string;
  readonly pageSize: number;
  /** Bytes of a page that hold content: the page size less the reserved bytes. */
  readonly usableSize: number;
  readonly pageCount: number;
  /** 1 = UTF-8, 2 and 3 = UTF-16. */
  readonly encoding: number;
  readonly #fd: number;
  readonly #opened: BigIntStats;
  readonly #blocks: Block[] = [];
  #recent: Block;
  #clock = 0;

  /** @throws TilewrightError input-missing, input-empty, input-format, input-truncated */
  constructor(path: string) {
    this.path = path;
    try {
      this.#fd = openSync(path, 'r');
    } catch (error) {
      throw toTilewrightError(error, { input: path }, 'input-unreadable');
    }
    try {
      this.#opened = fstatSync(this.#fd, { bigint: true });
      const fileSize = Number(this.#opened.size);
      if (fileSize === 0) {
        throw new TilewrightError(
          'input-empty',
          `${path} is empty (0 bytes). Copy or download it again`,
          { input: path },
        );
      }
      const header = Buffer.alloc(100);
      const read = readSync(this.#fd, header, 0, 100, 0);
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
      this.pageCount = pagesInFile;
    } catch (error) {
      closeSync(this.#fd);
      throw toTilewrightError(error, { input: path }, 'input-unreadable');
    }
    this.#recent = { start: -1, end: -1, bytes: new Uint8Array(0), used: 0 };
  }

  /**
   * The bytes of page `number` (from 1). The view stays valid until some more pages have been
   * read: copy what must last.
   */
  page(number: number): Uint8Array {
    const recent = this.#recent;
    if (number >= recent.start && number < recent.end) {
      const at = (number - recent.start) * this.pageSize;
      return recent.bytes.subarray(at, at + this.pageSize);
    }
    if (!(number >= 1 && number <= this.pageCount)) {
      throw corrupt(this.path, `it refers to page ${number} of ${this.pageCount}`);
    }
    const block = this.#block(number);
    this.#recent = block;
    const at = (number - block.start) * this.pageSize;
    return block.bytes.subarray(at, at + this.pageSize);
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
    const perBlock = Math.max(1, BLOCK_BYTES / this.pageSize);
    const start = number - ((number - 1) % perBlock);
    const end = Math.min(start + perBlock, this.pageCount + 1);
    let block = oldest;
    if (block === undefined || this.#blocks.length < BLOCKS) {
      block = { start: 0, end: 0, bytes: new Uint8Array(perBlock * this.pageSize), used: 0 };
      this.#blocks.push(block);
    }
    const length = (end - start) * this.pageSize;
    const position = (start - 1) * this.pageSize;
    let filled = 0;
    for (let read = -1; filled < length && read !== 0; filled += read) {
      read = readSync(this.#fd, block.bytes, filled, length - filled, position + filled);
    }
    if (filled < length) {
      block.end = block.start = -1;
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
    const now = fstatSync(this.#fd, { bigint: true });
    if (now.size === this.#opened.size && now.mtimeNs === this.#opened.mtimeNs) return;
    throw new TilewrightError(
      'input-unreadable',
      `${this.path} was changed while it was read. Run again when nobody is writing it`,
      { input: this.path, retryable: true },
    );
  }

  close(): void {
    closeSync(this.#fd);
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
  const wal = `${path}-wal`;
  return !existsSync(`${path}-journal`) && !(existsSync(wal) && statSync(wal).size > 0);
}

export function corrupt(path: string, what: string): TilewrightError {
  return new TilewrightError(
    'input-corrupt',
    `${path} is damaged: ${what}. SQLite's .recover command may save what is left`,
    { input: path },
  );
}
