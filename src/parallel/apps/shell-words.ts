/** Values in a text for the shell. */

import { TilewrightError } from '../../core/errors.ts';
import { File } from './file.ts';

/**
 * Makes a text for the shell in which each value stands as one word, whatever characters it has; of
 * an array, each item does. Values are texts, numbers, booleans, Files and URLs.
 * @example
 *   bashApp((from: File, to: File) => sh`sort ${from} > ${to}`)
 * @throws TilewrightError task-arguments for what is no word: undefined, an object, a future
 */
export function sh(texts: TemplateStringsArray, ...values: readonly unknown[]): string {
  return texts.reduce((line, text, i) => {
    const value = values[i - 1];
    const words = Array.isArray(value) ? value.flat(Number.POSITIVE_INFINITY) : [value];
    return `${line}${words.map((one) => quoted(one, line)).join(' ')}${text}`;
  });
}

/** POSIX, 2.2.2: between single quotes all characters stand for themselves but these. */
function quoted(value: unknown, before: string): string {
  const text = wordOf(value);
  if (text === null || text.includes('\0')) {
    throw new TilewrightError(
      'task-arguments',
      `A value in a command is no word for the shell, after “${before.slice(-60)}”: ` +
        `${text === null ? kindOf(value) : 'it has a null character'}. ` +
        'Words are texts, numbers, booleans, Files and URLs, and arrays of them',
    );
  }
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function wordOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') {
    return String(value);
  }
  return value instanceof File || value instanceof URL ? String(value) : null;
}

function kindOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const isFuture = typeof (value as { then?: unknown }).then === 'function';
  return isFuture ? 'a future, which is to be an argument of the app' : 'an object';
}
