/** Aligned columns that fit a width. */

import { cellWidth, clip, clipMiddle, padEnd, padStart } from '../../../core/columns-of-text.ts';

export interface Column {
  title: string;
  align?: 'right';
  /** Gives way when the table is too wide; its texts are cut in the middle or at the end. */
  shrinks?: 'middle' | 'end';
}

const GAP = 2;
const LEAST = 8;

/**
 * @param paintCell - colours a padded cell; `row` is -1 for titles
 * @returns lines of at most `width` columns, titles first
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
  paintCell: (text: string, row: number, column: number) => string = (text) => text,
): string[] {
  const widths = columns.map(({ title }, k) =>
    Math.max(cellWidth(title), ...rows.map((row) => cellWidth(row[k] ?? ''))),
  );
  let over = widths.reduce((sum, each) => sum + each + GAP, -GAP) - width;
  while (over > 0) {
    // The widest of those that may gives way first, a column at a time.
    let widest = -1;
    for (const [k, { shrinks }] of columns.entries()) {
      if (shrinks !== undefined && (widest < 0 || widths[k]! > widths[widest]!)) widest = k;
    }
    if (widest < 0 || widths[widest]! <= LEAST) break;
    widths[widest]!--;
    over--;
  }
  const line = (row: readonly string[], index: number): string => {
    // Nothing is painted behind the last text: lines have no blanks at their ends.
    const last = row.findLastIndex((text) => text !== '');
    const parts = columns.slice(0, last + 1).map(({ align, shrinks }, k) => {
      const cut = shrinks === 'middle' && index >= 0 ? clipMiddle : clip;
      const text = cut(row[k] ?? '', widths[k]!);
      const padded = align === 'right' ? padStart(text, widths[k]!) : padEnd(text, widths[k]!);
      return paintCell(k === last ? padded.trimEnd() : padded, index, k);
    });
    return parts.join(' '.repeat(GAP));
  };
  const titles = columns.map(({ title }) => title);
  return [
    ...(titles.some((title) => title !== '') ? [line(titles, -1)] : []),
    ...rows.map((row, index) => line(row, index)),
  ];
}
