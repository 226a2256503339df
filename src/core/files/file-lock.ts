/** Locks that the operating system takes from a process that dies, however it dies: SQLite's. */

import { type BigIntStats, lstatSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { TilewrightError } from '../errors.ts';
import { sqliteCode, sqliteFault } from '../sqlite-error.ts';
import { kindOf } from './make-folder.ts';

/** `held`: by somebody else. `gone`: there is no such file, or not this one any more. */
export type NoLock = 'held' | 'gone';

/** What SQLite would look at, and might even follow, beside a database. */
const COMPANIONS = ['-journal', '-wal', '-shm'];

/** Referred to for as long as they are held: what is garbage is closed, and would be free. */
const HELD = new Set<FileLock>();

/**
 * An exclusive lock on an empty file, held by one process (or connection) at a time, until it is
 * released, also if its owner forgets it, or until the thread ends. Never open such
 * a file in another way: closing it takes the process's locks away (POSIX, fcntl).
 */
export class FileLock {
  readonly #db: DatabaseSync;

  private constructor(db: DatabaseSync) {
    this.#db = db;
    HELD.add(this);
  }

  /**
   * @param create - whether the file is made if it is not there. Who only wants to know whether
   *   somebody holds the lock makes none: it would be another file than the one that is looked for
   * @throws TilewrightError output-unwritable if the file can't be made or locked, staged-folder if
   *   it is none of ours
   */
  static tryAcquire(path: string, { create = false } = {}): FileLock | NoLock {
    requirePlain(path);
    let before = identityOf(path);
    if (before === null && create) {
      makeEmpty(path);
      before = identityOf(path);
    }
    if (before === null) return 'gone';
    let db: DatabaseSync | undefined;
    try {
      // Two that try at the same moment would both be refused: one of them waits for the other.
      db = new DatabaseSync(urlOf(path, 'rw'), { timeout: 20 });
      // Without a journal in a file: a process that dies would leave it there.
      db.exec('pragma journal_mode = memory; begin exclusive');
    } catch (error) {
      db?.close();
      // SQLITE_BUSY
      if (sqliteCode(error) === 5) return 'held';
      if (identityOf(path) === null) return 'gone';
      throw unlockable(error, path);
    }
    const lock = new FileLock(db);
    // Removed meanwhile: what is locked has no name any more, and keeps nobody out.
    if (before === identityOf(path)) return lock;
    lock.release();
    return 'gone';
  }

  /**
   * Waits until the lock is free.
   * @param onWait - called once if it is not free at once
   * @param stopped - asked now and then; when it says yes, the wait ends with `interrupted`
   */
  static async acquire(
    path: string,
    onWait: () => void,
    stopped: () => boolean,
  ): Promise<FileLock> {
    for (let attempt = 0; ; attempt++) {
      const lock = FileLock.tryAcquire(path, { create: true });
      if (lock instanceof FileLock) return lock;
      if (attempt === 0 && lock === 'held') onWait();
      await setTimeout(Math.min(20 + 10 * attempt, 250));
      if (stopped()) {
        throw new TilewrightError('interrupted', 'Stopped while another run had the staged folder');
      }
    }
  }

  release(): void {
    HELD.delete(this);
    if (this.#db.isTransaction) this.#db.exec('rollback');
    this.#db.close();
  }
}

function urlOf(path: string, mode: 'rw' | 'rwc'): URL {
  const url = pathToFileURL(path);
  url.searchParams.set('mode', mode);
  return url;
}

function makeEmpty(path: string): void {
  try {
    new DatabaseSync(urlOf(path, 'rwc')).close();
  } catch (error) {
    throw unlockable(error, path);
  }
}

function unlockable(error: unknown, path: string): TilewrightError {
  return sqliteFault(error, path, 'output-unwritable', `${path} can't be locked`);
}

/** What no two files have in common while either is open; null if there is none. */
export function identityOf(path: string): string | null {
  const there = lstatSync(path, { bigint: true, throwIfNoEntry: false }) as BigIntStats | undefined;
  return there === undefined ? null : `${there.dev}:${there.ino}`;
}

/** A link would have its target locked or made, and what lies beside a database is acted on. */
function requirePlain(path: string): void {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there !== undefined && (!there.isFile() || there.size > 0)) {
    const what = there.isFile() ? 'not empty' : kindOf(there);
    throw new TilewrightError(
      'staged-folder',
      `${path} is ${what}: Tilewright locks an empty file there. Remove it if nothing is at work there`,
    );
  }
  for (const end of COMPANIONS) {
    if (lstatSync(path + end, { throwIfNoEntry: false }) === undefined) continue;
    throw new TilewrightError(
      'staged-folder',
      `${path}${end} is not Tilewright's. Remove it, or stage into another folder`,
    );
  }
}
