/** What a monitoring file says of a run, in numbers. Times are seconds where nothing else is said. */

/** How many tasks are in each state now. */
export interface StateCounts {
  waiting: number;
  queued: number;
  running: number;
  done: number;
  /** Done by an earlier call's result. */
  memoized: number;
  failed: number;
  /** Failed since a task failed whose result they need. */
  dependencyFailed: number;
  cancelled: number;
}

interface AppSummary extends StateCounts {
  name: string;
  tasks: number;
  /** Attempts that failed, also those that another followed. */
  failures: number;
  /** Of attempts that have ended: on average, at most, all together. */
  mean: number;
  most: number;
  total: number;
  /** From the moment that an attempt was queued to its start, on average. */
  queuedMean: number;
}

interface WorkerSummary {
  /** `host/process/thread`. */
  worker: string;
  host: string;
  /** Attempts. */
  tasks: number;
  busy: number;
  /** Bytes that its process had at most; null: not measured. */
  peakMemory: number | null;
}

interface AttemptSummary {
  task: number;
  name: string;
  attempt: number;
  seconds: number;
  /** CPU time; null: not measured. */
  cpu: number | null;
  worker: string;
}

interface FailureSummary {
  name: string;
  /** `CODE: MESSAGE`. */
  error: string;
  count: number;
  /** One of them. */
  task: number;
  /** Whether another attempt followed. */
  retried: boolean;
}

interface BlockSummary {
  executor: string;
  block: string;
  job: string | null;
  /** As Parsl names states of jobs: `PENDING`, `RUNNING`, `COMPLETED`, `FAILED`. */
  state: string;
  reason: string | null;
}

export interface RunSummary {
  file: string;
  runId: string;
  name: string;
  host: string;
  user: string;
  pid: number;
  /** `lost`: it has not ended, and its process is not there any more or says nothing. */
  state: 'running' | 'ended' | 'lost';
  /** Milliseconds since the epoch. */
  startedAt: number;
  /** From its start to its end, to now, or to its last word. */
  seconds: number;
  tasks: number;
  counts: StateCounts;
  retried: number;
  apps: AppSummary[];
  workers: WorkerSummary[];
  /** Seconds that workers had a task, of workers × seconds of the run. */
  efficiency: { busy: number; workers: number; share: number };
  /** Mean and most that tasks waited for what they need, and in the queue for a worker. */
  waits: { dependencies: MeanAndMost; queue: MeanAndMost };
  /** At most 20. */
  slowest: AttemptSummary[];
  failures: FailureSummary[];
  blocks: BlockSummary[];
}

export interface MeanAndMost {
  mean: number;
  most: number;
}

/** How many tasks have ended, in whatever way. */
export function endedOf(counts: StateCounts): number {
  const { done, memoized, failed, dependencyFailed, cancelled } = counts;
  return done + memoized + failed + dependencyFailed + cancelled;
}
