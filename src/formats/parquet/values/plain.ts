/** Values as they are, one after the other, and indexes into such. */

import { ParquetFault } from '../fault.ts';
import type { Leaf } from '../schema.ts';
import { HybridDecoder } from './hybrid.ts';
import { type ValueDecoder, VECTOR_ENTRIES, type Vector } from './vector.ts';

const ended = (): never => {
  throw new ParquetFault('has a page with fewer values than it says');
};

/** Values of the encoding PLAIN in bytes[at, end). */
export function plainDecoder(leaf: Leaf, bytes: Uint8Array, at: number, end: number): ValueDecoder {
  switch (leaf.type) {
    case 'BOOLEAN':
      return plainBooleans(bytes, at, end);
    case 'BYTE_ARRAY':
      return plainTexts(bytes, at, end);
    case 'INT96':
    case 'FIXED_LEN_BYTE_ARRAY':
      return plainFixed(bytes, at, end, leaf.length);
    default:
      return plainNumbers(leaf, bytes, at, end);
  }
}

function plainBooleans(bytes: Uint8Array, at: number, end: number): ValueDecoder {
  let bit = 0;
  return {
    read({ int32 }, count) {
      if (at + ((bit + count + 7) >>> 3) > end) ended();
      for (let i = 0; i < count; i++, bit++) int32[i] = (bytes[at + (bit >>> 3)]! >> (bit & 7)) & 1;
    },
  };
}

function plainTexts(bytes: Uint8Array, at: number, end: number): ValueDecoder {
  return {
    read(into, count) {
      const { starts, ends } = into;
      into.bytes = bytes;
      let p = at;
      for (let i = 0; i < count; i++) {
        if (p + 4 > end) ended();
        const length =
          bytes[p]! | (bytes[p + 1]! << 8) | (bytes[p + 2]! << 16) | (bytes[p + 3]! << 24);
        p += 4;
        if (length < 0 || length > end - p) {
          throw new ParquetFault(`has a value of ${length >>> 0} bytes where ${end - p} are left`);
        }
        starts[i] = p;
        p += length;
        ends[i] = p;
      }
      at = p;
    },
  };
}

function plainFixed(bytes: Uint8Array, at: number, end: number, length: number): ValueDecoder {
  return {
    read(into, count) {
      if (at + count * length > end) ended();
      into.bytes = bytes;
      for (let i = 0; i < count; i++) {
        into.starts[i] = at;
        at += length;
        into.ends[i] = at;
      }
    },
  };
}

/** Bytes are copied as they are: all machines are little-endian (see geometry/wkb.ts). */
function plainNumbers({ type }: Leaf, bytes: Uint8Array, at: number, end: number): ValueDecoder {
  const size = type === 'INT32' || type === 'FLOAT' ? 4 : 8;
  const singles = new Float32Array(type === 'FLOAT' ? VECTOR_ENTRIES : 0);
  return {
    read({ int32, words, float64 }, count) {
      if (at + count * size > end) ended();
      const run = bytes.subarray(at, at + count * size);
      at += count * size;
      if (type === 'FLOAT') {
        for (let from = 0; from < count; from += VECTOR_ENTRIES) {
          const many = Math.min(VECTOR_ENTRIES, count - from);
          new Uint8Array(singles.buffer).set(run.subarray(4 * from, 4 * (from + many)));
          for (let i = 0; i < many; i++) float64[from + i] = singles[i]!;
        }
        return;
      }
      const { buffer } = type === 'INT32' ? int32 : type === 'INT64' ? words : float64;
      new Uint8Array(buffer).set(run);
    },
  };
}

/** Values of a dictionary, by the indexes in bytes[at, end): bits of an index, then these. */
export function dictionaryDecoder(
  dictionary: Vector,
  bytes: Uint8Array,
  at: number,
  end: number,
): ValueDecoder {
  // A page of nulls alone may have no byte at all.
  const indexes = new HybridDecoder(bytes, Math.min(end, at + 1), end, at < end ? bytes[at]! : 0);
  const index = new Int32Array(VECTOR_ENTRIES);
  const { count: size } = dictionary;
  return {
    read(into, count) {
      indexes.read(index, count);
      for (let i = 0; i < count; i++) {
        if (index[i]! >>> 0 >= size) {
          throw new ParquetFault(`refers to value ${index[i]! >>> 0} of ${size} in a dictionary`);
        }
      }
      gather(dictionary, index, count, into);
    },
  };
}

function gather(from: Vector, index: Int32Array, count: number, into: Vector): void {
  if (into.int32.length > 0) {
    for (let i = 0; i < count; i++) into.int32[i] = from.int32[index[i]!]!;
  } else if (into.float64.length > 0) {
    for (let i = 0; i < count; i++) into.float64[i] = from.float64[index[i]!]!;
  } else if (into.words.length > 0) {
    for (let i = 0; i < count; i++) {
      into.words[2 * i] = from.words[2 * index[i]!]!;
      into.words[2 * i + 1] = from.words[2 * index[i]! + 1]!;
    }
  } else {
    into.bytes = from.bytes;
    for (let i = 0; i < count; i++) {
      into.starts[i] = from.starts[index[i]!]!;
      into.ends[i] = from.ends[index[i]!]!;
    }
  }
}

/** Truths as runs, after their length in four bytes. */
export function runBooleans(bytes: Uint8Array, at: number, end: number): ValueDecoder {
  if (at + 4 > end) ended();
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);
  if (length > end - at - 4) ended();
  const runs = new HybridDecoder(bytes, at + 4, at + 4 + length, 1);
  return { read: ({ int32 }, count) => runs.read(int32, count) };
}
