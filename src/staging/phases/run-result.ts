/** What a run tells when it has ended: the types that the library gives out. */

import type { DropJson, DropReason } from '../../core/drops.ts';
import type { ErrorJson } from '../../core/errors.ts';
import type { GuessedText } from '../../core/guessed-text.ts';
import type { Deduplication } from '../configuration/deduplication.ts';
import type { DuplicateCounts, InputStatistics } from '../folder/journal/journal-rows.ts';
import type { ValidityCounts } from '../rows/validity-counts.ts';

/**
 * What a run has done with one input: staged it, left it as it was, or failed with it. An input all
 * of whose features were dropped has failed and has its counts nevertheless.
 */
export type InputResult = { name: string; path: string } & (
  | ({ status: 'staged' | 'unchanged' } & InputStatistics)
  | ({ status: 'failed'; error: ErrorJson } & Partial<InputStatistics>)
);

/** A run that was interrupted while it wrote tiles, and that this one has finished. */
export interface ResumedRun {
  runId: string;
  /** Names of the inputs whose rows it wrote. */
  inputs: string[];
  /** Of these inputs: what the interrupted run read, and what is in the tiles now. */
  featuresRead: number;
  featuresStaged: number;
  rowsWritten: number;
  /** Tiles that it wrote, those included that were there when it was interrupted. */
  tiles: number;
  featuresDropped: number;
  drops: DropJson;
  /** Names of inputs whose rows it replaced or took out. */
  removed: string[];
}

/** What has become of a product's files. */
export interface ProductResult {
  name: string;
  made: number;
  kept: number;
  removed: number;
  /** Tiles, as `z/x/y`, whose product can't be made, and why. */
  failed: { tile: string; error: ErrorJson }[];
  /** Parents of such tiles, which have none either. */
  blocked: number;
}

/** The report of a run. */
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
  /** Features whose text had to be guessed, with one of an input as an example; null if none. */
  guessedText: (GuessedText & { input: string }) | null;
  /** Features that are in no tile, why, and the commonest reason (null if there are none). */
  featuresDropped: number;
  drops: DropJson;
  commonestDrop: DropReason | null;
  /** Of the inputs that this run staged; null if they were not checked, or there were none. */
  validity: ValidityCounts | null;
  /** Interrupted runs that this one finished first; their inputs are unchanged for this one. */
  resumed: ResumedRun[];
  /** Tiles that this run touched, those of `resumed` too, by what became of them, and all tiles in the folder now. */
  tiles: { new: number; changed: number; unchanged: number; removed: number; total: number };
  /** Rules by which duplicates are found; not there where none are looked for. */
  deduplication?: Deduplication;
  /**
   * Features of each input, by its name, that are labelled or left out as duplicates, by reason; not there
   * where none are looked for.
   */
  duplicates?: DuplicateCounts;
  /** Pairs of features that overlap, whether they are duplicates or not; not there where none are looked for. */
  pairs?: number;
  /** Not there where none is asked for. */
  products?: ProductResult[];
  /** Committed inputs whose file is gone from a folder that was given. */
  gone: string[];
  /** Inputs whose rows this run took out. */
  removed: string[];
  warnings: string[];
  seconds: number;
  /** Path of the run's record; null if there was nothing to do, or no record is kept. */
  record: string | null;
}

/** What became of the duplicates in a staged folder. */
export interface DeduplicationResult {
  /** By which what is staged is judged from now on; null for none. */
  deduplication: Deduplication | null;
  /** Features of each input, by its name, that are duplicates, by reason; null where labels were taken off. */
  duplicates: DuplicateCounts | null;
  /** Pairs of features that overlap, whether they are duplicates or not. */
  pairs: number;
  /** Tiles that were written anew. */
  tilesWritten: number;
  warnings: string[];
  seconds: number;
  /** Path of the run's record; null if none is kept. */
  record: string | null;
}
