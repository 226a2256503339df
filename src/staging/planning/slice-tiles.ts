/**
 * Which tiles a box in the CRS of an input touches. A grid is laid over the box, and the bounds of each
 * cell's transformed corners say the tiles of that cell: the bounds of the whole would be far too many near
 * a pole, and where the axes of the two CRSs are at an angle.
 */

import type { DatumOperation } from '../../crs/operations/datum-operation.ts';
import { type Crs, resolveCrs } from '../../crs/resolve.ts';
import { createTransform, type Transform } from '../../crs/transform.ts';
import type { CutOptions } from '../../geometry/cut.ts';
import type { Bounds, TileMatrix } from '../../tms/tile-matrix.ts';
import type { TileMatrixSet } from '../../tms/tile-matrix-set.ts';
import { cutOf } from '../rows/process.ts';

/** To list more takes longer, and more memory, than it is worth: the box may as well be anywhere. */
const MOST_TILES = 2 ** 14;
/** Cells along a side of the first grid, which shows how fine the grid has to be; an even number. */
const COARSE = 4;
/**
 * Cells for each tile along a side, and how many they are at the most: so small that their sides are all but
 * straight, and that those around a pole have all longitudes together.
 */
const CELLS_PER_TILE = 4;
const MOST_CELLS = 64;
/** What a box touches in a tile matrix. */
export interface TouchedTiles {
  /**
   * row · matrixWidth + column of each tile, in ascending order; null if they are too many, or the matrix has
   * so many that these numbers are not exact.
   */
  tiles: Float64Array | null;
  /** The middle of the box, in columns and rows from the corner of origin; null if it has no place there. */
  middle: [column: number, row: number] | null;
}

/** For boxes in one CRS. */
export class TileToucher {
  readonly #matrix: TileMatrix;
  readonly #transform: Transform;
  /** Where x goes round the Earth in the CRS of the tiles; null if it does not. */
  readonly #cut: CutOptions | null;
  /** The greatest latitude, in the unit of `source`; Infinity if its y is none. */
  readonly #mostY: number;
  readonly #xy = new Float64Array(2 * (MOST_CELLS + 1) ** 2);
  readonly #range = new Int32Array(4);
  readonly #keys = new Set<number>();
  #last: { box: Bounds; touched: TouchedTiles } | null = null;

  /** @param operation - from the datum of `source` to that of the TileMatrixSet */
  constructor(source: Crs, tms: TileMatrixSet, z: number, operation: DatumOperation) {
    const target = resolveCrs(tms.crs);
    this.#matrix = tms.matrix(z);
    this.#transform = createTransform(source, target, operation);
    this.#cut = cutOf(target, this.#matrix.extent(), this.#transform.longestEdge);
    this.#mostY = source.geographic ? 90 / source.definition.unit : Number.POSITIVE_INFINITY;
  }

  /**
   * @param box - minX, minY, maxX, maxY in the CRS of the input
   * @throws TilewrightError crs-grid
   */
  touch(box: Bounds): TouchedTiles {
    // Slices of a layer in no order all have its extent.
    if (this.#last?.box.every((side, i) => side === box[i])) return this.#last.touched;
    const touched = this.#touch(box);
    this.#last = { box, touched };
    return touched;
  }

  #touch(box: Bounds): TouchedTiles {
    this.#lay(box, COARSE, COARSE);
    const centre = (COARSE / 2) * (COARSE + 2);
    const middle = this.#place(this.#xy[2 * centre]!, this.#xy[2 * centre + 1]!);
    const columns = this.#cells(1, COARSE + 1);
    const rows = this.#cells(COARSE + 1, 1);
    const { matrixWidth, matrixHeight } = this.#matrix;
    if (matrixWidth * matrixHeight > Number.MAX_SAFE_INTEGER) return { tiles: null, middle };
    if (columns > COARSE || rows > COARSE) this.#lay(box, columns, rows);
    return { tiles: this.#collect(columns, rows), middle };
  }

  /** Fills #xy with the corners of the cells, row by row, in the CRS of the tiles. */
  #lay([minX, minY, maxX, maxY]: Bounds, columns: number, rows: number): void {
    const xy = this.#xy;
    const south = Math.max(minY, -this.#mostY);
    const north = Math.min(maxY, this.#mostY);
    let at = 0;
    for (let row = 0; row <= rows; row++) {
      const y = row === rows ? north : south + ((north - south) * row) / rows;
      for (let column = 0; column <= columns; column++) {
        xy[at++] = minX + ((maxX - minX) * column) / columns;
        xy[at++] = y;
      }
    }
    this.#transform.apply(xy, 0, at / 2);
  }

  /**
   * How many cells the grid has to have along a side, by the longest step of the coarse grid.
   * @param step - from one point of it to the next along the side; `across` to that beside it
   */
  #cells(step: number, across: number): number {
    const xy = this.#xy;
    const { spanX, spanY } = this.#matrix;
    let longest = 0;
    for (let side = 0; side <= COARSE; side++) {
      for (let k = 0; k < COARSE; k++) {
        const from = 2 * (side * across + k * step);
        const to = from + 2 * step;
        const x = Math.abs(this.#nearest(xy[to]!, xy[from]!) - xy[from]!) / spanX;
        const y = Math.abs(xy[to + 1]! - xy[from + 1]!) / spanY;
        // Comparisons with NaN are false.
        if (x > longest) longest = x;
        if (y > longest) longest = y;
      }
    }
    return Math.max(COARSE, Math.min(Math.ceil(longest * COARSE * CELLS_PER_TILE), MOST_CELLS));
  }

  /** x as edges see it that go the shorter way from `other`. */
  #nearest(x: number, other: number): number {
    const cut = this.#cut;
    if (cut === null) return x;
    if (x - other > cut.longestEdge) return x - cut.period;
    return other - x > cut.longestEdge ? x + cut.period : x;
  }

  #collect(columns: number, rows: number): Float64Array | null {
    const keys = this.#keys;
    keys.clear();
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        this.#addCell(row * (columns + 1) + column, columns + 1);
        if (keys.size > MOST_TILES) return null;
      }
    }
    return Float64Array.from(keys).sort();
  }

  /** @param corner - number of the cell's first point; the next row is `stride` points on */
  #addCell(corner: number, stride: number): void {
    const xy = this.#xy;
    let minX = Number.POSITIVE_INFINITY;
    let minY = Number.POSITIVE_INFINITY;
    let maxX = Number.NEGATIVE_INFINITY;
    let maxY = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < 4; k++) {
      const at = 2 * (corner + (k & 1) + (k & 2 ? stride : 0));
      // The first one with a place is where the others are seen from.
      const x = minX <= maxX ? this.#nearest(xy[at]!, minX) : xy[at]!;
      const y = xy[at + 1]!;
      if (x < minX) minX = x;
      if (x > maxX) maxX = x;
      if (y < minY) minY = y;
      if (y > maxY) maxY = y;
    }
    if (minX <= maxX && minY <= maxY) this.#addRound(minX, minY, maxX, maxY);
  }

  /** Adds the tiles of bounds whose x may go past the cut. */
  #addRound(minX: number, minY: number, maxX: number, maxY: number): void {
    const cut = this.#cut;
    if (cut === null) {
      this.#add(minX, minY, maxX, maxY);
      return;
    }
    const last = cut.minX + cut.period;
    if (maxX - minX >= cut.period) {
      this.#add(cut.minX, minY, last, maxY);
      return;
    }
    const turn = Math.floor((minX - cut.minX) / cut.period) * cut.period;
    this.#add(minX - turn, minY, Math.min(maxX - turn, last), maxY);
    if (maxX - turn > last) this.#add(cut.minX, minY, maxX - turn - cut.period, maxY);
  }

  #add(minX: number, minY: number, maxX: number, maxY: number): void {
    const matrix = this.#matrix;
    const [keys, range] = [this.#keys, this.#range];
    if (!matrix.coveringRange(minX, minY, maxX, maxY, range)) return;
    // A row of a fine matrix may have 2³¹ columns.
    for (let row = range[1]!; row <= range[3]! && keys.size <= MOST_TILES; row++) {
      const coalesce = matrix.coalesce(row);
      const first = Math.floor(range[0]! / coalesce) * coalesce;
      const end = Math.min(range[2]!, first + MOST_TILES * coalesce);
      for (let column = first; column <= end; column += coalesce) {
        keys.add(row * matrix.matrixWidth + column);
      }
    }
  }

  #place(x: number, y: number): [number, number] | null {
    const { originX, originY, spanX, spanY, matrixWidth, matrixHeight, cornerOfOrigin } =
      this.#matrix;
    const cut = this.#cut;
    if (cut !== null) x -= Math.floor((x - cut.minX) / cut.period) * cut.period;
    const column = (x - originX) / spanX;
    const row = (cornerOfOrigin === 'topLeft' ? originY - y : y - originY) / spanY;
    return column >= 0 && column <= matrixWidth && row >= 0 && row <= matrixHeight
      ? [column, row]
      : null;
  }
}
