/**
 * Shuffle files: what one stage task leaves. Rows lie grouped by partition and tile, ready to be
 * copied into tiles:
 *
 *   row        uint32 length of the record, float64 area, the record (little-endian)
 *   run        rows in order of partition, tile row, tile column, then position; a task writes
 *              another run each time its memory is full
 *   directory  DIRECTORY_FIELDS doubles per run and tile
 *   statistics JSON, UTF-8
 *   trailer    3 doubles: offset of the directory, its number of entries, bytes of the statistics
 */

import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { DropJson } from '../core/drops.ts';
import { TilewrightError } from '../core/errors.ts';

export const ROW_HEADER = 12;
export const DIRECTORY_FIELDS = 7;
export const TRAILER_BYTES = 24;

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

/** What a stage task found out about its slice. */
export interface SliceStatistics {
  rowsRead: number;
  featuresStaged: number;
  /** Rows written: one per feature and tile. */
  rows: number;
  droppedM: number;
  drops: DropJson;
  /** Per attribute: storage classes of values that are not of the column's type, as bits. */
  oddClasses: number[];
  warning: string | null;
}

/** Rows of one tile in one run of a shuffle file. */
export interface Segment {
  partition: number;
  x: number;
  y: number;
  /** Bits of GEOMETRY_… that occur. */
  geometry: number;
  rows: number;
  /** Byte range in the file. */
  offset: number;
  length: number;
}

export const GEOMETRY_POLYGON = 1;
export const GEOMETRY_MULTI = 2;
export const GEOMETRY_XY = 4;
export const GEOMETRY_XYZ = 8;

export interface ShuffleFile {
  segments: Segment[];
  statistics: SliceStatistics;
}

/** Reads what a shuffle file holds, without its rows. */
export function readShuffleFile(path: string): ShuffleFile {
  const size = statSync(path).size;
  const fd = openSync(path, 'r');
  try {
    const trailer = new Uint8Array(TRAILER_BYTES);
    if (size < TRAILER_BYTES) throw broken(path);
    readExactly(fd, trailer, size - TRAILER_BYTES, path);
    const { offset, directoryBytes, jsonBytes } = readTrailer(trailer, size, path);
    const directory = new Uint8Array(directoryBytes);
    readExactly(fd, directory, offset, path);
    const json = new Uint8Array(jsonBytes);
    readExactly(fd, json, offset + directoryBytes, path);
    const statistics = JSON.parse(new TextDecoder().decode(json)) as SliceStatistics;
    return { segments: segmentsOf(directory), statistics };
  } finally {
    closeSync(fd);
  }
}

/** Reads the directory alone, without holding up this thread. */
export async function readDirectory(path: string): Promise<Segment[]> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const trailer = new Uint8Array(TRAILER_BYTES);
    if (size < TRAILER_BYTES) throw broken(path);
    await readFully(file, trailer, size - TRAILER_BYTES, path);
    const { offset, directoryBytes } = readTrailer(trailer, size, path);
    const directory = new Uint8Array(directoryBytes);
    await readFully(file, directory, offset, path);
    return segmentsOf(directory);
  } finally {
    await file.close();
  }
}

/** Sizes from the end of the file, checked against its size before memory is taken for them. */
function readTrailer(
  bytes: Uint8Array,
  size: number,
  path: string,
): { offset: number; directoryBytes: number; jsonBytes: number } {
  const [offset, entries, jsonBytes] = new Float64Array(bytes.buffer) as unknown as [
    number,
    number,
    number,
  ];
  const directoryBytes = entries * DIRECTORY_FIELDS * 8;
  const whole = offset >= 0 && directoryBytes >= 0 && jsonBytes >= 0;
  if (!whole || offset + directoryBytes + jsonBytes + TRAILER_BYTES !== size) throw broken(path);
  return { offset, directoryBytes, jsonBytes };
}

function segmentsOf(bytes: Uint8Array): Segment[] {
  const directory = new Float64Array(bytes.buffer);
  const segments: Segment[] = [];
  for (let i = 0; i < directory.length; i += DIRECTORY_FIELDS) {
    segments.push({
      partition: directory[i]!,
      x: directory[i + 1]!,
      y: directory[i + 2]!,
      geometry: directory[i + 3]!,
      rows: directory[i + 4]!,
      offset: directory[i + 5]!,
      length: directory[i + 6]!,
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
    if (bytesRead === 0) throw broken(path);
    done += bytesRead;
  }
}

export function readExactly(fd: number, target: Uint8Array, position: number, path: string): void {
  for (let done = 0; done < target.length; ) {
    const read = readSync(fd, target, done, target.length - done, position + done);
    if (read === 0) throw broken(path);
    done += read;
  }
}

function broken(path: string): TilewrightError {
  return new TilewrightError(
    'staged-folder',
    `${path} is not a whole shuffle file. Remove it and run the same command again`,
  );
}
