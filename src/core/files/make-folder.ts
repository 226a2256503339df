/** Makes folders that others may make, or remove, at the same moment. */

import { lstatSync, mkdirSync, type Stats, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TilewrightError } from '../errors.ts';

/** More than that, and it is no race: some systems say of a folder that is there that it is not. */
const ATTEMPTS = 20;

/**
 * Makes a folder and those above it; links on the way are followed. Nothing is looked at before:
 * what the system answers to the attempt is the only thing that is true at that moment.
 */
export function makeFolder(path: string, mode = 0o777): void {
  for (let attempt = 1; ; attempt++) {
    try {
      mkdirSync(path, mode);
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST' || code === 'EISDIR') {
        const there = statSync(path, { throwIfNoEntry: false });
        if (there?.isDirectory()) return;
        // Gone again, or a link that leads nowhere.
        if (there !== undefined || attempt === ATTEMPTS) throw error;
      } else {
        if (code !== 'ENOENT' || dirname(path) === path || attempt === ATTEMPTS) throw error;
        makeFolder(dirname(path), mode);
      }
    }
  }
}

/**
 * Makes the folders of a path below `root`, none of which may be a link: one would lead out of it.
 * @param below - with '/' between its parts
 * @throws TilewrightError staged-folder for a link, or a file in place of a folder
 */
export function makeFolderBelow(root: string, below: string): void {
  const parts = below.split('/').filter((part) => part !== '');
  let path = root;
  for (const [i, part] of parts.entries()) {
    path = join(path, part);
    for (let attempt = 1; ; attempt++) {
      try {
        mkdirSync(path);
        break;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (attempt === ATTEMPTS) throw error;
        if (code === 'EEXIST' || code === 'EISDIR') {
          const there = lstatSync(path, { throwIfNoEntry: false });
          if (there?.isDirectory()) break;
          if (there !== undefined) throw notOwn(path, there, 'folder');
        } else if (code === 'ENOENT' && i > 0) {
          // Another has removed the folder above, which was empty.
          makeFolderBelow(root, parts.slice(0, i).join('/'));
        } else {
          throw error;
        }
      }
    }
  }
}

/**
 * What is at a path below `root`; undefined for nothing.
 * @param below - with '/' between its parts
 * @throws TilewrightError staged-folder if a part of the way is a link or no folder, or if there is
 *   something else at its end than a file
 */
export function fileBelow(root: string, below: string): Stats | undefined {
  const parts = below.split('/').filter((part) => part !== '');
  let path = root;
  for (const [i, part] of parts.entries()) {
    path = join(path, part);
    const there = lstatSync(path, { throwIfNoEntry: false });
    if (there === undefined) return undefined;
    if (i === parts.length - 1) {
      if (there.isFile()) return there;
      throw notOwn(path, there, 'file');
    }
    if (!there.isDirectory()) throw notOwn(path, there, 'folder');
  }
  return undefined;
}

/** What kind of thing it is, with its article. */
export function kindOf(stats: Stats): string {
  if (stats.isSymbolicLink()) return 'a link';
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a named pipe';
  if (stats.isSocket()) return 'a socket';
  return stats.isFile() ? 'a file' : 'a device';
}

/** Somebody else put it there, whatever for: what is written or removed by way of it is not ours. */
export function notOwn(path: string, there: Stats, wanted: 'file' | 'folder'): TilewrightError {
  return new TilewrightError(
    'staged-folder',
    `${path} is ${kindOf(there)}, where a staged folder has a ${wanted} of its own: nothing is ` +
      'written or removed by way of it. Remove it, or stage into another folder',
  );
}
