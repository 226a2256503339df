/** Columns by the names that people write. */

import { didYouMean } from '../../core/nearest.ts';

interface Named {
  readonly name: string;
}

/**
 * Index of the column of this name: exactly, or else whatever the case if that is one. −1 for none.
 */
export function findColumn(columns: readonly Named[], name: string): number {
  const exact = columns.findIndex((column) => column.name === name);
  if (exact >= 0) return exact;
  const wanted = name.toLowerCase();
  const first = columns.findIndex((column) => column.name.toLowerCase() === wanted);
  const last = columns.findLastIndex((column) => column.name.toLowerCase() === wanted);
  return first === last ? first : -1;
}

/** What to say of a name that no column has: the nearest one, or several that differ in case. */
export function columnAdvice(columns: readonly Named[], name: string): string {
  const alike = columns.filter((column) => column.name.toLowerCase() === name.toLowerCase());
  if (alike.length > 1) {
    return ` It has ${alike.map((column) => column.name).join(' and ')}: write one of these exactly.`;
  }
  return didYouMean(
    name,
    columns.map((column) => column.name),
  );
}
