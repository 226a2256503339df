/** The rows of a staged tile by the inputs that they are from, which they are in the order of. */

import { ValueWalk } from '../../formats/sqlite/record.ts';
import type { StagedRows } from '../../formats/staged-format.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export class InputRows {
  /** Name of the input that the current row is from; null after the last row. */
  input: string | null = null;
  readonly rows: StagedRows;
  readonly #place: number;
  readonly #values: ValueWalk;
  #bytes: Uint8Array = new Uint8Array(0);

  /**
   * Stands at the first row.
   * @param place - of the input's name among the values of a row
   */
  constructor(rows: StagedRows, place: number) {
    this.rows = rows;
    this.#place = place;
    this.#values = new ValueWalk(place + 1);
    this.next();
  }

  /** Moves to the next row, and to null after the last. */
  next(): void {
    if (!this.rows.next()) {
      this.input = null;
      return;
    }
    const { types, typesStart, typesEnd, body, bodyStart } = this.rows.row;
    const values = this.#values;
    values.walk(types, typesStart, typesEnd, bodyStart);
    const start = values.bodyAt[this.#place]!;
    const length = values.bodyAt[this.#place + 1]! - start;
    // Neighbours mostly have the same.
    const known = this.#bytes;
    let same = this.input !== null && length === known.length;
    for (let i = 0; same && i < length; i++) same = body[start + i] === known[i];
    if (same) return;
    this.#bytes = body.slice(start, start + length);
    this.input = decoder.decode(this.#bytes);
  }
}
