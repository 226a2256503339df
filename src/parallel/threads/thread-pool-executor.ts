/** Runs tasks in worker threads of this process: the embedded default, without any server. */

import { availableParallelism } from 'node:os';
import { toTilewrightError } from '../../core/errors.ts';
import { RUN_COMMAND_URL } from '../apps/register-commands.ts';
import {
  cancelled,
  type Executor,
  interrupted,
  type RunOptions,
  type ShutdownOptions,
} from '../executor.ts';
import { isOwnModule } from '../inside/import-module.ts';
import { assertMayStart } from '../inside/worker-state.ts';
import { unreadableAnswer } from '../messages.ts';
import {
  aFunction,
  aRegistry,
  checkOptions,
  type OptionRules,
  text,
  wholeNumber,
  word,
} from '../options.ts';
import { keepOutput, type OutputListener, type OutputOptions, printOutput } from '../output.ts';
import { killCommands } from '../processes/commands.ts';
import { processToken, watchOverCommands } from '../processes/watcher.ts';
import { type Registry, registry } from '../registry.ts';
import { type EncodedTask, type PreparedTask, prepareTask, type Task } from '../task.ts';
import { TaskQueue } from '../task-queue.ts';
import { workerName } from '../usage/task-meter.ts';
import { decodeText } from '../values/codec.ts';
import { decodeFailure } from '../values/failure.ts';
import type { FromThread } from './messages.ts';
import { ResourceCount } from './resource-count.ts';
import { type Job, type ThreadEvents, WorkerThread } from './worker-thread.ts';

/** Options of a {@link ThreadPoolExecutor}. */
export interface ThreadPoolOptions extends OutputOptions {
  label?: string;
  /** How many threads at the most; they start when there is work. Default: one for each core. */
  maxThreads?: number;
  /** Folder for files with what the tasks print, one for each worker and stream. Default: none. */
  runDir?: string;
  /** Variables of a thread's environment, besides those of this process; by its number, from 1. */
  variables?: (number: number) => Record<string, string>;
  registry?: Registry;
}

const rules: OptionRules<ThreadPoolOptions> = {
  label: word,
  maxThreads: wholeNumber(1),
  runDir: text,
  onOutput: aFunction,
  variables: aFunction,
  registry: aRegistry,
};

let pools = 0;

/** Runs tasks in worker threads of this process. */
export class ThreadPoolExecutor implements Executor {
  readonly label: string;
  readonly slots: number;
  readonly sharesMemory = true;
  readonly #registry: Registry;
  readonly onOutput: OutputListener;
  /** What the tokens of its tasks begin with. */
  readonly #token = `${processToken}-${++pools}.`;
  readonly #idle: WorkerThread[] = [];
  readonly #busy = new Set<WorkerThread>();
  readonly #waiting = new TaskQueue<Job>();
  readonly #resources: ResourceCount;
  readonly #variables: ThreadPoolOptions['variables'];
  readonly #drained = Promise.withResolvers<void>();
  /** Whether tasks ran that may have started commands. */
  #watched = false;
  #nextId = 1;
  #closed = false;
  #stopped = false;

  /** @throws TilewrightError config-invalid */
  constructor(options: ThreadPoolOptions = {}) {
    checkOptions('ThreadPoolExecutor', options, rules);
    this.label = options.label ?? 'threads';
    this.slots = options.maxThreads ?? availableParallelism();
    this.#registry = options.registry ?? registry;
    this.#resources = new ResourceCount(this.label, this.slots);
    this.#variables = options.variables;
    const { onOutput = printOutput, runDir } = options;
    this.onOutput = runDir === undefined ? onOutput : keepOutput(runDir, onOutput);
  }

  get workers(): number {
    return this.slots;
  }

  get closed(): boolean {
    return this.#closed;
  }

  run(task: Task, options: RunOptions = {}): Promise<unknown> {
    return this.#take(() => prepareTask(task, options.onUsage !== undefined), false, options);
  }

  /** The same for a task with arguments as text, and with a result as text. */
  runEncoded(task: EncodedTask, options: RunOptions = {}): Promise<string> {
    const { measured = false } = task;
    const prepare = (): PreparedTask => ({ ...task, moved: [], measured });
    return this.#take(prepare, true, options) as Promise<string>;
  }

  #take(prepare: () => PreparedTask, asText: boolean, options: RunOptions): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw interrupted();
      const task = prepare();
      if (options.signal?.aborted) throw cancelled(task);
      if (this.#nextId === 1) assertMayStart(this.label);
      this.#resources.check(task);
      const location = this.#registry.locate(task.name);
      const id = this.#nextId++;
      // Commands of our own end with their pipes; those of bash apps are a user's.
      const ownAlone = isOwnModule(location.url) && location.url !== RUN_COMMAND_URL;
      const token = ownAlone ? null : `${this.#token}${id}.`;
      const job: Job = { id, task, location, options, asText, token, resolve, reject };
      options.signal?.addEventListener('abort', () => this.#takeBack(job), { once: true });
      this.#waiting.push(job);
      this.#dispatch();
      if (this.#waiting.has(job)) keep(task);
    });
  }

  #dispatch(): void {
    for (let job = this.#waiting.peek(); job !== undefined; job = this.#waiting.peek()) {
      if (this.#busy.size >= this.slots || !this.#resources.fits(job.task)) return;
      this.#waiting.shift();
      this.#begin(this.#idle.pop() ?? this.#start(), job);
    }
  }

  #begin(thread: WorkerThread, job: Job): void {
    if (job.token !== null && !this.#watched) {
      this.#watched = true;
      watchOverCommands();
    }
    try {
      thread.begin(job);
    } catch (error) {
      this.#idle.push(thread);
      job.reject(toTilewrightError(error, {}, 'task-arguments'));
      return;
    }
    this.#busy.add(thread);
    this.#resources.take(job.task);
    job.options.onStart?.(workerName(thread.number));
  }

  #takeBack(job: Job): void {
    if (this.#waiting.remove(job)) {
      job.reject(cancelled(job.task));
      return;
    }
    for (const thread of this.#busy) {
      if (thread.job === job) thread.stopJob(cancelled(job.task));
    }
  }

  #start(): WorkerThread {
    const taken = new Set([...this.#busy, ...this.#idle].map((other) => other.number));
    let number = 1;
    while (taken.has(number)) number++;
    const events: ThreadEvents = {
      onMessage: (thread, job, message) => this.#onMessage(thread, job, message),
      onOutput: (thread, stream, text) => {
        const tell = thread.job?.options.onOutput ?? this.onOutput;
        return tell({ stream, text, worker: workerName(thread.number) });
      },
      onExit: (thread, job, error) => {
        this.#busy.delete(thread);
        const place = this.#idle.indexOf(thread);
        if (place >= 0) this.#idle.splice(place, 1);
        if (job !== undefined) {
          this.#resources.give(job.task);
          job.reject(this.#stopped && job.stopped === undefined ? interrupted() : error);
        }
        if (!this.#stopped) this.#dispatch();
        this.#noteDrained();
      },
    };
    return new WorkerThread(number, events, this.#variables?.(number));
  }

  #onMessage(thread: WorkerThread, job: Job, message: FromThread): void {
    if ('progress' in message) {
      job.options.onProgress?.(message.progress);
      return;
    }
    thread.release();
    this.#busy.delete(thread);
    if (!thread.gone) this.#idle.push(thread);
    this.#resources.give(job.task);
    settle(job, message);
    this.#dispatch();
    this.#noteDrained();
  }

  #noteDrained(): void {
    if (this.#closed && this.#busy.size === 0) this.#drained.resolve();
  }

  async shutdown({ drain = false }: ShutdownOptions = {}): Promise<void> {
    this.#closed = true;
    for (const job of this.#waiting.drain()) job.reject(interrupted());
    this.#noteDrained();
    if (drain) await this.#drained.promise;
    this.#stopped = true;
    await Promise.all([...this.#idle, ...this.#busy].map((thread) => thread.terminate()));
    // What tasks have left behind that ended well.
    if (this.#watched) killCommands(this.#token);
  }
}

/** The arguments of a task that waits are those of the moment when it was handed in. */
function keep(task: PreparedTask): void {
  if (task.owned === true || typeof task.args === 'string') return;
  const { moved, args } = task;
  Object.assign(task, structuredClone({ args, moved }, { transfer: moved }));
}

function settle(job: Job, message: FromThread): void {
  if ('failure' in message) {
    job.reject(decodeFailure(message.failure) ?? unreadableAnswer());
    return;
  }
  if ('progress' in message || 'output' in message || 'thread' in message) return;
  const { value, text, usage } = message;
  if (job.asText) {
    if (typeof text === 'string') job.resolve(text);
    else job.reject(unreadableAnswer());
    return;
  }
  if (usage != null) job.options.onUsage?.(usage);
  try {
    job.resolve(text === undefined ? value : decodeText(text));
  } catch {
    job.reject(unreadableAnswer());
  }
}
