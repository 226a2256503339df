/** What the cases after Parsl's tests run on workers. */

import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import { currentTask } from '../../../src/parallel/inside/call.ts';
import type { File, Files } from '../../../src/parallel.ts';

// biome-ignore lint/suspicious/noExplicitAny: a generic function would be an app of unknowns
type Any = any;

export const double = (x: number): number => x * 2;
export const increment = (x: number): number => x + 1;
export const add = (a: number, b: number): number => a + b;
export const multiply = (a: number, b: number): number => a * b;
export const same = (value: Any): Any => value;
export const list = (...items: unknown[]): unknown[] => items;
export const sum = (numbers: number[]): number => numbers.reduce((a, b) => a + b, 0);
export const sumAll = (...numbers: number[]): number => sum(numbers);
export const text = (value: unknown): string => JSON.stringify(value);
export const nothing = (): void => undefined;
export const three = (): number => 3;
export const divide = (a: bigint, b: bigint): bigint => a / b;
/** Which default a missing argument has is for the worker to say. */
export const power = (base: number, exponent = 2): number => base ** exponent;

/** With a module that only the worker imports, when it is called. */
export async function importedSquare(x: number): Promise<number> {
  const { createHash } = await import('node:crypto');
  return createHash('sha1').update('x').digest().length === 20 ? x * x : Number.NaN;
}

export async function slow(ms: number, answer: Any): Promise<Any> {
  await setTimeout(ms);
  return answer;
}

export const never = (): Promise<never> => new Promise(() => undefined);

export const worker = (): string => `${hostname()}/${process.pid}/${threadId}`;
export const pid = (): number => process.pid;

/** Ends when so many tasks are in it at a time, each with a mark of its own. */
export async function meet(folder: string, own: number, count: number): Promise<string> {
  writeFileSync(`${folder}/meet-${own}`, '');
  const marks = Array.from({ length: count }, (_, i) => `${folder}/meet-${i}`);
  while (!marks.every((mark) => existsSync(mark))) await setTimeout(5);
  return worker();
}

/** Ends when the file is there. */
export async function until(path: string, answer: Any): Promise<Any> {
  while (!existsSync(path)) await setTimeout(5);
  return answer;
}

export const uuid = (_x?: unknown): string => randomUUID();
export const uuidOf = (_options: Record<string, unknown>): string => randomUUID();
/** Gives it back, and writes down that it was called. */
export function counted(path: string, x: unknown): unknown {
  writeFileSync(path, 'x', { flag: 'a' });
  return x;
}

/** Writes it down, after what others have. */
export const note = (path: string, text: string): void =>
  writeFileSync(path, `${text}\n`, { flag: 'a' });

export const greeting = ({
  name = 'there',
  times = 1,
}: {
  name?: string;
  times?: number;
}): string => `hello ${name}`.repeat(times);
export const cacheOf = ({ cache = 7 }: { cache?: number } = {}): number => cache;
export const person = (): { name: string; at: { x: number; y: number }; tags: string[] } => ({
  name: 'X',
  at: { x: 1, y: 2 },
  tags: ['a', 'b', 'c'],
});
export const byLetter = (): Map<string, number> => new Map([['a', 1]]);
export const floats = (length: number): Float32Array => new Float32Array(length).fill(0.5);
export const textOf = (length: number): string => 'x'.repeat(length);
export const lengthOf = (value: string): number => value.length;
export const deep = (value: Any): unknown => {
  let inner = value;
  while (Array.isArray(inner)) inner = inner[0];
  return inner;
};
export const range = (length: number): number[] => Array.from({ length }, (_, i) => i);
let calls = 0;
/** How often this worker has called it, for a worker that keeps the module. */
export const calledHere = (): [string, number] => [worker(), ++calls];

export class LakeError extends Error {
  override readonly name = 'LakeError';
  readonly lake: string;
  readonly depths: readonly number[];
  constructor(lake: string, depths: readonly number[]) {
    super(`${lake} is too deep`);
    this.lake = lake;
    this.depths = depths;
  }
}
export const throwLake = (): never => {
  throw new LakeError('Toolik', [3, 25]);
};
export const fail = (message = 'on purpose'): never => {
  throw new RangeError(message);
};
export const failIf = (fails: boolean, _after?: unknown): string => {
  if (fails) throw new RangeError('made to fail');
  return 'fine';
};
export const failWithCause = (): never => {
  throw new Error('outer', { cause: new TypeError('inner') });
};
export const failWithAll = (): never => {
  throw new AggregateError([new RangeError('A'), new TypeError('B')], 'both');
};
export const throwText = (): never => {
  throw 'no error at all';
};
// biome-ignore lint/suspicious/noExplicitAny: a name that is nowhere
export const missingName = (): unknown => (globalThis as any).eval('notDefinedAnywhere + 1');
export const missingModule = async (): Promise<unknown> => {
  const name: string = './there-is-no-such-module.js';
  return await import(name);
};
export const answerWithFunction = (): unknown => ({ a: [{ when: () => 1 }] });

/** Fails until it has been called `times` times before; says how often that was. */
export function failTimes(path: string, times: number): number {
  const before = existsSync(path) ? readFileSync(path, 'utf8').length : 0;
  writeFileSync(path, 'x', { flag: 'a' });
  if (before < times) throw new RangeError(`call ${before}`);
  return before;
}

/** The same, and reports how far it is before it fails. */
export function reportAndFail(path: string, times: number, amount: number): number {
  currentTask().progress(amount);
  return failTimes(path, times);
}

export function exit(code: number): never {
  process.exit(code);
}
export async function kill(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  return never();
}
/** Has its process told to end, and goes on for a while. */
export async function terminate(ms: number): Promise<number> {
  process.kill(process.pid, 'SIGTERM');
  await setTimeout(ms);
  return process.pid;
}
export const progress = (amounts: number[]): number => {
  for (const amount of amounts) currentTask().progress(amount);
  return amounts.length;
};
export const print = (text: string): void => {
  console.log(text);
  console.error(`${text}!`);
};

export const writeTo = (text: string, { outputs }: Files): string => {
  for (const { path } of outputs) writeFileSync(path, text);
  return text;
};
export const readFrom = ({ inputs }: Files): string[] =>
  inputs.map(({ path }) => readFileSync(path, 'utf8'));
export const sumOfFile = (file: File): number =>
  sum(readFileSync(file.path, 'utf8').trim().split('\n').map(Number));
export const describe = (file: File): [string, string, string] => [
  file.constructor.name,
  file.filepath,
  file.scheme,
];
export const upperCase = ({ inputs, outputs }: Files): void =>
  writeFileSync(outputs[0]!.path, readFileSync(inputs[0]!.path, 'utf8').toUpperCase());
export const echoLine = (message: string): string => `echo ${message}`;
