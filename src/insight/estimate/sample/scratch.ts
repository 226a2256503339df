/** The folder that a sample is staged in, on the disk that the job would write to. */

import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { toTilewrightError } from '../../../core/errors.ts';
import {
  type LockedFolder,
  makeLockedFolder,
  removeDeadFolders,
  removeLockedFolder,
} from '../../../core/files/locked-folder.ts';

const PREFIX = '.tilewright-estimate-';
const NAME = /^\.tilewright-estimate-[0-9a-f]{16}$/;

/**
 * Makes a folder beside the staged folder, or in the nearest folder above that there is; where that
 * can't be written and `strict` is false, among the system's temporary files. What estimates left
 * that were killed, on this machine or another, is removed.
 * @throws TilewrightError output-unwritable
 */
export function makeScratch(stagedFolder: string, strict: boolean): LockedFolder {
  const near = existingFolder(dirname(resolve(stagedFolder)));
  const places = strict ? [near] : [near, tmpdir()];
  for (const [i, place] of places.entries()) {
    try {
      removeDeadFolders(place, NAME);
      return makeLockedFolder(place, () => PREFIX + randomBytes(8).toString('hex'), 0o700);
    } catch (error) {
      if (i === places.length - 1) throw toTilewrightError(error, {}, 'output-unwritable');
    }
  }
  throw new RangeError('there is always a place to try');
}

export function removeScratch({ path, lock }: LockedFolder): void {
  removeLockedFolder(path);
  lock.release();
}

function existingFolder(path: string): string {
  let folder = path;
  while (
    !statSync(folder, { throwIfNoEntry: false })?.isDirectory() &&
    dirname(folder) !== folder
  ) {
    folder = dirname(folder);
  }
  return folder;
}
