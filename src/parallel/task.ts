/**
 * A task is the name of a registered function and JSON for it: never code. Any task may run twice,
 * even twice at once, by an engine that lost track of it; functions are written so that this
 * changes nothing.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { TilewrightError } from '../core/errors.ts';
import { unreadableAnswer } from './messages.ts';
import type { FunctionLocation } from './registry.ts';
import { TaskMeter } from './task-meter.ts';
import { addUsage, splitUsage, type TaskUsage } from './usage.ts';

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
}

/** A task as it travels: with its arguments as JSON text. */
export interface EncodedTask extends Omit<Task, 'args' | 'weight'> {
  args: string;
  /** Whether what it costs is wanted along with its result. */
  measured?: boolean | undefined;
}

/** What a function can ask of whoever runs it. */
export interface TaskContext {
  /**
   * Reports that `amount` more of the task's work is done, in the task's own unit; what is no
   * finite number counts as nothing.
   */
  progress(amount: number): void;
  /** Adds to a number in the task's usage (`notes`), where that is measured. */
  note(name: string, amount: number): void;
}

/** The most that a task's arguments, or its result, may take as JSON, in UTF-16 code units. */
export const MAX_ARGUMENTS_LENGTH = 8 * 2 ** 20;
export const MAX_RESULT_LENGTH = 64 * 2 ** 20;

const NO_CONTEXT: TaskContext = { progress: () => undefined, note: () => undefined };
const contexts = new AsyncLocalStorage<TaskContext>();

/** The context of the task that is running; one that ignores everything outside of tasks. */
export function currentTask(): TaskContext {
  return contexts.getStore() ?? NO_CONTEXT;
}

/** @throws TilewrightError task-arguments if they are no JSON, or too much of it */
export function encodeTask(
  { name, args, timeLimitMs, alone }: Task,
  measured = false,
): EncodedTask {
  // JSON has no word for a limit without end.
  const limit = timeLimitMs === Number.POSITIVE_INFINITY ? undefined : timeLimitMs;
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
 * Calls the function with arguments from JSON; returns its result as JSON, empty for undefined.
 * Before it stands what it has cost, if that is wanted. Rejects with what the function throws.
 * @throws TilewrightError task-unknown, task-failed
 */
export async function callFunction(
  { name, url, exportName }: FunctionLocation,
  args: string,
  progress: TaskContext['progress'],
  measured = false,
): Promise<string> {
  const module = (await import(url)) as Record<string, unknown>;
  const call = Object.hasOwn(module, exportName) ? module[exportName] : undefined;
  if (typeof call !== 'function') {
    throw new TilewrightError('task-unknown', `${url} exports no function ${exportName}`);
  }
  const meter = measured ? new TaskMeter() : undefined;
  const context: TaskContext = {
    progress: (amount) => {
      if (Number.isFinite(amount)) progress(amount);
    },
    note: (of, amount) => meter?.note(of, amount),
  };
  const result: unknown = await contexts.run(context, () => call(...JSON.parse(args)));
  const text = encodeResult(name, result);
  return meter === undefined ? text : addUsage(await meter.read(), text);
}

export function encodeResult(name: string, result: unknown): string {
  const text = JSON.stringify(result) ?? '';
  if (text.length <= MAX_RESULT_LENGTH) return text;
  throw new TilewrightError(
    'task-failed',
    `The result of ${name} takes ${megabytes(text.length)} as JSON; at most ` +
      `${megabytes(MAX_RESULT_LENGTH)} are sent back. Write it to a file, and return its path`,
  );
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

function megabytes(length: number): string {
  return `${(length / 2 ** 20).toFixed(1)} MiB`;
}
