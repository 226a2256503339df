/** How a task has failed, as text that says all of it. */

import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { decodeText, writeText } from './codec.ts';
import { described, isError, limited, outlined } from './error-values.ts';

/** Characters of a failure; one that takes more is sent in outline. */
const MAX_LENGTH = 8 * 2 ** 20;
const MAX_OUTLINE = 10_000;

/**
 * What a function has thrown, as text: a TilewrightError, whose `cause` is the thrown value where
 * that is no TilewrightError itself, and whose stack then is that of the cause.
 */
export function encodeFailure(thrown: unknown): string {
  const error = asFailure(thrown);
  try {
    const text = writeText(error, 'text', 'An error');
    if (text.length <= MAX_LENGTH) return text;
  } catch {
    // It is nested too deeply, or what it consists of can't be read.
  }
  return writeText(outlineOf(error), 'text', 'An error');
}

export function asFailure(thrown: unknown): TilewrightError {
  if (!isError(thrown)) return ofNoError(thrown);
  try {
    const error = toTilewrightError(thrown, {}, 'task-failed');
    if (error !== thrown) {
      const frames = /\n {4}at [\s\S]*$/.exec(String(thrown.stack))?.[0] ?? '';
      error.stack = `${error.name}: ${error.message}${frames}`;
    }
    return error;
  } catch {
    // Getters of its own throw in their turn.
    return new TilewrightError('task-failed', described(thrown));
  }
}

function ofNoError(thrown: unknown): TilewrightError {
  let retryable: unknown;
  try {
    retryable = ((thrown ?? {}) as { retryable?: unknown }).retryable;
  } catch {
    // A Proxy.
  }
  return new TilewrightError('task-failed', `${described(thrown)} (thrown, but no Error)`, {
    cause: thrown,
    retryable: retryable === true,
  });
}

/** What it says, without what it has with it. */
function outlineOf(error: TilewrightError): TilewrightError {
  const { code, message, stack = '', input, feature, tile, retryable, cause } = error;
  const outline = new TilewrightError(code, limited(message, MAX_OUTLINE), {
    ...{ input, feature, tile, retryable },
    ...(cause !== undefined && {
      cause: isError(cause) ? outlined(cause, MAX_OUTLINE) : limited(described(cause), MAX_OUTLINE),
    }),
  });
  outline.stack = limited(stack, MAX_OUTLINE);
  return outline;
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
