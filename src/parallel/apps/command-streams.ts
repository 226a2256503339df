/** Where the output of a command goes: to a file, to the output of its worker, into its result. */

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { makeFolder } from '../../core/files/make-folder.ts';
import type { OutputFile } from './command-task.ts';

/** Bytes of the end of what is said that are kept for an error. */
const TAIL_BYTES = 2048;
/** Bytes that a command may write into its result. */
const MAX_CAPTURED_BYTES = 32 * 2 ** 20;

/** One of the two outputs of a command. */
export interface CommandStream {
  /** For the command; null for a pipe, which is to be read by `follow`. */
  readonly fd: number | null;
  /** Left out by what the command writes to by itself. */
  follow?(pipe: Readable): void;
  /** The end of what came. */
  tail(): string;
  /** What came, if it was to be kept. */
  captured(): Uint8Array;
  close?(): void;
}

/** The command writes to the file itself. */
class FileStream implements CommandStream {
  readonly fd: number;
  readonly #begin: number;

  constructor({ path, flags }: OutputFile) {
    try {
      makeFolder(dirname(resolve(path)));
      // To be read as well, for its end.
      this.fd = openSync(path, `${flags}+`);
    } catch (error) {
      throw toTilewrightError(error, {}, 'output-unwritable');
    }
    this.#begin = fstatSync(this.fd).size;
  }

  tail(): string {
    const stats = fstatSync(this.fd);
    if (!stats.isFile()) return '';
    const begin = Math.max(this.#begin, stats.size - TAIL_BYTES);
    const bytes = Buffer.alloc(Math.max(0, stats.size - begin));
    const read = readSync(this.fd, bytes, 0, bytes.length, begin);
    return decodeTail(bytes.subarray(0, read), begin > this.#begin);
  }

  captured(): Uint8Array {
    return new Uint8Array();
  }

  close(): void {
    closeSync(this.fd);
  }
}

/** What comes goes on, or is kept. */
class PipeStream implements CommandStream {
  readonly fd = null;
  readonly #to: Writable | null;
  readonly #onTooMuch: () => void;
  #kept: Buffer[] = [];
  #bytes = 0;

  /** @param to - null to keep it */
  constructor(to: Writable | null, onTooMuch: () => void) {
    this.#to = to;
    this.#onTooMuch = onTooMuch;
  }

  follow(pipe: Readable): void {
    pipe.on('data', (chunk: Buffer) => {
      this.#bytes += chunk.length;
      if (this.#to !== null) {
        const last = Buffer.concat([...this.#kept, chunk]);
        this.#kept = [Buffer.from(last.subarray(-TAIL_BYTES))];
      } else if (this.#bytes <= MAX_CAPTURED_BYTES) {
        this.#kept.push(chunk);
      } else {
        this.#onTooMuch();
      }
    });
    // A pipe, so that a command waits where its output can't be written as fast as it comes.
    if (this.#to !== null) pipe.pipe(this.#to, { end: false });
  }

  tail(): string {
    const bytes = Buffer.concat(this.#kept.slice(-TAIL_BYTES)).subarray(-TAIL_BYTES);
    return decodeTail(bytes, bytes.length < this.#bytes);
  }

  captured(): Uint8Array {
    return this.#to === null ? Buffer.concat(this.#kept) : new Uint8Array();
  }
}

/** Both outputs; one file for both is opened once, so that neither overwrites the other. */
export function openStreams(
  stdout: OutputFile | null,
  stderr: OutputFile | null,
  capture: boolean,
  onTooMuch: () => void,
): { stdout: CommandStream; stderr: CommandStream; close(): void } {
  const open = (file: OutputFile | null, to: Writable): CommandStream =>
    file === null ? new PipeStream(capture ? null : to, onTooMuch) : new FileStream(file);
  const out = open(stdout, process.stdout);
  const both = stdout !== null && stderr !== null && resolve(stdout.path) === resolve(stderr.path);
  let err = out;
  try {
    if (!both) err = open(stderr, process.stderr);
  } catch (error) {
    out.close?.();
    throw error;
  }
  const close = (): void => {
    out.close?.();
    if (!both) err.close?.();
  };
  return { stdout: out, stderr: err, close };
}

export function tooMuch(app: string): TilewrightError {
  return new TilewrightError(
    'task-failed',
    `${app}: the command was ended: it wrote more than ${MAX_CAPTURED_BYTES / 2 ** 20} MiB, which ` +
      'is the most that is captured. Give it a file as `stdout`',
  );
}

/** Text of bytes that may begin, when they are cut, in the middle of a line. */
function decodeTail(bytes: Uint8Array, cut: boolean): string {
  const text = new TextDecoder().decode(bytes);
  if (!cut) return text;
  const line = text.indexOf('\n');
  return `… ${line >= 0 && line < text.length - 1 ? text.slice(line + 1) : text}`;
}
