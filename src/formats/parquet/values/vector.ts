/** Values of consecutive entries of one column, in flat arrays. */

import type { Leaf } from '../schema.ts';

/** Entries that a vector holds at the most. */
export const VECTOR_ENTRIES = 2048;

const NO_BYTES = new Uint8Array(0);

/**
 * Entry i, 0 ≤ i < count, is a row of a column that is not nested. Of one without a value, the arrays
 * hold anything. Which arrays there are depends on the physical type:
 *
 *   BOOLEAN, INT32                          int32[i]
 *   INT64                                   words[2 i], words[2 i + 1]: the low and the high 32 bits
 *   FLOAT, DOUBLE                           float64[i]
 *   BYTE_ARRAY, FIXED_LEN_…, INT96          bytes[starts[i] … ends[i])
 */
export class Vector {
  count = 0;
  /** Whether each entry has a value. */
  isFull = true;
  /** Level of entry i; it has a value if that is the leaf's maxDefinition. Unless `isFull`. */
  readonly definition: Uint8Array;
  /** Of columns that are nested: 0 where a row begins. */
  readonly repetition: Uint8Array;
  readonly int32: Int32Array;
  readonly words: Int32Array;
  readonly float64: Float64Array;
  bytes: Uint8Array = NO_BYTES;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly maxDefinition: number;

  constructor(leaf: Leaf, size = VECTOR_ENTRIES) {
    const { type, maxDefinition, maxRepetition } = leaf;
    this.maxDefinition = maxDefinition;
    this.definition = new Uint8Array(maxDefinition > 0 ? size : 0);
    this.repetition = new Uint8Array(maxRepetition > 0 ? size : 0);
    const isReal = type === 'FLOAT' || type === 'DOUBLE';
    const isInt32 = type === 'INT32' || type === 'BOOLEAN';
    const isBytes = !isReal && !isInt32 && type !== 'INT64';
    this.int32 = new Int32Array(isInt32 ? size : 0);
    this.words = new Int32Array(type === 'INT64' ? 2 * size : 0);
    this.float64 = new Float64Array(isReal ? size : 0);
    this.starts = new Int32Array(isBytes ? size : 0);
    this.ends = new Int32Array(isBytes ? size : 0);
  }

  /** Whether entry i has a value. */
  has(i: number): boolean {
    return this.isFull || this.definition[i] === this.maxDefinition;
  }

  /** Definition level of entry i. */
  levelOf(i: number): number {
    return this.isFull ? this.maxDefinition : this.definition[i]!;
  }

  /** Moves values, which lie one after the other, to their entries. */
  spread(values: number): void {
    const { definition, maxDefinition, int32, words, float64, starts, ends } = this;
    let from = values;
    for (let i = this.count - 1; from < i + 1 && from > 0; i--) {
      if (definition[i] !== maxDefinition) continue;
      from--;
      if (int32.length > 0) int32[i] = int32[from]!;
      else if (float64.length > 0) float64[i] = float64[from]!;
      else if (words.length > 0) {
        words[2 * i] = words[2 * from]!;
        words[2 * i + 1] = words[2 * from + 1]!;
      } else {
        starts[i] = starts[from]!;
        ends[i] = ends[from]!;
      }
    }
  }
}

/** Values of a page, in order. */
export interface ValueDecoder {
  /** Fills entries [0, count) of the vector. @throws ParquetFault if there are not so many */
  read(into: Vector, count: number): void;
}
