/** Columns of texts and of blobs. */

import { isUtf8 } from 'node:buffer';
import { ByteSink } from './byte-sink.ts';
import type { ColumnChunk } from './column-chunk.ts';
import { ColumnValues, withRoom } from './column-values.ts';
import { Dictionary } from './dictionary.ts';
import { bitWidth, writeHybrid } from './hybrid.ts';
import { ENCODING } from './layout.ts';

/** What values of a page take, about. */
export const PAGE_BYTES = 1 << 18;
/** A longer text is no bound of others. */
const LONGEST_BOUND = 64;

export class ByteValues extends ColumnValues {
  readonly #data = new ByteSink(0);
  /** Where each value ends in the data. */
  #ends: Int32Array = new Int32Array(0);
  readonly #dictionary = new Dictionary();
  /** Indexes into the dictionary, while values are written by it. */
  #indexes: Int32Array | null = null;

  /** Adds bytes[start, end); a text must be UTF-8. */
  add(bytes: Uint8Array, start: number, end: number): void {
    this.#data.append(bytes, start, end);
    this.#end();
  }

  /** Adds a text, unless it is not UTF-8: then it is false, and nothing is added. */
  addText(bytes: Uint8Array, start: number, end: number): boolean {
    const data = this.#data;
    data.reserve(end - start);
    if (end - start <= LONGEST_BOUND) {
      const target = data.bytes;
      let at = data.length;
      let any = 0;
      for (let i = start; i < end; i++) {
        const byte = bytes[i]!;
        target[at++] = byte;
        any |= byte;
      }
      if (any > 127 && !isUtf8(bytes.subarray(start, end))) return false;
      data.length = at;
    } else {
      const text = bytes.subarray(start, end);
      if (!isUtf8(text)) return false;
      data.append(bytes, start, end);
    }
    this.#end();
    return true;
  }

  #end(): void {
    this.#ends = withRoom(this.#ends, this.count);
    this.#ends[this.count] = this.#data.length;
    this.added();
  }

  get rawBytes(): number {
    return this.#data.length + 4 * this.count;
  }

  protected override valuesThatFit(start: number, end: number): number {
    if (this.#indexes !== null) return end - start;
    const ends = this.#ends;
    const first = start === 0 ? 0 : ends[start - 1]!;
    let i = start;
    while (i < end && ends[i]! - first + 4 * (i - start) < PAGE_BYTES) i++;
    return Math.max(1, i - start);
  }

  protected override prepare(chunk: ColumnChunk): number {
    this.#indexes = this.#dictionary.of(this.#data.bytes, this.#ends, this.count);
    if (this.#indexes === null) return ENCODING.PLAIN;
    chunk.dictionary(this.#dictionary.plain, this.#dictionary.count);
    return ENCODING.RLE_DICTIONARY;
  }

  protected override encode(out: ByteSink, start: number, end: number): void {
    if (this.#indexes !== null) {
      const bits = bitWidth(this.#dictionary.count - 1);
      out.byte(bits);
      writeHybrid(out, this.#indexes, start, end, bits);
      return;
    }
    const { bytes } = this.#data;
    let from = start === 0 ? 0 : this.#ends[start - 1]!;
    for (let i = start; i < end; i++) {
      const to = this.#ends[i]!;
      out.uint32(to - from);
      out.append(bytes, from, to);
      from = to;
    }
  }

  protected override noteRange(
    chunk: ColumnChunk,
    start: number,
    end: number,
    ofPage?: boolean,
  ): void {
    if (this.leaf.meaning !== 'text') return;
    const { bytes } = this.#data;
    const ends = this.#ends;
    const at = (i: number): number => (i === 0 ? 0 : ends[i - 1]!);
    let [least, most] = [start, start];
    for (let i = start + 1; i < end; i++) {
      if (isBefore(bytes, at(i), ends[i]!, at(least), ends[least]!)) least = i;
      else if (isBefore(bytes, at(most), ends[most]!, at(i), ends[i]!)) most = i;
    }
    const bound = (i: number): Uint8Array => bytes.subarray(at(i), ends[i]!);
    if (bound(least).length > LONGEST_BOUND || bound(most).length > LONGEST_BOUND) return;
    chunk.range(bound(least), bound(most), ofPage);
  }

  protected override clear(): void {
    this.#data.clear();
    this.#indexes = null;
  }
}

/** Whether bytes[a, aEnd) come before bytes[b, bEnd), byte by byte. */
function isBefore(bytes: Uint8Array, a: number, aEnd: number, b: number, bEnd: number): boolean {
  while (a < aEnd && b < bEnd) {
    const [x, y] = [bytes[a++]!, bytes[b++]!];
    if (x !== y) return x < y;
  }
  return a === aEnd && b < bEnd;
}
