/** Slices of a file: of whole row groups, or of rows of one that is large. */

import type { ParquetFile } from '../parquet/file.ts';
import type { Slice } from '../source.ts';

/** Slices that cover the rows, each of about `targetBytes` of the file, in ascending order. */
export function slicesOf(file: ParquetFile, targetBytes: number): Slice[] {
  const { rowStarts, rows, metadata } = file;
  const target = Math.max(1, targetBytes);
  const slices: Slice[] = [];
  let start = 0;
  let bytes = 0;
  const cut = (end: number): void => {
    if (end > start) slices.push({ start: start + 1, end: end + 1 });
    start = end;
    bytes = 0;
  };
  const { rowGroups } = metadata;
  for (let g = 0; g < rowGroups.length; g++) {
    const own = rowGroups.bytesOf(g);
    const groupRows = rowGroups.rowsOf(g);
    const [first, end] = [rowStarts[g]!, rowStarts[g + 1]!];
    // As near to the target as whole row groups come.
    if (bytes > 0 && bytes + own / 2 > target) cut(first);
    const parts = Math.min(groupRows, Math.max(1, Math.round(own / target)));
    for (let i = 1; i < parts; i++) cut(first + Math.round((groupRows * i) / parts));
    bytes += own / Math.max(1, parts);
    if (g === rowGroups.length - 1) cut(Math.max(end, rows));
  }
  return slices;
}
