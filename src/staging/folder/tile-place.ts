/**
 * Where tiles are: each in a file of its own, or several in a pack. Tiles that are to be packed are loose,
 * each in a file of its own in the private folder, from when they are written until they are packed.
 */

import type { StagedFormat } from '../../formats/staged-format.ts';
import { LOOSE_FORMAT, stagedFormat } from '../../formats/staged-formats.ts';
import type { Tile } from '../../tms/tile-matrix.ts';
import { formatTilePath, tileKey } from '../../tms/tile-path.ts';
import type { Journal } from './journal/journal.ts';
import type { FolderSettings } from './journal/journal-rows.ts';

/** Below the staged folder. */
export const LOOSE_FOLDER = '.tilewright/tiles';

/** The format of a tile that is a file of its own. */
export function tileFormat(settings: Pick<FolderSettings, 'format' | 'pack'>): StagedFormat {
  return stagedFormat(settings.pack === undefined ? settings.format : LOOSE_FORMAT);
}

/** Path of a tile that is a file of its own, below the folder of all such tiles. */
export function tileName(settings: FolderSettings, x: number, y: number): string {
  const { style, tms, z, tilePathStructure } = settings;
  const { extension } = tileFormat(settings);
  return formatTilePath({ style, tms, z, x, y }, tilePathStructure, extension);
}

/** Its path below the staged folder. */
export function tilePath(settings: FolderSettings, x: number, y: number): string {
  const name = tileName(settings, x, y);
  return settings.pack === undefined ? name : `${LOOSE_FOLDER}/${name}`;
}

/** The layer is named after the stem of its file. */
export function layerName(settings: FolderSettings, x: number, y: number): string {
  return String({ x, y, z: settings.z }[settings.tilePathStructure.at(-1) as 'x' | 'y' | 'z']);
}

/**
 * The file that users find a tile in, as a tile: a pack of 4^n tiles is where the tile n levels up would
 * be in a quadtree, whatever the TileMatrixSet has there.
 */
export function fileOf(
  { z, pack = 0 }: Pick<FolderSettings, 'z' | 'pack'>,
  x: number,
  y: number,
): Tile {
  const size = 2 ** pack;
  return { z: z - pack, x: Math.floor(x / size), y: Math.floor(y / size) };
}

/** All files that tiles of the journal are in, as `fileOf` has them. */
export function filesOf(journal: Journal, settings: FolderSettings): Tile[] {
  const files = new Map<string, Tile>();
  for (const { x, y } of journal.tiles()) {
    const file = fileOf(settings, x, y);
    files.set(tileKey(file.x, file.y), file);
  }
  return [...files.values()];
}

/** A tile as messages name it. */
export function shownTile({ z }: FolderSettings, x: number, y: number): string {
  return `${z}/${x}/${y}`;
}

/** Path, below the staged folder, of what `fileOf` gives. */
export function filePath(settings: FolderSettings, file: Tile): string {
  const { style, tms, tilePathStructure, format } = settings;
  return formatTilePath({ style, tms, ...file }, tilePathStructure, stagedFormat(format).extension);
}
