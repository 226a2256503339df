/** Reads the rows of one tile from a shuffle file, block by block. */

import { closeSync } from 'node:fs';
import { openOwn } from '../../core/files/regular-file.ts';
import { SummedMemory } from '../../core/summed-memory.ts';
import { damagedShuffle, readExactly, type Segment } from './shuffle-format.ts';
import { ROW_HEADER, rowLength, ShuffleRow } from './shuffle-row.ts';

const BLOCK_BYTES = 2 << 20;
/** More than the sum may lag behind. */
const LAG = 32;

/** Of one call, within which no other task has its turn. */
let memory: SummedMemory | undefined;

/**
 * Calls `take` with every row of the segment, in order: one object, valid during the call. What was
 * made of them must not be used if this throws: of a segment that is larger than a block, rows
 * are handed on before all of it is checked.
 * @throws TilewrightError staged-folder if the segment is not as it was written
 */
export function readSegment(path: string, segment: Segment, take: (row: ShuffleRow) => void): void {
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
    const row = new ShuffleRow();
    while (read < segment.length) {
      const some = Math.min(block.length - filled, segment.length - read);
      readExactly(fd, block.subarray(filled, filled + some), segment.offset + read, path);
      read += some;
      filled += some;
      if (read < segment.length) summed = memory.add(summed, filled);
      else if (memory.sum(summed, filled) !== segment.sum) throw damagedShuffle(path);
      while (at + ROW_HEADER <= filled) {
        const end = at + rowLength(view, at);
        if (end > filled) {
          if (end - filled > segment.length - read) throw damagedShuffle(path);
          // A row longer than the block: make room for it.
          const needed = LAG + end - at;
          if (needed > block.length) {
            memory.grow(needed);
            block = memory.bytes;
            view = viewOf(block);
          }
          break;
        }
        row.read(block, view, at);
        take(row);
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
