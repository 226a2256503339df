/** What a worker does with a task: calls its function, and makes a text of its result. */

import { AsyncLocalStorage } from 'node:async_hooks';
import { TilewrightError } from '../core/errors.ts';
import type { FunctionLocation } from './registry.ts';
import { TaskMeter } from './task-meter.ts';
import { addUsage, type Measured, withoutUsage } from './usage.ts';
import { noteDuration, worthMeasuring } from './usage-sampling.ts';

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

/** The most that a result may take as JSON, in UTF-16 code units. */
export const MAX_RESULT_LENGTH = 64 * 2 ** 20;

const NO_CONTEXT: TaskContext = { progress: () => undefined, note: () => undefined };
const contexts = new AsyncLocalStorage<TaskContext>();

/** The context of the task that is running; one that ignores everything outside of tasks. */
export function currentTask(): TaskContext {
  return contexts.getStore() ?? NO_CONTEXT;
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
  measured: Measured = false,
): Promise<string> {
  const module = (await import(url)) as Record<string, unknown>;
  const call = Object.hasOwn(module, exportName) ? module[exportName] : undefined;
  if (typeof call !== 'function') {
    throw new TilewrightError('task-unknown', `${url} exports no function ${exportName}`);
  }
  const wanted = measured === 'sampled' ? worthMeasuring(name) : measured;
  const meter = wanted ? new TaskMeter() : undefined;
  const started = performance.now();
  const context: TaskContext = {
    progress: (amount) => {
      if (Number.isFinite(amount)) progress(amount);
    },
    note: (of, amount) => meter?.note(of, amount),
  };
  const result: unknown = await contexts.run(context, () => call(...JSON.parse(args)));
  const text = encodeResult(name, result);
  if (measured === 'sampled') noteDuration(name, performance.now() - started);
  if (meter !== undefined) return addUsage(await meter.read(), text);
  return measured ? withoutUsage(text) : text;
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

export function megabytes(length: number): string {
  return `${(length / 2 ** 20).toFixed(1)} MiB`;
}
