/** What can be said of a run that was recorded. All times are seconds, all sizes bytes. */

import type { EndLine, RunLine, SampleLine } from '../staging/recording/record-lines.ts';
import type { Phase } from '../staging/telling/phases.ts';

/** What a run can be bound by. */
export type Bound =
  | 'cpu'
  | 'disk'
  | 'memory'
  | 'network'
  | 'scheduler'
  | 'too-few-tasks'
  /** What one process does alone: starting, planning, committing. */
  | 'coordinator'
  /** Another process had the folder. */
  | 'lock'
  /** It was over too soon to tell. */
  | 'nothing';

/** What the time of the workers went into: computing, waiting for …, or nothing to do. */
export type TimeKind =
  | 'computing'
  | 'waiting for a core'
  | 'waiting for the disk'
  | 'waiting for memory'
  | 'waiting for the network'
  | 'waiting for the scheduler'
  | 'nothing to do'
  | 'starting up'
  | 'the coordinator'
  | 'waiting for another run';

export interface Evidence {
  /** What was measured: `CPU time of the workers`. */
  what: string;
  /** In words: `3.8 of 4 cores`. */
  value: string;
  /** The machine's limit beside it, in words; null if there is none. */
  limit: string | null;
  /** How near it comes to the limit, 0 to 1; null if that says nothing. */
  share: number | null;
}

export interface Advice {
  /** What to do, as an order: `Give it 8 workers`. */
  what: string;
  why: string;
  /** How many seconds the run would take then, at best and at worst. */
  seconds: { low: number; high: number };
}

export interface PhaseShare {
  phase: Phase;
  /** From its start to its end, since the run's start. */
  start: number;
  end: number;
  tasks: number;
  /** Sums over its tasks. */
  cpu: number;
  wall: number;
  queuedForCpu: number;
  blocked: number;
  gc: number;
  readBytes: number;
  writtenBytes: number;
  /** Seconds by what tasks note: `reading`, `kernels`, `writing`. */
  parts: Record<string, number>;
}

export interface WorkerShare {
  worker: string;
  host: string;
  tasks: number;
  /** From its first task's start to the run's end it had a task for so long. */
  busy: number;
  cpu: number;
  peakMemory: number;
}

/** A bar of the timeline. */
export interface TaskSpan {
  /** Place in `workers`. */
  worker: number;
  /** Of staging; of other work, which attempt it is. */
  phase: string;
  subject: string;
  part: number;
  parts: number;
  submitted: number;
  start: number;
  end: number;
  cpu: number;
  queuedForCpu: number;
  blocked: number;
  gc: number;
  bytes: number;
  attempt: number;
  /** Message of the attempt's error. */
  error: string | null;
}

export interface InputShare {
  input: string;
  bytes: number;
  /** Sum over its slices. */
  wall: number;
  cpu: number;
  /** Bytes a second and worker. */
  speed: number;
  slices: number;
}

/** All that the report of a run says. */
export interface RunAnalysis {
  run: RunLine;
  /** Null for a run that was killed or goes on. */
  end: EndLine | null;
  seconds: number;
  verdict: {
    bound: Bound;
    /** The report's first line: `CPU bound this run: its 2 workers computed 94 % of the time.` */
    sentence: string;
    evidence: Evidence[];
    /** What comes next if that is out of the way; null if nothing comes near. */
    next: Bound | null;
  };
  /** Best first. */
  advice: Advice[];
  /** Shares of workers × seconds; the sum of `share` is 1. Biggest first. */
  time: { kind: TimeKind; seconds: number; share: number }[];
  phases: PhaseShare[];
  workers: WorkerShare[];
  timeline: TaskSpan[];
  /** Inputs that took longest, at most 20. */
  slowest: InputShare[];
  /** Tasks that ran while most workers had nothing to do any more, or took far longer than theirs. */
  stragglers: (TaskSpan & { why: string })[];
  failures: { subject: string; message: string; retried: boolean }[];
  samples: SampleLine[];
  /** What could not be measured here, in words. */
  missing: string[];
}
