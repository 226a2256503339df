/**
 * Whole tiles of a folder from which duplicates are removed: all their rows, of which what users see
 * is made. A tile that has no duplicate is its own.
 *
 * Whoever finds a whole tile goes by it. So it is put in its place before the tile changes, and it is
 * the tile again before another is put in its place.
 */

import { constants, copyFileSync, existsSync, linkSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileBelow, makeFolderBelow } from '../../core/files/make-folder.ts';
import type { FolderSettings } from '../folder/journal/journal-rows.ts';
import { removeEmptyAbove } from '../folder/remove-files.ts';
import { PRIVATE } from '../folder/staged-folder.ts';
import { tileName, tilePath } from '../folder/tile-place.ts';

/** Below the staged folder, with '/'. */
export const WHOLE_FOLDER = `${PRIVATE}/whole`;

/** Path of the whole tile below the staged folder. */
export function wholePath(settings: FolderSettings, x: number, y: number): string {
  return `${WHOLE_FOLDER}/${tileName(settings, x, y)}`;
}

/**
 * Keeps the tile as it is, all its rows, before one without some of them comes in its place.
 * @param temporary - name for a copy, where a disk has no hard links
 * @param isWhole - whether a file has all rows: a twin may have changed the tile meanwhile
 */
export function keepWhole(
  folder: string,
  settings: FolderSettings,
  { x, y }: { x: number; y: number },
  temporary: string,
  isWhole: (path: string) => boolean,
): void {
  const below = wholePath(settings, x, y);
  if (fileBelow(folder, below) !== undefined) return;
  makeFolderBelow(folder, dirname(below));
  const tile = join(folder, tilePath(settings, x, y));
  const whole = join(folder, below);
  try {
    linkSync(tile, whole);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A twin was faster.
    if (code === 'EEXIST') return;
    if (!NO_LINKS.includes(code ?? '')) throw error;
    copyFileSync(tile, temporary, constants.COPYFILE_EXCL);
    if (isWhole(temporary)) renameSync(temporary, whole);
    else rmSync(temporary);
  }
}

/** Where a file system has no hard links, or not so many. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK', 'EOPNOTSUPP'];

/** Makes the whole tile, if there is one, the tile again. */
export function bringWhole(folder: string, settings: FolderSettings, x: number, y: number): void {
  if (!existsSync(join(folder, WHOLE_FOLDER))) return;
  const whole = wholePath(settings, x, y);
  if (fileBelow(folder, whole) === undefined) return;
  const tile = tilePath(settings, x, y);
  makeFolderBelow(folder, dirname(tile));
  try {
    renameSync(join(folder, whole), join(folder, tile));
  } catch (error) {
    // A twin was faster.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  // Where both are one file nothing is renamed.
  rmSync(join(folder, whole), { force: true });
  removeEmptyAbove(join(folder, whole), folder);
}
