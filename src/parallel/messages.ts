/**
 * What peers tell each other is checked before it is used, whichever way it comes: by socket, by
 * Redis, in files of Slurm's elements. Here is what all ways have in common.
 */

import { z } from 'zod';
import { TilewrightError } from '../core/errors.ts';
import { decodeFailure } from './values/failure.ts';

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
  /** The arguments as text: see values/codec.ts. */
  args: z.string(),
  timeLimitMs: z.number().min(0).optional(),
  alone: z.boolean().optional(),
  measured: z.union([z.boolean(), z.literal('sampled')]).optional(),
  priority: z.number().optional(),
  resources: z
    .object({ cores: z.number().positive().optional(), memory: z.number().min(0).optional() })
    .optional(),
  each: z.boolean().optional(),
});

/** Something that a task has printed. */
export const printed = { stream: z.enum(['stdout', 'stderr']), text: z.string() };

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

/** How a task has failed, from text: see values/failure.ts. */
export function readFailure(text: string): TilewrightError {
  return decodeFailure(text) ?? unreadableAnswer();
}

/** An answer that no worker of ours gives: whoever gave it has lost the task. */
export function unreadableAnswer(): TilewrightError {
  return new TilewrightError('worker-died', 'What a worker has answered can not be read', {
    retryable: true,
  });
}
