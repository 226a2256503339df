/** GeoPackages as inputs. */

import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { TilewrightError } from '../../core/errors.ts';
import type { FeatureBatch } from '../../geometry/batch.ts';
import type { LayerInfo, ReadOptions, Slice, VectorSource } from '../source.ts';
import { corrupt, isPlain, PageFile } from '../sqlite/page-file.ts';
import { TableCursor } from '../sqlite/table-cursor.ts';
import { RecordReader } from './rows.ts';
import { all, type GeoPackageLayer, quote, readLayers } from './schema.ts';
import { readThroughSql } from './sql-rows.ts';

/** @throws TilewrightError input-missing, input-empty, input-format, input-truncated, … */
export function openGeoPackage(path: string): VectorSource {
  return new GeoPackageSource(path);
}

class GeoPackageSource implements VectorSource {
  readonly format = 'GeoPackage';
  readonly path: string;
  readonly #pages: PageFile;
  readonly #db: DatabaseSync;
  readonly #layers: GeoPackageLayer[];
  /** Whether the rows can be read off the pages. */
  readonly #plain: boolean;

  constructor(path: string) {
    this.path = path;
    this.#pages = new PageFile(path);
    this.#plain = isPlain(path) && this.#pages.encoding <= 1;
    let db: DatabaseSync | undefined;
    try {
      const url = pathToFileURL(path);
      // Without this, SQLite wants to lock the file and to write beside it.
      if (isPlain(path)) url.searchParams.set('immutable', '1');
      db = new DatabaseSync(url, { readOnly: true, enableForeignKeyConstraints: false });
      this.#layers = readLayers(db, path, statSync(path).size);
      this.#db = db;
    } catch (error) {
      db?.close();
      this.#pages.close();
      throw sqliteError(error, path);
    }
  }

  layers(): LayerInfo[] {
    return this.#layers;
  }

  slices(name: string, targetBytes: number): Slice[] {
    const layer = this.#layer(name);
    if (layer.rootPage === null) return [{ start: -Infinity, end: Infinity }];
    const first = this.#edgeRowid(name, 'min');
    const last = this.#edgeRowid(name, 'max');
    if (first === null || last === null) return [];
    const span = last - first + 1;
    const count = Math.max(1, Math.min(Math.ceil(layer.bytes / targetBytes), span));
    const edge = (k: number): number => first + Math.floor((span * k) / count);
    return Array.from({ length: count }, (_, k) => ({ start: edge(k), end: edge(k + 1) }));
  }

  *read(
    name: string,
    slice: Slice,
    batch: FeatureBatch,
    options: ReadOptions,
  ): Generator<FeatureBatch> {
    const layer = this.#layer(name);
    try {
      if (!this.#plain || layer.rootPage === null) {
        yield* readThroughSql(this.#db, layer, slice, batch, options);
        return;
      }
      const indexes = layer.columns.map((column) => layer.storedColumns.indexOf(column.name));
      const reader = new RecordReader({
        path: this.path,
        columnCount: layer.storedColumns.length,
        geometry: layer.storedColumns.indexOf(layer.geometryColumn),
        columns: layer.columns,
        indexes,
        defaults: layer.defaults,
      });
      const cursor = new TableCursor(this.#pages, layer.rootPage);
      cursor.seek(slice.start);
      for (let more = true; more; ) {
        batch.clear();
        more = reader.fill(cursor, slice.end, batch, options);
        yield batch;
      }
    } catch (error) {
      throw sqliteError(error, this.path);
    }
  }

  #edgeRowid(layer: string, which: 'min' | 'max'): number | null {
    try {
      const row = all(this.#db, `select ${which}(rowid) as edge from ${quote(layer)}`)[0]!;
      const edge = row['edge'] ?? null;
      if (edge === null || typeof edge === 'number') return edge;
    } catch (error) {
      throw sqliteError(error, this.path);
    }
    throw new TilewrightError(
      'input-unreadable',
      `${this.path}: layer ${layer} has feature ids beyond 2^53, which can't be kept apart. ` +
        'Give its features smaller ids',
      { input: this.path },
    );
  }

  close(): void {
    this.#db.close();
    this.#pages.close();
  }

  #layer(name: string): GeoPackageLayer {
    const layer = this.#layers.find((candidate) => candidate.name === name);
    if (layer !== undefined) return layer;
    const names = this.#layers.map((candidate) => candidate.name).join(', ');
    throw new TilewrightError(
      'input-layer',
      `${this.path} has no layer ${name}; it has: ${names || 'none'}`,
      { input: this.path },
    );
  }
}

function sqliteError(error: unknown, path: string): unknown {
  const code = (error as { errcode?: number }).errcode;
  if (typeof code !== 'number') return error;
  const message = (error as Error).message;
  switch (code & 0xff) {
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
