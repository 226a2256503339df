/**
 * What a driver and the elements of its arrays tell each other: files on a shared disk, and nothing
 * else. A driver has a folder, and in it one for each array:
 *
 *   alive.sqlite          locked while the driver lives
 *   array-1/job.json      the array's name, and its identifier once Slurm has told it
 *   array-1/spec.json     what all elements need to know
 *   array-1/control.json  what the driver wants of elements; replaced as a whole
 *   array-1/0.tasks       tasks of element 0, a line of JSON each
 *   array-1/0.begun       made by the element: whoever finds it came too late
 *   array-1/0.log         what the element tells, a line of JSON each; only whole lines count
 *   array-1/0.out, 0.err  what it prints
 *
 * The driver makes the logs: a file that appears may be seen late over NFS, one that grows is not.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { TilewrightError } from '../../../core/errors.ts';
import { replaceFile } from '../../../core/files/replace-file.ts';
import { seal, sealJson, unseal } from '../../../core/files/sealed-json.ts';
import { amount, count, encodedTask, printed, readerOf } from '../../messages.ts';

/** Raised when files change: driver and elements have to be of one version. */
const ARRAY_VERSION = 4;
const SEAL = { kind: 'array', version: ARRAY_VERSION };

export const arraySpec = z.object({
  /** Names and URLs of the modules whose functions are run. */
  modules: z.array(z.tuple([z.string(), z.string()])),
  /** Worker threads of an element. */
  threads: z.number().positive(),
  /** Milliseconds between two looks at the control file. */
  controlMs: z.number().positive(),
});

export const arrayJobRecord = z.object({
  name: z.string(),
  /** Null until Slurm has answered. */
  jobId: z.string().nullable(),
});

export const arrayControl = z.object({
  /** Tasks that nobody wants any more. */
  cancelled: z.array(count),
  /** `drain`: begin no more tasks; `now`: end. */
  stop: z.enum(['drain', 'now']).nullable(),
});

const filedTask = encodedTask.extend({ id: count });

/** A line of an element's log. */
export const elementEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), host: z.string(), pid: count }),
  z.object({ type: z.literal('started'), id: count, worker: z.string() }),
  z.object({ type: z.literal('progress'), id: count, amount }),
  z.object({ type: z.literal('result'), id: count, result: z.string(), ms: amount }),
  z.object({ type: z.literal('error'), id: count, failure: z.string(), ms: amount }),
  z.object({ type: z.literal('output'), id: count, worker: z.string(), ...printed }),
  /** It takes no more tasks and has none any more. */
  z.object({ type: z.literal('end'), reason: z.string() }),
]);

export type ArraySpec = z.infer<typeof arraySpec>;
export type ArrayJobRecord = z.infer<typeof arrayJobRecord>;
export type ArrayControl = z.infer<typeof arrayControl>;
/** A task in a file of tasks. */
export type FiledTask = z.infer<typeof filedTask>;
export type ElementEvent = z.infer<typeof elementEvent>;

export const paths = {
  job: (folder: string) => join(folder, 'job.json'),
  spec: (folder: string) => join(folder, 'spec.json'),
  control: (folder: string) => join(folder, 'control.json'),
  script: (folder: string) => join(folder, 'script.sh'),
  tasks: (folder: string, index: number) => join(folder, `${index}.tasks`),
  begun: (folder: string, index: number) => join(folder, `${index}.begun`),
  log: (folder: string, index: number) => join(folder, `${index}.log`),
  err: (folder: string, index: number) => join(folder, `${index}.err`),
};

/** Replaces a file as a whole: a reader gets the old one or the new one. */
export function writeJson(path: string, value: ArraySpec | ArrayJobRecord | ArrayControl): void {
  replaceFile(path, sealJson(value, SEAL));
}

/** Null if there is no such file. @throws TilewrightError staged-folder, scheduler */
export function readJson<T>(path: string, schema: z.ZodType<T>): T | null {
  try {
    return fileOf(path, schema, unseal(readFileSync(path, 'utf8'), SEAL));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

export function writeTasks(path: string, tasks: readonly FiledTask[]): void {
  writeFileSync(path, seal(tasks.map((task) => `${JSON.stringify(task)}\n`).join(''), SEAL));
}

/** @throws TilewrightError staged-folder, scheduler */
export function readTasks(path: string): FiledTask[] {
  const lines = unseal(readFileSync(path, 'utf8'), SEAL).split('\n').slice(0, -1);
  return lines.map((line) => fileOf(path, filedTask, line));
}

function fileOf<T>(path: string, schema: z.ZodType<T>, text: string): T {
  const value = readerOf(schema)(text);
  if (value !== null) return value;
  throw new TilewrightError('scheduler', `${path} is not as a driver of Slurm's arrays writes it`);
}
