/**
 * What serves a node of a block: worker threads, and the rules by which they take tasks. Threads,
 * because a thread can't outlive its process, as an orphaned child would.
 */

import { availableParallelism } from 'node:os';
import { interrupted, type RunOptions } from '../executor.ts';
import type { OutputListener } from '../output.ts';
import type { Registry } from '../registry.ts';
import type { EncodedTask } from '../task.ts';
import { ThreadPoolExecutor } from '../threads/thread-pool-executor.ts';
import { type PlacementOptions, placesOf, workerVariables } from './placement.ts';
import { PrintedFiles } from './printed-files.ts';

export interface ManagerOptions extends PlacementOptions {
  /** Workers at the most. Default: as many as the cores allow. */
  maxWorkers?: number | undefined;
  /** Cores that a worker needs; may be less than 1. Default: 1. */
  coresPerWorker?: number | undefined;
  /** When the block ends, in milliseconds since the epoch; null if it does not. */
  endsAt?: number | null | undefined;
  /** Whether what the process itself prints is told as output of the tasks that run. */
  followOutput?: boolean | undefined;
  registry: Registry;
}

/** Milliseconds before the end of a block in which nothing is begun, however short it may be. */
const LAST_MOMENTS_MS = 5_000;
/** Before a task that may kill the process begins, answers of others have so long to leave it. */
const QUIET_MS = 100;
/** How often is looked for what the process has printed, while tasks run. */
const PRINTED_MS = 500;
/** A task is expected to take no longer than the longest so far, times this. */
const SAFETY = 1.5;

export class Manager {
  /** How many tasks it works on at a time. */
  readonly slots: number;
  readonly #pool: ThreadPoolExecutor;
  readonly #endsAt: number | null;
  #longestMs = 0;
  #running = 0;
  #alone = false;
  #endedAt = Number.NEGATIVE_INFINITY;
  /** Those that wait at the gate, in their order. */
  readonly #gate: { alone: boolean; enter: () => void }[] = [];
  #stopped = false;
  readonly #printed: PrintedFiles | null;
  /** Of the tasks that run. */
  readonly #listeners = new Set<OutputListener>();
  readonly #timer: NodeJS.Timeout | undefined;

  /** @throws TilewrightError config-invalid if workers can't be placed as they are to be */
  constructor(options: ManagerOptions) {
    const { maxWorkers, coresPerWorker = 1, endsAt = null, registry } = options;
    const byCores = Math.max(1, Math.floor(availableParallelism() / coresPerWorker));
    this.slots = Math.min(maxWorkers ?? byCores, byCores, placesOf(options));
    this.#endsAt = endsAt;
    const places = Array.from({ length: this.slots }, (_, rank) =>
      workerVariables(rank, this.slots, options),
    );
    const variables = (number: number): Record<string, string> => places[number - 1]!;
    this.#pool = new ThreadPoolExecutor({ maxThreads: this.slots, variables, registry });
    this.#printed = options.followOutput === true ? new PrintedFiles() : null;
    if (this.#printed === null) return;
    this.#timer = setInterval(() => this.#tellPrinted(), PRINTED_MS).unref();
  }

  /**
   * Whether a task can be expected to end before the block does. The first one is taken whatever
   * its limit: if it is longer than any block, no other block would take it either.
   */
  hasTimeFor(task: Pick<EncodedTask, 'timeLimitMs'>): boolean {
    if (this.#endsAt === null) return true;
    const isFirst = this.#running === 0 && this.#longestMs === 0;
    const expected = isFirst ? 0 : (task.timeLimitMs ?? this.#longestMs * SAFETY);
    return Date.now() + Math.max(expected, LAST_MOMENTS_MS) < this.#endsAt;
  }

  /**
   * Runs a task when its turn comes; rejects as `Executor.run` does.
   * @param onTurn - is waited for right before the task begins
   */
  async run(task: EncodedTask, options: RunOptions, onTurn?: () => Promise<void>): Promise<string> {
    const alone = task.alone === true;
    await this.#enter(alone);
    const started = performance.now();
    try {
      await onTurn?.();
      if (this.#stopped) throw interrupted();
      if (options.onOutput !== undefined) this.#listeners.add(options.onOutput);
      return await this.#pool.runEncoded(task, options);
    } finally {
      this.#tellPrinted(options.onOutput);
      if (options.onOutput !== undefined) this.#listeners.delete(options.onOutput);
      this.#longestMs = Math.max(this.#longestMs, performance.now() - started);
      this.#running--;
      this.#endedAt = performance.now();
      if (alone) this.#alone = false;
      this.#openGate();
    }
  }

  /** @param listener - of the task that it is most likely of; default: of any that runs */
  #tellPrinted(listener?: OutputListener): void {
    const [tell = listener] = listener === undefined ? this.#listeners : [listener];
    if (tell === undefined) return;
    for (const output of this.#printed?.read() ?? []) tell(output);
  }

  /** Stops all tasks. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopped = true;
    await this.#pool.shutdown();
    this.#openGate();
  }

  #enter(alone: boolean): Promise<void> {
    return new Promise((enter) => {
      this.#gate.push({ alone, enter });
      this.#openGate();
    });
  }

  #openGate(): void {
    for (let next = this.#gate[0]; next !== undefined; next = this.#gate[0]) {
      const blocked = this.#alone || (next.alone && this.#running > 0);
      if (blocked && !this.#stopped) return;
      const quietIn = next.alone ? this.#endedAt + QUIET_MS - performance.now() : 0;
      if (quietIn > 0 && !this.#stopped) {
        setTimeout(() => this.#openGate(), quietIn);
        return;
      }
      this.#gate.shift();
      this.#running++;
      this.#alone ||= next.alone;
      next.enter();
    }
  }
}
