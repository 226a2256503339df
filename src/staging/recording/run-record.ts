/**
 * What a run tells of itself in its staged folder, for whoever looks from elsewhere:
 * `.tilewright/run.json`, replaced as a whole about once a second, and once more at the end.
 */

import { readFileSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { replaceFile } from '../../core/files/replace-file.ts';
import { isAbsent } from '../../core/system-causes.ts';
import { privateFolder, requireOwn } from '../folder/staged-folder.ts';
import type { EndState, RunEvent } from '../telling/events.ts';
import { isPhase, type Phase } from '../telling/phases.ts';

const INTERVAL_MS = 1_000;
/** More than the longest message. */
const MOST_BYTES = 1 << 20;
const STATES: ReadonlySet<unknown> = new Set<RunRecord['state']>([
  'running',
  'finished',
  'failed',
  'interrupted',
  'cancelled',
]);

export interface RunRecord {
  /** `finished`: everything is staged, but for inputs that failed; others: it ended before. */
  state: 'running' | EndState | 'cancelled';
  /** Null until there is something to do. */
  phase: Phase | null;
  done: number;
  total: number;
  host: string;
  pid: number;
  /** The Slurm job that it is in. */
  jobId: string | null;
  /** ISO 8601. */
  startedAt: string;
  updatedAt: string;
  /** Null while it runs. */
  exitCode: number | null;
  /** What it said at its end. */
  message: string | null;
}

function runRecordPath(folder: string): string {
  return join(privateFolder(folder), 'run.json');
}

/** Null if no run has told anything yet, or something else than a run has. */
export function readRunRecord(folder: string): RunRecord | null {
  try {
    requireOwn(folder);
    const path = runRecordPath(folder);
    if (statSync(path).size > MOST_BYTES) return null;
    const record: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isRunRecord(record) ? record : null;
  } catch (error) {
    // Two runs may write at once, and a reader may come in between.
    if (error instanceof SyntaxError) return null;
    if (isAbsent(error)) return null;
    throw error;
  }
}

/** The folder may come from somebody else. */
function isRunRecord(value: unknown): value is RunRecord {
  if (typeof value !== 'object' || value === null) return false;
  const record = value as Record<keyof RunRecord, unknown>;
  const texts = [record.host, record.startedAt, record.updatedAt];
  const numbers = [record.done, record.total, record.pid];
  return (
    STATES.has(record.state) &&
    (record.phase === null || isPhase(record.phase)) &&
    texts.every((text) => typeof text === 'string') &&
    numbers.every(Number.isFinite) &&
    [record.startedAt, record.updatedAt].every((time) =>
      Number.isFinite(Date.parse(time as string)),
    ) &&
    [record.jobId, record.message].every((text) => text === null || typeof text === 'string') &&
    (record.exitCode === null || Number.isFinite(record.exitCode))
  );
}

function writeRunRecord(folder: string, record: RunRecord): void {
  requireOwn(folder);
  replaceFile(runRecordPath(folder), JSON.stringify(record));
}

/**
 * Keeps the record of this process's run. It begins with the run's first phase: a command that is
 * refused before leaves what is known of the last run as it is.
 */
export class RunReporter {
  readonly #folder: string;
  #record: RunRecord;
  #writtenAt = Number.NEGATIVE_INFINITY;
  #begun = false;

  /** @param folder - the staged folder; it need not exist yet */
  constructor(folder: string) {
    const now = new Date().toISOString();
    this.#folder = folder;
    this.#record = {
      ...{ state: 'running', phase: null, done: 0, total: 0 },
      ...{ host: hostname(), pid: process.pid, jobId: process.env['SLURM_JOB_ID'] ?? null },
      ...{ startedAt: now, updatedAt: now, exitCode: null, message: null },
    };
  }

  /** Tells of the run although it has no phase yet. */
  begin(): void {
    this.#begun = true;
    this.#write();
  }

  update(event: RunEvent): void {
    if (event.type === 'phase-started') {
      const { phase, total } = event;
      this.#begun = true;
      this.#record = { ...this.#record, phase, done: 0, total };
      this.#write();
    } else if (event.type === 'progress') {
      const { phase, done, total } = event;
      this.#record = { ...this.#record, phase, done, total };
      if (performance.now() - this.#writtenAt >= INTERVAL_MS) this.#write();
    }
  }

  end(state: EndState, exitCode: number, message: string): void {
    this.#record = { ...this.#record, state, exitCode, message };
    if (this.#begun) this.#write();
  }

  /** What it tells is not worth failing for. Nor is a folder made for it: there may be none yet. */
  #write(): void {
    this.#writtenAt = performance.now();
    this.#record.updatedAt = new Date().toISOString();
    try {
      writeRunRecord(this.#folder, this.#record);
    } catch {
      // A disk that is full says so to the run itself.
    }
  }
}

/**
 * Notes that a run was ended from elsewhere.
 * @param jobId - its Slurm job; null for one that was not detached
 */
export function markCancelled(folder: string, jobId: string | null): void {
  const last = readRunRecord(folder);
  const now = new Date().toISOString();
  writeRunRecord(folder, {
    ...{ phase: null, done: 0, total: 0, host: '', pid: 0, startedAt: now },
    ...(last?.jobId === jobId && last),
    ...{ jobId, state: 'cancelled', exitCode: 130, message: null, updatedAt: now },
  });
}
