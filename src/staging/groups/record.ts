/**
 * What a group has made, as a file in the run's folder: a line that says what it is, then one for each
 * slice that was staged, tile that was built and shuffle file that was written, as it came about. Each
 * is JSON with its CRC-32 before it. Who is killed may leave half a line at the end: what comes before
 * holds.
 */

import { closeSync, openSync, writeSync } from 'node:fs';
import { withCrc } from '../../core/files/checked-lines.ts';
import type { SliceStatistics } from '../rows/slice-statistics.ts';

/** Raised when anything in the file changes. */
export const RECORD_HEADER = 'tilewright stage record 3';

/** A slice that was staged: its rows are in built tiles and shuffle files. */
interface RecordedSlice {
  /** Hash of all that its rows depend on. */
  key: string;
  /** Name of its input. */
  input: string;
  statistics: SliceStatistics;
}

/** A tile that waits in the run's folder. */
export interface BuiltTile {
  x: number;
  y: number;
  /** Its name there, a hash of all that it depends on. */
  file: string;
  bytes: number;
  /** Checksum of all of it. */
  sum: number;
  /** Its rows, in their order: PART_FIELDS numbers (slice of the record, rows, GEOMETRY_… bits). */
  parts: number[];
  /** Of the rows of each input, in their order. */
  areas: (number | typeof INFINITE)[];
}

export const PART_FIELDS = 3;
/** An area that JSON has no number for. */
export const INFINITE = 'Infinity';

/** Storage classes by which an input's columns in built tiles were chosen. */
interface BuiltColumns {
  input: string;
  oddClasses: number[];
}

export interface StageRecord {
  slices: RecordedSlice[];
  built: BuiltTile[];
  columns: BuiltColumns[];
  /** Names of files. */
  shuffles: string[];
}

export type Line =
  | { slice: RecordedSlice }
  | { built: BuiltTile }
  | { columns: BuiltColumns }
  | { shuffle: string };

export function emptyRecord(): StageRecord {
  return { slices: [], built: [], columns: [], shuffles: [] };
}

/** Writes a record as it grows. */
export class RecordWriter {
  /** How many there are. */
  slices = 0;
  /** −1 once it is closed. */
  #fd: number;

  /** @param path - of a file that is not there yet */
  constructor(path: string) {
    this.#fd = openSync(path, 'wx');
    writeFully(this.#fd, `${RECORD_HEADER}\n`);
  }

  add(line: Line): void {
    if ('slice' in line) this.slices++;
    writeFully(this.#fd, withCrc(line));
  }

  /** Closing twice does nothing; writing after it throws. */
  close(): void {
    const fd = this.#fd;
    this.#fd = -1;
    if (fd >= 0) closeSync(fd);
  }
}

function writeFully(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}

export function addTo(record: StageRecord, line: Line): void {
  if ('slice' in line) record.slices.push(line.slice);
  else if ('built' in line) record.built.push(line.built);
  else if ('columns' in line) record.columns.push(line.columns);
  else record.shuffles.push(line.shuffle);
}

/**
 * Tells segments of shuffle files whose rows are in built tiles as well: they were spilled, and read
 * again when there was a tile to build.
 */
export function segmentsInTiles({
  built,
}: Pick<StageRecord, 'built'>): (segment: { slice: number; x: number; y: number }) => boolean {
  let parts: Map<string, number[]> | undefined;
  return ({ slice, x, y }) => {
    parts ??= new Map(built.map((tile) => [`${tile.x} ${tile.y}`, tile.parts]));
    const its = parts.get(`${x} ${y}`) ?? [];
    for (let p = 0; p < its.length; p += PART_FIELDS) if (its[p] === slice) return true;
    return false;
  };
}
