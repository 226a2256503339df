/** The different values of a column, if they are few: which they are depends on the values alone. */

import { ByteSink } from './byte-sink.ts';

/** Where more than half of so many first values differ, the rest is not looked at. */
const SAMPLE = 1024;
const MOST_ENTRIES = 1 << 15;
const MOST_BYTES = 1 << 20;

const SMALL_TABLE = 1 << 10;

/** Of one call: places of a table of hashes, each an entry of the dictionary + 1. */
let table = new Int32Array(SMALL_TABLE);
let indexes = new Int32Array(0);

export class Dictionary {
  /** The values, each after its length. */
  #plain = new ByteSink(0);
  /** Where the bytes of each begin in it. */
  #starts = new Int32Array(16);
  count = 0;

  get plain(): ByteSink {
    return this.#plain;
  }

  /**
   * An index into the dictionary for each value, until the next call; null where a dictionary saves
   * little.
   * @param ends - of the values in the data
   */
  of(data: Uint8Array, ends: Int32Array, count: number): Int32Array | null {
    this.count = 0;
    this.#plain.clear();
    if (count < 2) return null;
    if (table.length > SMALL_TABLE) table = new Int32Array(SMALL_TABLE);
    else table.fill(0);
    if (indexes.length < count) indexes = new Int32Array(2 * count);
    let last = -1;
    for (let i = 0; i < count; i++) {
      const start = i === 0 ? 0 : ends[i - 1]!;
      const end = ends[i]!;
      if (last < 0 || !this.#is(last, data, start, end)) last = this.#find(data, start, end);
      if (last < 0) return null;
      if (i === SAMPLE - 1 && this.count > SAMPLE / 2) return null;
      indexes[i] = last;
    }
    const saved = ends[count - 1]! + 4 * count - this.#plain.length;
    return 2 * this.count <= count && saved > 2 * count ? indexes : null;
  }

  /** The least and the greatest entry, byte by byte. */
  range(): [Uint8Array, Uint8Array] {
    const { bytes } = this.#plain;
    let [least, most] = [0, 0];
    for (let k = 1; k < this.count; k++) {
      const [start, end] = [this.#starts[k]!, this.#endOf(k)];
      if (isBefore(bytes, start, end, this.#starts[least]!, this.#endOf(least))) least = k;
      else if (isBefore(bytes, this.#starts[most]!, this.#endOf(most), start, end)) most = k;
    }
    const entry = (k: number): Uint8Array => bytes.subarray(this.#starts[k]!, this.#endOf(k));
    return [entry(least), entry(most)];
  }

  #endOf(k: number): number {
    return k + 1 < this.count ? this.#starts[k + 1]! - 4 : this.#plain.length;
  }

  /** Whether entry `k` is data[start, end). */
  #is(k: number, data: Uint8Array, start: number, end: number): boolean {
    const at = this.#starts[k]!;
    const { bytes } = this.#plain;
    const length = end - start;
    if (this.#endOf(k) - at !== length) return false;
    for (let i = 0; i < length; i++) if (bytes[at + i] !== data[start + i]) return false;
    return true;
  }

  /** The entry that is data[start, end), made if need be; −1 for one too many. */
  #find(data: Uint8Array, start: number, end: number): number {
    const mask = table.length - 1;
    let place = hashOf(data, start, end) & mask;
    for (let entry = table[place]!; entry !== 0; entry = table[place]!) {
      if (this.#is(entry - 1, data, start, end)) return entry - 1;
      place = (place + 1) & mask;
    }
    if (this.count === MOST_ENTRIES || this.#plain.length + end - start > MOST_BYTES) return -1;
    this.#plain.uint32(end - start);
    if (this.count === this.#starts.length) {
      const grown = new Int32Array(2 * this.count);
      grown.set(this.#starts);
      this.#starts = grown;
    }
    this.#starts[this.count] = this.#plain.length;
    this.#plain.append(data, start, end);
    table[place] = ++this.count;
    if (2 * this.count > table.length) this.#rehash();
    return this.count - 1;
  }

  #rehash(): void {
    const { bytes } = this.#plain;
    table = new Int32Array(2 * table.length);
    const mask = table.length - 1;
    for (let k = 0; k < this.count; k++) {
      let place = hashOf(bytes, this.#starts[k]!, this.#endOf(k)) & mask;
      while (table[place] !== 0) place = (place + 1) & mask;
      table[place] = k + 1;
    }
  }
}

/** FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv), its high bits mixed into the low ones. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash ^ (hash >>> 15);
}

/** Whether bytes[a, aEnd) come before bytes[b, bEnd), byte by byte. */
export function isBefore(
  bytes: Uint8Array,
  a: number,
  aEnd: number,
  b: number,
  bEnd: number,
): boolean {
  while (a < aEnd && b < bEnd) {
    const difference = bytes[a++]! - bytes[b++]!;
    if (difference !== 0) return difference < 0;
  }
  return a === aEnd && b < bEnd;
}
