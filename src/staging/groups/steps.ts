/** What is to be done for a group, step by step: by threads that share memory, or by one task. */

import type { Column } from '../../core/columns.ts';
import type { ChunkMemory, TileRows } from '../rows/row-chunks.ts';
import type { Segment } from '../rows/shuffle-format.ts';
import type { SliceRows } from '../rows/shuffle-writer.ts';
import type { SpillReason } from '../telling/spilled-rows.ts';

/** An input of a group, whose name is its place in the order of rows. */
export interface GroupInput {
  name: string;
  /** As its records have them. */
  columns: Column[];
}

export interface GroupSlice {
  /** Hash of all that its rows depend on. */
  key: string;
  /** Index of its input in the group. */
  input: number;
  /** Its first position. */
  start: number;
  /** Keys (row × width of the matrix + column) of tiles that it may touch; null if nothing is known. */
  tiles: Float64Array | null;
}

/** Rows of a slice in a tile: in memory, or in a shuffle file of the run. */
export type BuildPart = { input: number; slice: number } & (
  | { rows: TileRows }
  | { shuffle: string; segment: Segment }
);

export interface TileToBuild {
  x: number;
  y: number;
  /** Name of the file, a hash of all that it depends on. */
  file: string;
  /** In the order of inputs' names, then slices. */
  parts: BuildPart[];
}

/** An input's columns: as its rows have them, and as their values need them. */
export interface BuildInput {
  name: string;
  recordColumns: Column[];
  columns: Column[];
}

interface StageStep {
  /** Index of the slice in the group. */
  stage: number;
}

export interface BuildStep {
  build: TileToBuild[];
  inputs: Record<number, BuildInput>;
  /** Of memory. */
  memory: number;
}

export interface SpillStep {
  /** With slices as the record numbers them. */
  spill: SliceRows[];
  /** Bytes of the rows by reason. */
  why: Partial<Record<SpillReason, number>>;
  memory: number;
}

export type Step = StageStep | BuildStep | SpillStep;

/** The memory of a step's rows: nobody needs it when the step has succeeded, and not before. */
export function chunksOf(step: BuildStep | SpillStep): ChunkMemory[] {
  if ('spill' in step) return step.spill.flatMap(({ chunks }) => chunks);
  return step.build.flatMap(({ parts }) =>
    parts.flatMap((part) => ('rows' in part ? part.rows.chunks : [])),
  );
}
