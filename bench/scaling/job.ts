/** A job as the simulator sees it: what each task, and each step of the coordinator, has to do. */

import { samplesFor } from '../../src/staging/planning/slice-extents.ts';
import { PARTITIONS } from '../../src/staging/rows/shuffle-format.ts';
import { BYTES_PER_FEATURE } from '../scenes.ts';
import type { ForgedInput } from './forge.ts';
import type { GroundCover } from './ground-cover.ts';
import type { Work } from './phase.ts';
import * as rates from './rates.ts';
import type { StagePlan, StageWork } from './stage-plan.ts';

/** What the coordinator does alone, one thing after the other. */
export interface Step {
  name: 'start' | 'plan' | 'announce' | 'commit' | 'clean up';
  cpuSeconds: number;
  /** Metadata operations, each of which it waits for. */
  operations: number;
  bytes: number;
}

/** Of inputs; those that are not forged are planned as GeoPackages, and reckoned by their own rates. */
export type ReadFormat = keyof typeof rates.PLAN_SECONDS;

/** How tiles are staged. */
export interface Layout {
  format: keyof typeof rates.TILE_BYTES_PER_ROW;
  /** 4^pack tiles are packed into a file; null: each is one. */
  pack: number | null;
}

export interface Job {
  format: ReadFormat;
  /** Files that tiles are in at the end. */
  files: number;
  inputs: number;
  slices: number;
  polygons: number;
  tiles: number;
  /** Tiles that were built and are renamed only. */
  renamedTiles: number;
  /** Pairs of an input and a tile. */
  pairs: number;
  groups: number;
  rows: number;
  /** Rows that were written to shuffle files. */
  spilledRows: number;
  /** Rows of tiles that the merge writes. */
  mergedRows: number;
  /** Bytes that are written: all, and those of shuffle files. */
  writtenBytes: number;
  shuffleBytes: number;
  /** The most that lies beside the inputs at a time: tiles, shuffle files, journal and summary apart. */
  diskBytes: number;
  /** In the order in which they are started. */
  stage: Work[];
  merge: Work[];
  /** None where tiles are not packed. */
  pack: Work[];
  before: Step[];
  between: Step[];
  after: Step[];
  /** Of the coordinator, after each stage task. */
  stageEndSeconds: number;
  /** What each merge worker would do first if it had to read all of the groups' records. */
  allDirectories: Work;
}

export function makeJob(
  inputs: readonly ForgedInput[],
  cover: GroundCover,
  staged: StagePlan,
  format: ReadFormat,
  layout: Layout = { format: 'gpkg', pack: null },
): Job {
  // Tiles that are to be packed are GeoPackages until then.
  const own = layout.pack === null ? layout.format : 'gpkg';
  const rowBytes = rates.TILE_BYTES_PER_ROW[own];
  const pack = packWork(cover, layout);
  const slices = sumOf(cover.slices, (parts) => parts.length);
  const polygons = sumOf(inputs, (input) => input.polygons);
  const rows = sumOf(cover.tiles, (tile) => tile.rows);
  const pairs = cover.byInput.length;
  const { merge, renamedTiles, mergedRows, bothRows } = mergeWork(cover, staged, own);
  const spilledRows = sumOf(staged.tasks, (task) => task.spilledRows);
  const builtRows = sumOf(staged.tasks, (task) => task.builtRows);
  const recordBytes = slices * rates.STATISTICS_BYTES + pairsOf(cover) * rates.PART_BYTES;
  const shuffleBytes = spilledRows * rates.SHUFFLE_BYTES_PER_ROW;
  const gather: Step = {
    ...{ name: 'announce', operations: staged.shuffles * rates.DIRECTORY_OPERATIONS },
    cpuSeconds: pairsOf(cover) * rates.PART_SECONDS + staged.segments * rates.SEGMENT_SECONDS,
    bytes: recordBytes + staged.segments * rates.SEGMENT_BYTES,
  };
  return {
    ...{ format, inputs: inputs.length, slices, polygons, tiles: cover.tiles.length, renamedTiles },
    ...{ pairs, groups: staged.groups, rows, spilledRows, mergedRows, shuffleBytes, merge },
    writtenBytes:
      shuffleBytes + (builtRows + mergedRows) * rowBytes + sumOf(pack, (task) => task.writeBytes),
    diskBytes: Math.max(
      shuffleBytes + (rows + bothRows) * rowBytes,
      pack.length === 0 ? 0 : rows * (rowBytes + rates.PACK_BYTES_PER_ROW),
    ),
    stage: staged.tasks.map((task) => stageWork(task, format, own)),
    pack,
    files: pack.length === 0 ? cover.tiles.length : pack.length,
    before: [step('start', rates.START_SECONDS), planStep(cover, format)],
    // What slices are complete is found out first, then the plan is written.
    between: [gather, { ...gather, bytes: 2 * gather.bytes }, pendingStep(inputs.length)],
    after: [
      step('commit', pairs * (rates.COMMIT_SECONDS + rates.SUMMARY_SECONDS + rates.REPORT_SECONDS)),
      step('clean up', 0, (staged.shuffles + staged.records) / rates.SIDE_BY_SIDE),
    ],
    stageEndSeconds: staged.secondsPerTask,
    allDirectories: {
      cpuSeconds: gather.cpuSeconds + inputs.length * rates.PENDING_READ_SECONDS,
      ...{ readBytes: gather.bytes, writeBytes: 0, operations: gather.operations },
    },
  };
}

function sumOf<T>(list: readonly T[], of: (one: T) => number): number {
  return list.reduce((sum, one) => sum + of(one), 0);
}

/** Pairs of a slice and a tile, which records have. */
function pairsOf({ slices }: GroundCover): number {
  return sumOf(slices, (parts) => sumOf(parts, (tiles) => tiles.length));
}

function step(name: Step['name'], cpuSeconds: number, operations = 0, bytes = 0): Step {
  return { name, cpuSeconds, operations, bytes };
}

function planStep({ slices }: GroundCover, format: ReadFormat): Step {
  const inputs = slices.length;
  const all = sumOf(slices, (parts) => parts.length);
  // An input of one slice has the layer's extent.
  const sampled = sumOf(slices, (parts) => (parts.length > 1 ? parts.length : 0));
  const cpuSeconds = inputs * rates.PLAN_SECONDS[format] + all * rates.SLICE_SECONDS;
  const perInput = rates.PLAN_OPERATIONS[format] + rates.PLAN_READS[format];
  const operations = inputs * perInput + sampled * samplesFor(inputs);
  return step('plan', cpuSeconds, operations, inputs * rates.PLAN_READ_BYTES[format]);
}

function pendingStep(inputs: number): Step {
  return step('announce', inputs * rates.PENDING_WRITE_SECONDS);
}

function stageWork(task: StageWork, format: ReadFormat, tiles: Layout['format']): Work {
  const { slices, features, builtTiles, builtRows, spills, spilledRows } = task;
  const isSmall = slices === 0;
  return {
    cpuSeconds:
      (isSmall ? rates.SECONDS_PER_BUILD : rates.SECONDS_PER_TASK * slices) +
      features * (rates.STAGE_SECONDS_PER_FEATURE + rates.READ_SECONDS_PER_FEATURE[format]) +
      builtTiles * rates.SECONDS_PER_TILE +
      builtRows * (rates.BUILD_SECONDS_PER_ROW + rates.TILE_SECONDS_PER_ROW[tiles]) +
      spilledRows * rates.SPILL_SECONDS_PER_ROW,
    readBytes: features * BYTES_PER_FEATURE + task.readBackRows * rates.SHUFFLE_BYTES_PER_ROW,
    writeBytes:
      builtRows * rates.TILE_BYTES_PER_ROW[tiles] + spilledRows * rates.SHUFFLE_BYTES_PER_ROW,
    operations:
      slices * rates.STAGE_OPERATIONS[format] +
      builtTiles * rates.BUILD_OPERATIONS +
      spills * rates.SPILL_OPERATIONS +
      task.readBackSegments * rates.SEGMENT_OPERATIONS,
  };
}

/** The partitions, those first that have most to write. */
function mergeWork(
  { tiles }: GroundCover,
  staged: StagePlan,
  format: Layout['format'],
): { merge: Work[]; renamedTiles: number; mergedRows: number; bothRows: number } {
  const rowBytes = rates.TILE_BYTES_PER_ROW[format];
  const rowSeconds = rates.MERGE_SECONDS_PER_ROW + rates.TILE_SECONDS_PER_ROW[format];
  const work = Array.from({ length: PARTITIONS }, (): Work => {
    return { cpuSeconds: 0, readBytes: 0, writeBytes: 0, operations: 0 };
  });
  const sum = { renamedTiles: 0, mergedRows: 0, bothRows: 0 };
  for (const [i, { partition, rows }] of tiles.entries()) {
    const task = work[partition]!;
    const { built, segments, rows: inFiles } = staged.tiles.get(i)!;
    if (built && segments === 0) {
      sum.renamedTiles++;
      task.cpuSeconds += rates.SECONDS_PER_RENAME;
      task.operations += rates.RENAME_OPERATIONS;
      continue;
    }
    sum.mergedRows += rows;
    if (built) sum.bothRows += rows - inFiles;
    task.cpuSeconds += rates.SECONDS_PER_TILE + rows * rowSeconds;
    task.readBytes += inFiles * rates.SHUFFLE_BYTES_PER_ROW + (rows - inFiles) * rowBytes;
    task.writeBytes += rows * rowBytes;
    task.operations += rates.TILE_OPERATIONS + segments * rates.SEGMENT_OPERATIONS;
  }
  const merge = work.filter((task) => task.operations > 0);
  for (const task of merge) {
    task.cpuSeconds += rates.SECONDS_PER_TASK;
    task.operations += 3;
  }
  return { merge: merge.sort((a, b) => b.readBytes - a.readBytes), ...sum };
}

/** A task for each pack, those first that have most rows. */
function packWork({ tiles }: GroundCover, { pack }: Layout): Work[] {
  if (pack === null) return [];
  const work = new Map<string, Work>();
  for (const { x, y, rows } of tiles) {
    const name = `${x >> pack}/${y >> pack}`;
    let task = work.get(name);
    if (task === undefined) {
      task = { cpuSeconds: rates.SECONDS_PER_TASK, readBytes: 0, writeBytes: 0, operations: 0 };
      task.operations += rates.PACK_OPERATIONS;
      work.set(name, task);
    }
    task.cpuSeconds += rates.SECONDS_PER_TILE + rows * rates.PACK_SECONDS_PER_ROW;
    task.readBytes += rows * rates.TILE_BYTES_PER_ROW.gpkg;
    task.writeBytes += rows * rates.PACK_BYTES_PER_ROW;
    task.operations += rates.LOOSE_OPERATIONS;
  }
  return [...work.values()].sort((a, b) => b.readBytes - a.readBytes);
}
