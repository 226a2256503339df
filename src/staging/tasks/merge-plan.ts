/**
 * What the merge tasks of a run have to do, in one file of the run's folder, so that a task reads
 * its own part only: not the records of all groups, and not the journal, whose locks may not work on
 * the disk of another machine.
 *
 * A first line with its version; then what all tasks have in common, and what is for each partition,
 * a line of JSON each with its CRC-32 before it. The coordinator writes it under the folder's lock. For one
 * pending run it has the same content again, unless some of that was lost and had to be made anew: so who
 * is to read a line is told its CRC-32, too.
 */

import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Column } from '../../core/columns.ts';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { checkedJson, linesOf, withCrc } from '../../core/files/checked-lines.ts';
import { openOwn } from '../../core/files/regular-file.ts';
import { tileKey } from '../../tms/tile-path.ts';
import type { FolderSettings, Journal, PendingRun, TileInput } from '../folder/journal/journal.ts';
import { isBuiltName, isShuffleName, runFolder } from '../folder/staged-folder.ts';
import type { BuiltTile } from '../groups/record.ts';
import { readExactly, type Segment } from '../rows/shuffle-format.ts';
import {
  bytesOf,
  gather,
  lineOf,
  type PartitionLine,
  PLANNED_FIELDS,
  SEGMENT_FIELDS,
  tilesIn,
} from './partition-lines.ts';

/** Columns of an input, in its records and in the tiles. */
interface InputColumns {
  recordColumns: Column[];
  columns: Column[];
}

/** An input whose rows the run writes. */
interface MergeInput extends InputColumns {
  name: string;
}

export interface MergeCommon {
  settings: FolderSettings;
  inputs: MergeInput[];
  /** Inputs whose rows stay in tiles that the run touches, by name. */
  kept: Record<string, InputColumns>;
  /** Names of the shuffle files. */
  shuffles: string[];
}

/** A line of the plan's file: its byte range, and its CRC-32 as it is written there. */
export interface PlanRange {
  offset: number;
  length: number;
  crc: string;
}

/** Rows that a tile gets: index of the input in the run, which of its slices, where they are. */
interface PlannedSegment {
  input: number;
  order: number;
  path: string;
  segment: Segment;
}

/** A built tile, with parts that don't count as those of input −1. */
export interface PlannedBuilt extends Omit<BuiltTile, 'x' | 'y' | 'file' | 'parts'> {
  path: string;
  parts: { input: number; order: number; rows: number; geometry: number }[];
}

/** What becomes a tile. */
export interface TilePlan {
  x: number;
  y: number;
  segments: PlannedSegment[];
  built: PlannedBuilt[];
  /** Whether the journal has no such tile. */
  isNew: boolean;
  /** Whether a pack's rows of it are those of before. */
  isLoose: boolean;
}

/** What is to be done for one partition. */
export interface PartitionPlan {
  tiles: TilePlan[];
  /** Rows that stay, of the tiles above, by tile (`x/y`), then name. */
  kept: Map<string, TileInput[]>;
}

export interface MergePlan {
  common: PlanRange;
  /** With the bytes that each partition has to move. */
  partitions: { partition: number; range: PlanRange; bytes: number }[];
  /** That the run puts into tiles. */
  rows: number;
}

/** Raised when anything in the file changes. */
const HEADER = 'tilewright merge plan 5\n';
const NAME = 'merge.plan';

function planPath(folder: string, runId: string): string {
  return join(runFolder(folder, runId), NAME);
}

/** Writes the plan of the pending run. */
export async function writeMergePlan(folder: string, journal: Journal): Promise<MergePlan> {
  const run = journal.pending()!;
  const { lines, shuffles } = await gather(folder, run);
  const kept = addTiles(lines, run, journal);
  const common: MergeCommon = {
    settings: journal.settings()!,
    inputs: run.inputs.map(({ name, recordColumns, columns }) => ({
      name,
      recordColumns,
      columns,
    })),
    kept,
    shuffles,
  };
  const path = planPath(folder, run.runId);
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  const rows = run.inputs.reduce((sum, { statistics }) => sum + statistics.rows, 0);
  try {
    const fd = openSync(temporary, 'wx');
    try {
      let offset = writeSync(fd, HEADER);
      const append = (value: unknown): PlanRange => {
        const text = withCrc(value);
        const line = Buffer.from(text);
        const range = { offset, length: line.length, crc: text.slice(0, text.indexOf(' ')) };
        for (let done = 0; done < line.length; ) done += writeSync(fd, line, done);
        offset += line.length;
        return range;
      };
      const plan: MergePlan = { common: append(common), partitions: [], rows };
      for (const [partition, line] of lines) {
        const range = append(line);
        plan.partitions.push({ partition, range, bytes: bytesOf(line) });
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

/** Adds tiles that rows leave, and rows that stay; returns the columns of their inputs. */
function addTiles(
  lines: Map<number, PartitionLine>,
  run: PendingRun,
  journal: Journal,
): MergeCommon['kept'] {
  const leaving = new Set([...run.removed, ...run.inputs.map((input) => input.name)]);
  for (const partition of journal.partitionsOf([...leaving])) lineOf(lines, partition);
  const names = new Set<string>();
  const loose = journal.products.looseTiles();
  for (const [partition, line] of lines) {
    const touched = new Set<string>();
    for (const { x, y } of tilesIn(line)) touched.add(tileKey(x, y));
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
      const key = tileKey(entry.x, entry.y);
      if (leaving.has(entry.input) || !touched.has(key)) continue;
      if (loose.has(key)) line.loose.push(entry.x, entry.y);
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
  const line = bytes.toString();
  if (header.toString() !== HEADER || !line.startsWith(`${range.crc} `)) throw otherPlan(path);
  return parseLine(line, path);
}

/**
 * Tiles that the run may have changed, by its plan alone, which is written before any of them is.
 * @throws TilewrightError staged-folder
 */
export function* plannedTiles(folder: string, runId: string): Generator<{ x: number; y: number }> {
  const path = planPath(folder, runId);
  let number = 0;
  for (const text of linesOf(path)) {
    if (number === 0 && `${text}\n` !== HEADER) throw otherPlan(path);
    // The second is what all partitions have in common.
    if (number++ < 2) continue;
    const line = parseLine(text, path) as PartitionLine;
    const { leaving } = line;
    yield* tilesIn(line);
    for (let i = 0; i < leaving.length; i += 2) yield { x: leaving[i]!, y: leaving[i + 1]! };
  }
}

function parseLine(line: string, path: string): unknown {
  const value = checkedJson(line.trimEnd());
  if (value === undefined) throw otherPlan(path);
  return value;
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
  { shuffles }: MergeCommon,
): PartitionPlan {
  const line = readPlanLine(folder, runId, range) as PartitionLine;
  const base = runFolder(folder, runId);
  const tiles = new Map<string, TilePlan>();
  const tileAt = (x: number, y: number): TilePlan => {
    const key = tileKey(x, y);
    let tile = tiles.get(key);
    if (tile === undefined) {
      tile = { x, y, segments: [], built: [], isNew: true, isLoose: false };
      tiles.set(key, tile);
    }
    return tile;
  };
  const { segments } = line;
  for (let i = 0; i < segments.length; i += SEGMENT_FIELDS) {
    const [input, order, file, x, y, geometry, rows, offset, length, sum] = segments.slice(
      i,
      i + SEGMENT_FIELDS,
    ) as [number, number, number, number, number, number, number, number, number, number];
    if (!isShuffleName(shuffles[file] ?? '')) throw otherPlan(planPath(folder, runId));
    const segment = { slice: order, x, y, geometry, rows, offset, length, sum };
    tileAt(x, y).segments.push({ input, order, path: join(base, shuffles[file]!), segment });
  }
  for (const { x, y, file, parts, ...built } of line.built) {
    if (!isBuiltName(file)) throw otherPlan(planPath(folder, runId));
    const planned: PlannedBuilt = { ...built, path: join(base, file), parts: [] };
    for (let p = 0; p < parts.length; p += PLANNED_FIELDS) {
      const [input, order, rows, geometry] = parts.slice(p, p + PLANNED_FIELDS) as [
        number,
        number,
        number,
        number,
      ];
      planned.parts.push({ input, order, rows, geometry });
    }
    tileAt(x, y).built.push(planned);
  }
  for (const there of [line.leaving, line.known]) {
    for (let i = 0; i < there.length; i += 2) tileAt(there[i]!, there[i + 1]!).isNew = false;
  }
  for (let i = 0; i < line.loose.length; i += 2) {
    tileAt(line.loose[i]!, line.loose[i + 1]!).isLoose = true;
  }
  const kept = Map.groupBy(line.kept, ({ x, y }) => tileKey(x, y));
  return { tiles: [...tiles.values()], kept };
}
