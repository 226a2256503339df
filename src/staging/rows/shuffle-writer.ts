/** Writes rows that can't wait in memory for their tile into a shuffle file. */

import { writeSync } from 'node:fs';
import { SummedMemory } from '../../core/summed-memory.ts';
import type { TileRows } from './row-chunks.ts';
import {
  DIRECTORY_FIELDS,
  endCrc,
  HEADER_BYTES,
  partitionOf,
  type Segment,
  SHUFFLE_HEADER,
} from './shuffle-format.ts';

const OUTPUT_BYTES = 4 << 20;

/** Rows with the number of the slice that they are from. */
export interface SliceRows extends TileRows {
  slice: number;
}

/**
 * Writes the whole file; returns its segments in their order in it.
 * @param fd - an empty file, open for writing
 */
export function writeShuffle(fd: number, rows: readonly SliceRows[]): Segment[] {
  writeFully(fd, SHUFFLE_HEADER);
  const out = new BlockWriter(fd);
  const directory = new Float64Array(rows.length * DIRECTORY_FIELDS);
  const segments: Segment[] = [];
  let offset = HEADER_BYTES;
  for (const { slice, x, y, geometry, rows: count, chunks, ends } of inOrder(rows)) {
    let length = 0;
    for (const [k, chunk] of chunks.entries()) {
      out.write(new Uint8Array(chunk, 0, ends[k]!));
      length += ends[k]!;
    }
    const segment = { slice, x, y, geometry, rows: count, offset, length, sum: out.takeSum() };
    directory.set(Object.values(segment), segments.length * DIRECTORY_FIELDS);
    segments.push(segment);
    offset += length;
  }
  out.flush();
  const end = new Uint8Array(directory.buffer);
  const trailer = Float64Array.of(offset, segments.length, 0);
  trailer[2] = endCrc(end, trailer);
  writeFully(fd, end);
  writeFully(fd, new Uint8Array(trailer.buffer));
  return segments;
}

function inOrder(rows: readonly SliceRows[]): SliceRows[] {
  return rows
    .map((one) => ({ one, partition: partitionOf(one.x, one.y) }))
    .sort(
      (a, b) =>
        a.partition - b.partition ||
        a.one.y - b.one.y ||
        a.one.x - b.one.x ||
        a.one.slice - b.one.slice,
    )
    .map(({ one }) => one);
}

/** Of the call that writes a file, within which no other task has its turn. */
let output: SummedMemory | undefined;

/** Gathers small pieces into large writes at the end of the file. */
class BlockWriter {
  readonly #fd: number;
  readonly #memory: SummedMemory;
  #filled = 0;
  /** Up to where the block is in the sum. */
  #summed = 0;

  constructor(fd: number) {
    this.#fd = fd;
    this.#memory = output ??= new SummedMemory(OUTPUT_BYTES);
    this.#memory.begin();
  }

  write(bytes: Uint8Array): void {
    let from = 0;
    for (let room = this.#room; bytes.length - from > room; room = this.#room) {
      this.#append(bytes.subarray(from, from + room));
      from += room;
      this.flush();
    }
    this.#append(bytes.subarray(from));
  }

  get #room(): number {
    return OUTPUT_BYTES - this.#filled;
  }

  #append(bytes: Uint8Array): void {
    this.#memory.bytes.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  /** The checksum of what was written since it was taken before. */
  takeSum(): number {
    const sum = this.#memory.sum(this.#summed, this.#filled);
    this.#memory.begin();
    this.#summed = this.#filled;
    return sum;
  }

  /** Writes what is in the sum: all of it after `takeSum`, else a few bytes less. */
  flush(): void {
    const { bytes } = this.#memory;
    const end = this.#memory.add(this.#summed, this.#filled);
    writeFully(this.#fd, bytes.subarray(0, end));
    bytes.copyWithin(0, end, this.#filled);
    this.#filled -= end;
    this.#summed = 0;
  }
}

function writeFully(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}
