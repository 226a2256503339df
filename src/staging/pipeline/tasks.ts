/** The tasks of staging, as workers of every executor can run them: `staging.stage` and so on. */

import { toTilewrightError } from '../../core/errors.ts';
import { currentTask, type TaskContext } from '../../parallel/inside/call.ts';
import { type MergeArgs, mergePartition } from './merge-task.ts';
import type { MergedPartition } from './merge-tile.ts';
import { type StageArgs, type StagedSlice, stageSlice } from './stage-task.ts';

export function stage(args: StageArgs): StagedSlice {
  return knowingErrors(stageSlice, args);
}

export function merge(args: MergeArgs): MergedPartition {
  return knowingErrors(mergePartition, args);
}

/** What is no error of ours is a fault of the task, not of whoever called it. */
function knowingErrors<A, R>(task: (args: A, context: TaskContext) => R, args: A): R {
  try {
    return task(args, currentTask());
  } catch (error) {
    throw toTilewrightError(error);
  }
}
