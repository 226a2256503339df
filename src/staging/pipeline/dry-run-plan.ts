/** What a run would do: the answer of a dry run. */

import type { ErrorJson } from '../../core/errors.ts';

/** An input, and what a run would do with it. */
export interface DryInput {
  name: string;
  path: string;
  /** `again`: it has not changed, and is staged anew by `force` or for another reason. */
  status: 'new' | 'changed' | 'again' | 'unchanged' | 'failed';
  /** As its header says, before any selection; of an unchanged one those that were read. Null where nobody knows. */
  features: number | null;
  bytes: number | null;
  error?: ErrorJson;
}

export interface DryRunPlan {
  inputs: DryInput[];
  /** Committed inputs whose features leave the tiles. */
  removed: string[];
  /** Committed inputs whose files are gone; their features stay without `prune`. */
  gone: string[];
  /** Whether all tiles are removed first, as the configuration is another one. */
  emptied: boolean;
  tiles: {
    /** That there are. */
    total: number;
    /** That hold features of inputs which are staged again or removed: replaced, or removed where nothing is left. */
    touched: number;
  };
  /** Products by the tiles as they are: files that would be made and removed; not there if none is asked for. */
  products?: { name: string; outdated: number; kept: number; gone: number }[];
  /** A run that was interrupted while it wrote tiles, and that is finished first; null if there is none. */
  resumes: DryResumed | null;
}

/** What is still to be finished of an interrupted run; its inputs count as unchanged. */
export interface DryResumed {
  inputs: string[];
  /** Rows of these inputs, and tiles that get them, those included that are written already. */
  rows: number;
  tiles: number;
  /** Names of inputs whose rows it replaces or takes out. */
  removed: string[];
}
