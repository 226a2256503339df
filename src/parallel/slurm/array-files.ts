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
import type { ErrorJson } from '../../core/errors.ts';
import { replaceFile } from '../../core/replace-file.ts';
import { seal, sealJson, unseal, unsealJson } from '../../core/sealed-json.ts';
import type { EncodedTask } from '../task.ts';

/** Raised when files change: driver and elements have to be of one version. */
const ARRAY_VERSION = 3;
const SEAL = { kind: 'array', version: ARRAY_VERSION };

export interface ArraySpec {
  /** Names and URLs of the modules whose functions are run. */
  modules: readonly (readonly [name: string, url: string])[];
  /** Worker threads of an element. */
  threads: number;
  /** Milliseconds between two looks at the control file. */
  controlMs: number;
}

export interface ArrayJobRecord {
  name: string;
  /** Null until Slurm has answered. */
  jobId: string | null;
}

export interface ArrayControl {
  /** Tasks that nobody wants any more. */
  cancelled: readonly number[];
  /** `drain`: begin no more tasks; `now`: end. */
  stop: 'drain' | 'now' | null;
}

/** A task in a file of tasks. */
export interface FiledTask extends EncodedTask {
  id: number;
}

/** A line of an element's log. */
export type ElementEvent =
  | { type: 'hello'; host: string; pid: number }
  | { type: 'started'; id: number; worker: string }
  | { type: 'progress'; id: number; amount: number }
  | { type: 'result'; id: number; result: string; ms: number }
  | { type: 'error'; id: number; error: ErrorJson; ms: number }
  /** It takes no more tasks and has none any more. */
  | { type: 'end'; reason: string };

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

/** Null if there is no such file. */
export function readJson<T>(path: string): T | null {
  try {
    return unsealJson<T>(readFileSync(path, 'utf8'), SEAL);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

export function writeTasks(path: string, tasks: readonly FiledTask[]): void {
  writeFileSync(path, seal(tasks.map((task) => `${JSON.stringify(task)}\n`).join(''), SEAL));
}

export function readTasks(path: string): FiledTask[] {
  const lines = unseal(readFileSync(path, 'utf8'), SEAL).split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as FiledTask);
}
