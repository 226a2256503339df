/**
 * Folders of executors below a common one, `runDir`, on a disk that workers reach too. Each is
 * locked for as long as its executor lives, so that the next one can tell what a dead one has left.
 */

import { randomBytes } from 'node:crypto';
import { rmdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { toTilewrightError } from '../core/errors.ts';
import { FileLock } from '../core/file-lock.ts';
import {
  foldersIn,
  makeLockedFolder,
  removeLockedFolder,
  takeDeadFolder,
} from '../core/locked-folder.ts';

/** Others may have put folders there. */
const OWN_ID = /^[0-9a-f]{8}$/;

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
  removeLockedFolder(path);
  lock.release();
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
  for (const name of foldersIn(runDir)) {
    if (!name.startsWith(`${kind}-`) || !OWN_ID.test(name.slice(kind.length + 1))) continue;
    const path = resolve(runDir, name);
    const lock = takeDeadFolder(path);
    if (!(lock instanceof FileLock)) continue;
    try {
      if (await end(path)) removeLockedFolder(path);
    } finally {
      lock.release();
    }
  }
}
