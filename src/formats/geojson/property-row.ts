/** The properties of a feature → its row: values are found in the file's order, and written in that of the columns. */

import type { Column } from '../../core/columns.ts';
import { RowWriter } from '../sqlite/record.ts';
import { dateOf, dateTimeOf } from './dates.ts';
import {
  ESCAPED,
  FALSE,
  INTEGER,
  type JsonCursor,
  NESTED,
  NULL,
  STRING,
  TRUE,
} from './json-cursor.ts';
import { readNumber } from './number.ts';
import { TextBuffer } from './text.ts';

/** Digits of integers that doubles hold. */
const SAFE_DIGITS = 15;

export class PropertyRow {
  readonly writer = new RowWriter();
  readonly #columns: readonly Column[];
  /** Of the value of column i: its kind, and its bytes in the block. */
  readonly #kinds: Uint8Array;
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  readonly #text = new TextBuffer();
  readonly #number = new Float64Array(1);

  constructor(columns: readonly Column[]) {
    this.#columns = columns;
    this.#kinds = new Uint8Array(columns.length);
    this.#starts = new Int32Array(columns.length);
    this.#ends = new Int32Array(columns.length);
  }

  clear(): void {
    this.#kinds.fill(NULL);
  }

  /** Takes the value that the cursor read last; of two of one column the later one counts, as for JSON.parse. */
  set(column: number, cursor: JsonCursor, kind: number): void {
    this.#kinds[column] = kind;
    this.#starts[column] = cursor.valueStart;
    this.#ends[column] = cursor.valueEnd;
  }

  /**
   * Encodes the row, whose values are in the block still.
   * @returns whether it has integers that no double holds
   * @throws TilewrightError input-corrupt for a value that is not of its column's type
   */
  write(cursor: JsonCursor): boolean {
    const columns = this.#columns;
    this.writer.clear();
    let isOdd = false;
    for (let i = 0; i < columns.length; i++) {
      const kind = this.#kinds[i]!;
      if (kind === NULL) this.writer.null();
      else if (this.#value(cursor, columns[i]!, kind, this.#starts[i]!, this.#ends[i]!))
        isOdd = true;
    }
    return isOdd;
  }

  #value(cursor: JsonCursor, column: Column, kind: number, start: number, end: number): boolean {
    switch (column.type) {
      case 'text':
        this.#writeText(cursor.bytes, kind, start, end);
        return false;
      case 'date':
      case 'datetime':
        this.#writeDate(cursor, column, kind, start, end);
        return false;
      default:
        if (kind === TRUE || kind === FALSE) {
          this.writer.integer(kind === TRUE ? 1 : 0);
          return false;
        }
        if (kind >= STRING) throw changed(cursor, column);
        return this.#writeNumber(cursor, column, kind, start, end);
    }
  }

  #writeText(bytes: Buffer, kind: number, start: number, end: number): void {
    const text = this.#text;
    if (kind === ESCAPED) text.unescape(bytes, start, end);
    else if (kind === NESTED) text.compact(bytes, start, end);
    else {
      this.writer.utf8(bytes, start, end);
      return;
    }
    this.writer.utf8(text.bytes, 0, text.length);
  }

  #writeDate(cursor: JsonCursor, column: Column, kind: number, start: number, end: number): void {
    const text = cursor.bytes.toString('latin1', start, end);
    const date = column.type === 'date' ? dateOf(text) : dateTimeOf(text);
    if (kind !== STRING || date === null) throw changed(cursor, column);
    this.writer.text(date);
  }

  #writeNumber(
    cursor: JsonCursor,
    column: Column,
    kind: number,
    start: number,
    end: number,
  ): boolean {
    const { bytes } = cursor;
    if (column.type === 'real') {
      const { at } = cursor;
      cursor.at = start;
      readNumber(cursor, this.#number, 0);
      cursor.at = at;
      this.writer.real(this.#number[0]!);
      return false;
    }
    if (kind !== INTEGER) throw changed(cursor, column);
    return writeInteger(this.writer, bytes, start, end);
  }
}

/**
 * Encodes the digits bytes[start … end).
 * @returns whether no double holds the integer
 * @throws RangeError for one that 64 bits do not hold
 */
export function writeInteger(
  writer: RowWriter,
  bytes: Buffer,
  start: number,
  end: number,
): boolean {
  if (end - start <= SAFE_DIGITS) {
    writer.integer(integerOf(bytes, start, end));
    return false;
  }
  const value = BigInt(bytes.toString('latin1', start, end));
  const isSafe = Number.isSafeInteger(Number(value));
  if (isSafe) writer.integer(Number(value));
  else writer.bigint(value);
  return !isSafe;
}

function integerOf(bytes: Uint8Array, start: number, end: number): number {
  const isNegative = bytes[start] === 0x2d;
  let value = 0;
  for (let i = isNegative ? start + 1 : start; i < end; i++)
    value = value * 10 + (bytes[i]! - 0x30);
  return isNegative && value !== 0 ? -value : value;
}

/** The types of columns hold all values that were in the file when it was planned. */
function changed(cursor: JsonCursor, { name, type }: Column): Error {
  return cursor.damaged(`has a value that is not of the type ${type} in "${name}"`);
}
