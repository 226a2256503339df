/** Puts the values of one schema into another: where inputs of a tile do not have the same columns. */

import { type Column, isText, type Value } from '../../core/columns.ts';
import { EncodedRow } from '../../formats/encoded-row.ts';
import { RowWriter, ValueWalk } from '../../formats/sqlite/record.ts';
import { columnKey, convertValue } from './schema-union.ts';

/** Where each attribute of the new row comes from. */
interface Mapping {
  /** Index of the attribute in the old row; −1 if it has none. */
  from: number;
  fromType: Column['type'];
  /** The type that the input's values have, and the type of the new column. */
  type: Column['type'];
  to: Column['type'];
}

export class RowRemapper {
  readonly #mappings: Mapping[];
  readonly #attributes: number;
  readonly #values: ValueWalk;
  readonly #writer = new RowWriter();
  readonly #row = new EncodedRow();

  /**
   * @param old - attributes of the old rows: as read, or of the tile that they are in
   * @param own - the input's own columns, with the types that its values need
   * @param united - attributes of the new rows
   * @param more - how many values of the old rows come after their attributes, and stay
   */
  constructor(
    old: readonly Column[],
    own: readonly Column[],
    united: readonly Column[],
    more: number,
  ) {
    const oldPlaces = placesOf(old);
    const ownPlaces = placesOf(own);
    this.#mappings = united.map(({ name, type }) => {
      const ownIndex = ownPlaces.get(columnKey(name)) ?? -1;
      const from = ownIndex < 0 ? -1 : (oldPlaces.get(columnKey(name)) ?? -1);
      return from < 0
        ? { from: -1, fromType: type, type, to: type }
        : { from, fromType: old[from]!.type, type: own[ownIndex]!.type, to: type };
    });
    this.#attributes = old.length;
    this.#values = new ValueWalk(old.length + more);
  }

  /** The same row with the new attributes, until the next call. */
  remap(row: EncodedRow): EncodedRow {
    const writer = this.#writer;
    const values = this.#values;
    values.walk(row.types, row.typesStart, row.typesEnd, row.bodyStart);
    writer.clear();
    for (const mapping of this.#mappings) this.#writeAttribute(mapping, row.body);
    for (let i = this.#attributes; i < values.count; i++) this.#copy(i, row.body);
    const made = Object.assign(this.#row, row);
    made.types = writer.types;
    made.typesStart = 0;
    made.typesEnd = writer.typesLength;
    made.body = writer.body;
    made.bodyStart = 0;
    made.bodyEnd = writer.bodyLength;
    return made;
  }

  #copy(i: number, body: Uint8Array): void {
    const { types, bodyAt } = this.#values;
    this.#writer.encoded(types[i]!, body, bodyAt[i]!, bodyAt[i + 1]!);
  }

  #writeAttribute({ from, fromType, type, to }: Mapping, body: Uint8Array): void {
    const writer = this.#writer;
    if (from < 0) {
      writer.null();
      return;
    }
    const serial = this.#values.types[from]!;
    // Bytes that mean the same before and after stay as they are, whatever they are.
    const text = serial >= 13 && (serial & 1) === 1;
    if ((fromType === type && type === to) || (text && isText(type) && isText(to))) {
      this.#copy(from, body);
      return;
    }
    const stored = this.#values.value(body, from);
    // First what the input had, then what the united column holds.
    const value: Value = convertValue(convertValue(stored, fromType, type), type, to);
    if (typeof value === 'number' && to === 'real') writer.real(value);
    else writer.value(value);
  }
}

function placesOf(columns: readonly Column[]): Map<string, number> {
  return new Map(columns.map((column, place) => [columnKey(column.name), place] as const));
}
