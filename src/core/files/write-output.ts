/** Writes a file where somebody asked for it. */

import { existsSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { TilewrightError, toTilewrightError } from '../errors.ts';
import { causeText } from '../system-causes.ts';

/** @throws TilewrightError output-unwritable, disk-full and the like, with what is in the way */
export function writeOutput(path: string, data: string | Uint8Array): void {
  try {
    writeFileSync(path, data);
  } catch (cause) {
    const { code } = toTilewrightError(cause, {}, 'output-unwritable');
    const folder = dirname(path);
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT' && !existsSync(folder);
    const reason = missing ? `there is no folder ${folder}` : causeText(cause);
    throw new TilewrightError(code, `${path} can't be written: ${reason}`, { cause });
  }
}
