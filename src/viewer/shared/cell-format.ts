/**
 * Polygons as the page gets them: a cell, a part of a tile that is at most 512 pixels wide at its
 * level. At level L a column of the tile matrix is 128 · 2^L pixels wide, so that one pixel is
 * `pixelSize` units of the CRS. A tile is cut evenly into as few cells as hold that limit.
 *
 *   header   Uint32 × 10: magic `TWC2`, polygons n, rings r, vertices v, polygons left out,
 *            columns and rows of the density (0 where nothing is left out), values m, bytes of the
 *            labels, 0
 *   ids      Float64 × n: 52 bits that stand for its identifier, by which copies are told
 *   values   Float64 × m: of the column that colours, of each polygon and then of each square of the
 *            density that is not 0, for which its largest polygon stands; m is 0 without a column.
 *            NaN is none. With labels, the number of one; −1 where there were too many of them
 *   fids     Uint32 × n: its key in the tile
 *   rings    Uint32 × n: where its rings end, as a number of rings from the first on
 *   ends     Uint32 × r: where a ring's vertices end
 *   xy       Int16 × 2 v: sixteenths of a pixel from the upper left corner, y downwards
 *   density  Uint8: part of the ground that polygons left out cover, by squares of 4 pixels,
 *            row by row from the upper left; 255 is all of it
 *   labels   UTF-8: a list of texts in JSON; no bytes for numbers
 *
 * Everything is little-endian. Rings have no repeated first vertex. They are cut off a little beyond
 * the cell: what is beyond it is not to be drawn.
 */

const MAGIC = 0x32435754;
const HEADER = 40;
/** Pixels of a cell's side, at the most. */
const CELL_PIXELS = 512;
export const UNITS_PER_PIXEL = 16;
/** Pixels of a square of the density. */
export const DENSITY_PIXELS = 4;
/** Width of a column of the tile matrix at level 0, in pixels. */
const LEVEL_0_PIXELS = 128;
/** Tiles are never drawn larger: beyond it, doubles tell neighbouring points no more apart. */
export const MAX_LEVEL = 24;

export interface Cell {
  polygons: number;
  leftOut: number;
  ids: Float64Array;
  values: Float64Array;
  /** What values stand for; null where they are numbers. */
  labels: readonly string[] | null;
  fids: Uint32Array;
  rings: Uint32Array;
  ends: Uint32Array;
  xy: Int16Array;
  densityColumns: number;
  densityRows: number;
  density: Uint8Array;
  bytes: number;
}

/** Units of the CRS in a pixel of the level. @param spanX - width of a column, in units */
export function pixelSize(spanX: number, level: number): number {
  return spanX / (LEVEL_0_PIXELS * 2 ** level);
}

/** Into how many cells a side of this length, in units of the CRS, is cut. */
export function cellsAlong(length: number, pixel: number): number {
  return Math.max(1, Math.ceil(length / pixel / CELL_PIXELS - 1e-6));
}

/** [minX, minY, maxX, maxY] of the cell in column i from the west, row j from the north. */
export function cellBounds(
  tile: readonly [number, number, number, number],
  pixel: number,
  i: number,
  j: number,
): [number, number, number, number] {
  const columns = cellsAlong(tile[2] - tile[0], pixel);
  const rows = cellsAlong(tile[3] - tile[1], pixel);
  const x = (k: number): number => tile[0] + ((tile[2] - tile[0]) * k) / columns;
  const y = (k: number): number => tile[3] - ((tile[3] - tile[1]) * k) / rows;
  return [x(i), y(j + 1), x(i + 1), y(j)];
}

/** Size of an array of the density along a cell's side. */
export function densityLength(length: number, pixel: number): number {
  return Math.max(1, Math.ceil(length / pixel / DENSITY_PIXELS - 1e-6));
}

export interface CellParts extends Omit<Cell, 'polygons' | 'bytes'> {
  ids: Float64Array;
}

export function encodeCell(parts: CellParts): Uint8Array<ArrayBuffer> {
  const { ids, values, fids, rings, ends, xy, density } = parts;
  const labels = new TextEncoder().encode(
    parts.labels === null ? '' : JSON.stringify(parts.labels),
  );
  const n = ids.length;
  const words = HEADER + 8 * (n + values.length);
  const shorts = words + 4 * (2 * n + ends.length);
  const densityAt = shorts + 2 * xy.length;
  const buffer = new ArrayBuffer(densityAt + density.length + labels.length);
  new Uint32Array(buffer, 0, 9).set([
    MAGIC,
    n,
    ends.length,
    xy.length / 2,
    parts.leftOut,
    parts.densityColumns,
    parts.densityRows,
    values.length,
    labels.length,
  ]);
  new Float64Array(buffer, HEADER, n).set(ids);
  new Float64Array(buffer, HEADER + 8 * n, values.length).set(values);
  new Uint32Array(buffer, words, n).set(fids);
  new Uint32Array(buffer, words + 4 * n, n).set(rings);
  new Uint32Array(buffer, words + 8 * n, ends.length).set(ends);
  new Int16Array(buffer, shorts, xy.length).set(xy);
  new Uint8Array(buffer, densityAt).set(density);
  new Uint8Array(buffer, densityAt + density.length).set(labels);
  return new Uint8Array(buffer);
}

/** @throws Error for what is no cell */
export function decodeCell(buffer: ArrayBuffer): Cell {
  const header = new Uint32Array(buffer, 0, HEADER / 4);
  const [magic, n = 0, r = 0, v = 0, leftOut = 0, densityColumns = 0, densityRows = 0] = header;
  const [m, labelBytes] = [header[7]!, header[8]!];
  const words = HEADER + 8 * (n + m);
  const shorts = words + 8 * n + 4 * r;
  const densityAt = shorts + 4 * v;
  const labelsAt = densityAt + densityColumns * densityRows;
  if (magic !== MAGIC || buffer.byteLength !== labelsAt + labelBytes) {
    throw new Error('The server sent something else than polygons');
  }
  const labels = new TextDecoder().decode(new Uint8Array(buffer, labelsAt));
  return {
    polygons: n,
    leftOut,
    ids: new Float64Array(buffer, HEADER, n),
    values: new Float64Array(buffer, HEADER + 8 * n, m),
    labels: labels === '' ? null : (JSON.parse(labels) as string[]),
    fids: new Uint32Array(buffer, words, n),
    rings: new Uint32Array(buffer, words + 4 * n, n),
    ends: new Uint32Array(buffer, words + 8 * n, r),
    xy: new Int16Array(buffer, shorts, 2 * v),
    densityColumns,
    densityRows,
    density: new Uint8Array(buffer, densityAt, densityColumns * densityRows),
    bytes: buffer.byteLength,
  };
}
