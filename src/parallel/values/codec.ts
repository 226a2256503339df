/**
 * Values as text, for sockets, files and queues: JSON where JSON says it all, and what `devalue`
 * makes of them else. The first letter tells which.
 */

import { createRequire } from 'node:module';
import type * as Devalue from 'devalue';
import { type ErrorCode, TilewrightError } from '../../core/errors.ts';
import { File } from '../apps/file.ts';
import { type ErrorParts, isError, putTogether, takeApart } from './error-values.ts';
import { type Form, isRefusal, isStackOverflow, type Refusal, survey } from './survey.ts';

const require = createRequire(import.meta.url);
let loaded: typeof Devalue | undefined;

/** Most programs never need it, and threads start faster without. */
function devalue(): typeof Devalue {
  loaded ??= require('devalue') as typeof Devalue;
  return loaded;
}

const reducers = {
  // A bare Uint8Array would arrive, whose methods of the same names do other things.
  // In a list, because nothing is taken for "not one of these".
  Buffer: (value: unknown) => Buffer.isBuffer(value) && [value.toString('base64')],
  File: (value: unknown) => value instanceof File && value.url,
  Error: (value: unknown) => isError(value) && takeApart(value),
};

const revivers = {
  Buffer: ([text]: [string]) => Buffer.from(text, 'base64'),
  File: (url: string) => new File(url),
  Error: (parts: ErrorParts) => putTogether(parts),
};

/**
 * @param of - what it is, for messages: `the result of tiles.count`
 * @throws TilewrightError task-arguments, with the place of what can't be sent
 */
export function encodeText(value: unknown, of: string): string {
  const found = survey(value);
  if (isRefusal(found)) throw refusal(of, found);
  if (found.shared) throw refusal(of, SHARED);
  return writeText(value, found.form, of);
}

/** The same for a value that was looked through. */
export function writeText(
  value: unknown,
  form: Form,
  of: string,
  code: ErrorCode = 'task-arguments',
): string {
  try {
    if (value === undefined) return 'U';
    if (form === 'json') return `J${JSON.stringify(value)}`;
    return `D${devalue().stringify(value, reducers)}`;
  } catch (error) {
    const tooMuch = error instanceof RangeError && /string length/.test(error.message);
    if (!tooMuch && !isStackOverflow(error)) throw error;
    throw refusal(of, { place: '', what: tooMuch ? 'too much' : 'nested too deeply' }, code);
  }
}

/** @throws Error if it is no text of ours */
export function decodeText(text: string): unknown {
  const body = text.slice(1);
  if (text.startsWith('J')) return JSON.parse(body);
  if (text === 'U') return undefined;
  if (text.startsWith('D')) return devalue().parse(body, revivers);
  throw new SyntaxError('This is no value as tilewright writes it');
}

export const SHARED: Refusal = { place: '', what: 'memory that only threads can share' };

export function refusal(
  of: string,
  { place, what }: Refusal,
  code: ErrorCode = 'task-arguments',
): TilewrightError {
  const where = place === '' ? 'it' : place;
  const advice = /function|instance/.test(what)
    ? '. Pass the data of which it is made, or the path of a file'
    : '';
  return new TilewrightError(code, `${of} can't be sent: ${where} is ${what}${advice}`);
}
