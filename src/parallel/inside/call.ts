/** What a worker does with a task: calls its function, and makes something to send of its result. */

import { AsyncLocalStorage } from 'node:async_hooks';
import { TilewrightError } from '../../core/errors.ts';
import { didYouMean } from '../../core/nearest.ts';
import type { FunctionLocation } from '../registry.ts';
import { TaskMeter } from '../usage/task-meter.ts';
import { addUsage, type Measured, type TaskUsage, withoutUsage } from '../usage/usage.ts';
import { noteDuration, worthMeasuring } from '../usage/usage-sampling.ts';
import { decodeText, refusal, SHARED, writeText } from '../values/codec.ts';
import { isRefusal, type Survey, survey } from '../values/survey.ts';
import { importModule } from './import-module.ts';

/** What a function can ask of whoever runs it. */
export interface TaskContext {
  /**
   * Reports that `amount` more of the task's work is done, in the task's own unit; what is no
   * finite number counts as nothing.
   */
  progress(amount: number): void;
  /** Adds to a number in the task's usage (`notes`), where that is measured. */
  note(name: string, amount: number): void;
  /**
   * Aborted when the task is taken back and its thread goes on all the same: that of an
   * InlineExecutor. Others are ended.
   */
  readonly signal: AbortSignal;
}

/** The most that a result may take as text, in UTF-16 code units. */
export const MAX_RESULT_LENGTH = 64 * 2 ** 20;

const NEVER = new AbortController().signal;
const NO_CONTEXT: TaskContext = {
  progress: () => undefined,
  note: () => undefined,
  signal: NEVER,
};
/** A task that runs. */
interface Running {
  context: TaskContext;
  next: FunctionLocation | undefined;
}
const running = new AsyncLocalStorage<Running>();

/** The context of the task that is running; one that ignores everything outside of tasks. */
export function currentTask(): TaskContext {
  return running.getStore()?.context ?? NO_CONTEXT;
}

/**
 * The function that the running task's name has after its own. It comes from what is registered here,
 * never out of the arguments: those are what anybody has written to a queue.
 */
export function nextFunction(): FunctionLocation | undefined {
  return running.getStore()?.next;
}

/** Whether a function that runs as a task is what calls. */
export function isInsideTask(): boolean {
  return running.getStore() !== undefined;
}

/** A function that is to be called. */
export interface Call {
  location: FunctionLocation;
  /** As they are, or as text. */
  args: readonly unknown[] | string;
  progress: TaskContext['progress'];
  /** Whether what it costs is wanted. */
  measured?: Measured | undefined;
  /** See `Task.each`. */
  each?: boolean | undefined;
  /** See `TaskContext.signal`. */
  signal?: AbortSignal | undefined;
}

/** What a function has returned, and what that has cost. */
export interface Outcome {
  value: unknown;
  /** Null if it was not worth measuring, undefined if it was not wanted. */
  usage: TaskUsage | null | undefined;
}

/**
 * Calls the function. Rejects with what it throws.
 * @throws TilewrightError task-unknown, task-failed
 */
export async function callFunction(call: Call): Promise<Outcome> {
  const { location, progress, measured = false, each = false, signal = NEVER } = call;
  const run = await findFunction(location);
  const args = (typeof call.args === 'string' ? decodeText(call.args) : call.args) as unknown[];
  const wanted = measured === 'sampled' ? worthMeasuring(location.name) : measured;
  const meter = wanted ? new TaskMeter() : undefined;
  const started = performance.now();
  const context: TaskContext = {
    progress: (amount) => {
      if (Number.isFinite(amount)) progress(amount);
    },
    note: (of, amount) => meter?.note(of, amount),
    signal,
  };
  const value: unknown = await running.run({ context, next: location.next }, () =>
    each ? callWithEach(run, args as unknown[][]) : run(...args),
  );
  if (measured === 'sampled') noteDuration(location.name, performance.now() - started);
  return { value, usage: meter === undefined ? (measured ? null : undefined) : await meter.read() };
}

type AnyFunction = (...args: unknown[]) => unknown;

/** @throws TilewrightError task-unknown, task-failed if its module can't be imported */
export async function findFunction(location: FunctionLocation): Promise<AnyFunction> {
  const { name, url, exportName } = location;
  const module = await importModule(url, name);
  let found: unknown;
  try {
    // Not all that a CommonJS module exports is seen from outside.
    const holders = [module, module['module.exports']].filter((one) => one != null) as object[];
    const holder = holders.find((one) => Object.hasOwn(one, exportName));
    found = (holder as Record<string, unknown> | undefined)?.[exportName];
  } catch (cause) {
    throw new TilewrightError(
      'task-unknown',
      `${exportName} is not there yet when ${url} calls load(), at which workers stop: put it above`,
      { cause },
    );
  }
  if (typeof found === 'function') return found as AnyFunction;
  // What is not there yet has a name, too; Object.keys would throw.
  const meant =
    didYouMean(exportName, Reflect.ownKeys(module).map(String)) ||
    ' What workers are to call has to be exported';
  throw new TilewrightError('task-unknown', `${url} exports no function ${exportName}.${meant}`);
}

async function callWithEach(run: AnyFunction, lists: unknown[][]): Promise<unknown[]> {
  const results: unknown[] = [];
  for (const list of lists) results.push(await run(...list));
  return results;
}

/** @throws TilewrightError task-failed, with the place of what can't be sent */
export function surveyResult({ name }: FunctionLocation, value: unknown): Survey {
  const found = survey(value);
  if (isRefusal(found)) throw refusal(`The result of ${name}`, found, 'task-failed');
  return found;
}

/** The result as text, with what it has cost before it if that was measured. */
export function writeResult(location: FunctionLocation, { value, usage }: Outcome): string {
  const { form, shared } = surveyResult(location, value);
  const of = `The result of ${location.name}`;
  if (shared) throw refusal(of, SHARED, 'task-failed');
  const text = writeText(value, form, of, 'task-failed');
  if (text.length > MAX_RESULT_LENGTH) {
    throw new TilewrightError(
      'task-failed',
      `${of} takes ${megabytes(text.length)} as text; at most ${megabytes(MAX_RESULT_LENGTH)} ` +
        'are sent back. Write it to a file, and return its path',
    );
  }
  if (usage === undefined) return text;
  return usage === null ? withoutUsage(text) : addUsage(usage, text);
}

export function megabytes(length: number): string {
  return `${(length / 2 ** 20).toFixed(1)} MiB`;
}
