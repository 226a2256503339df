/** How a task has failed, as text that says all of it. */

import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { decodeText, writeText } from './codec.ts';
import { isError } from './error-values.ts';

/**
 * What a function has thrown, as text: a TilewrightError, whose `cause` is the thrown value where
 * that is no TilewrightError itself, and whose stack then is that of the cause.
 */
export function encodeFailure(thrown: unknown): string {
  return writeText(asFailure(thrown), 'text', 'An error');
}

export function asFailure(thrown: unknown): TilewrightError {
  const error = toTilewrightError(thrown, {}, 'task-failed');
  if (error !== thrown && isError(thrown)) {
    const frames = /\n {4}at [\s\S]*$/.exec(String(thrown.stack))?.[0] ?? '';
    error.stack = `${error.name}: ${error.message}${frames}`;
  }
  return error;
}

/** Null for what no worker of ours writes. */
export function decodeFailure(text: string): TilewrightError | null {
  try {
    const error = decodeText(text);
    return error instanceof TilewrightError && isFailure(error) ? error : null;
  } catch {
    return null;
  }
}

/** Whoever wrote it may have written anything. */
function isFailure({ code, message, retryable }: TilewrightError): boolean {
  return (
    typeof code === 'string' &&
    /^[a-z-]{1,40}$/.test(code) &&
    typeof message === 'string' &&
    typeof retryable === 'boolean'
  );
}
