/**
 * The tasks of staging, as workers of every executor can run them: `staging.stage` and so on. Behind
 * a `+` their names have the function that makes a product, then modules of formats.
 */

import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import {
  currentTask,
  findFunction,
  nextFunction,
  type TaskContext,
} from '../../parallel/inside/call.ts';
import type { FunctionLocation } from '../../parallel/registry.ts';
import type { BuiltTile } from '../groups/record.ts';
import type { RegionHead } from '../judging/region-file.ts';
import type { PackArgs } from '../packs/pack-task.ts';
import type { MakeProduct } from '../products/product.ts';
import type { SliceStatistics } from '../rows/slice-statistics.ts';
import { type BuildArgs, buildTiles } from './build-task.ts';
import { type DeriveArgs, type DerivedTiles, deriveTiles } from './derive-task.ts';
import { loadFormats } from './format-modules.ts';
import { type GroupArgs, type StagedGroup, stageGroup } from './group-task.ts';
import type { LabelArgs, LabelledRegion } from './label-task.ts';
import { type MergeArgs, mergePartition } from './merge-task.ts';
import type { MergedPartition } from './merge-tile.ts';
import type { RelateArgs } from './relate-task.ts';
import { type SpillArgs, type Spilled, spillRows } from './spill-task.ts';
import { checkSlice, type StageArgs, type StagedSlice, stageSlice } from './stage-task.ts';

export function stage(args: StageArgs): Promise<StagedSlice> {
  return run(args, nextFunction(), stageSlice);
}

export function check(args: StageArgs): Promise<SliceStatistics> {
  return run(args, nextFunction(), checkSlice);
}

export function build(args: BuildArgs): Promise<BuiltTile[]> {
  return run(args, nextFunction(), buildTiles);
}

export function spill(args: SpillArgs): Promise<Spilled> {
  return run(args, nextFunction(), spillRows);
}

export function group(args: GroupArgs): Promise<StagedGroup> {
  return run(args, nextFunction(), stageGroup);
}

export function merge(args: MergeArgs): Promise<MergedPartition> {
  return run(args, nextFunction(), mergePartition);
}

/** Only some runs judge: others start without what that takes. */
export async function relate(args: RelateArgs): Promise<RegionHead> {
  const formats = nextFunction();
  const { relateRegion } = await import('./relate-task.ts');
  return run(args, formats, relateRegion);
}

export async function label(args: LabelArgs): Promise<LabelledRegion> {
  const formats = nextFunction();
  const { labelRegion } = await import('./label-task.ts');
  return run(args, formats, labelRegion);
}

export async function pack(args: PackArgs): Promise<number> {
  const formats = nextFunction();
  const { packTiles } = await import('../packs/pack-task.ts');
  return run(args, formats, packTiles);
}

export function derive(args: DeriveArgs): Promise<DerivedTiles> {
  const make = nextFunction();
  return run(args, make?.next, async (own, context) => {
    if (make === undefined) {
      throw new TilewrightError('task-unknown', 'A task derive names no function that makes files');
    }
    return deriveTiles((await findFunction(make)) as MakeProduct, own, context);
  });
}

/** What is no error of ours is a fault of the task, not of whoever called it. */
async function run<A, R>(
  args: A,
  formats: FunctionLocation | undefined,
  task: (args: A, context: TaskContext) => R | Promise<R>,
): Promise<R> {
  try {
    await loadFormats(formats);
    return await task(args, currentTask());
  } catch (error) {
    throw toTilewrightError(error);
  }
}
