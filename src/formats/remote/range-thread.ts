/** Speaks HTTP while the thread that reads waits, which is told of each answer by a signal. */

import { type MessagePort, workerData } from 'node:worker_threads';
import { type ErrorJson, toTilewrightError } from '../../core/errors.ts';
import type { Identity } from './identity.ts';
import type { Limits } from './limits.ts';
import { type Listed, listObjects } from './list-objects.ts';
import { headOf, readRange } from './read-range.ts';

export type Job = { url: string; limits: Limits } & (
  | { kind: 'head'; optional: boolean }
  | { kind: 'range'; start: number; length: number; into: SharedArrayBuffer; identity: Identity }
  | { kind: 'list'; from: string | null }
);

export interface Answer {
  id: number;
  value?: Identity | null | Listed;
  error?: ErrorJson;
}

const { port, signal } = workerData as { port: MessagePort; signal: Int32Array };

/** Jobs under way that somebody may end. */
const wanted = new Set<number>();

/** A job of null: that of this number is not wanted any more. */
port.on('message', async ({ id, job }: { id: number; job: Job | null }) => {
  if (job === null) {
    wanted.delete(id);
    return;
  }
  const answer: Answer = { id };
  wanted.add(id);
  try {
    answer.value = await done(job, () => wanted.has(id));
  } catch (error) {
    answer.error = toTilewrightError(error, { input: job.url }, 'input-unreadable').toJSON();
  }
  wanted.delete(id);
  port.postMessage(answer);
  Atomics.add(signal, 0, 1);
  Atomics.notify(signal, 0);
});

async function done(job: Job, isWanted: () => boolean): Promise<Identity | null | Listed> {
  const { url, limits } = job;
  if (job.kind === 'head') return headOf(url, limits, job.optional);
  if (job.kind === 'list') return listObjects(url, job.from, limits);
  const into = new Uint8Array(job.into, 0, job.length);
  await readRange(url, job.start, into, job.identity, limits, isWanted);
  return null;
}
