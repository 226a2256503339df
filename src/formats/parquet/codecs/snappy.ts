/** Snappy's raw format: https://github.com/google/snappy/blob/main/format_description.txt */

import { ParquetFault } from '../fault.ts';

const damaged = (): never => {
  throw new ParquetFault('has a page that Snappy can’t have written');
};

/** A byte of input gives at most so many of output: copies of 64 bytes take three. */
export const SNAPPY_RATIO = 22;

/** Decompresses source[at, end) to target[0, length), which it must fill. */
export function unsnappy(
  source: Uint8Array,
  at: number,
  end: number,
  target: Uint8Array,
  length: number,
): void {
  let said = 0;
  for (let shift = 0; ; shift += 7) {
    if (at >= end || shift > 28) damaged();
    const byte = source[at++]!;
    said += (byte & 127) * 2 ** shift;
    if (byte < 128) break;
  }
  if (said !== length) damaged();
  let to = 0;
  while (at < end) {
    const tag = source[at++]!;
    let run = tag >> 2;
    let distance = 0;
    switch (tag & 3) {
      case 0: {
        if (run >= 60) {
          const bytes = run - 59;
          if (at + bytes > end) damaged();
          run = 0;
          for (let i = 0; i < bytes; i++) run += source[at + i]! * 2 ** (8 * i);
          at += bytes;
        }
        run++;
        if (run > end - at || run > length - to) damaged();
        if (run < 32) for (let i = 0; i < run; i++) target[to + i] = source[at + i]!;
        else target.set(source.subarray(at, at + run), to);
        at += run;
        to += run;
        continue;
      }
      case 1:
        if (at >= end) damaged();
        run = 4 + (run & 7);
        distance = ((tag >> 5) << 8) | source[at]!;
        at += 1;
        break;
      case 2:
        if (at + 2 > end) damaged();
        run++;
        distance = source[at]! | (source[at + 1]! << 8);
        at += 2;
        break;
      default:
        if (at + 4 > end) damaged();
        run++;
        distance =
          (source[at]! |
            (source[at + 1]! << 8) |
            (source[at + 2]! << 16) |
            (source[at + 3]! << 24)) >>>
          0;
        at += 4;
    }
    if (distance === 0 || distance > to || run > length - to) damaged();
    for (let i = 0; i < run; i++) target[to + i] = target[to + i - distance]!;
    to += run;
  }
  if (to !== length) damaged();
}
