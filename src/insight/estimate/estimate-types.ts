/** What an estimate says. Times are seconds, sizes bytes. */

import type { ErrorJson } from '../../core/errors.ts';
import type { DiskSpeed, FileSystemInfo, MachineInfo } from '../../machine/machine-info.ts';
import type { UnreadKind } from '../../staging/inputs/unread.ts';

/** The truth is most probably between `low` and `high`; `about` is the best guess. */
export interface Range {
  low: number;
  about: number;
  high: number;
}

/** What keeps more workers from helping. */
export type Limit =
  /** The machine has no more cores. */
  | 'cores'
  /** The disk takes and gives no more bytes a second. */
  | 'disk'
  /** One slice of an input, or one partition of tiles, takes so long by itself. */
  | 'largest task'
  /** What one process does alone: starting, planning, journal, summary. */
  | 'serial part'
  /** More workers than this do not fit into memory. */
  | 'memory'
  /** No limit up to the number of workers that was looked at. */
  | 'none';

/** What the time of a run goes into: seconds of one worker, or of the coordinator. */
export interface TimeParts {
  /** Of the process, and of its workers until the first has a task. */
  start: number;
  plan: number;
  stage: { reading: number; kernels: number; perFile: number };
  /** Writing tiles; rows that go to files and back; putting tiles in their places; packing them. */
  build: { perTile: number; perByte: number; spill: number; place: number; pack: number };
  /** What workers take longer at first, with code that is not optimized yet. */
  warmUp: number;
  /** Taking memory for what is written, where the system has to fetch it first. */
  freshMemory: number;
  finalize: number;
}

/** How long it takes with a number of workers. */
export interface WorkerEstimate {
  workers: number;
  seconds: Range;
  /** Of all workers and the coordinator together, at the most. */
  memory: Range;
}

/** What is estimated for one set of inputs. */
export interface EstimateRow {
  /** `one file (median)`, `these 35 inputs`, `1,000 such files` … */
  label: string;
  kind: 'median file' | 'largest file' | 'given' | 'more';
  files: number;
  inputBytes: number;
  features: number;
  rows: number;
  tiles: number;
  /** Files that these are packed into; 0 where each is a file. */
  packs: number;
  /** One for each number of workers, in ascending order. */
  time: WorkerEstimate[];
  /** Where time goes, with one worker. */
  parts: TimeParts;
  disk: {
    /** What is there at the end. */
    staged: Range;
    /** Most that is there at one time: tiles, their packs, and rows in shuffle files. */
    peak: Range;
  };
  /** More workers than this gain less than a twentieth, and why. */
  usefulWorkers: number;
  limit: Limit;
  /** The same in a sentence. */
  why: string;
}

/** What an estimate was made from. */
export interface SampleReport {
  /** Files that were looked into, and those of which slices were staged. */
  filesProbed: number;
  filesStaged: number;
  slices: number;
  /** Each feature of the slices once; `featuresStaged` counts them as often as they were staged. */
  features: number;
  featuresStaged: number;
  bytes: number;
  seconds: number;
  /** What was chosen from: format and size. */
  strata: { format: string; files: number; bytes: number; sampledFiles: number }[];
  /** Share of the CPU time that the sample had to wait for a core: others use the machine. */
  busy: number;
}

/** What staging a set of inputs will take, and what that is reckoned from. */
export interface Estimate {
  executor: string;
  /** In this order: one file (left out if there is only one), the given ones, more of their kind. */
  rows: EstimateRow[];
  machine: MachineInfo;
  disk: DiskSpeed & {
    fileSystem: FileSystemInfo;
    /** Part of what was read of the inputs that was in memory already. */
    inputsCached: number;
  };
  /**
   * Milliseconds a megabyte that writing into the system's cache costs: memory at hand, and memory that
   * has to be fetched; and how many bytes were at hand, null if there was no end to them.
   */
  memoryForFiles: { hot: number; fresh: number; hotBytes: number | null };
  sample: SampleReport;
  /** What the estimate takes for granted, in words. */
  assumptions: string[];
  /** Too little room on the disk, too little memory, and the like. */
  warnings: string[];
  /** Inputs that can't be read, which are left out. */
  failed: { input: string; error: ErrorJson }[];
  /** Files in the folders that were given which are of no format that can be staged, by kind. */
  unread: UnreadKind[];
}
