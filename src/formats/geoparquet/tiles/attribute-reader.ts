/** Values of columns of Parquet as attributes in SQLite's encoding: the way back of attribute-values.ts. */

import type { ColumnType } from '../../../core/columns.ts';
import type { Vector } from '../../parquet/values/vector.ts';
import type { RowWriter } from '../../sqlite/record.ts';
import { writeDay, writeInstant } from './dates.ts';

/** Appends entry i of the vector, which has a value. */
export type AttributeReader = (row: RowWriter, vector: Vector, i: number) => void;

const text = new Uint8Array(32);

export const ATTRIBUTE_READERS: Readonly<Record<ColumnType, AttributeReader>> = {
  boolean: (row, { int32 }, i) => row.integer(int32[i]! === 0 ? 0 : 1),
  integer(row, { words }, i) {
    const [low, high] = [words[2 * i]!, words[2 * i + 1]!];
    const value = high * 2 ** 32 + (low >>> 0);
    if (Number.isSafeInteger(value)) row.integer(value);
    else row.bigint((BigInt(high) << 32n) | BigInt(low >>> 0));
  },
  real(row, { float64 }, i) {
    const value = float64[i]!;
    if (Object.is(value, -0)) row.double(value);
    else row.real(value);
  },
  text: (row, { bytes, starts, ends }, i) => row.utf8(bytes, starts[i]!, ends[i]!),
  blob: (row, { bytes, starts, ends }, i) => {
    row.encoded(12 + 2 * (ends[i]! - starts[i]!), bytes, starts[i]!, ends[i]!);
  },
  date: (row, { int32 }, i) => row.utf8(text, 0, writeDay(text, 0, int32[i]!)),
  datetime: (row, { words }, i) => {
    row.utf8(text, 0, writeInstant(text, 0, words[2 * i + 1]!, words[2 * i]!));
  },
};
