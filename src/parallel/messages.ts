/**
 * What peers tell each other is checked before it is used, whichever way it comes: by socket, by
 * Redis, in files of Slurm's elements. Here is what all ways have in common.
 */

import { z } from 'zod';
import { type ErrorJson, TilewrightError } from '../core/errors.ts';

/** More workers than any machine runs in one process: a peer that has more is none of ours. */
const MAX_SLOTS = 4096;

export const name = z.string().min(1).max(500);
export const count = z.number().int().min(0);
/** What a task reports as done; JSON has no other numbers than finite ones, but for `1e999`. */
export const amount = z.number();

/** What a manager says of its process. */
export const managerFields = {
  blockId: name.nullable(),
  host: z.string().max(500),
  pid: count,
  slots: z.number().int().min(1).max(MAX_SLOTS),
};

/** A task as it travels: see task.ts. */
export const encodedTask = z.object({
  name,
  /** The arguments as JSON text. */
  args: z.string(),
  timeLimitMs: z.number().min(0).optional(),
  alone: z.boolean().optional(),
  measured: z.union([z.boolean(), z.literal('sampled')]).optional(),
});

export const errorJson = z.object({
  code: z.custom<ErrorJson['code']>(
    (code) => typeof code === 'string' && /^[a-z-]{1,40}$/.test(code),
  ),
  message: z.string(),
  input: z.string().optional(),
  feature: z.number().optional(),
  tile: z.string().optional(),
  retryable: z.boolean().optional(),
  stack: z.string().optional(),
  cause: z.string().optional(),
});

/** Null for what is no JSON of this form. */
export function readerOf<T>(schema: z.ZodType<T>): (text: string) => T | null {
  return (text) => {
    try {
      return schema.safeParse(JSON.parse(text)).data ?? null;
    } catch {
      return null;
    }
  };
}

/** An answer that no worker of ours gives: whoever gave it has lost the task. */
export function unreadableAnswer(): TilewrightError {
  return new TilewrightError('worker-died', 'What a worker has answered can not be read', {
    retryable: true,
  });
}
