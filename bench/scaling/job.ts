/** A job as the simulator sees it: what each task, and each step of the coordinator, has to do. */

import { PARTITIONS } from '../../src/staging/rows/shuffle-format.ts';
import { BYTES_PER_FEATURE } from '../scenes.ts';
import type { ForgedFormat, ForgedInput } from './forge.ts';
import { coverGround, type GroundCover, slicesOf } from './ground-cover.ts';
import type { Work } from './phase.ts';
import type { StageOrder } from './pipeline.ts';
import * as rates from './rates.ts';

/** What the coordinator does alone, one thing after the other. */
export interface Step {
  name: 'start' | 'plan' | 'announce' | 'commit' | 'clean up';
  cpuSeconds: number;
  /** Metadata operations, each of which it waits for. */
  operations: number;
  bytes: number;
}

export interface Job {
  format: ForgedFormat;
  inputs: number;
  polygons: number;
  tiles: number;
  /** Pairs of an input and a tile. */
  pairs: number;
  segments: number;
  /** In the order in which they are started. */
  stage: Work[];
  merge: Work[];
  before: Step[];
  between: Step[];
  after: Step[];
  /** Of the coordinator, after each stage task. */
  stageEndSeconds: number;
  /** What each merge worker would do first if it had to read all shuffle files' directories. */
  allDirectories: Work;
}

/**
 * @param tasks - the stage tasks of these inputs, in the order in which the pipeline starts them
 */
export function makeJob(
  inputs: readonly ForgedInput[],
  tasks: readonly StageOrder[],
  format: ForgedFormat,
): { job: Job; cover: GroundCover } {
  const slices = slicesOf(tasks);
  const counts = inputs.map(({ stem }) => slices.get(`${stem}.${format}`) ?? 0);
  const cover = coverGround(inputs, counts, rates.ROWS_PER_FEATURE);
  const polygons = inputs.reduce((sum, input) => sum + input.polygons, 0);
  const segments = cover.tiles.reduce((sum, tile) => sum + tile.segments, 0);
  const pairs = cover.byInput.length;
  const job: Job = {
    format,
    inputs: inputs.length,
    polygons,
    tiles: cover.tiles.length,
    pairs,
    segments,
    stage: tasks.map(({ from, to }) => stageWork(to - from, format)),
    merge: mergeWork(cover),
    before: [step('start', rates.START_SECONDS), planStep(inputs.length, tasks.length, format)],
    between: [announceStep(inputs.length, tasks.length, segments)],
    after: [
      step('commit', pairs * (rates.COMMIT_SECONDS + rates.SUMMARY_SECONDS + rates.REPORT_SECONDS)),
      step('clean up', 0, tasks.length / rates.SIDE_BY_SIDE),
    ],
    stageEndSeconds: rates.TASK_END_SECONDS,
    allDirectories: {
      cpuSeconds:
        directorySeconds(tasks.length, segments) + inputs.length * rates.PENDING_READ_SECONDS,
      readBytes: directoryBytes(tasks.length, segments),
      writeBytes: 0,
      operations: tasks.length * (rates.SHUFFLE_CHECKS + rates.DIRECTORY_OPERATIONS),
    },
  };
  return { job, cover };
}

function step(name: Step['name'], cpuSeconds: number, operations = 0, bytes = 0): Step {
  return { name, cpuSeconds, operations, bytes };
}

function planStep(inputs: number, tasks: number, format: ForgedFormat): Step {
  const cpuSeconds = inputs * rates.PLAN_SECONDS[format] + tasks * rates.TASK_START_SECONDS;
  const perInput = rates.PLAN_OPERATIONS[format] + rates.PLAN_READS[format];
  return step('plan', cpuSeconds, inputs * perInput, inputs * rates.PLAN_READ_BYTES[format]);
}

/** Writes the pending run, reads the directories and writes the plan of the merge. */
function announceStep(inputs: number, tasks: number, segments: number): Step {
  return step(
    'announce',
    inputs * rates.PENDING_WRITE_SECONDS + directorySeconds(tasks, segments),
    tasks * (rates.SHUFFLE_CHECKS + rates.DIRECTORY_OPERATIONS / rates.SIDE_BY_SIDE),
    2 * directoryBytes(tasks, segments),
  );
}

function directorySeconds(tasks: number, segments: number): number {
  return tasks * rates.DIRECTORY_SECONDS + segments * rates.SEGMENT_SECONDS;
}

function directoryBytes(tasks: number, segments: number): number {
  return tasks * rates.STATISTICS_BYTES + segments * rates.SEGMENT_BYTES;
}

function stageWork(features: number, format: ForgedFormat): Work {
  return {
    cpuSeconds: rates.SECONDS_PER_TASK + features * rates.STAGE_SECONDS_PER_FEATURE,
    readBytes: features * BYTES_PER_FEATURE,
    writeBytes: features * rates.ROWS_PER_FEATURE * rates.SHUFFLE_BYTES_PER_ROW,
    operations: rates.STAGE_OPERATIONS[format],
  };
}

/** The partitions, the fullest first. */
function mergeWork({ tiles }: GroundCover): Work[] {
  const work = Array.from({ length: PARTITIONS }, (): Work => {
    return { cpuSeconds: rates.SECONDS_PER_TASK, readBytes: 0, writeBytes: 0, operations: 3 };
  });
  for (const { partition, rows, segments } of tiles) {
    const task = work[partition]!;
    task.cpuSeconds += rates.SECONDS_PER_TILE + rows * rates.MERGE_SECONDS_PER_ROW;
    task.readBytes += rows * rates.SHUFFLE_BYTES_PER_ROW;
    task.writeBytes += rows * rates.TILE_BYTES_PER_ROW;
    task.operations += rates.TILE_OPERATIONS + segments * rates.SEGMENT_OPERATIONS;
  }
  return work.filter((task) => task.readBytes > 0).sort((a, b) => b.readBytes - a.readBytes);
}
