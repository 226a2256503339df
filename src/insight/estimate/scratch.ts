/** The folder that a sample is staged in, on the disk that the job would write to. */

import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { toTilewrightError } from '../../core/errors.ts';

const PREFIX = '.tilewright-estimate';

/**
 * Makes a folder beside the staged folder, or in the nearest folder above that there is; where that
 * can't be written and `strict` is false, among the system's temporary files. What estimates of this
 * machine left that were killed is removed.
 * @throws TilewrightError output-unwritable
 */
export function makeScratch(stagedFolder: string, strict: boolean): string {
  const near = existingFolder(dirname(resolve(stagedFolder)));
  const places = strict ? [near] : [near, tmpdir()];
  for (const [i, place] of places.entries()) {
    try {
      mkdirSync(place, { recursive: true });
      removeDead(place);
      return mkdtempSync(join(place, `${PREFIX}-${hostname()}-${process.pid}-`));
    } catch (error) {
      if (i === places.length - 1) throw toTilewrightError(error, {}, 'output-unwritable');
    }
  }
  throw new RangeError('there is always a place to try');
}

export function removeScratch(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
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

function removeDead(place: string): void {
  const own = `${PREFIX}-${hostname()}-`;
  for (const name of readdirSync(place)) {
    if (!name.startsWith(own)) continue;
    const pid = Number.parseInt(name.slice(own.length), 10);
    if (isRunning(pid)) continue;
    try {
      removeScratch(join(place, name));
    } catch {
      // It is somebody else's, who will remove it.
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
