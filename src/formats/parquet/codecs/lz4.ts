/** Blocks of LZ4: https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md */

import { ParquetFault } from '../fault.ts';

const damaged = (): never => {
  throw new ParquetFault('has a page that LZ4 can’t have written');
};

/** A byte of input gives at most so many of output: those that lengthen a match. */
export const LZ4_RATIO = 256;

/**
 * Decompresses source[at, end) to target[to, limit).
 * @returns where the output ends
 */
export function unlz4(
  source: Uint8Array,
  at: number,
  end: number,
  target: Uint8Array,
  to: number,
  limit: number,
): number {
  const start = to;
  while (at < end) {
    const token = source[at++]!;
    let literals = token >> 4;
    if (literals === 15) {
      for (let byte = 255; byte === 255; ) {
        if (at >= end) damaged();
        byte = source[at++]!;
        literals += byte;
      }
    }
    if (literals > end - at || literals > limit - to) damaged();
    if (literals < 32) for (let i = 0; i < literals; i++) target[to + i] = source[at + i]!;
    else target.set(source.subarray(at, at + literals), to);
    at += literals;
    to += literals;
    // The last sequence has literals alone.
    if (at === end) return to;
    if (at + 2 > end) damaged();
    const distance = source[at]! | (source[at + 1]! << 8);
    at += 2;
    let run = token & 15;
    if (run === 15) {
      for (let byte = 255; byte === 255; ) {
        if (at >= end) damaged();
        byte = source[at++]!;
        run += byte;
      }
    }
    run += 4;
    if (distance === 0 || distance > to - start || run > limit - to) damaged();
    for (let i = 0; i < run; i++) target[to + i] = target[to + i - distance]!;
    to += run;
  }
  return to;
}

/**
 * What Parquet's codec LZ4 has, which is deprecated: Hadoop's frames (big-endian lengths of what comes
 * out and goes in, then a block, again and again) or, by other writers, a bare block.
 */
export function unlz4Hadoop(
  source: Uint8Array,
  at: number,
  end: number,
  target: Uint8Array,
  length: number,
): void {
  const filled = hadoopFrames(source, at, end, target, length)
    ? length
    : unlz4(source, at, end, target, 0, length);
  if (filled !== length) damaged();
}

/** False if there are no such frames, or what is in them is not `length` bytes. */
function hadoopFrames(
  source: Uint8Array,
  at: number,
  end: number,
  target: Uint8Array,
  length: number,
): boolean {
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  let to = 0;
  while (at + 8 <= end) {
    const size = view.getUint32(at);
    const packed = view.getUint32(at + 4);
    at += 8;
    if (packed > end - at || size > length - to) return false;
    try {
      if (unlz4(source, at, at + packed, target, to, to + size) !== to + size) return false;
    } catch {
      return false;
    }
    at += packed;
    to += size;
  }
  return at === end && to === length;
}
