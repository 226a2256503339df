/** The columns of a header or of a feature, and the types that FlatGeobuf has. */

import type { Column, ColumnType } from '../../core/columns.ts';
import { type FlatReader, MalformedTable } from './flat-table.ts';

/** Codes of types, as column.type has them. */
export const BYTE = 0;
export const UBYTE = 1;
export const BOOL = 2;
export const SHORT = 3;
export const USHORT = 4;
export const INT = 5;
export const UINT = 6;
export const LONG = 7;
export const ULONG = 8;
export const FLOAT = 9;
export const DOUBLE = 10;
export const STRING = 11;
export const JSON_TEXT = 12;
export const DATE_TIME = 13;
export const BINARY = 14;

/** By code. */
const TYPES: readonly ColumnType[] = [
  ...(['integer', 'integer', 'boolean', 'integer', 'integer', 'integer'] as const),
  ...(['integer', 'integer', 'integer', 'real', 'real', 'text', 'text'] as const),
  ...(['datetime', 'blob'] as const),
];

/** What a column's metadata says of a date, for which the format has no type. */
export const DATE_METADATA = '{"tilewright":"date"}';

/** Columns that a value can name: it has two bytes for that. */
const MOST_COLUMNS = 2 ** 16;

/** Fields of the table Column. */
const [NAME, TYPE, METADATA] = [0, 1, 10];

export interface FlatColumn extends Column {
  /** As the file has it; `name` may have a number besides, if another column has it too. */
  given: string;
  code: number;
  metadata: string | null;
}

/**
 * The columns of a vector of tables; a name that is taken gets _1, _2, … appended.
 * @param at - position of the vector's first element, `reader.count` how many they are
 * @param bytes - that all of it has, which all names together can't exceed
 * @throws MalformedTable
 */
export function readColumns(reader: FlatReader, at: number, bytes: number): FlatColumn[] {
  const { count } = reader;
  if (count > MOST_COLUMNS)
    throw new MalformedTable(`has ${count} columns, which no file can have`);
  const columns: FlatColumn[] = [];
  const taken = new Map<string, number>();
  let letters = 0;
  for (let i = 0; i < count; i++) {
    reader.enter(reader.element(at, i));
    const given = reader.text(NAME);
    letters += reader.count;
    const code = reader.uint8(TYPE, BYTE);
    if (given === null) throw new MalformedTable(`has no name for column ${i + 1}`);
    const declared = TYPES[code];
    if (declared === undefined) {
      throw new MalformedTable(
        `has the column ${JSON.stringify(given)} of type ${code}, which is none`,
      );
    }
    const metadata = reader.text(METADATA);
    letters += reader.count;
    if (letters > bytes) throw new MalformedTable('has longer names of columns than it has bytes');
    const type = code === DATE_TIME && metadata === DATE_METADATA ? 'date' : declared;
    columns.push({
      name: freeName(given === '' ? `field_${i + 1}` : given, taken),
      given,
      type,
      code,
      metadata,
    });
  }
  return columns;
}

/** Names are the same for SQL where they differ in the case of the letters A to Z alone. */
function keyOf(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** @param taken - keys of names, and how many numbers were appended to them */
function freeName(name: string, taken: Map<string, number>): string {
  let unique = name;
  let number = taken.get(keyOf(name)) ?? 0;
  while (taken.has(keyOf(unique))) unique = `${name}_${++number}`;
  taken.set(keyOf(name), number);
  if (!taken.has(keyOf(unique))) taken.set(keyOf(unique), 0);
  return unique;
}
