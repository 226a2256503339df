/** Columns of texts and of blobs. */

import { isUtf8 } from 'node:buffer';
import { ByteSink } from './byte-sink.ts';
import type { ColumnChunk } from './column-chunk.ts';
import { ColumnValues, withRoom } from './column-values.ts';
import { Dictionary, isBefore } from './dictionary.ts';
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

  /** Of pages nothing is told: bounds of texts tell little, and take long to find. */
  protected override noteRange(
    chunk: ColumnChunk,
    start: number,
    end: number,
    ofPage?: boolean,
  ): void {
    if (this.leaf.meaning !== 'text' || ofPage) return;
    const dictionary = this.#indexes === null ? null : this.#dictionary;
    const [least, most] = dictionary?.range() ?? this.#range(start, end);
    if (least.length > LONGEST_BOUND || most.length > LONGEST_BOUND) return;
    chunk.range(least, most);
  }

  #range(start: number, end: number): [Uint8Array, Uint8Array] {
    const { bytes } = this.#data;
    const ends = this.#ends;
    let from = start === 0 ? 0 : ends[start - 1]!;
    let [leastFrom, leastTo] = [from, ends[start]!];
    let [mostFrom, mostTo] = [leastFrom, leastTo];
    for (let i = start; i < end; i++) {
      const to = ends[i]!;
      if (isBefore(bytes, from, to, leastFrom, leastTo)) {
        leastFrom = from;
        leastTo = to;
      } else if (isBefore(bytes, mostFrom, mostTo, from, to)) {
        mostFrom = from;
        mostTo = to;
      }
      from = to;
    }
    return [bytes.subarray(leastFrom, leastTo), bytes.subarray(mostFrom, mostTo)];
  }

  protected override clear(): void {
    this.#data.clear();
    this.#indexes = null;
  }
}
