/**
 * Attributes of rows, in SQLite's encoding, as columns of Parquet:
 *   boolean BOOLEAN, integer INT64, real DOUBLE, text STRING, blob BYTE_ARRAY,
 *   date DATE, datetime TIMESTAMP of microseconds in UTC
 * A value that is none of its column's type is there as others would read it, or NULL, and exactly
 * beside the columns: see exact-values.ts.
 */

import type { Column } from '../../../core/columns.ts';
import { ByteValues } from '../../parquet/write/byte-values.ts';
import type { ColumnValues } from '../../parquet/write/column-values.ts';
import { type Leaf, type Meaning, PHYSICAL } from '../../parquet/write/layout.ts';
import {
  BooleanValues,
  DayValues,
  IntegerValues,
  RealValues,
} from '../../parquet/write/number-values.ts';
import { readValue } from '../../sqlite/record.ts';
import { instant, microseconds, parseDay, parseInstant } from './dates.ts';

/** Takes values of one column. */
export interface AttributeValues {
  readonly values: ColumnValues;
  /**
   * Adds the value of the serial type, bytes[at, end).
   * @returns whether the column holds it as it is
   */
  add(type: number, bytes: Uint8Array, at: number, end: number): boolean;
}

export function attributeLeaf({ name, type }: Column): Leaf {
  const of = (physical: number, meaning?: Meaning): Leaf => ({
    path: [name],
    type: physical,
    optional: true,
    ...(meaning && { meaning }),
  });
  switch (type) {
    case 'boolean':
      return of(PHYSICAL.BOOLEAN);
    case 'integer':
      return of(PHYSICAL.INT64);
    case 'real':
      return of(PHYSICAL.DOUBLE);
    case 'text':
      return of(PHYSICAL.BYTE_ARRAY, 'text');
    case 'date':
      return of(PHYSICAL.INT32, 'date');
    case 'datetime':
      return of(PHYSICAL.INT64, 'datetime');
    case 'blob':
      return of(PHYSICAL.BYTE_ARRAY);
  }
}

export function attributeValues(column: Column): AttributeValues {
  const leaf = attributeLeaf(column);
  switch (column.type) {
    case 'boolean':
      return new Booleans(leaf);
    case 'integer':
      return new Integers(leaf);
    case 'real':
      return new Reals(leaf);
    case 'text':
      return new Texts(leaf);
    case 'date':
      return new Days(leaf);
    case 'datetime':
      return new Instants(leaf);
    case 'blob':
      return new Blobs(leaf);
  }
}

/** NULL, and the reserved types that stand for it. */
const isNull = (type: number): boolean => type === 0 || type === 10 || type === 11;
const isInteger = (type: number): boolean => (type > 0 && type < 7) || type === 8 || type === 9;
const isText = (type: number): boolean => type >= 13 && (type & 1) === 1;

/** The low half of the integer that `highOf` has read. */
let low = 0;

/** The high half of a big-endian integer of this serial type. */
function highOf(type: number, bytes: Uint8Array, at: number): number {
  switch (type) {
    case 1:
      low = (bytes[at]! << 24) >> 24;
      break;
    case 2:
      low = ((bytes[at]! << 24) >> 16) | bytes[at + 1]!;
      break;
    case 3:
      low = ((bytes[at]! << 24) >> 8) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
      break;
    case 4:
      low = int32(bytes, at);
      break;
    case 5:
      low = int32(bytes, at + 2);
      return ((bytes[at]! << 24) >> 16) | bytes[at + 1]!;
    case 6:
      low = int32(bytes, at + 4);
      return int32(bytes, at);
    default:
      low = type - 8;
  }
  return low >> 31;
}

function int32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

const real = new Float64Array(1);
const realBytes = new Uint8Array(real.buffer);

function readReal(bytes: Uint8Array, at: number): number {
  for (let k = 0; k < 8; k++) realBytes[7 - k] = bytes[at + k]!;
  return real[0]!;
}

class Booleans implements AttributeValues {
  readonly values: BooleanValues;

  constructor(leaf: Leaf) {
    this.values = new BooleanValues(leaf);
  }

  add(type: number, bytes: Uint8Array, at: number): boolean {
    if (type === 8 || type === 9) {
      this.values.add(type === 9);
      return true;
    }
    if (isInteger(type)) this.values.add((highOf(type, bytes, at) | low) !== 0);
    else this.values.null();
    return isNull(type);
  }
}

class Integers implements AttributeValues {
  readonly values: IntegerValues;

  constructor(leaf: Leaf) {
    this.values = new IntegerValues(leaf);
  }

  add(type: number, bytes: Uint8Array, at: number): boolean {
    if (isInteger(type)) {
      this.values.add(highOf(type, bytes, at), low);
      return true;
    }
    this.values.null();
    return isNull(type);
  }
}

class Reals implements AttributeValues {
  readonly values: RealValues;

  constructor(leaf: Leaf) {
    this.values = new RealValues(leaf);
  }

  add(type: number, bytes: Uint8Array, at: number): boolean {
    if (type === 7) {
      const value = readReal(bytes, at);
      // NaN is NULL, as in SQLite.
      if (Number.isNaN(value)) this.values.null();
      else this.values.add(value);
      return true;
    }
    if (isInteger(type)) {
      const value = highOf(type, bytes, at) * 2 ** 32 + (low >>> 0);
      this.values.add(value);
      return Number.isSafeInteger(value);
    }
    this.values.null();
    return isNull(type);
  }
}

class Texts implements AttributeValues {
  readonly values: ByteValues;

  constructor(leaf: Leaf) {
    this.values = new ByteValues(leaf);
  }

  add(type: number, bytes: Uint8Array, at: number, end: number): boolean {
    if (isText(type) && this.values.addText(bytes, at, end)) return true;
    const value = readValue(type, bytes, at);
    if (value === null) {
      this.values.null();
      return isNull(type);
    }
    const text =
      value instanceof Uint8Array
        ? Buffer.from(value).toString('hex').toUpperCase()
        : String(value);
    const shown = Buffer.from(text);
    this.values.add(shown, 0, shown.length);
    return false;
  }
}

class Blobs implements AttributeValues {
  readonly values: ByteValues;

  constructor(leaf: Leaf) {
    this.values = new ByteValues(leaf);
  }

  add(type: number, bytes: Uint8Array, at: number, end: number): boolean {
    if (type >= 12) this.values.add(bytes, at, end);
    else this.values.null();
    return (type >= 12 && (type & 1) === 0) || isNull(type);
  }
}

class Days implements AttributeValues {
  readonly values: DayValues;

  constructor(leaf: Leaf) {
    this.values = new DayValues(leaf);
  }

  add(type: number, bytes: Uint8Array, at: number, end: number): boolean {
    const day = isText(type) && end - at === 10 ? parseDay(bytes, at) : Number.NaN;
    if (Number.isNaN(day)) {
      this.values.null();
      return isNull(type);
    }
    this.values.add(day);
    return true;
  }
}

class Instants implements AttributeValues {
  readonly values: IntegerValues;

  constructor(leaf: Leaf) {
    this.values = new IntegerValues(leaf);
  }

  add(type: number, bytes: Uint8Array, at: number, end: number): boolean {
    const found = isText(type) ? parseInstant(bytes, at, end) : 'none';
    if (found === 'none') {
      this.values.null();
      return isNull(type);
    }
    const micros = instant.seconds * 1e6 + instant.micros;
    if (Number.isSafeInteger(micros)) this.values.addNumber(micros);
    else {
      const halves = microseconds();
      this.values.add(halves.high, halves.low);
    }
    return found === 'exact';
  }
}
