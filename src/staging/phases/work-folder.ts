/** Where the tasks of a phase write what is then renamed into place. */

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { retiredName, runFolder } from '../folder/staged-folder.ts';

/** Lends a new folder in the run's own, which has another name once the run is committed. */
export async function inWorkFolder<T>(
  folder: string,
  runId: string,
  work: (place: string) => Promise<T>,
): Promise<T> {
  const own = [runId, retiredName(runId)].map((name) => runFolder(folder, name)).find(existsSync);
  const place = join(own!, `work-${randomBytes(6).toString('hex')}`);
  mkdirSync(place);
  try {
    return await work(place);
  } finally {
    // A late twin of a task finds its folder no more.
    renameSync(place, `${place}.done`);
    rmSync(`${place}.done`, { recursive: true, force: true, maxRetries: 3 });
  }
}
