/** Attributes of a GeoParquet file: which columns they are, and rows of their values. */

import type { Column } from '../../core/columns.ts';
import { toTilewrightError } from '../../core/errors.ts';
import { FlatColumn } from '../parquet/attributes/flat.ts';
import { NestedColumn } from '../parquet/attributes/nested.ts';
import { kindOf } from '../parquet/attributes/value-kinds.ts';
import { named } from '../parquet/fault.ts';
import type { ParquetFile } from '../parquet/file.ts';
import type { PageBudget } from '../parquet/page-budget.ts';
import { leavesBelow, type SchemaNode } from '../parquet/schema.ts';
import type { RowWriter } from '../sqlite/record.ts';
import type { GeometryColumn } from './geo-metadata.ts';
import { type PartitionValue, partitionValues } from './hive.ts';

/** What the columns of a layer are made of: fields of the file, then parts of its path. */
export interface Attributes {
  columns: Column[];
  fields: SchemaNode[];
  partitions: PartitionValue[];
  notes: string[];
}

export function attributesOf(file: ParquetFile, geometry: GeometryColumn): Attributes {
  const notes: string[] = [];
  const partitions = partitionValues(file.window.path);
  const inPath = new Set(partitions.map(({ column }) => column.name));
  const columns: Column[] = [];
  const fields: SchemaNode[] = [];
  for (const field of file.schema.fields) {
    const { name, leaf, logical } = field;
    if (field === geometry.field || field === geometry.covering?.field) continue;
    // What other geometries are called is among the notes of the geometry.
    if (logical?.kind === 'GEOMETRY' || logical?.kind === 'GEOGRAPHY') continue;
    if (inPath.has(name)) {
      notes.push(`its column "${name}" is left out for that of the path`);
      continue;
    }
    if (logical?.kind === 'VARIANT' || leavesBelow(field).length === 0) {
      notes.push(`its column "${name}" is left out: it is of a kind that has no counterpart`);
      continue;
    }
    const kind = leaf !== null && leaf.maxRepetition === 0 ? kindOf(leaf) : null;
    columns.push({ name, type: kind?.type ?? 'text' });
    fields.push(field);
    if (kind?.note !== undefined) notes.push(`its column "${name}" ${kind.note}`);
  }
  columns.push(...partitions.map(({ column }) => ({ ...column })));
  return { columns, fields, partitions, notes };
}

/** Writes the value of a row; whether it is an odd one. */
type WriteValue = (row: RowWriter, at: number) => boolean;

/** Reads attributes of rows of one row group, in ascending order. */
export class AttributeRows {
  readonly #write: readonly WriteValue[];

  /**
   * @param row - of the row group, from which on they are read
   * @param wanted - ascending indexes of columns that are not written as NULL; null: all
   */
  constructor(
    file: ParquetFile,
    group: number,
    { fields, partitions }: Attributes,
    row: number,
    wanted: readonly number[] | null,
    budget: PageBudget,
  ) {
    const isWanted = (index: number): boolean => wanted === null || wanted.includes(index);
    this.#write = [
      ...fields.map((field, i) =>
        isWanted(i) ? writerOf(file, group, field, row, budget) : writeNull,
      ),
      ...partitions.map(({ value }, i): WriteValue => {
        if (!isWanted(fields.length + i)) return writeNull;
        return (writer) => {
          writer.value(value);
          return typeof value === 'bigint';
        };
      }),
    ];
  }

  /** Writes the values of a row of the row group. @returns whether one is odd */
  write(row: RowWriter, at: number): boolean {
    let isOdd = false;
    for (const write of this.#write) if (write(row, at)) isOdd = true;
    return isOdd;
  }
}

function writeNull(row: RowWriter): boolean {
  row.null();
  return false;
}

function writerOf(
  file: ParquetFile,
  group: number,
  field: SchemaNode,
  row: number,
  budget: PageBudget,
): WriteValue {
  const { leaf, name } = field;
  const feature = (at: number): number => file.rowStarts[group]! + at + 1;
  const failed = (error: unknown, at: number): never => {
    const { input } = file;
    const subject = `${file.window.path}: column "${name}" at feature ${feature(at)}`;
    const details = { input, feature: feature(at) };
    throw toTilewrightError(named(error, subject, input, feature(at)), details, 'input-corrupt');
  };
  if (leaf === null || leaf.maxRepetition > 0) {
    const column = new NestedColumn(file, group, field, row, budget);
    return (writer, at) => {
      try {
        const json = column.json(at);
        if (json === null) writer.null();
        else writer.text(json);
      } catch (error) {
        failed(error, at);
      }
      return false;
    };
  }
  const column = new FlatColumn(file, group, leaf, row, budget);
  const { vector } = column;
  const { put } = kindOf(leaf);
  return (writer, at) => {
    try {
      const i = column.entryOf(at);
      if (vector.has(i)) return put(writer, vector, i);
      writer.null();
    } catch (error) {
      failed(error, at);
    }
    return false;
  };
}
