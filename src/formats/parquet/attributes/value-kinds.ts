/** What columns of Parquet become: their type here, and how a value is written into a row. */

import { isUtf8 } from 'node:buffer';
import type { ColumnType } from '../../../core/columns.ts';
import { RowWriter, readRow } from '../../sqlite/record.ts';
import { ParquetFault } from '../fault.ts';
import type { Leaf } from '../schema.ts';
import type { Vector } from '../values/vector.ts';
import { DAY, PER_SECOND, writeDate, writeInstant, writeTime, writeTimestamp } from './times.ts';

/**
 * Writes the value of entry i, which is there.
 * @returns whether it is none that the column's type has, or an integer past ±2^53
 */
type PutValue = (row: RowWriter, vector: Vector, i: number) => boolean;

export interface ValueKind {
  type: ColumnType;
  put: PutValue;
  /** What of its values is lost, in words. */
  note?: string;
}

/** Texts up to here are looked at sooner than handed to the system. */
const SHORT = 32;
/** Of nanoseconds: 1970-01-01 is Julian day 2440588. */
const EPOCH_DAY = 2_440_588;
const HEX = '0123456789abcdef';

/** How values of a leaf are written. */
export function kindOf(leaf: Leaf): ValueKind {
  const { type } = leaf;
  const { logical } = leaf.node;
  switch (logical?.kind) {
    case 'STRING':
    case 'ENUM':
    case 'JSON':
      if (isBinary(leaf)) return { type: 'text', put: putText };
      break;
    case 'UUID':
      if (leaf.length === 16) return { type: 'text', put: putUuid };
      break;
    case 'DATE':
      if (type === 'INT32') return { type: 'date', put: putDate };
      break;
    case 'TIME':
      if (type === 'INT32' || type === 'INT64') return timeKind(leaf, logical.unit, logical.utc);
      break;
    case 'TIMESTAMP':
      if (type === 'INT64') {
        const perSecond = PER_SECOND[logical.unit];
        const { utc } = logical;
        return {
          type: 'datetime',
          put: (row, { words }, i) => {
            writeTimestamp(row, words[2 * i]!, words[2 * i + 1]!, perSecond, utc);
            return false;
          },
        };
      }
      break;
    case 'DECIMAL':
      if (logical.scale >= 0 && type !== 'FLOAT' && type !== 'DOUBLE' && type !== 'BOOLEAN') {
        return decimalKind(leaf, logical.scale, logical.precision);
      }
      break;
    case 'INTEGER':
      if (type === 'INT32' && logical.bits < 32) return narrowKind(logical.bits, logical.signed);
      if (!logical.signed && type === 'INT32') return { type: 'integer', put: putUnsigned };
      if (!logical.signed && type === 'INT64') return { type: 'integer', put: putUnsignedLong };
      break;
    case 'FLOAT16':
      if (leaf.length === 2) return { type: 'real', put: putHalf };
      break;
    case 'INTERVAL':
      if (leaf.length === 12) return { type: 'text', put: putInterval };
      break;
    case 'UNKNOWN':
      return { type: 'text', put: putNull };
  }
  return physicalKind(leaf);
}

function physicalKind({ type }: Leaf): ValueKind {
  switch (type) {
    case 'BOOLEAN':
      return { type: 'boolean', put: putInt };
    case 'INT32':
      return { type: 'integer', put: putInt };
    case 'INT64':
      return { type: 'integer', put: putLong };
    case 'INT96':
      return { type: 'datetime', put: putInt96 };
    case 'FLOAT':
    case 'DOUBLE':
      return { type: 'real', put: putReal };
    default:
      return { type: 'blob', put: putBlob };
  }
}

function isBinary({ type }: Leaf): boolean {
  return type === 'BYTE_ARRAY' || type === 'FIXED_LEN_BYTE_ARRAY';
}

/** One value as JSON text, for columns that are nested. */
export function jsonOf(kind: ValueKind, vector: Vector, i: number): string {
  scratch.clear();
  kind.put(scratch, vector, i);
  const { types, typesLength, body } = scratch;
  const [value = null] = readRow(types, 0, typesLength, body, 0);
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('base64'));
  if (typeof value === 'bigint') return String(value);
  if (kind.type === 'boolean' && value !== null) return String(value === 1);
  return JSON.stringify(value);
}

const scratch = new RowWriter();

function putNull(row: RowWriter): boolean {
  row.null();
  return false;
}

function putInt(row: RowWriter, { int32 }: Vector, i: number): boolean {
  row.integer(int32[i]!);
  return false;
}

function putUnsigned(row: RowWriter, { int32 }: Vector, i: number): boolean {
  row.integer(int32[i]! >>> 0);
  return false;
}

/** Of 8 or 16 bits, stored in 32: of what more says Parquet does not tell. */
function narrowKind(bits: number, signed: boolean): ValueKind {
  const least = signed ? -(2 ** (bits - 1)) : 0;
  const most = least + 2 ** bits - 1;
  return {
    type: 'integer',
    put: (row, { int32 }, i) => {
      const value = int32[i]!;
      if (value < least || value > most) {
        throw new ParquetFault(`has the number ${value}, for which ${bits} bits have no room`);
      }
      row.integer(value);
      return false;
    },
  };
}

function putLong(row: RowWriter, { words }: Vector, i: number): boolean {
  const low = words[2 * i]!;
  const high = words[2 * i + 1]!;
  const value = high * 2 ** 32 + (low >>> 0);
  if (Number.isSafeInteger(value)) {
    row.integer(value);
    return false;
  }
  row.bigint(longAt(low, high));
  return true;
}

function putUnsignedLong(row: RowWriter, vector: Vector, i: number): boolean {
  const low = vector.words[2 * i]!;
  const high = vector.words[2 * i + 1]!;
  if (high >= 0) return putLong(row, vector, i);
  // More than an integer here can be: as text it stays exact.
  row.text(String(BigInt.asUintN(64, longAt(low, high))));
  return true;
}

function longAt(low: number, high: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}

function putReal(row: RowWriter, { float64 }: Vector, i: number): boolean {
  row.real(float64[i]!);
  return false;
}

/** IEEE 754 binary16. */
function putHalf(row: RowWriter, { bytes, starts }: Vector, i: number): boolean {
  const at = starts[i]!;
  const bits = bytes[at]! | (bytes[at + 1]! << 8);
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) row.real(sign * fraction * 2 ** -24);
  else if (exponent < 31) row.real(sign * (1 + fraction / 1024) * 2 ** (exponent - 15));
  else row.real(fraction === 0 ? sign * Infinity : Number.NaN);
  return false;
}

function putDate(row: RowWriter, { int32 }: Vector, i: number): boolean {
  writeDate(row, int32[i]!);
  return false;
}

function putText(row: RowWriter, { bytes, starts, ends }: Vector, i: number): boolean {
  const start = starts[i]!;
  const end = ends[i]!;
  checkUtf8(bytes, start, end);
  row.utf8(bytes, start, end);
  return false;
}

function checkUtf8(bytes: Uint8Array, start: number, end: number): void {
  if (end - start <= SHORT) {
    let all = 0;
    for (let p = start; p < end; p++) all |= bytes[p]!;
    if (all < 128) return;
  }
  if (isUtf8(bytes.subarray(start, end))) return;
  throw new ParquetFault('has text that is no UTF-8', 'input-encoding');
}

function putBlob(row: RowWriter, { bytes, starts, ends }: Vector, i: number): boolean {
  const start = starts[i]!;
  const end = ends[i]!;
  row.encoded(12 + 2 * (end - start), bytes, start, end);
  return false;
}

function putUuid(row: RowWriter, { bytes, starts }: Vector, i: number): boolean {
  const at = starts[i]!;
  let text = '';
  for (let b = 0; b < 16; b++) {
    if (b === 4 || b === 6 || b === 8 || b === 10) text += '-';
    text += HEX[bytes[at + b]! >> 4]! + HEX[bytes[at + b]! & 15]!;
  }
  row.text(text);
  return false;
}

/** Nanoseconds of a day, then a Julian day: what Impala and Spark once wrote. */
function putInt96(row: RowWriter, { bytes, starts }: Vector, i: number): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset + starts[i]!, 12);
  const nanoseconds = view.getUint32(4, true) * 2 ** 32 + view.getUint32(0, true);
  const ofDay = Math.floor(nanoseconds / 1e9);
  if (ofDay > DAY) throw new ParquetFault(`has a time of day of ${nanoseconds} nanoseconds`);
  const seconds = (view.getInt32(8, true) - EPOCH_DAY) * 86_400 + ofDay;
  writeInstant(row, seconds, nanoseconds - ofDay * 1e9, 1e9, false);
  return false;
}

/** Months, days and milliseconds, as ISO 8601 writes a duration. */
function putInterval(row: RowWriter, { bytes, starts }: Vector, i: number): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset + starts[i]!, 12);
  const months = view.getUint32(0, true);
  const days = view.getUint32(4, true);
  const seconds = view.getUint32(8, true) / 1000;
  row.text(`P${months}M${days}DT${seconds}S`);
  return false;
}

function timeKind(leaf: Leaf, unit: keyof typeof PER_SECOND, utc: boolean): ValueKind {
  const perSecond = PER_SECOND[unit];
  const isShort = leaf.type === 'INT32';
  return {
    type: 'text',
    put: (row, { int32, words }, i) => {
      const low = isShort ? int32[i]! : words[2 * i]!;
      writeTime(row, low, isShort ? low >> 31 : words[2 * i + 1]!, perSecond, utc);
      return false;
    },
  };
}

/** Digits that any double holds. */
const EXACT_DIGITS = 15;
/** Those of integers of 64 bits. */
const LONG_DIGITS = 18;

function decimalKind(leaf: Leaf, scale: number, precision: number): ValueKind {
  const unscaled = (vector: Vector, i: number): bigint => {
    if (leaf.type === 'INT32') return BigInt(vector.int32[i]!);
    if (leaf.type === 'INT64') return longAt(vector.words[2 * i]!, vector.words[2 * i + 1]!);
    let value = 0n;
    const start = vector.starts[i]!;
    const end = vector.ends[i]!;
    for (let p = start; p < end; p++) value = (value << 8n) | BigInt(vector.bytes[p]!);
    return BigInt.asIntN(8 * (end - start), value);
  };
  if (scale === 0 && precision <= LONG_DIGITS) {
    return {
      type: 'integer',
      put: (row, vector, i) => {
        const value = unscaled(vector, i);
        const number = Number(value);
        const isSafe = Number.isSafeInteger(number);
        if (isSafe) row.integer(number);
        else if (BigInt.asIntN(64, value) === value) row.bigint(value);
        else row.text(String(value));
        return !isSafe;
      },
    };
  }
  return {
    type: 'real',
    // A text of digits is read as the nearest double.
    put: (row, vector, i) => {
      row.real(Number(`${unscaled(vector, i)}e-${scale}`));
      return false;
    },
    ...(precision > EXACT_DIGITS && {
      note: `is a decimal of ${precision} digits: it becomes the nearest number of double precision`,
    }),
  };
}
