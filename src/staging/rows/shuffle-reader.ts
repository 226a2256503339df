/** Reads the rows of one tile from a shuffle file, block by block. */

import { closeSync } from 'node:fs';
import { openOwn } from '../../core/files/regular-file.ts';
import { SummedMemory } from '../../core/summed-memory.ts';
import { damagedShuffle, ROW_HEADER, readExactly, type Segment } from './shuffle-format.ts';

const BLOCK_BYTES = 2 << 20;
/** More than the sum may lag behind. */
const LAG = 32;

let memory: SummedMemory | undefined;

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
  memory ??= new SummedMemory(BLOCK_BYTES);
  memory.begin();
  const fd = openOwn(path);
  try {
    let block = memory.bytes;
    let view = viewOf(block);
    let read = 0;
    let filled = 0;
    /** Up to where the block is in the sum. */
    let summed = 0;
    /** Where the next row begins. */
    let at = 0;
    let rows = 0;
    while (read < segment.length) {
      const take = Math.min(block.length - filled, segment.length - read);
      readExactly(fd, block.subarray(filled, filled + take), segment.offset + read, path);
      read += take;
      filled += take;
      if (read < segment.length) summed = memory.add(summed, filled);
      else if (memory.sum(summed, filled) !== segment.sum) throw damagedShuffle(path);
      while (at + ROW_HEADER <= filled) {
        const length = view.getUint32(at, true);
        const end = at + ROW_HEADER + length;
        if (end > filled) {
          if (end - filled > segment.length - read) throw damagedShuffle(path);
          // A record longer than the block: make room for it.
          const needed = LAG + ROW_HEADER + length;
          if (needed > block.length) {
            memory.grow(needed);
            block = memory.bytes;
            view = viewOf(block);
          }
          break;
        }
        row(block, at + ROW_HEADER, end, view.getFloat64(at + 4, true));
        at = end;
        rows++;
      }
      const kept = Math.min(at, summed);
      block.copyWithin(0, kept, filled);
      filled -= kept;
      summed -= kept;
      at -= kept;
    }
    if (at < filled || rows !== segment.rows) throw damagedShuffle(path);
  } finally {
    closeSync(fd);
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
