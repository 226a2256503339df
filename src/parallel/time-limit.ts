/** Timers without a longest time, and what is said of a task that took longer than it may. */

import { TilewrightError } from '../core/errors.ts';

/** Milliseconds that a timer of Node.js can wait; it fires at once for more. */
const LONGEST_MS = 2 ** 31 - 1;

/** A timer that was started. */
export interface LongTimer {
  clear(): void;
}

/** Calls back once, after any number of milliseconds ≥ 0; after Infinity, never. */
export function startTimer(call: () => void, ms: number): LongTimer {
  let timer: NodeJS.Timeout | undefined;
  const wait = (rest: number): void => {
    timer =
      rest <= LONGEST_MS
        ? setTimeout(call, rest)
        : setTimeout(() => wait(rest - LONGEST_MS), LONGEST_MS);
  };
  if (ms !== Number.POSITIVE_INFINITY) wait(ms);
  return { clear: () => clearTimeout(timer) };
}

/** Resolves after so many milliseconds, or when the signal is aborted. */
export function pauseFor(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      timer.clear();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = startTimer(end, ms);
    signal?.addEventListener('abort', end);
  });
}

/** Retryable: another worker may be faster, or less busy. */
export function timeLimitError(task: {
  name: string;
  timeLimitMs?: number | undefined;
}): TilewrightError {
  return new TilewrightError(
    'task-timeout',
    `${task.name} was stopped: it took longer than its time limit of ` +
      `${(task.timeLimitMs ?? 0) / 1000} s`,
    { retryable: true },
  );
}
