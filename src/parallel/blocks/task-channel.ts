/** How tasks reach the workers of blocks, and results come back: by socket, or by a queue. */

import type { RunOptions, ShutdownOptions } from '../executor.ts';
import type { OutputListener } from '../output.ts';
import type { EncodedTask } from '../task.ts';

/** A process on a node that has workers. */
export interface ManagerInfo {
  id: string;
  /** The block that it is part of; null for one that was started by hand. */
  blockId: string | null;
  host: string;
  pid: number;
  /** How many workers it has, and how many of them have a task. */
  slots: number;
  busy: number;
}

export interface ChannelEvents {
  onManager(manager: ManagerInfo): void;
  onManagerGone(manager: ManagerInfo): void;
  /** A worker has printed something outside of tasks. */
  onOutput: OutputListener;
}

export interface TaskChannel {
  /** Managers that are there now. */
  readonly managers: readonly ManagerInfo[];
  /** How many tasks it can usefully hold besides those that workers have. */
  readonly prefetch: number;
  /**
   * @param folder - for what it has to have on the disk; only its owner can enter it
   * @throws TilewrightError queue if the queue can't be reached
   */
  start(events: ChannelEvents, folder: string): Promise<void>;
  /** What a worker's command needs to find this channel. Secrets are in files, not in here. */
  workerArguments(folder: string): readonly string[];
  /**
   * Runs a task on some worker. Rejects as `Executor.run` does; with `worker-died` only for a task
   * that a worker had begun: what had not begun goes to another one.
   */
  run(task: EncodedTask, options: RunOptions): Promise<string>;
  /** Rejects with this error, at once and from now on, what waits for a worker. */
  fail(error: Error): void;
  /** Tells the managers of a block to end once their tasks have. */
  release(blockId: string): void;
  /** Rejects what waits; stops the managers, with `drain` after their running tasks. */
  shutdown(options: ShutdownOptions): Promise<void>;
  /** After `shutdown`, when all blocks have ended: takes away what is left elsewhere. */
  close?(): Promise<void>;
}
