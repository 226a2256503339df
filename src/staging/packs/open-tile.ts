/** Opens staged tiles, wherever their rows are. */

import { join } from 'node:path';
import { TilewrightError } from '../../core/errors.ts';
import { fileBelow } from '../../core/files/make-folder.ts';
import type { StagedFile } from '../../formats/staged-format.ts';
import type { FolderSettings } from '../folder/journal/journal-rows.ts';
import {
  fileOf,
  filePath,
  layerName,
  shownTile,
  tileFormat,
  tilePath,
} from '../folder/tile-place.ts';
import { wholePath } from '../judging/whole-tiles.ts';
import { tileInPack } from './open-packs.ts';

/**
 * A tile as users see it.
 * @param isLoose - whether a pack's rows of it are those of before
 * @throws TilewrightError input-missing if it is not there; those of StagedFormat.open
 */
export function openTile(
  folder: string,
  settings: FolderSettings,
  x: number,
  y: number,
  isLoose = false,
): StagedFile {
  const file = openTileIfThere(folder, settings, x, y, isLoose);
  if (file !== null) return file;
  const below = isLoose ? tilePath(settings, x, y) : shownPath(settings, x, y);
  const what =
    fileBelow(folder, below) === undefined ? 'is not there' : `has no tile ${settings.z}/${x}/${y}`;
  throw new TilewrightError('input-missing', `${join(folder, below)} ${what}`);
}

/** The same; null if it is not there. */
export function openTileIfThere(
  folder: string,
  settings: FolderSettings,
  x: number,
  y: number,
  isLoose = false,
): StagedFile | null {
  const below = tilePath(settings, x, y);
  // One that was written since it was packed is newer.
  if (fileBelow(folder, below) !== undefined) {
    return tileFormat(settings).open(join(folder, below), layerName(settings, x, y));
  }
  if (settings.pack === undefined || isLoose) return null;
  const pack = shownPath(settings, x, y);
  if (fileBelow(folder, pack) === undefined) return null;
  return tileInPack(join(folder, pack), settings.format, x, y);
}

/**
 * A tile with all its rows, also those that are left out as duplicates.
 * @throws TilewrightError as `openTile`
 */
export function openAllRows(
  folder: string,
  settings: FolderSettings,
  x: number,
  y: number,
  isLoose = false,
): StagedFile {
  const whole = wholePath(settings, x, y);
  if (fileBelow(folder, whole) === undefined) return openTile(folder, settings, x, y, isLoose);
  return tileFormat(settings).open(join(folder, whole), layerName(settings, x, y));
}

/**
 * For who reads all rows of many tiles.
 * @param loose - tiles by `x/y` of which packs have rows of before
 * @throws TilewrightError tile-damaged for one that is not there
 */
export function requireLoose(
  loose: ReadonlySet<string>,
  folder: string,
  settings: FolderSettings,
): void {
  for (const key of loose) {
    const [x, y] = key.split('/').map(Number) as [number, number];
    const below = tilePath(settings, x, y);
    const places = [below, wholePath(settings, x, y)];
    if (places.some((path) => fileBelow(folder, path) !== undefined)) continue;
    const tile = shownTile(settings, x, y);
    throw new TilewrightError(
      'tile-damaged',
      `${join(folder, below)} is not there. Stage its inputs anew with --force`,
      { tile },
    );
  }
}

/** Path, below the staged folder, of the file that users find a tile in. */
export function shownPath(settings: FolderSettings, x: number, y: number): string {
  return filePath(settings, fileOf(settings, x, y));
}
