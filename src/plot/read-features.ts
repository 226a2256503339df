/** Reads the features of tiles and hands them, in dots of the map, to what draws them. */

import { TilewrightError } from '../core/errors.ts';
import { ValueWalk } from '../formats/sqlite/record.ts';
import type { StagedFile } from '../formats/staged-format.ts';
import { FeatureBatch } from '../geometry/batch.ts';
import { decodeWkb, FIRST_DROP } from '../geometry/wkb.ts';
import type { FolderSettings } from '../staging/folder/journal/journal.ts';
import { InputRows } from '../staging/rows/input-rows.ts';
import type { Bounds } from '../tms/tile-matrix.ts';
import type { ShapePainter } from './drawing.ts';
import type { StagedTile } from './staged-tiles.ts';

/** dot = (coordinate − origin) · scale */
export interface ToDots {
  originX: number;
  originY: number;
  scaleX: number;
  /** Negative: y grows downwards. */
  scaleY: number;
}

/**
 * Bounds of all that is in the tile, beyond its border too, as the tile's file has them.
 * @throws TilewrightError `staged-folder` for a tile that is not there any more
 */
export function boundsOfRows(tile: StagedTile): Bounds | null {
  const file = openTile(tile);
  try {
    return file.extent && [...file.extent];
  } finally {
    file.close();
  }
}

/** Features, each counted once, however many tiles it is in. */
class FeatureCount {
  inOneTile = 0;
  /** Identifiers of those that reach the border of a tile. */
  readonly crossing = new Set<string>();

  get all(): number {
    return this.inOneTile + this.crossing.size;
  }
}

/** Draws the features of tiles one tile after the other, and counts them. */
export class FeatureReader {
  readonly #settings: FolderSettings;
  readonly #batch = new FeatureBatch();
  readonly #others = new FeatureCount();
  readonly #duplicates = new FeatureCount();

  constructor(settings: FolderSettings) {
    this.#settings = settings;
  }

  /** Features that were drawn. */
  get count(): number {
    return this.#others.all + this.#duplicates.all;
  }

  /** Those of them that are labelled as duplicates, if that was asked for. */
  get duplicates(): number {
    return this.#duplicates.all;
  }

  /**
   * @param color - of the tile, or of the features of an input in it
   * @param only - draws duplicates, or the others; left out: all, whatever they are
   * @throws TilewrightError `staged-folder` for a tile that is not there any more, and those of a
   *   damaged one
   */
  draw(
    tile: StagedTile,
    toDots: ToDots,
    painter: ShapePainter,
    color: string | ((input: string) => string),
    only?: 'duplicates' | 'others',
  ): void {
    const file = openTile(tile);
    try {
      const identifier = this.#column(file, 'identifier');
      const label = only === undefined ? -1 : this.#column(file, 'duplicated');
      const values = new ValueWalk(Math.max(identifier, label) + 1);
      const count = only === 'duplicates' ? this.#duplicates : this.#others;
      const inputs = new InputRows(file.rows(), this.#column(file, 'filename'));
      const { row } = inputs.rows;
      const batch = this.#batch;
      const identifierOf = (): string => {
        values.walk(row.types, row.typesStart, row.typesEnd, row.bodyStart);
        return String(values.value(row.body, identifier));
      };
      // Rows are in the order of their inputs.
      let input: string | null = null;
      let current: string | null = typeof color === 'string' ? color : null;
      for (; inputs.input !== null; inputs.next()) {
        if (typeof color !== 'string' && inputs.input !== input) {
          if (current !== null) painter.paint(current);
          input = inputs.input;
          current = color(input);
        }
        if (only !== undefined) {
          values.walk(row.types, row.typesStart, row.typesEnd, row.bodyStart);
          const isDuplicate = values.value(row.body, label) === 1;
          if (isDuplicate !== (only === 'duplicates')) continue;
        }
        batch.clear();
        batch.beginFeature(0);
        if (decodeWkb(batch, row.geometry, row.geometryStart, row.geometryEnd) >= FIRST_DROP) {
          continue;
        }
        batch.endFeature();
        this.#add(batch, tile, identifierOf, toDots, painter, count);
      }
      if (current !== null) painter.paint(current);
    } finally {
      file.close();
    }
  }

  /** Counts the feature, turns its vertices into dots and adds it. */
  #add(
    batch: FeatureBatch,
    tile: StagedTile,
    identifierOf: () => string,
    { originX, originY, scaleX, scaleY }: ToDots,
    painter: ShapePainter,
    count: FeatureCount,
  ): void {
    const { xy } = batch;
    const end = batch.vertexCount;
    let minX = Infinity;
    let minY = Infinity;
    let maxX = -Infinity;
    let maxY = -Infinity;
    for (let v = 0; v < 2 * end; v += 2) {
      const x = xy[v]!;
      const y = xy[v + 1]!;
      if (x < minX) minX = x;
      if (x > maxX) maxX = x;
      if (y < minY) minY = y;
      if (y > maxY) maxY = y;
      xy[v] = (x - originX) * scaleX;
      xy[v + 1] = (y - originY) * scaleY;
    }
    const [west, south, east, north] = tile.bounds;
    // Touching a border is being in the tile beyond it.
    if (minX > west && minY > south && maxX < east && maxY < north) {
      count.inOneTile++;
    } else {
      count.crossing.add(identifierOf());
    }
    painter.add(batch, 0, Math.max((maxX - minX) * scaleX, (minY - maxY) * scaleY));
  }

  #column(
    { columns, path }: StagedFile,
    property: 'identifier' | 'filename' | 'duplicated',
  ): number {
    const name = this.#settings.properties[property];
    const place = columns.findIndex((column) => column.name === name);
    if (place >= 0) return place;
    throw new TilewrightError(
      'staged-folder',
      `${path} has no column ${name}: it is not as it was staged. Stage again with --force`,
    );
  }
}

function openTile(tile: StagedTile): StagedFile {
  try {
    return tile.open();
  } catch (error) {
    if (!(error instanceof TilewrightError) || error.code !== 'input-missing') throw error;
    throw new TilewrightError(
      'staged-folder',
      `${tile.path} is not there, though the journal says that it was staged. Stage again with ` +
        '--force',
      { cause: error },
    );
  }
}
