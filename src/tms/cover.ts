/**
 * Which tiles a feature intersects. Feature and tiles are closed: touching an edge or a corner of
 * a tile counts.
 */

import type { FeatureBatch } from '../geometry/batch.ts';
import { featureIntersectsRectangle } from '../geometry/rectangle.ts';
import { bisectCover } from './bisect.ts';
import type { TileList } from './tile-list.ts';
import type { Bounds, TileMatrix } from './tile-matrix.ts';

/** Up to so many candidates are tested one by one; more are bisected. */
const FEW_TILES = 12;

/** Of one call, all three. */
const range = new Int32Array(4);
const box: Bounds = [0, 0, 0, 0];
const polygonBounds = new Float64Array(4);

/**
 * Fills `out` with the tiles that feature i intersects, sorted by row, then column, without
 * duplicates. Tiles that are several columns wide appear once, by their first column. Parts
 * outside the matrix are in no tile. Coordinates must be finite.
 *
 * @param bounds - minX, minY, maxX, maxY of the feature's vertices, exactly
 * @returns whether they are at most MAX_TILES_PER_FEATURE; if not, `out` has only some
 */
export function coverFeature(
  batch: FeatureBatch,
  i: number,
  bounds: Float64Array,
  matrix: TileMatrix,
  out: TileList,
): boolean {
  out.clear();
  const minX = bounds[0]!;
  const minY = bounds[1]!;
  const maxX = bounds[2]!;
  const maxY = bounds[3]!;
  if (!matrix.coveringRange(minX, minY, maxX, maxY, range)) return true;
  const minColumn = range[0]!;
  const minRow = range[1]!;
  const maxColumn = range[2]!;
  const maxRow = range[3]!;
  const rows = maxRow - minRow + 1;
  if (rows <= FEW_TILES) {
    let few = 0;
    for (let row = minRow; row <= maxRow; row++) {
      const coalesce = matrix.coalesce(row);
      few += Math.floor(maxColumn / coalesce) - Math.floor(minColumn / coalesce) + 1;
    }
    if (few <= FEW_TILES) {
      // All of the feature is in one row or one column of at most two tiles, and has a vertex on
      // each side of its bounds: it is in both.
      const certain = few <= 2 && isWithin(bounds, matrix);
      for (let row = minRow; row <= maxRow; row++) {
        const coalesce = matrix.coalesce(row);
        let column = Math.floor(minColumn / coalesce) * coalesce;
        for (; column <= maxColumn; column += coalesce) {
          if (certain || featureIsIn(batch, i, matrix, column, row)) out.push(column, row);
        }
      }
      return true;
    }
  }
  const start = batch.featureOffsets[i]!;
  const end = batch.featureOffsets[i + 1]!;
  for (let p = start; p < end; p++) {
    // Polygon by polygon: the parts of a multipolygon may be far apart, and those that overlap
    // would cancel out in an even–odd count.
    const found = end - start === 1 ? bounds : boundsOfPolygon(batch, p);
    if (!matrix.coveringRange(found[0]!, found[1]!, found[2]!, found[3]!, range)) continue;
    if (!coverPolygon(batch, p, matrix, range[0]!, range[1]!, range[2]!, range[3]!, out)) {
      return false;
    }
  }
  out.sort();
  return true;
}

function featureIsIn(
  batch: FeatureBatch,
  i: number,
  matrix: TileMatrix,
  column: number,
  row: number,
): boolean {
  matrix.bounds(column, row, box);
  return featureIntersectsRectangle(batch, i, box[0], box[1], box[2], box[3]);
}

/**
 * Appends the tiles of polygon p, band by band of rows whose tiles are equally wide; false if there
 * are too many.
 */
function coverPolygon(
  batch: FeatureBatch,
  p: number,
  matrix: TileMatrix,
  minColumn: number,
  minRow: number,
  maxColumn: number,
  maxRow: number,
  out: TileList,
): boolean {
  let row = minRow;
  while (row <= maxRow) {
    const coalesce = matrix.coalesce(row);
    const first = Math.floor(minColumn / coalesce);
    const last = Math.floor(maxColumn / coalesce);
    const end = Math.min(matrix.lastRowLike(row), maxRow);
    if (!bisectCover(batch, p, matrix, coalesce, first, row, last, end, out)) return false;
    row = end + 1;
  }
  return true;
}

function isWithin(bounds: Float64Array, matrix: TileMatrix): boolean {
  const y0 = matrix.originY;
  const y1 = matrix.edgeY(matrix.matrixHeight);
  return (
    bounds[0]! >= matrix.originX &&
    bounds[1]! >= Math.min(y0, y1) &&
    bounds[2]! <= matrix.edgeX(matrix.matrixWidth) &&
    bounds[3]! <= Math.max(y0, y1)
  );
}

function boundsOfPolygon(batch: FeatureBatch, p: number): Float64Array {
  const { xy, ringOffsets, polygonOffsets } = batch;
  const start = 2 * ringOffsets[polygonOffsets[p]!]!;
  const end = 2 * ringOffsets[polygonOffsets[p + 1]!]!;
  let minX = Number.POSITIVE_INFINITY;
  let minY = Number.POSITIVE_INFINITY;
  let maxX = Number.NEGATIVE_INFINITY;
  let maxY = Number.NEGATIVE_INFINITY;
  for (let k = start; k < end; k += 2) {
    const x = xy[k]!;
    const y = xy[k + 1]!;
    if (x < minX) minX = x;
    if (x > maxX) maxX = x;
    if (y < minY) minY = y;
    if (y > maxY) maxY = y;
  }
  polygonBounds[0] = minX;
  polygonBounds[1] = minY;
  polygonBounds[2] = maxX;
  polygonBounds[3] = maxY;
  return polygonBounds;
}
