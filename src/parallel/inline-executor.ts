/** Runs tasks one after the other in this thread: for tests, debugging and tiny jobs. */

import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { TilewrightError } from '../core/errors.ts';
import { cancelled, type Executor, interrupted, type RunOptions } from './executor.ts';
import { callFunction, type Outcome, surveyResult } from './inside/call.ts';
import { CapturedOutput } from './inside/capture-output.ts';
import { aFunction, aRegistry, checkOptions, word } from './options.ts';
import type { OutputListener, OutputOptions } from './output.ts';
import { type FunctionLocation, type Registry, registry } from './registry.ts';
import { type PreparedTask, prepareTask, type Task } from './task.ts';
import { TaskQueue } from './task-queue.ts';
import { ResourceCount } from './threads/resource-count.ts';
import { startTimer, timeLimitError } from './time-limit.ts';
import { workerName } from './usage/task-meter.ts';
import { decodeText, writeText } from './values/codec.ts';
import { asFailure } from './values/failure.ts';

/** Options of an {@link InlineExecutor}. */
export interface InlineOptions extends OutputOptions {
  label?: string;
  registry?: Registry;
}

/** A program that waits for itself to be imported would wait for ever. */
const IMPORT_LIMIT_MS = 5_000;

/** Runs tasks in the calling thread, one after the other, to look for errors. */
export class InlineExecutor implements Executor {
  readonly label: string;
  readonly slots = 1;
  readonly workers = 1;
  readonly sharesMemory: boolean = true;
  readonly #registry: Registry;
  readonly onOutput: OutputListener | undefined;
  /** Rejects when the executor is shut down. */
  readonly #stopped = Promise.withResolvers<never>();
  readonly #ending = new AbortController();
  readonly #resources: ResourceCount;
  readonly #waiting = new TaskQueue<{ task: PreparedTask; run: () => Promise<void> }>();
  /** Ends with the last task that was handed in. */
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** @throws TilewrightError config-invalid */
  constructor(options: InlineOptions = {}) {
    const rules = { label: word, registry: aRegistry, onOutput: aFunction };
    checkOptions<InlineOptions>('InlineExecutor', options, rules);
    this.onOutput = options.onOutput;
    this.label = options.label ?? 'inline';
    this.#resources = new ResourceCount(this.label, availableParallelism());
    this.#registry = options.registry ?? registry;
    // Nobody may be waiting when it rejects.
    this.#stopped.promise.catch(() => undefined);
  }

  get closed(): boolean {
    return this.#closed;
  }

  run(task: Task, options: RunOptions = {}): Promise<unknown> {
    if (options.signal?.aborted) return Promise.reject(cancelled(task));
    let prepared: PreparedTask;
    try {
      this.#resources.check(task);
      prepared = prepareTask(task, options.onUsage !== undefined);
      if (typeof prepared.args !== 'string') {
        prepared.args = structuredClone(prepared.args, { transfer: prepared.moved });
      }
    } catch (error) {
      return Promise.reject(error);
    }
    const own = new Promise<unknown>((resolve, reject) => {
      const run = (): Promise<void> => this.#run(prepared, options).then(resolve, reject);
      this.#waiting.push({ task: prepared, run });
    });
    // One after the other, also when several are asked for at once.
    this.#last = this.#last.then(() => this.#waiting.shift()!.run());
    return Promise.race([this.#stopped.promise, own, takenBack(task, options.signal)]);
  }

  async #run(task: PreparedTask, options: RunOptions): Promise<unknown> {
    const { onStart, onProgress, onUsage, signal, onOutput = this.onOutput } = options;
    // Lets timers and signals have their turn between tasks.
    await setImmediate();
    if (this.#closed) throw interrupted();
    if (signal?.aborted) return undefined;
    const worker = workerName(0);
    const tell =
      onOutput &&
      ((stream: 'stdout' | 'stderr', text: string) => onOutput({ stream, text, worker }));
    const output = tell === undefined ? undefined : new CapturedOutput(tell);
    try {
      const location = this.#registry.locate(task.name);
      onStart?.(worker);
      const progress = (amount: number): void => {
        if (!this.#closed && !signal?.aborted) onProgress?.(amount);
      };
      await importable(location);
      const { args, measured, each } = task;
      const aborted = AbortSignal.any([this.#ending.signal, ...(signal ? [signal] : [])]);
      const call = callFunction({ location, args, progress, measured, each, signal: aborted });
      const outcome = await timeLimited(task, call);
      if (outcome.usage != null) onUsage?.(outcome.usage);
      return copyResult(location, outcome);
    } catch (error) {
      throw asFailure(error);
    } finally {
      output?.restore();
    }
  }

  async shutdown({ drain = false } = {}): Promise<void> {
    this.#closed = true;
    if (drain) await Promise.race([this.#last, this.#stopped.promise.catch(() => undefined)]);
    this.#stopped.reject(interrupted());
    this.#ending.abort();
  }
}

/** As it would be if it came from elsewhere. */
function copyResult(location: FunctionLocation, { value }: Outcome): unknown {
  const { form, moved } = surveyResult(location, value);
  if (form !== 'text') return structuredClone(value, { transfer: moved });
  return decodeText(writeText(value, form, `The result of ${location.name}`, 'task-failed'));
}

/** @throws TilewrightError usage for the program itself, while it waits for this task */
async function importable({ name, url }: FunctionLocation): Promise<void> {
  const [, program] = process.argv;
  if (program === undefined || !url.startsWith('file:') || fileURLToPath(url) !== program) return;
  const limit = Promise.withResolvers<never>();
  const timer = startTimer(
    () => limit.reject(new TilewrightError('usage', own(name))),
    IMPORT_LIMIT_MS,
  );
  try {
    await Promise.race([import(url), limit.promise]);
  } finally {
    timer.clear();
  }
}

function own(name: string): string {
  return (
    `${name} is of the program itself, which waits for it at its top level: an InlineExecutor can't ` +
    'import it before the program has ended. Put the function into a module of its own, or take another executor'
  );
}

/** Never resolves; rejects when the task is taken back. */
function takenBack(task: Task, signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(cancelled(task)), { once: true });
  });
}

/** A function that does not give way can't be stopped from its own thread: only what waits is. */
async function timeLimited<T>(task: PreparedTask, call: Promise<T>): Promise<T> {
  if (task.timeLimitMs === undefined) return call;
  const limit = Promise.withResolvers<never>();
  const timer = startTimer(() => limit.reject(timeLimitError(task)), task.timeLimitMs);
  try {
    return await Promise.race([call, limit.promise]);
  } finally {
    timer.clear();
  }
}
