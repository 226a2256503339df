/** What a staged folder's journal says of its tiles: which there are, and what is in them. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TilewrightError } from '../core/errors.ts';
import { type Crs, resolveCrs } from '../crs/resolve.ts';
import type { StagedFile } from '../formats/staged-format.ts';
import { type FolderSettings, Journal } from '../staging/folder/journal/journal.ts';
import { isLabelledFolder } from '../staging/folder/settings.ts';
import { shownTileInputs } from '../staging/folder/shown-tiles.ts';
import { journalPath } from '../staging/folder/staged-folder.ts';
import { tilePath } from '../staging/folder/tile-place.ts';
import { openTile, shownPath } from '../staging/packs/open-tile.ts';
import { parseTileMatrixSet } from '../tms/parse.ts';
import type { Bounds, TileMatrix } from '../tms/tile-matrix.ts';
import { tileKey } from '../tms/tile-path.ts';

export interface StagedTile {
  x: number;
  y: number;
  /** Of the file that it is in. */
  path: string;
  /** Opens it; whoever calls closes it. */
  open: () => StagedFile;
  /** In the CRS of the TileMatrixSet. */
  bounds: Bounds;
  /** Rows in it. */
  rows: number;
  /** Sum of their areas, in square units of the CRS. */
  area: number;
  /** Rows of each input. */
  inputs: Map<string, number>;
}

export interface StagedTiles {
  settings: FolderSettings;
  matrix: TileMatrix;
  crs: Crs;
  /** All that there are, in Z-order from the north-west, so that the first few are neighbours. */
  tiles: StagedTile[];
  /** Whether each row of each tile says if it is a duplicate. */
  isLabelled: boolean;
}

/**
 * @param folder - path of a staged folder
 * @throws TilewrightError `staged-folder` for a folder without a journal or without tiles
 */
export function readStagedTiles(folder: string): StagedTiles {
  if (!existsSync(journalPath(folder))) {
    const what = existsSync(folder) ? 'has no journal: it is no staged folder' : 'is not there';
    throw new TilewrightError(
      'staged-folder',
      `${folder} ${what}, so there are no tiles to draw. Name the folder that was given to ` +
        'tilewright stage as --out',
    );
  }
  const journal = new Journal(journalPath(folder), { readOnly: true });
  try {
    const settings = journal.settings();
    const byTile = new Map<string, Pick<StagedTile, 'x' | 'y' | 'rows' | 'area' | 'inputs'>>();
    for (const { x, y, input, rows, area } of shownTileInputs(journal)) {
      const key = `${x}/${y}`;
      const tile = byTile.get(key) ?? { x, y, rows: 0, area: 0, inputs: new Map() };
      tile.rows += rows;
      tile.area += area;
      tile.inputs.set(input, rows);
      byTile.set(key, tile);
    }
    if (settings === null || byTile.size === 0) {
      throw new TilewrightError(
        'staged-folder',
        `${folder} has no tiles: nothing has been staged into it yet, or no run has finished. ` +
          'Run tilewright stage first',
      );
    }
    const tms = parseTileMatrixSet(JSON.parse(settings.tmsDefinition));
    const matrix = tms.matrix(settings.z);
    const loose = journal.products.looseTiles();
    const tiles = [...byTile.values()].map((tile): StagedTile => {
      const { x, y } = tile;
      const isLoose = loose.has(tileKey(x, y));
      const below = isLoose ? tilePath(settings, x, y) : shownPath(settings, x, y);
      return {
        ...tile,
        path: join(folder, below),
        open: () => openTile(folder, settings, x, y, isLoose),
        bounds: matrix.bounds(x, y),
      };
    });
    sortInZ(tiles, matrix);
    const isLabelled = isLabelledFolder(settings) && journal.judging.current() !== null;
    return { settings, matrix, crs: resolveCrs(tms.crs), tiles, isLabelled };
  } finally {
    journal.close();
  }
}

/** Sorts by the interleaved bits of column and row, counted from the north-western tile. */
function sortInZ(tiles: StagedTile[], matrix: TileMatrix): void {
  const down = matrix.cornerOfOrigin === 'topLeft';
  let west = Infinity;
  let north = Infinity;
  const rowOf = (tile: StagedTile): number => (down ? tile.y : -tile.y);
  for (const tile of tiles) {
    west = Math.min(west, tile.x);
    north = Math.min(north, rowOf(tile));
  }
  tiles.sort((a, b) => {
    const [ax, bx, ay, by] = [a.x - west, b.x - west, rowOf(a) - north, rowOf(b) - north];
    const differX = ax ^ bx;
    const differY = ay ^ by;
    // The number with the highest bit that differs decides (T. M. Chan, 2002).
    const isXHigher = differY < differX && differY < (differX ^ differY);
    return isXHigher ? ax - bx : ay - by || ax - bx;
  });
}
