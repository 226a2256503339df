/** Opens staged tiles, wherever their rows are. */

import { join } from 'node:path';
import { TilewrightError } from '../../core/errors.ts';
import { fileBelow } from '../../core/files/make-folder.ts';
import type { StagedFile } from '../../formats/staged-format.ts';
import type { FolderSettings } from '../folder/journal-rows.ts';
import { fileOf, filePath, layerName, tileFormat, tilePath } from '../folder/tile-place.ts';
import { wholePath } from '../judging/whole-tiles.ts';
import { tileInPack } from './open-packs.ts';

/**
 * A tile as users see it.
 * @throws TilewrightError input-missing if it is not there; those of StagedFormat.open
 */
export function openTile(
  folder: string,
  settings: FolderSettings,
  x: number,
  y: number,
): StagedFile {
  const file = openTileIfThere(folder, settings, x, y);
  if (file !== null) return file;
  const below = shownPath(settings, x, y);
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
): StagedFile | null {
  const below = tilePath(settings, x, y);
  // One that was written since it was packed is newer.
  if (fileBelow(folder, below) !== undefined) {
    return tileFormat(settings).open(join(folder, below), layerName(settings, x, y));
  }
  if (settings.pack === undefined) return null;
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
): StagedFile {
  const whole = wholePath(settings, x, y);
  if (fileBelow(folder, whole) === undefined) return openTile(folder, settings, x, y);
  return tileFormat(settings).open(join(folder, whole), layerName(settings, x, y));
}

/** Path, below the staged folder, of the file that users find a tile in. */
export function shownPath(settings: FolderSettings, x: number, y: number): string {
  return filePath(settings, fileOf(settings, x, y));
}
