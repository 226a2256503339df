/** A GeoParquet file as an input: one layer, named after the file. Positions are row numbers, from 1. */

import { basename, extname } from 'node:path';
import type { DropReason } from '../../core/drops.ts';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { type FeatureBatch, ODD_VALUES } from '../../geometry/batch.ts';
import type { Bounds } from '../../tms/tile-matrix.ts';
import { FileWindow } from '../file-window.ts';
import { named } from '../parquet/fault.ts';
import { ParquetFile } from '../parquet/file.ts';
import { PageBudget } from '../parquet/page-budget.ts';
import type { ReadSelection } from '../selection/read-selection.ts';
import type { LayerInfo, OpenOptions, ReadOptions, Slice, VectorSource } from '../source.ts';
import { RowWriter } from '../sqlite/record.ts';
import { AttributeRows, type Attributes, attributesOf } from './attributes.ts';
import { groupBox, rowsNear, touch } from './boxes.ts';
import { extentsOf } from './extents.ts';
import { type GeometryColumn, geometryColumnOf } from './geo-metadata.ts';
import { NativeGeometries } from './native-geometries.ts';
import { slicesOf } from './slices.ts';
import { mayBeTrue } from './where-statistics.ts';
import { type Geometries, WkbGeometries } from './wkb-geometries.ts';

/** Columns lie apart: what is read around one is seldom what comes next. */
const BLOCK_BYTES = 1 << 16;

/** What tasks get of a file, as JSON. */
interface GeoParquetLayer extends LayerInfo {
  footerSum: number;
}

export class GeoParquetSource implements VectorSource {
  readonly path: string;
  readonly format = 'GeoParquet';
  readonly #name: string;
  readonly #window: FileWindow;
  readonly #file: ParquetFile;
  readonly #geometry: GeometryColumn;
  readonly #attributes: Attributes;
  readonly #row = new RowWriter();

  /**
   * @throws TilewrightError input-missing, input-empty, input-format, input-truncated, input-corrupt,
   *   input-unreadable; input-layer for Parquet without geometries
   */
  constructor(path: string, { known }: OpenOptions) {
    this.path = path;
    this.#name = basename(path, extname(path));
    this.#window = new FileWindow(path, path, BLOCK_BYTES);
    try {
      const layer = known?.find(({ name }) => name === this.#name) as GeoParquetLayer | undefined;
      this.#file = ParquetFile.open(this.#window, layer?.footerSum);
      this.#geometry = geometryColumnOf(this.#file);
      this.#attributes = attributesOf(this.#file, this.#geometry);
    } catch (error) {
      this.close();
      throw toTilewrightError(named(error, path, path), { input: path }, 'input-corrupt');
    }
  }

  layerNames(): string[] {
    return [this.#name];
  }

  layer(name: string): GeoParquetLayer {
    this.#checkLayer(name);
    const { geometryType, crs, extent, notes } = this.#geometry;
    const { columns } = this.#attributes;
    return {
      name,
      geometryType,
      featureCount: this.#file.rows,
      columns: columns.map((column) => ({ ...column })),
      key: null,
      crs,
      extent: this.#file.rows === 0 ? null : (extent as LayerInfo['extent']),
      bytes: this.#window.size,
      notes: [...notes, ...this.#attributes.notes],
      footerSum: this.#file.footerSum,
    };
  }

  layers(): LayerInfo[] {
    return [this.layer(this.#name)];
  }

  slices(layer: string, targetBytes: number): Slice[] {
    this.#checkLayer(layer);
    return slicesOf(this.#file, targetBytes);
  }

  extents(layer: string, slices: readonly Slice[], most?: number): (Bounds | null)[] {
    this.#checkLayer(layer);
    return extentsOf(this.#file, this.#geometry, slices, most);
  }

  *read(
    layer: string,
    slice: Slice,
    batch: FeatureBatch,
    options: ReadOptions,
  ): Iterable<FeatureBatch> {
    this.#checkLayer(layer);
    const { maxFeatures, maxVertices, selection } = options;
    batch.clear();
    const { rowStarts, rows } = this.#file;
    const end = Math.min(slice.end - 1, rows);
    for (let at = Math.max(0, slice.start - 1); at < end; ) {
      const group = this.#file.groupOf(at);
      const first = rowStarts[group]!;
      const last = Math.min(end, rowStarts[group + 1]!);
      const [from, to] = [at - first, last - first];
      at = last;
      if (!this.#mayHold(group, selection ?? null)) continue;
      const near = this.#near(group, selection?.bbox ?? null, from, to);
      const read = this.#readerOf(group, from, batch, options);
      for (let row = from; row < to; row++) {
        if (near?.[row - from] === 0 || !read(row)) continue;
        if (batch.featureCount >= maxFeatures || batch.vertexCount >= maxVertices) {
          yield batch;
          batch.clear();
        }
      }
    }
    if (batch.featureCount > 0) yield batch;
  }

  close(): void {
    this.#window.close();
  }

  /** Whether a row group may hold rows that are selected, by its statistics. */
  #mayHold(group: number, selection: ReadSelection | null): boolean {
    const { bbox, where } = selection ?? { bbox: null, where: null };
    const isTrue =
      where === null || mayBeTrue(where.condition, this.#file, group, this.#attributes);
    const box = bbox === null ? null : groupBox(this.#file, group, this.#geometry);
    return isTrue && (bbox === null || box === null || touch(box, bbox));
  }

  /** See rowsNear. */
  #near(group: number, bbox: Bounds | null, start: number, end: number): Uint8Array | null {
    if (bbox === null) return null;
    return rowsNear(this.#file, group, this.#geometry, bbox, start, end);
  }

  /**
   * What appends a row of a row group to the batch.
   * @returns takes rows of the group in ascending order; tells whether the row is in the batch
   */
  #readerOf(
    group: number,
    start: number,
    batch: FeatureBatch,
    { drops, notes, selection }: ReadOptions,
  ): (at: number) => boolean {
    const [file, row, where] = [this.#file, this.#row, selection?.where ?? null];
    const without = this.#geometry.encoding === 'none' ? 'null geometry' : 'not a polygon';
    const budget = new PageBudget();
    const geometries = this.#geometries(group, start, budget);
    const wanted = selection?.columns ?? null;
    const attributes = new AttributeRows(file, group, this.#attributes, start, wanted, budget);
    const before = file.rowStarts[group]! + 1;
    return (at) => {
      const position = before + at;
      row.clear();
      const isOdd = attributes.write(row, at);
      if (where !== null && !where.isTrue(row.types, 0, row.typesLength, row.body, 0)) return false;
      notes.rowsRead++;
      batch.beginFeature(position, isOdd ? ODD_VALUES : 0);
      let reason: DropReason | null;
      try {
        reason = geometries === null ? without : geometries.decode(batch, at);
      } catch (error) {
        const subject = `${this.path}: the geometry of feature ${position}`;
        const details = { input: this.path, feature: position };
        throw toTilewrightError(named(error, subject, this.path), details, 'input-corrupt');
      }
      if (reason !== null) {
        batch.dropFeature();
        drops.add(reason, position);
        return false;
      }
      if (geometries!.droppedM) notes.droppedM++;
      batch.appendRow(row.types, 0, row.typesLength, row.body, 0, row.bodyLength);
      batch.endFeature();
      return true;
    };
  }

  /** Null where there are none, or no polygons. */
  #geometries(group: number, start: number, budget: PageBudget): Geometries | null {
    const { encoding, field } = this.#geometry;
    if (encoding === 'other' || encoding === 'none') return null;
    if (encoding === 'WKB') return new WkbGeometries(this.#file, group, field.leaf!, start, budget);
    const isMulti = encoding === 'multipolygon';
    try {
      return new NativeGeometries(this.#file, group, field, isMulti, start, budget);
    } catch (error) {
      throw named(error, this.path, this.path);
    }
  }

  #checkLayer(layer: string): void {
    if (layer === this.#name) return;
    throw new TilewrightError(
      'input-layer',
      `${this.path} has no layer "${layer}"; a GeoParquet file's one layer has the file's name: ` +
        `"${this.#name}"`,
      { input: this.path },
    );
  }
}
