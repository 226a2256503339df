import type { TilewrightError } from '../../src/core/errors.ts';
import type { Executor, RunOptions } from '../../src/parallel/executor.ts';
import type { Task } from '../../src/parallel/task.ts';
import { ThreadPoolExecutor } from '../../src/parallel/threads/thread-pool-executor.ts';

/** Runs each task twice at once, and remembers it. */
export class TwinExecutor implements Executor {
  readonly label = 'twins';
  readonly slots = 2;
  readonly tasks: Task[] = [];
  readonly twins: Promise<unknown>[] = [];
  readonly #pool = new ThreadPoolExecutor({ maxThreads: 4 });

  get closed(): boolean {
    return this.#pool.closed;
  }

  run(task: Task, options?: RunOptions): Promise<unknown> {
    this.tasks.push(task);
    const twin = this.#pool.run(task);
    this.twins.push(twin.catch((error: unknown) => error));
    return this.#pool.run(task, options);
  }

  /** Runs one of the remembered tasks once more; returns the code of its error. */
  again(task: Task): Promise<string> {
    return this.#pool.run(task).then(
      () => 'done',
      (error: TilewrightError) => error.code,
    );
  }

  shutdown(): Promise<void> {
    return this.#pool.shutdown();
  }
}
