/** Follows the record of a run that goes on: each look gives the lines that were added since. */

import { closeSync, fstatSync, readSync } from 'node:fs';
import { TilewrightError } from '../../core/errors.ts';
import { openOwn } from '../../core/files/regular-file.ts';
import { checkedLine } from './record-checks.ts';
import type { RecordLine } from './record-lines.ts';

const BLOCK_BYTES = 1 << 18;
/** More at a time is left for the next look. */
const LOOK_BYTES = 1 << 26;
/** No line is as long: names of files and messages of errors are not. */
const LINE_BYTES = 1 << 20;

export class RecordTail {
  readonly path: string;
  /** Milliseconds since 1970 of the file's last change, by the clock of its disk. */
  changedAt = 0;
  #offset = 0;
  #rest: Buffer = Buffer.alloc(0);

  constructor(path: string) {
    this.path = path;
  }

  /**
   * Calls back with each line that has come since the last look; a line that is being written is
   * left for the next.
   * @throws TilewrightError staged-folder for a file that is no record; the system's own errors
   */
  look(line: (line: RecordLine) => void): void {
    const fd = openOwn(this.path);
    try {
      const stats = fstatSync(fd);
      if (!stats.isFile()) throw this.#noRecord();
      this.changedAt = stats.mtimeMs;
      const end = Math.min(stats.size, this.#offset + LOOK_BYTES);
      while (this.#offset < end) {
        const block = Buffer.alloc(Math.min(BLOCK_BYTES, end - this.#offset));
        const read = readSync(fd, block, 0, block.length, this.#offset);
        if (read === 0) return;
        this.#offset += read;
        this.#split(Buffer.concat([this.#rest, block.subarray(0, read)]), line);
      }
    } finally {
      closeSync(fd);
    }
  }

  #split(bytes: Buffer, line: (line: RecordLine) => void): void {
    let from = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
      line(this.#parse(bytes.toString('utf8', from, end)));
      from = end + 1;
    }
    this.#rest = bytes.subarray(from);
    if (this.#rest.length > LINE_BYTES) throw this.#noRecord();
  }

  #parse(text: string): RecordLine {
    try {
      return checkedLine(JSON.parse(text));
    } catch (cause) {
      throw this.#noRecord(cause);
    }
  }

  #noRecord(cause?: unknown): TilewrightError {
    const message = `${this.path} is no record of a run, or was written by a later version of tilewright`;
    return new TilewrightError('staged-folder', message, { cause });
  }
}
