/** Failures in words, as they are printed when they happen. */

import { subjectText, type WorkerNames } from '../../insight/progress/words.ts';
import type { RunEvent } from '../../staging/pipeline/events.ts';
import { hanging } from '../output.ts';

/**
 * Null if the event is no failure, or if another event tells of it: an attempt that is not tried
 * again fails its input or the run.
 */
export function failureText(event: RunEvent, names: WorkerNames): string | null {
  if (event.type === 'input-failed') {
    return `failed: ${hanging(inputFailure(event.input, event.error))}`;
  }
  if (event.type !== 'task-ended' || event.error === null || !event.retried) return null;
  const { worker, attempt, error } = event;
  const where = worker === null ? '' : ` on ${names.nameOf(worker)}`;
  return `tried again: ${subjectText(event)}, attempt ${attempt}${where}: ${hanging(error.message)}`;
}

/** Most messages name the input themselves. */
export function inputFailure(input: string, error: { message: string }): string {
  return error.message.includes(input) ? error.message : `${input}: ${error.message}`;
}
