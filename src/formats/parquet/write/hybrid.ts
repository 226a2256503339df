/**
 * Parquet's hybrid of runs and bit-packed groups, for levels and for indexes into a dictionary
 * (https://parquet.apache.org/docs/file-format/data-pages/encodings/#RLE).
 */

import type { ByteSink } from './byte-sink.ts';

/** Bits that hold 0 … most. */
export function bitWidth(most: number): number {
  return most === 0 ? 0 : 32 - Math.clz32(most);
}

/** Values start ≤ i < end of `bits` bits each; runs of eight and more as runs. */
export function writeHybrid(
  out: ByteSink,
  values: ArrayLike<number>,
  start: number,
  end: number,
  bits: number,
): void {
  let literal = start;
  for (let i = start; i < end; ) {
    const value = values[i]!;
    let next = i + 1;
    while (next < end && values[next] === value) next++;
    // What comes before a run is made up to whole groups of eight out of it.
    const missing = (8 - ((i - literal) & 7)) & 7;
    const from = i + missing;
    if (next - from >= 8) {
      writeGroups(out, values, literal, from, bits);
      writeRun(out, value, next - from, bits);
      literal = next;
    }
    i = next;
  }
  writeGroups(out, values, literal, end, bits);
}

export function writeRun(out: ByteSink, value: number, count: number, bits: number): void {
  out.varint(2 * count);
  for (let shift = 0; shift < bits; shift += 8) out.byte((value >>> shift) & 255);
}

function writeGroups(
  out: ByteSink,
  values: ArrayLike<number>,
  start: number,
  end: number,
  bits: number,
): void {
  if (start >= end) return;
  const groups = Math.ceil((end - start) / 8);
  out.varint(2 * groups + 1);
  packBits(out, values, start, end, bits, groups * 8);
}

/**
 * Packs values start ≤ i < end, 0 ≤ value < 2^bits, the lowest bit first; zeros follow up to `count`,
 * which is a multiple of eight.
 * @param bits - up to 32
 */
export function packBits(
  out: ByteSink,
  values: ArrayLike<number>,
  start: number,
  end: number,
  bits: number,
  count: number,
): void {
  let at = out.zeros((count * bits) / 8);
  const { bytes } = out;
  let used = 0;
  for (let i = start; i < end; i++) {
    const value = values[i]!;
    bytes[at]! |= (value << used) & 255;
    let done = 8 - used;
    while (done < bits) {
      bytes[++at] = (value >>> done) & 255;
      done += 8;
    }
    used = (used + bits) & 7;
    if (used === 0 && bits > 0) at++;
  }
}
