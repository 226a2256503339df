/** What a kernel is given to run. */

import type { FileOptions } from '../apps/task-files.ts';
import type { FunctionLocation } from '../registry.ts';
import type { Task } from '../task.ts';
import type { AppFuture } from './app-future.ts';
import type { RetryPolicy } from './retry.ts';

/** A task as it is handed in: futures may be among its arguments. */
export interface Submission extends Task, Omit<FileOptions, 'inputs' | 'outputs'> {
  /** What it is called in place of `name`, where that says nothing to a user. */
  called?: string | undefined;
  /** Makes the arguments for the function, when those of the call are there. */
  compose?: ((args: unknown[], future: AppFuture<unknown>) => Composed) | undefined;
  /** Labels of the executors that may run it; default: any. */
  executors?: readonly string[] | undefined;
  /** Whether its result may come from an earlier call with the same arguments. */
  cache?: boolean | undefined;
  /** What does not count among these: positions, from 0, and keys of plain objects. */
  ignoreForCache?: readonly (number | string)[] | undefined;
  /** Overrules the configuration's. */
  retryPolicy?: RetryPolicy | undefined;
  /** The same for their number alone. */
  retries?: number | undefined;
}

/** Arguments for a function, and what a memo goes by in place of these. */
export interface Composed {
  args: readonly unknown[];
  /** Default: the task's function. */
  code?: FunctionLocation;
  key: readonly unknown[];
}

export function composed(
  { compose, each = false }: Submission,
  taken: readonly unknown[],
  future: AppFuture<unknown>,
): Composed {
  if (compose === undefined) return { args: taken, key: taken };
  if (!each) return compose([...taken], future);
  const all = taken.map((list) => compose([...(list as unknown[])], future));
  const { code } = all[0] ?? {};
  return {
    args: all.map(({ args }) => args),
    key: all.map(({ key }) => key),
    ...(code && { code }),
  };
}
