/** A feature of a tile as the row that it was written from. */

import type { ColumnType } from '../../core/columns.ts';
import { copyBytes, grow } from '../../geometry/batch.ts';
import type { EncodedRow } from '../encoded-row.ts';
import { RowWriter } from '../sqlite/record.ts';
import type { FeatureBytes } from './feature-bytes.ts';
import { GEOMETRY, PROPERTIES } from './feature-decoder.ts';
import { FlatReader, MalformedTable } from './flat-table.ts';
import { ENDS, MULTI_POLYGON, PARTS, POLYGON, TYPE, XY, Z } from './geometry.ts';
import { PropertyReader } from './properties.ts';
import type { FlatColumn } from './schema.ts';
import { IS_FLAT } from './write/feature-writer.ts';
import { writeOdd } from './write/odd-values.ts';

const WKB_HEADER = 9;
const WKB_Z = 1000;

export class RowReader {
  readonly #reader = new FlatReader();
  readonly #values = new RowWriter();
  readonly #columns: readonly FlatColumn[];
  readonly #types: readonly ColumnType[];
  readonly #properties: PropertyReader;
  readonly #hasOdd: boolean;
  #wkb: Uint8Array<ArrayBuffer> = new Uint8Array(1024);
  #view = new DataView(this.#wkb.buffer);
  #at = 0;

  /** @param columns - the last is that of odd values, if there is one */
  constructor(columns: readonly FlatColumn[], hasOdd: boolean) {
    this.#hasOdd = hasOdd;
    this.#columns = hasOdd ? columns.slice(0, -1) : columns;
    this.#types = this.#columns.map(({ type }) => type);
    this.#properties = new PropertyReader(columns);
  }

  /** Fills the row but for its box. @throws MalformedTable */
  read({ bytes, view, start, end }: FeatureBytes, row: EncodedRow): void {
    const reader = this.#reader;
    reader.open(bytes, view, start, end);
    reader.enterRoot();
    const geometry = reader.tableOf(GEOMETRY);
    if (geometry === 0) throw new MalformedTable('no geometry');
    const at = reader.vectorOf(PROPERTIES, 1);
    this.#readValues(bytes, view, at, at + reader.count);
    this.#reserve(2 * (end - start));
    this.#at = 0;
    this.#readGeometry(geometry);
    const { types, typesLength, body, bodyLength } = this.#values;
    row.types = types;
    row.typesStart = row.bodyStart = row.geometryStart = 0;
    row.typesEnd = typesLength;
    row.body = body;
    row.bodyEnd = bodyLength;
    row.geometry = this.#wkb;
    row.geometryEnd = this.#at;
  }

  #readValues(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    const values = this.#values;
    const properties = this.#properties;
    const types = this.#types;
    values.clear();
    properties.find(view, start, end);
    const odd = this.#hasOdd ? properties.text(bytes, view, types.length) : null;
    if (odd !== null) {
      this.#readOdd(bytes, view, odd);
      return;
    }
    for (let i = 0; i < types.length; i++) properties.writeExact(values, bytes, view, i);
  }

  #readOdd(bytes: Uint8Array, view: DataView, text: string): void {
    let odd: Record<string, unknown>;
    try {
      odd = JSON.parse(text);
    } catch {
      throw new MalformedTable('odd values that are no JSON');
    }
    for (const [i, { given }] of this.#columns.entries()) {
      if (Object.hasOwn(odd, given)) writeOdd(this.#values, odd[given]);
      else this.#properties.writeExact(this.#values, bytes, view, i);
    }
  }

  #readGeometry(table: number): void {
    const reader = this.#reader;
    reader.enter(table);
    const type = reader.uint8(TYPE, 0);
    if (type === POLYGON) {
      this.#readPolygon();
      return;
    }
    if (type !== MULTI_POLYGON) throw new MalformedTable('a geometry of another type');
    const parts = reader.vectorOf(PARTS, 4);
    const { count } = reader;
    const start = this.#at;
    this.#header(MULTI_POLYGON, count);
    let isFlat = true;
    for (let i = 0; i < count; i++) {
      reader.enter(reader.element(parts, i));
      isFlat = this.#readPolygon() && isFlat;
    }
    if (!isFlat && count > 0) this.#view.setUint32(start + 1, MULTI_POLYGON + WKB_Z, true);
  }

  /** Appends the polygon of the table that was entered last. Returns whether it has no heights. */
  #readPolygon(): boolean {
    const reader = this.#reader;
    const { view } = reader;
    const endsAt = reader.vectorOf(ENDS, 4);
    const ends = reader.count;
    const zAt = reader.vectorOf(Z, 8);
    const heights = reader.count;
    const xyAt = reader.vectorOf(XY, 8);
    const vertices = reader.count / 2;
    const isNone = heights === 0 || reader.uint8(IS_FLAT, 0) === 1;
    const isWhole = Number.isInteger(vertices) && (heights === 0 || heights === vertices);
    if (!isWhole) throw new MalformedTable('a vertex without one of its numbers');
    const rings = ends > 0 ? ends : vertices > 0 ? 1 : 0;
    this.#reserve(WKB_HEADER + 4 * rings + 24 * vertices);
    this.#header(isNone ? POLYGON : POLYGON + WKB_Z, rings);
    for (let r = 0, start = 0; r < rings; r++) {
      const end = ends > 0 ? view.getUint32(endsAt + 4 * r, true) : vertices;
      if (end < start || end > vertices)
        throw new MalformedTable('a ring of vertices that are not there');
      this.#view.setUint32(this.#at, end - start, true);
      this.#at += 4;
      if (isNone) {
        copyBytes(reader.bytes, xyAt + 16 * start, xyAt + 16 * end, this.#wkb, this.#at);
        this.#at += 16 * (end - start);
      } else {
        for (let k = start; k < end; k++, this.#at += 24) {
          copyBytes(reader.bytes, xyAt + 16 * k, xyAt + 16 * k + 16, this.#wkb, this.#at);
          copyBytes(reader.bytes, zAt + 8 * k, zAt + 8 * k + 8, this.#wkb, this.#at + 16);
        }
      }
      start = end;
    }
    return isNone;
  }

  #header(code: number, count: number): void {
    this.#wkb[this.#at] = 1;
    this.#view.setUint32(this.#at + 1, code, true);
    this.#view.setUint32(this.#at + 5, count, true);
    this.#at += WKB_HEADER;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#wkb.length) return;
    this.#wkb = grow(this.#wkb, this.#at + bytes);
    this.#view = new DataView(this.#wkb.buffer);
  }
}
