/**
 * One schema for inputs that share a tile but not their columns. Columns are united by name (in
 * upper or lower case), in the order in which they first appear; types are widened so that no value
 * is lost: integer and real become real, all else that differs becomes text.
 */

import {
  CLASS_BIG_INTEGER,
  CLASS_BLOB,
  CLASS_INTEGER,
  CLASS_REAL,
  CLASS_TEXT,
  type Column,
  type ColumnType,
  isText,
  PLAIN_CLASSES,
  type Value,
} from '../../core/columns.ts';
import { TilewrightError } from '../../core/errors.ts';
import { stagedFormat } from '../../formats/staged-formats.ts';
import { MOST_PROPERTIES } from '../configuration/properties.ts';

/** Attributes that a tile has room for. @param format - name of the staged format */
export function mostAttributes(format: string): number {
  return stagedFormat(format).maxColumns - MOST_PROPERTIES;
}

/** The type that holds values of both. */
export function widen(a: ColumnType, b: ColumnType): ColumnType {
  if (a === b) return a;
  const types = new Set([a, b]);
  const only = (...allowed: ColumnType[]): boolean => [...types].every((t) => allowed.includes(t));
  if (only('boolean', 'integer')) return 'integer';
  if (only('boolean', 'integer', 'real')) return 'real';
  return 'text';
}

/** A column of an input, with the type that its values need. */
export interface StagedColumn extends Column {
  /** It has integers beyond ±2^53, which may not be put among reals. */
  big?: true;
}

/** The type that holds a column's declared type and the classes of values that it has besides. */
function widenForClasses(type: ColumnType, classes: number): ColumnType {
  // An integer column holds the big ones too.
  const usual = PLAIN_CLASSES[type] | (type === 'integer' ? CLASS_BIG_INTEGER : 0);
  const odd = classes & ~usual;
  if (odd & CLASS_BIG_INTEGER && type === 'real') return 'text';
  if (classes & CLASS_BIG_INTEGER && odd & CLASS_REAL) return 'text';
  let result = type;
  if (odd & (CLASS_INTEGER | CLASS_BIG_INTEGER)) result = widen(result, 'integer');
  if (odd & CLASS_REAL) result = widen(result, 'real');
  if (odd & CLASS_TEXT) result = widen(result, 'text');
  if (odd & CLASS_BLOB) result = widen(result, 'blob');
  return result;
}

/** @param classes - of values that are not what the column declares, and of those beside them */
export function stagedColumn({ name, type }: Column, classes: number): StagedColumn {
  const needed = widenForClasses(type, classes);
  const big = needed === 'integer' && (classes & CLASS_BIG_INTEGER) !== 0;
  return big ? { name, type: needed, big } : { name, type: needed };
}

/** Names that SQL takes for the same: the case of the letters A to Z does not count, of no other. */
export function columnKey(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** @param schemas - in the order of the inputs' names */
export function uniteColumns(schemas: readonly (readonly StagedColumn[])[]): Column[] {
  const united = new Map<string, StagedColumn>();
  for (const schema of schemas) {
    for (const { name, type, big } of schema) {
      const key = columnKey(name);
      const known = united.get(key);
      if (known === undefined) {
        united.set(key, { name, type, ...(big && { big }) });
        continue;
      }
      known.type = widen(known.type, type);
      if (big) known.big = true;
    }
  }
  return [...united.values()].map(({ name, type, big }) => ({
    name,
    type: big && type === 'real' ? 'text' : type,
  }));
}

/** @throws TilewrightError input-columns if no tile has room for the columns of this input */
export function requireFewColumns(columns: readonly Column[], input: string, format: string): void {
  const most = mostAttributes(format);
  if (columns.length <= most) return;
  throw new TilewrightError(
    'input-columns',
    `${input} has ${columns.length} columns, and a tile has room for ${most} besides those ` +
      'that staging adds. Stage fewer of them, by --columns or --drop-columns',
    { input },
  );
}

export function sameColumns(a: readonly Column[], b: readonly Column[]): boolean {
  return a.length === b.length && a.every((c, i) => c.name === b[i]!.name && c.type === b[i]!.type);
}

/**
 * A value of a column of type `from` as one of type `to`, where `to` is at least as wide; or the
 * way back, for a value that was widened so before.
 */
export function convertValue(value: Value, from: ColumnType, to: ColumnType): Value {
  if (value === null || from === to) return value;
  if (isText(to)) return textOf(value, from);
  if (typeof value !== 'string' || !isText(from)) return value;
  switch (to) {
    case 'boolean':
      return value === 'true' ? 1 : value === 'false' ? 0 : integerOf(value);
    case 'integer':
      return integerOf(value);
    case 'real':
      return value === '' || Number.isNaN(Number(value)) ? value : Number(value);
    case 'blob':
      return /^(?:[\dA-F]{2})*$/.test(value) ? Buffer.from(value, 'hex') : value;
    default:
      return value;
  }
}

function integerOf(text: string): Value {
  if (!/^-?\d{1,19}$/.test(text)) return text;
  return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text);
}

/** Booleans as words, reals with a point, blobs as hexadecimal digits: each can be told again. */
function textOf(value: Value, from: ColumnType): Value {
  if (value === null || typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex').toUpperCase();
  if (from === 'boolean' && (value === 0 || value === 1)) return value === 1 ? 'true' : 'false';
  if (from === 'real' && typeof value === 'number' && Number.isInteger(value)) {
    const digits = String(value);
    return digits.includes('e') ? digits : `${digits}.0`;
  }
  return String(value);
}
