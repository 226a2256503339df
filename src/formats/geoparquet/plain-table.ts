/** A table without geometries as Parquet, written row by row. */

import type { Column, Value } from '../../core/columns.ts';
import type { OutputFile } from '../../core/files/output-file.ts';
import { ParquetWriter } from '../parquet/write/parquet-writer.ts';
import { RowWriter, ValueWalk } from '../sqlite/record.ts';
import { attributeLeaf, attributeValues } from './tiles/attribute-values.ts';

const GROUP_ROWS = 1 << 16;

export class PlainTableWriter {
  readonly #parquet: ParquetWriter;
  readonly #columns: ReturnType<typeof attributeValues>[];
  readonly #row = new RowWriter();
  readonly #walk: ValueWalk;
  #rows = 0;

  /** @param output - nothing is in it yet; the caller closes it */
  constructor(output: OutputFile, columns: readonly Column[]) {
    this.#parquet = new ParquetWriter(output, columns.map(attributeLeaf));
    this.#columns = columns.map(attributeValues);
    this.#walk = new ValueWalk(columns.length);
  }

  /** @param values - of the columns, each of its column's type */
  add(values: readonly Value[]): void {
    const row = this.#row;
    const walk = this.#walk;
    row.clear();
    for (const value of values) row.value(value);
    walk.walk(row.types, 0, row.typesLength, 0);
    for (const [i, column] of this.#columns.entries()) {
      const isHeld = column.add(walk.types[i]!, row.body, walk.bodyAt[i]!, walk.bodyAt[i + 1]!);
      if (!isHeld) throw new TypeError(`${values[i]} is not of the type of column ${i}`);
    }
    if (++this.#rows === GROUP_ROWS) this.#endGroup();
  }

  finish(): void {
    this.#endGroup();
    this.#parquet.finish(() => new Map());
  }

  #endGroup(): void {
    if (this.#rows === 0) return;
    this.#parquet.writeGroup(
      this.#columns.map(({ values }) => values),
      this.#rows,
    );
    this.#rows = 0;
  }
}
