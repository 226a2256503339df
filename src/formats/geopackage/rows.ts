/**
 * From a feature table's records to batches, straight off the database pages: attribute bytes are
 * copied as they are, geometries are decoded in place.
 */

import { type Column, PLAIN_CLASSES } from '../../core/columns.ts';
import { type FeatureBatch, ODD_VALUES } from '../../geometry/batch.ts';
import type { ReadSelection, Where } from '../selection/read-selection.ts';
import { touches } from '../selection/touches.ts';
import type { ReadOptions } from '../source.ts';
import { corrupt } from '../sqlite/damage.ts';
import { classOfEncoded, RowWriter, ValueWalk } from '../sqlite/record.ts';
import type { TableCursor } from '../sqlite/table-cursor.ts';
import { VarintReader } from '../sqlite/varint.ts';
import { decodeBlob, dropReason, FIRST_DROP, WKB_DROPPED_M } from './geometry-blob.ts';

/** How the columns of a table's records are used. */
export interface RecordLayout {
  path: string;
  /** Columns of a whole record; older records may have fewer. */
  columnCount: number;
  /** Index of the geometry column. */
  geometry: number;
  /** Attributes in order, and each one's index in the record. */
  columns: Column[];
  indexes: number[];
  /** Index of the column that is another name of the rowid, and NULL in every record; or −1. */
  rowidColumn: number;
  /**
   * Writes attribute `column` as it is in records that were written before the column was added, of
   * which the row `rowid` is one. Returns whether it is not of its column's type.
   */
  writeMissing(column: number, rowid: number, writer: RowWriter): boolean;
}

export class RecordReader {
  readonly #layout: RecordLayout;
  /** Runs of attributes that lie side by side in the record: first and last index, inclusive. */
  readonly #runs: { first: number; last: number; isNeeded: boolean }[] = [];
  readonly #selection: ReadSelection;
  /** By attribute whether it is asked for. */
  readonly #needed: Uint8Array;
  readonly #values: ValueWalk;
  /** By attribute: classes that its values should not have. */
  readonly #oddClasses: Uint8Array;
  readonly #varint = new VarintReader();
  readonly #writer = new RowWriter();
  #nulls = new Uint8Array(16);
  /** Values of columns that records lack, by attribute: all of them lack the same. */
  readonly #missing = new Map<number, { row: RowWriter; odd: boolean }>();

  /** @param selection - what is asked for */
  constructor(layout: RecordLayout, selection: ReadSelection) {
    this.#layout = layout;
    this.#selection = selection;
    this.#needed = Uint8Array.from(layout.columns, (_, k) =>
      Number(selection.columns?.includes(k) !== false),
    );
    for (const [k, index] of layout.indexes.entries()) {
      const run = this.#runs.at(-1);
      const isNeeded = this.#needed[k] === 1;
      const apart = [index, run?.last].includes(layout.rowidColumn);
      const isNext = run?.last === index - 1 && run.isNeeded === isNeeded && !apart;
      if (isNext) run.last = index;
      else this.#runs.push({ first: index, last: index, isNeeded });
    }
    this.#values = new ValueWalk(layout.columnCount);
    this.#oddClasses = Uint8Array.from(layout.columns, ({ type }) => ~PLAIN_CLASSES[type]);
  }

  /** Reads rows with a rowid below `end` until the batch is full; false when there are no more. */
  fill(cursor: TableCursor, end: number, batch: FeatureBatch, options: ReadOptions): boolean {
    while (batch.featureCount < options.maxFeatures && batch.vertexCount < options.maxVertices) {
      if (!cursor.next() || cursor.rowid >= end) return false;
      this.#row(cursor, batch, options);
    }
    return true;
  }

  /** The same of rows ids[from …], which the table may lack; returns how many of them are left. */
  fillOf(
    cursor: TableCursor,
    ids: Float64Array,
    from: number,
    batch: FeatureBatch,
    options: ReadOptions,
  ): number {
    let at = from;
    while (batch.featureCount < options.maxFeatures && batch.vertexCount < options.maxVertices) {
      if (at === ids.length) break;
      if (cursor.find(ids[at++]!)) this.#row(cursor, batch, options);
    }
    return ids.length - at;
  }

  #row(cursor: TableCursor, batch: FeatureBatch, options: ReadOptions): void {
    const { payload, rowid } = cursor;
    const stored = this.#parseHeader(payload, cursor.payloadStart, cursor.payloadEnd, rowid);
    const { where, bbox } = this.#selection;
    if (where !== null && !this.#isSelected(where, payload, stored, rowid, batch)) return;
    options.notes.rowsRead++;
    const geometry = this.#layout.geometry;
    const type = geometry < stored ? this.#values.types[geometry]! : 0;
    if (type === 0) {
      options.drops.add('null geometry', rowid);
      return;
    }
    batch.beginFeature(rowid);
    const first = batch.vertexCount;
    const status =
      type >= 12 && (type & 1) === 0
        ? decodeBlob(
            batch,
            payload,
            this.#values.bodyAt[geometry]!,
            this.#values.bodyAt[geometry + 1]!,
          )
        : FIRST_DROP + 2;
    if (status >= FIRST_DROP) {
      batch.dropFeature();
      options.drops.add(dropReason(status), rowid);
      return;
    }
    if (bbox !== null && !touches(batch.xy, 2 * first, 2 * batch.vertexCount, bbox)) {
      batch.dropFeature();
      return;
    }
    if (status === WKB_DROPPED_M) options.notes.droppedM++;
    let odd = this.#hasOddValues(payload, stored);
    if (this.#addAttributes(payload, stored, rowid, batch)) odd = true;
    if (odd) batch.flags[batch.featureCount]! |= ODD_VALUES;
    batch.endFeature();
  }

  #isSelected(
    where: Where,
    payload: Uint8Array,
    stored: number,
    rowid: number,
    batch: FeatureBatch,
  ): boolean {
    batch.beginFeature(rowid);
    this.#addAttributes(payload, stored, rowid, batch);
    const i = batch.featureCount;
    const { types, typeOffsets, body, bodyOffsets } = batch;
    const [start, end] = [typeOffsets[i]!, typeOffsets[i + 1]!];
    const isTrue = where.isTrue(types, start, end, body, bodyOffsets[i]!);
    batch.dropFeature();
    return isTrue;
  }

  /** Returns whether a value that the record does not hold is not what its column declares. */
  #addAttributes(payload: Uint8Array, stored: number, rowid: number, batch: FeatureBatch): boolean {
    if (stored !== this.#layout.columnCount) return this.#shortRow(payload, stored, rowid, batch);
    this.#copyAttributes(payload, rowid, batch);
    return false;
  }

  /** Finds every value of the record; returns how many it has. */
  #parseHeader(bytes: Uint8Array, start: number, end: number, rowid: number): number {
    const { path, rowidColumn } = this.#layout;
    const varint = this.#varint;
    const values = this.#values;
    const at = varint.read(bytes, start);
    const body = start + varint.value;
    if (!(body <= end)) throw corrupt(path, `the row ${rowid} is longer than its page says`);
    if (!values.walk(bytes, at, body, body)) {
      throw corrupt(path, `the row ${rowid} has a value that is longer than it`);
    }
    const { count, types, typeAt, bodyAt } = values;
    // A record of another table shows by its values: too many, or a rowid's where there is none.
    if (
      bodyAt[count] !== end ||
      typeAt[count] !== body ||
      (rowidColumn >= 0 && rowidColumn < count && types[rowidColumn] !== 0)
    ) {
      throw corrupt(
        path,
        `the row ${rowid} has values that are not of its table, or not its length`,
      );
    }
    return count;
  }

  #copyAttributes(payload: Uint8Array, rowid: number, batch: FeatureBatch): void {
    const writer = this.#writer;
    for (const { first, last, isNeeded } of this.#runs) {
      if (!isNeeded) {
        this.#appendNulls(batch, last - first + 1);
        continue;
      }
      if (first === this.#layout.rowidColumn) {
        writer.clear();
        writer.integer(rowid);
        batch.appendRow(writer.types, 0, writer.typesLength, writer.body, 0, writer.bodyLength);
        continue;
      }
      batch.appendRow(
        payload,
        this.#values.typeAt[first]!,
        this.#values.typeAt[last + 1]!,
        payload,
        this.#values.bodyAt[first]!,
        this.#values.bodyAt[last + 1]!,
      );
    }
  }

  /** The types of NULLs are zeros, and they have no bytes. */
  #appendNulls(batch: FeatureBatch, count: number): void {
    if (this.#nulls.length < count) this.#nulls = new Uint8Array(count);
    batch.appendRow(this.#nulls, 0, count, this.#nulls, 0, 0);
  }

  /**
   * A record from before a column was added: the column's default takes the missing places. Returns
   * whether one of these is not what its column declares.
   */
  #shortRow(payload: Uint8Array, stored: number, rowid: number, batch: FeatureBatch): boolean {
    const { indexes, rowidColumn } = this.#layout;
    const writer = this.#writer;
    const varint = this.#varint;
    let odd = false;
    writer.clear();
    for (const [k, index] of indexes.entries()) {
      if (this.#needed[k] === 0) {
        writer.null();
        continue;
      }
      if (index === rowidColumn) {
        writer.integer(rowid);
        continue;
      }
      if (index < stored) {
        const type = this.#values.types[index]!;
        writer.encoded(type, payload, this.#values.bodyAt[index]!, this.#values.bodyAt[index + 1]!);
        continue;
      }
      let missing = this.#missing.get(k);
      if (missing === undefined) {
        const row = new RowWriter();
        missing = { row, odd: this.#layout.writeMissing(k, rowid, row) };
        this.#missing.set(k, missing);
      }
      if (missing.odd) odd = true;
      varint.read(missing.row.types, 0);
      writer.encoded(varint.value, missing.row.body, 0, missing.row.bodyLength);
    }
    batch.appendRow(writer.types, 0, writer.typesLength, writer.body, 0, writer.bodyLength);
    return odd;
  }

  #hasOddValues(payload: Uint8Array, stored: number): boolean {
    const { indexes } = this.#layout;
    const { types, bodyAt } = this.#values;
    for (let k = 0; k < indexes.length; k++) {
      if (this.#needed[k] === 0) continue;
      const index = indexes[k]!;
      const type = index < stored ? types[index]! : 0;
      if (classOfEncoded(type, payload, bodyAt[index]!) & this.#oddClasses[k]!) return true;
    }
    return false;
  }
}
