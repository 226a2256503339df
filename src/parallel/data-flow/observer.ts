/** What a kernel tells of itself while it works: for monitoring. */

import type { TilewrightError } from '../../core/errors.ts';
import type { BlockEvent } from '../executor.ts';
import type { TaskUsage } from '../usage/usage.ts';

/**
 * `waiting`: handed in. `queued`: an attempt begins, on an executor. `running`: a worker has it.
 * `retry`: an attempt failed, another follows. The others are ends, one for each task: `done`,
 * `memoized` (done by an earlier call's result), `failed`, `cancelled`.
 */
export type TaskEventState =
  | 'waiting'
  | 'queued'
  | 'running'
  | 'retry'
  | 'done'
  | 'memoized'
  | 'failed'
  | 'cancelled';

/** A change of a task. */
export interface TaskEvent {
  taskId: number;
  /** Of the app: `module.export`. */
  name: string;
  state: TaskEventState;
  /** From 1; 0 before the first. */
  attempt: number;
  /** Milliseconds since the epoch. */
  at: number;
  /** Label; from `queued` on. */
  executor?: string | undefined;
  /** `host/process/thread`; from `running` on. */
  worker?: string | undefined;
  /** With `waiting`: the tasks whose results it needs. */
  depends?: readonly number[] | undefined;
  /** With `done`, where it was measured. */
  usage?: TaskUsage | undefined;
  /** With `retry`, `failed` and `cancelled`. */
  error?: TilewrightError | undefined;
  /** With `waiting`: paths, of apps that have such. */
  stdout?: string | undefined;
  stderr?: string | undefined;
  inputs?: readonly string[] | undefined;
  outputs?: readonly string[] | undefined;
  /** Key of the memo; from when it is known, for apps with `cache`. */
  hash?: string | null | undefined;
  /** With `waiting`: whether its function runs here and calls other apps. */
  join?: boolean | undefined;
}

/** A block of an executor has changed. */
export interface ObservedBlock extends BlockEvent {
  /** Label. */
  executor: string;
}

/**
 * Follows a kernel. Its functions are called in the middle of the kernel's work: they are to be
 * quick. When one throws, there is one warning, and nothing more is told.
 */
export interface KernelObserver {
  onStart?(run: {
    runId: string;
    /** Milliseconds since the epoch. */
    startedAt: number;
    /** Path of the program's main file, or what it is called. */
    program: string;
    runDir: string | null;
  }): void;
  onTask(event: TaskEvent): void;
  onBlock?(event: ObservedBlock): void;
  /** Waited for by `cleanup`. */
  onEnd?(run: { endedAt: number; done: number; failed: number }): void | Promise<void>;
}

/** An observer that can't disturb who is observed. */
export class SafeObserver implements KernelObserver {
  #observer: KernelObserver | undefined;

  constructor(observer: KernelObserver) {
    this.#observer = observer;
  }

  onStart(run: Parameters<NonNullable<KernelObserver['onStart']>>[0]): void {
    this.#tell((observer) => observer.onStart?.(run));
  }

  onTask(event: TaskEvent): void {
    try {
      this.#observer?.onTask(event);
    } catch (error) {
      this.#drop(error);
    }
  }

  onBlock(event: ObservedBlock): void {
    this.#tell((observer) => observer.onBlock?.(event));
  }

  async onEnd(run: Parameters<NonNullable<KernelObserver['onEnd']>>[0]): Promise<void> {
    try {
      await this.#observer?.onEnd?.(run);
    } catch (error) {
      this.#drop(error);
    }
  }

  #tell(call: (observer: KernelObserver) => void): void {
    try {
      if (this.#observer !== undefined) call(this.#observer);
    } catch (error) {
      this.#drop(error);
    }
  }

  #drop(error: unknown): void {
    this.#observer = undefined;
    process.emitWarning(
      `Monitoring has stopped, the tasks go on: ${error instanceof Error ? error.message : error}`,
      'TilewrightWarning',
    );
  }
}
