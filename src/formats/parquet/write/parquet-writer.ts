/**
 * Writes a Parquet file row group by row group, in one pass (https://parquet.apache.org/docs/file-format).
 * The same values give the same bytes.
 */

import type { OutputFile } from '../../../core/files/output-file.ts';
import { PieceWriter } from '../../../core/files/piece-writer.ts';
import type { ColumnChunk } from './column-chunk.ts';
import { CREATED_BY, type Leaf, MAGIC } from './layout.ts';
import { writeSchema } from './schema.ts';
import { ThriftWriter } from './thrift-writer.ts';

/** A column, which a row group's chunk is made of. */
export interface ChunkSource {
  readonly leaf: Leaf;
  /** All that was added to it as pages, until the next call; it is empty again. */
  chunk(): ColumnChunk;
}

/** Of one call. */
const indexes = new ThriftWriter();

export class ParquetWriter {
  readonly #out: PieceWriter;
  readonly #leaves: readonly Leaf[];
  /** RowGroup structs, one after the other. */
  readonly #groups = new ThriftWriter(1024);
  #groupCount = 0;
  #rows = 0;

  /** @param output - nothing is in it yet; the caller closes it */
  constructor(output: OutputFile, leaves: readonly Leaf[]) {
    this.#out = new PieceWriter(output);
    this.#leaves = leaves;
    this.#out.write(MAGIC, MAGIC.length);
  }

  get groupCount(): number {
    return this.#groupCount;
  }

  get rows(): number {
    return this.#rows;
  }

  /** Bytes that the row groups so far take in the metadata. */
  get groupBytes(): number {
    return this.#groups.length;
  }

  /** Writes a row group. @param columns - as the leaves, with `rows` values each; at least one row */
  writeGroup(columns: readonly ChunkSource[], rows: number): void {
    const out = this.#out;
    const start = out.position;
    let plainBytes = 0;
    const chunks = columns.map((column) => column.chunk());
    for (const chunk of chunks) {
      chunk.placeAt(out.position);
      out.write(chunk.bytes.bytes, chunk.bytes.length);
      plainBytes += chunk.plainBytes;
    }
    const end = out.position;
    indexes.clear();
    for (const chunk of chunks) chunk.writeIndexes(indexes, end + indexes.length);
    out.write(indexes.bytes, indexes.length);
    const groups = this.#groups;
    groups.begin();
    groups.list(1, 'struct', columns.length);
    for (const chunk of chunks) chunk.writeMetadata(groups);
    groups.i64(2, plainBytes);
    groups.i64(3, rows);
    groups.i64(5, start);
    groups.i64(6, end - start);
    groups.end();
    this.#groupCount++;
    this.#rows += rows;
  }

  /** Writes bytes that no reader of Parquet looks at; returns where they are. */
  writeAside(bytes: Uint8Array): number {
    const { position } = this.#out;
    this.#out.write(bytes, bytes.length);
    return position;
  }

  /**
   * Writes the metadata; nothing can be added afterwards.
   * @param keyValues - are told where in the metadata the row groups begin
   * @param seal - may change bytes of the metadata, not how many there are
   */
  finish(
    keyValues: (groupsAt: number) => ReadonlyMap<string, string>,
    seal?: (metadata: Uint8Array) => void,
  ): void {
    const footer = new ThriftWriter(this.#groups.length + 4096);
    footer.begin();
    footer.i32(1, 2);
    writeSchema(footer, 2, this.#leaves);
    footer.i64(3, this.#rows);
    footer.list(4, 'struct', this.#groupCount);
    const pairs = keyValues(footer.length);
    footer.all(this.#groups.filled);
    footer.list(5, 'struct', pairs.size);
    for (const [key, value] of pairs) {
      footer.begin();
      footer.text(1, key);
      footer.text(2, value);
      footer.end();
    }
    footer.text(6, CREATED_BY);
    footer.list(7, 'struct', this.#leaves.length);
    for (const _ of this.#leaves) {
      footer.begin();
      // The order of the type.
      footer.begin(1);
      footer.end();
      footer.end();
    }
    footer.end();
    seal?.(footer.filled);
    const { length } = footer;
    footer.uint32(length);
    footer.all(MAGIC);
    this.#out.write(footer.bytes, footer.length);
    this.#out.finish();
  }
}
