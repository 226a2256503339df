/** Runs tasks one after the other in this thread: for tests, debugging and tiny jobs. */

import { setImmediate } from 'node:timers/promises';
import { toTilewrightError } from '../core/errors.ts';
import { callFunction } from './call.ts';
import { cancelled, type Executor, interrupted, type RunOptions } from './executor.ts';
import { aRegistry, checkOptions, word } from './options.ts';
import { type Registry, registry } from './registry.ts';
import { encodeTask, type Task, takeResult } from './task.ts';
import { workerName } from './task-meter.ts';
import { startTimer, timeLimitError } from './time-limit.ts';

/** Runs tasks in the calling thread, one after the other, to look for errors. */
export class InlineExecutor implements Executor {
  readonly label: string;
  readonly slots = 1;
  readonly workers = 1;
  readonly #registry: Registry;
  /** Rejects when the executor is shut down. */
  readonly #stopped = Promise.withResolvers<never>();
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** @throws TilewrightError config-invalid */
  constructor(options: { label?: string; registry?: Registry } = {}) {
    checkOptions('InlineExecutor', options, { label: word, registry: aRegistry });
    this.label = options.label ?? 'inline';
    this.#registry = options.registry ?? registry;
    // Nobody may be waiting when it rejects.
    this.#stopped.promise.catch(() => undefined);
  }

  get closed(): boolean {
    return this.#closed;
  }

  run(task: Task, options: RunOptions = {}): Promise<unknown> {
    if (options.signal?.aborted) return Promise.reject(cancelled(task));
    // One after the other, also when several are asked for at once.
    const own = this.#last.then(() => this.#run(task, options));
    this.#last = own.catch(() => undefined);
    return Promise.race([this.#stopped.promise, own, takenBack(task, options.signal)]);
  }

  async #run(task: Task, options: RunOptions): Promise<unknown> {
    const { onStart, onProgress, signal } = options;
    // Lets timers and signals have their turn between tasks.
    await setImmediate();
    if (this.#closed) throw interrupted();
    if (signal?.aborted) return undefined;
    try {
      const { args, measured } = encodeTask(task, options.onUsage !== undefined);
      onStart?.(workerName(0));
      const progress = (amount: number): void => {
        if (!this.#closed && !signal?.aborted) onProgress?.(amount);
      };
      const call = callFunction(this.#registry.locate(task.name), args, progress, measured);
      return takeResult(await timeLimited(task, call), options.onUsage);
    } catch (error) {
      throw toTilewrightError(error, {}, 'task-failed');
    }
  }

  async shutdown({ drain = false } = {}): Promise<void> {
    this.#closed = true;
    if (drain) await Promise.race([this.#last, this.#stopped.promise.catch(() => undefined)]);
    this.#stopped.reject(interrupted());
  }
}

/** Never resolves; rejects when the task is taken back. */
function takenBack(task: Task, signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(cancelled(task)), { once: true });
  });
}

/** A function that does not give way can't be stopped from its own thread: only what waits is. */
async function timeLimited<T>(task: Task, call: Promise<T>): Promise<T> {
  if (task.timeLimitMs === undefined) return call;
  const limit = Promise.withResolvers<never>();
  const timer = startTimer(() => limit.reject(timeLimitError(task)), task.timeLimitMs);
  try {
    return await Promise.race([call, limit.promise]);
  } finally {
    timer.clear();
  }
}
