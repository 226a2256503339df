/** Writes files where somebody asked for them. */

import { closeSync, existsSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { TilewrightError, toTilewrightError } from '../errors.ts';
import { causeText } from '../system-causes.ts';

/** @throws TilewrightError output-unwritable, disk-full and the like, with what is in the way */
export function writeOutput(path: string, data: string | Uint8Array): void {
  orSay(path, () => writeFileSync(path, data));
}

const BLOCK = 1 << 16;

/** The same, a piece after the other. A file that is there is replaced. */
export class OutputText {
  readonly #path: string;
  readonly #fd: number;
  #pending = '';

  constructor(path: string) {
    this.#path = path;
    this.#fd = orSay(path, () => openSync(path, 'w'));
  }

  write(text: string): void {
    this.#pending += text;
    if (this.#pending.length >= BLOCK) this.#flush();
  }

  #flush(): void {
    const bytes = Buffer.from(this.#pending);
    this.#pending = '';
    orSay(this.#path, () => {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#fd, bytes, done);
    });
  }

  end(): void {
    this.#flush();
  }

  close(): void {
    closeSync(this.#fd);
  }
}

function orSay<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (cause) {
    const { code } = toTilewrightError(cause, {}, 'output-unwritable');
    const folder = dirname(path);
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT' && !existsSync(folder);
    const reason = missing ? `there is no folder ${folder}` : causeText(cause);
    throw new TilewrightError(code, `${path} can't be written: ${reason}`, { cause });
  }
}
