/**
 * A task is the name of a registered function and JSON for it: never code. Any task may run twice,
 * even twice at once, by an engine that lost track of it; functions are written so that this
 * changes nothing.
 */

import { TilewrightError } from '../core/errors.ts';
import { megabytes } from './call.ts';
import { unreadableAnswer } from './messages.ts';
import { splitUsage } from './read-usage.ts';
import type { Measured, TaskUsage } from './usage.ts';

/** A unit of work: a registered function, by its name, and its arguments. */
export interface Task {
  /** Name of a registered function: `module.export`. */
  name: string;
  /** The function's arguments, JSON-serialisable. */
  args: readonly unknown[];
  /** Milliseconds that one attempt may take; it is stopped then. */
  timeLimitMs?: number | undefined;
  /** How much work it is, in any unit that all tasks share (bytes, say): for batching. */
  weight?: number | undefined;
  /** Nothing else runs beside it in its worker's process: for a task suspected of killing it. */
  alone?: boolean | undefined;
  /** What it costs may stay unmeasured where that would take long beside the task itself. */
  sampled?: boolean | undefined;
}

/** A task as it travels: with its arguments as JSON text. */
export interface EncodedTask extends Omit<Task, 'args' | 'weight' | 'sampled'> {
  args: string;
  measured?: Measured | undefined;
}

/** The most that the arguments of a task may take as JSON, in UTF-16 code units. */
export const MAX_ARGUMENTS_LENGTH = 8 * 2 ** 20;

/** @throws TilewrightError task-arguments if they are no JSON, or too much of it */
export function encodeTask(
  { name, args, timeLimitMs, alone, sampled }: Task,
  wanted = false,
): EncodedTask {
  // JSON has no word for a limit without end.
  const limit = timeLimitMs === Number.POSITIVE_INFINITY ? undefined : timeLimitMs;
  const measured = wanted && sampled === true ? 'sampled' : wanted;
  return { name, args: encodeArguments(name, args), timeLimitMs: limit, alone, measured };
}

/** @throws TilewrightError task-arguments */
export function encodeArguments(name: string, args: readonly unknown[]): string {
  let text: string;
  try {
    text = JSON.stringify(args, refuseWhatJsonDrops);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TilewrightError(
      'task-arguments',
      `The arguments of ${name} can't be sent to a worker, which takes JSON: ${reason}`,
      { cause },
    );
  }
  if (text.length <= MAX_ARGUMENTS_LENGTH) return text;
  throw new TilewrightError(
    'task-arguments',
    `The arguments of ${name} take ${megabytes(text.length)} as JSON; at most ` +
      `${megabytes(MAX_ARGUMENTS_LENGTH)} are sent to a worker. Write them to a file that the ` +
      'worker can read, and pass its path',
  );
}

/** JSON would leave these out, or put null in their place, without a word. */
function refuseWhatJsonDrops(key: string, value: unknown): unknown {
  const kind = typeof value;
  if (kind === 'function' || kind === 'symbol') {
    throw new TypeError(`${key === '' ? 'an argument' : `"${key}"`} is a ${kind}`);
  }
  return value;
}

/**
 * The result from its text.
 * @param onUsage - gets what stands before it; to be given if the task was encoded as `measured`
 */
export function takeResult(
  text: string,
  onUsage: ((usage: TaskUsage) => void) | undefined,
): unknown {
  if (onUsage === undefined) return decodeResult(text);
  const { usage, result } = splitUsage(text);
  if (usage !== null) onUsage(usage);
  return decodeResult(result);
}

function decodeResult(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw unreadableAnswer();
  }
}
