/**
 * Rows as bytes: SQLite's record format (https://www.sqlite.org/fileformat2.html#record_format),
 * which attribute values keep from the input to the tile. A row has two parts: `types`, one serial
 * type (a varint) per value, and `body`, the values one after the other.
 *
 * serial type   value
 * 0             NULL
 * 1 … 6         signed big-endian integer of 1, 2, 3, 4, 6, 8 bytes
 * 7             big-endian IEEE 754 double
 * 8, 9          the integers 0 and 1, no bytes
 * 10, 11        reserved; NULL where a damaged file has them, as in SQLite
 * ≥ 12, even    blob of (N − 12) / 2 bytes
 * ≥ 13, odd     UTF-8 text of (N − 13) / 2 bytes
 */

import {
  CLASS_BLOB,
  CLASS_INTEGER,
  CLASS_REAL,
  CLASS_TEXT,
  classOf,
  type Value,
} from '../../core/columns.ts';
import { copyBytes } from '../../geometry/batch.ts';
import { VarintReader, writeVarint } from './varint.ts';

const encoder = new TextEncoder();
// A byte order mark is part of the text, as it is for SQLite.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Texts of up to so many letters are encoded sooner here than by the system. */
const SHORT = 48;

/** Integers of six bytes reach from −2^47 to 2^47 − 1. */
const SIX_BYTES = 2 ** 47;
const INTEGER_BYTES = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0];

/** Bytes that a value of this serial type takes in the body; `type` is below 2^31. */
export function serialTypeLength(type: number): number {
  return type >= 12 ? (type - 12) >>> 1 : INTEGER_BYTES[type]!;
}

/** Length of a record's header, which counts its own length, for serial types of so many bytes. */
export function recordHeaderLength(typesLength: number): number {
  return typesLength + 1 <= 127 ? typesLength + 1 : typesLength + 2;
}

/** By serial type below 12; an integer of eight bytes may be a big one. */
const [I, R] = [CLASS_INTEGER, CLASS_REAL];
const CLASSES = Uint8Array.of(0, I, I, I, I, I, 0, R, I, I, 0, 0);

/** The storage class of a value: see core/columns.ts. */
export function classOfEncoded(type: number, bytes: Uint8Array, at: number): number {
  if (type >= 12) return type & 1 ? CLASS_TEXT : CLASS_BLOB;
  if (type === 6) return classOf(readValue(type, bytes, at));
  return CLASSES[type]!;
}

/** Serial types of values that are as long as a value can be: 2^30 bytes. */
const MOST_TYPE = 2 ** 31 - 1;

/** Finds the values of a row: value i has the serial type types[i] and begins at bodyAt[i]. */
export class ValueWalk {
  /** How many values were found. */
  count = 0;
  readonly types: Int32Array;
  /** Where each serial type begins, and where the last one ends. */
  readonly typeAt: Int32Array;
  /** Where each value begins, and where the last one ends. */
  readonly bodyAt: Int32Array;
  readonly #varint = new VarintReader();

  /** @param most - values that are looked for; a row may have fewer, and more are passed over */
  constructor(most: number) {
    this.types = new Int32Array(most);
    this.typeAt = new Int32Array(most + 1);
    this.bodyAt = new Int32Array(most + 1);
  }

  /**
   * Walks the serial types bytes[at … end), of values that begin at `body`.
   * @returns false at a serial type that no value has
   */
  walk(bytes: Uint8Array, at: number, end: number, body: number): boolean {
    const { types, typeAt, bodyAt } = this;
    const most = types.length;
    const varint = this.#varint;
    let i = 0;
    while (at < end && i < most) {
      typeAt[i] = at;
      bodyAt[i] = body;
      let type = bytes[at]!;
      if (type < 0x80) at++;
      else {
        at = varint.read(bytes, at);
        type = varint.value;
        if (!(type >= 0 && type <= MOST_TYPE)) return false;
      }
      types[i] = type;
      body += serialTypeLength(type);
      i++;
    }
    typeAt[i] = at;
    bodyAt[i] = body;
    this.count = i;
    return true;
  }

  /** Walks them, and tells whether they are as many as there can be and take all bytes up to `bodyEnd`. */
  fills(bytes: Uint8Array, at: number, end: number, body: number, bodyEnd: number): boolean {
    if (!this.walk(bytes, at, end, body)) return false;
    const { count, types, typeAt, bodyAt } = this;
    return count === types.length && typeAt[count] === end && bodyAt[count] === bodyEnd;
  }

  /** The same of a whole record, which begins at `start` with the length of its header. */
  walkRecord(bytes: Uint8Array, start: number): boolean {
    const at = this.#varint.read(bytes, start);
    const body = start + this.#varint.value;
    return body >= at && body <= bytes.length && this.walk(bytes, at, body, body);
  }

  /** Bytes of value i, if it is a blob. */
  blobLength(i: number): number | null {
    const type = i < this.count ? this.types[i]! : 0;
    return type >= 12 && (type & 1) === 0 ? serialTypeLength(type) : null;
  }

  /**
   * Value i of the row that was walked; null for one that it lacks.
   * @param most - characters of a text; the rest is left out
   */
  value(bytes: Uint8Array, i: number, most = Number.POSITIVE_INFINITY): Value {
    if (i >= this.count) return null;
    const type = this.types[i]!;
    const at = this.bodyAt[i]!;
    if (type < 13 || (type & 1) === 0 || serialTypeLength(type) <= most) {
      return readValue(type, bytes, at);
    }
    const end = Math.min(at + 4 * most, this.bodyAt[i + 1]!);
    const text = decoder.decode(bytes.subarray(at, end)).slice(0, most);
    // Not the first half of a character.
    return text.isWellFormed() ? text : text.slice(0, -1);
  }
}

/** Builds the row of one feature, value by value. Reuse it: `clear` keeps its memory. */
export class RowWriter {
  types = new Uint8Array(256);
  typesLength = 0;
  body = new Uint8Array(1024);
  bodyLength = 0;
  #view = new DataView(this.body.buffer);

  clear(): void {
    this.typesLength = 0;
    this.bodyLength = 0;
  }

  null(): void {
    this.#type(0);
  }

  /** A safe integer, in as few bytes as SQLite would take; for larger ones use `bigint`. */
  integer(value: number): void {
    if (value === 0 || value === 1) {
      this.#type(8 + value);
      return;
    }
    this.#reserve(8);
    const at = this.bodyLength;
    if (value >= -0x80 && value <= 0x7f) {
      this.#type(1);
      this.#view.setInt8(at, value);
      this.bodyLength += 1;
    } else if (value >= -0x8000 && value <= 0x7fff) {
      this.#type(2);
      this.#view.setInt16(at, value);
      this.bodyLength += 2;
    } else if (value >= -0x800000 && value <= 0x7fffff) {
      this.#type(3);
      this.#view.setInt8(at, value >> 16);
      this.#view.setUint16(at + 1, value & 0xffff);
      this.bodyLength += 3;
    } else if (value >= -0x80000000 && value <= 0x7fffffff) {
      this.#type(4);
      this.#view.setInt32(at, value);
      this.bodyLength += 4;
    } else if (value >= -SIX_BYTES && value < SIX_BYTES) {
      this.#type(5);
      const high = Math.floor(value / 2 ** 32);
      this.#view.setInt16(at, high);
      this.#view.setUint32(at + 2, value - high * 2 ** 32);
      this.bodyLength += 6;
    } else {
      this.bigint(BigInt(value));
    }
  }

  /** A 64-bit signed integer. @throws RangeError outside −2^63 ≤ value < 2^63 */
  bigint(value: bigint): void {
    if (BigInt.asIntN(64, value) !== value) {
      throw new RangeError(`${value} is no 64-bit signed integer`);
    }
    this.#reserve(8);
    this.#type(6);
    this.#view.setBigInt64(this.bodyLength, value);
    this.bodyLength += 8;
  }

  /**
   * A double for a REAL column, as SQLite stores it: whole numbers that fit six bytes as integers,
   * NaN as NULL.
   */
  real(value: number): void {
    if (Number.isNaN(value)) {
      this.#type(0);
    } else if (Number.isInteger(value) && value >= -SIX_BYTES && value < SIX_BYTES) {
      this.integer(value);
    } else {
      this.double(value);
    }
  }

  /** A double as a double, as columns that are not REAL keep it; NaN as NULL. */
  double(value: number): void {
    if (Number.isNaN(value)) {
      this.#type(0);
      return;
    }
    this.#reserve(8);
    this.#type(7);
    this.#view.setFloat64(this.bodyLength, value);
    this.bodyLength += 8;
  }

  text(value: string): void {
    this.#reserve(value.length * 3);
    if (value.length <= SHORT && this.#ascii(value)) return;
    const { written } = encoder.encodeInto(value, this.body.subarray(this.bodyLength));
    this.#type(13 + 2 * written);
    this.bodyLength += written;
  }

  /** Short texts of ASCII, letter by letter; false, and nothing, for others. */
  #ascii(value: string): boolean {
    const { body, bodyLength } = this;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code > 127) return false;
      body[bodyLength + i] = code;
    }
    this.#type(13 + 2 * value.length);
    this.bodyLength += value.length;
    return true;
  }

  /** Text that is UTF-8 already: `parts`, with `between` between them. */
  join(parts: readonly Uint8Array[], between: Uint8Array): void {
    const start = this.bodyLength;
    for (let i = 0; i < parts.length; i++) {
      if (i > 0) this.#append(between, 0, between.length);
      this.#append(parts[i]!, 0, parts[i]!.length);
    }
    this.#type(13 + 2 * (this.bodyLength - start));
  }

  #append(bytes: Uint8Array, start: number, end: number): void {
    this.#reserve(end - start);
    copyBytes(bytes, start, end, this.body, this.bodyLength);
    this.bodyLength += end - start;
  }

  /** Text that is UTF-8 already: bytes[start, end). */
  utf8(bytes: Uint8Array, start: number, end: number): void {
    this.encoded(13 + 2 * (end - start), bytes, start, end);
  }

  blob(bytes: Uint8Array): void {
    this.encoded(12 + 2 * bytes.length, bytes, 0, bytes.length);
  }

  /** A value that is encoded already: bytes[start, end) of the given serial type. */
  encoded(type: number, bytes: Uint8Array, start: number, end: number): void {
    this.#type(type);
    this.#append(bytes, start, end);
  }

  value(value: Value): void {
    if (value === null) this.null();
    else if (typeof value === 'string') this.text(value);
    else if (typeof value === 'bigint') this.bigint(value);
    else if (typeof value === 'number') {
      if (Number.isSafeInteger(value)) this.integer(value);
      else this.real(value);
    } else this.blob(value);
  }

  #type(type: number): void {
    if (this.typesLength + 9 > this.types.length) {
      const grown = new Uint8Array(this.types.length * 2);
      grown.set(this.types);
      this.types = grown;
    }
    this.typesLength = writeVarint(this.types, this.typesLength, type);
  }

  #reserve(bytes: number): void {
    const needed = this.bodyLength + bytes;
    if (needed <= this.body.length) return;
    const grown = new Uint8Array(Math.max(needed, this.body.length * 2));
    grown.set(this.body);
    this.body = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** The value of the given serial type at bytes[at]; integers past 2^53 are bigint. */
export function readValue(type: number, bytes: Uint8Array, at: number): Value {
  switch (type) {
    case 0:
    case 10:
    case 11:
      return null;
    case 1:
      return (bytes[at]! << 24) >> 24;
    case 2:
      return ((bytes[at]! << 24) >> 16) | bytes[at + 1]!;
    case 3:
      return ((bytes[at]! << 24) >> 8) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
    case 4:
      return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
    case 5: {
      const high = ((bytes[at]! << 24) >> 16) | bytes[at + 1]!;
      return high * 2 ** 32 + viewOf(bytes).getUint32(at + 2);
    }
    case 6: {
      const value = viewOf(bytes).getBigInt64(at);
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : value;
    }
    case 7:
      return viewOf(bytes).getFloat64(at);
    case 8:
    case 9:
      return type - 8;
    default: {
      const end = at + serialTypeLength(type);
      return type & 1 ? decoder.decode(bytes.subarray(at, end)) : bytes.slice(at, end);
    }
  }
}

/** Decodes a whole row, e.g. for tests and for tables that are not hot. */
export function readRow(
  types: Uint8Array,
  typesStart: number,
  typesEnd: number,
  body: Uint8Array,
  bodyStart: number,
): Value[] {
  const varint = new VarintReader();
  const values: Value[] = [];
  let at = typesStart;
  while (at < typesEnd) {
    at = varint.read(types, at);
    values.push(readValue(varint.value, body, bodyStart));
    bodyStart += serialTypeLength(varint.value);
  }
  return values;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
