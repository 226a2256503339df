/** The words and numbers of Parquet's metadata (https://github.com/apache/parquet-format, parquet.thrift). */

export const PHYSICAL = { BOOLEAN: 0, INT32: 1, INT64: 2, FLOAT: 4, DOUBLE: 5, BYTE_ARRAY: 6 };
export const ENCODING = {
  PLAIN: 0,
  RLE: 3,
  DELTA_BINARY_PACKED: 5,
  RLE_DICTIONARY: 8,
  BYTE_STREAM_SPLIT: 9,
};
export const CODEC = { UNCOMPRESSED: 0, ZSTD: 6 };

/** What values mean, beside their physical type. */
export type Meaning = 'text' | 'date' | 'datetime';

/** A column of the file: its values are where `path` leads. */
export interface Leaf {
  readonly path: readonly string[];
  /** Of PHYSICAL. */
  readonly type: number;
  /** Whether values can be NULL. */
  readonly optional: boolean;
  readonly meaning?: Meaning;
}

export const MAGIC = new TextEncoder().encode('PAR1');
/** Not the version of the package: bytes change with the way of writing alone. */
export const CREATED_BY = 'tilewright version 1 (build 1)';
