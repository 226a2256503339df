import { TilewrightError } from '../../src/core/errors.ts';
import type { RunOptions } from '../../src/parallel/executor.ts';
import { InlineExecutor } from '../../src/parallel/inline-executor.ts';
import type { Task } from '../../src/parallel/task.ts';

/** Stops the run before its n-th task of a kind. */
export class StoppingExecutor extends InlineExecutor {
  override readonly sharesMemory: boolean;
  readonly #name: string;
  #left: number;

  constructor(name: string, left: number, sharesMemory = true) {
    super();
    this.sharesMemory = sharesMemory;
    this.#name = name;
    this.#left = left;
  }

  override async run(task: Task, options?: RunOptions): Promise<unknown> {
    if (task.name === this.#name && this.#left-- === 0) {
      throw new TilewrightError('interrupted', 'stopped');
    }
    return super.run(task, options);
  }
}
