/**
 * Folders of executors below a common one, `runDir`, on a disk that workers reach too. Each is
 * locked for as long as its executor lives, so that the next one can tell what a dead one has left.
 */

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { TilewrightError, toTilewrightError } from '../core/errors.ts';
import { FileLock } from '../core/file-lock.ts';

const ATTEMPTS = 10;

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
  for (let attempt = 1; ; attempt++) {
    const id = randomBytes(4).toString('hex');
    const path = resolve(runDir, `${kind}-${id}`);
    try {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      const lock = FileLock.tryAcquire(alivePath(path));
      // Before it was locked, another executor may have taken it for one that was left.
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

/** Removes a folder, and `runDir` with it if nothing else is there. */
export function removeRunFolder({ path, lock }: RunFolder): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 3 });
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
  for (const name of existsSync(runDir) ? readdirSync(runDir) : []) {
    const path = resolve(runDir, name);
    if (!name.startsWith(`${kind}-`) || !existsSync(alivePath(path))) continue;
    const lock = lockOfDead(path);
    if (lock === null) continue;
    try {
      if (await end(path)) rmSync(path, { recursive: true, force: true, maxRetries: 3 });
    } finally {
      lock.release();
    }
  }
}

function lockOfDead(path: string): FileLock | null {
  try {
    return FileLock.tryAcquire(alivePath(path));
  } catch (error) {
    // Its executor may have ended and removed it just now.
    if (!existsSync(path)) return null;
    throw error;
  }
}

function alivePath(path: string): string {
  return join(path, 'alive.sqlite');
}
