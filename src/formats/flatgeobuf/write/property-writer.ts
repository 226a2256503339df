/** Encoded values as the properties of a feature: see properties.ts. */

import type { Column, ColumnType } from '../../../core/columns.ts';
import { copyBytes } from '../../../geometry/batch.ts';
import type { EncodedRow, EncodedValues } from '../../encoded-row.ts';
import { readValue, serialTypeLength, ValueWalk } from '../../sqlite/record.ts';
import { oddValue } from './odd-values.ts';

/** Bytes that a value takes at the most, besides its own. */
const VALUE_BYTES = 10;
const encoder = new TextEncoder();

export class PropertyWriter {
  /** Properties of the row that was written last: bytes[0, length). */
  bytes = new Uint8Array(1024);
  length = 0;
  /** Whether there was a value that is not of its column's type. */
  hasOdd = false;
  readonly #columns: readonly Column[];
  readonly #types: readonly ColumnType[];
  readonly #walk: ValueWalk;
  #view = new DataView(this.bytes.buffer);

  constructor(columns: readonly Column[]) {
    this.#columns = columns;
    this.#types = columns.map(({ type }) => type);
    this.#walk = new ValueWalk(columns.length);
  }

  /** @param more - values that follow the row's own */
  write({ types, typesStart, typesEnd, body, bodyStart }: EncodedRow, more: EncodedValues): void {
    this.length = 0;
    const walk = this.#walk;
    walk.walk(types, typesStart, typesEnd, bodyStart);
    const own = walk.count;
    let odd = this.#values(body, 0, null);
    if (own < this.#types.length) {
      walk.walk(more.types, 0, more.typesLength, 0);
      odd = this.#values(more.body, own, odd);
    }
    if (odd === null) return;
    this.hasOdd = true;
    const json = encoder.encode(JSON.stringify(odd));
    this.#text(this.#types.length, json, 0, json.length);
  }

  /** Values that were walked, of columns from `first` on. */
  #values(
    body: Uint8Array,
    first: number,
    odd: Record<string, object> | null,
  ): Record<string, object> | null {
    const { types, bodyAt } = this.#walk;
    const count = Math.min(this.#walk.count, this.#types.length - first);
    for (let i = 0; i < count; i++) {
      const serial = types[i]!;
      const at = bodyAt[i]!;
      if (serial === 0 || serial === 10 || serial === 11) continue;
      if (this.#value(first + i, this.#types[first + i]!, serial, body, at)) continue;
      odd ??= {};
      odd[this.#columns[first + i]!.name] = oddValue(readValue(serial, body, at));
    }
    return odd;
  }

  /** Returns false, and has written nothing, for a value that its column does not hold. */
  #value(column: number, type: ColumnType, serial: number, body: Uint8Array, at: number): boolean {
    const isText = serial >= 13 && (serial & 1) === 1;
    const end = at + serialTypeLength(serial);
    switch (type) {
      case 'boolean':
        if (serial !== 8 && serial !== 9) return false;
        this.#begin(column, 1);
        this.bytes[this.length++] = serial - 8;
        return true;
      case 'integer':
        if (serial === 7 || serial > 9) return false;
        this.#integer(column, serial, body, at);
        return true;
      case 'real': {
        if (serial > 9) return false;
        const value = readValue(serial, body, at);
        if (typeof value !== 'number') return false;
        this.#begin(column, 8);
        this.#view.setFloat64(this.length, value, true);
        this.length += 8;
        return true;
      }
      case 'blob':
        if (serial < 12 || isText) return false;
        break;
      case 'text':
        if (!isText) return false;
        break;
      default:
        if (!isText || !isMoment(body, at, end)) return false;
    }
    this.#text(column, body, at, end);
    return true;
  }

  #integer(column: number, serial: number, body: Uint8Array, at: number): void {
    this.#begin(column, 8);
    const value = readValue(serial, body, at) as number | bigint;
    if (typeof value === 'bigint') this.#view.setBigInt64(this.length, value, true);
    else {
      const high = Math.floor(value / 2 ** 32);
      this.#view.setUint32(this.length, value - high * 2 ** 32, true);
      this.#view.setInt32(this.length + 4, high, true);
    }
    this.length += 8;
  }

  #text(column: number, bytes: Uint8Array, start: number, end: number): void {
    this.#begin(column, 4 + end - start);
    this.#view.setUint32(this.length, end - start, true);
    copyBytes(bytes, start, end, this.bytes, this.length + 4);
    this.length += 4 + end - start;
  }

  #begin(column: number, bytes: number): void {
    const needed = this.length + VALUE_BYTES + bytes;
    if (needed > this.bytes.length) {
      const grown = new Uint8Array(2 * needed);
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#view.setUint16(this.length, column, true);
    this.length += 2;
  }
}

/** Form of a date, then of a time: 0 stands for a digit. */
const DATE = Buffer.from('0000-00-00');
const TIME = Buffer.from('T00:00:00');
/** GDAL gives up a file with a longer one. */
const MOST_BYTES = 32;
const REST = /^(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?$/;

/** Whether the text bytes[start, end) is a date, or one with a time, as other software reads them. */
function isMoment(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > MOST_BYTES || !matches(bytes, start, end, DATE)) return false;
  const [month, day] = [two(bytes, start + 5), two(bytes, start + 8)];
  if (month < 1 || month > 12 || day < 1 || day > 31) return false;
  const time = start + DATE.length;
  if (time === end) return true;
  if (!matches(bytes, time, end, TIME) || two(bytes, time + 1) > 23) return false;
  if (two(bytes, time + 4) > 59 || two(bytes, time + 7) > 60) return false;
  const rest = time + TIME.length;
  if (rest === end || (rest + 1 === end && bytes[rest] === 0x5a)) return true;
  return REST.test(
    Buffer.from(bytes.buffer, bytes.byteOffset + rest, end - rest).toString('latin1'),
  );
}

function matches(bytes: Uint8Array, start: number, end: number, form: Uint8Array): boolean {
  if (end - start < form.length) return false;
  for (let i = 0; i < form.length; i++) {
    const byte = bytes[start + i]!;
    if (form[i] === 0x30 ? byte < 0x30 || byte > 0x39 : byte !== form[i]) return false;
  }
  return true;
}

function two(bytes: Uint8Array, at: number): number {
  return 10 * (bytes[at]! - 0x30) + bytes[at + 1]! - 0x30;
}
