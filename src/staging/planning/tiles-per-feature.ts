/** What is to be said of features that lie in very many tiles each. */

import type { TileMatrix } from '../../tms/tile-matrix.ts';
import type { TileMatrixSet } from '../../tms/tile-matrix-set.ts';

/** Rows for each feature: more are told of. */
const MANY = 50;
/** Fewer rows are written at once, however few features they are of. */
const ROWS = 1000;
/** Rows for each feature at the z that is named, at most. */
const FEW = 10;

/**
 * Null if there is nothing to say. Tiles that a polygon covers are as many as go into its area: with
 * `n` of them at z, n · area(z) / area(z′) at z′. Those that its border crosses get fewer more slowly.
 * @param rows - one per feature and tile
 * @param z - where they are
 */
export function tilesPerFeatureNote(
  rows: number,
  features: number,
  tms: TileMatrixSet,
  z: number,
): string | null {
  const each = rows / features;
  if (rows < ROWS || !(each > MANY)) return null;
  const own = areaOf(tms.matrix(z));
  const lower = tms.tileMatrices
    .filter((matrix) => matrix.z < z)
    .map((matrix) => ({ z: matrix.z, each: (each * own) / areaOf(matrix) }))
    .filter((at) => at.each <= FEW)
    .sort((a, b) => b.z - a.z)[0];
  const many =
    `${Math.round(each).toLocaleString('en')} tiles per feature on average, each of which holds the ` +
    'whole feature';
  if (lower === undefined) return many;
  const about = Math.max(2, Math.round(lower.each));
  return `${many}: a lower z, such as --z ${lower.z}, makes about ${about} of them, and is faster`;
}

/** In square units of the CRS. */
function areaOf({ spanX, spanY }: TileMatrix): number {
  return spanX * spanY;
}
