/** The tasks of staging, as workers of every executor can run them: `staging.stage` and so on. */

import { toTilewrightError } from '../../core/errors.ts';
import { currentTask, findFunction, type TaskContext } from '../../parallel/inside/call.ts';
import type { FunctionLocation } from '../../parallel/registry.ts';
import type { MakeProduct } from '../products/product.ts';
import { type DeriveArgs, type DerivedTiles, deriveTiles } from './derive-task.ts';
import { loadFormats } from './format-modules.ts';
import { type MergeArgs, mergePartition } from './merge-task.ts';
import type { MergedPartition } from './merge-tile.ts';
import { type StageArgs, type StagedSlice, stageSlice } from './stage-task.ts';

/** Arguments, after where formats are found if the task's name tells of modules that have some. */
type Given<A> = [A] | [formats: FunctionLocation, A];

export function stage(...given: Given<StageArgs>): Promise<StagedSlice> {
  return run(stageSlice, given);
}

export function merge(...given: Given<MergeArgs>): Promise<MergedPartition> {
  return run(mergePartition, given);
}

/** @param make - where the product's function is found, and after it formats, as above */
export function derive(make: FunctionLocation, given: DeriveArgs): Promise<DerivedTiles> {
  const task = async (args: DeriveArgs, context: TaskContext): Promise<DerivedTiles> => {
    await loadFormats(make.first);
    return deriveTiles((await findFunction(make)) as MakeProduct, args, context);
  };
  return run(task, [given]);
}

/** What is no error of ours is a fault of the task, not of whoever called it. */
async function run<A, R>(
  task: (args: A, context: TaskContext) => R | Promise<R>,
  given: Given<A>,
): Promise<R> {
  try {
    if (given.length === 1) return await task(given[0], currentTask());
    await loadFormats(given[0]);
    return await task(given[1], currentTask());
  } catch (error) {
    throw toTilewrightError(error);
  }
}
