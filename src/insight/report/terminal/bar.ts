/** Bars of characters. */

import { padEnd } from '../../../core/columns-of-text.ts';

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar for a share of 1, to the eighth of a column, filled up with blanks. */
export function bar(share: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  // Something is never shown as nothing.
  const shown = share > 0 && width > 0 ? Math.max(1, eighths) : eighths;
  return padEnd('█'.repeat(Math.floor(shown / 8)) + EIGHTHS[shown % 8], width);
}

/**
 * Whole columns for parts of a sum, which together are `width`; largest remainders get the columns
 * that rounding leaves.
 */
export function columnsOf(parts: readonly number[], width: number): number[] {
  const sum = parts.reduce((total, part) => total + part, 0);
  if (!(sum > 0)) return parts.map(() => 0);
  const exact = parts.map((part) => (part / sum) * width);
  const columns = exact.map(Math.floor);
  let left = width - columns.reduce((total, count) => total + count, 0);
  const order = exact.map((_, i) => i).sort((a, b) => (exact[b]! % 1) - (exact[a]! % 1));
  for (const i of order) {
    if (left-- <= 0) break;
    columns[i]!++;
  }
  return columns;
}
