/**
 * One tile matrix: the grid of tiles of one z (OGC 17-083r4, 6.1). Coordinates are x = easting or
 * longitude, y = northing or latitude, whatever order the CRS has its axes in.
 *
 * The edge between columns k − 1 and k is originX + k · spanX, computed in one and the same way
 * everywhere: neighbours share bit-identical edges, and `column` and `row` are corrected against
 * these edges, so that a point is always within the bounds of its tile.
 */

/** A tile: the tile matrix, the column from the west, the row from the north, from 0. */
export interface Tile {
  z: number;
  x: number;
  y: number;
}

/** [minX, minY, maxX, maxY] in units of the CRS. */
export type Bounds = [minX: number, minY: number, maxX: number, maxY: number];

export type CornerOfOrigin = 'topLeft' | 'bottomLeft';

/** Rows minTileRow … maxTileRow (inclusive) have tiles that are `coalesce` columns wide. */
export interface VariableMatrixWidth {
  coalesce: number;
  minTileRow: number;
  maxTileRow: number;
}

export interface TileMatrixOptions {
  z: number;
  /** The identifier as it is written in the TileMatrixSet. */
  id: string;
  scaleDenominator: number;
  /** Units of the CRS per cell. */
  cellSize: number;
  originX: number;
  originY: number;
  cornerOfOrigin: CornerOfOrigin;
  /** Cells per tile. */
  tileWidth: number;
  tileHeight: number;
  /** Number of columns and rows, each below 2³¹. */
  matrixWidth: number;
  matrixHeight: number;
  /** In ascending order of rows, without overlap. */
  variableMatrixWidths?: readonly VariableMatrixWidth[];
}

/** One grid of a TileMatrixSet. */
export class TileMatrix {
  readonly z: number;
  readonly id: string;
  readonly scaleDenominator: number;
  readonly cellSize: number;
  readonly originX: number;
  readonly originY: number;
  readonly cornerOfOrigin: CornerOfOrigin;
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly matrixWidth: number;
  readonly matrixHeight: number;
  /** Size of a tile (of one column) in units of the CRS. */
  readonly spanX: number;
  readonly spanY: number;
  readonly variableMatrixWidths: readonly VariableMatrixWidth[];
  /** spanY with the sign in which rows are counted: negative for topLeft. */
  readonly #stepY: number;

  constructor(options: TileMatrixOptions) {
    this.z = options.z;
    this.id = options.id;
    this.scaleDenominator = options.scaleDenominator;
    this.cellSize = options.cellSize;
    this.originX = options.originX;
    this.originY = options.originY;
    this.cornerOfOrigin = options.cornerOfOrigin;
    this.tileWidth = options.tileWidth;
    this.tileHeight = options.tileHeight;
    this.matrixWidth = options.matrixWidth;
    this.matrixHeight = options.matrixHeight;
    this.spanX = options.cellSize * options.tileWidth;
    this.spanY = options.cellSize * options.tileHeight;
    this.variableMatrixWidths = options.variableMatrixWidths ?? [];
    this.#stepY = options.cornerOfOrigin === 'topLeft' ? -this.spanY : this.spanY;
  }

  /** x of the western edge of column k, 0 ≤ k ≤ matrixWidth. */
  edgeX(k: number): number {
    return this.originX + k * this.spanX;
  }

  /** y of the edge of row k that is nearer to the origin, 0 ≤ k ≤ matrixHeight. */
  edgeY(k: number): number {
    return this.originY + k * this.#stepY;
  }

  /**
   * The column with edgeX(column) ≤ x < edgeX(column + 1), not clamped: < 0 or ≥ matrixWidth
   * outside. The matrix's eastern edge itself belongs to the last column.
   */
  column(x: number): number {
    const width = this.matrixWidth;
    let column = Math.floor((x - this.originX) / this.spanX);
    if (column < -1 || column > width) return column;
    if (x < this.edgeX(column)) column--;
    else if (x >= this.edgeX(column + 1)) column++;
    return column === width && x === this.edgeX(width) ? width - 1 : column;
  }

  /**
   * The row that y is in, not clamped. An edge belongs to the tile south of it (the higher row for
   * topLeft, the lower for bottomLeft); the matrix's southern edge to its southernmost row.
   */
  row(y: number): number {
    const height = this.matrixHeight;
    if (this.cornerOfOrigin === 'topLeft') {
      let row = Math.floor((this.originY - y) / this.spanY);
      if (row < -1 || row > height) return row;
      if (y > this.edgeY(row)) row--;
      else if (y <= this.edgeY(row + 1)) row++;
      return row === height && y === this.edgeY(height) ? height - 1 : row;
    }
    let row = Math.ceil((y - this.originY) / this.spanY) - 1;
    if (row < -1 || row > height) return row;
    if (y <= this.edgeY(row)) row--;
    else if (y > this.edgeY(row + 1)) row++;
    return row === -1 && y === this.originY ? 0 : row;
  }

  /** How many columns a tile of the row is wide: 1 unless the matrix has variable widths. */
  coalesce(row: number): number {
    const band = this.variableMatrixWidths[this.#bandFrom(row)];
    return band !== undefined && row >= band.minTileRow ? band.coalesce : 1;
  }

  /** The last row down to which tiles are as wide as those of `row`, all rows between included. */
  lastRowLike(row: number): number {
    const band = this.variableMatrixWidths[this.#bandFrom(row)];
    if (band === undefined) return this.matrixHeight - 1;
    return row >= band.minTileRow ? band.maxTileRow : band.minTileRow - 1;
  }

  /** Index of the first of the variable widths that does not end before the row. */
  #bandFrom(row: number): number {
    const widths = this.variableMatrixWidths;
    let low = 0;
    let high = widths.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (widths[middle]!.maxTileRow < row) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The column that names the tile which `column` is part of: its first. */
  tileColumn(column: number, row: number): number {
    const coalesce = this.coalesce(row);
    return coalesce === 1 ? column : Math.floor(column / coalesce) * coalesce;
  }

  /** Whether the column and row are a tile of the matrix: in range, and not inside a wider tile. */
  has(column: number, row: number): boolean {
    return (
      Number.isInteger(column) &&
      Number.isInteger(row) &&
      column >= 0 &&
      column < this.matrixWidth &&
      row >= 0 &&
      row < this.matrixHeight &&
      this.tileColumn(column, row) === column
    );
  }

  /** The tile that the point is in, or null outside the matrix. */
  tileAt(x: number, y: number): Tile | null {
    const column = this.column(x);
    const row = this.row(y);
    // Written so that NaN is outside.
    if (!(column >= 0 && column < this.matrixWidth)) return null;
    if (!(row >= 0 && row < this.matrixHeight)) return null;
    return { z: this.z, x: this.tileColumn(column, row), y: row };
  }

  /**
   * Bounds of the tile that `column` is part of.
   * @param out - filled and returned, if given
   */
  bounds(column: number, row: number, out: Bounds = [0, 0, 0, 0]): Bounds {
    const coalesce = this.coalesce(row);
    const first = coalesce === 1 ? column : Math.floor(column / coalesce) * coalesce;
    const topLeft = this.cornerOfOrigin === 'topLeft';
    out[0] = this.edgeX(first);
    out[1] = this.edgeY(topLeft ? row + 1 : row);
    out[2] = this.edgeX(first + coalesce);
    out[3] = this.edgeY(topLeft ? row : row + 1);
    return out;
  }

  /** Bounds of the whole matrix. */
  extent(): Bounds {
    const y0 = this.originY;
    const y1 = this.edgeY(this.matrixHeight);
    return [this.originX, Math.min(y0, y1), this.edgeX(this.matrixWidth), Math.max(y0, y1)];
  }

  /**
   * Columns and rows that a closed box touches, an edge in common included, clamped to the matrix.
   * @param out - minColumn, minRow, maxColumn, maxRow, all inclusive; 0, 0, −1, −1 if there is none
   * @returns whether there is any. Columns are counted singly, also where tiles are coalesced.
   */
  coveringRange(
    minX: number,
    minY: number,
    maxX: number,
    maxY: number,
    out: Int32Array | number[],
  ): boolean {
    out[0] = 0;
    out[1] = 0;
    out[2] = -1;
    out[3] = -1;
    if (!(minX <= maxX && minY <= maxY)) return false;
    const width = this.matrixWidth;
    const height = this.matrixHeight;
    const topLeft = this.cornerOfOrigin === 'topLeft';
    // `row` gives the southern one of the two rows at an edge, `column` the eastern one: the box's
    // southern and eastern sides are right already, the others may touch one tile more.
    let minColumn = this.column(minX);
    if (minX === this.edgeX(minColumn)) minColumn--;
    const maxColumn = this.column(maxX);
    const south = this.row(minY);
    let north = this.row(maxY);
    if (topLeft && maxY === this.edgeY(north)) north--;
    if (!topLeft && maxY === this.edgeY(north + 1)) north++;
    const minRow = topLeft ? north : south;
    const maxRow = topLeft ? south : north;
    if (minColumn >= width || maxColumn < 0 || minRow >= height || maxRow < 0) return false;
    out[0] = Math.max(minColumn, 0);
    out[1] = Math.max(minRow, 0);
    out[2] = Math.min(maxColumn, width - 1);
    out[3] = Math.min(maxRow, height - 1);
    return true;
  }
}
