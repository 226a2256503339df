/** Attribute columns and their values as every format describes them: what a type is, is said here. */

/** The types that a column can have. */
export type ColumnType = 'boolean' | 'integer' | 'real' | 'text' | 'date' | 'datetime' | 'blob';

/** An attribute of a layer. */
export interface Column {
  name: string;
  type: ColumnType;
}

/** One attribute value. Integers beyond ±(2^53 − 1) are bigint. */
export type Value = null | number | bigint | string | Uint8Array;

/** Storage classes of values, as bits; null has none. */
export const CLASS_INTEGER = 1;
/** Integers beyond ±(2^53 − 1), which a double does not hold. */
export const CLASS_BIG_INTEGER = 2;
export const CLASS_REAL = 4;
export const CLASS_TEXT = 8;
export const CLASS_BLOB = 16;

/** Classes of a type's values; of others it has to be known that they are there. */
export const PLAIN_CLASSES: Readonly<Record<ColumnType, number>> = {
  boolean: CLASS_INTEGER,
  integer: CLASS_INTEGER,
  real: CLASS_INTEGER | CLASS_REAL,
  text: CLASS_TEXT,
  date: CLASS_TEXT,
  datetime: CLASS_TEXT,
  blob: CLASS_BLOB,
};

export function classOf(value: Value): number {
  if (value === null) return 0;
  if (typeof value === 'string') return CLASS_TEXT;
  if (typeof value === 'bigint') return CLASS_BIG_INTEGER;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? CLASS_INTEGER : CLASS_REAL;
  return CLASS_BLOB;
}

/** Whether values of a column of this type are text. */
export function isText(type: ColumnType): boolean {
  return PLAIN_CLASSES[type] === CLASS_TEXT;
}

/** Whether they are numbers, to reckon with. */
export function isNumeric(type: ColumnType): boolean {
  return type === 'integer' || type === 'real';
}
