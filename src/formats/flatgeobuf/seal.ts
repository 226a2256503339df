/**
 * The seal of a staged tile, in the metadata of its header, which other software passes over: checksums of
 * the header itself, and of all that follows it, block by block, so that a row can be read and trusted
 * without the rest.
 */

import { crc32 } from 'node:zlib';

/** Raise it when files are written otherwise. */
const VERSION = 1;
/** Blocks are as large as makes these few. */
const MOST_BLOCKS = 1024;
const LEAST_BLOCK_BYTES = 1 << 16;
const NO_SUM = '00000000';
const SEAL = /^\{"tilewright":1,"bytes":(\d{1,15}),"sums":"([\w+/=]*)","header":"([\da-f]{8})"\}$/;

export interface Seal {
  /** Of the index and the features. */
  bytes: number;
  sums: Uint32Array;
}

export function blockBytes(bytes: number): number {
  let size = LEAST_BLOCK_BYTES;
  while (size * MOST_BLOCKS < bytes) size *= 2;
  return size;
}

/** The metadata, without the sum of the header. */
export function sealText(bytes: number, sums: Uint32Array): string {
  const text = Buffer.from(sums.buffer, sums.byteOffset, sums.byteLength).toString('base64');
  return `{"tilewright":${VERSION},"bytes":${bytes},"sums":"${text}","header":"${NO_SUM}"}`;
}

/** The seal that a header's metadata hold; null for what `sealText` has not written. */
export function readSeal(metadata: string | null): Seal | null {
  const match = SEAL.exec(metadata ?? '');
  if (match === null) return null;
  const bytes = Number(match[1]);
  const packed = Uint8Array.from(Buffer.from(match[2]!, 'base64'));
  const isWhole = packed.length === 4 * Math.ceil(bytes / blockBytes(bytes));
  return isWhole ? { bytes, sums: new Uint32Array(packed.buffer) } : null;
}

/** Where the header's own sum is in its bytes; −1 if it has none. */
function sumPlace(head: Buffer): number {
  const mark = '","header":"';
  const at = head.lastIndexOf(mark);
  return at < 0 ? -1 : at + mark.length;
}

/** Writes its sum into a header, with all that is before it in the file. */
export function sealHead(head: Buffer): void {
  const at = sumPlace(head);
  head.write(crc32(head).toString(16).padStart(8, '0'), at, 'latin1');
}

/** Whether it is as `sealHead` left it. */
export function isSealed(head: Buffer): boolean {
  const at = sumPlace(head);
  if (at < 0) return false;
  const sum = head.toString('latin1', at, at + NO_SUM.length);
  const open = Buffer.from(head);
  open.write(NO_SUM, at, 'latin1');
  return sum === crc32(open).toString(16).padStart(8, '0');
}

/** Makes the sums of blocks from pieces that follow each other. */
export class BlockSums {
  readonly sums: Uint32Array;
  readonly #blockBytes: number;
  #at = 0;

  /** @param bytes - of all together */
  constructor(bytes: number) {
    this.#blockBytes = blockBytes(bytes);
    this.sums = new Uint32Array(Math.ceil(bytes / this.#blockBytes));
  }

  add(bytes: Uint8Array, length: number): void {
    for (let done = 0; done < length; ) {
      const block = Math.floor(this.#at / this.#blockBytes);
      const some = Math.min(length - done, (block + 1) * this.#blockBytes - this.#at);
      this.sums[block] = crc32(bytes.subarray(done, done + some), this.sums[block]);
      done += some;
      this.#at += some;
    }
  }
}
