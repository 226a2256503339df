/** Runs tasks in worker threads of this process: the embedded default, without any server. */

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type ErrorJson, TilewrightError, toTilewrightError } from '../../core/errors.ts';
import {
  cancelled,
  type Executor,
  interrupted,
  type RunOptions,
  type ShutdownOptions,
} from '../executor.ts';
import { aRegistry, checkOptions, type OptionRules, wholeNumber, word } from '../options.ts';
import { type FunctionLocation, type Registry, registry } from '../registry.ts';
import { type EncodedTask, encodeTask, type Task, takeResult } from '../task.ts';
import { workerName } from '../task-meter.ts';
import { type LongTimer, startTimer, timeLimitError } from '../time-limit.ts';
import type { Measured } from '../usage.ts';

export type ToThread = {
  id: number;
  location: FunctionLocation;
  args: string;
  measured: Measured | undefined;
};
export type FromThread =
  | { id: number; progress: number }
  | { id: number; result: string }
  | { id: number; error: ErrorJson };

/** Options of a {@link ThreadPoolExecutor}. */
export interface ThreadPoolOptions {
  label?: string;
  /** How many threads at the most; they start when there is work. Default: one for each core. */
  maxThreads?: number;
  registry?: Registry;
}

const rules: OptionRules<ThreadPoolOptions> = {
  label: word,
  maxThreads: wholeNumber(1),
  registry: aRegistry,
};

interface Job {
  id: number;
  task: EncodedTask;
  location: FunctionLocation;
  options: RunOptions;
  resolve: (result: string) => void;
  reject: (error: TilewrightError) => void;
  /** Why its thread is being stopped. */
  stopped?: TilewrightError;
}

interface Slot {
  /** From 1; a thread that has died leaves its number to its successor. */
  number: number;
  worker: Worker;
  job: Job | undefined;
  timer: LongTimer | undefined;
}

// The source runs as it is; the published package is compiled.
const workerUrl = new URL(
  import.meta.url.endsWith('.ts') ? './thread-worker.ts' : './thread-worker.js',
  import.meta.url,
);

/** Runs tasks in worker threads of this process. */
export class ThreadPoolExecutor implements Executor {
  readonly label: string;
  readonly slots: number;
  readonly #registry: Registry;
  readonly #idle: Slot[] = [];
  readonly #busy = new Set<Slot>();
  readonly #waiting: Job[] = [];
  readonly #drained = Promise.withResolvers<void>();
  #nextId = 1;
  #closed = false;
  #stopped = false;

  /** @throws TilewrightError config-invalid */
  constructor(options: ThreadPoolOptions = {}) {
    checkOptions('ThreadPoolExecutor', options, rules);
    this.label = options.label ?? 'threads';
    this.slots = options.maxThreads ?? availableParallelism();
    this.#registry = options.registry ?? registry;
  }

  get workers(): number {
    return this.slots;
  }

  get closed(): boolean {
    return this.#closed;
  }

  async run(task: Task, options: RunOptions = {}): Promise<unknown> {
    if (this.#closed) throw interrupted();
    return takeResult(
      await this.runEncoded(encodeTask(task, options.onUsage !== undefined), options),
      options.onUsage,
    );
  }

  /** The same for a task with JSON text, and with a result in JSON text. */
  runEncoded(task: EncodedTask, options: RunOptions = {}): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw interrupted();
      if (options.signal?.aborted) throw cancelled(task);
      const location = this.#registry.locate(task.name);
      const job: Job = { id: this.#nextId++, task, location, options, resolve, reject };
      options.signal?.addEventListener('abort', () => this.#takeBack(job), { once: true });
      this.#waiting.push(job);
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
      this.#begin(slot, this.#waiting.shift()!);
    }
  }

  #begin(slot: Slot, job: Job): void {
    slot.job = job;
    this.#busy.add(slot);
    slot.worker.ref();
    const { id, location, task, options } = job;
    if (task.timeLimitMs !== undefined) {
      slot.timer = startTimer(() => this.#stop(slot, timeLimitError(task)), task.timeLimitMs);
    }
    const { args, measured } = task;
    slot.worker.postMessage({ id, location, args, measured } satisfies ToThread);
    options.onStart?.(workerName(slot.number));
  }

  #takeBack(job: Job): void {
    const place = this.#waiting.indexOf(job);
    if (place >= 0) {
      this.#waiting.splice(place, 1);
      job.reject(cancelled(job.task));
      return;
    }
    for (const slot of this.#busy) if (slot.job === job) this.#stop(slot, cancelled(job.task));
  }

  /** A thread can be stopped at any moment; what its task leaves behind is the task's matter. */
  #stop(slot: Slot, reason: TilewrightError): void {
    slot.job!.stopped ??= reason;
    void slot.worker.terminate();
  }

  #start(): Slot {
    const taken = new Set([...this.#busy, ...this.#idle].map((other) => other.number));
    let number = 1;
    while (taken.has(number)) number++;
    // A program that was given as text says what kind of text it is; for a file that is refused.
    const fromText = process.execArgv.some((option) => option.startsWith('--input-type'));
    const options = { workerData: { number }, ...(fromText && { execArgv: [] }) };
    const worker = new Worker(workerUrl, options);
    const slot: Slot = { number, worker, job: undefined, timer: undefined };
    let failure: unknown;
    worker.on('message', (message: FromThread | null) => this.#onMessage(slot, message));
    worker.on('error', (error) => {
      failure = error;
    });
    worker.on('messageerror', (error) => {
      // An answer that can't be read is none.
      failure = error;
      void worker.terminate();
    });
    worker.on('exit', (code) => {
      const job = this.#release(slot);
      const place = this.#idle.indexOf(slot);
      if (place >= 0) this.#idle.splice(place, 1);
      if (job !== undefined) {
        job.reject(job.stopped ?? (this.#stopped ? interrupted() : died(job, code, failure)));
      }
      if (!this.#stopped) this.#dispatch();
      this.#noteDrained();
    });
    return slot;
  }

  #release(slot: Slot): Job | undefined {
    const { job } = slot;
    slot.job = undefined;
    slot.timer?.clear();
    this.#busy.delete(slot);
    return job;
  }

  #onMessage(slot: Slot, message: FromThread | null): void {
    const { job } = slot;
    // A function in the thread may post what it likes.
    if (job === undefined || message?.id !== job.id || job.stopped !== undefined) return;
    if ('progress' in message) {
      job.options.onProgress?.(message.progress);
      return;
    }
    this.#release(slot);
    this.#idle.push(slot);
    // An idle thread must not keep the process alive.
    slot.worker.unref();
    if ('error' in message) job.reject(TilewrightError.fromJSON(message.error));
    else job.resolve(message.result);
    this.#dispatch();
    this.#noteDrained();
  }

  #noteDrained(): void {
    if (this.#closed && this.#busy.size === 0) this.#drained.resolve();
  }

  async shutdown({ drain = false }: ShutdownOptions = {}): Promise<void> {
    this.#closed = true;
    for (const job of this.#waiting.splice(0)) job.reject(interrupted());
    this.#noteDrained();
    if (drain) await this.#drained.promise;
    this.#stopped = true;
    await Promise.all([...this.#idle, ...this.#busy].map((slot) => slot.worker.terminate()));
  }
}

function died(job: Job, code: number, failure: unknown): TilewrightError {
  const reason = failure === undefined ? '' : `: ${toTilewrightError(failure).message}`;
  return new TilewrightError(
    'worker-died',
    `A worker ended (exit code ${code}) during task ${job.task.name}${reason}`,
    { retryable: true, cause: failure },
  );
}
