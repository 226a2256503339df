/** The different values of a column, as they come. */

import { ByteSink } from './byte-sink.ts';

const MOST_ENTRIES = 1 << 15;
const MOST_BYTES = 1 << 20;
const SMALL_TABLE = 1 << 10;

export class Dictionary {
  /** The values, each after its length. */
  readonly plain = new ByteSink(0);
  /** Where the bytes of each begin in it. */
  #starts = new Int32Array(16);
  /** Places by hash, each an entry + 1. */
  #table = new Int32Array(0);
  /** Where `find` would have found its value. */
  #place = 0;
  /** The entry found last; −1 for none. */
  #last = -1;
  count = 0;

  clear(): void {
    this.count = 0;
    this.#last = -1;
    this.plain.clear();
    if (this.#table.length === SMALL_TABLE) this.#table.fill(0);
    else this.#table = new Int32Array(SMALL_TABLE);
  }

  /** The entry that is data[start, end); −1 for none. */
  find(data: Uint8Array, start: number, end: number): number {
    if (this.#last >= 0 && this.#is(this.#last, data, start, end)) return this.#last;
    const table = this.#table;
    const mask = table.length - 1;
    let place = hashOf(data, start, end) & mask;
    for (let entry = table[place]!; entry !== 0; entry = table[place]!) {
      if (this.#is(entry - 1, data, start, end)) {
        this.#last = entry - 1;
        return entry - 1;
      }
      place = (place + 1) & mask;
    }
    this.#place = place;
    return -1;
  }

  /** Makes an entry of what `find` has just not found; −1 if that is one too many. */
  add(data: Uint8Array, start: number, end: number): number {
    if (this.count === MOST_ENTRIES || this.plain.length + end - start > MOST_BYTES) return -1;
    this.plain.uint32(end - start);
    if (this.count === this.#starts.length) {
      const grown = new Int32Array(2 * this.count);
      grown.set(this.#starts);
      this.#starts = grown;
    }
    this.#starts[this.count] = this.plain.length;
    this.plain.append(data, start, end);
    this.#last = this.count++;
    this.#table[this.#place] = this.count;
    if (2 * this.count > this.#table.length) this.#rehash();
    return this.#last;
  }

  /** Appends the entry, after its length. */
  copy(k: number, out: ByteSink): void {
    out.append(this.plain.bytes, this.#starts[k]! - 4, this.#endOf(k));
  }

  /** The least and the greatest entry, byte by byte. */
  range(): [Uint8Array, Uint8Array] {
    const { bytes } = this.plain;
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
    return k + 1 < this.count ? this.#starts[k + 1]! - 4 : this.plain.length;
  }

  /** Whether entry `k` is data[start, end). */
  #is(k: number, data: Uint8Array, start: number, end: number): boolean {
    const at = this.#starts[k]!;
    const { bytes } = this.plain;
    const length = end - start;
    if (this.#endOf(k) - at !== length) return false;
    for (let i = 0; i < length; i++) if (bytes[at + i] !== data[start + i]) return false;
    return true;
  }

  #rehash(): void {
    const { bytes } = this.plain;
    const table = new Int32Array(2 * this.#table.length);
    const mask = table.length - 1;
    for (let k = 0; k < this.count; k++) {
      let place = hashOf(bytes, this.#starts[k]!, this.#endOf(k)) & mask;
      while (table[place] !== 0) place = (place + 1) & mask;
      table[place] = k + 1;
    }
    this.#table = table;
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
