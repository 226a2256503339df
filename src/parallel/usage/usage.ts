/** What one attempt at a task has cost, as its worker has measured it. */

import type { MachineInfo } from '../../machine/machine-info.ts';

/**
 * Times are milliseconds, sizes bytes. Null: the system does not tell. Those of the thread are of
 * the task alone; those of the process and the machine are shared with what ran beside it.
 */
export interface TaskUsage {
  /** The thread that did it: `host/process/thread`. */
  worker: string;
  host: string;
  /** Its beginning, since the epoch, by the clock of the worker's machine. */
  startedAt: number;
  wallMs: number;
  /** Of the thread. */
  cpuUserMs: number;
  cpuSystemMs: number;
  /** Of the thread: it could have run, and no core was free. */
  queuedForCpuMs: number | null;
  /** Through system calls of the thread: also what memory had cached. */
  readBytes: number | null;
  writtenBytes: number | null;
  /** What of it went to or came from a disk of this machine. */
  diskReadBytes: number | null;
  diskWrittenBytes: number | null;
  minorFaults: number | null;
  /** Those for which a page had to be read from a disk. */
  majorFaults: number | null;
  /** Garbage collection for which the thread had to stand still. */
  gcMs: number;
  /** Most memory that the process had, from its start to now. */
  peakMemory: number;
  /** How long some process of the machine or of its cgroup was kept from its work for want of … */
  pressureMs: { cpu: number; memory: number; io: number } | null;
  /** Through all interfaces of the machine but loopback, meanwhile. */
  receivedBytes: number | null;
  sentBytes: number | null;
  /** What the task has noted itself: `readMs`, `kernelMs`, `writeMs`, say. */
  notes: Record<string, number>;
  /** Told with the first task of a thread. */
  machine?: MachineInfo | undefined;
}

/** Whether what a task costs is wanted along with its result; `sampled`: if that is worth it. */
export type Measured = boolean | 'sampled';

/**
 * A result with what it has cost, as one text: a line of JSON, then the result's. So it takes every
 * way that results take.
 */
export function addUsage(usage: TaskUsage, result: string): string {
  return `${JSON.stringify(usage)}\n${result}`;
}

/** A result whose cost was asked for and not measured, as such a text. */
export function withoutUsage(result: string): string {
  return `\n${result}`;
}
