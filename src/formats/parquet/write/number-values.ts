/** Columns of numbers and of booleans. */

import type { ByteSink } from './byte-sink.ts';
import type { ColumnChunk } from './column-chunk.ts';
import { ColumnValues, withRoom } from './column-values.ts';
import { MOST_DELTA_VALUE, suitsDelta, writeDelta } from './delta.ts';
import { packBits } from './hybrid.ts';
import { ENCODING, PHYSICAL } from './layout.ts';

const eight = new DataView(new ArrayBuffer(16));
const least8 = new Uint8Array(eight.buffer, 0, 8);
const most8 = new Uint8Array(eight.buffer, 8, 8);
const least4 = new Uint8Array(eight.buffer, 0, 4);
const most4 = new Uint8Array(eight.buffer, 8, 4);

/** DOUBLE and FLOAT: none of them NaN. */
export class RealValues extends ColumnValues {
  #values: Float64Array | Float32Array =
    this.leaf.type === PHYSICAL.FLOAT ? new Float32Array(0) : new Float64Array(0);

  add(value: number): void {
    this.#values = withRoom(this.#values, this.count);
    this.#values[this.count] = value;
    this.added();
  }

  get rawBytes(): number {
    return this.count * this.#values.BYTES_PER_ELEMENT;
  }

  protected override prepare(): number {
    return ENCODING.BYTE_STREAM_SPLIT;
  }

  /** Their first bytes, then their second bytes, …: those that are alike come together. */
  protected override encode(out: ByteSink, start: number, end: number): void {
    const { BYTES_PER_ELEMENT: size, buffer } = this.#values;
    const count = end - start;
    const bytes = new Uint8Array(buffer, start * size, count * size);
    out.reserve(count * size);
    const target = out.bytes;
    let at = out.length;
    for (let k = 0; k < size; k++) {
      for (let i = k; i < bytes.length; i += size) target[at++] = bytes[i]!;
    }
    out.length = at;
  }

  protected override noteRange(
    chunk: ColumnChunk,
    start: number,
    end: number,
    ofPage?: boolean,
  ): void {
    const values = this.#values;
    let [least, most] = [Infinity, -Infinity];
    for (let i = start; i < end; i++) {
      const value = values[i]!;
      if (value < least) least = value;
      if (value > most) most = value;
    }
    // Readers need not tell zeros apart: −0 is the least of them, and 0 the greatest.
    if (least === 0) least = -0;
    if (most === 0) most = 0;
    const isFloat = this.leaf.type === PHYSICAL.FLOAT;
    if (isFloat) {
      eight.setFloat32(0, least, true);
      eight.setFloat32(8, most, true);
      chunk.range(least4, most4, ofPage);
      return;
    }
    eight.setFloat64(0, least, true);
    eight.setFloat64(8, most, true);
    chunk.range(least8, most8, ofPage);
  }

  protected override clear(): void {
    // The array is filled again from its start.
  }
}

/** INT64, as halves of 32 bits. */
export class IntegerValues extends ColumnValues {
  /** Low half, then high half, of each. */
  #halves: Int32Array = new Int32Array(0);
  /** As far as they are within ±2^51. */
  #numbers: Float64Array = new Float64Array(0);

  add(high: number, low: number): void {
    this.#halves = withRoom(this.#halves, 2 * this.count + 1);
    this.#halves[2 * this.count] = low;
    this.#halves[2 * this.count + 1] = high;
    this.added();
  }

  /** A safe integer. */
  addNumber(value: number): void {
    const high = Math.floor(value / 2 ** 32);
    this.add(high, value - high * 2 ** 32);
  }

  get rawBytes(): number {
    return this.count * 8;
  }

  protected override prepare(): number {
    const halves = this.#halves;
    this.#numbers = new Float64Array(0);
    const numbers = new Float64Array(this.count);
    for (let i = 0; i < this.count; i++) {
      const value = halves[2 * i + 1]! * 2 ** 32 + (halves[2 * i]! >>> 0);
      if (value < -MOST_DELTA_VALUE || value > MOST_DELTA_VALUE) return ENCODING.PLAIN;
      numbers[i] = value;
    }
    if (!suitsDelta(numbers, 0, this.count)) return ENCODING.PLAIN;
    this.#numbers = numbers;
    return ENCODING.DELTA_BINARY_PACKED;
  }

  protected override encode(out: ByteSink, start: number, end: number): void {
    if (this.#numbers.length > 0) writeDelta(out, this.#numbers, start, end);
    else out.all(new Uint8Array(this.#halves.buffer, 8 * start, 8 * (end - start)));
  }

  protected override noteRange(
    chunk: ColumnChunk,
    start: number,
    end: number,
    ofPage?: boolean,
  ): void {
    const halves = this.#halves;
    let [least, most] = [start, start];
    for (let i = start + 1; i < end; i++) {
      if (isLess(halves, i, least)) least = i;
      else if (isLess(halves, most, i)) most = i;
    }
    const bytes = new Uint8Array(halves.buffer);
    least8.set(bytes.subarray(8 * least, 8 * least + 8));
    most8.set(bytes.subarray(8 * most, 8 * most + 8));
    chunk.range(least8, most8, ofPage);
  }

  protected override clear(): void {
    this.#numbers = new Float64Array(0);
  }
}

function isLess(halves: Int32Array, a: number, b: number): boolean {
  const [x, y] = [halves[2 * a + 1]!, halves[2 * b + 1]!];
  return x < y || (x === y && halves[2 * a]! >>> 0 < halves[2 * b]! >>> 0);
}

/** INT32: days. */
export class DayValues extends ColumnValues {
  #values: Int32Array = new Int32Array(0);

  add(value: number): void {
    this.#values = withRoom(this.#values, this.count);
    this.#values[this.count] = value;
    this.added();
  }

  get rawBytes(): number {
    return 4 * this.count;
  }

  protected override prepare(): number {
    return ENCODING.DELTA_BINARY_PACKED;
  }

  protected override encode(out: ByteSink, start: number, end: number): void {
    writeDelta(out, Float64Array.from(this.#values.subarray(start, end)), 0, end - start);
  }

  protected override noteRange(
    chunk: ColumnChunk,
    start: number,
    end: number,
    ofPage?: boolean,
  ): void {
    const values = this.#values.subarray(start, end);
    eight.setInt32(
      0,
      values.reduce((a, b) => Math.min(a, b)),
      true,
    );
    eight.setInt32(
      8,
      values.reduce((a, b) => Math.max(a, b)),
      true,
    );
    chunk.range(least4, most4, ofPage);
  }

  protected override clear(): void {
    // The array is filled again from its start.
  }
}

export class BooleanValues extends ColumnValues {
  #values: Uint8Array = new Uint8Array(0);

  add(value: boolean): void {
    this.#values = withRoom(this.#values, this.count);
    this.#values[this.count] = value ? 1 : 0;
    this.added();
  }

  get rawBytes(): number {
    return Math.ceil(this.count / 8);
  }

  protected override encode(out: ByteSink, start: number, end: number): void {
    packBits(out, this.#values, start, end, 1, 8 * Math.ceil((end - start) / 8));
  }

  protected override noteRange(
    chunk: ColumnChunk,
    start: number,
    end: number,
    ofPage?: boolean,
  ): void {
    const values = this.#values.subarray(start, end);
    const least = Uint8Array.of(values.includes(0) ? 0 : 1);
    chunk.range(least, Uint8Array.of(values.includes(1) ? 1 : 0), ofPage);
  }

  protected override clear(): void {
    // The array is filled again from its start.
  }
}
