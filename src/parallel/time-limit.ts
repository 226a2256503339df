/** What is said of a task that took longer than it may. */

import { TilewrightError } from '../core/errors.ts';

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
