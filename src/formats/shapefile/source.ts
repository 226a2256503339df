/** A shapefile as an input: one layer, named after the file. */

import { basename, extname } from 'node:path';
import type { DropReason } from '../../core/drops.ts';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { addGuessed } from '../../core/guessed-text.ts';
import type { CrsReference } from '../../crs/reference.ts';
import { type FeatureBatch, ODD_VALUES } from '../../geometry/batch.ts';
import type { Bounds } from '../../tms/tile-matrix.ts';
import type { RandomAccess } from '../bytes/random-access.ts';
import { FileWindow } from '../file-window.ts';
import { findSidecar, type InputFormat } from '../input-format.ts';
import { type BoxNear, sampledExtents } from '../sampled-extent.ts';
import { EVERYTHING, type Where } from '../selection/read-selection.ts';
import { touches } from '../selection/touches.ts';
import type { LayerInfo, OpenOptions, ReadOptions, Slice, VectorSource } from '../source.ts';
import { RowWriter } from '../sqlite/record.ts';
import { DbfTable } from './dbf.ts';
import {
  FILE_CODE,
  HEADER_BYTES,
  POLYGON_HEADER_BYTES,
  PolygonDecoder,
  readBox,
  readShapefileHeader,
  type ShapefileHeader,
} from './shp.ts';
import { type KnownRecords, openIndex, type RecordIndex } from './shx.ts';

const RECORD_HEADER_BYTES = 8;
/** Read at a time where a record here and there is looked at. */
const SAMPLE_BYTES = 4096;
/** A .prj or .cpg larger than this is not one. */
export const MAX_TEXT_BYTES = 1 << 20;

/** Its files, by the ends of their names: the main file, then those beside it. */
export const SHAPEFILE_PARTS = ['.shp', '.shx', '.dbf', '.prj', '.cpg'] as const;
export type ShapefilePart = (typeof SHAPEFILE_PARTS)[number];

/** A shapefile's files, wherever they lie. */
export interface ShapefileFiles {
  /** Path of the input, which errors name. */
  readonly input: string;
  /** Name of its layer. */
  readonly layer: string;
  /** A path, or what is open and then closed by whoever asked; null: not there, or for the main file an error. */
  open(part: ShapefilePart): string | RandomAccess | null;
}

const SIDECARS = SHAPEFILE_PARTS.slice(1).map((end) => ({
  end,
  namesCrs: end === '.prj',
}));

export const SHAPEFILE: InputFormat = {
  name: 'shapefile',
  extensions: ['.shp'],
  sidecars: SIDECARS,
  companions: [
    ...['.shp.xml', '.qpj', '.qix', '.sbn', '.sbx'],
    ...['.atx', '.ain', '.aih', '.fbn', '.fbx', '.ixs', '.mxs'],
  ],
  recognises: isMainFile,
  open: async (path, options) => openShapefile(path, options),
};

/** An index begins like it; where a main file has the number of a record it says where this lies. */
function isMainFile(head: Uint8Array, path: string): boolean {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length < 4 || view.getUint32(0) !== FILE_CODE || /\.shx$/i.test(path)) return false;
  const beginsAt = HEADER_BYTES / 2;
  return /\.shp$/i.test(path) || head.length < 104 || view.getUint32(HEADER_BYTES) !== beginsAt;
}

/**
 * Opens a shapefile, with its sidecars. Positions are record numbers, from 1.
 * @param path - of the .shp
 * @throws TilewrightError input-missing, input-empty, input-format, input-truncated,
 *   input-unreadable, input-encoding; input-corrupt for a .dbf, .prj or .cpg that is none
 */
export function openShapefile(path: string, options: OpenOptions = {}): ShapefileSource {
  const files: ShapefileFiles = {
    input: path,
    layer: basename(path, extname(path)),
    open: (part) => (part === '.shp' ? path : findSidecar(path, { end: part })),
  };
  return new ShapefileSource(files, options);
}

/** What tasks get of a file, as JSON. */
export interface ShapefileLayer extends LayerInfo {
  records: KnownRecords;
}

export class ShapefileSource implements VectorSource {
  readonly path: string;
  readonly format = SHAPEFILE.name;
  readonly clockwiseShells = true;
  readonly #files: ShapefileFiles;
  readonly #name: string;
  readonly #windows: FileWindow[] = [];
  readonly #shp: FileWindow;
  readonly #dbf: DbfTable | null;
  readonly #rows: number;
  readonly #header: ShapefileHeader;
  readonly #index: RecordIndex;
  readonly #crs: CrsReference | null;
  readonly #decoder = new PolygonDecoder();
  readonly #row = new RowWriter();

  /** @param options - those of the layer that is `known` count */
  constructor(files: ShapefileFiles, { known }: OpenOptions = {}) {
    this.#files = files;
    this.path = files.input;
    this.#name = files.layer;
    try {
      this.#shp = this.#open('.shp')!;
      this.#header = readShapefileHeader(this.#shp);
      const layer = known?.find(({ name }) => name === this.#name) as ShapefileLayer | undefined;
      this.#index = openIndex(this.#shp, this.#header, this.#open('.shx'), layer?.records);
      const dbf = this.#open('.dbf');
      this.#dbf = dbf === null ? null : new DbfTable(dbf, this.path, this.#text('.cpg'));
      this.#rows = this.#dbf?.storedRows ?? 0;
      this.#crs = parsePrj(this.#text('.prj'));
    } catch (error) {
      this.close();
      throw toTilewrightError(error, { input: this.path });
    }
  }

  layerNames(): string[] {
    return [this.#name];
  }

  layer(name: string): ShapefileLayer {
    this.#checkLayer(name);
    this.#dbf?.checkRows(this.#index.count);
    const count = this.#count();
    return {
      name,
      geometryType: this.#header.shapeType,
      featureCount: count,
      columns: this.#dbf?.columns.map((column) => ({ ...column })) ?? [],
      key: null,
      crs: this.#crs,
      extent: count === 0 ? null : this.#header.extent,
      bytes: this.#bytesBefore(count + 1),
      notes: this.#notes(),
      records: { count: this.#index.count, isWalked: this.#index.isWalked },
    };
  }

  layers(): LayerInfo[] {
    return [this.layer(this.#name)];
  }

  slices(layer: string, targetBytes: number): Slice[] {
    this.#checkLayer(layer);
    const count = this.#count();
    if (count === 0) return [];
    const total = this.#bytesBefore(count + 1);
    const shares = Math.min(count, Math.max(1, Math.ceil(total / Math.max(1, targetBytes))));
    const slices: Slice[] = [];
    let start = 1;
    for (let i = 1; i <= shares; i++) {
      const end = i === shares ? count + 1 : this.#recordAt((total * i) / shares, start, count + 1);
      if (end > start) slices.push({ start, end });
      start = end;
    }
    // Elsewhere what comes before a slice would be gone through again for each.
    return this.#index.isWalked ? slices.map((slice) => this.#placed(slice)) : slices;
  }

  #placed({ start, end }: Slice): Slice {
    const place = (record: number): number => {
      const offset = this.#index.offsetOf(record);
      return offset < 0 ? this.#shp.size : offset;
    };
    return { start, end, bytes: [place(start), place(end)] };
  }

  extents(layer: string, slices: readonly Slice[], most?: number): (Bounds | null)[] {
    this.#checkLayer(layer);
    const shp = new FileWindow(this.#files.open('.shp')!, this.path, SAMPLE_BYTES);
    try {
      const boxNear: BoxNear = (position, box) => {
        const { record, offset } = this.#index.offsetNear(position);
        const at = offset + RECORD_HEADER_BYTES;
        const isThere = offset > 0 && at + POLYGON_HEADER_BYTES <= shp.size;
        return isThere && readBox(shp, at, box) ? record : Number.NaN;
      };
      return sampledExtents(slices, this.#header.extent, boxNear, most);
    } finally {
      shp.close();
    }
  }

  *read(
    layer: string,
    slice: Slice,
    batch: FeatureBatch,
    options: ReadOptions,
  ): Iterable<FeatureBatch> {
    this.#checkLayer(layer);
    const { maxFeatures, maxVertices, drops, notes, selection } = options;
    const { where, bbox, columns } = selection ?? EVERYTHING;
    const needed =
      columns && Uint8Array.from(this.#dbf?.columns ?? [], (_, i) => Number(columns.includes(i)));
    batch.clear();
    if (slice.bytes !== undefined) this.#index.startAt(slice.start, slice.bytes[0]);
    for (let record = Math.max(1, slice.start); record < slice.end; record++) {
      let reason: DropReason | 'elsewhere' | null;
      try {
        const offset = this.#index.offsetOf(record);
        if (offset < 0 && record > this.#rows) break;
        if (where !== null && !this.#isTrue(where, record)) continue;
        notes.rowsRead++;
        reason = this.#readFeature(record, offset, batch, bbox, needed);
      } catch (error) {
        throw toTilewrightError(error, { input: this.path, feature: record });
      }
      if (reason === 'elsewhere') continue;
      if (reason !== null) {
        drops.add(reason, record);
        continue;
      }
      if (this.#decoder.droppedM) notes.droppedM++;
      const column = this.#dbf?.takeGuessedColumn() ?? null;
      if (column !== null) {
        const guessed = { count: 1, feature: record, column };
        notes.guessedText = addGuessed(notes.guessedText, guessed);
      }
      if (batch.featureCount >= maxFeatures || batch.vertexCount >= maxVertices) {
        yield batch;
        batch.clear();
      }
    }
    if (batch.featureCount > 0) yield batch;
  }

  close(): void {
    for (const window of this.#windows) window.close();
  }

  /** Records and rows: a row of the .dbf without a record is a feature without a geometry. */
  #count(): number {
    return Math.max(this.#index.count, this.#rows);
  }

  #notes(): string[] {
    const dbf = this.#dbf;
    if (dbf === null) return ['there is no .dbf beside it: its polygons have no attributes'];
    const { rowCount: rows } = dbf;
    const shapes = this.#index.count;
    if (rows === shapes) return dbf.notes;
    const counts =
      `its .dbf says that it has ${rows.toLocaleString('en')} rows for ${shapes.toLocaleString('en')} shapes: ` +
      (rows < shapes ? 'the last shapes have no attributes' : 'the last rows have no geometry');
    return [counts, ...dbf.notes];
  }

  /** Whether the attributes of a record are those that are asked for. */
  #isTrue(where: Where, record: number): boolean {
    const [dbf, row] = [this.#dbf, this.#row];
    if (dbf?.isDeleted(record)) return false;
    row.clear();
    dbf?.writeRow(record, row);
    const isTrue = where.isTrue(row.types, 0, row.typesLength, row.body, 0);
    // What was guessed counts for the row only if it is read.
    dbf?.takeGuessedColumn();
    return isTrue;
  }

  /**
   * Appends the feature of a record to the batch, or leaves it as it was and says why.
   * @param bbox - of features that are asked for; null for all
   * @param needed - by column whether its values are asked for; null for all
   */
  #readFeature(
    record: number,
    offset: number,
    batch: FeatureBatch,
    bbox: Bounds | null,
    needed: Uint8Array | null,
  ): DropReason | 'elsewhere' | null {
    const dbf = this.#dbf;
    if (dbf?.isDeleted(record)) return 'deleted row';
    const content = offset < 0 ? 0 : this.#index.lengthOf(record);
    if (content === 0) return 'null geometry';
    batch.beginFeature(record);
    const first = batch.vertexCount;
    const at = offset + RECORD_HEADER_BYTES;
    const reason = this.#decoder.decode(batch, this.#shp, at, content);
    if (reason !== null) {
      batch.dropFeature();
      return reason;
    }
    if (bbox !== null && !touches(batch.xy, 2 * first, 2 * batch.vertexCount, bbox)) {
      batch.dropFeature();
      return 'elsewhere';
    }
    if (dbf !== null) {
      const row = this.#row;
      row.clear();
      if (dbf.writeRow(record, row, needed)) batch.flags[batch.featureCount]! |= ODD_VALUES;
      batch.appendRow(row.types, 0, row.typesLength, row.body, 0, row.bodyLength);
    }
    batch.endFeature();
    return null;
  }

  /** Bytes of the main file and the .dbf before a record, 1 ≤ record ≤ count + 1. */
  #bytesBefore(record: number): number {
    const offset = record > this.#index.count ? this.#shp.size : this.#index.offsetOf(record);
    return offset + (record - 1) * (this.#dbf?.rowBytes ?? 0);
  }

  /** The first record in [low, high) with `bytes` before it, by bisection; else `high`. */
  #recordAt(bytes: number, low: number, high: number): number {
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.#bytesBefore(middle) < bytes) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #checkLayer(layer: string): void {
    if (layer === this.#name) return;
    throw new TilewrightError(
      'input-layer',
      `${this.path} has no layer "${layer}"; a shapefile's one layer has the file's name: ` +
        `"${this.#name}"`,
      { input: this.path },
    );
  }

  #open(part: ShapefilePart): FileWindow | null {
    const file = this.#files.open(part);
    if (file === null) return null;
    const window = new FileWindow(file, this.path);
    this.#windows.push(window);
    return window;
  }

  /** @throws TilewrightError input-corrupt if it is too large to be a .prj or .cpg */
  #text(part: '.prj' | '.cpg'): string | null {
    const file = this.#files.open(part);
    if (file === null) return null;
    const window = new FileWindow(file, this.path);
    try {
      if (window.size > MAX_TEXT_BYTES) {
        throw new TilewrightError(
          'input-corrupt',
          `${window.path} has more than ${MAX_TEXT_BYTES} bytes: that is no ${part}. Restore or remove it`,
          { input: this.path },
        );
      }
      const bytes = Buffer.alloc(window.size);
      window.copy(0, bytes.length, bytes, 0);
      return bytes.toString('utf8');
    } finally {
      window.close();
    }
  }
}

/** The CRS of a .prj, which holds WKT; null if there is none or it is blank. */
export function parsePrj(text: string | null): CrsReference | null {
  const definition =
    text
      ?.replace(/^\ufeff/, '')
      .replace(/\0/g, '')
      .trim() ?? '';
  if (definition === '') return null;
  const name = /^\w+\s*[[(]\s*"([^"]+)"/.exec(definition)?.[1];
  return name === undefined ? { definition } : { definition, name };
}
