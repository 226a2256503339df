/** A file of known size, read through one reusable block. */

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';

/** Reads grow from the first to the second: planning looks at no more than the heads of files. */
const FIRST_BYTES = 1 << 14;
const BLOCK_BYTES = 1 << 20;

export class FileWindow {
  readonly path: string;
  /** Bytes of the file when it was opened. */
  readonly size: number;
  /** The block in memory; `locate` says where in it a piece of the file lies. */
  bytes: Buffer = Buffer.alloc(0);
  readonly #input: string;
  readonly #fd: number;
  #start = 0;
  #end = 0;
  #nextBytes = FIRST_BYTES;
  #open = true;

  /**
   * @param input - path of the input that errors name, e.g. the .shp that this .dbf belongs to
   * @throws TilewrightError input-missing, input-unreadable, input-format (not a regular file)
   */
  constructor(path: string, input: string) {
    this.path = path;
    this.#input = input;
    try {
      this.#fd = openSync(path, 'r');
    } catch (error) {
      throw toTilewrightError(error, { input }, 'input-unreadable');
    }
    const stat = fstatSync(this.#fd);
    if (!stat.isFile()) {
      this.close();
      throw new TilewrightError('input-format', `${path} is not a file`, { input });
    }
    this.size = stat.size;
  }

  /** End of the range, from `offset` on, that is in memory; `offset` if that is not there. */
  loadedFrom(offset: number): number {
    return offset >= this.#start && offset < this.#end ? this.#end : offset;
  }

  /**
   * Brings the file's bytes [offset, offset + length) into memory and returns the index of the
   * first in `bytes`. What an earlier call located may have moved. The caller has checked that the
   * range is within `size`, so that no count in a file makes this allocate more than the file has.
   * @throws TilewrightError input-truncated if the file has shrunk meanwhile, input-unreadable
   */
  locate(offset: number, length: number): number {
    if (offset < this.#start || offset + length > this.#end) this.#load(offset, length);
    return offset - this.#start;
  }

  #load(offset: number, length: number): void {
    if (!this.#open) {
      const message = `${this.path} was closed and can't be read any more`;
      throw new TilewrightError('input-unreadable', message, { input: this.#input });
    }
    const wanted = Math.min(Math.max(length, this.#nextBytes), this.size - offset);
    if (this.bytes.length < wanted) {
      this.bytes = Buffer.allocUnsafeSlow(Math.max(wanted, Math.min(this.#nextBytes, this.size)));
    }
    this.#nextBytes = Math.min(8 * this.#nextBytes, BLOCK_BYTES);
    let filled = 0;
    try {
      while (filled < wanted) {
        const read = readSync(this.#fd, this.bytes, filled, wanted - filled, offset + filled);
        if (read === 0) break;
        filled += read;
      }
    } catch (error) {
      this.#start = 0;
      this.#end = 0;
      throw toTilewrightError(error, { input: this.#input }, 'input-unreadable');
    }
    this.#start = offset;
    this.#end = offset + filled;
    if (filled < length) {
      throw new TilewrightError(
        'input-truncated',
        `${this.path} became shorter while it was read: ${length} bytes at ${offset} are gone`,
        { input: this.#input, retryable: true },
      );
    }
  }

  close(): void {
    if (this.#open) closeSync(this.#fd);
    this.#open = false;
  }
}
