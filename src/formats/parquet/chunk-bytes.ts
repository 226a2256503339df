/** The bytes of one column chunk, block by block, from where its pages are read on. */

import type { FileWindow } from '../file-window.ts';
import { ParquetFault } from './fault.ts';

const BLOCK_BYTES = 1 << 20;

export class ChunkBytes {
  /** Offset in the file of what is read next. */
  position: number;
  /** What `need` has brought: from `at` on. Valid until its next call. */
  bytes = new Uint8Array(0);
  at = 0;
  readonly limit: number;
  readonly #window: FileWindow;
  readonly #blockBytes: number;
  /** `bytes` holds start ≤ offset < end of the file. */
  #start = 0;
  #end = 0;

  /**
   * @param position - of the first page
   * @param limit - no page reaches behind it
   * @param likely - bytes of all pages, as the metadata say
   */
  constructor(window: FileWindow, position: number, limit: number, likely: number) {
    this.#window = window;
    this.position = position;
    this.limit = limit;
    this.#blockBytes = Math.min(BLOCK_BYTES, Math.max(64, likely));
  }

  /** Bytes from the position on. */
  get left(): number {
    return this.limit - this.position;
  }

  /**
   * Brings the next `length` bytes.
   * @param isAlone - no more than these
   */
  need(length: number, isAlone = false): void {
    const { position } = this;
    if (position >= this.#start && position + length <= this.#end) {
      this.at = position - this.#start;
      return;
    }
    if (!(position >= 0 && length <= this.left)) {
      throw new ParquetFault(`has pages beyond its end: ${length} bytes at ${position}`);
    }
    const wanted = Math.min(isAlone ? length : Math.max(length, this.#blockBytes), this.left);
    this.#start = this.#end = 0;
    if (this.bytes.length < wanted) this.bytes = new Uint8Array(wanted);
    this.#window.copy(position, wanted, this.bytes, 0);
    this.#start = position;
    this.#end = position + wanted;
    this.at = 0;
  }
}
