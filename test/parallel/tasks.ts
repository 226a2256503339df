/** Functions that each do one thing, for the tests of executors. */

import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { isMainThread } from 'node:worker_threads';
import { TilewrightError } from '../../src/core/errors.ts';
import { currentTask } from '../../src/parallel/inside/call.ts';

export const echo = (...args: unknown[]): unknown => args[0];

export const add = (a: number, b: number): number => a + b;

export const sum = (numbers: number[]): number => numbers.reduce((a, b) => a + b, 0);

export const answerWithFunction = (): unknown => ({ when: () => 1 });

/** A long answer. */
export const long = (length: number): string => 'x'.repeat(length);

export const nothing = (): void => undefined;

/** Waits, then answers. */
export async function slow(ms: number, answer: unknown): Promise<unknown> {
  await setTimeout(ms);
  return answer;
}

export const never = (): Promise<never> => new Promise(() => undefined);

/** Does not give way to anything: only who stops its thread can stop it. */
export function spin(): never {
  for (;;);
}

/** Writes the file, then never ends. */
export function markAndHang(path: string): Promise<never> {
  writeFileSync(path, String(process.pid));
  return never();
}

/** Writes the file after a while. */
export async function markLater(path: string, ms: number): Promise<string> {
  await setTimeout(ms);
  writeFileSync(path, String(process.pid));
  return path;
}

export function count(steps: number[]): number {
  for (const step of steps) currentTask().progress(step);
  return steps.length;
}

export function refuse(): never {
  throw new TilewrightError('input-corrupt', 'lake.gpkg is damaged', {
    input: 'lake.gpkg',
    feature: 7,
    tile: '3/1/2',
    retryable: true,
    cause: new Error('page 9'),
  });
}

export function fault(): never {
  throw new RangeError('off by one');
}

/** An error that is none of Tilewright's, but says that a retry can help. */
export function flaky(mark: string): string {
  if (existsSync(mark)) return 'at last';
  writeFileSync(mark, '');
  throw Object.assign(new Error('the server is busy'), { retryable: true });
}

export function full(): never {
  throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
}

/** Ends the worker under the task. */
export function exit(code: number): never {
  if (isMainThread) throw new Error('this would end the test');
  process.exit(code);
}

/** Kills the whole process of its worker. */
export async function killProcess(): Promise<void> {
  if (isMainThread) throw new Error('this would end the test');
  process.kill(process.pid, 'SIGKILL');
  await never();
}

/** Ends its worker as often as it finds none of the files, one of which it leaves each time. */
export function exitOnce(marks: string[]): string {
  currentTask().progress(10);
  for (const mark of marks) {
    if (existsSync(mark)) continue;
    writeFileSync(mark, '');
    process.exit(3);
  }
  return 'done at last';
}

/** The same, but kills the process. */
export async function killOnce(marks: string[]): Promise<string> {
  for (const mark of marks) {
    if (existsSync(mark)) continue;
    writeFileSync(mark, '');
    await killProcess();
  }
  return 'done at last';
}

/** Throws where no task can catch it. */
export function throwLater(): Promise<never> {
  return new Promise(() => {
    setImmediate(() => {
      throw new Error('out of the blue');
    });
  });
}

/** Keeps its core busy, for 10 ms of CPU at least, however many others want it; notes what it likes. */
export function work(ms: number): string {
  const task = currentTask();
  const started = performance.now();
  const before = process.threadCpuUsage();
  while (performance.now() - started < ms || process.threadCpuUsage(before).user < 10_000);
  task.note('readMs', 1);
  task.note('readMs', 2);
  task.note('rows', 12);
  return 'done';
}

/** Fills an array, and answers with it. */
export function fill(array: Int32Array | Float64Array, value: number): unknown {
  array.fill(value);
  return array;
}

/** Fails once, then answers with what it was given then. */
export function flakyEcho(path: string, value: unknown): unknown {
  if (existsSync(path)) return value;
  writeFileSync(path, '');
  throw new TilewrightError('task-failed', 'not yet', { retryable: true });
}

/** When it began and ended, in milliseconds since the epoch. */
export async function interval(ms: number): Promise<[number, number]> {
  const begin = performance.timeOrigin + performance.now();
  await setTimeout(ms);
  return [begin, performance.timeOrigin + performance.now()];
}
