/**
 * Shuffle files: rows that could not wait in memory for their tile. They lie in segments, each the rows
 * of one tile from one slice, ordered by partition, tile row, tile column and slice:
 *
 *   header     SHUFFLE_MAGIC, uint32 version, uint32 0
 *   row        see shuffle-row.ts
 *   directory  DIRECTORY_FIELDS doubles per segment
 *   trailer    3 doubles: offset of the directory, its number of entries, CRC-32 of the directory and
 *              these two
 *
 * Each entry of the directory has the checksum of its rows (SummedMemory), which whoever copies them
 * checks.
 */

import { closeSync, fstatSync, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { TilewrightError } from '../../core/errors.ts';
import { openOwn, READ_FLAGS } from '../../core/files/regular-file.ts';
import { SummedMemory } from '../../core/summed-memory.ts';

export const DIRECTORY_FIELDS = 8;
const TRAILER_BYTES = 24;

const CHECK_BYTES = 1 << 20;

/** Raised when anything in the file changes. */
const VERSION = 5;
export const HEADER_BYTES = 16;

/** The first bytes of every shuffle file. */
export const SHUFFLE_HEADER: Uint8Array = shuffleHeader();

function shuffleHeader(): Uint8Array {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.write('TWshuffl', 'latin1');
  bytes.writeUInt32LE(VERSION, 8);
  return bytes;
}

/**
 * Number of partitions: merge tasks that a run has at the most. Fixed, so that shuffle files of an
 * interrupted run can be taken up again whatever the number of workers.
 */
export const PARTITIONS = 256;

/** The partition of a tile: neighbours go to different ones, which evens out dense regions. */
export function partitionOf(column: number, row: number): number {
  let h = Math.imul(column, 0x9e3779b1) ^ Math.imul(row, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return ((h ^ (h >>> 13)) >>> 0) % PARTITIONS;
}

/** Rows of one tile from one slice. */
export interface Segment {
  /** Number of the slice in the record of the group that wrote the file. */
  slice: number;
  x: number;
  y: number;
  /** Bits of GEOMETRY_… that occur. */
  geometry: number;
  rows: number;
  /** Byte range in the file. */
  offset: number;
  length: number;
  /** Checksum of these bytes. */
  sum: number;
}

/**
 * Reads what a shuffle file holds, without its rows.
 * @param most - bytes that its directory may have
 * @throws TilewrightError staged-folder if it is damaged, or of another version
 */
export function readShuffleFile(path: string, most = Number.POSITIVE_INFINITY): Segment[] {
  const fd = openOwn(path);
  try {
    const { size } = fstatSync(fd);
    if (size < HEADER_BYTES + TRAILER_BYTES) throw damagedShuffle(path);
    const header = new Uint8Array(HEADER_BYTES);
    readExactly(fd, header, 0, path);
    checkHeader(header, path);
    const trailer = new Uint8Array(TRAILER_BYTES);
    readExactly(fd, trailer, size - TRAILER_BYTES, path);
    const sizes = readTrailer(trailer, size, path);
    if (sizes.directoryBytes > most) throw damagedShuffle(path);
    const end = new Uint8Array(sizes.directoryBytes);
    readExactly(fd, end, sizes.offset, path);
    return parseDirectory(end, trailer, sizes.offset, path);
  } finally {
    closeSync(fd);
  }
}

/** As many as there were checks at once. */
const idle: SummedMemory[] = [];

/** The same as `readShuffleFile`, without holding up this thread, and with all rows checked. */
export async function checkShuffleFile(path: string): Promise<Segment[]> {
  const segments = await readDirectory(path);
  const file = await open(path, READ_FLAGS);
  const block = idle.pop() ?? new SummedMemory(CHECK_BYTES);
  try {
    for (const { offset, length, sum } of segments) {
      block.begin();
      let filled = 0;
      for (let done = 0; done < length; done += filled) {
        block.add(0, filled);
        filled = Math.min(CHECK_BYTES, length - done);
        await readFully(file, block.bytes.subarray(0, filled), offset + done, path);
      }
      if (block.sum(0, filled) !== sum) throw damagedShuffle(path);
    }
    return segments;
  } finally {
    idle.push(block);
    await file.close();
  }
}

/** The same as `readShuffleFile`, without holding up this thread. */
export async function readDirectory(path: string): Promise<Segment[]> {
  const file = await open(path, READ_FLAGS);
  try {
    const { size } = await file.stat();
    if (size < HEADER_BYTES + TRAILER_BYTES) throw damagedShuffle(path);
    const header = new Uint8Array(HEADER_BYTES);
    await readFully(file, header, 0, path);
    checkHeader(header, path);
    const trailer = new Uint8Array(TRAILER_BYTES);
    await readFully(file, trailer, size - TRAILER_BYTES, path);
    const sizes = readTrailer(trailer, size, path);
    const end = new Uint8Array(sizes.directoryBytes);
    await readFully(file, end, sizes.offset, path);
    return parseDirectory(end, trailer, sizes.offset, path);
  } finally {
    await file.close();
  }
}

function checkHeader(header: Uint8Array, path: string): void {
  if (!SHUFFLE_HEADER.every((byte, i) => header[i] === byte)) throw damagedShuffle(path);
}

interface Sizes {
  offset: number;
  directoryBytes: number;
}

/** Sizes from the end of the file, checked against its size before memory is taken for them. */
function readTrailer(bytes: Uint8Array, size: number, path: string): Sizes {
  const [offset, entries] = new Float64Array(bytes.buffer) as unknown as [number, number];
  const directoryBytes = entries * DIRECTORY_FIELDS * 8;
  const whole = offset >= HEADER_BYTES && entries >= 0 && Number.isInteger(entries);
  if (!whole || offset + directoryBytes + TRAILER_BYTES !== size) throw damagedShuffle(path);
  return { offset, directoryBytes };
}

/** CRC-32 of the end of a file: directory, and the trailer's numbers before it. */
export function endCrc(directory: Uint8Array, trailer: Float64Array): number {
  return crc32(new Uint8Array(trailer.buffer, 0, 16), crc32(directory));
}

function parseDirectory(
  bytes: Uint8Array<ArrayBuffer>,
  trailer: Uint8Array<ArrayBuffer>,
  offset: number,
  path: string,
): Segment[] {
  const numbers = new Float64Array(trailer.buffer);
  if (endCrc(bytes, numbers) !== numbers[2]) throw damagedShuffle(path);
  const segments = segmentsOf(new Float64Array(bytes.buffer));
  // Each begins where the one before ends, from the header to the directory.
  let at = HEADER_BYTES;
  for (const segment of segments) {
    if (segment.offset !== at) throw damagedShuffle(path);
    at += segment.length;
  }
  if (at !== offset) throw damagedShuffle(path);
  return segments;
}

function segmentsOf(directory: Float64Array): Segment[] {
  const segments: Segment[] = [];
  for (let i = 0; i < directory.length; i += DIRECTORY_FIELDS) {
    segments.push({
      slice: directory[i]!,
      x: directory[i + 1]!,
      y: directory[i + 2]!,
      geometry: directory[i + 3]!,
      rows: directory[i + 4]!,
      offset: directory[i + 5]!,
      length: directory[i + 6]!,
      sum: directory[i + 7]!,
    });
  }
  return segments;
}

async function readFully(
  file: FileHandle,
  target: Uint8Array,
  position: number,
  path: string,
): Promise<void> {
  for (let done = 0; done < target.length; ) {
    const { bytesRead } = await file.read(target, done, target.length - done, position + done);
    if (bytesRead === 0) throw damagedShuffle(path);
    done += bytesRead;
  }
}

export function readExactly(fd: number, target: Uint8Array, position: number, path: string): void {
  for (let done = 0; done < target.length; ) {
    const read = readSync(fd, target, done, target.length - done, position + done);
    if (read === 0) throw damagedShuffle(path);
    done += read;
  }
}

export function damagedShuffle(path: string): TilewrightError {
  return new TilewrightError(
    'staged-folder',
    `${path} is damaged, or of another version of Tilewright. Run the same command again: it is ` +
      'made anew',
  );
}
