/** A worker thread of a pool, and the task that it has. */

import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
} from 'node:worker_threads';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import type { RunOptions } from '../executor.ts';
import type { OutputStream } from '../inside/capture-output.ts';
import { engineDepth } from '../inside/worker-state.ts';
import { endCommands } from '../processes/commands.ts';
import type { FunctionLocation } from '../registry.ts';
import type { PreparedTask } from '../task.ts';
import { type LongTimer, startTimer, timeLimitError } from '../time-limit.ts';
import type { FromThread, ThreadData, ToThread } from './messages.ts';

/** A task that was handed in and has not ended. */
export interface Job {
  readonly id: number;
  readonly task: PreparedTask;
  readonly location: FunctionLocation;
  readonly options: RunOptions;
  /** Whether its result is wanted as text. */
  readonly asText: boolean;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: TilewrightError) => void;
  /** By which its commands are found; null if it is known to start none. */
  readonly token: string | null;
  /** Why its thread is being stopped. */
  stopped?: TilewrightError;
}

export interface ThreadEvents {
  onMessage(thread: WorkerThread, job: Job, message: FromThread): void;
  /** May return a promise of when there is room for more. */
  onOutput(thread: WorkerThread, stream: OutputStream, text: string): unknown;
  /** It has ended, or does not end though it should: nothing more comes from it. */
  onExit(thread: WorkerThread, job: Job | undefined, error: TilewrightError): void;
}

/** A system call that nothing interrupts holds a thread that is stopped; it is not waited for. */
const STUCK_MS = 3_000;

// The source runs as it is; the published package is compiled.
const workerUrl = new URL(
  import.meta.url.endsWith('.ts') ? './thread-worker.ts' : './thread-worker.js',
  import.meta.url,
);

let programArguments: readonly string[] = process.argv.slice(2);

/** Of a process that works for a program elsewhere: its threads see that one's arguments. */
export function runAsIfCalledWith(argv: readonly string[]): void {
  programArguments = argv;
}

export class WorkerThread {
  /** From 1; a thread that has ended leaves its number to its successor. */
  readonly number: number;
  readonly #worker: Worker;
  /** Of our own: the thread's `parentPort` is for what users' modules say and hear there. */
  readonly #port: MessagePort;
  readonly #printed = new Int32Array(new SharedArrayBuffer(4));
  readonly #events: ThreadEvents;
  #job: Job | undefined;
  #timer: LongTimer | undefined;
  /** Until it counts as stuck. */
  #patience: LongTimer | undefined;
  /** The system's number of the thread. */
  #thread: number | undefined;
  #failure: unknown;
  #gone = false;

  /** @param variables - of its environment, besides those of this process */
  constructor(number: number, events: ThreadEvents, variables?: Record<string, string>) {
    this.number = number;
    this.#events = events;
    // A program that was given as text says what kind of text it is; for a file that is refused.
    const fromText = process.execArgv.some((option) => option.startsWith('--input-type'));
    const { port1, port2 } = new MessageChannel();
    const printed = this.#printed;
    const workerData: ThreadData = { number, depth: engineDepth() + 1, port: port2, printed };
    this.#port = port1;
    this.#worker = new Worker(workerUrl, {
      workerData,
      transferList: [port2],
      argv: [...programArguments],
      ...(fromText && { execArgv: [] }),
      ...(variables !== undefined && { env: { ...process.env, ...variables } }),
    });
    port1.on('message', (message: FromThread) => this.#onMessage(message));
    this.#worker.on('error', (error) => {
      this.#failure = error;
    });
    port1.on('messageerror', (error) => {
      // An answer that can't be read is none.
      this.#failure = error;
      void this.#worker.terminate();
    });
    this.#worker.on('exit', (code) => {
      const known = this.#gone;
      this.#gone = true;
      // Its last words may not have been heard yet.
      for (let last = this.#heard(); last !== undefined; last = this.#heard()) {
        this.#onMessage(last.message as FromThread);
      }
      this.#gone = known;
      this.#onExit(code);
    });
  }

  /** Whether it takes no more tasks. */
  get gone(): boolean {
    return this.#gone;
  }

  get job(): Job | undefined {
    return this.#job;
  }

  /** @throws Error if the arguments can't be sent */
  begin(job: Job): void {
    const { id, location, asText, token, task } = job;
    const { args, moved, measured, each = false, timeLimitMs } = task;
    const message: ToThread = { id, location, args, asText, measured, each, token };
    this.#port.postMessage(message, moved);
    this.#job = job;
    this.#worker.ref();
    this.#port.ref();
    if (timeLimitMs !== undefined) {
      this.#timer = startTimer(() => this.stopJob(timeLimitError(task)), timeLimitMs);
    }
  }

  /** Forgets the job, which has ended. */
  release(): void {
    this.#job = undefined;
    this.#timer?.clear();
    // An idle thread must not keep the process alive.
    this.#worker.unref();
    this.#port.unref();
  }

  /** Ends the thread with the job that it has, and the commands which that has started. */
  stopJob(reason: TilewrightError): void {
    const job = this.#job!;
    job.stopped ??= reason;
    void this.#worker.terminate();
    // A command that the thread waits for holds it.
    if (job.token !== null) void endCommands(job.token, this.#thread);
    this.#patience ??= startTimer(() => this.#onExit(1), STUCK_MS);
  }

  async terminate(): Promise<void> {
    const stuck = Promise.withResolvers<void>();
    const timer = startTimer(() => stuck.resolve(), STUCK_MS);
    const token = this.#job?.token ?? null;
    const ended = this.#worker.terminate();
    if (token !== null) void endCommands(token, this.#thread);
    await Promise.race([ended, stuck.promise]);
    timer.clear();
    this.#onExit(1);
  }

  #onMessage(message: FromThread): void {
    if ('output' in message) {
      const { output, text } = message;
      const room = this.#events.onOutput(this, output, text);
      if (room instanceof Promise) void room.finally(() => this.#take(text.length));
      else this.#take(text.length);
    } else if ('thread' in message) this.#thread = message.thread;
    else if (this.#job?.id === message.id && this.#job.stopped === undefined) {
      this.#events.onMessage(this, this.#job, message);
    }
  }

  /** So much of what was printed is taken. */
  #take(length: number): void {
    Atomics.sub(this.#printed, 0, length);
    Atomics.notify(this.#printed, 0);
  }

  #heard(): { message: unknown } | undefined {
    try {
      return receiveMessageOnPort(this.#port);
    } catch {
      // What can't be read is no answer.
      return undefined;
    }
  }

  #onExit(code: number): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#port.close();
    const job = this.#job;
    this.#job = undefined;
    this.#timer?.clear();
    this.#patience?.clear();
    this.#events.onExit(this, job, job?.stopped ?? died(job, code, this.#failure));
  }
}

function died(job: Job | undefined, code: number, failure: unknown): TilewrightError {
  const reason = failure === undefined ? '' : `: ${toTilewrightError(failure).message}`;
  return new TilewrightError(
    'worker-died',
    `A worker ended (exit code ${code}) during task ${job?.task.name}${reason}`,
    { retryable: true, cause: failure },
  );
}
