/** Reads the polygons of a cell: a part of a tile at a level of detail. */

import { TilewrightError } from '../../core/errors.ts';
import {
  cellBounds,
  cellsAlong,
  DENSITY_PIXELS,
  densityLength,
  encodeCell,
} from '../shared/cell-format.ts';
import { CellOutlines } from './cell-outline.ts';
import { readCellValues } from './cell-values.ts';
import type { TileFile } from './tile-file.ts';
import { isIn, type TileRef } from './tile-ref.ts';

/** Polygons of less width and height are only counted. */
const LEAST_PIXELS = 1.25;
/** Of one cell. Where more would be large enough, the largest are taken. */
export const MAX_POLYGONS = 12_000;
const MAX_COORDINATES = 1 << 20;
/** What a polygon covers of its box, on the average. */
const FILLED = 0.65;
/** Sizes are sorted into eighths of an octave. */
const STEPS = 8;
const SIZES = 48 * STEPS;
const NOTHING = { values: new Float64Array(0), labels: null };

export interface CellRequest {
  /** Units of the CRS in a pixel. */
  pixel: number;
  /** Column from the west and row from the north, within the tile. */
  i: number;
  j: number;
  /** Name of the column that colours; null: none. */
  by: string | null;
}

/**
 * @param isCancelled - asked now and then
 * @returns the bytes of shared/cell-format.ts; null if it was cancelled
 * @throws TilewrightError usage for a cell that is not in the tile, and those of a damaged tile
 */
export function readCell(
  file: TileFile,
  ref: TileRef,
  { pixel, i, j, by }: CellRequest,
  isCancelled: () => boolean,
): Uint8Array<ArrayBuffer> | null {
  const { bounds } = ref;
  const columns = cellsAlong(bounds[2] - bounds[0], pixel);
  const rows = cellsAlong(bounds[3] - bounds[1], pixel);
  if (!(i >= 0 && i < columns && j >= 0 && j < rows)) {
    throw new TilewrightError('usage', `The tile has no cell ${i}/${j} at this level`);
  }
  const box = cellBounds(bounds, pixel, i, j);
  const isEast = i === columns - 1;
  const isSouth = j === rows - 1;
  const ranges = file.keyRanges(ref);
  const least = leastSize(file, box, ranges, pixel);

  const densityColumns = densityLength(box[2] - box[0], pixel);
  const densityRows = densityLength(box[3] - box[1], pixel);
  const covered = new Float32Array(densityColumns * densityRows);
  // Of each square the largest polygon that was left out, which its colour stands for.
  const largest = by === null ? null : new Float32Array(covered.length);
  const largestKeys = new Float64Array(largest?.length ?? 0);
  let leftOut = 0;
  /** Each polygon in the one cell that the middle of its box is in; those beyond the tile too. */
  const leaveOut = (key: number, minX: number, minY: number, maxX: number, maxY: number): void => {
    const x = (minX + maxX) / 2;
    const y = (minY + maxY) / 2;
    const isWithin =
      x >= box[0] && (x < box[2] || isEast) && y <= box[3] && (y > box[1] || isSouth);
    if (!isWithin) return;
    leftOut++;
    const column = Math.floor((x - box[0]) / pixel / DENSITY_PIXELS);
    const row = Math.floor((box[3] - y) / pixel / DENSITY_PIXELS);
    if (column >= densityColumns || row >= densityRows) return;
    const square = row * densityColumns + column;
    const size = ((maxX - minX) * (maxY - minY)) / pixel ** 2;
    covered[square]! += size;
    if (largest !== null && (size > largest[square]! || largestKeys[square] === 0)) {
      largest[square] = size;
      largestKeys[square] = key;
    }
  };

  const keys: number[] = [];
  const boxes: number[] = [];
  let visited = 0;
  const isWhole = file.search(...box, (key, minX, minY, maxX, maxY) => {
    if (++visited % 4096 === 0 && isCancelled()) return false;
    if (!isIn(ranges, key)) return;
    const size = Math.max(maxX - minX, maxY - minY) / pixel;
    if (size >= least && keys.length < 2 * MAX_POLYGONS) {
      keys.push(key);
      boxes.push(minX, minY, maxX, maxY);
    } else leaveOut(key, minX, minY, maxX, maxY);
    return;
  });
  if (!isWhole) return null;

  const outlines = new CellOutlines(box, pixel);
  const ids: number[] = [];
  const fids: number[] = [];
  const rings: number[] = [];
  // In the order of the table, which is that of the inputs.
  const order = Array.from(keys.keys()).sort((a, b) => keys[a]! - keys[b]!);
  for (const [n, k] of order.entries()) {
    if (n % 256 === 0 && isCancelled()) return null;
    if (outlines.length > MAX_COORDINATES) {
      leaveOut(keys[k]!, boxes[4 * k]!, boxes[4 * k + 1]!, boxes[4 * k + 2]!, boxes[4 * k + 3]!);
      continue;
    }
    const row = file.geometry(keys[k]!);
    if (row === null) continue;
    const { batch } = row;
    const before = outlines.ends.length;
    for (let r = 0; r < batch.ringCount; r++) {
      outlines.add(batch.xy, batch.ringOffsets[r]!, batch.ringOffsets[r + 1]!);
    }
    if (outlines.ends.length === before) continue;
    ids.push(shortId(row.identifier));
    fids.push(keys[k]!);
    rings.push(outlines.ends.length);
  }
  const density = leftOut === 0 ? new Uint8Array(0) : densityOf(covered);
  const shaded = largestKeys.filter((_, square) => (density[square] ?? 0) > 0);
  const colored = by === null ? NOTHING : readCellValues(file, by, [fids, shaded], isCancelled);
  if (colored === null) return null;
  return encodeCell({
    leftOut,
    ...colored,
    ids: Float64Array.from(ids),
    fids: Uint32Array.from(fids),
    rings: Uint32Array.from(rings),
    ends: Uint32Array.from(outlines.ends),
    xy: outlines.xy.subarray(0, outlines.length),
    densityColumns: leftOut === 0 ? 0 : densityColumns,
    densityRows: leftOut === 0 ? 0 : densityRows,
    density,
  });
}

/** The size in pixels from which on polygons are drawn, so that they are not too many. */
function leastSize(
  file: TileFile,
  box: [number, number, number, number],
  ranges: number[] | null,
  pixel: number,
): number {
  const counts = new Uint32Array(SIZES);
  let total = 0;
  file.search(...box, (key, minX, minY, maxX, maxY) => {
    const size = Math.max(maxX - minX, maxY - minY) / pixel;
    if (size < LEAST_PIXELS || !isIn(ranges, key)) return;
    total++;
    counts[Math.min(SIZES - 1, Math.floor(Math.log2(size / LEAST_PIXELS) * STEPS))]!++;
  });
  if (total <= MAX_POLYGONS) return LEAST_PIXELS;
  let taken = 0;
  for (let s = SIZES - 1; s >= 0; s--) {
    taken += counts[s]!;
    if (taken > MAX_POLYGONS) {
      // Where nearly all are of one size, some of these have to be drawn.
      const isNarrow = taken - counts[s]! < MAX_POLYGONS / 4;
      return LEAST_PIXELS * 2 ** ((isNarrow ? s : s + 1) / STEPS);
    }
  }
  return LEAST_PIXELS;
}

function densityOf(covered: Float32Array): Uint8Array {
  // The least that can be seen: nothing that is there looks empty.
  const faint = 20;
  return Uint8Array.from(covered, (pixels) =>
    pixels === 0
      ? 0
      : Math.min(255, Math.max(faint, (255 * FILLED * pixels) / DENSITY_PIXELS ** 2)),
  );
}

/** 52 bits that stand for an identifier, by FNV-1a in two lanes: to tell polygons of a view apart. */
function shortId(identifier: string): number {
  let low = 0x811c9dc5;
  let high = 0x1000193;
  for (let k = 0; k < identifier.length; k++) {
    const code = identifier.charCodeAt(k);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ (code + k), 0x01000193);
  }
  return (high >>> 12) * 2 ** 32 + (low >>> 0);
}
