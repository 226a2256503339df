/** Records of runs that never were, with what is to be found in them. */

import type { MachineInfo } from '../../src/machine/machine-info.ts';
import type { TaskUsage } from '../../src/parallel/usage/usage.ts';
import type { RecordLine, RunLine } from '../../src/staging/recording/record-lines.ts';
import type { Phase } from '../../src/staging/telling/phases.ts';

export const STARTED_AT = '2026-01-02T03:04:05.000Z';

export const MACHINE: MachineInfo = {
  ...{ host: 'here', platform: 'linux', release: '6.1', node: 'v24.0.0', processor: 'Some' },
  ...{ cores: 8, usableCores: 8, cpuQuota: null, memory: 16e9, memoryLimit: null },
  ...{ diskReadLimit: null, diskWriteLimit: null, pressure: true },
};

const DISK = { path: '/data', mountPoint: '/', type: 'ext4', network: false, free: 1e12 };
export const NETWORK_DISK = { ...DISK, type: 'nfs4', network: true };

export function runLine(changes: Partial<RunLine> = {}): RunLine {
  return {
    ...{ type: 'run', version: 1, tilewright: '0.0.0', runId: 'r', startedAt: STARTED_AT },
    ...{ folder: '/data/staged', executor: 'threads', slots: 2, machine: MACHINE },
    ...{ output: DISK, input: DISK },
    ...changes,
  };
}

/** A task by what its worker's time went into, in seconds since the run's start. */
export interface FakeTask {
  worker: string;
  start: number;
  end: number;
  /** Default: all of its time. */
  cpu?: number;
  queued?: number;
  stalls?: { memory?: number; io?: number };
  bytes?: number;
  /** Written to the disk itself, past the page cache. */
  diskWritten?: number;
  subject?: string;
  /** Seconds at which it was handed to the executor; default 0. As how many tasks it counts. */
  submitted?: number;
  counts?: number;
  notes?: Record<string, number>;
  /** Seconds that its worker's clock is ahead, and that its messages take. */
  ahead?: number;
  delay?: number;
}

export function taskLines(phase: Phase, tasks: readonly FakeTask[]): RecordLine[] {
  return tasks
    .map((task, i) => {
      const { worker, start, end, cpu = end - start, queued = 0, stalls = {} } = task;
      const { bytes = 1e6, diskWritten = 0, subject = `input ${i}`, ahead = 0, delay = 0 } = task;
      const { submitted: submittedAt = 0, counts = 1, notes = {} } = task;
      const usage: TaskUsage = {
        ...{ worker, host: worker.split('/')[0]!, wallMs: (end - start) * 1000 },
        startedAt: Date.parse(STARTED_AT) + (start + ahead) * 1000,
        ...{ cpuUserMs: cpu * 1000, cpuSystemMs: 0, queuedForCpuMs: queued * 1000 },
        ...{
          readBytes: bytes,
          writtenBytes: bytes,
          diskReadBytes: bytes,
          diskWrittenBytes: diskWritten,
        },
        ...{ minorFaults: 0, majorFaults: 0, gcMs: 0, peakMemory: 1e8 },
        pressureMs: {
          ...{ cpu: queued * 1000 },
          ...{ memory: (stalls.memory ?? 0) * 1000, io: (stalls.io ?? 0) * 1000 },
        },
        ...{ receivedBytes: 0, sentBytes: 0, notes },
      };
      return {
        ...{ at: end + delay, type: 'task-ended', phase, task: i, subject, part: 1, parts: 1 },
        counts,
        ...{ worker, attempt: 1, bytes, submittedAt, startedAt: start + delay, usage },
        ...{ error: null, retried: false },
      } as const satisfies RecordLine;
    })
    .sort((a, b) => a.at - b.at);
}

/** A record with a phase `stage` from `from` to `to`, and the run's end. */
export function record(
  run: RunLine,
  [from, to, end]: readonly [from: number, to: number, end: number],
  tasks: readonly FakeTask[],
): RecordLine[] {
  const phase = 'stage';
  const made = {
    inputs: { staged: 1, unchanged: 0, failed: 0 },
    ...{ featuresRead: 1, featuresStaged: 1, rowsWritten: 1 },
    tiles: { new: 1, changed: 0, unchanged: 0, removed: 0, total: 1 },
  };
  return [
    run,
    { at: from, type: 'phase-started', phase, total: 1, tasks: tasks.length, bytes: 1 },
    ...taskLines(phase, tasks),
    { at: to, type: 'phase-ended', phase },
    {
      ...{ type: 'end', at: end, state: 'finished', error: null, made, inputBytes: 1 },
      ...{ shuffleBytes: 1, tileBytes: 1, coordinatorCpu: 0.1, peakMemory: 2e8 },
      ...{ disk: { read: 5e8, write: 2e8 }, recording: 0 },
    },
  ];
}
