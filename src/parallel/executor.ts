/**
 * The contract between those who have work and those who do it. A task is the name of a registered
 * function and JSON for it: never code. Any task may run twice; the functions are written so that
 * this changes nothing.
 */

import { TilewrightError } from '../core/errors.ts';

export interface Task {
  /** Key in the registry that the executor was made with. */
  name: string;
  /** JSON-serialisable. */
  args: unknown;
}

/** What a registered function gets besides its arguments. */
export interface TaskContext {
  /** Reports that `amount` more of the task's work is done, in the task's own unit. */
  progress(amount: number): void;
}

export type TaskFunction = (args: never, context: TaskContext) => unknown;

/** A module that exports `tasks`: the functions that workers may run, by name. */
export interface TaskModule {
  tasks: Record<string, TaskFunction>;
}

export interface Executor {
  /** How many tasks it runs at the same time. */
  readonly slots: number;
  /** Whether `close` was called: it takes no more tasks. */
  readonly closed: boolean;
  /**
   * Runs a task; resolves with what its function returns. Rejects with the function's
   * TilewrightError, or with `worker-died` (retryable) when the worker ended under it.
   */
  run(task: Task, onProgress?: (amount: number) => void): Promise<unknown>;
  /** Stops all workers at once; tasks that run reject with `interrupted`. */
  close(): Promise<void>;
}

/** How often a task is started in all, while it fails with errors that a retry can help. */
export const MAX_ATTEMPTS = 3;

/**
 * Runs tasks in the given order, as many at a time as the executor has slots.
 * @param onDone - gets each task's result or error as it comes; if it throws, no further task is
 *   started, and the promise rejects with that once the running ones have ended
 * @param onProgress - gets what tasks report; what an attempt that failed had reported is taken
 *   back by a negative amount
 */
export async function runAll<T extends Task>(
  executor: Executor,
  tasks: Iterable<T>,
  onDone: (task: T, result: unknown, error: unknown) => void,
  onProgress?: (amount: number) => void,
): Promise<void> {
  const iterator = tasks[Symbol.iterator]();
  let failure: { error: unknown } | undefined;
  // It is called from a worker's events, where nobody would catch what it throws.
  const progress = (amount: number): void => {
    try {
      onProgress?.(amount);
    } catch (error) {
      failure ??= { error };
    }
  };
  const lane = async (): Promise<void> => {
    for (let next = iterator.next(); !next.done && !failure; next = iterator.next()) {
      const task = next.value;
      try {
        let result: unknown;
        let error: unknown;
        try {
          result = await runWithRetries(executor, task, () => failure === undefined, progress);
        } catch (caught) {
          error = caught;
        }
        onDone(task, result, error);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: executor.slots }, lane));
  if (failure !== undefined) throw failure.error;
}

async function runWithRetries(
  executor: Executor,
  task: Task,
  wanted: () => boolean,
  onProgress: (amount: number) => void,
): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    let reported = 0;
    try {
      return await executor.run(task, (amount) => {
        reported += amount;
        onProgress(amount);
      });
    } catch (error) {
      if (!(error instanceof TilewrightError && error.retryable)) throw error;
      if (executor.closed || !wanted()) throw error;
      if (attempt === MAX_ATTEMPTS) throw givenUp(error);
      if (reported !== 0) onProgress(-reported);
    }
  }
}

function givenUp(error: TilewrightError): TilewrightError {
  const { code, input, feature, tile } = error;
  return new TilewrightError(code, `${error.message} (tried ${MAX_ATTEMPTS} times)`, {
    input,
    feature,
    tile,
    cause: error,
  });
}
