/** The result of an app that may not be there yet. */

import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import type { OutputFile } from '../apps/command-streams.ts';
import type { File } from '../apps/file.ts';
import { startTimer } from '../time-limit.ts';

/**
 * `waiting` for futures among its arguments; `queued` for a worker; `running`; or ended: `done`,
 * `failed` (also when a future that it needed failed) or `cancelled`.
 */
export type TaskState = 'waiting' | 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

/** Files of a call; null for an output that goes nowhere else than the worker's. */
export interface FutureFiles {
  stdout: OutputFile | null;
  stderr: OutputFile | null;
  outputs: readonly DataFuture[];
}

const NO_FILES: FutureFiles = { stdout: null, stderr: null, outputs: [] };

/** A future that is awaited gives the result, or throws the error: as a promise does. */
export class AppFuture<T> implements Promise<T> {
  readonly [Symbol.toStringTag] = 'AppFuture';
  /** Number of the task, from 1, in the order of submission. */
  readonly taskId: number;
  /** Name of the app: `module.export`. */
  readonly name: string;
  readonly #outcome = Promise.withResolvers<T>();
  readonly #cancellation = new AbortController();
  readonly #listeners: ((amount: number) => void)[] = [];
  #state: TaskState = 'waiting';
  #attempts = 0;
  #files = NO_FILES;

  constructor(taskId: number, name: string) {
    this.taskId = taskId;
    this.name = name;
    // A future that nobody looks at must not end the process when it fails.
    this.#outcome.promise.catch(() => undefined);
  }

  get state(): TaskState {
    return this.#state;
  }

  /** How often it was started. */
  get attempts(): number {
    return this.#attempts;
  }

  /** Path of the file where its standard output goes; null if none was asked for. */
  get stdout(): string | null {
    return this.#files.stdout?.path ?? null;
  }

  /** The same of its standard error. */
  get stderr(): string | null {
    return this.#files.stderr?.path ?? null;
  }

  /** Futures of the files that the call was given as `outputs`. */
  get outputs(): readonly DataFuture[] {
    return this.#files.outputs;
  }

  // biome-ignore lint/suspicious/noThenProperty: that is what makes it awaitable
  then<A = T, B = never>(
    onResult?: ((result: T) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#outcome.promise.then(onResult, onError);
  }

  catch<B = never>(onError?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.#outcome.promise.catch(onError);
  }

  finally(onEnd?: (() => void) | null): Promise<T> {
    return this.#outcome.promise.finally(onEnd);
  }

  /**
   * The result, when it is there.
   * @param timeoutMs - how many milliseconds to wait at the most; the task goes on after that.
   *   Default: Infinity
   * @throws TilewrightError the task's; `task-timeout` when the wait is over; `usage` for a time
   *   that is no number ≥ 0
   */
  async result(timeoutMs = Number.POSITIVE_INFINITY): Promise<T> {
    if (!(typeof timeoutMs === 'number' && timeoutMs >= 0)) {
      throw new TilewrightError('usage', `result() takes milliseconds ≥ 0, not ${timeoutMs}`);
    }
    if (timeoutMs === Number.POSITIVE_INFINITY) return this.#outcome.promise;
    const { promise: over, reject } = Promise.withResolvers<never>();
    const timer = startTimer(() => {
      reject(
        new TilewrightError(
          'task-timeout',
          `${this.name} has no result after ${timeoutMs / 1000} s`,
        ),
      );
    }, timeoutMs);
    try {
      return await Promise.race([this.#outcome.promise, over]);
    } finally {
      timer.clear();
    }
  }

  /** The error, when the task has ended; null if it succeeded. */
  exception(): Promise<TilewrightError | null> {
    return this.#outcome.promise.then(
      () => null,
      (error: unknown) => toTilewrightError(error),
    );
  }

  /** Whether it has ended, in whatever way. */
  done(): boolean {
    return this.#state === 'done' || this.#state === 'failed' || this.#state === 'cancelled';
  }

  /**
   * Takes the task back. It rejects with `task-cancelled`; if it runs, its worker is told to stop.
   * @returns false if it had ended already
   */
  cancel(): boolean {
    if (this.done()) return false;
    this.#cancellation.abort();
    this.reject(new TilewrightError('task-cancelled', `${this.name} was cancelled`), 'cancelled');
    return true;
  }

  /**
   * Calls the listener with each amount that the task reports. What an attempt that failed had
   * reported is taken back by a negative amount.
   */
  onProgress(listener: (amount: number) => void): this {
    this.#listeners.push(listener);
    return this;
  }

  /** @internal For the kernel, which is the one to call what follows. */
  get signal(): AbortSignal {
    return this.#cancellation.signal;
  }

  /** @internal */
  get files(): FutureFiles {
    return this.#files;
  }

  /** @internal */
  attach(files: FutureFiles): void {
    this.#files = files;
  }

  /** @internal */
  enter(state: 'queued' | 'running'): void {
    if (this.done()) return;
    this.#state = state;
    if (state === 'queued') this.#attempts++;
  }

  /** @internal */
  progress(amount: number): void {
    if (this.done()) return;
    for (const listener of this.#listeners) {
      try {
        listener(amount);
      } catch (error) {
        // It is called from a worker's events, where nobody would catch what it throws.
        this.#cancellation.abort();
        this.reject(toTilewrightError(error, {}, 'task-failed'));
      }
    }
  }

  /** @internal */
  resolve(result: T): void {
    if (this.done()) return;
    this.#state = 'done';
    this.#outcome.resolve(result);
  }

  /** @internal */
  reject(error: TilewrightError, state: 'failed' | 'cancelled' = 'failed'): void {
    if (this.done()) return;
    this.#state = state;
    this.#outcome.reject(error);
  }
}

/**
 * The future of a file among the outputs of a call. It gives the File when the task is done; it fails
 * when the task does, or when the file is not there then. It may be passed to other apps, as an
 * argument or among their inputs, which then wait for it.
 */
export interface DataFuture extends AppFuture<File> {
  readonly file: File;
  /** Path of the file; it is known before the file is there. */
  readonly filepath: string;
  readonly filename: string;
}
