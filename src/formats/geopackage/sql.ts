/** Asking SQLite, and its rules for names. */

import type { DatabaseSync } from 'node:sqlite';
import type { Value } from '../../core/columns.ts';

export type Row = Record<string, Value>;

/** An SQL identifier, quoted. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Whether SQLite takes the names for the same. */
export function sameName(a: string, b: string): boolean {
  return lowerCase(a) === lowerCase(b);
}

/** SQLite's lower(), which changes ASCII letters only: Ä and ä are two names. */
export function lowerCase(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** All rows of a query; integers past ±2^53 are bigint. */
export function all(db: DatabaseSync, sql: string, ...parameters: (string | number)[]): Row[] {
  const statement = db.prepare(sql);
  statement.setReadBigInts(true);
  const rows = statement.all(...parameters) as Row[];
  for (const row of rows) {
    for (const [name, value] of Object.entries(row)) {
      if (typeof value === 'bigint' && Number.isSafeInteger(Number(value)))
        row[name] = Number(value);
    }
  }
  return rows;
}
