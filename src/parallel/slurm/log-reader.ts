/** Follows a log that another machine appends to. */

import { open } from 'node:fs/promises';

const CHUNK = 1 << 20;
const NEWLINE = 10;

export class LogReader<T> {
  readonly #path: string;
  /** Where the first line begins that was not read yet. */
  #offset = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Lines that have come since the last call. The file is opened each time, because a file system
   * of several machines shows what others have written to who opens it after that.
   */
  async read(): Promise<T[]> {
    const file = await open(this.#path, 'r');
    try {
      const { size } = await file.stat();
      const parts: Buffer[] = [];
      let position = this.#offset;
      while (position < size) {
        const part = Buffer.allocUnsafe(Math.min(CHUNK, size - position));
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
      this.#offset += end;
      const lines = bytes.toString('utf8', 0, end).split('\n');
      return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as T);
    } finally {
      await file.close();
    }
  }
}
