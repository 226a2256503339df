/**
 * Threads that answer calls with arrays of bytes or plain data. Unlike tasks of the engine, calls
 * give bytes without copying them, threads keep files open from one to the next, and a call that
 * is not wanted any more is taken back without ending its thread.
 */

import { Worker } from 'node:worker_threads';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { formatLocation } from '../../staging/tasks/format-modules.ts';
import type { FromThread, ToThread } from './thread-side.ts';

/** Calls that wait; more than that nobody who looks at a page has. */
const MAX_WAITING = 1000;

/** How long threads may take. */
export interface Limits {
  /** Milliseconds for a call; for one that nobody waits for any more. */
  callMs: number;
  abandonedMs: number;
}

const LIMITS: Limits = { callMs: 120_000, abandonedMs: 3_000 };

interface Call extends ToThread {
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

interface Slot {
  worker: Worker;
  call: Call | undefined;
  timer: NodeJS.Timeout | undefined;
  /** Why the thread was ended. */
  ended: TilewrightError | undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: a method takes what its caller gives it
type Methods = Record<string, (...args: any[]) => unknown>;

export class ThreadPool<M extends Methods> {
  readonly #url: URL;
  readonly #data: object;
  readonly #size: number;
  readonly #limits: Limits;
  readonly #slots = new Set<Slot>();
  readonly #waiting: Call[] = [];
  #nextId = 1;
  #closed = false;

  /** @param module - URL of the thread's module, without its extension */
  constructor(module: URL, size: number, data: object, limits = LIMITS) {
    this.#limits = limits;
    // The source runs as it is; the published package is compiled.
    const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
    this.#url = new URL(`${module}${extension}`);
    this.#size = size;
    this.#data = { ...data, formats: formatLocation() };
    // Now, so that the first call needn't wait for them.
    for (let k = 0; k < size; k++) this.#start();
  }

  /**
   * @throws what the method throws; `interrupted` after `signal`, when the pool is closed, or when
   *   more is asked than can be answered
   */
  run<N extends keyof M & string>(
    method: N,
    args: Parameters<M[N]>,
    signal?: AbortSignal,
  ): Promise<ReturnType<M[N]>> {
    return new Promise<unknown>((resolve, reject) => {
      if (this.#closed || signal?.aborted) throw notWanted();
      if (this.#waiting.length >= MAX_WAITING) throw tooMuch();
      const cancelled = new Int32Array(new SharedArrayBuffer(4));
      const call: Call = { id: this.#nextId++, method, args, cancelled, resolve, reject };
      signal?.addEventListener('abort', () => {
        Atomics.store(cancelled, 0, 1);
        const place = this.#waiting.indexOf(call);
        if (place >= 0) this.#waiting.splice(place, 1);
        for (const slot of this.#slots) {
          if (slot.call === call) this.#limit(slot, this.#limits.abandonedMs);
        }
        reject(notWanted());
      });
      this.#waiting.push(call);
      this.#dispatch();
    }) as Promise<ReturnType<M[N]>>;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const call of this.#waiting.splice(0)) call.reject(notWanted());
    await Promise.all([...this.#slots].map(({ worker }) => worker.terminate()));
  }

  #dispatch(): void {
    while (this.#waiting.length > 0) {
      const idle = [...this.#slots].find(({ call }) => call === undefined);
      if (idle === undefined && this.#slots.size >= this.#size) return;
      const slot = idle ?? this.#start();
      slot.call = this.#waiting.shift()!;
      this.#limit(slot, this.#limits.callMs);
      const { id, method, args, cancelled } = slot.call;
      slot.worker.postMessage({ id, method, args, cancelled } satisfies ToThread);
    }
  }

  /** A thread that works on for so long is ended; the next call starts another one. */
  #limit(slot: Slot, ms: number): void {
    clearTimeout(slot.timer);
    slot.timer = setTimeout(() => {
      slot.ended = tookTooLong();
      void slot.worker.terminate();
    }, ms);
    slot.timer.unref();
  }

  #start(): Slot {
    const slot: Slot = {
      worker: new Worker(this.#url, { workerData: this.#data }),
      call: undefined,
      timer: undefined,
      ended: undefined,
    };
    this.#slots.add(slot);
    let failure: unknown;
    slot.worker.on('message', (message: FromThread) => {
      const { call } = slot;
      slot.call = undefined;
      clearTimeout(slot.timer);
      if (message.kind === 'answer') call?.resolve(message.value);
      else call?.reject(TilewrightError.fromJSON(message.error));
      this.#dispatch();
    });
    slot.worker.on('error', (error) => {
      failure = error;
    });
    slot.worker.on('exit', () => {
      this.#slots.delete(slot);
      // Out of memory, mostly. The next call starts another thread.
      clearTimeout(slot.timer);
      slot.call?.reject(this.#closed ? notWanted() : (slot.ended ?? toTilewrightError(failure)));
      if (!this.#closed) this.#dispatch();
    });
    return slot;
  }
}

function tooMuch(): TilewrightError {
  return new TilewrightError('interrupted', 'More is asked than can be answered: try again later');
}

function tookTooLong(): TilewrightError {
  return new TilewrightError('interrupted', 'It took too long to read this, and was given up');
}

function notWanted(): TilewrightError {
  return new TilewrightError('interrupted', 'Nobody waits for the answer any more');
}
