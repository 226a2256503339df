/** What a run tells when it has ended. */

import type { DropJson } from '../core/drops.ts';
import type { ErrorJson } from '../core/errors.ts';
import type { InputStatistics } from './journal.ts';

export type InputResult = { name: string; path: string } & (
  | ({ status: 'staged' | 'unchanged' } & InputStatistics)
  | { status: 'failed'; error: ErrorJson }
);

export interface RunResult {
  /** In the order of their names. */
  inputs: InputResult[];
  /** Of the inputs that this run staged. */
  featuresRead: number;
  featuresStaged: number;
  /** One per feature and tile that it intersects. */
  rowsWritten: number;
  /** Rows beyond the first of each feature: rowsWritten − featuresStaged. */
  boundaryCopies: number;
  /** Features whose M values were left out. */
  droppedM: number;
  drops: DropJson;
  /** Tiles that this run touched, by what became of them, and all tiles in the folder now. */
  tiles: { new: number; changed: number; unchanged: number; removed: number; total: number };
  /** Committed inputs whose file is gone from a folder that was given. */
  gone: string[];
  /** Inputs whose rows this run took out. */
  removed: string[];
  warnings: string[];
  seconds: number;
  /** Path of the run's record; null if there was nothing to do, or no record is kept. */
  record: string | null;
}
