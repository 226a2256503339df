/** An app that is called with each item of an iterable. */

import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { flag, type OptionRules, wholeNumber } from '../options.ts';
import type { AppFuture } from './app-future.ts';

/** How an app is called with many items. */
export interface MapOptions {
  /**
   * How many tasks there are at a time at the most; of what is iterated over, also how many results
   * wait to be taken. Default: twice what the executors can use.
   */
  concurrency?: number;
  /**
   * How many items make one task, for functions that take less than a few milliseconds. If one of
   * them fails, they are tried one by one. Default: 1.
   */
  chunk?: number;
  /**
   * Whether all items are done whatever happens to some: the results are then
   * `{ status: 'fulfilled', value }` or `{ status: 'rejected', reason }`. Default: the first
   * failure takes back the rest.
   */
  settle?: boolean;
}

export const mapRules: OptionRules<MapOptions> = {
  concurrency: wholeNumber(1),
  chunk: wholeNumber(1),
  settle: flag,
};

/** What a map needs of its app. */
interface Caller {
  start(args: readonly unknown[], more?: object): AppFuture<unknown>;
  slots(): number;
  timeLimitMs: number | undefined;
}

type Items = Iterable<unknown> | AsyncIterable<unknown>;

/** The results of an app for each item, in their order. */
export class MapFuture<R> implements Promise<R[]>, AsyncIterable<R> {
  readonly [Symbol.toStringTag] = 'MapFuture';
  readonly #name: string;
  readonly #options: MapOptions;
  readonly #caller: Caller;
  readonly #all = Promise.withResolvers<R[]>();
  readonly #running = new Set<AppFuture<unknown>>();
  /** Those that have ended and were not taken, by the position of the item. */
  readonly #results = new Map<number, R>();
  /** Items that were started, or taken by the iteration. */
  #started = 0;
  #taken = 0;
  #tasks = 0;
  #iterated = false;
  #ended = false;
  #seen = false;
  readonly #failed: AppFuture<unknown>[] = [];
  #failure: TilewrightError | undefined;
  #changed = Promise.withResolvers<void>();

  /** @internal */
  constructor(name: string, items: Items, options: MapOptions, caller: Caller) {
    this.#name = name;
    this.#options = options;
    this.#caller = caller;
    this.#all.promise.catch(() => undefined);
    void this.#work(iteratorOf(name, items));
  }

  // biome-ignore lint/suspicious/noThenProperty: that is what makes it awaitable
  then<A = R[], B = never>(
    onResult?: ((results: R[]) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#see();
    return this.#all.promise.then(onResult, onError);
  }

  catch<B = never>(onError?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<R[] | B> {
    return this.then(null, onError);
  }

  finally(onEnd?: (() => void) | null): Promise<R[]> {
    this.#see();
    return this.#all.promise.finally(onEnd);
  }

  /** Takes back what has not ended. */
  cancel(): void {
    this.#see();
    this.#fail(new TilewrightError('task-cancelled', `The map of ${this.#name} was cancelled`));
  }

  /** Results, each as soon as it and those before it are there. Leaving the loop takes back the rest. */
  async *[Symbol.asyncIterator](): AsyncGenerator<R, void, undefined> {
    if (this.#iterated) {
      throw this.#onlyOnce();
    }
    this.#iterated = true;
    this.#see();
    try {
      for (;;) {
        const i = this.#taken;
        if (this.#results.has(i)) {
          const result = this.#results.get(i) as R;
          this.#results.delete(i);
          this.#taken++;
          this.#notify();
          yield result;
        } else if (this.#failure !== undefined) throw this.#failure;
        else if (this.#ended) return;
        else await this.#changed.promise;
      }
    } finally {
      if (!this.#ended) this.cancel();
    }
  }

  async #work(iterator: Iterator<unknown> | AsyncIterator<unknown>): Promise<void> {
    /** Whether the iterable may have more, so that it wants to be closed. */
    let open = true;
    try {
      while (open && this.#failure === undefined) {
        if (!this.#hasRoom()) {
          await this.#changed.promise;
          continue;
        }
        const items: unknown[] = [];
        while (open && items.length < this.#chunk) {
          const next = iterator.next();
          const { done, value } = 'then' in next ? await next : next;
          if (done === true) open = false;
          else items.push(value);
        }
        if (items.length > 0 && this.#failure === undefined) void this.#run(items);
      }
      while (this.#tasks > 0 && this.#failure === undefined) await this.#changed.promise;
      if (open) await iterator.return?.();
    } catch (error) {
      this.#fail(toTilewrightError(error, {}, 'task-failed'));
    }
    this.#ended = true;
    if (this.#taken > 0) this.#all.reject(this.#onlyOnce());
    else {
      const results = Array.from({ length: this.#started }, (_, i) => this.#results.get(i) as R);
      this.#all.resolve(results);
    }
    this.#notify();
  }

  get #chunk(): number {
    return this.#options.chunk ?? 1;
  }

  #hasRoom(): boolean {
    const most = this.#options.concurrency ?? 2 * this.#caller.slots();
    if (this.#tasks >= most) return false;
    // Who takes one result after the other gets no more than can be kept in mind.
    return !this.#iterated || this.#started - this.#taken < most * this.#chunk;
  }

  /** Calls the app with items that are one task; each by itself where together they fail. */
  async #run(items: readonly unknown[]): Promise<void> {
    const first = this.#started;
    this.#started += items.length;
    this.#tasks++;
    try {
      const results = items.length > 1 ? await this.#together(items) : null;
      for (let i = 0; i < items.length && this.#failure === undefined; i++) {
        const result = results === null ? await this.#alone(items[i], first + i) : results[i];
        const settled = this.#options.settle === true && results !== null;
        this.#results.set(first + i, (settled ? fulfilled(result) : result) as R);
        this.#notify();
      }
    } catch (error) {
      this.#fail(toTilewrightError(error, {}, 'task-failed'));
    }
    this.#tasks--;
    this.#notify();
  }

  /** Null if that has failed, in whatever way: it may have been any of them. */
  async #together(items: readonly unknown[]): Promise<unknown[] | null> {
    const { timeLimitMs, start } = this.#caller;
    const future = start(
      items.map((item) => [item]),
      {
        each: true,
        retryPolicy: { shouldRetry: () => false },
        timeLimitMs: timeLimitMs === undefined ? undefined : timeLimitMs * items.length,
      },
    );
    future.see();
    this.#running.add(future);
    try {
      return (await future.outcome) as unknown[];
    } catch {
      return null;
    } finally {
      this.#running.delete(future);
    }
  }

  async #alone(item: unknown, i: number): Promise<unknown> {
    const { settle = false } = this.#options;
    const future = this.#caller.start([item]);
    this.#running.add(future);
    try {
      const value = await future.outcome;
      return settle ? fulfilled(value) : value;
    } catch (error) {
      if (this.#seen) future.see();
      else this.#failed.push(future);
      const named = ofItem(toTilewrightError(error), i);
      if (settle) return { status: 'rejected', reason: named };
      throw named;
    } finally {
      this.#running.delete(future);
    }
  }

  #fail(error: TilewrightError): void {
    if (this.#ended || this.#failure !== undefined) return;
    this.#failure = error;
    this.#all.reject(error);
    for (const future of this.#running) future.cancel();
    this.#notify();
  }

  #notify(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers();
    resolve();
  }

  /** Who looks at the map has seen what failed in it. */
  #see(): void {
    this.#seen = true;
    for (const future of this.#failed.splice(0)) future.see();
  }

  #onlyOnce(): TilewrightError {
    const message = `The results of the map of ${this.#name} were taken by the loop over it`;
    return new TilewrightError('usage', message);
  }
}

function fulfilled(value: unknown): PromiseSettledResult<unknown> {
  return { status: 'fulfilled', value };
}

function ofItem(error: TilewrightError, i: number): TilewrightError {
  const { code, message, input, feature, tile, retryable, cause = error } = error;
  const details = { input, feature, tile, retryable, cause };
  return new TilewrightError(code, `Item ${i}: ${message}`, details);
}

/** @throws TilewrightError usage */
function iteratorOf(name: string, items: Items): Iterator<unknown> | AsyncIterator<unknown> {
  const { [Symbol.asyncIterator]: ofAsync, [Symbol.iterator]: ofSync } = Object(items);
  if (typeof ofAsync === 'function') return ofAsync.call(items);
  if (typeof ofSync === 'function') return ofSync.call(items);
  throw new TilewrightError('usage', `The map of ${name} takes an iterable of its items`);
}
