/** Types of columns in SQL: what a GeoPackage declares (OGC 12-128r18, table 1), and what SQLite takes. */

import type { ColumnType } from '../../core/columns.ts';

export const SQL_TYPES: Readonly<Record<ColumnType, string>> = {
  boolean: 'BOOLEAN',
  integer: 'INTEGER',
  real: 'REAL',
  text: 'TEXT',
  date: 'DATE',
  datetime: 'DATETIME',
  blob: 'BLOB',
};

/** The column type behind an SQL type name: GeoPackage's names, then SQLite's affinity rules. */
export function columnType(declared: string): ColumnType {
  const word = declared.toUpperCase().replace(/\(.*$/, '').trim();
  if (word === 'BOOLEAN') return 'boolean';
  if (word === 'DATE') return 'date';
  if (word === 'DATETIME') return 'datetime';
  if (word.includes('INT')) return 'integer';
  if (/CHAR|CLOB|TEXT|STRING|JSON/.test(word)) return 'text';
  if (word.includes('BLOB')) return 'blob';
  if (/REAL|FLOA|DOUB|NUMERIC|DECIMAL/.test(word)) return 'real';
  return 'text';
}
