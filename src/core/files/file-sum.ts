/**
 * The checksum of a whole file, as `SummedMemory` would make it, from pieces in any order. Its sums are
 * linear: with n rounds of STRIDE bytes in the file, of which a piece's last is the e-th, the piece adds its
 * a to a, and its b + (n − e) · a to b. So it does not matter where pieces begin and end.
 */

import { closeSync, readSync } from 'node:fs';
import { hashSums, LANES, STRIDE, SummedMemory } from '../summed-memory.ts';
import { openOwn } from './regular-file.ts';

const BLOCK_BYTES = 1 << 18;

/** Of one call, within which no other has its turn. */
let block: SummedMemory | undefined;

/** What a file is known by. */
export interface FileIdentity {
  bytes: number;
  sum: number;
}

export class FileSum {
  readonly #a = new BigUint64Array(LANES);
  /** Without n · a. */
  readonly #b = new BigUint64Array(LANES);

  /**
   * Adds the first `length` bytes of the memory; up to 31 after these become zero.
   * @param position - in the file, a multiple of STRIDE; what was written there before was zeros
   */
  add(memory: SummedMemory, length: number, position: number): void {
    memory.begin();
    memory.addLast(0, length);
    const { sums } = memory;
    const end = BigInt(position / STRIDE + Math.ceil(length / STRIDE));
    for (let k = 0; k < LANES; k++) {
      const a = sums[k]!;
      this.#a[k]! += a;
      this.#b[k]! += sums[LANES + k]! - end * a;
    }
  }

  /** Adds the first `length` of any bytes, at any position. */
  addCopy(bytes: Uint8Array, length: number, position: number): void {
    block ??= new SummedMemory(BLOCK_BYTES + STRIDE);
    let done = 0;
    while (done < length) {
      const before = (position + done) % STRIDE;
      const some = Math.min(BLOCK_BYTES, length - done);
      block.bytes.fill(0, 0, before);
      block.bytes.set(bytes.subarray(done, done + some), before);
      this.add(block, before + some, position + done - before);
      done += some;
    }
  }

  /** @param bytes - of the file */
  identity(bytes: number): FileIdentity {
    const rounds = BigInt(Math.ceil(bytes / STRIDE));
    const sums = new BigUint64Array(2 * LANES);
    for (const [k, a] of this.#a.entries()) {
      sums[k] = a;
      sums[LANES + k] = this.#b[k]! + rounds * a;
    }
    return { bytes, sum: hashSums(sums) };
  }
}

/** Reads a file of a staged folder. */
export function identityOf(path: string): FileIdentity {
  block ??= new SummedMemory(BLOCK_BYTES + STRIDE);
  block.begin();
  const fd = openOwn(path);
  try {
    let filled = 0;
    let bytes = 0;
    for (;;) {
      const read = readSync(fd, block.bytes, filled, BLOCK_BYTES - filled, bytes);
      bytes += read;
      filled += read;
      if (read === 0) return { bytes, sum: block.sum(0, filled) };
      const summed = block.add(0, filled);
      block.bytes.copyWithin(0, summed, filled);
      filled -= summed;
    }
  } finally {
    closeSync(fd);
  }
}
