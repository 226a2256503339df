/** Brings a footprint to the CRS of the tiles, on the side of the antimeridian where features come to lie. */

import { type Crs, resolveCrs } from '../../../crs/resolve.ts';
import type { Transform } from '../../../crs/transform.ts';
import { bringFromTurn, crossesCut, splitAtCut } from '../../../geometry/antimeridian.ts';
import type { FeatureBatch } from '../../../geometry/batch.ts';
import { turnFrom, turnTo, turnWith } from '../../../geometry/cut.ts';
import { featureBounds, firstVertex, measureFeature } from '../../../geometry/measure.ts';
import type { TileMatrixSet } from '../../../tms/tile-matrix-set.ts';
import { cutOf } from '../../rows/process.ts';

/** As far round the Earth as features may go: see process.ts. */
const MOST_TURNS = 10;

/** Where the tiles are. */
export interface TilesPlace {
  tms: TileMatrixSet;
  z: number;
}

/** A copy of the batch in another CRS, vertex by vertex, into another; null if a vertex has no place there. */
export function transformed(
  source: FeatureBatch,
  transform: Transform,
  batch: FeatureBatch,
): FeatureBatch | null {
  copy(source, batch);
  transform.apply(batch.xy, 0, batch.vertexCount);
  const measures = new Float64Array(3);
  for (let i = 0; i < batch.featureCount; i++) {
    measureFeature(batch, i, measures);
    if (Number.isNaN(measures[0]!)) return null;
  }
  return batch;
}

/**
 * @param transform - to the CRS of the tiles
 * @param scratch - batches of which one takes the result
 */
export function toTiles(
  source: FeatureBatch,
  transform: Transform,
  { tms, z }: TilesPlace,
  [first, placed]: readonly [FeatureBatch, FeatureBatch],
): FeatureBatch | null {
  const batch = transformed(source, transform, first);
  const target: Crs = resolveCrs(tms.crs);
  const cut = cutOf(target, tms.matrix(z).extent(), transform.longestEdge);
  if (batch === null || cut === null) return batch;
  const drawn = { ...cut, longestEdge: Number.POSITIVE_INFINITY };
  placed.clear();
  const bounds = new Float64Array(4);
  for (let i = 0; i < batch.featureCount; i++) {
    featureBounds(batch, i, bounds, 0);
    const isNear =
      turnFrom(bounds[0]!, cut) >= -MOST_TURNS && turnTo(bounds[2]!, cut) <= MOST_TURNS;
    if (!isNear) return null;
    const goesRound = crossesCut(batch, i, cut.longestEdge);
    const turn = goesRound ? null : turnWith(bounds[0]!, bounds[2]!, drawn);
    placed.beginFeature(batch.positions[i]!, batch.flags[i]!);
    if (turn === null) {
      splitAtCut(batch, i, placed, goesRound ? cut : drawn);
    } else {
      if (turn !== 0) bringFromTurn(batch, i, turn, drawn);
      appendPolygons(placed, batch, i);
    }
    placed.endFeature();
  }
  return placed.polygonCount === 0 ? null : placed;
}

function copy(source: FeatureBatch, target: FeatureBatch): void {
  target.clear();
  for (let i = 0; i < source.featureCount; i++) {
    target.beginFeature(source.positions[i]!);
    appendPolygons(target, source, i);
    target.endFeature();
  }
}

/** Appends the polygons of feature i to the feature that was begun last, without z. */
function appendPolygons(target: FeatureBatch, source: FeatureBatch, i: number): void {
  const { xy, ringOffsets, polygonOffsets, featureOffsets } = source;
  target.reserveVertices(firstVertex(source, i + 1) - firstVertex(source, i));
  for (let p = featureOffsets[i]!; p < featureOffsets[i + 1]!; p++) {
    target.beginPolygon();
    for (let r = polygonOffsets[p]!; r < polygonOffsets[p + 1]!; r++) {
      target.beginRing();
      const ring = xy.subarray(2 * ringOffsets[r]!, 2 * ringOffsets[r + 1]!);
      target.xy.set(ring, 2 * target.vertexCount);
      target.vertexCount += ring.length / 2;
      target.endRing();
    }
    target.endPolygon();
  }
}
