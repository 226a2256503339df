/**
 * The tasks of staging in workers that die: as often as files are left in the folder that
 * DYING_TASKS names, a worker takes one away and ends in the middle of its task, or right after it.
 */

import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TaskContext, TaskFunction } from '../../src/parallel/executor.ts';
import { tasks as real } from '../../src/staging/tasks.ts';

/** Whether this worker is to die, in the way that the file's name begins with. */
function dies(way: 'task' | 'progress'): boolean {
  const folder = process.env['DYING_TASKS']!;
  const name = readdirSync(folder).find((name) => name.startsWith(way));
  if (name === undefined) return false;
  rmSync(join(folder, name), { force: true });
  return true;
}

export const tasks: Record<string, TaskFunction> = Object.fromEntries(
  Object.entries(real as Record<string, TaskFunction>).map(([name, run]) => [
    name,
    (args: never, context: TaskContext): unknown => {
      const progress = (amount: number): void => {
        context.progress(amount);
        if (dies('progress')) process.exit(1);
      };
      const result = run(args, { progress });
      if (dies('task')) process.exit(0);
      return result;
    },
  ]),
);
