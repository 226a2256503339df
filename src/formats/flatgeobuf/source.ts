/** A FlatGeobuf as an input: one layer, named as its header says, or after the file. */

import { basename, extname } from 'node:path';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import type { FeatureBatch } from '../../geometry/batch.ts';
import type { Bounds } from '../../tms/tile-matrix.ts';
import { FileWindow } from '../file-window.ts';
import { sampledExtents } from '../sampled-extent.ts';
import { EVERYTHING } from '../selection/read-selection.ts';
import type { LayerInfo, OpenOptions, ReadOptions, Slice, VectorSource } from '../source.ts';
import { FeatureBytes } from './feature-bytes.ts';
import { FeatureDecoder } from './feature-decoder.ts';
import { GEOMETRY_TYPES } from './geometry.ts';
import { type FlatHeader, readFlatHeader } from './header.ts';
import { FeaturePlaces, type FlatLayer } from './places.ts';
import type { FlatColumn } from './schema.ts';

/** Read at a time where a node here and there is looked at. */
const SAMPLE_BYTES = 4096;

/** Positions are record numbers, from 1, in the order of the file. */
export class FlatGeobufSource implements VectorSource {
  readonly path: string;
  readonly format = 'FlatGeobuf';
  readonly #name: string;
  readonly #window: FileWindow;
  readonly #header: FlatHeader;
  readonly #columns: FlatColumn[];
  readonly #places: FeaturePlaces;
  readonly #features: FeatureBytes;
  readonly #decoder: FeatureDecoder;
  #layer: FlatLayer | null = null;

  /**
   * @throws TilewrightError input-missing, input-empty, input-format, input-truncated, input-corrupt,
   *   input-unreadable
   */
  constructor(path: string, { known }: OpenOptions = {}) {
    this.path = path;
    this.#window = new FileWindow(path, path);
    try {
      this.#header = readFlatHeader(this.#window);
      this.#name = this.#header.name || basename(path, extname(path));
      this.#features = new FeatureBytes(this.#window);
      const { columns } = this.#header;
      this.#columns = columns.length > 0 ? columns : this.#columnsOfFirst();
      this.#decoder = new FeatureDecoder(path, this.#columns, this.#header.geometryType);
      const layer = known?.find(({ name }) => name === this.#name);
      this.#places = new FeaturePlaces(this.#window, this.#header, layer);
    } catch (error) {
      this.close();
      throw toTilewrightError(error, { input: path });
    }
  }

  /** Features may have columns of their own. Where the header has none, those of the first are the layer's. */
  #columnsOfFirst(): FlatColumn[] {
    this.#features.seek(this.#header.featuresAt);
    if (!this.#features.next(1)) return [];
    return new FeatureDecoder(this.path, [], 0).ownColumns(this.#features, 1);
  }

  layerNames(): string[] {
    return [this.#name];
  }

  layer(name: string): FlatLayer {
    this.#checkLayer(name);
    this.#layer ??= this.#describe(name);
    return this.#layer;
  }

  #describe(name: string): FlatLayer {
    const { geometryType, crs, envelope, hasTimes, featuresAt } = this.#header;
    return {
      name,
      geometryType: GEOMETRY_TYPES[geometryType] ?? `geometry type ${geometryType}`,
      featureCount: this.#places.count,
      columns: this.#columns.map((column) => ({ name: column.name, type: column.type })),
      key: null,
      crs,
      extent: envelope,
      bytes: this.#window.size - featuresAt,
      notes: hasTimes ? ['its vertices have values of time, which are left out'] : [],
    };
  }

  layers(): LayerInfo[] {
    return [this.layer(this.#name)];
  }

  slices(layer: string, targetBytes: number): Slice[] {
    this.#checkLayer(layer);
    const { count } = this.#places;
    if (count === 0) return [];
    const slices = this.#slices(count, targetBytes);
    // Who reads them is told with the layer, and need not go through the index again.
    const { isInOrder } = this.#places;
    if (isInOrder !== null) this.layer(layer).isInOrder = isInOrder;
    return slices;
  }

  #slices(count: number, targetBytes: number): Slice[] {
    const { size } = this.#window;
    const { featuresAt } = this.#header;
    const total = size - featuresAt;
    const shares = Math.min(count, Math.max(1, Math.ceil(total / Math.max(1, targetBytes))));
    if (shares === 1) return [{ start: 1, end: count + 1, bytes: [featuresAt, size] }];
    const slices: Slice[] = [];
    let [first, from] = [1, featuresAt];
    let cut = total / shares;
    this.#places.walk((record, offset) => {
      if (offset - featuresAt < cut) return true;
      if (record > first) slices.push({ start: first, end: record, bytes: [from, offset] });
      [first, from] = [record, offset];
      cut = (Math.floor(((offset - featuresAt) * shares) / total) + 1) * (total / shares);
      return true;
    });
    slices.push({ start: first, end: count + 1, bytes: [from, size] });
    return slices;
  }

  extents(layer: string, slices: readonly Slice[], most?: number): (Bounds | null)[] {
    this.#checkLayer(layer);
    const tree = slices.length === 0 ? null : this.#places.tree;
    if (tree === null) return slices.map(() => null);
    const window = new FileWindow(this.path, this.path, SAMPLE_BYTES);
    try {
      const sampled = tree.through(window);
      return sampledExtents(
        slices,
        this.#header.envelope,
        (position, box) => {
          if (position < 1 || position > sampled.items) return Number.NaN;
          sampled.boxOf(position - 1, box);
          return position;
        },
        most,
      );
    } finally {
      window.close();
    }
  }

  *read(
    layer: string,
    slice: Slice,
    batch: FeatureBatch,
    options: ReadOptions,
  ): Iterable<FeatureBatch> {
    this.#checkLayer(layer);
    const { maxFeatures, maxVertices, drops, notes } = options;
    const selection = options.selection ?? EVERYTHING;
    const features = this.#features;
    const decoder = this.#decoder;
    decoder.select(selection);
    const tree = selection.bbox === null ? null : this.#places.tree;
    const box = selection.bbox as Bounds;
    const { featuresCount } = this.#header;
    const last = Math.min(slice.end, featuresCount > 0 ? featuresCount + 1 : Infinity);
    let record = Math.max(1, slice.start);
    let offset = record >= last ? 0 : (slice.bytes?.[0] ?? this.#places.offsetOf(record));
    batch.clear();
    for (; record < last; record++) {
      if (tree !== null) {
        const next = tree.next(record - 1, last - 1, box) + 1;
        if (next === last) break;
        if (next !== record) offset = this.#places.offsetOf(next);
        record = next;
      }
      // Another reading may have been at it in between.
      features.seek(offset);
      if (!features.next(record)) break;
      offset = features.offset;
      let reason: ReturnType<typeof decoder.decode>;
      try {
        reason = decoder.decode(batch, features, record);
      } catch (error) {
        throw toTilewrightError(error, { input: this.path, feature: record });
      }
      if (reason === 'not selected') continue;
      notes.rowsRead++;
      if (reason !== null) {
        drops.add(reason, record);
        continue;
      }
      if (decoder.droppedM) notes.droppedM++;
      if (batch.featureCount >= maxFeatures || batch.vertexCount >= maxVertices) {
        yield batch;
        batch.clear();
      }
    }
    if (batch.featureCount > 0) yield batch;
    if (tree === null) this.#checkEnd(slice, record, offset);
  }

  close(): void {
    this.#window.close();
  }

  /** @param record - the one after the last that was read, which ended at `offset` */
  #checkEnd(slice: Slice, record: number, offset: number): void {
    if (offset === 0) return;
    if (record < slice.end) this.#places.checkEnd(record, offset);
    else if (record > this.#header.featuresCount) this.#places.checkEnd(record, offset);
    if (slice.bytes === undefined || slice.bytes[1] === offset) return;
    throw new TilewrightError(
      'input-corrupt',
      `${this.path} is damaged: features ${slice.start} to ${slice.end - 1} end at byte ${offset}, and its ` +
        `index says ${slice.bytes[1]}. Write it anew, for example with ogr2ogr`,
      { input: this.path, feature: slice.start },
    );
  }

  #checkLayer(layer: string): void {
    if (layer === this.#name) return;
    throw new TilewrightError(
      'input-layer',
      `${this.path} has no layer "${layer}"; a FlatGeobuf has one, and that is "${this.#name}"`,
      { input: this.path },
    );
  }
}
