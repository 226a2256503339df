/**
 * The tiles as the page gets them: little-endian, one array after the other, all of `count` values.
 *
 *   header   Uint32 × 4: magic `TWG1`, count, factor, whether all tiles of the folder are in it
 *   rows     Float64: polygons, each counted once for every tile that holds it
 *   area     Float64: their area on the ground, in m²
 *   ground   Float64: area of the tiles themselves on the ground, in m²
 *   x, y     Int32: column and row of the first tile
 *   width    Uint32: columns
 *   tiles    Uint32: how many there are in a block
 *
 * With factor 1 a cell is a tile; else it stands for a block of factor × factor columns and rows
 * that begins at x, y, and `width` is the factor.
 */

const MAGIC = 0x31475754;
const HEADER = 16;
const CELL = 3 * 8 + 4 * 4;

export interface Grid {
  count: number;
  factor: number;
  /** Whether no tile was left out for being out of view. */
  complete: boolean;
  rows: Float64Array;
  area: Float64Array;
  ground: Float64Array;
  x: Int32Array;
  y: Int32Array;
  width: Uint32Array;
  tiles: Uint32Array;
}

/** An empty grid on memory of its own, to be filled; its bytes are what is sent. */
export function makeGrid(count: number, factor: number, complete: boolean): Grid {
  const buffer = new ArrayBuffer(HEADER + count * CELL);
  new Uint32Array(buffer, 0, 4).set([MAGIC, count, factor, complete ? 1 : 0]);
  return viewGrid(buffer);
}

/** @throws Error for what is no grid */
export function viewGrid(buffer: ArrayBuffer): Grid {
  const [magic, count = 0, factor = 1, complete] = new Uint32Array(buffer, 0, 4);
  if (magic !== MAGIC || buffer.byteLength !== HEADER + count * CELL) {
    throw new Error('The server sent something else than tiles');
  }
  const at = (doubles: number, words: number): number => HEADER + count * (8 * doubles + 4 * words);
  return {
    count,
    factor,
    complete: complete === 1,
    rows: new Float64Array(buffer, at(0, 0), count),
    area: new Float64Array(buffer, at(1, 0), count),
    ground: new Float64Array(buffer, at(2, 0), count),
    x: new Int32Array(buffer, at(3, 0), count),
    y: new Int32Array(buffer, at(3, 1), count),
    width: new Uint32Array(buffer, at(3, 2), count),
    tiles: new Uint32Array(buffer, at(3, 3), count),
  };
}
