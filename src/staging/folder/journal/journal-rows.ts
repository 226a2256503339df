/** What the journal keeps, as data. */

import type { Column } from '../../../core/columns.ts';
import type { DropJson } from '../../../core/drops.ts';
import type { GuessedText } from '../../../core/guessed-text.ts';
import type { OperationSummary } from '../../../crs/operations/operation-summary.ts';
import type { Selection } from '../../../formats/selection/selection.ts';
import type { InvalidMode } from '../../configuration/config-schema.ts';
import type { Deduplication } from '../../configuration/deduplication.ts';
import type { ValidityCounts } from '../../rows/validity-counts.ts';
import type { FoundInput } from '../found-input.ts';

/** What all rows of a staged folder have in common. */
export interface FolderSettings {
  tms: string;
  /** JSON text of the TileMatrixSet. */
  tmsDefinition: string;
  z: number;
  simplifyTolerance: number | null;
  properties: Record<string, string>;
  /** Left out where it is false, as in folders of versions that did not have it. */
  keepPrimaryKey?: true;
  /** What became of invalid geometries. Left out where they were kept, as in folders of versions before. */
  invalid?: InvalidMode;
  /** What of the inputs is staged. Left out for all, as in folders of versions before. */
  selection?: Selection;
  style: string;
  tilePathStructure: readonly string[];
  /** Name of the staged format. */
  format: string;
  /** A file has 4^pack tiles; left out where each has its own. */
  pack?: number;
  /** Which features count as duplicates; left out where nothing is judged. */
  deduplication?: Deduplication;
}

/** Features of each input that go, by reason. */
export type DuplicateCounts = Record<string, Partial<Record<GoneReason, number>>>;

/** Why a feature goes. */
export type GoneReason = (typeof GONE_REASONS)[number];
export const GONE_REASONS = [
  'duplicate of another',
  'overlap of footprints',
  'outside its footprint',
] as const;

/** An input whose rows are in the tiles. */
export interface StagedInput {
  /** Name in staging: see input-name.ts. */
  name: string;
  /** Path below the input folder. */
  file: string;
  /** Absolute path that it was read from, and the folder argument that led to it. */
  path: string;
  root: string;
  /** `*` when all layers were asked for, else the one. */
  selection: string;
  /** How many layers its file has. */
  layers: number;
  /** Size and time of its files, and where its CRS came from. */
  fingerprint: string;
  crsOrigin: string;
  /**
   * The CRS of its coordinates, as a text that means it again; not there for inputs without features,
   * and where an earlier version staged it.
   */
  crs?: string | undefined;
  /** Columns of its records, and the types that their values really need. */
  recordColumns: Column[];
  columns: Column[];
  statistics: InputStatistics;
  /** ISO 8601. */
  stagedAt: string;
}

export interface InputStatistics {
  rowsRead: number;
  featuresStaged: number;
  rows: number;
  droppedM: number;
  /** Not there if there was no such text. */
  guessedText?: GuessedText;
  drops: DropJson;
  /** Not there if nobody checked, as in versions before. */
  validity?: ValidityCounts;
  /** What the extent of its coordinates suggests; not there if they are where one expects them. */
  hint?: string;
  /** How its datum was led to that of the tiles; not there where an earlier version staged it. */
  operation?: OperationSummary;
}

/** A run whose tiles are being written. */
export interface PendingRun {
  runId: string;
  /** Names of the records of its groups: see groups/record.ts. */
  records: string[];
  /** Inputs whose rows it writes, with their slices: which record, which slice in that. */
  inputs: (StagedInput & { slices: [record: number, slice: number][] })[];
  /** Names of committed inputs whose rows leave the tiles: replaced or pruned. */
  removed: string[];
}

/** A staged folder that is being emptied: its tiles go first, then what the journal says of them. */
export interface Reset {
  /** Of the folder from then on. */
  settings: FolderSettings;
  /** Inputs to be staged again. */
  again: FoundInput[];
}

/** Rows of one input in one tile. */
export interface TileInput {
  x: number;
  y: number;
  input: string;
  rows: number;
  area: number;
  /** Bits of GEOMETRY_…: see geometry/kind.ts. */
  geometry: number;
}

/** Rows of one input, by its id, in one tile. */
export type TileEntry = [
  x: number,
  y: number,
  input: number,
  rows: number,
  area: number,
  geometry: number,
];
