/**
 * Differences: DELTA_BINARY_PACKED, DELTA_LENGTH_BYTE_ARRAY, DELTA_BYTE_ARRAY
 * (https://github.com/apache/parquet-format/blob/master/Encodings.md#DELTAENC).
 */

import { ParquetFault } from '../fault.ts';
import type { Leaf } from '../schema.ts';
import { type ValueDecoder, VECTOR_ENTRIES } from './vector.ts';

const damaged = (): never => {
  throw new ParquetFault('has a page with damaged differences');
};
const MAX_BLOCK = 1 << 20;
/** A vector of texts is ended when it has so many bytes. */
const MAX_TEXT_BYTES = 1 << 24;
/** Bytes that texts of one page may grow to. */
const MAX_GROWN_BYTES = 2 ** 31;

/** Integers of 64 bits, as two words each. */
export class DeltaDecoder {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #perMini: number;
  readonly #minis: number;
  /** Values that are there in all. */
  readonly total: number;
  #at: number;
  #left: number;
  #isFirst = true;
  #low = 0;
  #high = 0;
  #minLow = 0;
  #minHigh = 0;
  /** Where the widths of the current block's minis are, and which one is read. */
  #widths = 0;
  #mini: number;
  #inMini = 0;
  #width = 0;
  #bit = 0;
  #varLow = 0;
  #varHigh = 0;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
    const block = this.#size();
    this.#minis = this.#size();
    this.total = this.#left = this.#size();
    this.#perMini = block / this.#minis;
    this.#mini = this.#minis;
    this.#zigzag();
    this.#low = this.#varLow;
    this.#high = this.#varHigh;
    if (!(block > 0 && block <= MAX_BLOCK && this.#perMini % 8 === 0)) damaged();
  }

  /** Fills the low and high words of values [0, count); without `high` only the low ones. */
  read(count: number, low: Int32Array, high: Int32Array | null, stride: number): void {
    if (count > this.#left) damaged();
    this.#left -= count;
    const bytes = this.#bytes;
    for (let i = 0; i < count; i++) {
      if (this.#isFirst) this.#isFirst = false;
      else {
        if (this.#inMini === 0) this.#nextMini();
        this.#inMini--;
        const width = this.#width;
        let low = 0;
        let high = 0;
        if (width > 0) {
          low = bitsAt(bytes, this.#at, this.#bit, Math.min(width, 32));
          if (width > 32) high = bitsAt(bytes, this.#at, this.#bit + 32, width - 32);
          this.#bit += width;
        }
        const sum = (this.#low >>> 0) + (this.#minLow >>> 0) + (low >>> 0);
        this.#low = sum | 0;
        this.#high = (this.#high + this.#minHigh + high + Math.floor(sum / 2 ** 32)) | 0;
      }
      low[i * stride] = this.#low;
      if (high !== null) high[i * stride] = this.#high;
    }
  }

  /** Where all values end, found without reading them. */
  skipAll(): number {
    let left = this.total - 1;
    let at = this.#at;
    const per = this.#perMini;
    while (left > 0) {
      this.#at = at;
      this.#zigzag();
      const widths = this.#at;
      at = widths + this.#minis;
      for (let m = 0; m < this.#minis && left > 0; m++, left -= per) {
        if (widths + m >= this.#end) damaged();
        at += (this.#bytes[widths + m]! * per) / 8;
        if (at > this.#end) damaged();
      }
    }
    return at;
  }

  #nextMini(): void {
    if (this.#bit > 0) this.#at += (this.#width * this.#perMini) / 8;
    this.#bit = 0;
    if (this.#mini === this.#minis) {
      this.#zigzag();
      this.#minLow = this.#varLow;
      this.#minHigh = this.#varHigh;
      this.#widths = this.#at;
      this.#at += this.#minis;
      if (this.#at > this.#end) damaged();
      this.#mini = 0;
    }
    this.#width = this.#bytes[this.#widths + this.#mini++]!;
    this.#inMini = this.#perMini;
    if (this.#width > 64 || this.#at + (this.#width * this.#perMini) / 8 > this.#end) damaged();
  }

  #size(): number {
    this.#varint();
    if (this.#varHigh !== 0 || this.#varLow < 0) damaged();
    return this.#varLow;
  }

  #varint(): void {
    let [low, high] = [0, 0];
    for (let shift = 0; ; shift += 7) {
      if (this.#at >= this.#end || shift > 63) damaged();
      const byte = this.#bytes[this.#at++]!;
      const bits = byte & 127;
      if (shift < 32) low |= bits << shift;
      if (shift === 28) high |= bits >> 4;
      else if (shift > 28) high |= bits << (shift - 32);
      if (byte < 128) break;
    }
    this.#varLow = low;
    this.#varHigh = high;
  }

  #zigzag(): void {
    this.#varint();
    const sign = -(this.#varLow & 1);
    this.#varLow = ((this.#varLow >>> 1) | (this.#varHigh << 31)) ^ sign;
    this.#varHigh = (this.#varHigh >>> 1) ^ sign;
  }
}

/** `width` bits, 1 to 32, from bit `bit` of what begins at bytes[at]. */
function bitsAt(bytes: Uint8Array, at: number, bit: number, width: number): number {
  const p = at + (bit >>> 3);
  const shift = bit & 7;
  let value =
    (bytes[p]! | (bytes[p + 1]! << 8) | (bytes[p + 2]! << 16) | (bytes[p + 3]! << 24)) >>> shift;
  if (shift + width > 32) value |= bytes[p + 4]! << (32 - shift);
  return width === 32 ? value | 0 : value & ((1 << width) - 1);
}

/** DELTA_BINARY_PACKED of INT32 and INT64. */
export function deltaIntegers(
  leaf: Leaf,
  bytes: Uint8Array,
  at: number,
  end: number,
): ValueDecoder {
  const deltas = new DeltaDecoder(bytes, at, end);
  return {
    read({ int32, words }, count) {
      if (leaf.type === 'INT32') deltas.read(count, int32, null, 1);
      else deltas.read(count, words, words.subarray(1), 2);
    },
  };
}

/** DELTA_LENGTH_BYTE_ARRAY: all lengths, then all bytes. */
export function deltaLengths(bytes: Uint8Array, at: number, end: number): ValueDecoder {
  const lengths = new DeltaDecoder(bytes, at, end);
  let p = new DeltaDecoder(bytes, at, end).skipAll();
  return {
    read(into, count) {
      const { starts, ends } = into;
      into.bytes = bytes;
      lengths.read(count, ends, null, 1);
      for (let i = 0; i < count; i++) {
        const length = ends[i]!;
        if (length < 0 || length > end - p) damaged();
        starts[i] = p;
        p += length;
        ends[i] = p;
      }
    },
  };
}

/** DELTA_BYTE_ARRAY: how much each has of the one before it, then what follows, as DELTA_LENGTH_BYTE_ARRAY. */
export function deltaTexts(leaf: Leaf, bytes: Uint8Array, at: number, end: number): ValueDecoder {
  const prefixes = new DeltaDecoder(bytes, at, end);
  const suffixesAt = new DeltaDecoder(bytes, at, end).skipAll();
  const suffixes = new DeltaDecoder(bytes, suffixesAt, end);
  let p = new DeltaDecoder(bytes, suffixesAt, end).skipAll();
  const prefix = new Int32Array(VECTOR_ENTRIES);
  const suffix = new Int32Array(VECTOR_ENTRIES);
  let last = new Uint8Array(0);
  let grown = 0;
  return {
    read(into, count) {
      prefixes.read(count, prefix, null, 1);
      suffixes.read(count, suffix, null, 1);
      let length = 0;
      let before = last.length;
      let from = p;
      for (let i = 0; i < count; i++) {
        if (prefix[i]! < 0 || prefix[i]! > before || suffix[i]! < 0) damaged();
        from += suffix[i]!;
        before = prefix[i]! + suffix[i]!;
        length += before;
        if (leaf.length > 0 && before !== leaf.length) damaged();
      }
      grown += length;
      if (from > end) damaged();
      if (length > Math.max(MAX_TEXT_BYTES, 16 * bytes.length) || grown > MAX_GROWN_BYTES) {
        throw new ParquetFault('has texts that grow beyond all measure when they are read');
      }
      const texts = new Uint8Array(length);
      let to = 0;
      for (let i = 0; i < count; i++) {
        into.starts[i] = to;
        texts.set(last.subarray(0, prefix[i]!), to);
        to += prefix[i]!;
        texts.set(bytes.subarray(p, p + suffix[i]!), to);
        to += suffix[i]!;
        p += suffix[i]!;
        into.ends[i] = to;
        last = texts.subarray(into.starts[i]!, to);
      }
      into.bytes = texts;
    },
  };
}
