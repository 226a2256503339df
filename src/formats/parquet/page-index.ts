/** The indexes of pages of a column chunk, where a file has them. */

import { ParquetFault } from './fault.ts';
import type { ParquetFile } from './file.ts';
import { type PageBounds, type PageLocation, parseColumnIndex, parseOffsetIndex } from './pages.ts';
import type { Leaf } from './schema.ts';

const MAX_BYTES = 1 << 26;

/** Where the pages are; null if it is not told. @throws ParquetFault, and the window's errors */
export function readPageLocations(
  file: ParquetFile,
  group: number,
  leaf: Leaf,
): PageLocation[] | null {
  const { rows, columns } = file.metadata.rowGroups[group]!;
  const bytes = bytesOf(file, columns[leaf.index]!.offsetIndex);
  if (bytes === null) return null;
  const pages = parseOffsetIndex(bytes);
  for (const [k, { offset, firstRow, bytes: length }] of pages.entries()) {
    const before = pages[k - 1];
    const follows = before === undefined ? firstRow === 0 : firstRow > before.firstRow;
    const isBehind = before === undefined || offset >= before.offset + before.bytes;
    const isInside = offset >= 0 && length >= 0 && offset + length <= file.footerAt;
    if (!follows || !isBehind || !isInside || (firstRow >= rows && rows > 0)) {
      throw new ParquetFault('has a damaged index of pages');
    }
  }
  return pages.length === 0 ? null : pages;
}

/** Least and greatest values of each page; null if they are not told of all pages. */
export function readPageBounds(
  file: ParquetFile,
  group: number,
  leaf: Leaf,
  pages: number,
): PageBounds | null {
  const { columns } = file.metadata.rowGroups[group]!;
  const bytes = bytesOf(file, columns[leaf.index]!.columnIndex);
  if (bytes === null) return null;
  const bounds = parseColumnIndex(bytes);
  const counts = [bounds.isNull.length, bounds.min.length, bounds.max.length];
  return counts.every((count) => count === pages) ? bounds : null;
}

function bytesOf(file: ParquetFile, place: [number, number] | null): Uint8Array | null {
  if (place === null) return null;
  const [offset, length] = place;
  if (length > MAX_BYTES) throw new ParquetFault(`has an index of pages of ${length} bytes`);
  if (!(offset >= 0 && offset + length <= file.window.size)) {
    throw new ParquetFault('has an index of pages beyond the end of the file');
  }
  const bytes = new Uint8Array(length);
  file.window.copy(offset, length, bytes, 0);
  return bytes;
}
