/** The contract between those who have work and those who do it. All executors pass one suite. */

import { TilewrightError } from '../core/errors.ts';
import type { ScalingOptions } from './blocks/strategy.ts';
import type { OutputListener } from './output.ts';
import type { Task } from './task.ts';
import type { TaskUsage } from './usage/usage.ts';

/** What goes along with one task. */
export interface RunOptions {
  /** Called when a worker, `host/process/thread`, begins with the task. */
  onStart?: ((worker: string) => void) | undefined;
  /** Gets what the task reports, in order, before the result. */
  onProgress?: ((amount: number) => void) | undefined;
  /** Gets what the task has cost, right before its result; without it that is not measured. */
  onUsage?: ((usage: TaskUsage) => void) | undefined;
  /** Gets what the task prints. Default: the executor's own listener. */
  onOutput?: OutputListener | undefined;
  /** Takes the task back: it is not started, or stopped as far as that is possible. */
  signal?: AbortSignal | undefined;
}

/** A block of an executor was asked for, began, or ended. */
export interface BlockEvent {
  blockId: string;
  /** What the provider calls it, once it is known: the id of a job, of a process. */
  jobId: string | null;
  state: 'submitted' | 'running' | 'ended' | 'failed';
  /** Milliseconds since the epoch. */
  at: number;
  /** Why it ended or failed. */
  reason?: string | undefined;
}

/** How an executor ends. */
export interface ShutdownOptions {
  /** Lets the tasks that run come to their end; those that wait are rejected at once. */
  drain?: boolean;
}

/** Runs tasks somewhere: in this thread, in others, in other processes, on a cluster. */
export interface Executor {
  /** Name in messages, and for apps that choose their executor. */
  readonly label: string;
  /**
   * How many tasks it can use at a time: those that run and, if it pays, some that wait. May change
   * as workers come and go.
   */
  readonly slots: number;
  /** How many tasks can be worked on at this moment; left out if it does not know. */
  readonly workers?: number;
  /**
   * How many there are once all is there that it may ask for; left out if that depends on others. More
   * may join that were started elsewhere.
   */
  readonly mostWorkers?: number | undefined;
  /** Whether its workers are threads of this process, or this thread: memory can be moved to them. */
  readonly sharesMemory?: boolean;
  /** Whether `shutdown` was called: it takes no more tasks. */
  readonly closed: boolean;
  /** Called with each change of a block, by executors that have such; set by who observes. */
  onBlock?: ((event: BlockEvent) => void) | undefined;
  /** Takes what a `Config` says about blocks, where the executor has some; before `start`. */
  configure?(scaling: ScalingOptions): void;
  /** Gets what tasks print that have no listener of their own. Default: the program prints it. */
  readonly onOutput?: OutputListener | undefined;
  /** Gets ready, where that takes time; `run` does it if nobody did. */
  start?(): Promise<void>;
  /**
   * Runs a task once; resolves with what its function returns. Rejects with a TilewrightError: what
   * the function threw (`task-failed` if that is no TilewrightError), `task-unknown`,
   * `task-arguments`, `task-timeout` and `worker-died` (both retryable), `task-cancelled`,
   * `interrupted` when the executor is shut down, `block-failed` when no worker can be had.
   */
  run(task: Task, options?: RunOptions): Promise<unknown>;
  /**
   * Takes no more tasks, stops all workers, leaves no process, job or key behind. Tasks that end by
   * this reject with `interrupted`. A second call without `drain` ends the wait of a first with it.
   */
  shutdown(options?: ShutdownOptions): Promise<void>;
}

export function interrupted(): TilewrightError {
  return new TilewrightError('interrupted', 'The executor was shut down');
}

export function cancelled(task: { name: string }): TilewrightError {
  return new TilewrightError('task-cancelled', `${task.name} was cancelled`);
}
