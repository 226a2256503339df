/** Locks that the operating system takes from a process that dies, however it dies: SQLite's. */

import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { TilewrightError } from './errors.ts';
import { sqliteCode } from './sqlite-error.ts';

/** An exclusive lock on a file, held by one process (or connection) at a time. */
export class FileLock {
  readonly #db: DatabaseSync;

  private constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /**
   * Null if someone else holds it.
   * @throws TilewrightError output-unwritable if the file can't be made or locked
   */
  static tryAcquire(path: string): FileLock | null {
    let db: DatabaseSync | undefined;
    try {
      // Two that try at the same moment would both be refused: one of them waits for the other.
      db = new DatabaseSync(path, { timeout: 20 });
      // Without a journal in a file: a process that dies would leave it there.
      db.exec('pragma journal_mode = memory; begin exclusive');
      return new FileLock(db);
    } catch (error) {
      db?.close();
      // SQLITE_BUSY
      if (sqliteCode(error) === 5) return null;
      const reason = error instanceof Error ? error.message : String(error);
      throw new TilewrightError('output-unwritable', `${path} can't be locked: ${reason}`, {
        cause: error,
      });
    }
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
      const lock = FileLock.tryAcquire(path);
      if (lock !== null) return lock;
      if (attempt === 0) onWait();
      await setTimeout(Math.min(20 + 10 * attempt, 250));
      if (stopped()) {
        throw new TilewrightError('interrupted', 'Stopped while another run had the staged folder');
      }
    }
  }

  release(): void {
    if (this.#db.isTransaction) this.#db.exec('rollback');
    this.#db.close();
  }
}
