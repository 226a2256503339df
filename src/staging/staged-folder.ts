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

import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { TilewrightError, toTilewrightError } from '../core/errors.ts';
import { formatTilePath } from '../tms/tile-path.ts';
import type { FolderSettings } from './journal.ts';

export const TILE_EXTENSION = '.gpkg';
const PRIVATE = '.tilewright';

export function privateFolder(folder: string): string {
  return join(folder, PRIVATE);
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
    mkdirSync(join(folder, PRIVATE, 'runs'), { recursive: true });
  } catch (error) {
    const known = toTilewrightError(error);
    throw new TilewrightError(
      known.code === 'disk-full' ? 'disk-full' : 'output-unwritable',
      `The staged folder ${folder} can't be made or written to: ${known.message}`,
      { cause: error },
    );
  }
}

/** An exclusive lock on a file, held by one process (or connection) at a time. */
export class FileLock {
  readonly #db: DatabaseSync;

  private constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** Null if someone else holds it. */
  static tryAcquire(path: string): FileLock | null {
    const db = new DatabaseSync(path, { timeout: 0 });
    try {
      db.exec('begin exclusive');
      return new FileLock(db);
    } catch (error) {
      db.close();
      const code = (error as { errcode?: number }).errcode;
      // SQLITE_BUSY
      if (code !== undefined && (code & 0xff) === 5) return null;
      throw new TilewrightError('output-unwritable', `${path} can't be locked: ${String(error)}`, {
        cause: error,
      });
    }
  }

  /** Waits until the lock is free. @param onWait - called once if it is not free at once */
  static async acquire(path: string, onWait: () => void): Promise<FileLock> {
    for (let attempt = 0; ; attempt++) {
      const lock = FileLock.tryAcquire(path);
      if (lock !== null) return lock;
      if (attempt === 0) onWait();
      await setTimeout(Math.min(20 + 10 * attempt, 250));
    }
  }

  release(): void {
    if (this.#db.isTransaction) this.#db.exec('rollback');
    this.#db.close();
  }
}

export function folderLock(folder: string, onWait: () => void): Promise<FileLock> {
  return FileLock.acquire(join(folder, PRIVATE, 'lock.sqlite'), onWait);
}

/** Makes the folder of a run and locks it for as long as the process lives. */
export function beginRun(folder: string, runId: string): FileLock {
  mkdirSync(runFolder(folder, runId), { recursive: true });
  const lock = FileLock.tryAcquire(join(runFolder(folder, runId), 'alive.sqlite'));
  if (lock === null) throw new TilewrightError('internal', `Run ${runId} is already running`);
  return lock;
}

/** Runs whose process is gone, each with its lock, which the caller releases. */
export function deadRuns(folder: string, own: string): { runId: string; lock: FileLock }[] {
  const dead: { runId: string; lock: FileLock }[] = [];
  for (const runId of readdirSync(join(folder, PRIVATE, 'runs'))) {
    if (runId === own) continue;
    let lock: FileLock | null = null;
    try {
      lock = FileLock.tryAcquire(join(runFolder(folder, runId), 'alive.sqlite'));
    } catch {
      // The run ended and removed its folder just now.
      continue;
    }
    if (lock !== null) dead.push({ runId, lock });
  }
  return dead;
}

export function removeRun(folder: string, runId: string): void {
  rmSync(runFolder(folder, runId), { recursive: true, force: true });
}
