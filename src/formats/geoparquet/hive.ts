/** Columns that stand in the names of folders: `year=2020/region=north/part.parquet`. */

import { basename, dirname } from 'node:path';
import type { Column, Value } from '../../core/columns.ts';

export interface PartitionValue {
  column: Column;
  value: Value;
}

/** What Hive calls a value that is not there. */
const NONE = '__HIVE_DEFAULT_PARTITION__';

/** Of the folders next above the file, the outermost first. Types are those that DuckDB would find. */
export function partitionValues(path: string): PartitionValue[] {
  const values: PartitionValue[] = [];
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const [, name, text] = /^([^=]+)=(.*)$/s.exec(basename(folder)) ?? [];
    if (name === undefined || text === undefined) return values;
    const column = decoded(name);
    if (!values.some((one) => one.column.name === column))
      values.unshift(typed(column, decoded(text)));
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function typed(name: string, text: string): PartitionValue {
  if (text === NONE || text === '') return { column: { name, type: 'text' }, value: null };
  if (isDate(text)) return { column: { name, type: 'date' }, value: text };
  const time = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)$/.exec(text);
  if (time !== null && isDate(time[1]!)) {
    return { column: { name, type: 'datetime' }, value: `${time[1]}T${time[2]}` };
  }
  if (/^[+-]?\d{1,19}$/.test(text)) {
    const exact = BigInt(text.replace('+', ''));
    const value = Number(exact);
    if (Number.isSafeInteger(value)) return { column: { name, type: 'integer' }, value };
    if (BigInt.asIntN(64, exact) === exact)
      return { column: { name, type: 'integer' }, value: exact };
  }
  return { column: { name, type: 'text' }, value: text };
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return Number.isFinite(time) && new Date(time).toISOString().startsWith(text);
}
