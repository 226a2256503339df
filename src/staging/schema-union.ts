/**
 * One schema for inputs that share a tile but not their columns. Columns are united by name
 * (whatever its case), in the order in which they first appear; types are widened so that no value
 * is lost: integer and real become real, all else that differs becomes text.
 */

import type { Column, ColumnType, Value } from '../core/columns.ts';

/** Storage classes of values, as bits. */
export const CLASS_INTEGER = 1;
/** Integers beyond ±2^53, which a double does not hold. */
export const CLASS_BIG_INTEGER = 2;
export const CLASS_REAL = 4;
export const CLASS_TEXT = 8;
export const CLASS_BLOB = 16;

export function classOf(value: Value): number {
  if (value === null) return 0;
  if (typeof value === 'string') return CLASS_TEXT;
  if (typeof value === 'bigint') return CLASS_BIG_INTEGER;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? CLASS_INTEGER : CLASS_REAL;
  return CLASS_BLOB;
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

/** The type that holds a column's declared type and the classes of values that it has besides. */
export function widenForClasses(type: ColumnType, classes: number): ColumnType {
  // A big integer is an integer, but has no place in a real.
  if (classes & CLASS_BIG_INTEGER && type === 'real') return 'text';
  if (classes & CLASS_BIG_INTEGER && classes & CLASS_REAL) return 'text';
  let result = type;
  if (classes & (CLASS_INTEGER | CLASS_BIG_INTEGER)) result = widen(result, 'integer');
  if (classes & CLASS_REAL) result = widen(result, 'real');
  if (classes & CLASS_TEXT) result = widen(result, 'text');
  if (classes & CLASS_BLOB) result = widen(result, 'blob');
  return result;
}

/** @param schemas - in the order of the inputs' names */
export function uniteColumns(schemas: readonly (readonly Column[])[]): Column[] {
  const united = new Map<string, Column>();
  for (const schema of schemas) {
    for (const { name, type } of schema) {
      const known = united.get(name.toLowerCase());
      if (known === undefined) united.set(name.toLowerCase(), { name, type });
      else known.type = widen(known.type, type);
    }
  }
  return [...united.values()];
}

export function sameColumns(a: readonly Column[], b: readonly Column[]): boolean {
  return a.length === b.length && a.every((c, i) => c.name === b[i]!.name && c.type === b[i]!.type);
}

/**
 * A value of a column of type `from` as one of type `to`, where `to` is at least as wide; or the
 * way back, for a value that was widened so before.
 */
export function convertValue(value: Value, from: ColumnType, to: ColumnType): Value {
  if (value === null || from === to) return isText(to) ? textOf(value, from) : value;
  if (isText(to)) return textOf(value, from);
  if (typeof value !== 'string' || !isText(from)) return value;
  switch (to) {
    case 'boolean':
      return value === 'true' ? 1 : value === 'false' ? 0 : value;
    case 'integer': {
      if (!/^-?\d{1,19}$/.test(value)) return value;
      return Number.isSafeInteger(Number(value)) ? Number(value) : BigInt(value);
    }
    case 'real':
      return value === '' || Number.isNaN(Number(value)) ? value : Number(value);
    case 'blob':
      return /^(?:[\dA-F]{2})*$/.test(value) ? Buffer.from(value, 'hex') : value;
    default:
      return value;
  }
}

function isText(type: ColumnType): boolean {
  return type === 'text' || type === 'date' || type === 'datetime';
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
