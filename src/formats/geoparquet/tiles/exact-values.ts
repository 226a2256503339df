/**
 * Values that a column of Parquet can't hold as they are: each with its row, its column and its bytes,
 * as sqlite/record.ts has them, beside the columns. Nobody else reads them.
 *   rows since the last one, column, serial type (LEB128 each), the bytes
 */

import { ByteSink } from '../../parquet/write/byte-sink.ts';
import { serialTypeLength } from '../../sqlite/record.ts';

export class ExactWriter extends ByteSink {
  #lastRow = 0;

  override clear(): void {
    super.clear();
    this.#lastRow = 0;
  }

  /** @param row - of the row group, from 0; rows and the columns in them ascend */
  add(row: number, column: number, type: number, bytes: Uint8Array, at: number, end: number): void {
    this.varint(row - this.#lastRow);
    this.#lastRow = row;
    this.varint(column);
    this.varint(type);
    this.append(bytes, at, end);
  }
}

/** Of one row group. */
export class ExactValues {
  readonly bytes: Uint8Array;
  /** Of each value. */
  readonly rows: number[] = [];
  readonly columns: number[] = [];
  readonly types: number[] = [];
  readonly starts: number[] = [];
  /** The first value of each row that has some. */
  readonly firstOf = new Map<number, number>();

  /** @throws RangeError for bytes that `ExactWriter` would not have written */
  constructor(bytes: Uint8Array, rowCount: number, columnCount: number) {
    this.bytes = bytes;
    let row = 0;
    for (let at = 0; at < bytes.length; ) {
      const before = row;
      const numbers = [0, 0, 0];
      for (let n = 0; n < 3; n++) {
        let scale = 1;
        for (let byte = 128; byte >= 128; scale *= 128) {
          byte = bytes[at++] ?? -1;
          if (byte < 0 || scale > 2 ** 35) throw new RangeError('no number');
          numbers[n]! += (byte & 127) * scale;
        }
      }
      const [rows, column, type] = numbers as [number, number, number];
      row += rows;
      const isNew = this.rows.length === 0 || row > before;
      const follows = isNew || column > this.columns.at(-1)!;
      if (row >= rowCount || column >= columnCount || !follows || type >= 2 ** 31) {
        throw new RangeError('no value');
      }
      if (isNew) this.firstOf.set(row, this.rows.length);
      this.rows.push(row);
      this.columns.push(column);
      this.types.push(type);
      this.starts.push(at);
      at += serialTypeLength(type);
      if (at > bytes.length) throw new RangeError('no bytes');
    }
  }

  /** Whether value k is of the row and column. */
  is(k: number, row: number, column: number): boolean {
    return this.rows[k] === row && this.columns[k] === column;
  }
}
