/** Bytes that can be read anywhere: a file of this machine, and whatever else gives such. */

import { type BigIntStats, closeSync, fstatSync, readSync } from 'node:fs';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { openRegular } from '../../core/files/regular-file.ts';

/** Synchronous. Whoever opens it, or hands it to a window, closes it by that. */
export interface RandomAccess {
  /** As messages name it. */
  readonly path: string;
  /** Bytes, when it was opened. */
  readonly size: number;
  /**
   * Reads bytes [position, position + length) into target[at, at + length).
   * @returns how many bytes: fewer only at the end
   * @throws TilewrightError input-unreadable, or the system's own error
   */
  read(target: Uint8Array, at: number, length: number, position: number): number;
  /** Whether it was written since it was opened; without this, nobody can write it. */
  isChanged?(): boolean;
  close(): void;
}

export class LocalFile implements RandomAccess {
  readonly path: string;
  readonly size: number;
  readonly #fd: number;
  readonly #input: string;
  readonly #opened: BigIntStats;
  #isOpen = true;

  /**
   * @param input - path of the input that errors name
   * @throws TilewrightError input-missing, input-unreadable, input-format (not a regular file)
   */
  constructor(path: string, input = path) {
    this.path = path;
    this.#input = input;
    try {
      this.#fd = openRegular(path, input);
      this.#opened = fstatSync(this.#fd, { bigint: true });
    } catch (error) {
      throw toTilewrightError(error, { input }, 'input-unreadable');
    }
    this.size = Number(this.#opened.size);
  }

  read(target: Uint8Array, at: number, length: number, position: number): number {
    // The number of a closed file may be another one's by now.
    if (!this.#isOpen) {
      const message = `${this.path} was closed and can't be read any more`;
      throw new TilewrightError('input-unreadable', message, { input: this.#input });
    }
    let filled = 0;
    while (filled < length) {
      const read = readSync(this.#fd, target, at + filled, length - filled, position + filled);
      if (read === 0) break;
      filled += read;
    }
    return filled;
  }

  isChanged(): boolean {
    const now = fstatSync(this.#fd, { bigint: true });
    return now.size !== this.#opened.size || now.mtimeNs !== this.#opened.mtimeNs;
  }

  close(): void {
    if (this.#isOpen) closeSync(this.#fd);
    this.#isOpen = false;
  }
}
