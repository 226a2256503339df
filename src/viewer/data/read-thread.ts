/** A thread that reads staged tiles. */

import { workerData } from 'node:worker_threads';
import type { Crs } from '../../crs/resolve.ts';
import { groundScales } from '../../plot/scale.ts';
import type { Bounds } from '../../tms/tile-matrix.ts';
import type { ColumnInfo, FeatureDetails, FeatureSummary } from '../shared/messages.ts';
import { isCancelled, serveThread } from '../threads/thread-side.ts';
import { type CellRequest, readCell } from './cell.ts';
import { featureDetails, featuresAt, findCopy, findFeature, listFeatures } from './features.ts';
import { TileFiles } from './tile-file.ts';
import type { TileRef } from './tile-ref.ts';

const MAX_AT_POINT = 20;

const { root } = workerData as { root: string };
const files = new TileFiles(root);

const methods = {
  cell: (ref: TileRef, request: CellRequest): Uint8Array<ArrayBuffer> | null =>
    readCell(files.open(ref), ref, request, isCancelled),

  /** @param tolerance - along x and y, in units of the CRS */
  at: (ref: TileRef, point: [number, number], tolerance: [number, number]): FeatureSummary[] =>
    featuresAt(files.open(ref), ref, point, tolerance, MAX_AT_POINT),

  /** Columns that one of these tiles has and that can colour, in their order. */
  columns(refs: TileRef[]): ColumnInfo[] {
    const all = new Map<string, ColumnInfo>();
    for (const ref of refs) {
      for (const { name, type } of files.openIfThere(ref)?.columns ?? []) {
        if (type !== 'blob' && !all.has(name)) all.set(name, { name, type });
      }
    }
    return [...all.values()];
  },

  list: (refs: TileRef[], box: Bounds, limit: number) => {
    let gone = 0;
    const each = refs.map((ref) => {
      const file = files.openIfThere(ref);
      if (file !== null && !isCancelled()) return listFeatures(file, ref, box, limit);
      gone++;
      return { features: [], total: 0 };
    });
    const seen = new Set<string>();
    const features = each
      .flatMap((list) => list.features)
      .sort((a, b) => sizeOf(b.bounds) - sizeOf(a.bounds))
      .filter(({ identifier }) => !seen.has(identifier) && seen.add(identifier))
      .slice(0, limit);
    return { features, total: each.reduce((sum, { total }) => sum + total, 0), gone };
  },

  /** @param crs - of the tiles */
  feature(
    ref: TileRef,
    key: number,
    identifier: string | null,
    crs: Crs,
  ): Omit<FeatureDetails, 'copies' | 'moreCopies'> {
    const file = files.open(ref);
    const details = featureDetails(file, ref, findFeature(file, key, identifier));
    const { areaInCrs, bounds } = details;
    const [x, y] = details.centroid ?? [(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2];
    const { metersX, metersY } = groundScales(crs)(x, y);
    return { ...details, area: areaInCrs === null ? null : areaInCrs * metersX * metersY };
  },

  /** Rows of these tiles that are copies of the feature. */
  copies: (refs: TileRef[], bounds: Bounds, identifier: string): FeatureDetails['copies'] =>
    refs.flatMap((ref) => {
      const file = isCancelled() ? null : files.openIfThere(ref);
      const fid = file === null ? null : findCopy(file, bounds, identifier);
      return fid === null ? [] : { x: ref.x, y: ref.y, fid, bounds: ref.bounds };
    }),
};

function sizeOf([minX, minY, maxX, maxY]: Bounds): number {
  return (maxX - minX) * (maxY - minY);
}

export type ReadMethods = typeof methods;
serveThread(methods);
