/**
 * What the merge tasks of a run have to do, in one file of the run's folder, so that a task reads
 * its own part only: not the directories of all shuffle files, and not the journal, whose locks may
 * not work on the disk of another machine.
 *
 * A first line with its version; then what all tasks have in common, and what is for each partition,
 * a line of JSON each with its CRC-32 before it. The coordinator
 * writes it under the folder's lock; for one pending run it always has the same content.
 */

import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Column } from '../../core/columns.ts';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { openOwn, READ_FLAGS } from '../../core/files/regular-file.ts';
import { tileKey } from '../../tms/tile-path.ts';
import type { FolderSettings, Journal, PendingRun, TileInput } from '../folder/journal.ts';
import { runFolder } from '../folder/staged-folder.ts';
import { partitionOf, readDirectory, readExactly, type Segment } from '../rows/shuffle-format.ts';

/** Columns of an input, in its records and in the tiles. */
interface InputColumns {
  recordColumns: Column[];
  columns: Column[];
}

/** An input whose rows the run writes. */
interface MergeInput extends InputColumns {
  name: string;
  /** Names of its shuffle files, in the order of its slices. */
  shuffles: string[];
}

export interface MergeCommon {
  settings: FolderSettings;
  inputs: MergeInput[];
  /** Inputs whose rows stay in tiles that the run touches, by name. */
  kept: Record<string, InputColumns>;
}

/** A byte range of the plan's file. */
export interface PlanRange {
  offset: number;
  length: number;
}

/** Rows that a tile gets: segments of shuffle files by index of the input in the run. */
export interface TileSegments {
  x: number;
  y: number;
  byInput: Map<number, { path: string; segment: Segment }[]>;
  /** Whether the journal has no such tile. */
  isNew: boolean;
}

/** What is to be done for one partition. */
export interface PartitionPlan {
  tiles: TileSegments[];
  /** Rows that stay, of the tiles above, by tile (`x/y`), then name. */
  kept: Map<string, TileInput[]>;
}

export interface MergePlan {
  common: PlanRange;
  /** With the bytes that each partition has to move. */
  partitions: { partition: number; range: PlanRange; bytes: number }[];
}

/** A partition's line. */
interface PartitionLine {
  /** SEGMENT_FIELDS numbers a segment, in the order of inputs, then slices. */
  segments: number[];
  /** Column and row of tiles that only lose rows. */
  leaving: number[];
  /** Column and row of tiles that get rows and that the journal has. */
  known: number[];
  kept: TileInput[];
}

const SEGMENT_FIELDS = 9;
/** Raised when anything in the file changes. */
const HEADER = 'tilewright merge plan 3\n';
const LENGTH_FIELD = 7;
const NAME = 'merge.plan';
const DIRECTORIES_AT_ONCE = 64;

function planPath(folder: string, runId: string): string {
  return join(runFolder(folder, runId), NAME);
}

/** Writes the plan of the pending run. */
export async function writeMergePlan(folder: string, journal: Journal): Promise<MergePlan> {
  const run = journal.pending()!;
  const lines = await gatherSegments(folder, run);
  const bytes = new Map<number, number>();
  for (const [partition, { segments }] of lines) {
    let sum = 0;
    for (let i = LENGTH_FIELD; i < segments.length; i += SEGMENT_FIELDS) sum += segments[i]!;
    bytes.set(partition, sum);
  }
  const kept = addTiles(lines, run, journal);
  const common: MergeCommon = {
    settings: journal.settings()!,
    inputs: run.inputs.map(({ name, recordColumns, columns, shuffles }) => ({
      name,
      recordColumns,
      columns,
      shuffles,
    })),
    kept,
  };
  const path = planPath(folder, run.runId);
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const fd = openSync(temporary, 'wx');
    try {
      let offset = writeSync(fd, HEADER);
      const append = (value: unknown): PlanRange => {
        const json = JSON.stringify(value);
        const line = Buffer.from(`${crcOf(json)} ${json}\n`);
        const range = { offset, length: line.length };
        for (let done = 0; done < line.length; ) done += writeSync(fd, line, done);
        offset += line.length;
        return range;
      };
      const plan: MergePlan = { common: append(common), partitions: [] };
      for (const [partition, line] of lines) {
        const range = append(line);
        plan.partitions.push({ partition, range, bytes: bytes.get(partition) ?? 0 });
      }
      renameSync(temporary, path);
      return plan;
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw toTilewrightError(error, {}, 'output-unwritable');
  }
}

/**
 * Reads the directory of each shuffle file once. Several side by side: on a shared disk each answer
 * takes a while, and a big run has tens of thousands.
 */
async function gatherSegments(
  folder: string,
  run: PendingRun,
): Promise<Map<number, PartitionLine>> {
  const lines = new Map<number, PartitionLine>();
  const files = run.inputs.flatMap(({ shuffles }, index) =>
    shuffles.map((name, slice) => ({ index, slice, name })),
  );
  for (let start = 0; start < files.length; start += DIRECTORIES_AT_ONCE) {
    const some = files.slice(start, start + DIRECTORIES_AT_ONCE);
    const directories = await Promise.all(
      some.map(({ name }) => readDirectory(join(runFolder(folder, run.runId), name))),
    );
    for (const [i, segments] of directories.entries()) {
      const { index, slice } = some[i]!;
      for (const { partition, x, y, geometry, rows, offset, length, sum } of segments) {
        const { segments: list } = lineOf(lines, partition);
        list.push(index, slice, x, y, geometry, rows, offset, length, sum);
      }
    }
  }
  return lines;
}

function lineOf(lines: Map<number, PartitionLine>, partition: number): PartitionLine {
  let line = lines.get(partition);
  if (line === undefined) {
    line = { segments: [], leaving: [], known: [], kept: [] };
    lines.set(partition, line);
  }
  return line;
}

/** Adds tiles that rows leave, and rows that stay; returns the columns of their inputs. */
function addTiles(
  lines: Map<number, PartitionLine>,
  run: PendingRun,
  journal: Journal,
): MergeCommon['kept'] {
  const leaving = new Set([...run.removed, ...run.inputs.map((input) => input.name)]);
  for (const partition of journal.partitionsOf([...leaving])) lineOf(lines, partition);
  const names = new Set<string>();
  for (const [partition, line] of lines) {
    const touched = new Set<string>();
    const { segments } = line;
    for (let i = 0; i < segments.length; i += SEGMENT_FIELDS) {
      touched.add(tileKey(segments[i + 2]!, segments[i + 3]!));
    }
    const entries = journal.tileInputs(partition);
    const seen = new Set<string>();
    for (const { x, y, input } of entries) {
      const key = tileKey(x, y);
      if (seen.has(key)) continue;
      if (touched.has(key)) line.known.push(x, y);
      else if (leaving.has(input)) line.leaving.push(x, y);
      else continue;
      seen.add(key);
    }
    for (let i = 0; i < line.leaving.length; i += 2) {
      touched.add(tileKey(line.leaving[i]!, line.leaving[i + 1]!));
    }
    for (const entry of entries) {
      if (leaving.has(entry.input) || !touched.has(tileKey(entry.x, entry.y))) continue;
      line.kept.push(entry);
      names.add(entry.input);
    }
  }
  const kept: MergeCommon['kept'] = {};
  for (const name of names) {
    const { recordColumns, columns } = journal.input(name)!;
    kept[name] = { recordColumns, columns };
  }
  return kept;
}

/** @throws TilewrightError staged-folder if the run is over */
export function readPlanLine(folder: string, runId: string, range: PlanRange): unknown {
  const path = planPath(folder, runId);
  const bytes = Buffer.alloc(range.length);
  const header = Buffer.alloc(HEADER.length);
  let fd: number;
  try {
    fd = openOwn(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new TilewrightError('staged-folder', `${path} is gone: the run has ended meanwhile`);
  }
  try {
    if (fstatSync(fd).size < range.offset + range.length) throw otherPlan(path);
    readExactly(fd, header, 0, path);
    readExactly(fd, bytes, range.offset, path);
  } finally {
    closeSync(fd);
  }
  if (header.toString() !== HEADER) throw otherPlan(path);
  return parseLine(bytes.toString(), path);
}

/**
 * Tiles that the run may have changed, by its plan alone, which is written before any of them is.
 * @throws TilewrightError staged-folder
 */
export function* plannedTiles(folder: string, runId: string): Generator<{ x: number; y: number }> {
  const path = planPath(folder, runId);
  const [header, , ...lines] = readFileSync(path, { encoding: 'utf8', flag: READ_FLAGS }).split(
    '\n',
  );
  if (`${header}\n` !== HEADER) throw otherPlan(path);
  for (const text of lines.slice(0, -1)) {
    const { segments, leaving } = parseLine(text, path) as PartitionLine;
    for (let i = 0; i < segments.length; i += SEGMENT_FIELDS) {
      yield { x: segments[i + 2]!, y: segments[i + 3]! };
    }
    for (let i = 0; i < leaving.length; i += 2) yield { x: leaving[i]!, y: leaving[i + 1]! };
  }
}

function parseLine(line: string, path: string): unknown {
  const at = line.indexOf(' ');
  const json = line.slice(at + 1).trimEnd();
  if (line.slice(0, at) !== crcOf(json)) throw otherPlan(path);
  return JSON.parse(json);
}

function crcOf(text: string): string {
  return crc32(text).toString(16);
}

function otherPlan(path: string): TilewrightError {
  return new TilewrightError(
    'staged-folder',
    `${path} is damaged, or of another version of Tilewright than this worker. Use one version, and ` +
      'run the same command again: the plan is made anew',
  );
}

export function readPartition(
  folder: string,
  runId: string,
  range: PlanRange,
  { inputs }: MergeCommon,
): PartitionPlan {
  const line = readPlanLine(folder, runId, range) as PartitionLine;
  const base = runFolder(folder, runId);
  const tiles = new Map<string, TileSegments>();
  const tileAt = (x: number, y: number): TileSegments => {
    const key = tileKey(x, y);
    let tile = tiles.get(key);
    if (tile === undefined) {
      tile = { x, y, byInput: new Map(), isNew: true };
      tiles.set(key, tile);
    }
    return tile;
  };
  const { segments } = line;
  for (let i = 0; i < segments.length; i += SEGMENT_FIELDS) {
    const [index, slice, x, y, geometry, rows, offset, length, sum] = segments.slice(
      i,
      i + SEGMENT_FIELDS,
    ) as [number, number, number, number, number, number, number, number, number];
    const path = join(base, inputs[index]!.shuffles[slice]!);
    const segment = { partition: partitionOf(x, y), x, y, geometry, rows, offset, length, sum };
    const { byInput } = tileAt(x, y);
    const parts = byInput.get(index);
    if (parts === undefined) byInput.set(index, [{ path, segment }]);
    else parts.push({ path, segment });
  }
  for (const there of [line.leaving, line.known]) {
    for (let i = 0; i < there.length; i += 2) tileAt(there[i]!, there[i + 1]!).isNew = false;
  }
  const kept = Map.groupBy(line.kept, ({ x, y }) => tileKey(x, y));
  return { tiles: [...tiles.values()], kept };
}
