/** Follows a log that another machine appends to. */

import { open } from 'node:fs/promises';
import type { z } from 'zod';
import { TilewrightError } from '../../../core/errors.ts';
import { MAX_RESULT_LENGTH } from '../../inside/call.ts';
import { readerOf } from '../../messages.ts';

const CHUNK = 1 << 20;
const NEWLINE = 10;
/** Bytes of a line, in which a result's units take three, and its quotes are escaped. */
const MAX_LINE = 6 * MAX_RESULT_LENGTH + 4096;

export class LogReader<T> {
  readonly #path: string;
  readonly #line: (text: string) => T | null;
  readonly #maxLine: number;
  /** Where the first line begins that was not read yet. */
  #offset = 0;

  /** @param schema - of each line, as JSON */
  constructor(path: string, schema: z.ZodType<T>, maxLine = MAX_LINE) {
    this.#path = path;
    this.#line = readerOf(schema);
    this.#maxLine = maxLine;
  }

  /**
   * Lines that have come since the last call; of very many only the first. The file is opened each
   * time, because a file system of several machines shows what others have written to who opens it
   * after that.
   * @throws TilewrightError scheduler for a line that no element of ours writes
   */
  async read(): Promise<T[]> {
    const file = await open(this.#path, 'r');
    try {
      const { size } = await file.stat();
      const parts: Buffer[] = [];
      let position = this.#offset;
      const limit = Math.min(size, position + this.#maxLine);
      while (position < limit) {
        const part = Buffer.allocUnsafe(Math.min(CHUNK, limit - position));
        const { bytesRead } = await file.read(part, 0, part.length, position);
        if (bytesRead === 0) break;
        parts.push(part.subarray(0, bytesRead));
        position += bytesRead;
      }
      const all = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
      // Where what was written last has arrived first, there are zeros before it for a moment.
      const hole = all.indexOf(0);
      const bytes = hole < 0 ? all : all.subarray(0, hole);
      const end = bytes.lastIndexOf(NEWLINE) + 1;
      if (end === 0 && bytes.length >= this.#maxLine) throw this.#unreadable();
      const lines = bytes.toString('utf8', 0, end).split('\n');
      const events = lines.filter((line) => line !== '').map(this.#line);
      if (events.includes(null)) throw this.#unreadable();
      this.#offset += end;
      return events as T[];
    } finally {
      await file.close();
    }
  }

  #unreadable(): TilewrightError {
    return new TilewrightError('scheduler', `${this.#path} is not as an element writes it`);
  }
}
