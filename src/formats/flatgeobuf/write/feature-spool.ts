/**
 * Features of a tile until it is known how many they are, which the file says before them: in memory, and
 * what that has no room for in a file that no folder lists.
 */

import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';

/** Memory that is taken at first, and up to which it grows but for a feature that needs more. */
const FIRST_BYTES = 1 << 14;
const MOST_BYTES = 1 << 22;

export class FeatureSpool {
  /** What comes next is written into target[at …], where there are zeros. */
  target = new Uint8Array(FIRST_BYTES);
  view = new DataView(this.target.buffer);
  at = 0;
  readonly #path: string;
  #fd = -1;
  #spilled = 0;

  /** @param path - beside which there is room */
  constructor(path: string) {
    this.#path = `${path}.features`;
  }

  /** Bytes so far. */
  get size(): number {
    return this.#spilled + this.at;
  }

  /** Makes room for so many bytes. */
  reserve(bytes: number): void {
    if (this.at + bytes <= this.target.length) return;
    if (this.at > 0 && this.at + bytes > MOST_BYTES) this.#spill();
    if (this.at + bytes <= this.target.length) return;
    const room = Math.max(this.at + bytes, Math.min(4 * this.target.length, MOST_BYTES));
    const grown = new Uint8Array(room);
    grown.set(this.target.subarray(0, this.at));
    this.target = grown;
    this.view = new DataView(grown.buffer);
  }

  #spill(): void {
    if (this.#fd < 0) {
      this.#fd = openSync(this.#path, 'wx+');
      // From here on it goes when the process does.
      rmSync(this.#path, { force: true });
    }
    let done = 0;
    while (done < this.at) {
      done += writeSync(this.#fd, this.target, done, this.at - done, this.#spilled + done);
    }
    this.#spilled += this.at;
    this.target.fill(0, 0, this.at);
    this.at = 0;
  }

  /** Gives all bytes in order, block by block; there is nothing in it afterwards. */
  drain(take: (bytes: Uint8Array, length: number) => void): void {
    try {
      if (this.#fd >= 0) {
        const block = new Uint8Array(MOST_BYTES / 4);
        for (let at = 0; at < this.#spilled; ) {
          const read = readSync(this.#fd, block, 0, Math.min(block.length, this.#spilled - at), at);
          if (read === 0) throw new Error(`${this.#path} became shorter`);
          take(block, read);
          at += read;
        }
      }
      take(this.target, this.at);
    } finally {
      this.close();
    }
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }
}
