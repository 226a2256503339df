/** Runs a task, and runs it again when that can help. */

import { type ErrorCode, TilewrightError, toTilewrightError } from '../../core/errors.ts';
import type { Executor, RunOptions } from '../executor.ts';
import {
  aFunction,
  milliseconds,
  type OptionRule,
  type OptionRules,
  table,
  wholeNumber,
} from '../options.ts';
import type { Task } from '../task.ts';
import { pauseFor } from '../time-limit.ts';

/** Unless a policy says otherwise. */
export const DEFAULT_RETRIES = 2;

/** What is known of a task that has failed. */
export interface FailedTask {
  name: string;
  args: readonly unknown[];
  /** Of the attempt that failed, from 1. */
  attempt: number;
}

/** Whether, how often and after how long a task that failed is started again. */
export interface RetryPolicy {
  /**
   * How often a task is started again at the most; with `retryHandler`, what its failures may cost.
   * Default: 2. In a `Config` or options of an app, a number that is given also means that whatever
   * the function throws is tried again, as in Parsl; without one, only what says that it may help.
   */
  retries?: number | undefined;
  /** Milliseconds before the first of them; before each further one twice as long. Default: 100. */
  backoffMs?: number | undefined;
  /** Milliseconds that are not exceeded. Default: 30,000. */
  maxBackoffMs?: number | undefined;
  /** Whether an error is worth another try. Default: if the error says so (`retryable`). */
  shouldRetry?: ((error: TilewrightError) => boolean) | undefined;
  /**
   * What a failure costs, a number ≥ 0: the task is given up when its failures have cost more than
   * `retries`. What it throws becomes the task's error. Default: 1 for each.
   */
  retryHandler?: ((error: TilewrightError, task: FailedTask) => number) | undefined;
}

export const retryRules: OptionRules<RetryPolicy> = {
  retries: wholeNumber(0),
  backoffMs: milliseconds(),
  maxBackoffMs: milliseconds(),
  shouldRetry: aFunction,
  retryHandler: aFunction,
};

/** The same as one option. */
export const retryPolicyRule: OptionRule = table('retryPolicy', retryRules);

/** What no other attempt changes, whatever the function is. */
const FINAL: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  ...(['task-arguments', 'task-unknown', 'task-cancelled', 'dependency-failed'] as const),
  ...(['interrupted', 'block-failed', 'queue', 'scheduler', 'config-invalid', 'usage'] as const),
]);

/**
 * The policy for an app: what is given last counts. Who says how often, or what a failure costs, has
 * everything tried again that a function throws.
 */
export function policyOf(...policies: (RetryPolicy | undefined)[]): RetryPolicy {
  const policy: RetryPolicy = {};
  for (const given of policies) {
    for (const [key, value] of Object.entries(given ?? {})) {
      if (value !== undefined) policy[key as 'retries'] = value as number;
    }
  }
  if (policy.retries !== undefined || policy.retryHandler !== undefined) {
    policy.shouldRetry ??= (error) => !FINAL.has(error.code);
  }
  return policy;
}

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
  let before: TilewrightError | undefined;
  /** What the failures have cost. */
  let spent = 0;
  for (let attempt = 1; ; attempt++) {
    let reported = 0;
    observer.onAttempt?.(attempt);
    try {
      const last = spent + 1 > retries;
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
      let error = toTilewrightError(caught, {}, 'task-failed');
      // Arguments that were sent once can't be sent again if the first attempt has moved them away.
      const moved = error.code === 'task-arguments' && before !== undefined;
      if (moved) error = movedAway(error, before!);
      before = error;
      const hopeless = moved || executor.closed || signal?.aborted || !shouldRetry(error);
      if (!hopeless) spent += costOf(policy, error, { name: task.name, args: task.args, attempt });
      const again = !hopeless && spent <= retries;
      observer.onFailure?.(error, again);
      if (!again) throw hopeless || attempt === 1 ? error : givenUp(error, attempt);
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

/** @throws what the handler throws */
function costOf({ retryHandler }: RetryPolicy, error: TilewrightError, task: FailedTask): number {
  if (retryHandler === undefined) return 1;
  const cost = retryHandler(error, task);
  if (typeof cost === 'number' && cost >= 0) return cost;
  throw new TilewrightError(
    'config-invalid',
    `retryHandler must return a number ≥ 0, what the failure of ${task.name} costs, not ${cost}`,
    { cause: error },
  );
}

/** What the attempt before has failed by is what there is to know. */
function movedAway(refused: TilewrightError, before: TilewrightError): TilewrightError {
  const { code, input, feature, tile, cause = before } = before;
  const message = `${before.message} (not tried again: ${refused.message})`;
  return new TilewrightError(code, message, { input, feature, tile, cause });
}

/** Its cause is what the function threw, as that of a single attempt. */
function givenUp(error: TilewrightError, attempts: number): TilewrightError {
  const { code, input, feature, tile, cause = error } = error;
  return new TilewrightError(code, `${error.message} (tried ${attempts} times)`, {
    input,
    feature,
    tile,
    cause,
  });
}
