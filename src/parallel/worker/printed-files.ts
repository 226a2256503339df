/**
 * What is written to this process's own standard output and error, past its threads: by commands that
 * inherit them, by native code. A provider has these go to files, which are followed here.
 */

import { fstatSync, openSync, readSync } from 'node:fs';
import type { OutputStream } from '../inside/capture-output.ts';
import type { TaskOutput } from '../output.ts';
import { workerName } from '../usage/task-meter.ts';

/** What the lines of a worker's own log begin with. */
export const LOG_PREFIX = 'tilewright worker: ';

/** The most that is taken at a time. */
const CHUNK = 1 << 20;

export class PrintedFiles {
  readonly #files: PrintedFile[];

  constructor() {
    this.#files = (
      [
        ['stdout', 1],
        ['stderr', 2],
      ] as const
    ).flatMap(([stream, fd]) => PrintedFile.of(stream, fd) ?? []);
  }

  /** What has come since the last call. */
  read(): TaskOutput[] {
    const worker = workerName(0);
    return this.#files.flatMap((file) => {
      const text = file.read();
      return text === '' ? [] : { stream: file.stream, text, worker };
    });
  }
}

class PrintedFile {
  readonly stream: OutputStream;
  readonly #written: number;
  readonly #read: number;
  readonly #decoder = new TextDecoder();
  #offset: number;

  private constructor(stream: OutputStream, written: number, read: number, offset: number) {
    this.stream = stream;
    this.#written = written;
    this.#read = read;
    this.#offset = offset;
  }

  /** Null for what is no file. */
  static of(stream: OutputStream, fd: number): PrintedFile | null {
    try {
      const stat = fstatSync(fd);
      if (!stat.isFile()) return null;
      return new PrintedFile(stream, fd, openSync(`/proc/self/fd/${fd}`, 'r'), stat.size);
    } catch {
      return null;
    }
  }

  read(): string {
    try {
      const { size } = fstatSync(this.#written);
      let text = '';
      while (this.#offset < size) {
        const bytes = Buffer.allocUnsafe(Math.min(CHUNK, size - this.#offset));
        const length = readSync(this.#read, bytes, 0, bytes.length, this.#offset);
        if (length === 0) break;
        this.#offset += length;
        text += this.#decoder.decode(bytes.subarray(0, length), { stream: true });
      }
      return text.replaceAll(OWN_LINES, '');
    } catch {
      // It can't be followed any more; it is still there.
      return '';
    }
  }
}

const OWN_LINES = new RegExp(`^${LOG_PREFIX}.*\\n?`, 'gm');
