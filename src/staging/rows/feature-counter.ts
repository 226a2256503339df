/** Counts what would be staged, and keeps nothing of it. */

import type { FeatureBatch } from '../../geometry/batch.ts';
import type { TileList } from '../../tms/tile-list.ts';
import type { FeatureSink } from './process.ts';

export class FeatureCounter implements FeatureSink {
  featuresStaged = 0;
  rows = 0;
  /** Of rows that are kept. */
  readonly bytes = 0;

  add(
    _batch: FeatureBatch,
    _i: number,
    _bounds: Float64Array,
    _measures: Float64Array,
    tiles: TileList,
  ): void {
    this.featuresStaged++;
    this.rows += tiles.length;
  }
}
