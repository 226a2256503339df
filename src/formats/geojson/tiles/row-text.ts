/** Rows → Features, without the brace that ends them: what follows says whether one is the last. */

import type { Column } from '../../../core/columns.ts';
import type { EncodedRow, EncodedValues } from '../../encoded-row.ts';
import { readValue, ValueWalk } from '../../sqlite/record.ts';
import { JsonText } from './json-text.ts';

/** What a Feature begins with: the box of its geometry follows. */
export const FEATURE_HEAD = '{"type":"Feature","bbox":[';
export const PROPERTIES_HEAD = '],"properties":{';
export const GEOMETRY_HEAD = '},"geometry":';
const COORDINATES_HEAD = '","coordinates":';
/** Values that are not of their column's type, as objects of one member. */
export const ODD_BLOB = '{"blob":';
export const ODD_TEXT = '{"text":';

const encoder = new TextEncoder();

/** The keys of properties, each with the colon behind it and, but for the first, the comma before it. */
export function keyTexts(columns: readonly Column[]): Uint8Array[] {
  return columns.map(({ name }, i) =>
    encoder.encode(`${i > 0 ? ',' : ''}${JSON.stringify(name)}:`),
  );
}

export class RowText {
  readonly text = new JsonText();
  readonly #columns: readonly Column[];
  readonly #keys: readonly Uint8Array[];
  readonly #values: ValueWalk;
  #geometry: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(this.#geometry.buffer);
  #at = 0;

  constructor(columns: readonly Column[]) {
    this.#columns = columns;
    this.#keys = keyTexts(columns);
    this.#values = new ValueWalk(columns.length);
  }

  /** Writes a row behind what is there. Values that it lacks are NULL. */
  add(row: EncodedRow, more: EncodedValues): void {
    const { text } = this;
    text.ascii(FEATURE_HEAD);
    for (const [i, side] of [row.minX, row.minY, row.maxX, row.maxY].entries()) {
      if (i > 0) text.ascii(',');
      text.number(side);
    }
    text.ascii(PROPERTIES_HEAD);
    const count = this.#addValues(
      row.types,
      row.typesStart,
      row.typesEnd,
      row.body,
      row.bodyStart,
      0,
    );
    const all = this.#addValues(more.types, 0, more.typesLength, more.body, 0, count);
    for (let i = all; i < this.#columns.length; i++) {
      this.#key(i);
      text.ascii('null');
    }
    text.ascii(GEOMETRY_HEAD);
    this.#addGeometry(row);
    text.ascii('}');
  }

  #key(i: number): void {
    const key = this.#keys[i]!;
    this.text.copy(key, 0, key.length);
  }

  /** Writes values of the columns from `first` on; returns the column behind them. */
  #addValues(
    types: Uint8Array,
    typesStart: number,
    typesEnd: number,
    body: Uint8Array,
    bodyStart: number,
    first: number,
  ): number {
    const values = this.#values;
    values.walk(types, typesStart, typesEnd, bodyStart);
    const { count, bodyAt } = values;
    for (let i = 0; i < count; i++) {
      this.#key(first + i);
      this.#value(values.types[i]!, body, bodyAt[i]!, bodyAt[i + 1]!, this.#columns[first + i]!);
    }
    return first + count;
  }

  #value(type: number, body: Uint8Array, start: number, end: number, column: Column): void {
    const { text } = this;
    if (type < 12) {
      const value = readValue(type, body, start);
      if (value === null || Number.isNaN(value)) text.ascii('null');
      else if (type === 7) text.real(value as number);
      else if (column.type === 'boolean' && (value === 0 || value === 1)) {
        text.ascii(value === 1 ? 'true' : 'false');
      } else text.ascii(String(value));
      return;
    }
    const isBlob = (type & 1) === 0;
    const isOfBlobs = column.type === 'blob';
    if (isBlob || isOfBlobs) {
      if (isBlob !== isOfBlobs) text.ascii(isBlob ? ODD_BLOB : ODD_TEXT);
      text.base64(body, start, end);
      if (isBlob !== isOfBlobs) text.ascii('}');
    } else if (!text.string(body, start, end)) {
      text.ascii(ODD_TEXT);
      text.base64(body, start, end);
      text.ascii('}');
    }
  }

  /** Little-endian ISO WKB, of a polygon or a multipolygon. */
  #addGeometry({ geometry, geometryStart }: EncodedRow): void {
    if (geometry !== this.#geometry) {
      this.#geometry = geometry;
      this.#view = new DataView(geometry.buffer, geometry.byteOffset, geometry.byteLength);
    }
    const { text } = this;
    this.#at = geometryStart;
    const isMulti = this.#view.getUint32(geometryStart + 1, true) % 1000 === 6;
    text.ascii(isMulti ? '{"type":"MultiPolygon' : '{"type":"Polygon');
    text.ascii(COORDINATES_HEAD);
    if (!isMulti) {
      this.#addPolygon();
      return;
    }
    const count = this.#view.getUint32(geometryStart + 5, true);
    this.#at += 9;
    for (let i = 0; i < count; i++) {
      text.ascii(i === 0 ? '[' : ',');
      this.#addPolygon();
    }
    text.ascii(']');
  }

  #addPolygon(): void {
    const { text } = this;
    const view = this.#view;
    const hasZ = view.getUint32(this.#at + 1, true) > 1000;
    const rings = view.getUint32(this.#at + 5, true);
    let at = this.#at + 9;
    for (let ring = 0; ring < rings; ring++) {
      text.ascii(ring === 0 ? '[[' : ',[');
      const vertices = view.getUint32(at, true);
      at += 4;
      for (let v = 0; v < vertices; v++) {
        text.ascii(v === 0 ? '[' : ',[');
        text.number(view.getFloat64(at, true));
        text.ascii(',');
        text.number(view.getFloat64(at + 8, true));
        at += 16;
        if (hasZ) {
          text.ascii(',');
          text.number(view.getFloat64(at, true));
          at += 8;
        }
        text.ascii(']');
      }
      text.ascii(']');
    }
    text.ascii(']');
    this.#at = at;
  }
}
