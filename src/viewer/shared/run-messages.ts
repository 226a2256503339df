/** What the server says of a run into the folder that it shows. Times are seconds, sizes bytes. */

import type { TimeLeft } from '../../insight/progress/time-left.ts';
import type { RunState } from '../../staging/recording/run-state.ts';
import type { Phase } from '../../staging/telling/phases.ts';
import type { Box } from './messages.ts';

/** In place of a FolderInfo, while nothing is staged. */
export interface WaitingFolder {
  waiting: true;
  name: string;
  isThere: boolean;
}

/** What a page asks for now and then. */
export interface FolderVersion {
  /** Grows with each change of the journal; 0 while nothing is staged. */
  version: number;
  report: boolean;
  /** The run that goes on, or the last one. */
  run: Pick<RunNow, 'state' | 'startedAt'> | null;
}

/** The run that goes on, or the last one. What is null is not known. */
export interface RunNow {
  state: RunState;
  /** Why, in words of Slurm or of the run itself. */
  reason: string | null;
  /** Its name in the folder. */
  runId: string | null;
  executor: string | null;
  /** Tasks that the executor can use at a time. */
  slots: number | null;
  /** Where its own process is, or was. */
  host: string | null;
  pid: number | null;
  /** Of Slurm. */
  jobId: string | null;
  /** ISO 8601, by the clocks of the machine that it was on. */
  startedAt: string | null;
  /** When it has last told anything. */
  toldAt: string | null;
  /** Since that, of a run that goes on. */
  silent: number;
  /** From its start to now, or to its end. */
  seconds: number;
  /** 0 to 1; 1 only when it has finished. */
  share: number;
  left: TimeLeft | null;
  rate: RateNow | null;
  phases: PhaseNow[];
  /** Phases that are still expected, in their order. */
  toCome: Phase[];
  /** At most 64, by their names; and how many more are at work. */
  workers: WorkerNow[];
  moreWorkers: number;
  /** Workers that there are, and tasks that wait for one. */
  workersThere: number | null;
  tasksWaiting: number | null;
  /** Inputs that can't be staged, products that can't be made, and attempts that were tried again. */
  failed: number;
  retries: number;
  /** The last twenty, newest first. */
  failures: FailureNow[];
  /** The last five, newest first. */
  warnings: string[];
  made: MadeNow | null;
  tiles: RunTilesNow | null;
  /** What was written last to the log of a detached run that has not ended well. */
  lastLines: string[];
  /** Other runs into the folder that go on. */
  others: number;
  /** Why there is no more to be said. */
  problem: string | null;
}

export interface RateNow {
  phase: Phase;
  /** Features or rows a second. */
  perSecond: number;
  /** Bytes a second of the inputs, or of shuffle files, by their share that is done; null: not known. */
  bytesPerSecond: number | null;
}

export interface PhaseNow {
  phase: Phase;
  ended: boolean;
  seconds: number;
  done: number;
  total: number;
  /** 0 to 1. */
  share: number;
  tasks: number;
  tasksEnded: number;
}

interface WorkerNow {
  name: string;
  /** The input with its slice, or the partition that it writes. */
  subject: string;
  seconds: number;
  attempt: number;
}

interface FailureNow {
  subject: string;
  message: string;
  retried: boolean;
}

/** What a run that has finished has made. */
interface MadeNow {
  inputs: { staged: number; unchanged: number; failed: number };
  featuresRead: number;
  featuresStaged: number;
  tiles: { new: number; changed: number; unchanged: number; removed: number; total: number };
}

/** Tiles that the run touches, as far as it has come to them. */
export interface RunTilesNow {
  /** Grows when others are known, or more are written. */
  version: number;
  count: number;
  written: number;
  /** In the CRS of the tiles; null where they are not known yet. */
  bounds: Box | null;
}
