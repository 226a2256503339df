/** What a kernel is loaded with. Names are those of Parsl, in camelCase. */

import { join } from 'node:path';
import { type ScalingOptions, scalingRules } from '../blocks/strategy.ts';
import type { Executor } from '../executor.ts';
import {
  checkOptions,
  flag,
  having,
  invalidOptions,
  listOf,
  type OptionRules,
  oneOf,
  wholeNumber,
  word,
} from '../options.ts';
import { ThreadPoolExecutor } from '../threads/thread-pool-executor.ts';
import type { KernelObserver } from './observer.ts';
import { type RetryPolicy, retryRules } from './retry.ts';

export type CheckpointMode = 'taskExit' | 'periodic' | 'manual' | 'dfkExit';

/**
 * What a configuration of the engine is made of. `strategy` and the like are for executors that have
 * blocks and were told nothing themselves.
 */
export interface ConfigOptions extends RetryPolicy, ScalingOptions {
  /** Where apps run; labels must differ. Default: one `ThreadPoolExecutor`. */
  executors?: readonly Executor[];
  /** Whether apps that were made with `cache: true` keep their results. Default: true. */
  appCache?: boolean;
  /**
   * When results of apps with `cache: true` are written to `runDir/checkpoint.jsonl`, where the next
   * process with the same `runDir` finds them: `taskExit` each as it comes; `periodic` every
   * `checkpointPeriodMs`; `manual` when `kernel.checkpoint()` is called; `dfkExit` at the end of the
   * kernel, which writes the rest with the other modes, too. Default: null, never.
   */
  checkpointMode?: CheckpointMode | null;
  /** With `periodic`. Default: 1,800,000, half an hour. */
  checkpointPeriodMs?: number;
  /** More checkpoint files to read. */
  checkpointFiles?: readonly string[];
  /** Folder for checkpoints. Default: `runinfo`. */
  runDir?: string;
  /**
   * What the end of an `await using` block does. `wait`: all tasks come to their end first, then the
   * executors are shut down; so no work is lost because nobody awaited it. `cancel`: they are shut
   * down at once, as by `clear()`; tasks that have not ended reject. `skip`: nothing, the kernel
   * stays loaded. Default: `wait`. Parsl's default is `cleanup`, which is `cancel`; and its `wait`
   * does not wait when the block ends by an exception, which a block can't know in JavaScript.
   */
  exitMode?: 'wait' | 'cancel' | 'skip';
  /** Is told of every change of every task. What tasks cost is measured only then. */
  monitoring?: KernelObserver;
}

const anExecutor = having('an Executor', 'run', 'shutdown');

const rules: OptionRules<ConfigOptions> = {
  ...retryRules,
  ...scalingRules,
  executors: listOf('Executors', anExecutor.holds),
  appCache: flag,
  checkpointMode: oneOf('taskExit', 'periodic', 'manual', 'dfkExit', null),
  checkpointPeriodMs: wholeNumber(1, 2 ** 31 - 1),
  checkpointFiles: listOf('paths', word.holds),
  runDir: word,
  exitMode: oneOf('wait', 'cancel', 'skip'),
  monitoring: having('an observer such as a MonitoringHub', 'onTask'),
};

/** A configuration of the engine, for `load`. */
export class Config {
  readonly executors: readonly Executor[];
  readonly appCache: boolean;
  readonly checkpointMode: CheckpointMode | null;
  readonly checkpointPeriodMs: number;
  /** Path, or null. */
  readonly checkpoint: string | null;
  readonly checkpointFiles: readonly string[];
  readonly retryPolicy: RetryPolicy;
  /** Path, as it was given. */
  readonly runDir: string;
  readonly exitMode: 'wait' | 'cancel' | 'skip';
  readonly monitoring: KernelObserver | undefined;
  readonly scaling: ScalingOptions;

  /** @throws TilewrightError config-invalid */
  constructor(options: ConfigOptions = {}) {
    checkOptions('Config', options, rules);
    const { executors, checkpointMode = null, runDir = 'runinfo', ...rest } = options;
    this.executors = executors ?? [new ThreadPoolExecutor()];
    checkExecutors('Config', this.executors);
    const { strategy, strategyPeriodMs, maxIdletime } = rest;
    this.scaling = { strategy, strategyPeriodMs, maxIdletime };
    for (const executor of this.executors) executor.configure?.(this.scaling);
    this.exitMode = rest.exitMode ?? 'wait';
    this.appCache = rest.appCache ?? true;
    if (rest.checkpointPeriodMs !== undefined && checkpointMode !== 'periodic') {
      const mode = JSON.stringify(checkpointMode);
      const reason = `checkpointPeriodMs is for checkpointMode "periodic", not ${mode}`;
      throw invalidOptions('Config', reason);
    }
    this.checkpointMode = checkpointMode;
    this.checkpointPeriodMs = rest.checkpointPeriodMs ?? 1_800_000;
    this.checkpoint = checkpointMode === null ? null : join(runDir, 'checkpoint.jsonl');
    this.runDir = runDir;
    this.monitoring = rest.monitoring;
    this.checkpointFiles = rest.checkpointFiles ?? [];
    const { retries, backoffMs, maxBackoffMs, shouldRetry, retryHandler } = rest;
    this.retryPolicy = { retries, backoffMs, maxBackoffMs, shouldRetry, retryHandler };
  }
}

/** @throws TilewrightError config-invalid, if there is none, or two have the same label */
export function checkExecutors(of: string, executors: readonly Executor[]): void {
  if (executors.length === 0) throw invalidOptions(of, 'executors has none');
  if (!executors.every(anExecutor.holds)) {
    throw invalidOptions(of, `executors must be an array of Executors`);
  }
  const labels = executors.map(({ label }) => label);
  const twice = labels.find((label, i) => labels.indexOf(label) !== i);
  if (twice === undefined) return;
  throw invalidOptions(of, `two executors are labelled ${twice}: give each its own label`);
}
