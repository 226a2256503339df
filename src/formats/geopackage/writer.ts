/**
 * Writes a GeoPackage of one feature layer from rows as bytes, in one pass. Everything in it
 * follows from its rows: the same rows give the same bytes.
 */

import type { OutputFile } from '../../core/files/output-file.ts';
import { copyBytes } from '../../geometry/batch.ts';
import type { EncodedRow, EncodedValues } from '../encoded-row.ts';
import { DatabaseWriter } from '../sqlite/database-writer.ts';
import { recordHeaderLength } from '../sqlite/record.ts';
import { RTreeBuilder } from '../sqlite/rtree.ts';
import { TableWriter } from '../sqlite/table-writer.ts';
import { varintLength, writeVarint } from '../sqlite/varint.ts';
import { BLOB_HEADER_BYTES, writeBlobHeader } from './geometry-blob.ts';
import { type LayerDescription, layerFrame } from './layer-frame.ts';

/** `GPKG`, and GeoPackage 1.2. */
const APPLICATION_ID = 0x47504b47;
const USER_VERSION = 10200;

export class GeoPackageWriter {
  readonly #database: DatabaseWriter;
  readonly #features: TableWriter;
  readonly #rtree = new RTreeBuilder();
  readonly #extent = new Float64Array([Infinity, Infinity, -Infinity, -Infinity]);
  readonly #srsId: number;
  #rows = 0;

  /**
   * @param output - nothing is in it yet; the caller closes it
   * @param srsId - of the geometries
   */
  constructor(output: OutputFile, srsId: number, pageSize = 4096) {
    this.#database = new DatabaseWriter(output, {
      pageSize,
      applicationId: APPLICATION_ID,
      userVersion: USER_VERSION,
    });
    this.#features = new TableWriter(this.#database);
    this.#srsId = srsId;
  }

  get rows(): number {
    return this.#rows;
  }

  /**
   * Adds a row: its record is the key as NULL, the geometry as a blob with an XY envelope, its
   * values, and `more` values. Its fid is its number, from 1.
   */
  add(row: EncodedRow, more: EncodedValues): void {
    const { types, typesStart, typesEnd, body, bodyStart, bodyEnd } = row;
    const { geometry, geometryStart, geometryEnd } = row;
    const blob = BLOB_HEADER_BYTES + geometryEnd - geometryStart;
    const blobType = 12 + 2 * blob;
    const typesLength = 1 + varintLength(blobType) + typesEnd - typesStart + more.typesLength;
    const header = recordHeaderLength(typesLength);
    const features = this.#features;
    features.begin(++this.#rows, header + blob + bodyEnd - bodyStart + more.bodyLength);
    const { target, view } = features;
    let at = writeVarint(target, features.at, header);
    target[at++] = 0;
    at = writeVarint(target, at, blobType);
    copyBytes(types, typesStart, typesEnd, target, at);
    at += typesEnd - typesStart;
    copyBytes(more.types, 0, more.typesLength, target, at);
    at += more.typesLength;
    writeBlobHeader(target, view, at, this.#srsId, row);
    target.set(geometry.subarray(geometryStart, geometryEnd), at + BLOB_HEADER_BYTES);
    at += blob;
    copyBytes(body, bodyStart, bodyEnd, target, at);
    copyBytes(more.body, 0, more.bodyLength, target, at + bodyEnd - bodyStart);
    features.end();
    this.#noteBox(row);
  }

  /** Adds bytes[start, end), the record of `row` in another file that has the same columns. */
  addRecord(row: EncodedRow, bytes: Uint8Array, start: number, end: number): void {
    this.#features.add(++this.#rows, bytes, start, end);
    this.#noteBox(row);
  }

  #noteBox({ minX, minY, maxX, maxY }: EncodedRow): void {
    const extent = this.#extent;
    if (minX < extent[0]!) extent[0] = minX;
    if (minY < extent[1]!) extent[1] = minY;
    if (maxX > extent[2]!) extent[2] = maxX;
    if (maxY > extent[3]!) extent[3] = maxY;
    this.#rtree.add(minX, maxX, minY, maxY);
  }

  /** Writes all that is not rows. The writer can't be used afterwards. */
  finish(layer: LayerDescription): void {
    const features = this.#features.finish();
    const rtree = this.#rtree.finish(this.#database);
    const rows = { count: this.#rows, extent: this.#extent, features, rtree };
    layerFrame(layer).write(this.#database, layer, rows);
  }
}
