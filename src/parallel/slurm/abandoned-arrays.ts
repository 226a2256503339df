/** Arrays that drivers have left which were killed. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { TilewrightError } from '../../core/errors.ts';
import { removeDeadRunFolders } from '../run-folder.ts';
import {
  type ArrayJobRecord,
  arrayJobRecord,
  paths,
  readJson,
  writeJson,
} from './arrays/array-files.ts';
import type { JobRef } from './job-list.ts';
import type { JobWatch } from './job-watch.ts';

/** Beginning of the names of drivers' folders. */
export const DRIVER_FOLDER = 'arrays';

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
  await removeDeadRunFolders(runDir, DRIVER_FOLDER, async (path) => {
    const left = await endArrays(path, watch, limitMs);
    return left.length === 0;
  });
}

/** As array-executor.ts names them. */
const JOB_NAME = /^tilewright-[\w-]+-[0-9a-f]{8}-\d+$/;

/** Null if there is none, or none of ours: nobody's job is cancelled on the word of a stray file. */
function recordOf(array: string): ArrayJobRecord | null {
  try {
    const record = readJson(paths.job(array), arrayJobRecord);
    const known = record !== null && JOB_NAME.test(record.name);
    return known && (record.jobId === null || /^\d{1,12}$/.test(record.jobId)) ? record : null;
  } catch (error) {
    if (error instanceof TilewrightError) return null;
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
    const record = recordOf(array);
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
