/** Attribute columns as every format describes them. */

/** The types that a column can have; the SQL names are GeoPackage's. */
export type ColumnType = 'boolean' | 'integer' | 'real' | 'text' | 'date' | 'datetime' | 'blob';

/** An attribute of a layer. */
export interface Column {
  name: string;
  type: ColumnType;
}

/** What a GeoPackage column of this type is declared as. */
export const SQL_TYPES: Readonly<Record<ColumnType, string>> = {
  boolean: 'BOOLEAN',
  integer: 'INTEGER',
  real: 'REAL',
  text: 'TEXT',
  date: 'DATE',
  datetime: 'DATETIME',
  blob: 'BLOB',
};

/** One attribute value. Integers beyond ±(2^53 − 1) are bigint. */
export type Value = null | number | bigint | string | Uint8Array;
