/** The row groups of a footer: each is read when it is asked for, as there may be millions of column chunks. */

import { ParquetFault } from './fault.ts';
import { ThriftReader } from './thrift.ts';

export interface Statistics {
  /** Bytes of values as PLAIN has them, without lengths; null: not given, or not in a known order. */
  min: Uint8Array | null;
  max: Uint8Array | null;
  nulls: number | null;
}

export interface ColumnChunk {
  /** Of the column's element in the schema. */
  type: number;
  codec: number;
  /** Of its pages and levels, each once. */
  encodings: number[];
  /** Values and nulls; of nested columns more than rows. */
  values: number;
  uncompressedBytes: number;
  compressedBytes: number;
  dataOffset: number;
  dictionaryOffset: number | null;
  statistics: Statistics | null;
  /** [minX, minY, maxX, maxY] of geometries: GeospatialStatistics. */
  box: [number, number, number, number] | null;
  /** Where the index of pages is: offset and length. */
  offsetIndex: [number, number] | null;
  /** Path of another file that holds it. */
  path: string | null;
  encrypted: boolean;
}

export interface RowGroup {
  rows: number;
  /** By leaf of the schema. */
  columns: ColumnChunk[];
}

/** Column chunks that stay in memory once they were asked for. */
const KEPT_CHUNKS = 4096;
const LEAST_KEPT = 4;

export class RowGroups {
  readonly #bytes: Uint8Array;
  readonly #leaves: number;
  /** Offset in the footer, rows, and compressed bytes of each. */
  readonly #starts: number[] = [];
  readonly #rows: number[] = [];
  readonly #sizes: number[] = [];
  readonly #kept = new Map<number, RowGroup>();

  /**
   * @param bytes - the footer, which is kept
   * @param leaves - columns of each
   */
  constructor(bytes: Uint8Array, leaves: number) {
    this.#bytes = bytes;
    this.#leaves = leaves;
  }

  get length(): number {
    return this.#starts.length;
  }

  /** Checks the one at which the reader of the footer stands. @throws ParquetFault */
  add(reader: ThriftReader): void {
    this.#starts.push(reader.at);
    const { rows, columns } = readRowGroup(reader, this.#leaves);
    this.#rows.push(rows);
    this.#sizes.push(columns.reduce((sum, { compressedBytes }) => sum + compressedBytes, 0));
  }

  rowsOf(group: number): number {
    return this.#rows[group]!;
  }

  /** Of all its columns, compressed. */
  bytesOf(group: number): number {
    return this.#sizes[group]!;
  }

  /** @param group - 0 ≤ group < length */
  at(group: number): RowGroup {
    const known = this.#kept.get(group);
    if (known !== undefined) return known;
    const read = readRowGroup(new ThriftReader(this.#bytes, this.#starts[group]!), this.#leaves);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= Math.max(LEAST_KEPT, KEPT_CHUNKS / Math.max(1, this.#leaves))) {
      this.#kept.delete(oldest!);
    }
    this.#kept.set(group, read);
    return read;
  }

  *[Symbol.iterator](): Generator<RowGroup> {
    for (let group = 0; group < this.length; group++) yield this.at(group);
  }
}

function readRowGroup(reader: ThriftReader, leaves: number): RowGroup {
  const group: RowGroup = { rows: -1, columns: [] };
  const outer = reader.begin();
  while (reader.next()) {
    if (reader.id === 1) {
      reader.structs(() => {
        group.columns.push(readChunk(reader));
        if (group.columns.length > leaves)
          throw new ParquetFault('has more columns than its schema');
      });
    } else if (reader.id === 3) group.rows = reader.int();
    else reader.skip();
  }
  reader.end(outer);
  if (!(group.rows >= 0) || group.columns.length !== leaves) {
    throw new ParquetFault('has a row group with other columns than its schema');
  }
  return group;
}

function readChunk(reader: ThriftReader): ColumnChunk {
  const chunk: ColumnChunk = {
    ...{ type: -1, encodings: [], codec: -1, values: -1 },
    ...{ uncompressedBytes: 0, compressedBytes: -1 },
    ...{ dataOffset: -1, dictionaryOffset: null, statistics: null, box: null },
    ...{ offsetIndex: null, path: null, encrypted: false },
  };
  const offsets: number[] = [];
  const outer = reader.begin();
  while (reader.next()) {
    const { id } = reader;
    if (id === 1) chunk.path = reader.text();
    else if (id === 3) readChunkMetadata(reader, chunk);
    else if (id === 4 || id === 5) offsets[id - 4] = reader.int();
    else if (id === 8 || id === 9) {
      chunk.encrypted = true;
      reader.skip();
    } else reader.skip();
  }
  reader.end(outer);
  if (offsets[1]! > 0) chunk.offsetIndex = offsets as [number, number];
  const isWhole = chunk.type >= 0 && chunk.codec >= 0 && chunk.values >= 0;
  if (!chunk.encrypted && !(isWhole && chunk.compressedBytes >= 0 && chunk.dataOffset >= 0)) {
    throw new ParquetFault('has a column whose place is not told');
  }
  return chunk;
}

function readChunkMetadata(reader: ThriftReader, chunk: ColumnChunk): void {
  const outer = reader.beginField();
  while (reader.next()) {
    const { id } = reader;
    if (id === 1) chunk.type = reader.int();
    else if (id === 2) chunk.encodings = reader.integers();
    else if (id === 4) chunk.codec = reader.int();
    else if (id === 5) chunk.values = reader.int();
    else if (id === 6) chunk.uncompressedBytes = reader.int();
    else if (id === 7) chunk.compressedBytes = reader.int();
    else if (id === 9) chunk.dataOffset = reader.int();
    else if (id === 11) chunk.dictionaryOffset = reader.int();
    else if (id === 12) chunk.statistics = readStatistics(reader);
    else if (id === 17) chunk.box = readBox(reader);
    else reader.skip();
  }
  reader.end(outer);
}

/** Only min_value and max_value are in the order of the column; min and max of old writers are not believed. */
function readStatistics(reader: ThriftReader): Statistics {
  const statistics: Statistics = { min: null, max: null, nulls: null };
  const outer = reader.beginField();
  while (reader.next()) {
    if (reader.id === 3) statistics.nulls = reader.int();
    else if (reader.id === 5) statistics.max = reader.binary().slice();
    else if (reader.id === 6) statistics.min = reader.binary().slice();
    else reader.skip();
  }
  reader.end(outer);
  return statistics;
}

function readBox(reader: ThriftReader): ColumnChunk['box'] {
  const sides: number[] = [];
  const outer = reader.beginField();
  while (reader.next()) {
    if (reader.id !== 1) {
      reader.skip();
      continue;
    }
    const inner = reader.beginField();
    while (reader.next()) {
      if (reader.id <= 4) sides[reader.id - 1] = reader.double();
      else reader.skip();
    }
    reader.end(inner);
  }
  reader.end(outer);
  const [minX, maxX, minY, maxY] = sides;
  if (minX === undefined || maxX === undefined || minY === undefined) return null;
  return maxY === undefined ? null : [minX, minY, maxX, maxY];
}
