/**
 * What a group has made, as a file in the run's folder: a line that says what it is, then one for each
 * slice that was staged, tile that was built and shuffle file that was written, as it came about. Each
 * is JSON with its CRC-32 before it. Who is killed may leave half a line at the end: what comes before
 * holds.
 */

import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { TilewrightError } from '../../core/errors.ts';
import { checkedJson, withCrc } from '../../core/files/checked-lines.ts';
import { READ_FLAGS } from '../../core/files/regular-file.ts';
import type { SliceStatistics } from '../rows/slice-statistics.ts';

const HEADER = 'tilewright stage record 1';

/** A slice that was staged: its rows are in built tiles and shuffle files. */
export interface RecordedSlice {
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
  /** Its time in nanoseconds, which it keeps when it is renamed. */
  time: string;
  /** Its rows, in their order: PART_FIELDS numbers (slice of the record, rows, GEOMETRY_… bits). */
  parts: number[];
  /** Of the rows of each input, in their order. */
  areas: number[];
}

export const PART_FIELDS = 3;

/** Storage classes by which an input's columns in built tiles were chosen. */
export interface BuiltColumns {
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

type Line =
  | { slice: RecordedSlice }
  | { built: BuiltTile }
  | { columns: BuiltColumns }
  | { shuffle: string };

export function emptyRecord(): StageRecord {
  return { slices: [], built: [], columns: [], shuffles: [] };
}

/** Keeps a record, and writes it as it grows. */
export class RecordWriter {
  readonly record = emptyRecord();
  readonly #fd: number;

  /** @param path - of a file that is not there yet */
  constructor(path: string) {
    this.#fd = openSync(path, 'wx');
    writeFully(this.#fd, `${HEADER}\n`);
  }

  add(line: Line): void {
    addTo(this.record, line);
    writeFully(this.#fd, withCrc(line));
  }

  close(): void {
    closeSync(this.#fd);
  }
}

function writeFully(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}

function addTo(record: StageRecord, line: Line): void {
  if ('slice' in line) record.slices.push(line.slice);
  else if ('built' in line) record.built.push(line.built);
  else if ('columns' in line) record.columns.push(line.columns);
  else record.shuffles.push(line.shuffle);
}

/**
 * Reads a record up to its first line that is not as it was written.
 * @throws TilewrightError staged-folder for a file that is no record, or of another version
 */
export function readRecord(path: string): StageRecord {
  const [header, ...lines] = readFileSync(path, { encoding: 'utf8', flag: READ_FLAGS }).split('\n');
  if (header !== HEADER) {
    throw new TilewrightError(
      'staged-folder',
      `${path} is damaged, or of another version of Tilewright. Run the same command again: it is ` +
        'made anew',
    );
  }
  const record = emptyRecord();
  for (const text of lines.slice(0, -1)) {
    const line = checkedJson(text) as Line | undefined;
    if (line === undefined) break;
    addTo(record, line);
  }
  return record;
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
