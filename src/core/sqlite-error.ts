/** What SQLite says of an error, whatever runtime it comes through, and what is behind it. */

import { spawnSync } from 'node:child_process';
import { type ErrorCode, TilewrightError, toTilewrightError } from './errors.ts';

/** Deno's node:sqlite gives no result code with an error, so its message has to tell. */
const MESSAGES: readonly (readonly [text: string, code: number])[] = [
  ['database is locked', 5],
  ['attempt to write a readonly database', 8],
  ['disk I/O error', 10],
  ['database disk image is malformed', 11],
  ['database or disk is full', 13],
  ['unable to open database file', 14],
  ['file is not a database', 26],
];

/**
 * SQLite's primary result code (https://www.sqlite.org/rescode.html); undefined if the error is
 * not one of SQLite's.
 */
export function sqliteCode(error: unknown): number | undefined {
  const { errcode, code, message } = (error ?? {}) as Record<string, unknown>;
  if (typeof errcode === 'number') return errcode & 0xff;
  if (code !== 'ERR_SQLITE_ERROR') return undefined;
  const found = MESSAGES.find(([text]) => String(message).includes(text));
  // SQLITE_ERROR, the code of all that has none of its own.
  return found?.[1] ?? 1;
}

/** SQLite takes no longer paths on Unix, with `-journal` at their end (MAX_PATHNAME, in bytes). */
const MAX_PATH = 512 - '-journal'.length;

/** SQLITE_PERM, READONLY, IOERR, CORRUPT, CANTOPEN: behind them may be what the system refuses. */
const OF_THE_SYSTEM: readonly number[] = [3, 8, 10, 11, 14];

/**
 * What SQLite could not do with a file, named by what the system has against it: SQLite itself only
 * says that it can't open a file, or even, if the disk fails, that the file is damaged.
 * @param fallback - code where there is nothing to be found, and for other errors of SQLite
 * @param what - beginning of the message
 */
export function sqliteFault(
  error: unknown,
  path: string,
  fallback: ErrorCode,
  what: string,
): TilewrightError {
  const code = sqliteCode(error);
  if (code === undefined) return toTilewrightError(error, {}, fallback);
  const message = `${what}: ${(error as Error).message}`;
  if (code === 13) {
    return new TilewrightError('disk-full', `No space left on the disk: ${message}`, {
      cause: error,
    });
  }
  const behind = OF_THE_SYSTEM.includes(code) ? findCause(path) : null;
  if (behind !== null) {
    return new TilewrightError(behind.code, `${what}. ${behind.message}`, { cause: error });
  }
  if (code === 14 && Buffer.byteLength(path) > MAX_PATH) {
    const long = `its path is longer than SQLite takes (${MAX_PATH} bytes). Choose a shorter one`;
    return new TilewrightError(fallback, `${what}: ${long}`, { cause: error });
  }
  if (code === 10) {
    const perhaps =
      'Reading it works, so perhaps it may not grow (`ulimit -f`), or the disk fails: see the ' +
      "system's log. When that is mended, run the same command again";
    return new TilewrightError('disk-fault', `${message}. ${perhaps}`, { cause: error });
  }
  return new TilewrightError(fallback, message, { cause: error });
}

/** Reads the file to its end; prints what the system says if that, or writing, is refused. */
const PROBE = `
  const fs = require('fs'), path = process.argv[1], above = require('path').dirname(path);
  try {
    fs.lstatSync(above);
    if (fs.lstatSync(path, { throwIfNoEntry: false }) !== undefined) {
      const fd = fs.openSync(path, 'r'), bytes = Buffer.alloc(1 << 20);
      while (fs.readSync(fd, bytes) > 0);
      fs.accessSync(path, fs.constants.W_OK);
    }
    fs.accessSync(above, fs.constants.W_OK);
  } catch ({ code, message, syscall }) {
    console.log(JSON.stringify({ code, message, syscall }));
  }`;

/**
 * What the system has against reading and writing a database. In another process: to close a file
 * here would take the locks away that SQLite may have on it.
 */
function findCause(path: string): TilewrightError | null {
  const { error, stdout } = spawnSync(process.execPath, ['-e', PROBE, path], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 20_000,
  });
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  if (code === 'EMFILE' || code === 'ENFILE' || code === 'ENOMEM') {
    return toTilewrightError({ code, message: 'no other file can be opened' });
  }
  if (error !== undefined || !stdout.startsWith('{')) return null;
  const { message, ...rest } = JSON.parse(stdout) as { message: string };
  return toTilewrightError(Object.assign(new Error(message), rest));
}
