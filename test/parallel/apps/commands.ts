/** Functions that make commands, for the tests of bash apps. */

import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { File } from '../../../src/parallel/apps/file.ts';
import { sh } from '../../../src/parallel/apps/shell-words.ts';
import type { Files } from '../../../src/parallel/apps/task-files.ts';

export const greet = (name: string): string => `echo "hello ${name}"`;

export const later = async (text: string): Promise<string[]> => ['echo', text];

export const nothing = (): void => undefined;

export const numbers = (): unknown => ['echo', 1];

export const empty = (): string => ' ';

export function throws(): never {
  throw new RangeError('no such lake');
}

export const failing = (code: number): string => `echo "no lake" >&2; exit ${code}`;

export const double = ({ inputs, outputs }: Files): string =>
  sh`awk '{ print 2 * $1 }' ${inputs} > ${outputs[0]}`;

/** Writes the sum of the numbers of a file, one a line. */
export function sum(from: File, to: File): string {
  const lines = readFileSync(from.path, 'utf8').trim().split('\n');
  writeFileSync(to.path, String(lines.reduce((total, line) => total + Number(line), 0)));
  return `number of lines: ${lines.length}, is a File: ${to instanceof File}`;
}

export function touchFirst({ outputs }: Files): void {
  writeFileSync(outputs[0]!.path, '');
}

/** Prints to both outputs, and fails as often as the file is shorter than `attempts`. */
export function print(word: string, counter: string, attempts = 0): string {
  console.log(`out ${word}`);
  process.stderr.write(`err ${word}\n`);
  if (attempts === 0) return word;
  appendFileSync(counter, 'x');
  if (readFileSync(counter).length <= attempts) throw new Error('once more');
  return word;
}

export const chatter = (lines: number): void => {
  for (let i = 1; i <= lines; i++) console.log(i);
};
