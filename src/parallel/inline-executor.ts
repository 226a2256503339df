/** Runs tasks one after the other in this thread: for tests, debugging and tiny jobs. */

import { setImmediate } from 'node:timers/promises';
import { TilewrightError, toTilewrightError } from '../core/errors.ts';
import type { Executor, Task, TaskModule } from './executor.ts';

export class InlineExecutor implements Executor {
  readonly slots = 1;
  readonly #tasksUrl: string;
  /** Rejects when the executor is closed. */
  readonly #stopped = Promise.withResolvers<never>();
  #closed = false;

  /** @param tasksUrl - URL of a TaskModule */
  constructor(tasksUrl: string) {
    this.#tasksUrl = tasksUrl;
    // Nobody may be waiting when it rejects.
    this.#stopped.promise.catch(() => undefined);
  }

  get closed(): boolean {
    return this.#closed;
  }

  run(task: Task, onProgress?: (amount: number) => void): Promise<unknown> {
    return Promise.race([this.#stopped.promise, this.#run(task, onProgress)]);
  }

  async #run(task: Task, onProgress?: (amount: number) => void): Promise<unknown> {
    // Lets timers and signals have their turn between tasks.
    await setImmediate();
    if (this.#closed) return this.#stopped.promise;
    try {
      const module = (await import(this.#tasksUrl)) as TaskModule;
      const run = module.tasks[task.name];
      if (run === undefined) {
        throw new TilewrightError('internal', `No task is named ${task.name}`);
      }
      const progress = (amount: number): void => {
        if (!this.#closed) onProgress?.(amount);
      };
      return await run(task.args as never, { progress });
    } catch (error) {
      throw toTilewrightError(error);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stopped.reject(new TilewrightError('interrupted', 'The executor was closed'));
  }
}
