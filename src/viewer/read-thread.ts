/** A thread that reads staged tiles. */

import { workerData } from 'node:worker_threads';
import type { Crs } from '../crs/resolve.ts';
import { groundScales } from '../plot/scale.ts';
import type { Bounds } from '../tms/tile-matrix.ts';
import { type CellRequest, readCell } from './cell.ts';
import { featureDetails, featuresAt, findCopy, findFeature, listFeatures } from './features.ts';
import type { FeatureDetails, FeatureSummary } from './shared/messages.ts';
import { isCancelled, serveThread } from './thread-side.ts';
import { TileFiles } from './tile-file.ts';
import type { TileRef } from './tile-ref.ts';

const MAX_AT_POINT = 20;

const { root } = workerData as { root: string };
const files = new TileFiles(root);

const methods = {
  cell: (ref: TileRef, request: CellRequest): Uint8Array<ArrayBuffer> | null =>
    readCell(files.open(ref), ref, request, isCancelled),

  /** @param tolerance - in units of the CRS */
  at: (ref: TileRef, x: number, y: number, tolerance: number): FeatureSummary[] =>
    featuresAt(files.open(ref), ref, x, y, tolerance, MAX_AT_POINT),

  list: (refs: TileRef[], box: Bounds, limit: number) => {
    const each = refs.map((ref) => listFeatures(files.open(ref), ref, box, limit));
    const seen = new Set<string>();
    const features = each
      .flatMap((list) => list.features)
      .sort((a, b) => sizeOf(b.bounds) - sizeOf(a.bounds))
      .filter(({ identifier }) => !seen.has(identifier) && seen.add(identifier))
      .slice(0, limit);
    return { features, total: each.reduce((sum, { total }) => sum + total, 0) };
  },

  /** @param crs - of the tiles */
  feature(
    ref: TileRef,
    key: number,
    identifier: string | null,
    crs: Crs,
  ): Omit<FeatureDetails, 'copies' | 'moreCopies'> {
    const file = files.open(ref);
    const details = featureDetails(file, ref, findFeature(file, ref, key, identifier));
    const { areaInCrs, bounds } = details;
    const [x, y] = details.centroid ?? [(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2];
    const { metersX, metersY } = groundScales(crs)(x, y);
    return { ...details, area: areaInCrs === null ? null : areaInCrs * metersX * metersY };
  },

  /** Rows of these tiles that are copies of the feature. */
  copies: (refs: TileRef[], bounds: Bounds, identifier: string): FeatureDetails['copies'] =>
    refs.flatMap((ref) => {
      const fid = findCopy(files.open(ref), bounds, identifier);
      return fid === null ? [] : { x: ref.x, y: ref.y, fid, bounds: ref.bounds };
    }),
};

function sizeOf([minX, minY, maxX, maxY]: Bounds): number {
  return (maxX - minX) * (maxY - minY);
}

export type ReadMethods = typeof methods;
serveThread(methods);
