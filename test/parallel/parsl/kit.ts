/** Cases after Parsl's own tests: what one is, and what it works with. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { interrupted } from '../../../src/parallel/executor.ts';
import {
  type AppFuture,
  apps,
  type ConfigOptions,
  type DataFlowKernel,
  type Executor,
  File,
  type RunOptions,
  type ShutdownOptions,
  type Task,
  TilewrightError,
} from '../../../src/parallel.ts';
import type * as Functions from './functions.ts';

/** Where cases are run: `slurm` is blocks of Slurm, `redis` a queue with a local block. */
export const ENGINES = ['threads', 'local', 'redis', 'slurm'] as const;
export type Engine = (typeof ENGINES)[number];

export interface Case {
  /** What is promised. */
  name: string;
  /** Parsl's test of it, below `parsl/tests/`. */
  after: string;
  /** Default: all. */
  on?: readonly Engine[];
  /** What is promised here in place of what Parsl promises. */
  differs?: string;
  /** Of the kernel that is loaded for it; null: it loads what it needs. */
  config?: Omit<ConfigOptions, 'executors'> | null;
  run(kit: Kit): Promise<void>;
}

/** What a case is given. */
export interface Kit {
  readonly engine: Engine;
  /** An empty folder that workers reach by the same path. */
  readonly folder: string;
  /** The loaded kernel. */
  readonly kernel: DataFlowKernel;
  /** A path in the folder. */
  path(name: string): string;
  file(name: string): File;
  /** Options for a Config with workers that are there already, and no pauses between retries. */
  config(options?: ConfigOptions): ConfigOptions;
  /** Workers that are there already; its shutdown leaves them to the next case. */
  lend(label?: string): Executor;
  /** An executor with workers of its own, which is shut down after the case. */
  make(workers: number, label?: string): Executor;
}

/** Executors that start no blocks. */
export const HERE: readonly Engine[] = ['threads'];
/** Those whose workers are processes of their own. */
export const BLOCKS: readonly Engine[] = ['local', 'redis', 'slurm'];

export const URL_OF_FUNCTIONS = new URL('./functions.ts', import.meta.url);
export const fn = apps<typeof Functions>(URL_OF_FUNCTIONS, { module: 'parsl-functions' });

/** The error of a task that has to fail. */
export async function failureOf(future: AppFuture<unknown>): Promise<TilewrightError> {
  const error = await future.exception();
  assert.ok(error instanceof TilewrightError, `${future.name} has not failed`);
  return error;
}

/** A part of an executor, for one kernel. */
class LentExecutor implements Executor {
  readonly label: string;
  readonly #executor: Executor;
  readonly #running = new Map<Promise<unknown>, AbortController>();
  closed = false;

  constructor(executor: Executor, label: string) {
    this.#executor = executor;
    this.label = label;
  }

  get slots(): number {
    return this.#executor.slots;
  }

  async run(task: Task, options: RunOptions = {}): Promise<unknown> {
    if (this.closed) throw interrupted();
    const { signal } = options;
    const stop = new AbortController();
    const takeBack = (): void => stop.abort();
    if (signal?.aborted) stop.abort();
    signal?.addEventListener('abort', takeBack);
    const run = this.#executor.run(task, { ...options, signal: stop.signal });
    this.#running.set(run, stop);
    try {
      return await run;
    } catch (error) {
      throw stop.signal.aborted && signal?.aborted !== true ? interrupted() : error;
    } finally {
      signal?.removeEventListener('abort', takeBack);
      this.#running.delete(run);
    }
  }

  async shutdown({ drain = false }: ShutdownOptions = {}): Promise<void> {
    this.closed = true;
    if (!drain) for (const stop of this.#running.values()) stop.abort();
    await Promise.allSettled(this.#running.keys());
  }
}

export function makeKit(
  engine: Engine,
  folder: string,
  shared: Executor,
  make: (workers: number, label: string, folder: string) => Executor,
  made: Executor[],
): Omit<Kit, 'kernel'> {
  const lend = (label = 'lent'): Executor => new LentExecutor(shared, label);
  return {
    engine,
    folder,
    path: (name) => join(folder, name),
    file: (name) => new File(join(folder, name)),
    config: (options = {}) => ({
      executors: [lend()],
      backoffMs: 0,
      runDir: join(folder, 'runinfo'),
      ...options,
    }),
    lend,
    make(workers, label = 'own') {
      const executor = make(workers, label, folder);
      made.push(executor);
      return executor;
    },
  };
}
