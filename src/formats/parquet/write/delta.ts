/**
 * DELTA_BINARY_PACKED: blocks of 128 differences, of which each 32 are as wide as they need
 * (https://parquet.apache.org/docs/file-format/data-pages/encodings/#DELTAENC).
 */

import type { ByteSink } from './byte-sink.ts';
import { bitWidth, packBits } from './hybrid.ts';

const BLOCK = 128;
const MINI = 32;
const differences = new Float64Array(BLOCK);
const above = new Uint32Array(BLOCK);

/** Differences of values within ±2^51 are exact, and written by `zigzag`. */
export const MOST_DELTA_VALUE = 2 ** 51;

/** Whether differences of neighbours within a block differ by less than 2^32; values are within ±2^51. */
export function suitsDelta(values: Float64Array, start: number, end: number): boolean {
  for (let i = start + 1; i < end; i += BLOCK) {
    let [least, most] = [Infinity, -Infinity];
    for (let k = i; k < Math.min(i + BLOCK, end); k++) {
      const difference = values[k]! - values[k - 1]!;
      if (difference < least) least = difference;
      if (difference > most) most = difference;
    }
    if (most - least >= 2 ** 32) return false;
  }
  return true;
}

/** Values start ≤ i < end, which `suitsDelta` has looked at. */
export function writeDelta(out: ByteSink, values: Float64Array, start: number, end: number): void {
  out.varint(BLOCK);
  out.varint(BLOCK / MINI);
  out.varint(end - start);
  out.zigzag(start < end ? values[start]! : 0);
  for (let i = start + 1; i < end; i += BLOCK) {
    const count = Math.min(BLOCK, end - i);
    let least = Infinity;
    for (let k = 0; k < count; k++) {
      const difference = values[i + k]! - values[i + k - 1]!;
      differences[k] = difference;
      if (difference < least) least = difference;
    }
    out.zigzag(least);
    for (let k = 0; k < count; k++) above[k] = differences[k]! - least;
    const widths = out.zeros(BLOCK / MINI);
    // Those that would be past the last value are not written.
    for (let from = 0; from < count; from += MINI) {
      const to = Math.min(from + MINI, count);
      let any = 0;
      for (let k = from; k < to; k++) any |= above[k]!;
      const bits = bitWidth(any >>> 0);
      out.bytes[widths + from / MINI] = bits;
      packBits(out, above, from, to, bits, MINI);
    }
  }
}
