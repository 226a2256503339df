/** Replaces files as a whole: a reader gets the old one or the new one. */

import { randomBytes } from 'node:crypto';
import { closeSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';

const ATTEMPTS = 3;

/**
 * Writes under a name that nobody else has, then renames. Neither follows a link that lies there.
 * Somebody who tidies up may take the temporary file for a dead process's: then it is written again.
 */
export function replaceFile(path: string, data: string | Uint8Array, mode = 0o666): void {
  for (let attempt = 1; ; attempt++) {
    const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
    try {
      const fd = openSync(temporary, 'wx', mode);
      try {
        writeFileSync(fd, data);
      } finally {
        closeSync(fd);
      }
      renameSync(temporary, path);
      return;
    } catch (error) {
      rmSync(temporary, { force: true });
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt === ATTEMPTS) throw error;
    }
  }
}
