/**
 * The values of a feature: one after the other, each the number of its column in two bytes and what its
 * type says. Columns without a value are NULL; of two values the last one counts.
 */

import type { RowWriter } from '../sqlite/record.ts';
import { writeDateTime } from './date-time.ts';
import { MalformedTable } from './flat-table.ts';
import {
  BINARY,
  BOOL,
  BYTE,
  DATE_TIME,
  DOUBLE,
  FLOAT,
  type FlatColumn,
  INT,
  LONG,
  SHORT,
  UBYTE,
  UINT,
  ULONG,
  USHORT,
} from './schema.ts';

/** Bytes by code of a type; 0 for those that say their length. */
const BYTES = Uint8Array.of(1, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 0, 0, 0, 0);

export class PropertyReader {
  readonly #columns: readonly FlatColumn[];
  readonly #codes: Uint8Array;
  readonly #dates: boolean[];
  /** Where the value of each column begins; 0 where there is none. */
  readonly #valueAt: Int32Array;

  constructor(columns: readonly FlatColumn[]) {
    this.#columns = columns;
    this.#codes = Uint8Array.from(columns, ({ code }) => code);
    this.#dates = columns.map(({ type }) => type === 'date');
    this.#valueAt = new Int32Array(columns.length);
  }

  /**
   * Finds the values in bytes[start, end); start is not 0.
   * @throws MalformedTable
   */
  find(view: DataView, start: number, end: number): void {
    const codes = this.#codes;
    const valueAt = this.#valueAt.fill(0);
    let at = start;
    while (at < end) {
      if (at + 2 > end) throw new MalformedTable('half a value at the end of its properties');
      const column = view.getUint16(at, true);
      if (column >= codes.length) {
        throw new MalformedTable(`a value of column ${column + 1} of ${codes.length}`);
      }
      at += 2;
      valueAt[column] = at;
      const bytes = BYTES[codes[column]!]!;
      if (bytes > 0) at += bytes;
      else at += at + 4 > end ? 4 : 4 + view.getUint32(at, true);
      if (at > end) {
        const { name } = this.#columns[column]!;
        throw new MalformedTable(
          `the value of ${JSON.stringify(name)} is longer than its properties`,
        );
      }
    }
  }

  /** The text of column i that was found; null if there is none. */
  text(bytes: Uint8Array, view: DataView, i: number): string | null {
    const at = this.#valueAt[i]!;
    return at === 0
      ? null
      : decoder.decode(bytes.subarray(at + 4, at + 4 + view.getUint32(at, true)));
  }

  /** Writes the value of column i as it stands there: dates as their text, −0 as such. */
  writeExact(row: RowWriter, bytes: Uint8Array, view: DataView, i: number): void {
    const at = this.#valueAt[i]!;
    const code = this.#codes[i];
    if (at > 0 && code === DATE_TIME) row.utf8(bytes, at + 4, at + 4 + view.getUint32(at, true));
    else if (at > 0 && code === DOUBLE && Object.is(view.getFloat64(at, true), -0)) row.double(-0);
    else this.write(row, bytes, view, i);
  }

  /**
   * Writes the value of column i that was found. Returns whether it is an integer beyond ±2^53; one
   * beyond 64 bits with a sign is written as text.
   */
  write(row: RowWriter, bytes: Uint8Array, view: DataView, i: number): boolean {
    const at = this.#valueAt[i]!;
    if (at === 0) {
      row.null();
      return false;
    }
    switch (this.#codes[i]) {
      case BYTE:
        row.integer(view.getInt8(at));
        return false;
      case UBYTE:
        row.integer(bytes[at]!);
        return false;
      case BOOL:
        row.integer(bytes[at] === 0 ? 0 : 1);
        return false;
      case SHORT:
        row.integer(view.getInt16(at, true));
        return false;
      case USHORT:
        row.integer(view.getUint16(at, true));
        return false;
      case INT:
        row.integer(view.getInt32(at, true));
        return false;
      case UINT:
        row.integer(view.getUint32(at, true));
        return false;
      case LONG:
      case ULONG:
        return writeLong(row, view, at, this.#codes[i] === ULONG);
      case FLOAT:
        row.real(view.getFloat32(at, true));
        return false;
      case DOUBLE:
        row.real(view.getFloat64(at, true));
        return false;
      case BINARY:
        row.blob(bytes.subarray(at + 4, at + 4 + view.getUint32(at, true)));
        return false;
      case DATE_TIME:
        if (!this.#dates[i]) {
          writeDateTime(row, bytes, at + 4, at + 4 + view.getUint32(at, true));
          return false;
        }
    }
    row.utf8(bytes, at + 4, at + 4 + view.getUint32(at, true));
    return false;
  }
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

function writeLong(row: RowWriter, view: DataView, at: number, unsigned: boolean): boolean {
  const high = unsigned ? view.getUint32(at + 4, true) : view.getInt32(at + 4, true);
  const number = high * 2 ** 32 + view.getUint32(at, true);
  if (Number.isSafeInteger(number)) {
    row.integer(number);
    return false;
  }
  const value = unsigned ? view.getBigUint64(at, true) : view.getBigInt64(at, true);
  if (value < 2n ** 63n) row.bigint(value);
  else row.text(String(value));
  return true;
}
