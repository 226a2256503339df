/** Files of built tiles: in the run's folder, or in their places already. */

import { existsSync, statSync } from 'node:fs';
import { TilewrightError } from '../../core/errors.ts';
import { type FileIdentity, identityOf } from '../../core/files/file-sum.ts';

/** Whether the file at `path` is the built one, and as it was written. */
export function isBuiltFile(path: string, { bytes, sum }: FileIdentity): boolean {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  return size === bytes && identityOf(path).sum === sum;
}

/**
 * Where the built file is: in the run's folder still, or in its place.
 * @throws TilewrightError staged-folder if it is nowhere
 */
export function placeOf(path: string, placed: string, built: FileIdentity): string {
  if (existsSync(path)) return path;
  if (isBuiltFile(placed, built)) return placed;
  throw lostBuilt(path);
}

export function lostBuilt(path: string): TilewrightError {
  return new TilewrightError(
    'staged-folder',
    `${path}, a tile that a run has left, is gone. Run the same command again: it is made anew`,
  );
}
