/** What the groups of a run have made of slices that count, by partition. */

import { join } from 'node:path';
import { TilewrightError } from '../../core/errors.ts';
import type { PendingRun, TileInput } from '../folder/journal/journal.ts';
import { runFolder } from '../folder/staged-folder.ts';
import { segmentsOf } from '../groups/complete.ts';
import { readRecord } from '../groups/read-record.ts';
import {
  type BuiltTile,
  PART_FIELDS,
  type StageRecord,
  segmentsInTiles,
} from '../groups/record.ts';
import { partitionOf, type Segment } from '../rows/shuffle-format.ts';

/** A partition's line. */
export interface PartitionLine {
  /** SEGMENT_FIELDS numbers a segment. */
  segments: number[];
  /** With PLANNED_FIELDS numbers a part: input, order, rows, GEOMETRY_… bits. */
  built: BuiltTile[];
  /** Column and row of tiles that only lose rows. */
  leaving: number[];
  /** Column and row of tiles that get rows and that the journal has. */
  known: number[];
  /** Column and row of tiles with rows that stay, of which a pack has the rows of before. */
  loose: number[];
  kept: TileInput[];
}

export const SEGMENT_FIELDS = 10;
export const PLANNED_FIELDS = 4;
const LENGTH_FIELD = 8;
const FILES_AT_ONCE = 64;

/** Which of a record's slices count, as slices of which input. */
type UsedSlices = Map<number, { input: number; order: number }>;

function usedSlices({ inputs, records }: PendingRun): UsedSlices[] {
  const used: UsedSlices[] = records.map(() => new Map());
  for (const [input, { slices }] of inputs.entries()) {
    for (const [order, [record, slice]] of slices.entries()) {
      used[record]!.set(slice, { input, order });
    }
  }
  return used;
}

/** A record of which slices count, and how many rows of each slice were found. */
interface UsedRecord {
  path: string;
  record: StageRecord;
  used: UsedSlices;
  found: Float64Array;
  isInTile: ReturnType<typeof segmentsInTiles>;
}

/**
 * Several files side by side: on a shared disk each answer takes a while, and a big run has thousands.
 * @throws TilewrightError staged-folder unless all rows of these slices are there
 */
export async function gather(
  folder: string,
  run: PendingRun,
): Promise<{ lines: Map<number, PartitionLine>; shuffles: string[] }> {
  const lines = new Map<number, PartitionLine>();
  const place = runFolder(folder, run.runId);
  const records: UsedRecord[] = [];
  const files: { name: string; of: UsedRecord }[] = [];
  for (const [i, used] of usedSlices(run).entries()) {
    // It may be damaged or gone, which is why it is not used.
    if (used.size === 0) continue;
    const path = join(place, run.records[i]!);
    const record = readRecord(path);
    const found = new Float64Array(record.slices.length);
    const its = { path, record, used, found, isInTile: segmentsInTiles(record) };
    records.push(its);
    addBuilt(lines, its);
    for (const name of record.shuffles) files.push({ name, of: its });
  }
  const shuffles = files.map(({ name }) => name);
  let file = 0;
  for await (const segments of directories(shuffles.map((name) => join(place, name)))) {
    addSegments(lines, segments, file, files[file]!.of);
    file++;
  }
  for (const { path, record, used, found } of records) {
    for (const slice of used.keys()) {
      if (found[slice] !== record.slices[slice]?.statistics.rows) throw lostRows(path);
    }
  }
  return { lines, shuffles };
}

function addBuilt(lines: Map<number, PartitionLine>, { record, used, found }: UsedRecord): void {
  for (const tile of record.built) {
    const parts: number[] = [];
    for (let p = 0; p < tile.parts.length; p += PART_FIELDS) {
      const [slice, rows, geometry] = tile.parts.slice(p, p + PART_FIELDS) as Three;
      const at = used.get(slice);
      found[slice]! += rows;
      parts.push(at?.input ?? -1, at?.order ?? 0, rows, geometry);
    }
    if (parts.every((field, k) => k % PLANNED_FIELDS !== 0 || field < 0)) continue;
    lineOf(lines, partitionOf(tile.x, tile.y)).built.push({ ...tile, parts });
  }
}

type Three = [number, number, number];

function addSegments(
  lines: Map<number, PartitionLine>,
  segments: readonly Segment[],
  file: number,
  { used, found, isInTile }: UsedRecord,
): void {
  for (const segment of segments) {
    const { slice, x, y, geometry, rows, offset, length, sum } = segment;
    const at = used.get(slice);
    if (at === undefined || isInTile(segment)) continue;
    found[slice]! += rows;
    const line = lineOf(lines, partitionOf(x, y));
    line.segments.push(at.input, at.order, file, x, y, geometry, rows, offset, length, sum);
  }
}

function lostRows(path: string): TilewrightError {
  return new TilewrightError(
    'staged-folder',
    `Not all rows that ${path} tells of are there. Run the same command again: they are made anew`,
  );
}

/** Of shuffle files, in their order; nothing of those that are damaged or gone. */
async function* directories(paths: readonly string[]): AsyncGenerator<Segment[]> {
  for (let start = 0; start < paths.length; start += FILES_AT_ONCE) {
    const some = paths.slice(start, start + FILES_AT_ONCE);
    yield* await Promise.all(some.map((path) => segmentsOf(path)));
  }
}

/** Bytes that are to be moved. */
export function bytesOf({ segments }: PartitionLine): number {
  let sum = 0;
  for (let i = LENGTH_FIELD; i < segments.length; i += SEGMENT_FIELDS) sum += segments[i]!;
  return sum;
}

export function lineOf(lines: Map<number, PartitionLine>, partition: number): PartitionLine {
  let line = lines.get(partition);
  if (line === undefined) {
    line = { segments: [], built: [], leaving: [], known: [], loose: [], kept: [] };
    lines.set(partition, line);
  }
  return line;
}

/** Tiles that get rows, some of them more than once. */
export function* tilesIn({ segments, built }: PartitionLine): Generator<{ x: number; y: number }> {
  for (let i = 0; i < segments.length; i += SEGMENT_FIELDS) {
    yield { x: segments[i + 3]!, y: segments[i + 4]! };
  }
  yield* built;
}
