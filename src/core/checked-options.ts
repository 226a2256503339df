/** Options that are checked by a schema, whose fields' `meta` say what a value `expects` to be. */

import { inspect } from 'node:util';
import type { z } from 'zod';
import { TilewrightError } from './errors.ts';
import { didYouMean } from './nearest.ts';
import { shownUrl } from './remote-name.ts';

/**
 * The options with their defaults; what is undefined counts as not given.
 * @throws TilewrightError `usage`
 */
export function checkedOptions<S extends z.ZodObject>(schema: S, options: unknown): z.output<S> {
  const { data, error } = schema.safeParse(options);
  if (error === undefined) return data;
  throw new TilewrightError('usage', problemText(schema, error.issues[0]!, options));
}

function problemText(schema: z.ZodObject, issue: z.core.$ZodIssue, options: unknown): string {
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const known = Object.keys(schema.shape);
    const meant = didYouMean(key, known) || ` There are ${known.join(', ')}`;
    return `${key} is not a known option.${meant}`;
  }
  const key = issue.path[0] as string | undefined;
  // What is wrong with several of them together says so itself.
  if (key === undefined && issue.code === 'custom') return issue.message;
  if (key === undefined) return `Options must be an object, not ${shownValue(options)}`;
  const value = (options as Record<string, unknown>)[key];
  return `${key} must be ${schema.shape[key]!.meta()?.['expects']}, not ${shownValue(value)}`;
}

/** The words as an `expects` has them: "a", "b" or "c". */
export function choice(words: readonly string[]): string {
  const quoted = words.map((word) => `"${word}"`);
  return quoted.join(', ').replace(/, (?=[^,]*$)/, ' or ');
}

/** A value for a message, cut at 80 characters; of a URL without what may be secret. */
export function shownValue(value: unknown): string {
  const shown =
    typeof value === 'string' ? JSON.stringify(shownUrl(value)) : inspect(value, { depth: 1 });
  return shown.length > 80 ? `${shown.slice(0, 80)}…` : shown;
}
