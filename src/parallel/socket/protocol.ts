/**
 * What coordinator and managers say to each other over a socket. A manager begins with `hello`.
 * Both send `alive` now and then: whoever hears nothing for long takes the other for gone. Whoever
 * says anything else is none of ours, and loses its connection.
 */

import { z } from 'zod';
import { amount, encodedTask, managerFields, name, printed } from '../messages.ts';

/** Raised when messages change: coordinator and workers have to be of one version. */
export const PROTOCOL = 3;

export const ALIVE_INTERVAL_MS = 5_000;
/** Longer than a cable is pulled for, shorter than anybody waits for a dead node. */
export const SILENCE_LIMIT_MS = 60_000;

const id = z.number().int().positive();

/** The first message. Its version is looked at before the rest. */
export const hello = z.object({
  type: z.literal('hello'),
  protocol: z.literal(PROTOCOL),
  ...managerFields,
});
export const anyHello = z.object({ type: z.literal('hello'), protocol: z.unknown() });

export const fromManager = z.discriminatedUnion('type', [
  z.object({ type: z.literal('started'), id, worker: z.string() }),
  z.object({ type: z.literal('progress'), id, amount }),
  z.object({ type: z.literal('result'), id, result: z.string() }),
  z.object({ type: z.literal('error'), id, failure: z.string() }),
  /** Of a task, or of none. */
  z.object({ type: z.literal('output'), id: id.nullable(), worker: name, ...printed }),
  /** A task that it will not begin: another manager may have it. */
  z.object({ type: z.literal('returned'), id }),
  /** It takes no more tasks, and ends when those that it has are done. */
  z.object({ type: z.literal('leaving') }),
  z.object({ type: z.literal('alive') }),
]);

export const toManager = z.discriminatedUnion('type', [
  z.object({ type: z.literal('task'), id, task: encodedTask }),
  z.object({ type: z.literal('cancel'), id }),
  z.object({ type: z.literal('stop'), drain: z.boolean() }),
  z.object({ type: z.literal('refused'), reason: name }),
  z.object({ type: z.literal('alive') }),
]);

export type Hello = z.infer<typeof hello>;
export type FromManager = z.infer<typeof fromManager>;
export type ToManager = z.infer<typeof toManager>;
