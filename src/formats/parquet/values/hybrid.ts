/**
 * Levels, indexes into dictionaries and truths: runs of one value and groups of packed bits, in turns
 * (https://github.com/apache/parquet-format/blob/master/Encodings.md#RLE).
 */

import { ParquetFault } from '../fault.ts';

const ended = (): never => {
  throw new ParquetFault('has a page with fewer values than it says');
};

type Integers = Int32Array | Uint8Array;

export class HybridDecoder {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #width: number;
  #at: number;
  /** Values left of the current run. */
  #left = 0;
  #value = 0;
  #isPacked = false;
  /** Of the next packed value, from #at on. */
  #bit = 0;

  /** @param width - bits of a value, 0 to 32 */
  constructor(bytes: Uint8Array, at: number, end: number, width: number) {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
    this.#width = width;
    if (!(width >= 0 && width <= 32)) throw new ParquetFault(`has values of ${width} bits`);
  }

  /** The value that the next `count` have; −1, and nothing is taken, if they are no part of one run. */
  constant(count: number): number {
    if (this.#left === 0) this.#next();
    if (this.#isPacked || this.#left < count) return -1;
    this.#left -= count;
    return this.#value;
  }

  /** Fills target[0, count). */
  read(target: Integers, count: number): void {
    for (let to = 0; to < count; ) {
      if (this.#left === 0) this.#next();
      const run = Math.min(count - to, this.#left);
      if (this.#isPacked) this.#unpack(target, to, run);
      else target.fill(this.#value, to, to + run);
      to += run;
      this.#left -= run;
    }
  }

  #next(): void {
    // Of no bits, and of no bytes, there are as many zeros as anybody asks for.
    if (this.#width === 0 && this.#at >= this.#end) {
      this.#isPacked = false;
      this.#value = 0;
      this.#left = 2 ** 31;
      return;
    }
    if (this.#isPacked) this.#at += (this.#bit + 7) >>> 3;
    this.#bit = 0;
    this.#isPacked = false;
    // Runs of nothing are passed over.
    let head = 0;
    while (head < 2) head = this.#head();
    this.#isPacked = (head & 1) === 1;
    const count = Math.floor(head / 2);
    if (this.#isPacked) {
      this.#left = 8 * count;
      return;
    }
    this.#left = count;
    const bytes = (this.#width + 7) >> 3;
    if (this.#at + bytes > this.#end) ended();
    this.#value = 0;
    for (let i = 0; i < bytes; i++) this.#value |= this.#bytes[this.#at + i]! << (8 * i);
    this.#at += bytes;
  }

  #head(): number {
    let head = 0;
    for (let shift = 0; ; shift += 7) {
      if (this.#at >= this.#end || shift > 28) ended();
      const byte = this.#bytes[this.#at++]!;
      head += (byte & 127) * 2 ** shift;
      if (byte < 128) return head;
    }
  }

  #unpack(target: Integers, to: number, count: number): void {
    const bytes = this.#bytes;
    const width = this.#width;
    const mask = width === 32 ? -1 : (1 << width) - 1;
    let at = this.#at + (this.#bit >>> 3);
    let shift = this.#bit & 7;
    if (at + ((shift + count * width + 7) >>> 3) > this.#end) ended();
    this.#bit += count * width;
    if (width === 1) {
      for (let i = 0; i < count; i++) {
        target[to + i] = (bytes[at]! >> shift) & 1;
        if (++shift === 8) {
          shift = 0;
          at++;
        }
      }
      return;
    }
    for (let i = 0; i < count; i++) {
      let value = bytes[at]! >>> shift;
      for (let have = 8 - shift, k = 1; have < width; have += 8, k++)
        value |= bytes[at + k]! << have;
      target[to + i] = value & mask;
      shift += width;
      at += shift >>> 3;
      shift &= 7;
    }
  }
}

/** Levels of old writers: packed from the highest bit on, without runs. */
export class BitPackedDecoder {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #width: number;
  #bit: number;

  constructor(bytes: Uint8Array, at: number, end: number, width: number) {
    this.#bytes = bytes;
    this.#end = end;
    this.#width = width;
    this.#bit = 8 * at;
  }

  constant(): number {
    return -1;
  }

  read(target: Integers, count: number): void {
    if (this.#bit + count * this.#width > 8 * this.#end) ended();
    for (let i = 0; i < count; i++) {
      let value = 0;
      for (let b = 0; b < this.#width; b++, this.#bit++) {
        value =
          (value << 1) | ((this.#bytes[Math.floor(this.#bit / 8)]! >> (7 - (this.#bit % 8))) & 1);
      }
      target[i] = value;
    }
  }
}
