/** Removes files of a staged folder, and the folders that this leaves empty. */

import { rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileBelow } from '../../core/files/make-folder.ts';

/**
 * @param paths - below the folder, with '/'
 * @returns how many were there
 * @throws TilewrightError staged-folder where a link, or no file, is in the place of one
 */
export function removeFiles(folder: string, paths: Iterable<string>): number {
  const folders = new Set<string>();
  let removed = 0;
  for (const below of paths) {
    const path = join(folder, below);
    if (fileBelow(folder, below) !== undefined) removed++;
    rmSync(path, { force: true });
    folders.add(dirname(path));
  }
  for (const start of folders) removeEmpty(start, folder);
  return removed;
}

/** Removes the folders above a path that is gone, as far as they are empty. */
export function removeEmptyAbove(path: string, folder: string): void {
  removeEmpty(dirname(path), folder);
}

/** Deepest first, up to the staged folder itself. */
function removeEmpty(start: string, folder: string): void {
  for (let above = start; above.length > folder.length; above = dirname(above)) {
    try {
      rmdirSync(above);
    } catch {
      // Not empty, or gone already.
      return;
    }
  }
}
