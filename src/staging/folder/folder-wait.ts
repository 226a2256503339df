/** Takes the lock of a staged folder, and tells if that takes a while. */

import type { FileLock } from '../../core/files/file-lock.ts';
import type { PhaseTeller, RunTeller } from '../telling/run-teller.ts';
import type { Journal } from './journal/journal.ts';
import { folderLock } from './staged-folder.ts';

/**
 * @param journal - of the folder, opened before: it must be the one that is there when the wait is over
 * @param stopped - whether it is no longer wanted
 */
export async function lockFolder(
  folder: string,
  journal: Journal,
  teller: RunTeller,
  stopped: () => boolean,
): Promise<FileLock> {
  let waiting: PhaseTeller | undefined;
  const onWait = (): void => {
    waiting ??= teller.begin('wait', { total: 0, tasks: 0, bytes: 0 });
  };
  const lock = await folderLock(folder, onWait, stopped);
  waiting?.end();
  try {
    journal.requireInPlace();
    return lock;
  } catch (error) {
    lock.release();
    throw error;
  }
}
