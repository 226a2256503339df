/**
 * A file of known size, read by absolute offset. The block of memory behind it moves as it is read,
 * so it never leaves this class: a caller gets numbers, or bytes copied into memory of its own.
 */

import { TilewrightError, toTilewrightError } from '../core/errors.ts';
import type { RandomAccess } from './bytes/random-access.ts';
import { openBytes } from './remote/open-bytes.ts';

/** Reads grow from the first to the second: planning looks at no more than the heads of files. */
const FIRST_BYTES = 1 << 14;
const BLOCK_BYTES = 1 << 20;
/** Up to here a loop is faster than a call that copies. */
const SHORT_BYTES = 64;
const NOTHING = new Uint8Array(0);

/**
 * Every method that reads throws TilewrightError: input-corrupt for a range that is not within
 * `size`, input-truncated if the file has shrunk since it was opened, input-unreadable.
 */
export class FileWindow {
  readonly path: string;
  /** The input that errors name. */
  readonly input: string;
  /** Bytes of the file when it was opened. */
  readonly size: number;
  readonly #file: RandomAccess;
  #block: Uint8Array = NOTHING;
  #view: DataView = new DataView(NOTHING.buffer);
  /** The block holds the file's bytes start ≤ offset < end. */
  #start = 0;
  #end = 0;
  #nextBytes: number;
  readonly #blockBytes: number;

  /**
   * @param file - a path or URL, or what is open already: `close` closes it
   * @param input - path of the input that errors name, e.g. the .shp that this .dbf belongs to
   * @param blockBytes - read at a time, at the most: few where the file is only looked at here and there
   * @throws TilewrightError input-missing, input-unreadable, input-format (not a regular file)
   */
  constructor(file: string | RandomAccess, input: string, blockBytes = BLOCK_BYTES) {
    this.#file = typeof file === 'string' ? openBytes(file, input) : file;
    this.path = this.#file.path;
    this.size = this.#file.size;
    this.input = input;
    this.#blockBytes = blockBytes;
    this.#nextBytes = Math.min(FIRST_BYTES, blockBytes);
  }

  uint8(offset: number): number {
    this.#need(offset, 1);
    return this.#block[offset - this.#start]!;
  }

  uint16LE(offset: number): number {
    this.#need(offset, 2);
    return this.#view.getUint16(offset - this.#start, true);
  }

  int32LE(offset: number): number {
    this.#need(offset, 4);
    return this.#view.getInt32(offset - this.#start, true);
  }

  uint32LE(offset: number): number {
    this.#need(offset, 4);
    return this.#view.getUint32(offset - this.#start, true);
  }

  uint32BE(offset: number): number {
    this.#need(offset, 4);
    return this.#view.getUint32(offset - this.#start);
  }

  float64LE(offset: number): number {
    this.#need(offset, 8);
    return this.#view.getFloat64(offset - this.#start, true);
  }

  /** Copies the file's bytes [offset, offset + length) to target[at, at + length). */
  copy(offset: number, length: number, target: Uint8Array, at: number): void {
    if (length <= SHORT_BYTES) {
      this.#need(offset, length);
      const block = this.#block;
      const first = offset - this.#start;
      for (let i = 0; i < length; i++) target[at + i] = block[first + i]!;
      return;
    }
    if (offset >= this.#start && offset < this.#end) {
      const first = offset - this.#start;
      const inBlock = Math.min(length, this.#end - offset);
      target.set(this.#block.subarray(first, first + inBlock), at);
      if (inBlock === length) return;
      offset += inBlock;
      length -= inBlock;
      at += inBlock;
    }
    if (length >= BLOCK_BYTES) {
      this.#check(offset, length);
      if (this.#read(offset, target, at, length) < length) throw this.#shrunk(offset, length);
      return;
    }
    this.#need(offset, length);
    const first = offset - this.#start;
    target.set(this.#block.subarray(first, first + length), at);
  }

  /**
   * Another window on the same file, for what is read in turns with this one: each keeps its place. It is closed with
   * this one.
   */
  beside(blockBytes: number): FileWindow {
    return new FileWindow(this.#file, this.input, blockBytes);
  }

  close(): void {
    this.#file.close();
  }

  /** Brings bytes into the block. It returns nothing: what was located before may have moved. */
  #need(offset: number, length: number): void {
    if (offset >= this.#start && offset + length <= this.#end) return;
    this.#check(offset, length);
    const wanted = Math.min(Math.max(length, this.#nextBytes), this.size - offset);
    if (this.#block.length < wanted) {
      const bytes = Math.max(wanted, Math.min(this.#nextBytes, this.size));
      this.#block = Buffer.allocUnsafeSlow(bytes);
      this.#view = new DataView(this.#block.buffer);
    }
    this.#nextBytes = Math.min(8 * this.#nextBytes, this.#blockBytes);
    this.#start = this.#end = 0;
    const filled = this.#read(offset, this.#block, 0, wanted);
    if (filled < length) throw this.#shrunk(offset, length);
    this.#start = offset;
    this.#end = offset + filled;
  }

  #check(offset: number, length: number): void {
    if (offset >= 0 && offset + length <= this.size) return;
    throw new TilewrightError(
      'input-corrupt',
      `${this.path} is damaged: it refers to ${length} bytes at ${offset}, and has ${this.size}. ` +
        'Copy or download it again',
      { input: this.input },
    );
  }

  /** Returns how many bytes were read: fewer than asked for only at the end of the file. */
  #read(offset: number, target: Uint8Array, at: number, length: number): number {
    try {
      return this.#file.read(target, at, length, offset);
    } catch (error) {
      throw toTilewrightError(error, { input: this.input }, 'input-unreadable');
    }
  }

  #shrunk(offset: number, length: number): TilewrightError {
    return new TilewrightError(
      'input-truncated',
      `${this.path} became shorter while it was read: ${length} bytes at ${offset} are gone`,
      { input: this.input, retryable: true },
    );
  }
}
