/**
 * Where things are in a staged folder, and who may change them.
 *
 *   WGS1984Quad/13/1218/895.gpkg   tiles
 *   staging_summary.csv
 *   .tilewright/journal.sqlite     what has been committed
 *   .tilewright/lock.sqlite        locked while tiles are written
 *   .tilewright/runs/ID/           shuffle files of a run; alive.sqlite is locked while it lives
 *
 * Locks are SQLite's: the operating system takes them from a process that dies, however it dies.
 */

import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TilewrightError, toTilewrightError } from '../core/errors.ts';
import { FileLock } from '../core/file-lock.ts';
import { formatTilePath } from '../tms/tile-path.ts';
import type { FolderSettings } from './journal.ts';

export const TILE_EXTENSION = '.gpkg';
const PRIVATE = '.tilewright';
const BEGIN_ATTEMPTS = 10;

export function privateFolder(folder: string): string {
  return join(folder, PRIVATE);
}

/** For what executors and their workers write. */
export function parallelFolder(folder: string): string {
  return join(folder, PRIVATE, 'parallel');
}

export function journalPath(folder: string): string {
  return join(folder, PRIVATE, 'journal.sqlite');
}

export function runFolder(folder: string, runId: string): string {
  return join(folder, PRIVATE, 'runs', runId);
}

/** Path of a tile below the staged folder. */
export function tilePath(settings: FolderSettings, x: number, y: number): string {
  const { style, tms, z, tilePathStructure } = settings;
  return formatTilePath({ style, tms, z, x, y }, tilePathStructure, TILE_EXTENSION);
}

/** The layer is named after the stem of its file. */
export function layerName(settings: FolderSettings, x: number, y: number): string {
  return String({ x, y, z: settings.z }[settings.tilePathStructure.at(-1) as 'x' | 'y' | 'z']);
}

/** Makes the staged folder and what is private in it. @throws TilewrightError output-unwritable */
export function makeStagedFolder(folder: string): void {
  try {
    makeFolder(join(folder, PRIVATE, 'runs'));
  } catch (error) {
    throw unwritable(folder, error);
  }
}

/**
 * Makes a folder and those above it. Node's own way never ends where a folder that exists refuses
 * to hold others by saying that it does not exist, as /proc does.
 */
function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && statSync(path).isDirectory()) return;
    if (code !== 'ENOENT' || existsSync(dirname(path))) throw error;
    makeFolder(dirname(path));
    makeFolder(path);
  }
}

/** Held while tiles or what the journal says of them change. For its parameters see FileLock. */
export function folderLock(
  folder: string,
  onWait: () => void = () => undefined,
  stopped: () => boolean = () => false,
): Promise<FileLock> {
  return FileLock.acquire(join(folder, PRIVATE, 'lock.sqlite'), onWait, stopped);
}

/** A run's own folder, and the lock that tells others that it lives. */
export interface RunHandle {
  runId: string;
  lock: FileLock;
}

/** Makes a folder for a new run and locks it for as long as the process lives. */
export function beginRun(folder: string): RunHandle {
  for (let attempt = 1; ; attempt++) {
    const runId = randomUUID();
    const alive = alivePath(folder, runId);
    let lock: FileLock | null = null;
    try {
      mkdirSync(dirname(alive), { recursive: true });
      lock = FileLock.tryAcquire(alive);
    } catch (error) {
      if (attempt === BEGIN_ATTEMPTS) throw unwritable(folder, error);
    }
    // Before it was locked, another run may have taken the folder for one that a dead run left,
    // and may have removed it: then this is a lock on nothing.
    if (lock !== null && existsSync(alive)) return { runId, lock };
    lock?.release();
    removeRun(folder, runId);
    if (attempt === BEGIN_ATTEMPTS) {
      throw new TilewrightError('output-unwritable', `No run can be begun in ${folder}`);
    }
  }
}

/** Ends a run: its folder is removed, unless it has shuffle files that the next run can use. */
export function endRun(folder: string, { runId, lock }: RunHandle): void {
  if (shufflesOf(folder, runId).length === 0) removeRun(folder, runId);
  lock.release();
}

/** Calls `visit` with each run whose process is gone, which nobody else can take meanwhile. */
export function visitDeadRuns(folder: string, visit: (runId: string) => void): void {
  for (const runId of runIds(folder)) {
    const lock = lockOfDeadRun(folder, runId);
    if (!(lock instanceof FileLock)) continue;
    try {
      visit(runId);
    } finally {
      lock.release();
    }
  }
}

/** Whether a process is at work in the staged folder. */
export function hasLiveRuns(folder: string): boolean {
  return runIds(folder).some((runId) => {
    const lock = lockOfDeadRun(folder, runId);
    if (lock instanceof FileLock) lock.release();
    return lock === 'alive';
  });
}

function lockOfDeadRun(folder: string, runId: string): FileLock | 'alive' | 'gone' {
  try {
    return FileLock.tryAcquire(alivePath(folder, runId)) ?? 'alive';
  } catch (error) {
    // The run may have ended and removed its folder just now.
    if (!existsSync(runFolder(folder, runId))) return 'gone';
    throw error;
  }
}

function runIds(folder: string): string[] {
  return namesIn(join(folder, PRIVATE, 'runs')).filter((name) =>
    statSync(runFolder(folder, name), { throwIfNoEntry: false })?.isDirectory(),
  );
}

/** Names of a run's finished shuffle files; none if its folder is gone. */
export function shufflesOf(folder: string, runId: string): string[] {
  return namesIn(runFolder(folder, runId)).filter((name) => name.endsWith('.shuffle'));
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/**
 * Gives the folder of a run that is committed another name. A task of the run that still goes on
 * somewhere, because its engine lost track of it, finds its folder no more: it can't rename a tile
 * out of it, over one that a later run has written.
 */
export function retireRun(folder: string, runId: string): { runId: string; folder: string } {
  const retired = `${runId}.done`;
  renameSync(runFolder(folder, runId), runFolder(folder, retired));
  return { runId: retired, folder: runFolder(folder, retired) };
}

/**
 * Removes a run's folder. What can't be removed, perhaps because another process looks at it, stays
 * for the next run to remove.
 */
export function removeRun(folder: string, runId: string): void {
  try {
    // Again, if a late task writes into it just now.
    rmSync(runFolder(folder, runId), { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOTEMPTY' && code !== 'EBUSY' && code !== 'EPERM') throw error;
  }
}

function alivePath(folder: string, runId: string): string {
  return join(runFolder(folder, runId), 'alive.sqlite');
}

function unwritable(folder: string, error: unknown): TilewrightError {
  const known = toTilewrightError(error);
  return new TilewrightError(
    known.code === 'disk-full' ? 'disk-full' : 'output-unwritable',
    `The staged folder ${folder} can't be made or written to: ${known.message}`,
    { cause: error },
  );
}
