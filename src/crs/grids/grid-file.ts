/** A file with grids, read by absolute offset. What it says of itself is not trusted. */

import { closeSync, fstatSync, readSync, statSync } from 'node:fs';
import { TilewrightError } from '../../core/errors.ts';
import { openRegular } from '../../core/files/regular-file.ts';

/** A file as a plan names it, so that whoever opens it notices that it is another one by now. */
export interface GridSource {
  path: string;
  /** Size in bytes and time of its last change in nanoseconds. */
  stamp: string;
  /** NADCON has longitudes in a file of their own. */
  longitudes?: GridSource;
}

export function stampOf(path: string): string {
  const { size, mtimeNs } = statSync(path, { bigint: true });
  return `${size}:${mtimeNs}`;
}

export class GridFile {
  readonly path: string;
  readonly size: number;
  readonly #stamp: string;
  readonly #fd: number;

  /** @throws TilewrightError crs-grid if it can't be read or is not the one that was planned with */
  constructor({ path, stamp }: GridSource) {
    this.path = path;
    this.#stamp = stamp;
    try {
      this.#fd = openRegular(path);
    } catch (error) {
      throw new TilewrightError(
        'crs-grid',
        `The grid ${path} can't be opened: ${(error as Error).message}. Every machine that stages ` +
          'needs the folder of --grids under this path',
        { cause: error },
      );
    }
    try {
      this.size = fstatSync(this.#fd).size;
      this.#requireUnchanged();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** @throws TilewrightError crs-grid for bytes beyond the end, and if the file has changed */
  read(offset: number, length: number): Buffer {
    if (!(offset >= 0 && length >= 0 && offset + length <= this.size)) {
      throw this.refusal(`it ends at byte ${this.size}, before what it says is in it`);
    }
    this.#requireUnchanged();
    const bytes = Buffer.allocUnsafe(length);
    for (let at = 0; at < length; ) {
      const count = readSync(this.#fd, bytes, at, length - at, offset + at);
      if (count === 0) throw this.refusal('it has become shorter');
      at += count;
    }
    return bytes;
  }

  /** @param what - is wrong with the file, as a clause */
  refusal(what: string): TilewrightError {
    return new TilewrightError(
      'crs-grid',
      `The grid ${this.path} can't be used: ${what}. Replace it, or take it out of the folder`,
    );
  }

  close(): void {
    closeSync(this.#fd);
  }

  #requireUnchanged(): void {
    const { size, mtimeNs } = fstatSync(this.#fd, { bigint: true });
    if (`${size}:${mtimeNs}` === this.#stamp) return;
    throw new TilewrightError(
      'crs-grid',
      `The grid ${this.path} is not what it was when the run was planned: its size or time differs. ` +
        'Stage again',
    );
  }
}
