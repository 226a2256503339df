/**
 * Values that are not of their column's type, and texts in columns of dates that are no dates: a column
 * of their own has them as JSON, `{"name":{"real":"-0"}}`, which other software sees, and reads as text.
 */

import type { Column, Value } from '../../../core/columns.ts';
import type { RowWriter } from '../../sqlite/record.ts';
import { MalformedTable } from '../flat-table.ts';

/** Metadata of the column. */
export const ODD_METADATA = '{"tilewright":"odd values"}';

/** A name that no other column has. */
export function oddColumnName(columns: readonly Column[]): string {
  const taken = new Set(columns.map(({ name }) => name.toLowerCase()));
  let name = 'odd_values';
  while (taken.has(name)) name += '_';
  return name;
}

/** One value, exactly. */
export function oddValue(value: Value): Record<string, string> {
  if (typeof value === 'string') return { text: value };
  if (typeof value === 'bigint' || Number.isInteger(value)) {
    return Object.is(value, -0) ? { real: '-0' } : { integer: String(value) };
  }
  if (typeof value === 'number') return { real: String(value) };
  return { blob: Buffer.from(value as Uint8Array).toString('hex') };
}

/** Writes what `oddValue` made. @throws MalformedTable */
export function writeOdd(row: RowWriter, odd: unknown): void {
  const [[kind, text] = []] = Object.entries(odd ?? {}) as [string, string][];
  if (kind === 'text') row.text(String(text));
  else if (kind === 'real') row.double(Number(text));
  else if (kind === 'blob') row.blob(Buffer.from(String(text), 'hex'));
  else if (kind === 'integer' && /^-?\d+$/.test(String(text))) row.value(integerOf(String(text)));
  else throw new MalformedTable('an odd value that is none');
}

function integerOf(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}
