/** GeoPackages as inputs. */

import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import type { Column, Value } from '../../core/columns.ts';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { sqliteCode } from '../../core/sqlite-error.ts';
import type { FeatureBatch } from '../../geometry/batch.ts';
import type { Bounds } from '../../tms/tile-matrix.ts';
import type { InputFormat } from '../input-format.ts';
import { isInputUrl } from '../remote/input-url.ts';
import { type BoxNear, sampledExtents } from '../sampled-extent.ts';
import { EVERYTHING, type ReadSelection } from '../selection/read-selection.ts';
import type { LayerInfo, OpenOptions, ReadOptions, Slice, VectorSource } from '../source.ts';
import { corrupt } from '../sqlite/damage.ts';
import { DATABASE_SIDECARS, isPlain, MAGIC, PageFile } from '../sqlite/page-file.ts';
import type { RowWriter } from '../sqlite/record.ts';
import { TableCursor } from '../sqlite/table-cursor.ts';
import { findBoxIndex, rowsInBox } from './box-index.ts';
import { copyComputed } from './computed.ts';
import { RowBounds } from './row-bounds.ts';
import { type RecordLayout, RecordReader } from './rows.ts';
import { GeoPackageCatalog, type GeoPackageLayer } from './schema.ts';
import { needsFile, SchemaCopy } from './schema-copy.ts';
import { quote } from './sql.ts';
import { edgesThroughSql, readThroughSql } from './sql-rows.ts';
import { SqlValues } from './sql-values.ts';

/** How long to wait for a program that is just writing to the database. */
const BUSY_TIMEOUT_MS = 2000;

/** Read at a time where a row here and there is looked at. */
const SAMPLE_BYTES = 4096;
const SPARSE_BYTES = 4096;
/** A table of which more than one row in so many is asked for is read through. */
const DENSE = 3;
const WHOLE: Slice = { start: -Infinity, end: Infinity };

/** Application ids at byte 68: of version 1.2 and later, 1.0, 1.1 (OGC 12-128r19, requirement 2). */
const APPLICATIONS = ['GPKG', 'GP10', 'GP11'];

export const GEOPACKAGE: InputFormat = {
  name: 'GeoPackage',
  extensions: ['.gpkg'],
  sidecars: DATABASE_SIDECARS,
  companions: ['.gpkg-shm', '.gpkg.aux.xml'],
  recognises(head, path) {
    const text = Buffer.from(head).toString('latin1');
    if (!text.startsWith(MAGIC)) return false;
    return APPLICATIONS.includes(text.slice(68, 72)) || hasContents(path);
  },
  open: async (path, options) => openGeoPackage(path, options),
};

/** @throws TilewrightError input-missing, input-empty, input-format, input-truncated, … */
export function openGeoPackage(path: string, options: OpenOptions = {}): GeoPackageSource {
  return new GeoPackageSource(path, options);
}

interface Opened {
  db: DatabaseSync;
  catalog: GeoPackageCatalog;
  /** What the database is of an input that is no file of this machine. */
  copy: SchemaCopy | null;
}

export class GeoPackageSource implements VectorSource {
  readonly format = GEOPACKAGE.name;
  readonly path: string;
  readonly #pages: PageFile;
  /** Whether the file holds everything, so that nobody seems to be writing it. */
  readonly #plain: boolean;
  readonly #keepKeys: boolean;
  readonly #byBox: boolean;
  /** Layers that are described already: reading them from pages takes no database. */
  readonly #known: ReadonlyMap<string, LayerInfo>;
  #opened: Opened | null = null;

  constructor(path: string, { keepPrimaryKey = false, byBox = false, known = [] }: OpenOptions) {
    this.path = path;
    this.#pages = new PageFile(path);
    this.#plain = isPlain(path);
    this.#keepKeys = keepPrimaryKey;
    this.#byBox = byBox;
    this.#known = new Map(known.map((layer) => [layer.name, layer]));
    try {
      if (known.length === 0) this.#open();
    } catch (error) {
      this.#pages.close();
      throw error;
    }
  }

  /** SQLite looks at all of the schema then, which takes its time where there are many layers. */
  #open(): Opened {
    if (this.#opened !== null) return this.#opened;
    const { path } = this;
    let db: DatabaseSync | undefined;
    let copy: SchemaCopy | null = null;
    try {
      if (isInputUrl(path)) copy = new SchemaCopy(path);
      const url = pathToFileURL(copy?.file ?? path);
      // Without this, SQLite wants to lock the file and to write beside it.
      if (this.#plain) url.searchParams.set('immutable', '1');
      db = new DatabaseSync(url, {
        readOnly: true,
        enableForeignKeyConstraints: false,
        timeout: BUSY_TIMEOUT_MS,
      });
      const count = copy === null ? null : (root: number) => copy!.countRows(root);
      const catalog = new GeoPackageCatalog(db, path, this.#pages.size, this.#keepKeys, count);
      this.#opened = { db, catalog, copy };
      return this.#opened;
    } catch (error) {
      db?.close();
      copy?.close();
      throw sqliteError(error, path);
    }
  }

  layerNames(): string[] {
    return this.#open().catalog.names;
  }

  layer(name: string): GeoPackageLayer {
    try {
      const known = this.#known.get(name) as GeoPackageLayer | undefined;
      if (known !== undefined) return known;
      const { db, catalog, copy } = this.#open();
      const layer = catalog.layer(name);
      if (copy !== null) return onPages(layer, this.path);
      if (this.#byBox && layer.rootPage !== null && this.#pagesTell) {
        layer.boxIndex ??= findBoxIndex(db, this.path, layer);
      }
      return layer;
    } catch (error) {
      throw layerError(error, this.path, name);
    }
  }

  layers(): LayerInfo[] {
    return this.layerNames().map((name) => this.layer(name));
  }

  slices(name: string, targetBytes: number, selection?: ReadSelection | null): Slice[] {
    const layer = this.layer(name);
    if (layer.rootPage === null) return [{ start: -Infinity, end: Infinity }];
    const few = layer.featureCount / DENSE;
    const ids = this.#idsIn(layer, selection?.bbox ?? null, WHOLE, few);
    // Who reads the slices is told with the layer not to look either.
    if (ids === null) layer.boxIndex = null;
    else {
      const rowBytes = layer.bytes / Math.max(1, layer.featureCount);
      const each = Math.max(1, Math.floor(targetBytes / rowBytes));
      return Array.from({ length: Math.ceil(ids.length / each) }, (_, k) => ({
        start: ids[k * each]!,
        end: ids[Math.min((k + 1) * each, ids.length) - 1]! + 1,
      }));
    }
    const edges = this.#edges(layer, layer.rootPage);
    if (edges === null) return [];
    const { first, last } = edges;
    const span = last - first + 1;
    const count = Math.max(1, Math.min(Math.ceil(layer.bytes / targetBytes), span));
    // A span of more than 2^53 is not exact: the last edge is not reckoned from it.
    const edge = (k: number): number =>
      k === count ? last + 1 : first + Math.floor((span / count) * k);
    return Array.from({ length: count }, (_, k) => ({ start: edge(k), end: edge(k + 1) }));
  }

  extents(name: string, slices: readonly Slice[], most?: number): (Bounds | null)[] {
    const layer = this.layer(name);
    if (layer.rootPage === null || !this.#pagesTell) return slices.map(() => null);
    const pages = new PageFile(this.path, SAMPLE_BYTES);
    try {
      const cursor = new TableCursor(pages, layer.rootPage);
      const bounds = new RowBounds(layer.storedColumns.indexOf(layer.geometryColumn));
      const boxNear: BoxNear = (position, box) =>
        cursor.findNear(position) && bounds.read(cursor, box) ? cursor.rowid : Number.NaN;
      return sampledExtents(slices, layer.extent, boxNear, most);
    } catch (error) {
      throw layerError(error, this.path, name);
    } finally {
      pages.close();
    }
  }

  *read(
    name: string,
    slice: Slice,
    batch: FeatureBatch,
    options: ReadOptions,
  ): Generator<FeatureBatch> {
    const layer = this.layer(name);
    try {
      if (layer.rootPage !== null && this.#pagesTell) {
        yield* this.#readPages(layer, layer.rootPage, slice, batch, options);
      } else if (layer.computed) {
        const copy = copyComputed(this.#open().db, this.path, layer);
        try {
          yield* readThroughSql(copy.db, this.path, copy.layer, slice, batch, options);
        } finally {
          copy.db.close();
        }
      } else {
        yield* readThroughSql(this.#open().db, this.path, layer, slice, batch, options);
      }
      if (this.#plain) this.#pages.checkUnchanged();
    } catch (error) {
      throw layerError(error, this.path, name);
    }
  }

  *#readPages(
    layer: GeoPackageLayer,
    rootPage: number,
    slice: Slice,
    batch: FeatureBatch,
    options: ReadOptions,
  ): Generator<FeatureBatch> {
    const indexes = layer.columns.map((column) => layer.storedColumns.indexOf(column.name));
    const layout: RecordLayout = {
      path: this.path,
      columnCount: layer.storedColumns.length,
      geometry: layer.storedColumns.indexOf(layer.geometryColumn),
      columns: layer.columns,
      indexes,
      rowidColumn: layer.rowidColumn,
      writeMissing: (k, rowid, writer) => this.#writeValue(layer, layer.columns[k]!, rowid, writer),
    };
    const selection = options.selection ?? EVERYTHING;
    const reader = new RecordReader(layout, selection);
    const ids = this.#idsIn(layer, selection.bbox, slice);
    if (ids !== null && ids.length * DENSE <= slice.end - slice.start) {
      // What is looked for here and there is not worth the blocks that are read in a row.
      const pages = new PageFile(this.path, SPARSE_BYTES);
      try {
        const cursor = new TableCursor(pages, rootPage);
        for (let left = ids.length; left > 0; ) {
          batch.clear();
          left = reader.fillOf(cursor, ids, ids.length - left, batch, options);
          yield batch;
        }
      } finally {
        pages.close();
      }
      return;
    }
    const cursor = new TableCursor(this.#pages, rootPage);
    cursor.seek(slice.start);
    for (let more = true; more; ) {
      batch.clear();
      more = reader.fill(cursor, slice.end, batch, options);
      yield batch;
    }
  }

  /** Rows of a slice whose boxes touch the box, at the most so many, where an index tells; else null. */
  #idsIn(
    { boxIndex }: GeoPackageLayer,
    bbox: Bounds | null,
    { start, end }: Slice,
    most = Infinity,
  ): Float64Array | null {
    if (bbox === null || boxIndex == null) return null;
    try {
      return rowsInBox(this.#open().db, boxIndex, bbox, start, end, most);
    } catch {
      // An index that can't be read is as none: the table is read through.
      return null;
    }
  }

  /** What SQLite makes of an attribute that a row's record does not hold. */
  #writeValue(layer: GeoPackageLayer, column: Column, rowid: number, writer: RowWriter): boolean {
    const { db, copy } = this.#open();
    copy?.bringRow(layer.rootPage!, rowid);
    const values = new SqlValues(db, this.path, [column]);
    const statement = db.prepare(
      `select ${values.expressions.join(', ')} from ${quote(layer.table)} not indexed where ${layer.position} = ?`,
    );
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    return values.encode(statement.get(rowid) as unknown as Value[], 0, rowid, writer);
  }

  /** Whether rows can be had from the pages: the file holds everything, and its text is UTF-8. */
  get #pagesTell(): boolean {
    return this.#plain && this.#pages.encoding <= 1;
  }

  /** The first and the last position of a table; null when it is empty. */
  #edges(layer: GeoPackageLayer, rootPage: number): { first: number; last: number } | null {
    try {
      return this.#pagesTell
        ? new TableCursor(this.#pages, rootPage).edges()
        : edgesThroughSql(this.#open().db, this.path, layer);
    } catch (error) {
      throw sqliteError(error, this.path);
    }
  }

  close(): void {
    this.#opened?.db.close();
    this.#opened?.copy?.close();
    this.#pages.close();
  }
}

/** @throws TilewrightError input-layer for a layer of a URL that can't be read as pages */
function onPages(layer: GeoPackageLayer, path: string): GeoPackageLayer {
  if (layer.rootPage !== null) return layer;
  throw needsFile(path, `the rows of layer ${layer.name} have no numbers`);
}

/** Whether a database that does not say so is a GeoPackage: other programs set no application id. */
function hasContents(path: string): boolean {
  if (isInputUrl(path)) return false;
  const url = pathToFileURL(path);
  url.searchParams.set('immutable', '1');
  try {
    const db = new DatabaseSync(url, { readOnly: true });
    try {
      return db.prepare("select 1 from sqlite_schema where name = 'gpkg_contents'").get() != null;
    } finally {
      db.close();
    }
  } catch {
    return false;
  }
}

/** An error about one layer: what SQLite can't run concerns no other. */
function layerError(error: unknown, path: string, layer: string): TilewrightError {
  if (sqliteCode(error) !== 1) return sqliteError(error, path);
  const { message } = error as Error;
  return new TilewrightError(
    'input-layer',
    `${path}: layer ${layer} can't be read: ${message}. Mend or remove it; others can be staged ` +
      'alone with --layer',
    { input: path, cause: error },
  );
}

function sqliteError(error: unknown, path: string): TilewrightError {
  const code = sqliteCode(error);
  if (code === undefined) {
    return toTilewrightError(error, { input: path }, 'input-unreadable');
  }
  const message = (error as Error).message;
  switch (code) {
    case 5: // SQLITE_BUSY
      return new TilewrightError(
        'input-unreadable',
        `${path} is being written by another program. Run again when it is done`,
        { input: path, retryable: true, cause: error },
      );
    case 8: // SQLITE_READONLY, because of a journal that has to be rolled back
      return new TilewrightError(
        'input-unreadable',
        `${path} was not closed by the program that wrote it last, and has a journal beside it. ` +
          'Open it once with a program that may write, which puts it in order',
        { input: path, cause: error },
      );
    case 14: // SQLITE_CANTOPEN: it needs `-wal`, and a file `-shm` that it makes
      return new TilewrightError(
        'input-unreadable',
        `${path} has a write-ahead log beside it (${path}-wal), with changes that are not in the ` +
          "file yet. SQLite can't use it: it can't be read, or nothing may be written beside it. End " +
          'the program that has the file open, or copy both files to where you may write',
        { input: path, cause: error },
      );
    case 11: // SQLITE_CORRUPT
      return corrupt(path, message);
    case 26: // SQLITE_NOTADB
      return new TilewrightError('input-format', `${path} is not an SQLite database: ${message}`, {
        input: path,
      });
    default:
      return new TilewrightError('input-unreadable', `${path} can't be read: ${message}`, {
        input: path,
        cause: error,
      });
  }
}
