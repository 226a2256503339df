/** The tests' module of tasks, known to this process. */

import { registry } from '../../src/parallel/registry.ts';
import type { Task } from '../../src/parallel/task.ts';
import type * as Tasks from './tasks.ts';

export const TASKS_URL = new URL('./tasks.ts', import.meta.url);
registry.register(TASKS_URL, 'tasks');

/** A task of the test's module. */
export function task(name: keyof typeof Tasks, ...args: unknown[]): Task {
  return { name: `tasks.${name}`, args };
}
