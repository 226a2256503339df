/**
 * Keeps the record of a run: what happened, what each task has cost, and once a second what the
 * machine did. Lines are gathered and appended now and then. What goes wrong with that does not
 * concern the run: there is no record then.
 */

import { appendFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { packageVersion } from '../../core/version.ts';
import { measureDiskSpeed } from '../../machine/disk-speed.ts';
import { diskOf, fileSystemOf } from '../../machine/file-system.ts';
import { describeMachine } from '../../machine/machine.ts';
import { type MachineCounts, machineCounter } from '../../machine/machine-counts.ts';
import { residentMemory } from '../../machine/resident-memory.ts';
import { readThreadCounts } from '../../machine/thread-meter.ts';
import type { Executor } from '../../parallel/executor.ts';
import { type RunEvent, readsInputs } from '../telling/events.ts';
import type { Phase } from '../telling/phases.ts';
import { SpilledRows } from '../telling/spilled-rows.ts';
import { forgetOldRecords, makeRecordsFolder, recordPath } from './record-file.ts';
import type { EndLine, RecordLine, RunLine } from './record-lines.ts';

/** Often at first, so that short runs can be told of too. */
const FIRST_INTERVAL_MS = 200;
const INTERVAL_MS = 1_000;
const FIRST_SECONDS = 10;
/** The disk is measured for this part of the run's time, within bounds. */
const DISK_SHARE = 0.005;
const DISK_LEAST_MS = 10;
const DISK_MOST_MS = 500;

export interface RecorderOptions {
  folder: string;
  runId: string;
  executor: Executor;
  /** Path of one of the inputs; null if there are none. */
  input: string | null;
  phases: readonly Phase[];
  /** Seconds since the run's start. */
  now: () => number;
}

export class RunRecorder {
  readonly #options: RecorderOptions;
  readonly #path: string;
  readonly #count: () => MachineCounts;
  readonly #startCpu = ownCpu();
  readonly #sums = { inputBytes: 0, shuffleBytes: 0, tileBytes: 0 };
  readonly #rows = new SpilledRows();
  #lines: string[] = [];
  #running = 0;
  #waiting = 0;
  #progress: Extract<RunEvent, { type: 'progress' }> | null = null;
  #timer: NodeJS.Timeout | undefined;
  /** Nothing is written of a run that has no task. */
  #worthIt = false;
  #broken = false;
  #spentMs = 0;

  constructor(options: RecorderOptions) {
    const started = performance.now();
    const { folder, runId, executor, input, phases } = options;
    const startedAt = new Date(Date.now() - options.now() * 1000).toISOString();
    this.#options = options;
    this.#path = recordPath(folder, startedAt, runId);
    this.#count = machineCounter(diskOf(folder));
    const { label, slots } = executor;
    this.#add({
      ...{ type: 'run', version: 1, tilewright: packageVersion(), runId, startedAt, folder },
      ...{
        executor: label,
        slots,
        phases: [...phases],
        machine: describeMachine(),
        output: fileSystemOf(folder),
      },
      input: input === null ? null : fileSystemOf(input),
    } satisfies RunLine);
    this.#sample();
    this.#spentMs += performance.now() - started;
  }

  note(event: RunEvent): void {
    const started = performance.now();
    switch (event.type) {
      case 'run-started':
      case 'run-ended':
        return;
      case 'progress':
        // Thousands a second: the last one before a sample is kept.
        this.#progress = event;
        return;
      case 'phase-ended':
        this.#addProgress();
        break;
      case 'phase-started':
        this.#waiting = event.tasks;
        this.#running = 0;
        break;
      case 'task-started':
        this.#running++;
        this.#waiting -= event.counts ?? 1;
        this.#begin();
        break;
      case 'task-ended':
        if (event.startedAt !== null) this.#running--;
        if (event.retried) this.#waiting += event.counts ?? 1;
        this.#addUp(event);
    }
    this.#add(event);
    this.#spentMs += performance.now() - started;
  }

  #addUp(event: Extract<RunEvent, { type: 'task-ended' }>): void {
    if (event.usage === null) return;
    const { notes } = event.usage;
    if (readsInputs(event)) this.#sums.inputBytes += event.bytes;
    this.#sums.shuffleBytes += notes['shuffleBytes'] ?? 0;
    this.#sums.tileBytes += notes['tileBytes'] ?? 0;
    this.#rows.note(event);
  }

  /** Takes samples from now on. */
  #begin(): void {
    if (this.#worthIt) return;
    this.#worthIt = true;
    const look = (): void => {
      const started = performance.now();
      this.#sample();
      this.#flush();
      this.#spentMs += performance.now() - started;
      const interval = this.#options.now() < FIRST_SECONDS ? FIRST_INTERVAL_MS : INTERVAL_MS;
      this.#timer = setTimeout(look, interval).unref();
    };
    look();
  }

  #addProgress(): void {
    if (this.#progress !== null) this.#add(this.#progress);
    this.#progress = null;
  }

  #sample(): void {
    this.#addProgress();
    const { user, system } = process.cpuUsage();
    this.#add({
      type: 'sample',
      at: this.#options.now(),
      ...this.#count(),
      processCpuMs: (user + system) / 1000,
      processMemory: residentMemory(),
      workers: this.#options.executor.workers ?? null,
      running: this.#running,
      waiting: Math.max(0, this.#waiting),
    });
  }

  #add(line: RecordLine): void {
    this.#lines.push(`${JSON.stringify(line)}\n`);
  }

  #flush(): void {
    if (this.#broken) return;
    try {
      makeRecordsFolder(this.#options.folder);
      appendFileSync(this.#path, this.#lines.join(''));
    } catch {
      this.#broken = true;
    }
    this.#lines = [];
  }

  /** Measures the disk too. Returns the record's path; null if there is none. */
  end(end: Pick<EndLine, 'state' | 'error' | 'made' | 'judged'>): string | null {
    clearTimeout(this.#timer);
    this.#tidy();
    if (!this.#worthIt) return null;
    const started = performance.now();
    this.#sample();
    const { now } = this.#options;
    const at = now();
    const budget = Math.min(DISK_MOST_MS, Math.max(DISK_LEAST_MS, at * 1000 * DISK_SHARE));
    const disk = measureDiskSpeed(dirname(this.#path), budget);
    this.#spentMs += performance.now() - started;
    this.#add({
      type: 'end',
      at,
      ...end,
      ...this.#sums,
      rowBytes: this.#rows.rowBytes,
      spilled: { ...this.#rows.spilled },
      coordinatorCpu: (ownCpu() - this.#startCpu) / 1000,
      peakMemory: process.resourceUsage().maxRSS * 1024,
      disk,
      recording: this.#spentMs / 1000,
    });
    this.#flush();
    return this.#broken ? null : this.#path;
  }

  #tidy(): void {
    try {
      forgetOldRecords(this.#options.folder);
    } catch {
      // The next run has another go at it.
    }
  }
}

/** CPU time of this thread, in milliseconds. */
function ownCpu(): number {
  const { cpuUser, cpuSystem } = readThreadCounts();
  return cpuUser + cpuSystem;
}
