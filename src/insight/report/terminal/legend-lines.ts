/** What marks stand for. */

import { cellWidth } from '../../../core/columns-of-text.ts';

/** Entries, as many on a line as fit; colours take no room. */
export function legendLines(entries: string[], width: number): string[] {
  const lines: string[] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const entry of entries) {
    const wide = cellWidth(entry) + 3;
    if (used + wide > width + 3) {
      lines.push(entry);
      used = wide;
    } else {
      lines.push(`${lines.pop()}   ${entry}`);
      used += wide;
    }
  }
  return lines;
}
