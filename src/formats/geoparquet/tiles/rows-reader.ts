/** Goes through rows of an own file, off the pages of its columns. */

import { EncodedRow } from '../../encoded-row.ts';
import { ColumnReader } from '../../parquet/column-reader.ts';
import { ParquetFault } from '../../parquet/fault.ts';
import type { ParquetFile } from '../../parquet/file.ts';
import type { Leaf } from '../../parquet/schema.ts';
import { VECTOR_ENTRIES, type Vector } from '../../parquet/values/vector.ts';
import { RowWriter, serialTypeLength } from '../../sqlite/record.ts';
import type { StagedRows } from '../../staged-format.ts';
import { ATTRIBUTE_READERS, type AttributeReader } from './attribute-reader.ts';
import type { ExactValues } from './exact-values.ts';
import { notOurs, type OwnFile } from './own-file.ts';
import { WkbBox } from './wkb-box.ts';

/** So many rows further on, a new reader is sooner there. */
const FAR = 4 * VECTOR_ENTRIES;

/** Stands somewhere in a column. */
class ColumnPlace {
  vector!: Vector;
  readonly #file: ParquetFile;
  readonly #leaf: Leaf;
  #reader!: ColumnReader;
  #group = -1;
  /** The vector holds rows start ≤ r < end of the group. */
  #start = 0;
  #end = 0;

  constructor(file: ParquetFile, leaf: Leaf) {
    this.#file = file;
    this.#leaf = leaf;
  }

  /** Brings the row into the vector; returns which entry it is. */
  find(group: number, row: number): number {
    if (group === this.#group && row >= this.#start && row < this.#end) return row - this.#start;
    if (group !== this.#group || row < this.#start || row >= this.#end + FAR) {
      this.#group = -1;
      this.#reader = new ColumnReader(this.#file, group, this.#leaf);
      this.vector = this.#reader.vector;
      if (row > 0) this.#reader.seek(row);
      this.#start = this.#end = row;
      this.#group = group;
    }
    while (row >= this.#end) {
      this.#start = this.#end;
      const count = this.#reader.read();
      if (count === 0) {
        this.#group = -1;
        const fault = new ParquetFault('has fewer rows than it says');
        throw this.#file.named(fault, this.#leaf, group);
      }
      this.#end += count;
    }
    return row - this.#start;
  }
}

export class RowsReader implements StagedRows {
  readonly row = new EncodedRow();
  readonly #own: OwnFile;
  readonly #places: readonly ColumnPlace[];
  readonly #readers: readonly AttributeReader[];
  readonly #geometry: ColumnPlace;
  readonly #values = new RowWriter();
  readonly #box = new WkbBox();
  /** Rows that are not read yet, of the file, from 0. */
  #next: number;
  readonly #end: number;
  /** The group of the current row, and the first row after it. */
  #group = -1;
  #groupStart = 0;
  #groupEnd = 0;
  #exact: ExactValues | null = null;

  /** Rows start ≤ r < end of the file, from 0. */
  constructor(own: OwnFile, start: number, end: number) {
    const { file, columns, geometry } = own;
    const { leaves } = file.schema;
    this.#own = own;
    this.#places = columns.map((_, i) => new ColumnPlace(file, leaves[i]!));
    this.#readers = columns.map(({ type }) => ATTRIBUTE_READERS[type]);
    this.#geometry = new ColumnPlace(file, geometry);
    this.#next = start;
    this.#end = end;
  }

  next(): boolean {
    if (this.#next >= this.#end) return false;
    this.read(this.#next++);
    return true;
  }

  /** Moves to a row of the file, from 0. */
  read(row: number): void {
    if (row < this.#groupStart || row >= this.#groupEnd) this.#enter(row);
    const group = this.#group;
    const inGroup = row - this.#groupStart;
    const values = this.#values;
    const exact = this.#exact;
    values.clear();
    let k = exact?.firstOf.get(inGroup) ?? -1;
    for (let c = 0; c < this.#places.length; c++) {
      if (k >= 0 && exact!.is(k, inGroup, c)) {
        const { bytes, types, starts } = exact!;
        values.encoded(types[k]!, bytes, starts[k]!, starts[k]! + serialTypeLength(types[k]!));
        k++;
        continue;
      }
      const place = this.#places[c]!;
      const i = place.find(group, inGroup);
      if (place.vector.has(i)) this.#readers[c]!(values, place.vector, i);
      else values.null();
    }
    const i = this.#geometry.find(group, inGroup);
    const { bytes, starts, ends } = this.#geometry.vector;
    const own = this.row;
    own.types = values.types;
    own.typesEnd = values.typesLength;
    own.body = values.body;
    own.bodyEnd = values.bodyLength;
    own.geometry = bytes;
    own.geometryStart = starts[i]!;
    own.geometryEnd = ends[i]!;
    if (!this.#box.fill(own)) throw notOurs(this.#own.path);
  }

  #enter(row: number): void {
    const { file } = this.#own;
    this.#groupEnd = 0;
    this.#group = file.groupOf(row);
    this.#exact = this.#own.exactOf(this.#group);
    this.#groupStart = file.rowStarts[this.#group]!;
    this.#groupEnd = file.rowStarts[this.#group + 1]!;
  }
}
