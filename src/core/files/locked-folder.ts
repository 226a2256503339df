/**
 * Folders that are somebody's for as long as he lives: in each is a file `alive.sqlite`, which its
 * owner keeps locked. What a dead owner has left is found, and taken by one visitor at a time.
 *
 * The file is made once, by the owner, in a folder that he made himself, and is the last thing to be
 * removed. So a folder that has other things in it and not this one has no owner.
 */

import { existsSync, lstatSync, mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { TilewrightError } from '../errors.ts';
import { FileLock } from './file-lock.ts';
import { makeFolder } from './make-folder.ts';

const ALIVE = 'alive.sqlite';
const ATTEMPTS = 20;
/** What keeps a folder from being removed for now: another looks at it, or writes into it. */
const PASSING = new Set(['ENOTEMPTY', 'EEXIST', 'EBUSY', 'EPERM', 'EACCES', 'ENOENT']);

export interface LockedFolder {
  path: string;
  name: string;
  lock: FileLock;
}

/**
 * Makes a folder and locks it.
 * @param nameOf - gives another name at each call, which no folder has had before
 * @param mode - of the folder and of those above it that are not there
 */
export function makeLockedFolder(parent: string, nameOf: () => string, mode = 0o777): LockedFolder {
  for (let attempt = 1; ; attempt++) {
    const name = nameOf();
    const path = join(parent, name);
    try {
      makeFolder(parent, mode);
      mkdirSync(path, mode);
      const lock = FileLock.tryAcquire(join(path, ALIVE), { create: true });
      if (lock instanceof FileLock) return { path, name, lock };
      // In the moment before it was locked somebody took it for one that a dead owner has left.
    } catch (error) {
      if (attempt === ATTEMPTS || (existsSync(path) && !isTaken(error))) throw error;
      // Removed in that moment, or with the folder above.
    }
    if (attempt === ATTEMPTS) {
      throw new TilewrightError(
        'output-unwritable',
        `No folder can be made and locked in ${parent}`,
      );
    }
  }
}

function isTaken(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EEXIST';
}

/**
 * The lock of a folder whose owner is dead; `alive` if he is not, or if another visitor has it;
 * `gone` if there is none any more.
 */
export function takeDeadFolder(path: string): FileLock | 'alive' | 'gone' {
  const alive = join(path, ALIVE);
  const found = FileLock.tryAcquire(alive);
  if (found instanceof FileLock) return found;
  if (found === 'held') return 'alive';
  // It is being made, is being removed, or was left so.
  try {
    // Whoever is making it notices, and makes another one.
    rmdirSync(path);
    return 'gone';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'gone';
    if (!PASSING.has(code ?? '')) throw error;
  }
  if (lstatSync(alive, { throwIfNoEntry: false }) !== undefined) return 'alive';
  const lock = FileLock.tryAcquire(alive, { create: true });
  return lock instanceof FileLock ? lock : lock === 'held' ? 'alive' : 'gone';
}

/** Whether its owner lives. Nothing is changed by looking. */
export function isOwned(path: string): boolean {
  const found = FileLock.tryAcquire(join(path, ALIVE));
  if (found instanceof FileLock) found.release();
  return found === 'held';
}

/**
 * Takes the locks of what dead owners have left in a folder, which others may write to, one after
 * the other. What belongs to another user is left to him.
 * @param named - what the folder's name is like: what is of another kind is none of ours
 */
export function* deadFolders(
  parent: string,
  named: RegExp,
): Generator<{ path: string; lock: FileLock }> {
  for (const name of foldersIn(parent)) {
    if (!named.test(name)) continue;
    const path = join(parent, name);
    if (!isOwnUsers(path)) continue;
    const lock = takeDeadFolder(path);
    if (lock instanceof FileLock) yield { path, lock };
  }
}

/** Removes what dead owners have left in a folder: see `deadFolders`. */
export function removeDeadFolders(parent: string, named: RegExp): void {
  for (const { path, lock } of deadFolders(parent, named)) {
    removeLockedFolder(path);
    lock.release();
  }
}

function isOwnUsers(path: string): boolean {
  const there = lstatSync(path, { throwIfNoEntry: false });
  return there !== undefined && (process.getuid === undefined || there.uid === process.getuid());
}

/** Names of the folders in a folder, links left out; none if it is not there. */
export function foldersIn(parent: string): string[] {
  try {
    const entries = readdirSync(parent, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/**
 * Removes a folder that the caller has the lock of. What can't be removed, perhaps because another
 * process looks at it, stays for the next visitor.
 */
export function removeLockedFolder(path: string): void {
  try {
    for (const name of readdirSync(path)) {
      // Again, if a late task writes into it just now.
      if (name !== ALIVE) rmSync(join(path, name), { recursive: true, force: true, maxRetries: 3 });
    }
    rmSync(join(path, ALIVE), { force: true });
    rmdirSync(path);
  } catch (error) {
    if (!PASSING.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
