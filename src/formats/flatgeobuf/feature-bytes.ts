/** Goes through the features of a file: each is its length in four bytes, then a table. */

import { TilewrightError } from '../../core/errors.ts';
import type { Bytes } from './sealed-window.ts';

/** Read at a time, at first and then. */
const FIRST_BYTES = 1 << 14;
const BLOCK_BYTES = 1 << 20;
/** A root, a table and its vtable. */
const LEAST_BYTES = 12;

export class FeatureBytes {
  /** Of the current feature: its table is bytes[start, end). They may be others after `next`. */
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  view: DataView = new DataView(this.bytes.buffer);
  start = 0;
  end = 0;
  /** Where the next feature begins in the file. */
  offset = 0;
  readonly #window: Bytes;
  /** `bytes` has the file's bytes from ≤ offset < to. */
  #from = 0;
  #to = 0;
  #nextBytes = FIRST_BYTES;

  constructor(window: Bytes) {
    this.#window = window;
  }

  /** Goes to the feature that begins at an offset in the file. */
  seek(offset: number): void {
    if (offset < this.#from || offset > this.#to) this.#nextBytes = FIRST_BYTES;
    this.offset = offset;
  }

  /**
   * Moves to the next feature; false at the end of the file.
   * @param record - its number, for errors
   * @throws TilewrightError input-truncated, input-corrupt, and what reading meets
   */
  next(record: number): boolean {
    const { path, size } = this.#window;
    const { offset } = this;
    if (offset === size) return false;
    if (offset + 4 > size) throw cutShort(path, record);
    if (offset < this.#from || offset + 4 > this.#to) this.#fill(offset, 4);
    const bytes = this.view.getUint32(offset - this.#from, true);
    checkLength(path, bytes, size - offset - 4, record);
    if (offset + 4 + bytes > this.#to) this.#fill(offset, 4 + bytes);
    this.start = offset + 4 - this.#from;
    this.end = this.start + bytes;
    this.offset = offset + 4 + bytes;
    return true;
  }

  #fill(offset: number, least: number): void {
    const length = Math.min(Math.max(least, this.#nextBytes), this.#window.size - offset);
    this.#nextBytes = Math.min(4 * this.#nextBytes, BLOCK_BYTES);
    if (this.bytes.length < length) {
      this.bytes = new Uint8Array(Math.max(length, this.#nextBytes));
      this.view = new DataView(this.bytes.buffer);
    }
    this.#from = this.#to = 0;
    this.#window.copy(offset, length, this.bytes, 0);
    this.#from = offset;
    this.#to = offset + length;
  }
}

/**
 * Where the feature at an offset before the file's end ends.
 * @throws TilewrightError as `FeatureBytes.next`
 */
export function featureEnd(window: Bytes, offset: number, record: number): number {
  const { path, size } = window;
  if (offset + 4 > size) throw cutShort(path, record);
  const bytes = window.uint32LE(offset);
  checkLength(path, bytes, size - offset - 4, record);
  return offset + 4 + bytes;
}

function checkLength(path: string, bytes: number, left: number, record: number): void {
  if (bytes > left) throw cutShort(path, record);
  if (bytes >= LEAST_BYTES) return;
  throw new TilewrightError(
    'input-corrupt',
    `${path} is damaged: feature ${record} says that it has ${bytes} bytes. Copy or download it again`,
    { input: path, feature: record },
  );
}

function cutShort(path: string, record: number): TilewrightError {
  return new TilewrightError(
    'input-truncated',
    `${path} is cut short at feature ${record}, or damaged before it. Copy or download it again`,
    { input: path, feature: record },
  );
}
