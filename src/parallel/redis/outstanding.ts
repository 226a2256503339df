/** A task that was put into the queue and has not ended, as its coordinator sees it. */

import { cancelled, type RunOptions } from '../executor.ts';
import type { TaskOutput } from '../output.ts';
import type { EncodedTask } from '../task.ts';
import type { Outcome } from './messages.ts';

export class Outstanding {
  readonly id: string;
  readonly task: EncodedTask;
  readonly promise: Promise<string>;
  /** The manager that was last to begin with it. */
  manager: string | undefined;
  /** Whether Redis has confirmed it. */
  added = false;
  /** Whether its result is being fetched. */
  taking = false;
  readonly #options: RunOptions;
  readonly #resolvers = Promise.withResolvers<string>();
  /** The attempt whose progress counts, and what of it was told. */
  #run: string | undefined;
  #told = 0;

  constructor(id: string, task: EncodedTask, options: RunOptions) {
    this.id = id;
    this.task = task;
    this.#options = options;
    this.promise = this.#resolvers.promise;
  }

  /** Whether a worker has begun with it. */
  get started(): boolean {
    return this.#run !== undefined;
  }

  start(run: string, manager: string, worker: string): void {
    this.manager = manager;
    const first = this.#run === undefined;
    if (run === this.#run) return;
    this.#run = run;
    // What an attempt has done that was lost has to be done again.
    this.#tell(0);
    if (first) this.#options.onStart?.(worker);
  }

  progress(run: string, total: number): void {
    if (run === this.#run) this.#tell(total);
  }

  print(output: TaskOutput): void {
    this.#options.onOutput?.(output);
  }

  end({ total, run, result }: Outcome): void {
    if (typeof result !== 'string') {
      this.#resolvers.reject(result);
      return;
    }
    // Whatever who follows it makes of that, it has ended.
    this.#resolvers.resolve(result);
    if (!this.started) this.start(run, '', '');
    this.#tell(total);
  }

  reject(error: Error): void {
    this.#resolvers.reject(error);
  }

  cancel(): void {
    this.#resolvers.reject(cancelled(this.task));
  }

  #tell(total: number): void {
    const amount = total - this.#told;
    this.#told = total;
    if (amount !== 0) this.#options.onProgress?.(amount);
  }
}
