/**
 * Writes a tile as a FlatGeobuf: header, index, features in the order of the rows. The index's leaves are
 * in this order, too: browsers reckon a feature's length from where the next leaf's begins, and GDAL
 * numbers features by their leaves.
 */

import type { OutputFile } from '../../../core/files/output-file.ts';
import type { EncodedRow, EncodedValues } from '../../encoded-row.ts';
import type { StagedLayer, StagedRows, StagedWriter } from '../../staged-format.ts';
import { packedTreeBytes } from '../packed-tree.ts';
import { BlockSums, sealHead, sealText } from '../seal.ts';
import type { TileRows } from '../tile-file.ts';
import { FeatureSpool } from './feature-spool.ts';
import { FeatureWriter } from './feature-writer.ts';
import { hasHeights, headBytes } from './header-writer.ts';
import { PropertyWriter } from './property-writer.ts';
import { NODE_SIZE, TreeWriter } from './tree-writer.ts';

const NOTHING: EncodedValues = {
  types: new Uint8Array(0),
  typesLength: 0,
  body: new Uint8Array(0),
  bodyLength: 0,
};

export class TileWriter implements StagedWriter {
  readonly #output: OutputFile;
  readonly #layer: StagedLayer;
  readonly #hasZ: boolean;
  readonly #properties: PropertyWriter;
  readonly #features: FeatureWriter;
  readonly #spool: FeatureSpool;
  readonly #tree = new TreeWriter();

  constructor(output: OutputFile, layer: StagedLayer) {
    this.#output = output;
    this.#layer = layer;
    this.#hasZ = hasHeights(layer.geometry);
    this.#properties = new PropertyWriter(layer.columns);
    this.#features = new FeatureWriter(this.#hasZ);
    this.#spool = new FeatureSpool(output.path);
  }

  get rows(): number {
    return this.#tree.count;
  }

  add(row: EncodedRow, more: EncodedValues): void {
    const spool = this.#spool;
    const properties = this.#properties;
    properties.write(row, more);
    spool.reserve(this.#features.mostBytes(row, properties.length));
    this.#tree.add(row, spool.size);
    const { target, view, at } = spool;
    spool.at = this.#features.write(target, view, at, row, properties.bytes, properties.length);
  }

  copy(rows: StagedRows): void {
    const { file, row, features } = rows as TileRows;
    // What a row's bytes depend on besides itself.
    if (file.hasOdd || file.hasZ !== this.#hasZ) {
      this.add(row, NOTHING);
      return;
    }
    const { bytes, start, end } = features;
    const spool = this.#spool;
    spool.reserve(end - start + 4);
    this.#tree.add(row, spool.size);
    spool.target.set(bytes.subarray(start - 4, end), spool.at);
    spool.at += end - start + 4;
  }

  finish(): void {
    const { count } = this.#tree;
    const bytes = packedTreeBytes(count, NODE_SIZE) + this.#spool.size;
    const sums = new BlockSums(bytes);
    const { hasOdd } = this.#properties;
    const envelope = new Float64Array(4);
    const head = () =>
      headBytes(this.#layer, { count, envelope, hasOdd, metadata: sealText(bytes, sums.sums) });
    let position = head().length;
    const take = (block: Uint8Array, length: number): void => {
      sums.add(block, length);
      this.#output.write(block, length, position);
      position += length;
    };
    if (count > 0) envelope.set(this.#tree.write(take));
    this.#spool.drain(take);
    const sealed = head();
    sealHead(sealed);
    this.#output.write(sealed, sealed.length, 0);
  }
}
