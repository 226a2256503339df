/** Rows of a column that is not nested, in flat arrays. */

import { TilewrightError } from '../../core/errors.ts';
import { ColumnReader } from './column-reader.ts';
import { ParquetFault } from './fault.ts';
import type { ParquetFile } from './file.ts';
import type { Leaf } from './schema.ts';
import { VECTOR_ENTRIES, type Vector } from './values/vector.ts';

/** Of rows start ≤ r < end of a file, row r at r − start; which arrays there are is the type's, as in Vector. */
export interface ColumnValues {
  count: number;
  /** Null if every row has a value; else 1 for one that has. */
  defined: Uint8Array | null;
  int32: Int32Array;
  /** INT64: the low and the high words of row i at 2 i and 2 i + 1. */
  words: Int32Array;
  float64: Float64Array;
  /** BYTE_ARRAY and the like: row i is bytes[offsets[i] … offsets[i + 1]). */
  bytes: Uint8Array;
  offsets: Float64Array;
}

/**
 * Reads rows start ≤ r < end of the file, from 0, of any row groups. Memory is taken for all of them.
 * @throws TilewrightError input-corrupt, input-format; input-columns for a column in a list or a map
 */
export function readColumn(
  file: ParquetFile,
  leaf: Leaf,
  start: number,
  end: number,
): ColumnValues {
  const { path } = file.window;
  if (leaf.maxRepetition > 0) {
    const message = `${path}: column "${leaf.name}" is in a list, and has no value for each row`;
    throw new TilewrightError('input-columns', message, { input: file.input });
  }
  if (!(start >= 0 && start <= end && end <= file.rows)) {
    throw new TilewrightError('internal', `${path} has no rows ${start} to ${end}`);
  }
  const count = end - start;
  const { type } = leaf;
  const isBytes = type === 'BYTE_ARRAY' || leaf.length > 0;
  const values: ColumnValues = {
    count,
    defined: null,
    int32: new Int32Array(type === 'INT32' || type === 'BOOLEAN' ? count : 0),
    words: new Int32Array(type === 'INT64' ? 2 * count : 0),
    float64: new Float64Array(type === 'FLOAT' || type === 'DOUBLE' ? count : 0),
    bytes: new Uint8Array(0),
    offsets: new Float64Array(isBytes ? count + 1 : 0),
  };
  for (let at = start; at < end; ) {
    const group = file.groupOf(at);
    const first = file.rowStarts[group]!;
    const last = Math.min(end, file.rowStarts[group + 1]!);
    const reader = new ColumnReader(file, group, leaf);
    reader.seek(at - first);
    while (at < last) {
      const many = reader.read(Math.min(VECTOR_ENTRIES, last - at));
      if (many === 0)
        throw file.named(new ParquetFault('has fewer rows than it says'), leaf, group);
      append(values, at - start, reader.vector);
      at += many;
    }
  }
  return values;
}

function append(to: ColumnValues, at: number, from: Vector): void {
  const { count } = from;
  if (!from.isFull) {
    to.defined ??= new Uint8Array(to.count).fill(1);
    for (let i = 0; i < count; i++) if (!from.has(i)) to.defined[at + i] = 0;
  }
  if (to.int32.length > 0) to.int32.set(from.int32.subarray(0, count), at);
  else if (to.words.length > 0) to.words.set(from.words.subarray(0, 2 * count), 2 * at);
  else if (to.float64.length > 0) to.float64.set(from.float64.subarray(0, count), at);
  else appendBytes(to, at, from);
}

function appendBytes(to: ColumnValues, at: number, from: Vector): void {
  const { count, starts, ends, bytes } = from;
  let end = to.offsets[at]!;
  let length = end;
  for (let i = 0; i < count; i++) if (from.has(i)) length += ends[i]! - starts[i]!;
  if (length > to.bytes.length) {
    const grown = new Uint8Array(Math.max(length, Math.ceil((length / (at + count)) * to.count)));
    grown.set(to.bytes.subarray(0, end));
    to.bytes = grown;
  }
  for (let i = 0; i < count; i++) {
    if (from.has(i)) {
      to.bytes.set(bytes.subarray(starts[i]!, ends[i]!), end);
      end += ends[i]! - starts[i]!;
    }
    to.offsets[at + i + 1] = end;
  }
}
