/** A file whose bytes are compared with the sums of its seal before any of them is given out. */

import { crc32 } from 'node:zlib';
import { TilewrightError } from '../../core/errors.ts';
import type { FileWindow } from '../file-window.ts';
import { blockBytes, type Seal } from './seal.ts';

/** What tables and the index are read through. */
export type Bytes = Pick<FileWindow, 'path' | 'size' | 'uint32LE' | 'float64LE' | 'copy'>;

export class SealedWindow implements Bytes {
  readonly path: string;
  readonly size: number;
  readonly #window: FileWindow;
  readonly #start: number;
  readonly #seal: Seal;
  readonly #blockBytes: number;
  /** By block, whether it was found sound. */
  readonly #sound: Uint8Array;
  #block = new Uint8Array(0);
  /** Of the block that was asked for last. */
  #from = 0;
  #to = 0;

  /** @param start - of what is sealed, which reaches to the end of the file */
  constructor(window: FileWindow, start: number, seal: Seal) {
    this.path = window.path;
    this.size = window.size;
    this.#window = window;
    this.#start = start;
    this.#seal = seal;
    this.#blockBytes = blockBytes(seal.bytes);
    this.#sound = new Uint8Array(seal.sums.length);
  }

  uint32LE(offset: number): number {
    if (offset < this.#from || offset + 4 > this.#to) this.#check(offset, 4);
    return this.#window.uint32LE(offset);
  }

  float64LE(offset: number): number {
    if (offset < this.#from || offset + 8 > this.#to) this.#check(offset, 8);
    return this.#window.float64LE(offset);
  }

  copy(offset: number, length: number, target: Uint8Array, at: number): void {
    this.#check(offset, length);
    this.#window.copy(offset, length, target, at);
  }

  #check(offset: number, length: number): void {
    const size = this.#blockBytes;
    const last = Math.min(
      Math.floor((offset + length - 1 - this.#start) / size),
      this.#sound.length - 1,
    );
    for (
      let block = Math.max(0, Math.floor((offset - this.#start) / size));
      block <= last;
      block++
    ) {
      this.#from = this.#start + block * size;
      this.#to = Math.min(this.#from + size, this.size);
      if (this.#sound[block] === 0) this.#sum(block);
    }
  }

  #sum(block: number): void {
    const length = this.#to - this.#from;
    if (this.#block.length < length) this.#block = new Uint8Array(this.#blockBytes);
    this.#window.copy(this.#from, length, this.#block, 0);
    if (crc32(this.#block.subarray(0, length)) !== this.#seal.sums[block]) {
      throw new TilewrightError(
        'input-corrupt',
        `${this.path} is damaged between bytes ${this.#from} and ${this.#to}: they do not have the checksum ` +
          'that they were written with. Stage again with --force',
        { input: this.path },
      );
    }
    this.#sound[block] = 1;
  }
}
