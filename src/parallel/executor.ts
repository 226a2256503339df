/**
 * The contract between those who have work and those who do it. A task is the name of a registered
 * function and JSON for it: never code. Any task may run twice; the functions are written so that
 * this changes nothing.
 */

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
  /**
   * Runs a task; resolves with what its function returns. Rejects with the function's
   * TilewrightError, or with `worker-died` (retryable) when the worker ended under it.
   */
  run(task: Task, onProgress?: (amount: number) => void): Promise<unknown>;
  /** Stops all workers at once; tasks that run reject with `interrupted`. */
  close(): Promise<void>;
}

/**
 * Runs tasks in the given order, as many at a time as the executor has slots.
 * @param onDone - gets each task's result or error as it comes; if it throws, no further task is
 *   started, and the promise rejects with that once the running ones have ended
 */
export async function runAll<T extends Task>(
  executor: Executor,
  tasks: Iterable<T>,
  onDone: (task: T, result: unknown, error: unknown) => void,
  onProgress?: (amount: number) => void,
): Promise<void> {
  const iterator = tasks[Symbol.iterator]();
  let failure: { error: unknown } | undefined;
  const lane = async (): Promise<void> => {
    for (let next = iterator.next(); !next.done && !failure; next = iterator.next()) {
      const task = next.value;
      try {
        let result: unknown;
        let error: unknown;
        try {
          result = await executor.run(task, onProgress);
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
