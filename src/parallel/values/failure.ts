/** How a task has failed, as text that says all of it. */

import { inspect } from 'node:util';
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
  if (!isError(thrown)) return ofNoError(thrown);
  const error = toTilewrightError(thrown, {}, 'task-failed');
  if (error !== thrown) {
    const frames = /\n {4}at [\s\S]*$/.exec(String(thrown.stack))?.[0] ?? '';
    error.stack = `${error.name}: ${error.message}${frames}`;
  }
  return error;
}

function ofNoError(thrown: unknown): TilewrightError {
  const said = typeof thrown === 'string' ? thrown : inspect(thrown, { breakLength: Infinity });
  const { retryable } = (thrown ?? {}) as { retryable?: unknown };
  return new TilewrightError('task-failed', `${said} (thrown, but no Error)`, {
    cause: thrown,
    retryable: retryable === true,
  });
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
