/** Columns of texts and of blobs. */

import { isUtf8 } from 'node:buffer';
import { ByteSink } from './byte-sink.ts';
import type { ColumnChunk } from './column-chunk.ts';
import { ColumnValues, withRoom } from './column-values.ts';
import { Dictionary, isBefore } from './dictionary.ts';
import { bitWidth, writeHybrid } from './hybrid.ts';
import { ENCODING, type Leaf } from './layout.ts';

/** What values of a page take, about. */
export const PAGE_BYTES = 1 << 18;
/** A longer text is no bound of others. */
const LONGEST_BOUND = 64;
/** Of bytes that a loop looks at sooner than a call. */
const LONGEST_LOOP = 64;

/** Where more than half of so many first values differ, they are written as they are. */
const SAMPLE = 1024;

/** By a dictionary, if that saves something: by the values alone. */
export class ByteValues extends ColumnValues {
  readonly #dictionary = new Dictionary();
  /** Entries of the dictionary, as long as values are held by it. */
  #entries: Int32Array = new Int32Array(0);
  #isPlain = false;
  /** Else they are here, each after its length, … */
  readonly #data = new ByteSink(0);
  /** … and end here. */
  #ends: Int32Array = new Int32Array(0);
  /** What all values take as they are. */
  #length = 0;

  constructor(leaf: Leaf) {
    super(leaf);
    this.#dictionary.clear();
  }

  /** Adds bytes[start, end); a text must be UTF-8. */
  add(bytes: Uint8Array, start: number, end: number): void {
    this.#take(bytes, start, end, false);
  }

  /** Adds a text, unless it is not UTF-8: then it is false, and nothing is added. */
  addText(bytes: Uint8Array, start: number, end: number): boolean {
    return this.#take(bytes, start, end, true);
  }

  #take(bytes: Uint8Array, start: number, end: number, isText: boolean): boolean {
    if (!this.#isPlain) {
      const dictionary = this.#dictionary;
      let entry = dictionary.find(bytes, start, end);
      if (entry < 0) {
        if (isText && !isUtf8Text(bytes, start, end)) return false;
        entry = dictionary.add(bytes, start, end);
        const isFull = entry < 0 || (this.count < SAMPLE && dictionary.count > SAMPLE / 2);
        if (isFull) this.#spellOut();
      }
      if (!this.#isPlain) {
        this.#entries = withRoom(this.#entries, this.count);
        this.#entries[this.count] = entry;
      }
      isText = false;
    }
    if (this.#isPlain) {
      if (isText && !isUtf8Text(bytes, start, end)) return false;
      const data = this.#data;
      data.uint32(end - start);
      data.append(bytes, start, end);
      this.#ends = withRoom(this.#ends, this.count);
      this.#ends[this.count] = data.length;
    }
    this.#length += end - start + 4;
    this.added();
    return true;
  }

  /** Values are held by the dictionary no longer. */
  #spellOut(): void {
    const data = this.#data;
    for (let i = 0; i < this.count; i++) {
      this.#dictionary.copy(this.#entries[i]!, data);
      this.#ends = withRoom(this.#ends, i);
      this.#ends[i] = data.length;
    }
    this.#dictionary.clear();
    this.#isPlain = true;
  }

  get rawBytes(): number {
    if (this.#isPlain) return this.#length;
    const { plain, count } = this.#dictionary;
    return plain.length + (this.count * bitWidth(count - 1)) / 8;
  }

  protected override valuesThatFit(start: number, end: number): number {
    if (!this.#isPlain) return end - start;
    const ends = this.#ends;
    const first = start === 0 ? 0 : ends[start - 1]!;
    let i = start;
    while (i < end && ends[i]! - first <= PAGE_BYTES) i++;
    return Math.max(1, i - start);
  }

  protected override prepare(): number {
    if (!this.#isPlain) {
      const { count, plain } = this.#dictionary;
      const isWorth = 2 * count <= this.count && this.#length - plain.length > 2 * this.count;
      if (this.count < 2 || !isWorth) this.#spellOut();
    }
    return this.#isPlain ? ENCODING.PLAIN : ENCODING.RLE_DICTIONARY;
  }

  protected override get dictionary(): Dictionary | null {
    return this.#isPlain ? null : this.#dictionary;
  }

  protected override encode(out: ByteSink, start: number, end: number): void {
    if (this.#isPlain) {
      out.append(this.#data.bytes, start === 0 ? 0 : this.#ends[start - 1]!, this.#ends[end - 1]!);
      return;
    }
    const bits = bitWidth(this.#dictionary.count - 1);
    out.byte(bits);
    writeHybrid(out, this.#entries, start, end, bits);
  }

  /** Of pages nothing is told: bounds of texts tell little, and take long to find. */
  protected override noteRange(
    chunk: ColumnChunk,
    start: number,
    end: number,
    ofPage?: boolean,
  ): void {
    if (this.leaf.meaning !== 'text' || ofPage) return;
    const [least, most] = this.dictionary?.range() ?? this.#range(start, end);
    if (least.length > LONGEST_BOUND || most.length > LONGEST_BOUND) return;
    chunk.range(least, most);
  }

  #range(start: number, end: number): [Uint8Array, Uint8Array] {
    const { bytes } = this.#data;
    const ends = this.#ends;
    let from = start === 0 ? 4 : ends[start - 1]! + 4;
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
      from = to + 4;
    }
    return [bytes.subarray(leastFrom, leastTo), bytes.subarray(mostFrom, mostTo)];
  }

  protected override clear(): void {
    this.#data.clear();
    this.#dictionary.clear();
    this.#isPlain = false;
    this.#length = 0;
  }
}

function isUtf8Text(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > LONGEST_LOOP) return isUtf8(bytes.subarray(start, end));
  let any = 0;
  for (let i = start; i < end; i++) any |= bytes[i]!;
  return any < 128 || isUtf8(bytes.subarray(start, end));
}
