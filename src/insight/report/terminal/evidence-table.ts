/** The evidence for a verdict in a terminal, as a table whose words go on in lines below. */

import { cellWidth, padEnd, padStart, wrap } from '../../../core/columns-of-text.ts';
import type { RunAnalysis } from '../../analysis.ts';
import { percentText } from '../../units.ts';
import { bar } from './bar.ts';
import type { Paint } from './paint.ts';

/** Columns between those of the table, and of a bar in it. */
const GAP = 2;
const LEAST_BAR = 9;
const MOST_BAR = 30;
/** Columns from which on it is a table. */
const SIDE_BY_SIDE = 70;
const LEAST_WORDS = 12;

export function evidenceLines({ verdict }: RunAnalysis, width: number, paint: Paint): string[] {
  const { evidence } = verdict;
  if (evidence.length === 0) return [];
  const cells = evidence.map(({ what, value, limit, share }) => [
    what,
    value,
    limit ?? '',
    limit === null || share === null ? '' : percentText(share),
  ]);
  if (width < SIDE_BY_SIDE) return cells.flatMap((row) => evidenceBlock(row, width, paint));
  const titles = ['', 'measured', 'limit', ''];
  const widths = titles.map((title, k) =>
    Math.max(title.length, ...cells.map((row) => cellWidth(row[k]!))),
  );
  const room = (): number => width - widths.reduce((sum, each) => sum + each + GAP, 0);
  const wanted = width < 90 ? -GAP : LEAST_BAR;
  // The column gives way where the fewest texts need a second line for it.
  const broken = (k: number): number =>
    cells.filter((row) => cellWidth(row[k]!) >= widths[k]!).length;
  while (room() < wanted) {
    const columns = [0, 1, 2].filter((k) => widths[k]! > LEAST_WORDS);
    columns.sort((a, b) => broken(a) - broken(b) || widths[b]! - widths[a]!);
    if (columns.length === 0) break;
    widths[columns[0]!]!--;
  }
  const barWidth = room() < LEAST_BAR ? 0 : Math.min(MOST_BAR, room());
  const line = (row: readonly string[]): string => {
    const last = row.findLastIndex((text) => text !== '');
    const parts = row.slice(0, last + 1).map((text, k) => {
      if (k === last && k !== 3) return k === 4 ? paint.accent(text) : text;
      return (k === 3 ? padStart : padEnd)(text, widths[k]!);
    });
    return parts.map((text, k) => (k === 2 ? paint.dim(text) : text)).join(' '.repeat(GAP));
  };
  return [
    paint.dim(line(titles)),
    ...cells.flatMap((row, i) => {
      const wrapped = row.map((text, k) => wrap(text, widths[k]!));
      const height = Math.max(...wrapped.map(({ length }) => length));
      const mark = bar(evidence[i]!.share ?? 0, barWidth).trimEnd();
      return Array.from({ length: height }, (_, n) =>
        line([...wrapped.map((lines) => lines[n] ?? ''), n === 0 ? mark : '']),
      );
    }),
  ];
}

/** Where words have no room beside each other, they stand one below the other. */
function evidenceBlock(row: readonly string[], width: number, paint: Paint): string[] {
  const [what = '', value = '', limit = '', share = ''] = row;
  const beside = limit === '' ? '' : `, limit ${limit}${share === '' ? '' : ` (${share})`}`;
  return [
    ...wrap(what, width),
    ...wrap(`${value}${beside}`, width - 2).map((line) => paint.dim(`  ${line}`)),
  ];
}
