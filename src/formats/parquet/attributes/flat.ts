/** A column that is not nested, row by row. */

import { ColumnReader } from '../column-reader.ts';
import { ParquetFault } from '../fault.ts';
import type { ParquetFile } from '../file.ts';
import type { PageBudget } from '../page-budget.ts';
import type { Leaf } from '../schema.ts';
import { VECTOR_ENTRIES, type Vector } from '../values/vector.ts';

export class FlatColumn {
  readonly vector: Vector;
  readonly #reader: ColumnReader;
  /** Row of the vector's first entry, and of the one behind its last. */
  #first: number;
  #end: number;

  /** @param row - of the row group, from which on it is read */
  constructor(file: ParquetFile, group: number, leaf: Leaf, row: number, budget: PageBudget) {
    this.#reader = new ColumnReader(file, group, leaf, budget);
    this.vector = this.#reader.vector;
    this.#first = this.#end = this.#reader.seek(row);
  }

  /** Bytes of the page that comes next, as it lies in the file. */
  firstPageBytes(): number {
    return this.#reader.nextPageBytes();
  }

  /** The entry of the vector that is the given row. Rows are asked for in ascending order. */
  entryOf(row: number): number {
    if (row - this.#end >= VECTOR_ENTRIES) {
      this.#reader.skip(row - this.#end);
      this.#end = row;
    }
    while (row >= this.#end) {
      const count = this.#reader.read();
      if (count === 0) throw new ParquetFault('has fewer rows than it says');
      this.#first = this.#end;
      this.#end += count;
    }
    return row - this.#first;
  }
}
