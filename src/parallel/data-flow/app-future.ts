/** The result of an app that may not be there yet. */

import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import type { OutputFile } from '../apps/command-task.ts';
import type { File } from '../apps/file.ts';
import { startTimer } from '../time-limit.ts';
import { elementOf, fieldOf } from './fields.ts';

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

/** What names a field of a result: a key of an object, an index of an array, a key of a Map. */
export type FieldName<T> = unknown extends T
  ? PropertyKey
  : T extends ReadonlyMap<infer K, unknown>
    ? K
    : keyof T;

/** What the field of a result is. */
export type Field<T, K> =
  T extends ReadonlyMap<unknown, infer V> ? V : K extends keyof T ? T[K] : unknown;

/** A future that is awaited gives the result, or throws the error: as a promise does. */
export class AppFuture<T> implements Promise<T> {
  readonly [Symbol.toStringTag] = 'AppFuture';
  /** Number of the task, from 1, in the order of submission. */
  readonly taskId: number;
  /** Name of the app: `module.export`. */
  readonly name: string;
  readonly #promise: Promise<T>;
  /** Of a type that lets an `AppFuture<number>` pass for an `AppFuture<unknown>`. */
  readonly #resolve: (result: never) => void;
  readonly #reject: (error: TilewrightError) => void;
  readonly #cancellation = new AbortController();
  #listeners: ((amount: number) => void)[] | undefined;
  #state: TaskState = 'waiting';
  #attempts = 0;
  #files = NO_FILES;
  #failure: TilewrightError | undefined;
  #seen = false;
  /** The future whose field this is. */
  #whole: AppFuture<never> | undefined;

  constructor(taskId: number, name: string) {
    this.taskId = taskId;
    this.name = name;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#promise = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    // A future that nobody looks at must not end the process when it fails.
    this.#promise.catch(() => undefined);
  }

  get state(): TaskState {
    if (this.ended) this.see();
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
    this.see();
    return this.#promise.then(onResult, onError);
  }

  catch<B = never>(onError?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    this.see();
    return this.#promise.catch(onError);
  }

  finally(onEnd?: (() => void) | null): Promise<T> {
    this.see();
    return this.#promise.finally(onEnd);
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
    this.see();
    if (timeoutMs === Number.POSITIVE_INFINITY) return this.#promise;
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
      return await Promise.race([this.#promise, over]);
    } finally {
      timer.clear();
    }
  }

  /** The error, when the task has ended; null if it succeeded. */
  exception(): Promise<TilewrightError | null> {
    this.see();
    return this.#promise.then(
      () => null,
      (error: unknown) => toTilewrightError(error),
    );
  }

  /** Whether it has ended, in whatever way. */
  done(): boolean {
    if (this.ended) this.see();
    return this.ended;
  }

  /**
   * A future of a field of the result: of an object, an array, a Map. It fails as this one does, or
   * with `task-failed` if the result has no such field.
   */
  get<K extends FieldName<T>>(name: K): AppFuture<Field<T, K>> {
    return this.#lift(`.get(${String(name)})`, (result) => fieldOf(this.name, result, name));
  }

  /** A future of an element of the result, an array; from its end if the index is negative. */
  at(index: number): AppFuture<T extends readonly (infer E)[] ? E : unknown> {
    return this.#lift(`.at(${index})`, (result) => elementOf(this.name, result, index));
  }

  #lift<R>(suffix: string, pick: (result: T) => unknown): AppFuture<R> {
    const part = new AppFuture<R>(this.taskId, this.name + suffix);
    part.#whole = this as unknown as AppFuture<never>;
    this.#promise.then(
      (result) => {
        try {
          part.resolve(pick(result) as R);
        } catch (error) {
          part.reject(toTilewrightError(error));
        }
      },
      (error) => part.reject(error as TilewrightError, this.#state as 'failed' | 'cancelled'),
    );
    return part;
  }

  /**
   * Takes the task back. It rejects with `task-cancelled`; if it runs, its worker is told to stop.
   * @returns false if it had ended already
   */
  cancel(): boolean {
    this.see();
    return this.takeBack();
  }

  /**
   * Calls the listener with each amount that the task reports. What an attempt that failed had
   * reported is taken back by a negative amount.
   */
  onProgress(listener: (amount: number) => void): this {
    this.#listeners ??= [];
    this.#listeners.push(listener);
    return this;
  }

  /** @internal For the kernel, which is the one to call what follows. */
  get ended(): boolean {
    return this.#state === 'done' || this.#state === 'failed' || this.#state === 'cancelled';
  }

  /** @internal Whether anybody has asked how it ends. */
  get seen(): boolean {
    return this.#seen;
  }

  /** @internal */
  see(): void {
    this.#seen = true;
    this.#whole?.see();
  }

  /** @internal The same as `cancel`, where nobody has asked for it. */
  takeBack(): boolean {
    if (this.ended) return false;
    this.#cancellation.abort();
    this.reject(new TilewrightError('task-cancelled', `${this.name} was cancelled`), 'cancelled');
    return true;
  }

  /** @internal The error with which it has ended. */
  get failure(): TilewrightError | undefined {
    return this.#failure;
  }

  /** @internal The state and the outcome, for those whose looking does not count. */
  get now(): TaskState {
    return this.#state;
  }

  /** @internal */
  get outcome(): Promise<T> {
    return this.#promise;
  }

  /** @internal */
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
    if (this.ended) return;
    this.#state = state;
    if (state === 'queued') this.#attempts++;
  }

  /** @internal */
  progress(amount: number): void {
    if (this.ended) return;
    for (const listener of this.#listeners ?? []) {
      try {
        listener(amount);
      } catch (error) {
        // It is called from a worker's events, where nobody would catch what it throws.
        this.abandon(toTilewrightError(error, {}, 'task-failed'));
      }
    }
  }

  /** @internal Takes the task back because of an error that is not its own. */
  abandon(error: TilewrightError): void {
    this.#cancellation.abort();
    this.reject(error);
  }

  /** @internal */
  resolve(result: T): void {
    if (this.ended) return;
    this.#state = 'done';
    (this.#resolve as (result: T) => void)(result);
  }

  /** @internal */
  reject(error: TilewrightError, state: 'failed' | 'cancelled' = 'failed'): void {
    if (this.ended) return;
    this.#state = state;
    this.#failure = error;
    this.#reject(error);
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
