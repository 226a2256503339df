/**
 * Where things are in a staged folder, and who may change them.
 *
 *   WGS1984Quad/13/1218/895.gpkg   tiles
 *   staging_summary.csv
 *   .tilewright/journal.sqlite     what has been committed
 *   .tilewright/tiles/             tiles that wait for being packed
 *   .tilewright/lock.sqlite        locked while tiles are written
 *   .tilewright/runs/ID/           what a run has made so far; alive.sqlite is locked while it lives
 *
 * Locks are SQLite's: the operating system takes them from a process that dies, however it dies.
 */

import { randomUUID } from 'node:crypto';
import { lstatSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { FileLock } from '../../core/files/file-lock.ts';
import {
  foldersIn,
  isOwned,
  makeLockedFolder,
  removeLockedFolder,
  takeDeadFolder,
} from '../../core/files/locked-folder.ts';
import { makeFolder, notOwn } from '../../core/files/make-folder.ts';

export const PRIVATE = '.tilewright';
/** Name of a run's folder; `.done` when its run is committed. */
const RUN_NAME = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(\.done)?$/;

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

export function isRunId(text: unknown): boolean {
  return typeof text === 'string' && RUN_NAME.test(text);
}

/** @throws TilewrightError staged-folder for an identifier that no run has */
export function runFolder(folder: string, runId: string): string {
  if (isRunId(runId)) return join(runsFolder(folder), runId);
  throw new TilewrightError(
    'staged-folder',
    `The journal of ${folder} names a run ${JSON.stringify(runId)}, which is no run's name: it was ` +
      'not written by Tilewright. Stage into another folder',
  );
}

function runsFolder(folder: string): string {
  return join(folder, PRIVATE, 'runs');
}

/**
 * Makes the staged folder and what is private in it.
 * @throws TilewrightError output-unwritable, staged-folder as `requireOwn`
 */
export function makeStagedFolder(folder: string): void {
  try {
    makeFolder(folder);
    requireOwn(folder);
    makeFolder(runsFolder(folder));
  } catch (error) {
    throw unwritable(folder, error);
  }
}

/**
 * Refuses a staged folder whose private part leads elsewhere: it may come from somebody else, and
 * what is written and removed by way of it must be in it.
 * @throws TilewrightError staged-folder for anything in it that is neither file nor folder
 */
export function requireOwn(folder: string): void {
  const place = privateFolder(folder);
  const own = lstatSync(place, { throwIfNoEntry: false });
  if (own === undefined) return;
  if (!own.isDirectory()) throw notOwn(place, own, 'folder');
  for (const entry of readdirSync(place, { withFileTypes: true })) {
    if (entry.isFile() || entry.isDirectory()) continue;
    const path = join(place, entry.name);
    const there = lstatSync(path, { throwIfNoEntry: false });
    // Some file systems don't tell the kind with the name.
    if (there === undefined || there.isFile() || there.isDirectory()) continue;
    throw notOwn(path, there, entry.name.includes('.') ? 'file' : 'folder');
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
  try {
    const { name, lock } = makeLockedFolder(runsFolder(folder), randomUUID);
    return { runId: name, lock };
  } catch (error) {
    throw unwritable(folder, error);
  }
}

/** Ends a run: its folder is removed, unless it has what the next run can use. */
export function endRun(folder: string, { runId, lock }: RunHandle): void {
  if (recordsOf(folder, runId).length === 0) removeRun(folder, runId);
  removeRun(folder, retiredName(runId));
  lock.release();
}

/** Calls `visit` with each run whose process is gone, which nobody else can take meanwhile. */
export function visitDeadRuns(folder: string, visit: (runId: string) => void): void {
  for (const runId of runIds(folder)) {
    const lock = takeDeadFolder(runFolder(folder, runId));
    if (!(lock instanceof FileLock)) continue;
    try {
      visit(runId);
    } finally {
      lock.release();
    }
  }
}

/**
 * Removes folders of dead runs that have nothing for the next one, so that their late tasks don't find
 * them any more; runs whose slices somebody can take over stay.
 */
export function removeSpentRuns(folder: string): void {
  removeLeftOvers(folder);
  visitDeadRuns(folder, (dead) => {
    const isRetired = dead.endsWith(RETIRED);
    if (isRetired || recordsOf(folder, dead).length === 0) removeRun(folder, dead);
  });
}

/** Whether a process is at work in the staged folder. */
export function hasLiveRuns(folder: string): boolean {
  return liveRuns(folder).length > 0;
}

/** Runs that processes are at work on in the staged folder. */
export function liveRuns(folder: string): string[] {
  const live = runIds(folder).filter((runId) => isOwned(runFolder(folder, runId)));
  return live.map((runId) => runId.replace(/\.done$/, ''));
}

function runIds(folder: string): string[] {
  return foldersIn(runsFolder(folder)).filter((name) => RUN_NAME.test(name));
}

/** What a run's folder has: records of groups, shuffle files, built tiles. */
const RECORD_NAME = /^[0-9a-f]{32}\.record$/;
const SHUFFLE_NAME = /^[0-9a-f]{32}\.shuffle$/;
const BUILT_NAME = /^[0-9a-f]{32}\.tile$/;

export function isRecordName(name: string): boolean {
  return RECORD_NAME.test(name);
}

export function isShuffleName(name: string): boolean {
  return SHUFFLE_NAME.test(name);
}

export function isBuiltName(name: string): boolean {
  return BUILT_NAME.test(name);
}

/** Whether a file of that name is what groups have made. */
export function isOfRun(name: string): boolean {
  return isRecordName(name) || isShuffleName(name) || isBuiltName(name);
}

/** Names of a run's records; none if its folder is gone. */
export function recordsOf(folder: string, runId: string): string[] {
  return namesIn(runFolder(folder, runId)).filter(isRecordName);
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
 * @returns the folder's path from then on
 */
export function retireRun(folder: string, runId: string): string {
  const retired = runFolder(folder, retiredName(runId));
  renameSync(runFolder(folder, runId), retired);
  return retired;
}

const RETIRED = '.done';

/** Name of a run's folder once the run is committed. */
export function retiredName(runId: string): string {
  return `${runId}${RETIRED}`;
}

const LEFT_OF_CLEANING = /^\.tilewright\.[0-9a-f]{12}\.gone$/;
const LEFT_OF_WRITING = /\.[0-9a-f]{12}\.tmp$/;

/**
 * Removes what processes that were killed have left beside the folders of their runs: files that were
 * to replace others, and private folders that were being removed. The writer of such a file, if he
 * lives, writes it again.
 */
export function removeLeftOvers(folder: string): void {
  for (const [place, left] of [
    [folder, LEFT_OF_CLEANING],
    [privateFolder(folder), LEFT_OF_WRITING],
  ] as const) {
    for (const name of namesIn(place)) {
      if (left.test(name)) rmSync(join(place, name), { recursive: true, force: true });
    }
  }
}

/** Removes a run's folder, as far as that is possible now: the next run removes the rest. */
export function removeRun(folder: string, runId: string): void {
  removeLockedFolder(runFolder(folder, runId));
}

function unwritable(folder: string, error: unknown): TilewrightError {
  if (error instanceof TilewrightError && error.code === 'staged-folder') return error;
  const known = toTilewrightError(error, {}, 'output-unwritable');
  const isTaken = (error as NodeJS.ErrnoException).code === 'EEXIST';
  return new TilewrightError(
    known.code,
    `The staged folder ${folder} can't be made or written to: ` +
      (isTaken ? 'A file of that name is there, or a link that leads nowhere' : known.message),
    { cause: error },
  );
}
