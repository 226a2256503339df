/** The index of pages of a column chunk, where a file has one. */

import { ParquetFault } from './fault.ts';
import type { ParquetFile } from './file.ts';
import { type PageLocation, parseOffsetIndex } from './pages.ts';
import type { Leaf } from './schema.ts';

const MAX_BYTES = 1 << 26;

/** Where the pages are; null if it is not told. @throws ParquetFault, and the window's errors */
export function readPageLocations(
  file: ParquetFile,
  group: number,
  leaf: Leaf,
): PageLocation[] | null {
  const { rows, columns } = file.metadata.rowGroups.at(group);
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
