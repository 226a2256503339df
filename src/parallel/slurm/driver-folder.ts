/** The folder of a driver of arrays, and what drivers that were killed have left. */

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { FileLock } from '../../core/file-lock.ts';
import { type ArrayJobRecord, paths, readJson, writeJson } from './array-files.ts';
import type { JobRef } from './job-list.ts';
import type { JobWatch } from './job-watch.ts';

const PREFIX = 'arrays-';
const ATTEMPTS = 10;

export interface DriverFolder {
  path: string;
  /** Part of the names of its jobs, which no other driver has. */
  id: string;
  lock: FileLock;
}

/** @throws TilewrightError output-unwritable */
export function makeDriverFolder(runDir: string): DriverFolder {
  for (let attempt = 1; ; attempt++) {
    const id = randomBytes(4).toString('hex');
    const path = resolve(runDir, `${PREFIX}${id}`);
    try {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      const lock = FileLock.tryAcquire(alivePath(path));
      // Before it was locked, another driver may have taken it for one that was left.
      if (lock !== null && existsSync(alivePath(path))) return { path, id, lock };
      lock?.release();
    } catch (error) {
      if (attempt === ATTEMPTS) throw toTilewrightError(error, {}, 'output-unwritable');
    }
    if (attempt === ATTEMPTS) {
      throw new TilewrightError('output-unwritable', `No folder for jobs can be made in ${runDir}`);
    }
  }
}

/**
 * Cancels arrays whose driver was killed, waits until they have ended, and removes their folders.
 * What Slurm does not let go of in time stays for the next one: its tasks may run twice then, which
 * changes no result.
 */
export async function endAbandonedArrays(
  runDir: string,
  watch: JobWatch,
  limitMs: number,
): Promise<void> {
  for (const name of existsSync(runDir) ? readdirSync(runDir) : []) {
    const folder = resolve(runDir, name);
    if (!name.startsWith(PREFIX) || !existsSync(alivePath(folder))) continue;
    const lock = lockOfDead(folder);
    if (lock === null) continue;
    try {
      const left = await endArrays(folder, watch, limitMs);
      if (left.length === 0) rmSync(folder, { recursive: true, force: true });
    } finally {
      lock.release();
    }
  }
}

function lockOfDead(folder: string): FileLock | null {
  try {
    return FileLock.tryAcquire(alivePath(folder));
  } catch (error) {
    // Its driver may have ended and removed it just now.
    if (!existsSync(folder)) return null;
    throw error;
  }
}

async function endArrays(
  folder: string,
  watch: JobWatch,
  limitMs: number,
): Promise<readonly JobRef[]> {
  const records: ArrayJobRecord[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const array = join(folder, entry.name);
    const record = readJson<ArrayJobRecord>(paths.job(array));
    if (record === null) continue;
    records.push(record);
    writeJson(paths.control(array), { cancelled: [], stop: 'now' });
  }
  if (records.length === 0) return [];
  const unnamed = records.filter(({ jobId }) => jobId === null);
  if (unnamed.length > 0 && !(await watch.look(0))) {
    return unnamed.map(({ name }) => ({ id: '', name }));
  }
  const jobs = records.flatMap(({ name, jobId }) =>
    jobId === null ? watch.named(name) : [{ id: jobId, name }],
  );
  return watch.cancelAndWait(jobs, limitMs);
}

function alivePath(folder: string): string {
  return join(folder, 'alive.sqlite');
}
