/**
 * Folders of executors below a common one, `runDir`, on a disk that workers reach too. Each is
 * locked for as long as its executor lives, so that the next one can tell what a dead one has left.
 */

import { randomBytes } from 'node:crypto';
import { rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { toTilewrightError } from '../core/errors.ts';
import type { FileLock } from '../core/files/file-lock.ts';
import {
  deadFolders,
  makeLockedFolder,
  removeLockedFolder,
  takeDeadFolder,
} from '../core/files/locked-folder.ts';

const ABANDONED_LOOKS = 20;
const ABANDONED_PAUSE_MS = 25;

export interface RunFolder {
  path: string;
  /** Part of its name, which no other has. */
  id: string;
  lock: FileLock;
}

/**
 * @param kind - beginning of its name, by which folders of one kind of executor are found again
 * @throws TilewrightError output-unwritable
 */
export function makeRunFolder(runDir: string, kind: string): RunFolder {
  let id = '';
  const nameOf = (): string => {
    id = randomBytes(4).toString('hex');
    return `${kind}-${id}`;
  };
  try {
    const { path, lock } = makeLockedFolder(resolve(runDir), nameOf, 0o700);
    return { path, id, lock };
  } catch (error) {
    throw toTilewrightError(error, {}, 'output-unwritable');
  }
}

/** Removes a folder, and `runDir` with it if nothing else is there. */
export function removeRunFolder({ path, lock }: RunFolder): void {
  removeTemporaryFolder({ path, lock });
  try {
    rmdirSync(dirname(path));
  } catch {
    // Others use it.
  }
}

/**
 * Removes folders of this kind whose executors were killed.
 * @param end - ends what such an executor has left elsewhere; false if the folder has to stay
 */
export async function removeDeadRunFolders(
  runDir: string,
  kind: string,
  end: (path: string) => Promise<boolean> = async () => true,
): Promise<void> {
  const named = new RegExp(`^${kind}-[0-9a-f]{8}$`);
  for (const { path, lock } of deadFolders(resolve(runDir), named)) {
    try {
      if (await end(path)) removeLockedFolder(path);
    } finally {
      lock.release();
    }
  }
}

/**
 * Makes a folder among the system's temporary files, where what was left by dead processes of this
 * user is removed.
 */
export async function makeTemporaryFolder(kind: string): Promise<RunFolder> {
  await removeDeadRunFolders(tmpdir(), kind);
  return makeRunFolder(tmpdir(), kind);
}

/**
 * Removes a folder if its executor is dead. Who has merely lost the connection to that finds it
 * locked; a process that ends takes a moment to let go of its locks.
 */
export async function removeAbandonedFolder(path: string): Promise<void> {
  for (let look = 0; look < ABANDONED_LOOKS; look++) {
    const lock = takeDeadFolder(path);
    if (lock === 'gone') return;
    if (lock !== 'alive') {
      removeTemporaryFolder({ path, lock });
      return;
    }
    await setTimeout(ABANDONED_PAUSE_MS);
  }
}

export function removeTemporaryFolder({ path, lock }: Pick<RunFolder, 'path' | 'lock'>): void {
  removeLockedFolder(path);
  lock.release();
}
