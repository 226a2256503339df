/** Takes the lock of a staged folder for a run that is about to change it. */

import { TilewrightError } from '../../core/errors.ts';
import type { FileLock } from '../../core/files/file-lock.ts';
import { lockFolder } from '../folder/folder-wait.ts';
import type { Journal } from '../folder/journal/journal.ts';
import { sameSettings, settingsDiffer } from '../folder/settings.ts';
import { finishDeadRun, type MendOptions, type Resumed } from './finish-dead-run.ts';

/**
 * What was planned before is checked against what other processes have done since, and what one of
 * them has left is finished.
 */
export async function holdFolder(
  journal: Journal,
  options: MendOptions,
): Promise<{ lock: FileLock; resumed: Resumed[] }> {
  const { folder, settings, executor, teller } = options;
  const lock = await lockFolder(folder, journal, teller, () => executor.closed);
  try {
    if (journal.plannedReset() !== null) {
      throw new TilewrightError(
        'staged-folder',
        `Another process was about to empty ${folder}. Run the same command again`,
      );
    }
    // Another process may have died between our start and now.
    const resumed = journal.pending() === null ? [] : [await finishDeadRun(journal, options)];
    if (!sameSettings(journal, settings)) throw settingsDiffer(journal, folder, settings);
    return { lock, resumed };
  } catch (error) {
    lock.release();
    throw error;
  }
}
