/**
 * Files of built tiles. In the run's folder one is known by its name, which is a hash of what is in it;
 * when it has been renamed into its place, by its size and time.
 */

import { existsSync, statSync } from 'node:fs';
import { TilewrightError } from '../../core/errors.ts';
import type { BuiltTile } from '../groups/record.ts';

type Known = Pick<BuiltTile, 'bytes' | 'time'>;

/** What a record keeps of the file. */
export function knownOf(path: string): Known {
  const { size, mtimeNs } = statSync(path, { bigint: true });
  return { bytes: Number(size), time: String(mtimeNs) };
}

/** Whether the file at `path` is the built one. */
export function isBuiltFile(path: string, built: Known): boolean {
  if (!existsSync(path)) return false;
  const { bytes, time } = knownOf(path);
  return bytes === built.bytes && time === built.time;
}

/**
 * Where the built file is: in the run's folder still, or in its place.
 * @throws TilewrightError staged-folder if it is nowhere
 */
export function placeOf(path: string, placed: string, built: Known): string {
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
