/** Reads the rows of one tile from a shuffle file, block by block. */

import { closeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { openOwn } from '../core/regular-file.ts';
import { damagedShuffle, ROW_HEADER, readExactly, type Segment } from './shuffle-format.ts';

const BLOCK_BYTES = 2 << 20;

let block = new Uint8Array(BLOCK_BYTES);
let view = new DataView(block.buffer);

/**
 * Calls `row` with every record of the segment, in order; the bytes are valid during the call. What
 * was made of them must not be used if this throws: of a segment that is larger than a block, rows
 * are handed on before all of it is checked.
 * @throws TilewrightError staged-folder if the segment is not as it was written
 */
export function readSegment(
  path: string,
  segment: Segment,
  row: (bytes: Uint8Array, start: number, end: number, area: number) => void,
): void {
  const fd = openOwn(path);
  try {
    let read = 0;
    let filled = 0;
    let crc = 0;
    let rows = 0;
    while (read < segment.length) {
      const take = Math.min(block.length - filled, segment.length - read);
      readExactly(fd, block.subarray(filled, filled + take), segment.offset + read, path);
      crc = crc32(block.subarray(filled, filled + take), crc);
      read += take;
      filled += take;
      if (read === segment.length && crc !== segment.crc) throw damagedShuffle(path);
      let at = 0;
      while (at + ROW_HEADER <= filled) {
        const length = view.getUint32(at, true);
        const end = at + ROW_HEADER + length;
        if (end > filled) {
          if (end - filled > segment.length - read) throw damagedShuffle(path);
          // A record longer than the block: make room for it.
          if (ROW_HEADER + length > block.length) growBlock(ROW_HEADER + length);
          break;
        }
        row(block, at + ROW_HEADER, end, view.getFloat64(at + 4, true));
        at = end;
        rows++;
      }
      block.copyWithin(0, at, filled);
      filled -= at;
    }
    if (filled > 0 || rows !== segment.rows) throw damagedShuffle(path);
  } finally {
    closeSync(fd);
  }
}

function growBlock(length: number): void {
  const grown = new Uint8Array(length);
  grown.set(block);
  block = grown;
  view = new DataView(grown.buffer);
}
