/** How a run goes, as far as that can be told from elsewhere. */

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { TilewrightError } from '../../core/errors.ts';
import { hasLiveRuns } from '../folder/staged-folder.ts';
import { type DetachedRun, driverState, readDetached } from './detached.ts';
import { type RunRecord, readRunRecord } from './run-record.ts';
import type { RunState } from './run-state.ts';

export interface RunStatus {
  state: RunState;
  /** Why, in words of Slurm or of the run itself. */
  reason: string | null;
  phase: RunRecord['phase'];
  done: number;
  total: number;
  exitCode: number | null;
  startedAt: string | null;
  updatedAt: string | null;
  /** From its start, or its submission, to now or its end. */
  seconds: number;
  host: string | null;
  pid: number | null;
  jobId: string | null;
  log: string | null;
  /** What was written last, of a run that has not ended well. */
  lastLines: string[];
}

const TAIL_BYTES = 8_192;
const TAIL_LINES = 15;

/** @throws TilewrightError staged-folder if nothing is known of any run there */
export async function runStatus(folder: string): Promise<RunStatus> {
  const status = await lastRun(folder);
  if (status !== null) return status;
  throw new TilewrightError('staged-folder', `Nothing is known of a run into ${folder}`);
}

/** The same; null if nothing is known of any run there. */
export async function lastRun(folder: string): Promise<RunStatus | null> {
  const detached = currentDetached(folder);
  const driver = detached === null ? null : await driverState(detached);
  // After Slurm was asked: a driver writes its last word before it ends.
  const record = readRunRecord(folder);
  if (detached === null && record === null) return null;
  const own = detached === null || record?.jobId === detached.jobId ? record : null;
  const state = stateOf(folder, own, driver?.state ?? null);
  const started = own?.startedAt ?? detached?.submittedAt ?? null;
  const ended = state === 'running' || state === 'queued' ? null : (own?.updatedAt ?? null);
  const bad = state === 'failed' || state === 'lost' || (own?.exitCode ?? 0) !== 0;
  return {
    state,
    reason: state === 'queued' || own === null ? (driver?.reason ?? null) : own.message,
    phase: own?.phase ?? null,
    done: own?.done ?? 0,
    total: own?.total ?? 0,
    exitCode: own?.exitCode ?? null,
    startedAt: started,
    updatedAt: own?.updatedAt ?? null,
    seconds: started === null ? 0 : (timeOf(ended) - timeOf(started)) / 1000,
    host: own?.host ?? null,
    pid: own?.pid ?? null,
    jobId: detached?.jobId ?? own?.jobId ?? null,
    log: detached?.log ?? null,
    lastLines: bad && detached !== null ? lastLines(detached.log) : [],
  };
}

/** The detached run, unless a later run has followed it. */
function currentDetached(folder: string): DetachedRun | null {
  const detached = readDetached(folder);
  const record = readRunRecord(folder);
  if (detached === null || record === null || record.jobId === detached.jobId) return detached;
  return record.startedAt > detached.submittedAt ? null : detached;
}

function stateOf(
  folder: string,
  record: RunRecord | null,
  driver: 'queued' | 'running' | 'ended' | 'unknown' | null,
): RunState {
  // A driver that Slurm puts back into the queue is interrupted, and that is not the end.
  if (driver === 'queued' || driver === 'running') return driver;
  if (record !== null && record.state !== 'running') return record.state;
  if (driver === null) return hasLiveRuns(folder) ? 'running' : 'lost';
  return driver === 'ended' ? 'lost' : driver;
}

/** Milliseconds; null is now. */
function timeOf(text: string | null): number {
  return text === null ? Date.now() : Date.parse(text);
}

function lastLines(path: string): string[] {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    // It has never come to that.
    return [];
  }
  try {
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES));
    const read = readSync(file, bytes, 0, bytes.length, size - bytes.length);
    const lines = bytes.toString('utf8', 0, read).split('\n');
    return lines.filter((line) => line !== '').slice(-TAIL_LINES);
  } finally {
    closeSync(file);
  }
}
