/** Runs a task, and runs it again when that can help. */

import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import type { Executor, RunOptions } from '../executor.ts';
import {
  aFunction,
  checkOptions,
  milliseconds,
  type OptionRule,
  type OptionRules,
  wholeNumber,
} from '../options.ts';
import type { Task } from '../task.ts';
import { pauseFor } from '../time-limit.ts';

/** Unless a policy says otherwise. */
export const DEFAULT_RETRIES = 2;

/** Whether, how often and after how long a task that failed is started again. */
export interface RetryPolicy {
  /** How often a task is started again at the most. Default: 2. */
  retries?: number | undefined;
  /** Milliseconds before the first of them; before each further one twice as long. Default: 100. */
  backoffMs?: number | undefined;
  /** Milliseconds that are not exceeded. Default: 30,000. */
  maxBackoffMs?: number | undefined;
  /** Whether an error is worth another try. Default: if the error says so (`retryable`). */
  shouldRetry?: ((error: TilewrightError) => boolean) | undefined;
}

export const retryRules: OptionRules<RetryPolicy> = {
  retries: wholeNumber(0),
  backoffMs: milliseconds(),
  maxBackoffMs: milliseconds(),
  shouldRetry: aFunction,
};

/** The same as one option. */
export const retryPolicyRule: OptionRule = {
  says: 'a RetryPolicy',
  holds: (value) => {
    // What is wrong in it says so itself.
    checkOptions('a retryPolicy', value as RetryPolicy, retryRules);
    return true;
  },
};

/** Follows a task through its attempts. */
export interface AttemptObserver {
  /** Called before each attempt with its number, from 1. */
  onAttempt?(attempt: number): void;
  /** Called after the attempt that succeeded. */
  onSuccess?(): void;
  /** Called after each attempt that failed; `again`: it is tried once more. */
  onFailure?(error: TilewrightError, again: boolean): void;
}

/**
 * A task during which workers died is given its last attempt alone on a worker's process: if
 * another task killed that process, this one is cleared of suspicion; if it did, it took no others
 * along.
 */
export async function runWithRetries(
  executor: Executor,
  task: Task,
  policy: RetryPolicy,
  options: RunOptions,
  observer: AttemptObserver = {},
): Promise<unknown> {
  const { retries = DEFAULT_RETRIES, shouldRetry = (error) => error.retryable } = policy;
  const { onProgress, signal } = options;
  let suspected = false;
  for (let attempt = 1; ; attempt++) {
    let reported = 0;
    observer.onAttempt?.(attempt);
    try {
      const last = attempt > retries;
      const result = await executor.run(suspected && last ? { ...task, alone: true } : task, {
        ...options,
        onProgress: (amount) => {
          reported += amount;
          onProgress?.(amount);
        },
      });
      observer.onSuccess?.();
      return result;
    } catch (caught) {
      const error = toTilewrightError(caught, {}, 'task-failed');
      const hopeless = executor.closed || signal?.aborted || !shouldRetry(error);
      observer.onFailure?.(error, !hopeless && attempt <= retries);
      if (hopeless) throw error;
      if (attempt > retries) throw givenUp(error, attempt);
      if (reported !== 0) onProgress?.(-reported);
      suspected ||= error.code === 'worker-died';
      await pause(attempt, policy, signal);
    }
  }
}

/** When the task is taken back meanwhile, its next attempt says so. */
function pause(attempt: number, policy: RetryPolicy, signal?: AbortSignal): Promise<void> {
  const { backoffMs = 100, maxBackoffMs = 30_000 } = policy;
  return pauseFor(Math.min(backoffMs * 2 ** (attempt - 1), maxBackoffMs), signal);
}

function givenUp(error: TilewrightError, attempts: number): TilewrightError {
  const { code, input, feature, tile } = error;
  const times = attempts === 1 ? 'once' : `${attempts} times`;
  return new TilewrightError(code, `${error.message} (tried ${times})`, {
    input,
    feature,
    tile,
    cause: error,
  });
}
