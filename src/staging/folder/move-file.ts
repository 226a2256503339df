/** Puts files of a staged folder in their places, and takes them out, by way of a run's folder. */

import { existsSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolderBelow } from '../../core/files/make-folder.ts';

const MOVE_ATTEMPTS = 20;

/** Renames a finished file into place. */
export function moveFile(temporary: string, folder: string, below: string): void {
  const path = join(folder, below);
  for (let attempt = 1; ; attempt++) {
    makeFolderBelow(folder, dirname(below));
    try {
      renameSync(temporary, path);
      return;
    } catch (error) {
      // A task that removes the last tile beside it may have removed the folder, which was empty. But
      // if the run is over, the temporary file is gone.
      const gone = (error as NodeJS.ErrnoException).code === 'ENOENT' && existsSync(temporary);
      if (!gone || attempt === MOVE_ATTEMPTS) throw error;
    }
  }
}

/**
 * Removes a tile without rows, and the folders that this leaves empty. By way of the run's folder:
 * where that is gone, another run may have written the tile since.
 */
export function removeTile(path: string, folder: string, temporary: string): void {
  try {
    renameSync(path, temporary);
    unlinkSync(temporary);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  for (let above = dirname(path); above.length > folder.length; above = dirname(above)) {
    try {
      rmdirSync(above);
    } catch {
      // Not empty, or gone already.
      return;
    }
  }
}
