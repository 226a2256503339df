/**
 * The tasks of staging in workers that die: as often as files are left in the folder that
 * DYING_TASKS names, a worker takes one away and ends in the middle of its task, or right after it.
 */

import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { currentTask, type TaskContext } from '../../src/parallel/inside/call.ts';
import { type MergeArgs, mergePartition } from '../../src/staging/tasks/merge-task.ts';
import { type StageArgs, stageSlice } from '../../src/staging/tasks/stage-task.ts';

/** Whether this worker is to die, in the way that the file's name begins with. */
function dies(way: 'task' | 'progress'): boolean {
  const folder = process.env['DYING_TASKS']!;
  const name = readdirSync(folder).find((name) => name.startsWith(way));
  if (name === undefined) return false;
  rmSync(join(folder, name), { force: true });
  return true;
}

async function dying<A, R>(
  run: (args: A, context: TaskContext) => R | Promise<R>,
  args: A,
): Promise<R> {
  const context = currentTask();
  const progress = (amount: number): void => {
    context.progress(amount);
    if (dies('progress')) process.exit(1);
  };
  const result = await run(args, { ...context, progress });
  if (dies('task')) process.exit(0);
  return result;
}

export const stage = (args: StageArgs) => dying(stageSlice, args);
export const merge = (args: MergeArgs) => dying(mergePartition, args);
