/** From the events of a kernel to rows. What a task needs is kept until it has ended and is written. */

import type { ObservedBlock, TaskEventState } from '../data-flow/observer.ts';
import type { TaskUsage } from '../usage/usage.ts';
import type { ToldTask } from './packed-events.ts';
import { type Row, type StatusName, type TableName, timestamp } from './schema.ts';

/** Where rows go. */
export interface RowSink {
  /** Most rows are of these three, which belong to the one run. */
  status(taskId: number, status: StatusName, at: string, tryId: number): void;
  task(row: Row<'task'>): void;
  attempt(row: Row<'try'>): void;
  insert<N extends TableName>(table: N, row: Row<N>): void;
}

/** Characters of an error's text. */
const MAX_TEXT = 10_000;

const STATUS: Record<TaskEventState, StatusName> = {
  waiting: 'pending',
  queued: 'launched',
  running: 'running',
  retry: 'fail_retryable',
  done: 'exec_done',
  memoized: 'memo_done',
  failed: 'failed',
  cancelled: 'cancelled',
};

/** As Parsl names the states of jobs (parsl/jobs/states.py). */
const BLOCK_STATUS: Record<ObservedBlock['state'], string> = {
  submitted: 'PENDING',
  running: 'RUNNING',
  ended: 'COMPLETED',
  failed: 'FAILED',
};

interface Node {
  row: Row<'node'>;
  workers: number;
}

interface LiveTask {
  task: Row<'task'>;
  attempt: Row<'try'> | null;
  join: boolean;
  /** Whether it is among those that have changed. */
  changed: boolean;
}

export class RunRows {
  readonly #runId: string;
  readonly #sink: RowSink;
  readonly #live = new Map<number, LiveTask>();
  /** Those that have changed; one that changes again meanwhile is written once. */
  #changed: LiveTask[] = [];
  /** Attempts that others have followed. */
  #followed: Row<'try'>[] = [];
  /** By its uid, `host/process`. */
  readonly #nodes = new Map<string, Node>();
  /** By the name of each of its workers. */
  readonly #nodeOf = new Map<string, Node>();
  readonly #changedNodes = new Set<Row<'node'>>();
  #at = Number.NaN;
  #atText = '';
  done = 0;
  failed = 0;

  constructor(runId: string, sink: RowSink) {
    this.#runId = runId;
    this.#sink = sink;
  }

  onTask(event: ToldTask): void {
    const { taskId, state, error } = event;
    const at = this.#timestamp(event.at);
    const live = this.#live.get(taskId) ?? this.#begin(event, at);
    const { task } = live;
    const status = statusOf(event, live.join);
    task.task_status_name = status;
    if (event.hash != null) {
      task.task_memoize = 'True';
      task.task_hashsum = event.hash;
    }
    if (state === 'queued') this.#queued(live, event, at);
    else if (state === 'running') this.#running(live, event, at);
    else if (state !== 'waiting') this.#attemptEnded(live, event, at);
    if (error !== undefined && state !== 'cancelled' && event.attempt > 0) {
      task.task_fail_count = (task.task_fail_count as number) + 1;
      task.task_fail_cost = task.task_fail_count;
    }
    const tryId = Math.max(0, event.attempt - 1);
    this.#sink.status(taskId, status, at, tryId);
    if (state === 'done' || state === 'memoized' || state === 'failed' || state === 'cancelled') {
      task.task_time_returned = at;
      if (error !== undefined) task.task_error = errorText(error);
      this.#live.delete(taskId);
      if (state === 'failed') this.failed++;
      else if (state !== 'cancelled') this.done++;
    }
    if (event.usage !== undefined) this.#measured(event.usage, taskId, tryId, at);
    if (live.changed) return;
    live.changed = true;
    this.#changed.push(live);
  }

  #begin(event: ToldTask, at: string): LiveTask {
    const { taskId, name, depends = [], inputs, outputs, stdout, stderr, join = false } = event;
    const task: Row<'task'> = {
      task_id: taskId,
      run_id: this.#runId,
      task_depends: depends.join(','),
      task_func_name: name,
      task_memoize: 'False',
      task_hashsum: null,
      task_inputs: inputs === undefined ? null : JSON.stringify(inputs),
      task_outputs: outputs === undefined ? null : JSON.stringify(outputs),
      task_stdout: stdout ?? null,
      task_stderr: stderr ?? null,
      task_time_invoked: at,
      task_time_returned: null,
      task_fail_count: 0,
      task_fail_cost: 0,
      task_join: join ? 1 : 0,
      task_error: null,
    };
    const live = { task, attempt: null, join, changed: false };
    this.#live.set(taskId, live);
    return live;
  }

  #queued(live: LiveTask, { taskId, attempt, executor }: ToldTask, at: string): void {
    if (live.attempt !== null) this.#followed.push(live.attempt);
    live.attempt = {
      try_id: attempt - 1,
      task_id: taskId,
      run_id: this.#runId,
      hostname: null,
      task_executor: executor ?? (live.join ? '_parsl_internal' : null),
      task_try_time_launched: at,
      task_try_time_running: null,
      task_try_time_returned: null,
      task_fail_history: null,
      worker: null,
    };
  }

  #running({ attempt }: LiveTask, { worker }: ToldTask, at: string): void {
    if (attempt === null) return;
    attempt.task_try_time_running = at;
    if (worker !== undefined) {
      attempt.worker = worker;
      attempt.hostname = this.#seen(worker, at);
    }
  }

  #attemptEnded({ attempt }: LiveTask, { error }: ToldTask, at: string): void {
    if (attempt === null || attempt.task_try_time_returned !== null) return;
    attempt.task_try_time_returned = at;
    if (error !== undefined) attempt.task_fail_history = errorText(error);
  }

  /** @returns the worker's host */
  #seen(worker: string, at: string): string {
    const { row } = this.#nodeOf.get(worker) ?? this.#newWorker(worker, at);
    row.last_heartbeat = at;
    this.#changedNodes.add(row);
    return row.hostname as string;
  }

  #newWorker(worker: string, at: string): Node {
    const uid = worker.slice(0, worker.lastIndexOf('/'));
    let node = this.#nodes.get(uid);
    if (node === undefined) {
      const hostname = uid.slice(0, uid.lastIndexOf('/'));
      node = { row: { run_id: this.#runId, hostname, uid, active: 1, timestamp: at }, workers: 0 };
      this.#nodes.set(uid, node);
    }
    this.#nodeOf.set(worker, node);
    node.row.worker_count = ++node.workers;
    return node;
  }

  #measured(usage: TaskUsage, taskId: number, tryId: number, at: string): void {
    const { worker, machine, notes } = usage;
    this.#sink.insert('resource', {
      try_id: tryId,
      task_id: taskId,
      run_id: this.#runId,
      timestamp: at,
      psutil_process_pid: Number(worker.split('/').at(-2)) || null,
      psutil_process_time_user: usage.cpuUserMs / 1000,
      psutil_process_time_system: usage.cpuSystemMs / 1000,
      psutil_process_memory_resident: usage.peakMemory,
      psutil_process_disk_read: usage.readBytes,
      psutil_process_disk_write: usage.writtenBytes,
      wall_time: usage.wallMs / 1000,
      queued_for_cpu_time: usage.queuedForCpuMs === null ? null : usage.queuedForCpuMs / 1000,
      gc_time: usage.gcMs / 1000,
      disk_read_bytes: usage.diskReadBytes,
      disk_write_bytes: usage.diskWrittenBytes,
      notes: Object.keys(notes).length === 0 ? null : JSON.stringify(notes),
    });
    const node = this.#nodeOf.get(worker);
    if (machine === undefined || node === undefined) return;
    node.row.cpu_count = machine.usableCores;
    node.row.total_memory = machine.memory;
    node.row.node_v = machine.node;
    node.row.processor = machine.processor;
    this.#changedNodes.add(node.row);
  }

  onBlock({ executor, blockId, jobId, state, at, reason }: ObservedBlock): void {
    this.#sink.insert('block', {
      run_id: this.#runId,
      executor_label: executor,
      block_id: blockId,
      job_id: jobId,
      timestamp: this.#timestamp(at),
      status: BLOCK_STATUS[state],
      reason: reason?.slice(0, MAX_TEXT) ?? null,
    });
  }

  /** No worker has anything to do any more. */
  end(): void {
    for (const { row } of this.#nodes.values()) {
      row.active = 0;
      this.#changedNodes.add(row);
    }
  }

  /** Hands over the rows of tasks, tries and nodes that have changed since the last time. */
  flush(): void {
    for (const live of this.#changed) {
      live.changed = false;
      this.#sink.task(live.task);
      // One that is only queued has no row yet: nearly all would be written twice.
      const { attempt } = live;
      const begun = attempt?.task_try_time_running ?? attempt?.task_try_time_returned ?? null;
      if (attempt !== null && begun !== null) this.#sink.attempt(attempt);
    }
    for (const row of this.#followed) this.#sink.attempt(row);
    for (const row of this.#changedNodes) this.#sink.insert('node', row);
    this.#changed = [];
    this.#followed = [];
    this.#changedNodes.clear();
  }

  /** Most events are of the same millisecond as the one before. */
  #timestamp(ms: number): string {
    if (ms !== this.#at) {
      this.#at = ms;
      this.#atText = timestamp(ms);
    }
    return this.#atText;
  }
}

function statusOf({ state, error }: ToldTask, join: boolean): StatusName {
  if (state === 'failed' && error?.code === 'dependency-failed') return 'dep_fail';
  return join && state === 'running' ? 'joining' : STATUS[state];
}

function errorText({ code, message }: { code: string; message: string }): string {
  const text = `${code}: ${message}`;
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`;
}
