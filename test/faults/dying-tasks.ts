/**
 * The tasks of staging in workers that die: as often as files are left in the folder that
 * DYING_TASKS names, a worker takes one away and ends in the middle of its task, or right after it.
 */

import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { currentTask, type TaskContext } from '../../src/parallel/inside/call.ts';
import { type BuildArgs, buildTiles } from '../../src/staging/tasks/build-task.ts';
import { type GroupArgs, stageGroup } from '../../src/staging/tasks/group-task.ts';
import { type MergeArgs, mergePartition } from '../../src/staging/tasks/merge-task.ts';
import { type SpillArgs, spillRows } from '../../src/staging/tasks/spill-task.ts';
import { type StageArgs, stageSlice } from '../../src/staging/tasks/stage-task.ts';

/** Whether this worker is to die, in the way that the file's name begins with. */
function dies(way: string): boolean {
  const folder = process.env['DYING_TASKS']!;
  const name = readdirSync(folder).find((name) => name.startsWith(way));
  if (name === undefined) return false;
  rmSync(join(folder, name), { force: true });
  return true;
}

async function dying<A, R>(
  run: (args: A, context: TaskContext) => R | Promise<R>,
  args: A,
  way = 'task',
): Promise<R> {
  const context = currentTask();
  const progress = (amount: number): void => {
    context.progress(amount);
    if (dies('progress')) process.exit(1);
  };
  const result = await run(args, { ...context, progress });
  if (dies(way)) process.exit(0);
  return result;
}

export const stage = (args: StageArgs) => dying(stageSlice, args);
export const build = (args: BuildArgs) => dying(buildTiles, args, 'build');
export const spill = (args: SpillArgs) => dying(spillRows, args, 'spill');
export const group = (args: GroupArgs) => dying(stageGroup, args);
export const merge = (args: MergeArgs) => dying(mergePartition, args);
