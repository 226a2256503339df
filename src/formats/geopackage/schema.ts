/** Layers of a GeoPackage: columns, keys, counts, CRSs (OGC 12-128r18), asked through SQLite. */

import type { DatabaseSync } from 'node:sqlite';
import type { Column } from '../../core/columns.ts';
import { TilewrightError } from '../../core/errors.ts';
import type { LayerInfo } from '../source.ts';
import { columnType } from './column-types.ts';
import { describeComputed, metadataOf } from './computed.ts';
import { type Registration, readRegistrations, readSchema, type Schema } from './registration.ts';
import { all, lowerCase, quote, type Row, sameName } from './sql.ts';
import { readCrs } from './srs.ts';

export interface GeoPackageLayer extends LayerInfo {
  /** The table or view that it is in. */
  table: string;
  /** Name of the geometry column. */
  geometryColumn: string;
  /** SQL expression of a row's position, the feature id; null if rows have none (views, …). */
  position: string | null;
  /**
   * Root page of the table's b-tree, whose rowids are the positions; null if rows can only be had
   * through SQL.
   */
  rootPage: number | null;
  /** Whether its rows, or some values, are computed by SQL of the file's own. */
  computed: boolean;
  /** All stored columns, in order. */
  storedColumns: string[];
  /** Index of the one that is another name of the rowid, which records hold as NULL; −1 if none. */
  rowidColumn: number;
  /** Name of the R-tree that finds rows by box; null for none; not there where nobody looked for one. */
  boxIndex?: string | null;
}

/** The layers of an open GeoPackage. Each is looked at when it is asked for. */
export class GeoPackageCatalog {
  readonly #db: DatabaseSync;
  /** Where the tables are that describe the layers. */
  readonly #metadata: DatabaseSync;
  readonly #path: string;
  readonly #bytes: number;
  readonly #keepKeys: boolean;
  readonly #schema: Schema;
  readonly #registered: ReadonlyMap<string, Registration>;
  readonly #known = new Map<string, GeoPackageLayer>();
  readonly #count: CountRows | null;

  /**
   * @param keepKeys - whether keys of the usual names are columns too
   * @param count - counts the rows of a table by its root page, where SQLite can't
   * @throws TilewrightError input-format when the database is no GeoPackage; SQLite's errors
   */
  constructor(
    db: DatabaseSync,
    path: string,
    fileBytes: number,
    keepKeys = false,
    count: CountRows | null = null,
  ) {
    this.#db = db;
    this.#path = path;
    this.#keepKeys = keepKeys;
    this.#count = count;
    this.#schema = readSchema(db);
    this.#metadata = metadataOf(db, path, this.#schema);
    const layers = readRegistrations(this.#metadata, path, this.#schema);
    this.#registered = new Map(layers.map((layer) => [layer.name, layer]));
    this.#bytes = fileBytes / Math.max(1, layers.length);
  }

  /** Of all layers, also of those that can't be read. */
  get names(): string[] {
    return [...this.#registered.keys()];
  }

  /** @throws TilewrightError input-layer, input-corrupt; SQLite's errors */
  layer(name: string): GeoPackageLayer {
    let layer = this.#known.get(name);
    if (layer === undefined) {
      layer = this.#describe(this.#registration(name));
      this.#known.set(name, layer);
    }
    return layer;
  }

  #registration(name: string): Registration {
    const registration = this.#registered.get(name);
    if (registration !== undefined) return registration;
    throw new TilewrightError(
      'input-layer',
      `${this.#path} has no layer ${name}; it has: ${this.names.join(', ') || 'none'}`,
      { input: this.#path },
    );
  }

  #describe(registration: Registration): GeoPackageLayer {
    const { name, table, geometryColumns, contradiction } = registration;
    const db = this.#db;
    const broken = (what: string): TilewrightError =>
      new TilewrightError('input-corrupt', `${this.#path}: layer ${name} ${what}`, {
        input: this.#path,
      });
    const entry = this.#schema.get(lowerCase(table));
    if (entry === undefined) {
      const named = table.includes('\ufffd') ? ' (its name is not valid UTF-8)' : '';
      throw broken(`is registered, but there is no table or view ${table}${named}`);
    }
    const [geometryName] = geometryColumns;
    if (geometryName === undefined) {
      throw broken('is registered in gpkg_contents, but has no row in gpkg_geometry_columns');
    }
    if (contradiction !== null) throw broken(`contradicts itself: ${contradiction}`);
    const isTable = entry.type === 'table' && entry.rootPage > 0;
    const { info, count } = isTable
      ? { info: all(db, `pragma table_xinfo(${quote(table)})`), count: null }
      : describeComputed(db, this.#path, table);
    const unreadable = info.find((c) => String(c['name']).includes('\ufffd'));
    if (unreadable !== undefined) {
      throw broken(
        `has a column whose name is not valid UTF-8: ${unreadable['name']}. Rename it, or copy the ` +
          'other columns with ogr2ogr -sql',
      );
    }
    const geometry = info.find((c) => sameName(String(c['name']), geometryName));
    if (geometry === undefined) {
      throw broken(`has no column ${geometryName}, which gpkg_geometry_columns names`);
    }
    const hasRowid = isTable && !isWithoutRowid(db, table);
    const key = isTable ? integerKey(db, table, info, hasRowid) : null;
    const position = key === null ? (hasRowid ? freeRowidName(info) : null) : quote(key);
    const onPages =
      hasRowid && position !== null && info.every((column) => Number(column['hidden']) === 0);
    const numbersRows = key !== null && !this.#keepKeys && isRowNumber(key);
    const unregistered: string[] = [];
    const attributes = info.filter((column) => {
      const columnName = String(column['name']);
      if (columnName === key && numbersRows) return false;
      if (geometryColumns.some((other) => sameName(other, columnName))) return false;
      if (!isGeometryType(String(column['type']))) return true;
      unregistered.push(columnName);
      return false;
    });
    const { srsId } = registration;
    const crs = readCrs(this.#metadata, srsId);
    return {
      name,
      table,
      geometryType: registration.geometryType,
      featureCount: count ?? this.#countFeatures(table, entry.rootPage),
      columns: attributes.map(
        (c): Column => ({ name: String(c['name']), type: columnType(String(c['type'])) }),
      ),
      key: numbersRows ? key : null,
      crs: crs ?? null,
      ...(crs === undefined && { unknownCrs: srsId }),
      extent: registration.extent,
      bytes: Math.round(this.#bytes),
      notes:
        unregistered.length === 0
          ? []
          : [
              `geometries that gpkg_geometry_columns does not name are left out: ${unregistered.join(', ')}`,
            ],
      geometryColumn: String(geometry['name']),
      position,
      rootPage: onPages ? entry.rootPage : null,
      computed: !isTable || info.some((column) => Number(column['hidden']) === 2),
      storedColumns: info.map((c) => String(c['name'])),
      rowidColumn: hasRowid ? info.findIndex((c) => String(c['name']) === key) : -1,
    };
  }

  /**
   * The count that GDAL keeps, where it is possible; else they are counted. A layer is not taken for
   * empty because another program has forgotten to keep it.
   */
  #countFeatures(table: string, rootPage: number): number {
    if (this.#schema.has('gpkg_ogr_contents')) {
      const row = all(
        this.#metadata,
        'select feature_count from gpkg_ogr_contents where lower(table_name) = lower(?)',
        table,
      )[0];
      const count = row?.['feature_count'];
      // A row takes five bytes at the least.
      if (typeof count === 'number' && count > 0 && count * 5 <= this.#bytes) return count;
    }
    if (this.#count !== null) return this.#count(rootPage);
    const sql = `select count(*) as n from ${quote(table)} not indexed`;
    return Number(all(this.#db, sql)[0]!['n']);
  }
}

type CountRows = (rootPage: number) => number;

/** Types of geometries, which are no types of attributes (OGC 12-128r18, annex G). */
function isGeometryType(declared: string): boolean {
  return /^(geometry|(multi)?(point|linestring|polygon|curve|surface)|geomcollection|geometrycollection|circularstring|compoundcurve|curvepolygon)( ?z?m?)$/i.test(
    declared.trim(),
  );
}

/**
 * Names that GIS programs give to a key that only numbers the rows: GDAL, PostGIS, SpatiaLite, QGIS,
 * and SQLite itself. A number behind it keeps it apart from an attribute of the same name.
 */
function isRowNumber(key: string): boolean {
  return /^(?:fid|ogc_fid|ogr_fid|gid|id|rowid|_rowid_|oid|pk_?uid)(?:_\d+)?$/i.test(key);
}

/** For the name of such a table, and for no other, SQLite tells the columns of an index. */
function isWithoutRowid(db: DatabaseSync, table: string): boolean {
  return all(db, `pragma index_info(${quote(table)})`).length > 0;
}

/**
 * The INTEGER PRIMARY KEY, if that is another name of the rowid. One that has an index of its own
 * (INTEGER PRIMARY KEY DESC) is an attribute like others. Without rowids it identifies all the same.
 */
function integerKey(
  db: DatabaseSync,
  table: string,
  info: Row[],
  hasRowid: boolean,
): string | null {
  const keys = info.filter((column) => Number(column['pk']) > 0);
  if (keys.length !== 1 || String(keys[0]!['type']).toUpperCase() !== 'INTEGER') return null;
  const indexes = hasRowid ? all(db, `pragma index_list(${quote(table)})`) : [];
  return indexes.some((index) => index['origin'] === 'pk') ? null : String(keys[0]!['name']);
}

/** One of SQLite's names for the rowid that is not the name of a column. */
function freeRowidName(info: Row[]): string | null {
  const taken = new Set(info.map((column) => lowerCase(String(column['name']))));
  return ['rowid', '_rowid_', 'oid'].find((name) => !taken.has(name)) ?? null;
}
