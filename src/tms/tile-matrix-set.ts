/** A TileMatrixSet: a CRS and its tile matrices, from coarse to fine (OGC 17-083r4, 6.2). */

import { TilewrightError } from '../core/errors.ts';
import type { CrsReference } from '../crs/reference.ts';
import type { Tile, TileMatrix } from './tile-matrix.ts';

/** Overlaps narrower than this part of a tile come from rounded cell sizes. */
const SLIVER = 1e-6;
/** A tile may have no more parents or children than these. */
const MAX_RELATIVES = 1 << 16;
/** So many z are named where some between are missing. */
const MAX_NAMED = 12;

/** A TileMatrixSet as OGC 17-083 defines it: a CRS, and a grid for each z. */
export class TileMatrixSet {
  readonly id: string;
  readonly title: string;
  readonly crs: CrsReference;
  /** In ascending order of z. */
  readonly tileMatrices: readonly TileMatrix[];
  /** The JSON that the set was parsed from. */
  readonly definition: unknown;

  constructor(
    id: string,
    title: string,
    crs: CrsReference,
    tileMatrices: readonly TileMatrix[],
    definition: unknown,
  ) {
    this.id = id;
    this.title = title;
    this.crs = crs;
    this.tileMatrices = tileMatrices;
    this.definition = definition;
  }

  /**
   * The tile matrix whose identifier is `z`; where identifiers are not all integers, the one at
   * position `z`, from 0.
   * @throws TilewrightError `tms-unknown` if there is none
   */
  matrix(z: number): TileMatrix {
    return this.tileMatrices[this.#position(z)]!;
  }

  /**
   * The tiles of the next coarser matrix that overlap the tile, by row and column: one where each
   * matrix halves the tiles of the one before, none for the first.
   */
  parents(tile: Tile): Tile[] {
    return this.#relatives(tile, -1);
  }

  /** The tiles of the next finer matrix that overlap the tile, by row and column. */
  children(tile: Tile): Tile[] {
    return this.#relatives(tile, 1);
  }

  #position(z: number): number {
    const position = this.tileMatrices.findIndex((matrix) => matrix.z === z);
    if (position >= 0) return position;
    const known = this.tileMatrices.map((matrix) => matrix.z);
    const [first, last] = [known[0]!, known.at(-1)!];
    const isGapless = last - first === known.length - 1;
    const more = known.length > MAX_NAMED ? ` … ${last}` : '';
    throw new TilewrightError(
      'tms-unknown',
      `The TileMatrixSet ${this.id} has no tile matrix for z = ${z}: it has z ` +
        `${isGapless ? `from ${first} to ${last}` : `${known.slice(0, MAX_NAMED).join(', ')}${more}`}.`,
    );
  }

  #relatives(tile: Tile, step: number): Tile[] {
    const position = this.#position(tile.z);
    const from = this.tileMatrices[position]!;
    if (!from.has(tile.x, tile.y)) {
      throw new TilewrightError(
        'tms-unknown',
        `${tile.z}/${tile.x}/${tile.y} is no tile of the TileMatrixSet ${this.id}.`,
      );
    }
    const to = this.tileMatrices[position + step];
    if (to === undefined) return [];
    const [minX, minY, maxX, maxY] = from.bounds(tile.x, tile.y);
    const marginX = Math.min(from.spanX, to.spanX) * SLIVER;
    const marginY = Math.min(from.spanY, to.spanY) * SLIVER;
    const range = [0, 0, 0, 0];
    const touched = to.coveringRange(
      minX + marginX,
      minY + marginY,
      maxX - marginX,
      maxY - marginY,
      range,
    );
    if (!touched) return [];
    const [minColumn, minRow, maxColumn, maxRow] = range as [number, number, number, number];
    const tiles: Tile[] = [];
    for (let row = minRow; row <= maxRow; row++) {
      const coalesce = to.coalesce(row);
      for (let x = to.tileColumn(minColumn, row); x <= maxColumn; x += coalesce) {
        if (tiles.length === MAX_RELATIVES) {
          throw new TilewrightError(
            'tms-invalid',
            `The tile ${tile.z}/${tile.x}/${tile.y} of the TileMatrixSet ${this.id} overlaps ` +
              `more than ${MAX_RELATIVES} tiles of z = ${to.z}.`,
          );
        }
        tiles.push({ z: to.z, x, y: row });
      }
    }
    return tiles;
  }
}
