/** Runs many tasks, as many at a time as their executor can use. */

import { type AttemptObserver, type RetryPolicy, runWithRetries } from './data-flow/retry.ts';
import type { Executor, RunOptions } from './executor.ts';
import type { Task } from './task.ts';

export interface RunAllOptions<T extends Task> {
  /**
   * Gets what tasks report; what an attempt that failed had reported is taken back by a negative
   * amount.
   */
  onProgress?: (amount: number) => void;
  retryPolicy?: RetryPolicy;
  /** Follows each task; what it costs is measured if `onUsage` is there. */
  observe?: (task: T) => AttemptObserver & Pick<RunOptions, 'onStart' | 'onUsage'>;
}

/**
 * Starts tasks in the given order.
 * @param tasks - undefined where the next one depends on tasks that run: one of these is waited for
 * @param onDone - gets each task's result or error as it comes; if it throws, or `tasks` do, no further
 *   task is started, those that run are stopped, and the promise rejects with that once they have ended
 */
export async function runAll<T extends Task>(
  executor: Executor,
  tasks: Iterable<T | undefined>,
  onDone: (task: T, result: unknown, error: unknown) => void,
  options: RunAllOptions<T> = {},
): Promise<void> {
  const iterator = tasks[Symbol.iterator]();
  /** One for each task that runs. */
  const controllers = new Set<AbortController>();
  let wake = (): void => undefined;
  let failure: { error: unknown } | undefined;
  const fail = (error: unknown): void => {
    if (failure !== undefined) return;
    failure = { error };
    // An executor that is shut down has seen to its tasks itself: those that run may be let end.
    if (executor.closed) return;
    for (const controller of controllers) controller.abort();
  };
  const progress = (amount: number): void => {
    try {
      options.onProgress?.(amount);
    } catch (error) {
      // It is called from a worker's events, where nobody would catch what it throws.
      fail(error);
    }
  };
  const run = async (task: T): Promise<void> => {
    const controller = new AbortController();
    controllers.add(controller);
    let result: unknown;
    let error: unknown;
    try {
      const { signal } = controller;
      const { name, args, timeLimitMs, weight } = task;
      const observer = options.observe?.(task) ?? {};
      const { onStart, onUsage } = observer;
      result = await runWithRetries(
        executor,
        { name, args, timeLimitMs, weight },
        options.retryPolicy ?? {},
        { onProgress: progress, onStart, onUsage, signal },
        observer,
      );
    } catch (caught) {
      error = caught;
    }
    controllers.delete(controller);
    try {
      if (failure === undefined) onDone(task, result, error);
    } catch (thrown) {
      fail(thrown);
    }
    wake();
  };
  const fewerThan = async (limit: () => number): Promise<void> => {
    while (controllers.size >= limit()) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  while (failure === undefined) {
    const { size } = controllers;
    let next: IteratorResult<T | undefined>;
    try {
      next = iterator.next();
    } catch (error) {
      fail(error);
      break;
    }
    if (next.done) break;
    const { value } = next;
    if (value !== undefined) void run(value);
    else if (size === 0) throw new RangeError('Tasks wait for others, and none runs');
    await fewerThan(() => (value === undefined ? size : executor.slots));
  }
  await fewerThan(() => 1);
  if (failure !== undefined) throw failure.error;
}
