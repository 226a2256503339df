/** Reads the features of tiles and hands them, in dots of the map, to what draws them. */

import { DropCounter } from '../core/drops.ts';
import { TilewrightError } from '../core/errors.ts';
import { type GeoPackageSource, openGeoPackage } from '../formats/geopackage/source.ts';
import type { LayerInfo } from '../formats/source.ts';
import { serialTypeLength, VarintReader } from '../formats/sqlite/record.ts';
import { FeatureBatch } from '../geometry/batch.ts';
import type { FolderSettings } from '../staging/folder/journal.ts';
import type { Bounds } from '../tms/tile-matrix.ts';
import type { ShapePainter } from './drawing.ts';
import type { StagedTile } from './staged-tiles.ts';

const MAX_FEATURES = 2048;
const MAX_VERTICES = 1 << 17;

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
  const source = openTile(tile);
  try {
    return source.layers()[0]?.extent ?? null;
  } finally {
    source.close();
  }
}

/** Draws the features of tiles one tile after the other, and counts them. */
export class FeatureReader {
  /** Features that were drawn, each counted once, however many tiles it is in. */
  get count(): number {
    return this.#inOneTile + this.#crossing.size;
  }

  readonly #settings: FolderSettings;
  readonly #batch = new FeatureBatch();
  readonly #varint = new VarintReader();
  #inOneTile = 0;
  /** Identifiers of those that reach the border of a tile. */
  readonly #crossing = new Set<string>();
  #valueStart = 0;
  #valueEnd = 0;

  constructor(settings: FolderSettings) {
    this.#settings = settings;
  }

  /**
   * @param colorOf - the colour of the features of an input in this tile; null: the tile has one
   * @throws TilewrightError `staged-folder` for a tile that is not there any more, and those of a
   *   damaged one
   */
  draw(
    tile: StagedTile,
    toDots: ToDots,
    painter: ShapePainter,
    color: string | ((input: string) => string),
  ): void {
    const source = openTile(tile);
    try {
      const layer = source.layers()[0];
      if (layer === undefined) return;
      const identifier = this.#column(layer, 'identifier', tile);
      const filename = this.#column(layer, 'filename', tile);
      const options = {
        maxFeatures: MAX_FEATURES,
        maxVertices: MAX_VERTICES,
        drops: new DropCounter(),
        notes: { rowsRead: 0, droppedM: 0 },
      };
      const all = { start: -Infinity, end: Infinity };
      let current: string | null = typeof color === 'string' ? color : null;
      let input: Uint8Array | null = null;
      for (const batch of source.read(layer.name, all, this.#batch, options)) {
        for (let i = 0; i < batch.featureCount; i++) {
          if (typeof color !== 'string') {
            this.#find(batch, i, filename);
            const bytes: Uint8Array = batch.body.subarray(this.#valueStart, this.#valueEnd);
            // Rows are in the order of their inputs.
            if (input === null || !sameBytes(input, bytes)) {
              if (current !== null) painter.paint(current);
              input = bytes.slice();
              current = color(textOf(input));
            }
          }
          this.#add(batch, i, tile, identifier, toDots, painter);
        }
      }
      if (current !== null) painter.paint(current);
    } finally {
      source.close();
    }
  }

  /** Counts feature i, turns its vertices into dots and adds it. */
  #add(
    batch: FeatureBatch,
    i: number,
    tile: StagedTile,
    identifier: number,
    { originX, originY, scaleX, scaleY }: ToDots,
    painter: ShapePainter,
  ): void {
    const { xy } = batch;
    const start = batch.ringOffsets[batch.polygonOffsets[batch.featureOffsets[i]!]!]!;
    const end = batch.ringOffsets[batch.polygonOffsets[batch.featureOffsets[i + 1]!]!]!;
    let minX = Infinity;
    let minY = Infinity;
    let maxX = -Infinity;
    let maxY = -Infinity;
    for (let v = 2 * start; v < 2 * end; v += 2) {
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
      this.#inOneTile++;
    } else {
      this.#find(batch, i, identifier);
      this.#crossing.add(textOf(batch.body.subarray(this.#valueStart, this.#valueEnd)));
    }
    painter.add(batch, i, Math.max((maxX - minX) * scaleX, (minY - maxY) * scaleY));
  }

  /** Finds where attribute `column` of feature i lies in the batch's body. */
  #find(batch: FeatureBatch, i: number, column: number): void {
    const varint = this.#varint;
    let at = batch.typeOffsets[i]!;
    let body = batch.bodyOffsets[i]!;
    for (let c = 0; c < column; c++) {
      at = varint.read(batch.types, at);
      body += serialTypeLength(varint.value);
    }
    varint.read(batch.types, at);
    this.#valueStart = body;
    this.#valueEnd = body + serialTypeLength(varint.value);
  }

  #column(layer: LayerInfo, property: 'identifier' | 'filename', tile: StagedTile): number {
    const name = this.#settings.properties[property];
    const place = layer.columns.findIndex((column) => column.name === name);
    if (place >= 0) return place;
    throw new TilewrightError(
      'staged-folder',
      `${tile.path} has no column ${name}: it is not as it was staged. Stage again with --force`,
    );
  }
}

function openTile(tile: StagedTile): GeoPackageSource {
  try {
    return openGeoPackage(tile.path);
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

function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
