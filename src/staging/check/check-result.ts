/** What a check of inputs tells: the types that the library gives out. */

import type { Column, ColumnType } from '../../core/columns.ts';
import type { DropReason } from '../../core/drops.ts';
import type { ErrorJson } from '../../core/errors.ts';
import type { InputStatistics } from '../folder/journal/journal-rows.ts';
import type { MissingInput } from '../inputs/inputs.ts';
import type { UnreadKind } from '../inputs/unread.ts';
import type { RunResult } from '../phases/run-result.ts';

/** Where the CRS of an input was found: in the file, in one beside it, or in an option. */
export type CrsOrigin = 'file' | 'sidecar' | 'inputCrs' | 'overrideCrs';

/** What an input says of itself, and how it is placed. */
export interface InputDescription {
  layer: string;
  /** The format's word, e.g. `POLYGON`. */
  geometryType: string;
  /** As they are declared; values of others widen them in `CheckResult.columns`. */
  columns: Column[];
  /** Null for an input without features, which needs none. */
  crs: { id: string | null; name: string; origin: CrsOrigin } | null;
}

/**
 * What staging would do with an input, a layer of a file: stage all features (`fine`) or some (`partly`);
 * it has none (`empty`); or it fails, as a whole or since every feature would be dropped.
 */
export type CheckedInput = {
  name: string;
  path: string;
  /** As messages have it, e.g. `GeoPackage`; null for a file of none that is known. */
  format: string | null;
} & (
  | ({ status: 'fine' | 'partly' | 'empty' } & InputDescription & InputStatistics)
  | ({ status: 'failed'; error: ErrorJson } & Partial<InputDescription & InputStatistics>)
);

/** A column of the inputs that can be read, as a tile has it that all of them share. */
export interface CheckedColumn {
  name: string;
  /** That holds the values of all. */
  type: ColumnType;
  /** In how many inputs it needs which type, with the name of one. */
  needs: { type: ColumnType; inputs: number; example: string }[];
  /** Whether some inputs' values become ones of another type. */
  clashes: boolean;
}

/** Features of different inputs that overlap. */
export interface CheckedOverlaps {
  pairs: number;
  /** Features that are duplicates by the rules of the configuration, or those of `neighbor`. */
  duplicates: number;
}

/** What staging the inputs would come to. */
export interface CheckResult
  extends Pick<
    RunResult,
    | 'featuresRead'
    | 'featuresStaged'
    | 'droppedM'
    | 'guessedText'
    | 'featuresDropped'
    | 'drops'
    | 'validity'
    | 'warnings'
    | 'seconds'
  > {
  /** Whether every input and every feature would be staged. */
  fine: boolean;
  tms: string;
  z: number;
  /** In the order of their names. */
  inputs: CheckedInput[];
  /** What was asked for and leads to no input. */
  missing: MissingInput[];
  /** Files in folders that were given which are of no format that can be staged. */
  unread: UnreadKind[];
  /** One per feature and tile that it intersects. */
  rows: number;
  commonestDrop: DropReason | null;
  /** In the order in which tiles have them. */
  columns: CheckedColumn[];
  /** Not there where nobody asked. */
  overlaps?: CheckedOverlaps;
}
