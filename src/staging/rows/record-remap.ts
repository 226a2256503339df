/** Puts a record of one schema into another: where inputs of a tile do not have the same columns. */

import type { Column, Value } from '../../core/columns.ts';
import { recordHeaderLength } from '../../formats/sqlite/database-writer.ts';
import {
  RowWriter,
  readValue,
  serialTypeLength,
  VarintReader,
  writeVarint,
} from '../../formats/sqlite/record.ts';
import { PROPERTY_COUNT } from '../configuration/properties.ts';
import { columnKey, convertValue, isText } from './schema-union.ts';

/** Where each attribute of the new record comes from. */
interface Mapping {
  /** Index of the attribute in the old record; −1 if it has none. */
  from: number;
  fromType: Column['type'];
  /** The type that the input's values have, and the type of the new column. */
  type: Column['type'];
  to: Column['type'];
}

export class RecordRemapper {
  /** The new record is bytes[0 … length). */
  bytes = new Uint8Array(4096);
  length = 0;
  readonly #mappings: Mapping[];
  readonly #oldCount: number;
  readonly #types: Int32Array;
  readonly #bodyAt: Int32Array;
  readonly #varint = new VarintReader();
  readonly #writer = new RowWriter();

  /**
   * @param old - attributes of the old records: as read, or of the tile that they are in
   * @param own - the input's own columns, with the types that its values need
   * @param united - attributes of the new records
   */
  constructor(old: readonly Column[], own: readonly Column[], united: readonly Column[]) {
    const oldPlaces = placesOf(old);
    const ownPlaces = placesOf(own);
    this.#mappings = united.map(({ name, type }) => {
      const ownIndex = ownPlaces.get(columnKey(name)) ?? -1;
      const from = ownIndex < 0 ? -1 : (oldPlaces.get(columnKey(name)) ?? -1);
      return from < 0
        ? { from: -1, fromType: type, type, to: type }
        : { from, fromType: old[from]!.type, type: own[ownIndex]!.type, to: type };
    });
    this.#oldCount = 2 + old.length + PROPERTY_COUNT;
    this.#types = new Int32Array(this.#oldCount);
    this.#bodyAt = new Int32Array(this.#oldCount + 1);
  }

  /** Reads the record source[start, end) and leaves the new one in `bytes`. */
  remap(source: Uint8Array, start: number): void {
    const types = this.#types;
    const bodyAt = this.#bodyAt;
    const varint = this.#varint;
    let at = varint.read(source, start);
    let body = start + varint.value;
    for (let c = 0; c < this.#oldCount; c++) {
      at = varint.read(source, at);
      types[c] = varint.value;
      bodyAt[c] = body;
      body += serialTypeLength(varint.value);
    }
    bodyAt[this.#oldCount] = body;
    const writer = this.#writer;
    writer.clear();
    for (const mapping of this.#mappings) this.#writeAttribute(mapping, source);
    const properties = this.#oldCount - PROPERTY_COUNT;
    const propertyBytes = body - bodyAt[properties]!;
    const blobBytes = bodyAt[2]! - bodyAt[1]!;
    const head = new Uint8Array(16 + 9 * PROPERTY_COUNT);
    let length = writeVarint(head, 1, types[1]!);
    const middle = length;
    for (let c = properties; c < this.#oldCount; c++) length = writeVarint(head, length, types[c]!);
    const header = recordHeaderLength(length + writer.typesLength);
    const total = header + blobBytes + writer.bodyLength + propertyBytes;
    if (total > this.bytes.length) this.bytes = new Uint8Array(total * 2);
    const target = this.bytes;
    let out = writeVarint(target, 0, header);
    const put = (bytes: Uint8Array, from: number, to: number): void => {
      target.set(bytes.subarray(from, to), out);
      out += to - from;
    };
    put(head, 0, middle);
    put(writer.types, 0, writer.typesLength);
    put(head, middle, length);
    put(source, bodyAt[1]!, bodyAt[2]!);
    put(writer.body, 0, writer.bodyLength);
    put(source, bodyAt[properties]!, body);
    this.length = out;
  }

  #writeAttribute({ from, fromType, type, to }: Mapping, source: Uint8Array): void {
    const writer = this.#writer;
    if (from < 0) {
      writer.null();
      return;
    }
    const place = from + 2;
    const serial = this.#types[place]!;
    const at = this.#bodyAt[place]!;
    // Bytes that mean the same before and after stay as they are, whatever they are.
    const text = serial >= 13 && (serial & 1) === 1;
    if ((fromType === type && type === to) || (text && isText(type) && isText(to))) {
      writer.encoded(serial, source, at, this.#bodyAt[place + 1]!);
      return;
    }
    const stored = readValue(serial, source, at);
    // First what the input had, then what the united column holds.
    const value: Value = convertValue(convertValue(stored, fromType, type), type, to);
    if (typeof value === 'number' && to === 'real') writer.real(value);
    else writer.value(value);
  }
}

function placesOf(columns: readonly Column[]): Map<string, number> {
  return new Map(columns.map((column, place) => [columnKey(column.name), place] as const));
}
