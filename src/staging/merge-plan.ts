/**
 * What the merge tasks of a run have to do, in one file of the run's folder, so that a task reads
 * its own part only: not the directories of all shuffle files, and not the journal, whose locks may
 * not work on the disk of another machine.
 *
 * Lines of JSON: what all tasks have in common, then one line for each partition. The coordinator
 * writes it under the folder's lock; for one pending run it always has the same content.
 */

import { closeSync, existsSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Column } from '../core/columns.ts';
import { TilewrightError, toTilewrightError } from '../core/errors.ts';
import type { FolderSettings, Journal, PendingRun, TileInput } from './journal.ts';
import { partitionOf, readDirectory, readExactly, type Segment } from './shuffle-format.ts';
import { runFolder } from './staged-folder.ts';

/** Columns of an input, in its records and in the tiles. */
export interface InputColumns {
  recordColumns: Column[];
  columns: Column[];
}

/** An input whose rows the run writes. */
export interface MergeInput extends InputColumns {
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
  kept: TileInput[];
}

const SEGMENT_FIELDS = 8;
const NAME = 'merge.plan';
const DIRECTORIES_AT_ONCE = 64;

export function planPath(folder: string, runId: string): string {
  return join(runFolder(folder, runId), NAME);
}

/** Writes the plan of the pending run. */
export async function writeMergePlan(folder: string, journal: Journal): Promise<MergePlan> {
  const run = journal.pending()!;
  const lines = await gatherSegments(folder, run);
  const bytes = new Map<number, number>();
  for (const [partition, { segments }] of lines) {
    let sum = 0;
    for (let i = SEGMENT_FIELDS - 1; i < segments.length; i += SEGMENT_FIELDS) sum += segments[i]!;
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
  const temporary = `${path}.tmp`;
  try {
    const fd = openSync(temporary, 'w');
    try {
      let offset = 0;
      const append = (value: unknown): PlanRange => {
        const line = Buffer.from(`${JSON.stringify(value)}\n`);
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
      for (const { partition, x, y, geometry, rows, offset, length } of segments) {
        const { segments: list } = lineOf(lines, partition);
        list.push(index, slice, x, y, geometry, rows, offset, length);
      }
    }
  }
  return lines;
}

function lineOf(lines: Map<number, PartitionLine>, partition: number): PartitionLine {
  let line = lines.get(partition);
  if (line === undefined) {
    line = { segments: [], leaving: [], kept: [] };
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
    for (const { x, y, input } of entries) {
      const key = tileKey(x, y);
      if (!leaving.has(input) || touched.has(key)) continue;
      touched.add(key);
      line.leaving.push(x, y);
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
  if (!existsSync(path) || statSync(path).size < range.offset + range.length) {
    throw new TilewrightError('staged-folder', `${path} is gone: the run has ended meanwhile`);
  }
  const bytes = Buffer.alloc(range.length);
  const fd = openSync(path, 'r');
  try {
    readExactly(fd, bytes, range.offset, path);
  } finally {
    closeSync(fd);
  }
  return JSON.parse(bytes.toString());
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
      tile = { x, y, byInput: new Map() };
      tiles.set(key, tile);
    }
    return tile;
  };
  const { segments, leaving } = line;
  for (let i = 0; i < segments.length; i += SEGMENT_FIELDS) {
    const [index, slice, x, y, geometry, rows, offset, length] = segments.slice(
      i,
      i + SEGMENT_FIELDS,
    ) as [number, number, number, number, number, number, number, number];
    const path = join(base, inputs[index]!.shuffles[slice]!);
    const segment = { partition: partitionOf(x, y), x, y, geometry, rows, offset, length };
    const { byInput } = tileAt(x, y);
    const parts = byInput.get(index);
    if (parts === undefined) byInput.set(index, [{ path, segment }]);
    else parts.push({ path, segment });
  }
  for (let i = 0; i < leaving.length; i += 2) tileAt(leaving[i]!, leaving[i + 1]!);
  const kept = Map.groupBy(line.kept, ({ x, y }) => tileKey(x, y));
  return { tiles: [...tiles.values()], kept };
}

export function tileKey(x: number, y: number): string {
  return `${x}/${y}`;
}
