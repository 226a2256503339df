/** Where FlatGeobuf keeps its numbers: tables, vectors and their offsets are anywhere in a header or a feature. */

import type { Place } from './mutate.ts';

/** Bytes of a node of the index, and where in it its offset is. */
const [NODE_BYTES, OFFSET_AT] = [40, 32];
/** Of a feature, of which the rest is mostly coordinates. */
const HEAD_BYTES = 64;

/** @param features - numbers of so many features */
export function flatGeobufNumbers(bytes: Buffer, features = 5): Place[] {
  const places: Place[] = [];
  const all = (start: number, end: number): void => {
    for (let at = start; at + 4 <= end; at += 2) {
      places.push({ at, bytes: 2 });
      if (at % 4 === 0) places.push({ at, bytes: 4 });
    }
  };
  const indexAt = 12 + bytes.readUInt32LE(8);
  all(8, indexAt);
  for (let at = indexAt; at + NODE_BYTES <= bytes.length; at += NODE_BYTES) {
    places.push({ at: at + OFFSET_AT, bytes: 8 });
    if (at - indexAt > 4 * NODE_BYTES) break;
  }
  // The last features, as long as lengths lead from the end of one to the next.
  const starts: number[] = [];
  for (let at = bytes.length; at > indexAt && starts.length < features; ) {
    let start = at - 8;
    while (start >= indexAt && bytes.readUInt32LE(start) !== at - start - 4) start -= 4;
    if (start < indexAt) break;
    starts.push(start);
    at = start;
  }
  for (const start of starts) all(start, Math.min(bytes.length, start + HEAD_BYTES));
  return places;
}
