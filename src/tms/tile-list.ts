/** A list of tiles of one tile matrix that is filled again and again and keeps its memory. */

import { grow } from '../geometry/batch.ts';

export class TileList {
  columns = new Int32Array(64);
  rows = new Int32Array(64);
  length = 0;

  clear(): void {
    this.length = 0;
  }

  /** Room for `count` more tiles. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.columns.length) return;
    this.columns = grow(this.columns, needed);
    this.rows = grow(this.rows, needed);
  }

  push(column: number, row: number): void {
    if (this.length === this.columns.length) this.reserve(1);
    this.columns[this.length] = column;
    this.rows[this.length++] = row;
  }

  /** Sorts by row, then column, and removes duplicates. */
  sort(): void {
    const { columns, rows, length } = this;
    if (length < 2) return;
    let minColumn = columns[0]!;
    let maxColumn = minColumn;
    let minRow = rows[0]!;
    let maxRow = minRow;
    let sorted = true;
    for (let i = 1; i < length; i++) {
      const column = columns[i]!;
      const row = rows[i]!;
      if (row < rows[i - 1]! || (row === rows[i - 1]! && column <= columns[i - 1]!)) sorted = false;
      if (column < minColumn) minColumn = column;
      if (column > maxColumn) maxColumn = column;
      if (row < minRow) minRow = row;
      if (row > maxRow) maxRow = row;
    }
    if (sorted) return;
    const width = maxColumn - minColumn + 1;
    if (width * (maxRow - minRow + 1) <= Number.MAX_SAFE_INTEGER) {
      // Numbered row by row within their bounds, tiles sort as plain numbers.
      const keys = new Float64Array(length);
      for (let i = 0; i < length; i++) {
        keys[i] = (rows[i]! - minRow) * width + (columns[i]! - minColumn);
      }
      keys.sort();
      let kept = 0;
      let last = -1;
      for (let i = 0; i < length; i++) {
        const key = keys[i]!;
        if (key === last) continue;
        last = key;
        const row = Math.floor(key / width);
        rows[kept] = minRow + row;
        columns[kept++] = minColumn + (key - row * width);
      }
      this.length = kept;
    } else {
      this.#sortWide();
    }
  }

  /** For parts so far apart that the tiles within their bounds can't be numbered in a double. */
  #sortWide(): void {
    const { columns, rows, length } = this;
    const order = new Uint32Array(length).map((_, i) => i);
    order.sort((a, b) => rows[a]! - rows[b]! || columns[a]! - columns[b]!);
    const oldColumns = columns.slice(0, length);
    const oldRows = rows.slice(0, length);
    let kept = 0;
    for (const i of order) {
      const column = oldColumns[i]!;
      const row = oldRows[i]!;
      if (kept > 0 && column === columns[kept - 1] && row === rows[kept - 1]) continue;
      columns[kept] = column;
      rows[kept++] = row;
    }
    this.length = kept;
  }
}
