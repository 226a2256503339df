/**
 * What the calling thread has used so far. Linux tells it in `/proc/thread-self`, three files of
 * which each takes about 7 µs to read; other systems tell less.
 */

import { keyedNumbers, readSystemFile } from './system-files.ts';

/** Counted from the thread's start; null: the system does not tell. */
export interface ThreadCounts {
  /** Milliseconds. */
  cpuUser: number;
  cpuSystem: number;
  /** Milliseconds in which it could have run, and no core was free. */
  queuedForCpu: number | null;
  /** Bytes through system calls, and those that a disk had to do with. */
  read: number | null;
  written: number | null;
  diskRead: number | null;
  diskWritten: number | null;
  minorFaults: number | null;
  majorFaults: number | null;
}

export function readThreadCounts(): ThreadCounts {
  const { user, system } = process.threadCpuUsage();
  const io = keyedNumbers(readSystemFile('/proc/thread-self/io'));
  const schedule = readSystemFile('/proc/thread-self/schedstat')?.split(' ');
  const stat = readSystemFile('/proc/thread-self/stat');
  // The second field, a name in brackets, may hold anything.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    cpuUser: user / 1000,
    cpuSystem: system / 1000,
    queuedForCpu: schedule === undefined ? null : Number(schedule[1]) / 1e6,
    read: io.get('rchar') ?? null,
    written: io.get('wchar') ?? null,
    diskRead: io.get('read_bytes') ?? null,
    diskWritten: io.get('write_bytes') ?? null,
    minorFaults: fields === undefined ? null : Number(fields[7]),
    majorFaults: fields === undefined ? null : Number(fields[9]),
  };
}

/** Null if either is. */
export function difference(later: number | null, earlier: number | null): number | null {
  return later === null || earlier === null ? null : Math.max(0, later - earlier);
}
