/** What staging a slice has found out about it. */

import type { DropJson } from '../../core/drops.ts';
import type { GuessedText } from '../../core/guessed-text.ts';
import type { ValidityCounts } from './validity-counts.ts';

export interface SliceStatistics {
  rowsRead: number;
  featuresStaged: number;
  /** Rows made: one per feature and tile. */
  rows: number;
  droppedM: number;
  guessedText?: GuessedText | undefined;
  drops: DropJson;
  /** Not there if nobody checked. */
  validity?: ValidityCounts | undefined;
  /** Per attribute: storage classes of values that are not of the column's type, as bits. */
  oddClasses: number[];
  /**
   * minX, minY, maxX, maxY of features' first vertices in the input's CRS; nulls for a slice without
   * any.
   */
  extent?: (number | null)[] | undefined;
}
