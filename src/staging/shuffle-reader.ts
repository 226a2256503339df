/** Reads the rows of one tile from a shuffle file, block by block. */

import { closeSync, openSync } from 'node:fs';
import { ROW_HEADER, readExactly, type Segment } from './shuffle-format.ts';

const BLOCK_BYTES = 2 << 20;

let block = new Uint8Array(BLOCK_BYTES);
let view = new DataView(block.buffer);

/**
 * Calls `row` with every record of the segment, in order; the bytes are valid during the call.
 */
export function readSegment(
  path: string,
  segment: Segment,
  row: (bytes: Uint8Array, start: number, end: number, area: number) => void,
): void {
  const fd = openSync(path, 'r');
  try {
    let read = 0;
    let filled = 0;
    while (read < segment.length) {
      const take = Math.min(block.length - filled, segment.length - read);
      readExactly(fd, block.subarray(filled, filled + take), segment.offset + read, path);
      read += take;
      filled += take;
      let at = 0;
      while (at + ROW_HEADER <= filled) {
        const length = view.getUint32(at, true);
        const end = at + ROW_HEADER + length;
        if (end > filled) {
          // A record longer than the block: make room for it.
          if (ROW_HEADER + length > block.length) growBlock(ROW_HEADER + length);
          break;
        }
        row(block, at + ROW_HEADER, end, view.getFloat64(at + 4, true));
        at = end;
      }
      block.copyWithin(0, at, filled);
      filled -= at;
    }
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
