/**
 * What is kept of a run: a file of JSON lines in the staged folder, `.tilewright/records/`. Times
 * are seconds since the run's start by the coordinator's clock; sizes are bytes.
 */

import type { MachineCounts } from '../../machine/machine-counts.ts';
import type { DiskSpeed, FileSystemInfo, MachineInfo } from '../../machine/machine-info.ts';
import type { DuplicateCounts } from '../folder/journal/journal-rows.ts';
import type { ValidityCounts } from '../rows/validity-counts.ts';
import type { EndState, RunEvent } from '../telling/events.ts';
import type { Phase } from '../telling/phases.ts';
import type { SpillReason } from '../telling/spilled-rows.ts';

/** The first line. */
export interface RunLine {
  type: 'run';
  version: 1;
  tilewright: string;
  runId: string;
  /** ISO 8601. */
  startedAt: string;
  folder: string;
  executor: string;
  slots: number;
  /** That it will go through, where it has something to do in them; an earlier version did not say. */
  phases?: Phase[];
  /** The coordinator's. */
  machine: MachineInfo;
  /** Of the staged folder, and of the inputs (those that are on several: of the first). */
  output: FileSystemInfo;
  input: FileSystemInfo | null;
}

/** The coordinator's machine, about once a second. */
export interface SampleLine extends MachineCounts {
  type: 'sample';
  at: number;
  /** CPU time and memory of the coordinator's process, its threads included. */
  processCpuMs: number;
  processMemory: number;
  /** Workers that there are; null if the executor does not tell. */
  workers: number | null;
  /** Tasks of the phase that a worker has, and that were not begun yet. */
  running: number;
  waiting: number;
}

/** The last line; without it the run was killed, or goes on. */
export interface EndLine {
  type: 'end';
  at: number;
  state: EndState;
  error: string | null;
  /** What was made; null if the run failed or was interrupted. */
  made: {
    inputs: { staged: number; unchanged: number; failed: number };
    featuresRead: number;
    featuresStaged: number;
    rowsWritten: number;
    tiles: { new: number; changed: number; unchanged: number; removed: number; total: number };
    /** Null where nobody checked; an earlier version did not say. */
    validity?: ValidityCounts | null;
    /** Not there where none was asked for. */
    products?: { name: string; made: number; kept: number; removed: number }[];
  } | null;
  /**
   * Pairs of features that overlap, and features by input and by the reason why they go; not there where
   * nobody looked for any.
   */
  judged?: { pairs: number; duplicates: DuplicateCounts };
  /** Bytes of the inputs that were read, of shuffle files, and of tiles that were written. */
  inputBytes: number;
  shuffleBytes: number;
  /** Bytes of all rows, and of those in shuffle files by why; an earlier version did not say. */
  rowBytes?: number;
  spilled?: Record<SpillReason, number>;
  tileBytes: number;
  /** CPU time of the coordinator's thread, in seconds. */
  coordinatorCpu: number;
  /** Most memory of the coordinator's process. */
  peakMemory: number;
  /** Measured at the end, in what the run could use of it. */
  disk: DiskSpeed;
  /** Seconds that recording has taken of the coordinator. */
  recording: number;
}

/** Events; of `progress` the last one before each sample, for whoever looks while the run goes on. */
type EventLine = Exclude<RunEvent, { type: 'run-started' | 'run-ended' }>;

export type RecordLine = RunLine | EventLine | SampleLine | EndLine;
