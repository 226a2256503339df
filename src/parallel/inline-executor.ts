/** Runs tasks one after the other in this thread: for tests, debugging and tiny jobs. */

import { setImmediate } from 'node:timers/promises';
import { TilewrightError } from '../core/errors.ts';
import type { Executor, Task, TaskModule } from './executor.ts';

export class InlineExecutor implements Executor {
  readonly slots = 1;
  readonly #tasksUrl: string;
  #closed = false;

  /** @param tasksUrl - URL of a TaskModule */
  constructor(tasksUrl: string) {
    this.#tasksUrl = tasksUrl;
  }

  async run(task: Task, onProgress?: (amount: number) => void): Promise<unknown> {
    // Lets timers and signals have their turn between tasks.
    await setImmediate();
    if (this.#closed) throw new TilewrightError('interrupted', 'The executor was closed');
    const module = (await import(this.#tasksUrl)) as TaskModule;
    const run = module.tasks[task.name];
    if (run === undefined) throw new TilewrightError('internal', `No task is named ${task.name}`);
    return run(task.args as never, { progress: (amount) => onProgress?.(amount) });
  }

  async close(): Promise<void> {
    this.#closed = true;
  }
}
