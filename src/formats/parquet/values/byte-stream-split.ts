/** The first bytes of all values, then the second ones, and so on: back to PLAIN. */

import { ParquetFault } from '../fault.ts';
import type { Leaf } from '../schema.ts';

const SIZES: Partial<Record<Leaf['type'], number>> = { INT32: 4, FLOAT: 4, INT64: 8, DOUBLE: 8 };

/** The same values in the encoding PLAIN. */
export function joinByteStreams(
  leaf: Leaf,
  bytes: Uint8Array,
  at: number,
  end: number,
): Uint8Array {
  const size = SIZES[leaf.type] ?? leaf.length;
  const count = (end - at) / size;
  if (size === 0 || !Number.isInteger(count)) {
    throw new ParquetFault('has a page of split bytes that are not as long as each other');
  }
  const joined = new Uint8Array(end - at);
  for (let b = 0; b < size; b++) {
    const from = at + b * count;
    for (let i = 0, to = b; i < count; i++, to += size) joined[to] = bytes[from + i]!;
  }
  return joined;
}
