/**
 * Runs tasks as elements of Slurm's job arrays. Nothing but a shared disk is needed between the
 * machine of the driver and the nodes: tasks go there and results come back as files.
 */

import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type TilewrightError, toTilewrightError } from '../../../core/errors.ts';
import {
  cancelled,
  type Executor,
  interrupted,
  type RunOptions,
  type ShutdownOptions,
} from '../../executor.ts';
import { type OutputListener, printOutput } from '../../output.ts';
import { type Registry, registry } from '../../registry.ts';
import { makeRunFolder, type RunFolder, removeRunFolder } from '../../run-folder.ts';
import { type EncodedTask, encodeTask, type Task, takeResult } from '../../task.ts';
import { DRIVER_FOLDER, endAbandonedArrays } from '../abandoned-arrays.ts';
import { SlurmCommands } from '../commands.ts';
import type { JobRef } from '../job-list.ts';
import { DEFAULT_WALLTIME, overruledVariables, walltimeSeconds } from '../job-options.ts';
import { JobWatch } from '../job-watch.ts';
import { failedError, stuckError } from './array-errors.ts';
import { paths } from './array-files.ts';
import { ArrayJob, type Element, type Entry } from './array-job.ts';
import {
  arrayScript,
  checkArrayOptions,
  jobOptions,
  type SlurmArrayOptions,
} from './array-options.ts';
import { CostModel, groupEntries } from './batching.ts';

/** How many times the time between two tasks the first one may have waited for others. */
const MAX_GATHER = 10;
/** Times in a row that elements may end before they begin a task, or get stuck in the queue. */
const MAX_FAILED_STARTS = 3;
/** Submissions in a row that may get no answer. */
const MAX_REFUSALS = 20;

/** Runs tasks as elements of Slurm's array jobs, by way of a shared disk alone. */
export class SlurmArrayExecutor implements Executor {
  readonly label: string;
  readonly slots = Number.POSITIVE_INFINITY;
  readonly #options: SlurmArrayOptions;
  readonly #registry: Registry;
  readonly #commands: SlurmCommands;
  readonly #watch: JobWatch;
  readonly #costs = new CostModel();
  readonly #secondsPerElement: number;
  readonly #lookMs: number;
  readonly #gatherMs: number;
  /** Tasks that wait for an array. */
  #queue: Entry[] = [];
  #arrays: ArrayJob[] = [];
  #folder: RunFolder | undefined;
  #removed: Promise<void> | undefined;
  #maxArraySize = 0;
  readonly onOutput: OutputListener;
  #ready: Promise<void> | undefined;
  #loop: Promise<void> | undefined;
  #wake = (): void => undefined;
  #nextId = 1;
  #nextArray = 1;
  #firstAt = 0;
  #lastAt = 0;
  #failedStarts = 0;
  #stuck = 0;
  #refusals = 0;
  #retryAt = 0;
  #failure: TilewrightError | undefined;
  #closed = false;
  #draining = false;

  /** @throws TilewrightError config-invalid */
  constructor(options: SlurmArrayOptions = {}) {
    checkArrayOptions(options);
    this.label = options.label ?? 'slurm-array';
    this.#options = options;
    this.#registry = options.registry ?? registry;
    this.onOutput = options.onOutput ?? printOutput;
    this.#commands = new SlurmCommands({ timeoutMs: (options.cmdTimeout ?? 10) * 1000 });
    this.#watch = new JobWatch({
      commands: this.#commands,
      pollMs: (options.pollInterval ?? 5) * 1000,
      heldMs: (options.maxHeldTime ?? 60) * 1000,
      blockedMs: (options.maxBlockedTime ?? 900) * 1000,
    });
    this.#lookMs = (options.lookInterval ?? 1) * 1000;
    this.#gatherMs = (options.gatherTime ?? 0.3) * 1000;
    // An element that is full to its last minute would leave tasks to others.
    const walltime = walltimeSeconds(options.walltime ?? DEFAULT_WALLTIME, this.label);
    this.#secondsPerElement = Math.min(options.secondsPerElement ?? 60, walltime / 2);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Cancels what a driver that was killed has left in `runDir`. */
  start(): Promise<void> {
    this.#ready ??= this.#start();
    return this.#ready;
  }

  async #start(): Promise<void> {
    if (this.#closed) throw interrupted();
    const runDir = resolve(this.#options.runDir ?? 'runinfo');
    await endAbandonedArrays(runDir, this.#watch, this.#cancelMs);
    this.#maxArraySize = await this.#commands.maxArraySize();
    this.#folder = makeRunFolder(runDir, DRIVER_FOLDER);
  }

  async run(task: Task, options: RunOptions = {}): Promise<unknown> {
    if (this.#closed) throw interrupted();
    // Before anything is waited for.
    const encoded = encodeTask(task, options.onUsage !== undefined);
    this.#registry.locate(task.name);
    try {
      await this.start();
      const { onOutput = this.onOutput } = options;
      const text = await this.#enqueue(encoded, task.weight, { ...options, onOutput });
      return takeResult(text, options.onUsage);
    } catch (error) {
      throw toTilewrightError(error, {}, 'task-failed');
    }
  }

  #enqueue(task: EncodedTask, weight: number | undefined, options: RunOptions): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#closed) throw interrupted();
      if (options.signal?.aborted) throw cancelled(task);
      const id = this.#nextId++;
      const entry: Entry = {
        ...{ id, task, weight, options, resolve, reject },
        array: undefined,
        started: false,
      };
      options.signal?.addEventListener('abort', () => this.#takeBack(entry), { once: true });
      this.#lastAt = performance.now();
      if (this.#queue.length === 0) this.#firstAt = this.#lastAt;
      this.#queue.push(entry);
      this.#loop ??= this.#work().finally(() => {
        this.#loop = undefined;
      });
    });
  }

  #takeBack(entry: Entry): void {
    if (entry.array !== undefined) entry.array.takeBack(entry);
    else this.#queue = this.#queue.filter((other) => other !== entry);
    entry.reject(cancelled(entry.task));
  }

  /** Goes on for as long as there are tasks. */
  async #work(): Promise<void> {
    while (this.#queue.length > 0 || this.#hasEntries) {
      const started = performance.now();
      try {
        await this.#pass();
      } catch (error) {
        this.#fail(toTilewrightError(error));
      }
      // A disk that is slow is not looked at all the time.
      const rest = Math.max(this.#pause(), 3 * (performance.now() - started));
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, rest);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  get #hasEntries(): boolean {
    return this.#arrays.some((array) => !array.entries().next().done);
  }

  #pause(): number {
    return this.#queue.length > 0 ? Math.min(this.#gatherMs / 2, this.#lookMs) : this.#lookMs;
  }

  async #pass(): Promise<void> {
    // It may take long when Slurm is silent: nobody waits for it.
    void this.#watch.look().catch((error: unknown) => this.#fail(toTilewrightError(error)));
    for (const array of this.#arrays) array.writeControl();
    // Before the logs are read: what an element has told before its end is in them then.
    const states = new Map(
      this.#arrays.flatMap((array) =>
        array.unsettled.map((element) => [element, this.#watch.status(array.refOf(element).id)]),
      ),
    );
    await Promise.all(
      this.#arrays.map((array) =>
        array.read({
          onHello: () => {
            this.#stuck = 0;
          },
          onBegin: () => {
            this.#failedStarts = 0;
          },
          onEnd: (entry, ms) => this.#costs.note(entry.task.name, entry.weight, ms / 1000),
        }),
      ),
    );
    const unwanted: JobRef[] = [];
    let stuck: string | undefined;
    let failed: string | undefined;
    for (const array of this.#arrays) {
      for (const element of array.unsettled) {
        const { state, reason = state } = states.get(element) ?? { state: 'unknown' };
        const gone = state === 'completed' || state === 'failed';
        const ref = array.refOf(element);
        if (element.entries.size === 0) {
          // Nobody wants its tasks any more; if it runs, it finds out by itself.
          if (element.host === null && !gone) unwanted.push(ref);
        } else if (element.damaged) {
          unwanted.push(ref);
        } else if (state === 'stuck') {
          stuck = reason;
          unwanted.push(ref);
        } else if (element.ended === null && !gone) {
          continue;
        }
        const end = element.ended ?? reason;
        if (state !== 'stuck' && element.entries.size > 0 && !element.begun) {
          failed = `(${end}). The last one said:\n${array.errorOutput(element) || '(nothing)'}`;
        }
        this.#settle(array, element, end);
      }
      if (array.unsettled.length === 0) array.finishedAt ??= performance.now();
    }
    if (unwanted.length > 0) await this.#commands.cancel(unwanted);
    // Many at once have one cause, and count as one.
    if (stuck !== undefined && ++this.#stuck >= MAX_FAILED_STARTS)
      this.#fail(stuckError(MAX_FAILED_STARTS, stuck));
    if (failed !== undefined && ++this.#failedStarts >= MAX_FAILED_STARTS) {
      this.#fail(failedError(this.label, MAX_FAILED_STARTS, failed));
    }
    this.#removeEnded();
    await this.#submitQueue();
  }

  #settle(array: ArrayJob, element: Element, reason: string): void {
    const waiting = array.release(element, reason);
    this.#watch.forget([array.refOf(element).id]);
    if (!this.#closed) this.#queue.push(...waiting);
    else for (const entry of waiting) entry.reject(interrupted());
  }

  #removeEnded(): void {
    this.#arrays = this.#arrays.filter((array) => {
      const { finishedAt, ref } = array;
      if (finishedAt === null || !this.#watch.hasEndedSince(ref, finishedAt)) return true;
      this.#watch.disown(array.name);
      array.remove();
      return false;
    });
  }

  async #submitQueue(): Promise<void> {
    const now = performance.now();
    if (this.#queue.length === 0 || this.#closed || now < this.#retryAt) return;
    const gatherMs = this.#gatherMs;
    if (now - this.#lastAt < gatherMs && now - this.#firstAt < MAX_GATHER * gatherMs) return;
    const groups = groupEntries(this.#queue, this.#costs, {
      threads: this.#options.coresPerElement ?? 1,
      secondsPerElement: this.#secondsPerElement,
      maxElements: this.#maxArraySize,
    });
    this.#queue = [];
    for (let i = 0; i < groups.length; i += this.#maxArraySize) {
      const some = groups.slice(i, i + this.#maxArraySize);
      if (await this.#submit(some)) continue;
      this.#queue.push(...groups.slice(i + this.#maxArraySize).flat());
      return;
    }
  }

  /** @returns whether Slurm has accepted the array */
  async #submit(groups: Entry[][]): Promise<boolean> {
    const { path, id } = this.#folder!;
    const number = this.#nextArray++;
    const name = `${this.#prefix(id)}${number}`;
    const array = new ArrayJob(join(path, `array-${number}`), name, groups, {
      modules: this.#registry.modules(),
      threads: this.#options.coresPerElement ?? 1,
      controlMs: this.#lookMs,
    });
    const { folder } = array;
    const job = { label: this.label, name, folder, elements: groups.length };
    writeFileSync(paths.script(folder), arrayScript(this.#options, job));
    try {
      const variables = overruledVariables(jobOptions(this.#options));
      array.record(await this.#commands.submit(paths.script(folder), variables));
      this.#watch.add(array.elements.map((element) => array.refOf(element)));
      this.#arrays.push(array);
      this.#refusals = 0;
      return true;
    } catch (caught) {
      const error = toTilewrightError(caught);
      const waiting = array.elements.flatMap((element) => array.release(element, ''));
      this.#queue.push(...waiting);
      // It may have been accepted: then its elements find that they are not wanted.
      array.stop('now');
      array.writeControl();
      this.#watch.disown(name);
      this.#retryAt = performance.now() + (this.#options.pollInterval ?? 5) * 1000;
      const hopeless = this.#arrays.length === 0 && ++this.#refusals >= MAX_REFUSALS;
      if (!error.retryable || hopeless) this.#fail(error);
      return false;
    }
  }

  /** Nothing more can be run. */
  #fail(error: TilewrightError): void {
    this.#failure ??= error;
    for (const entry of this.#queue.splice(0)) entry.reject(error);
    for (const array of this.#arrays) {
      for (const entry of [...array.entries()]) {
        if (!entry.started) {
          array.takeBack(entry);
          entry.reject(error);
        }
      }
    }
  }

  async shutdown({ drain = false }: ShutdownOptions = {}): Promise<void> {
    this.#closed = true;
    // A start that fails has told so already.
    await this.#ready?.catch(() => undefined);
    for (const entry of this.#queue.splice(0)) entry.reject(interrupted());
    if (drain) await this.#drain();
    this.#draining = false;
    this.#wake();
    for (const array of this.#arrays) {
      array.stop('now');
      for (const entry of [...array.entries()]) {
        array.drop(entry);
        entry.reject(interrupted());
      }
    }
    this.#wake();
    await this.#loop;
    this.#removed ??= this.#removeFolder();
    await this.#removed;
  }

  /** Lets what runs come to its end. */
  async #drain(): Promise<void> {
    this.#draining = true;
    this.#wake();
    await this.#commands.cancel(
      this.#arrays.map((array) => array.ref),
      { pendingOnly: true },
    );
    for (const array of this.#arrays) {
      array.stop('drain');
      for (const entry of [...array.entries()]) {
        if (entry.started) continue;
        array.takeBack(entry);
        entry.reject(interrupted());
      }
    }
    while (this.#draining && this.#hasEntries) {
      this.#wake();
      await new Promise<void>((resolve) => {
        setTimeout(resolve, Math.min(200, this.#lookMs));
      });
    }
  }

  get #cancelMs(): number {
    return (this.#options.cancelTimeout ?? 90) * 1000;
  }

  /** What the names of all arrays of this driver begin with. */
  #prefix(id: string): string {
    return `tilewright-${this.label.replaceAll(/[^\w-]/g, '-')}-${id}-`;
  }

  async #removeFolder(): Promise<void> {
    const folder = this.#folder;
    if (folder === undefined) return;
    for (const array of this.#arrays) array.writeControl();
    await this.#watch.look(0).catch(() => false);
    // With those that a killed controller has brought back after it had told of their end.
    const others = this.#watch.startingWith(this.#prefix(folder.id));
    const jobs = [...this.#arrays.map((array) => array.ref), ...others];
    const left = await this.#watch.cancelAndWait(jobs, this.#cancelMs).catch(() => jobs);
    // What Slurm still has stays on record for the next driver.
    if (left.length === 0) removeRunFolder(folder);
    else folder.lock.release();
  }
}
