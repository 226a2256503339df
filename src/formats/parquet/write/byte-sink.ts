/** Bytes that grow at their end. Reuse it: `clear` keeps its memory. */

import { copyBytes } from '../../../geometry/batch.ts';

export class ByteSink {
  bytes: Uint8Array;
  length = 0;

  constructor(capacity = 256) {
    this.bytes = new Uint8Array(capacity);
  }

  clear(): void {
    this.length = 0;
  }

  /** Makes room for so many more bytes. */
  reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.bytes.length));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  /** Appends zeros; returns where they begin. */
  zeros(count: number): number {
    this.reserve(count);
    const at = this.length;
    this.length += count;
    this.bytes.fill(0, at, this.length);
    return at;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** Four bytes, the lowest first. */
  uint32(value: number): void {
    this.reserve(4);
    const { bytes, length } = this;
    bytes[length] = value;
    bytes[length + 1] = value >>> 8;
    bytes[length + 2] = value >>> 16;
    bytes[length + 3] = value >>> 24;
    this.length += 4;
  }

  /** An unsigned LEB128 of 0 ≤ value < 2^53. */
  varint(value: number): void {
    this.reserve(8);
    while (value >= 128) {
      this.bytes[this.length++] = (value % 128) | 128;
      value = Math.floor(value / 128);
    }
    this.bytes[this.length++] = value;
  }

  /** The same of a signed number, −2^52 < value < 2^52: 0, −1, 1, −2, … become 0, 1, 2, 3, … */
  zigzag(value: number): void {
    this.varint(value >= 0 ? 2 * value : -2 * value - 1);
  }

  /** bytes[start, end) */
  append(bytes: Uint8Array, start: number, end: number): void {
    this.reserve(end - start);
    copyBytes(bytes, start, end, this.bytes, this.length);
    this.length += end - start;
  }

  all(bytes: Uint8Array): void {
    this.append(bytes, 0, bytes.length);
  }

  /** What is in it, until more is. */
  get filled(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}
