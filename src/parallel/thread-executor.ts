/** Runs tasks in worker threads of this process. */

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type ErrorJson, TilewrightError } from '../core/errors.ts';
import type { Executor, Task } from './executor.ts';

export type ToWorker = { id: number; task: Task };
export type FromWorker =
  | { id: number; progress: number }
  | { id: number; result: unknown }
  | { id: number; error: ErrorJson };

interface Job {
  id: number;
  task: Task;
  onProgress: ((amount: number) => void) | undefined;
  resolve: (result: unknown) => void;
  reject: (error: unknown) => void;
}

interface Slot {
  worker: Worker;
  job: Job | undefined;
}

// The source runs as it is; the published package is compiled.
const workerUrl = new URL(
  import.meta.url.endsWith('.ts') ? './thread-worker.ts' : './thread-worker.js',
  import.meta.url,
);

export class ThreadExecutor implements Executor {
  readonly slots: number;
  readonly #tasksUrl: string;
  readonly #idle: Slot[] = [];
  readonly #busy = new Set<Slot>();
  readonly #waiting: Job[] = [];
  #nextId = 1;
  #closed = false;

  /**
   * @param tasksUrl - URL of a TaskModule, which every worker imports
   * @param threads - number of workers; they start when there is work for them
   */
  constructor(tasksUrl: string, threads: number = availableParallelism()) {
    this.#tasksUrl = tasksUrl;
    this.slots = threads;
  }

  get closed(): boolean {
    return this.#closed;
  }

  run(task: Task, onProgress?: (amount: number) => void): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(new TilewrightError('interrupted', 'The executor was closed'));
        return;
      }
      this.#waiting.push({ id: this.#nextId++, task, onProgress, resolve, reject });
      this.#dispatch();
    });
  }

  #dispatch(): void {
    while (this.#waiting.length > 0) {
      let slot = this.#idle.pop();
      if (slot === undefined) {
        if (this.#busy.size >= this.slots) return;
        slot = this.#start();
      }
      const job = this.#waiting.shift()!;
      slot.job = job;
      this.#busy.add(slot);
      slot.worker.ref();
      slot.worker.postMessage({ id: job.id, task: job.task } satisfies ToWorker);
    }
  }

  #start(): Slot {
    const worker = new Worker(workerUrl, { workerData: { tasksUrl: this.#tasksUrl } });
    const slot: Slot = { worker, job: undefined };
    let failure: unknown;
    worker.on('message', (message: FromWorker) => this.#onMessage(slot, message));
    worker.on('error', (error) => {
      failure = error;
    });
    worker.on('messageerror', (error) => {
      // An answer that can't be read is none.
      failure = error;
      void worker.terminate();
    });
    worker.on('exit', (code) => {
      const job = slot.job;
      slot.job = undefined;
      this.#busy.delete(slot);
      const place = this.#idle.indexOf(slot);
      if (place >= 0) this.#idle.splice(place, 1);
      job?.reject(
        this.#closed
          ? new TilewrightError('interrupted', 'The worker was stopped')
          : new TilewrightError(
              'worker-died',
              `A worker ended (exit code ${code}) during task ${job.task.name}` +
                (failure === undefined ? '' : `: ${String(failure)}`),
              { retryable: true, cause: failure },
            ),
      );
      if (!this.#closed) this.#dispatch();
    });
    return slot;
  }

  #onMessage(slot: Slot, message: FromWorker): void {
    const job = slot.job;
    if (job === undefined || message.id !== job.id) return;
    if ('progress' in message) {
      job.onProgress?.(message.progress);
      return;
    }
    slot.job = undefined;
    this.#busy.delete(slot);
    this.#idle.push(slot);
    // An idle worker must not keep the process alive.
    slot.worker.unref();
    if ('error' in message) job.reject(TilewrightError.fromJSON(message.error));
    else job.resolve(message.result);
    this.#dispatch();
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const job of this.#waiting.splice(0)) {
      job.reject(new TilewrightError('interrupted', 'The executor was closed'));
    }
    await Promise.all([...this.#idle, ...this.#busy].map((slot) => slot.worker.terminate()));
  }
}
