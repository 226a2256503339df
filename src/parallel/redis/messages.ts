/**
 * What coordinator and managers tell each other through Redis. Whoever can write to the server can
 * write anything: all of it is checked. Messages may get lost; what counts is in keys.
 */

import { z } from 'zod';
import type { TilewrightError } from '../../core/errors.ts';
import {
  amount,
  count,
  encodedTask,
  managerFields,
  name,
  printed,
  readerOf,
  readFailure,
  unreadableAnswer,
} from '../messages.ts';
import { encodeFailure } from '../values/failure.ts';

/** `owner`: the coordinator's identifier. */
const jobData = encodedTask.extend({
  owner: name,
  /** Fingerprint of the module that the function is of. */
  module: z.string(),
});

const managerInfo = z.object({
  id: name,
  ...managerFields,
  /** Identifiers of the jobs that it runs. */
  jobs: z.array(name),
});

const toCoordinator = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), manager: managerInfo }),
  z.object({ type: z.literal('bye'), manager: name }),
  /** A worker begins; `run` tells this attempt from others. */
  z.object({
    type: z.literal('started'),
    job: name,
    run: name,
    manager: name,
    worker: z.string(),
  }),
  /** What the attempt has reported so far, all of it: a message may have been lost. */
  z.object({ type: z.literal('progress'), job: name, run: name, total: amount }),
  z.object({ type: z.literal('output'), job: name, worker: name, ...printed }),
  /** The result is there, and here as well if it is short. */
  z.object({
    type: z.literal('done'),
    job: name,
    record: z.string().optional(),
    /** The job is in the queue again, or another worker has it: its lock was lost. */
    again: z.boolean().optional(),
  }),
]);

const toManagers = z.discriminatedUnion('type', [
  z.object({ type: z.literal('cancel'), jobs: z.array(name) }),
  /** The managers of a block are to end when their tasks have. */
  z.object({ type: z.literal('release'), blocks: z.array(name) }),
  /** The coordinator goes. */
  z.object({ type: z.literal('closed') }),
]);

const owner = z.object({
  host: z.string(),
  pid: count,
  /** Names and fingerprints of the modules whose functions its tasks may call. */
  modules: z.array(z.tuple([z.string(), z.string()])),
});

const recordHead = z.object({ run: name, total: amount, ok: z.boolean() });

export type JobData = z.infer<typeof jobData>;
export type ManagerPresence = z.infer<typeof managerInfo>;
export type ToCoordinator = z.infer<typeof toCoordinator>;
export type ToManagers = z.infer<typeof toManagers>;
export type OwnerInfo = z.infer<typeof owner>;

/** Null for what tilewright does not write. */
export const readJobData = (data: unknown): JobData | null => jobData.safeParse(data).data ?? null;
export const readPresence = readerOf(managerInfo);
export const readToCoordinator = readerOf(toCoordinator);
export const readToManagers = readerOf(toManagers);
export const readOwner = readerOf(owner);

/** How an attempt ended. */
export interface Outcome {
  run: string;
  /** What it has reported in all. */
  total: number;
  /** JSON text, which nobody on the way reads. */
  result: string | TilewrightError;
}

/** A line of JSON, then the result as it is, or the error as text. */
export function writeRecord({ run, total, result }: Outcome): string {
  const ok = typeof result === 'string';
  return `${JSON.stringify({ run, total, ok })}\n${ok ? result : encodeFailure(result)}`;
}

/** What can't be read is an error of its own. */
export function readRecord(text: string): Outcome {
  const end = text.indexOf('\n');
  const head = readerOf(recordHead)(text.slice(0, Math.max(0, end)));
  if (head === null) return { run: '', total: 0, result: unreadableAnswer() };
  const { run, total, ok } = head;
  const rest = text.slice(end + 1);
  return { run, total, result: ok ? rest : readFailure(rest) };
}
