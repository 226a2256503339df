/** What a GeoPackage says of itself: layers, columns, CRSs (OGC 12-128r18), asked through SQLite. */

import type { DatabaseSync } from 'node:sqlite';
import type { Column, ColumnType, Value } from '../../core/columns.ts';
import { TilewrightError } from '../../core/errors.ts';
import type { CrsReference } from '../../crs/reference.ts';
import type { LayerInfo } from '../source.ts';

export interface GeoPackageLayer extends LayerInfo {
  /** Name of the geometry column. */
  geometryColumn: string;
  /** SQL expression of a row's position, the feature id; null if rows have none (views, …). */
  position: string | null;
  /**
   * Root page of the table's b-tree, whose rowids are the positions; null if rows can only be had
   * through SQL.
   */
  rootPage: number | null;
  /** All stored columns, in order. */
  storedColumns: string[];
}

type Row = Record<string, Value>;

/** An SQL identifier, quoted. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** @throws TilewrightError input-format when the database is no GeoPackage */
export function readLayers(db: DatabaseSync, path: string, fileBytes: number): GeoPackageLayer[] {
  const tables = new Set(
    all(db, "select name from sqlite_schema where type in ('table', 'view')").map((row) =>
      lowerCase(String(row['name'])),
    ),
  );
  for (const table of ['gpkg_contents', 'gpkg_geometry_columns', 'gpkg_spatial_ref_sys']) {
    if (!tables.has(table)) {
      throw new TilewrightError('input-format', `${path} is not a GeoPackage: it has no ${table}`, {
        input: path,
      });
    }
  }
  const rows = all(
    db,
    `select c.table_name, c.min_x, c.min_y, c.max_x, c.max_y, g.srs_id, g.column_name,
            g.geometry_type_name
       from gpkg_contents c join gpkg_geometry_columns g on lower(g.table_name) = lower(c.table_name)
      where c.data_type = 'features' order by c.rowid`,
  );
  const byName = new Map(rows.map((row) => [lowerCase(String(row['table_name'])), row]));
  const present = [...byName].filter(([name]) => tables.has(name)).map(([, row]) => row);
  return present.map((row) => readLayer(db, path, row, fileBytes / present.length, tables));
}

function readLayer(
  db: DatabaseSync,
  path: string,
  row: Row,
  bytes: number,
  tables: Set<string>,
): GeoPackageLayer {
  const name = String(row['table_name']);
  const info = all(db, `pragma table_xinfo(${quote(name)})`);
  const listed = all(db, `pragma table_list(${quote(name)})`).find((r) => r['schema'] === 'main');
  const schema = all(
    db,
    "select rootpage from sqlite_schema where lower(name) = lower(?) and type = 'table'",
    name,
  )[0];
  const isTable = listed?.['type'] === 'table';
  const hasRowid = isTable && Number(listed['wr']) === 0;
  const geometryName = String(row['column_name']);
  const geometry = info.find((c) => sameName(String(c['name']), geometryName));
  if (geometry === undefined) {
    throw new TilewrightError(
      'input-corrupt',
      `${path}: layer ${name} has no column ${geometryName}, which gpkg_geometry_columns names`,
      { input: path },
    );
  }
  const key = isTable ? integerKey(db, name, info, hasRowid) : null;
  const position = key === null ? (hasRowid ? freeRowidName(info) : null) : quote(key);
  const onPages =
    hasRowid && position !== null && info.every((column) => Number(column['hidden']) === 0);
  const attributes = info.filter((c) => c !== geometry && String(c['name']) !== key);
  const extent = ['min_x', 'min_y', 'max_x', 'max_y'].map((side) => row[side]);
  return {
    name,
    geometryType: String(row['geometry_type_name']).toUpperCase(),
    featureCount: countFeatures(db, name, bytes, tables),
    columns: attributes.map(
      (c): Column => ({ name: String(c['name']), type: columnType(String(c['type'])) }),
    ),
    crs: readCrs(db, Number(row['srs_id'])),
    extent: extent.every((value) => typeof value === 'number')
      ? (extent as [number, number, number, number])
      : null,
    bytes: Math.round(bytes),
    geometryColumn: String(geometry['name']),
    position,
    rootPage: onPages ? Number(schema?.['rootpage']) : null,
    storedColumns: info.map((c) => String(c['name'])),
  };
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

/** The count that GDAL keeps, where it is possible; else SQLite counts. */
function countFeatures(db: DatabaseSync, name: string, bytes: number, tables: Set<string>): number {
  if (tables.has('gpkg_ogr_contents')) {
    const row = all(
      db,
      'select feature_count from gpkg_ogr_contents where lower(table_name) = lower(?)',
      name,
    )[0];
    const count = row?.['feature_count'];
    // A row takes five bytes at the least.
    if (typeof count === 'number' && count >= 0 && count * 5 <= bytes) return count;
  }
  return Number(all(db, `select count(*) as n from ${quote(name)}`)[0]!['n']);
}

function readCrs(db: DatabaseSync, srsId: number): CrsReference | null {
  // 0 and −1 stand for an undefined geographic and an undefined Cartesian CRS.
  if (srsId === 0 || srsId === -1) return null;
  const row = all(db, 'select * from gpkg_spatial_ref_sys where srs_id = ?', srsId)[0];
  if (row === undefined) return null;
  const text = (column: string): string => String(row[column] ?? '').trim();
  const reference: CrsReference = { name: text('srs_name') };
  if (text('organization') !== '' && text('organization').toUpperCase() !== 'NONE') {
    reference.authority = text('organization').toUpperCase();
    reference.code = text('organization_coordsys_id');
  }
  const definition = text('definition');
  if (definition !== '' && definition !== 'undefined') reference.definition = definition;
  return reference.code === undefined && reference.definition === undefined ? null : reference;
}

/** The column type behind an SQL type name: GeoPackage's names, then SQLite's affinity rules. */
export function columnType(declared: string): ColumnType {
  const word = declared.toUpperCase().replace(/\(.*$/, '').trim();
  if (word === 'BOOLEAN') return 'boolean';
  if (word === 'DATE') return 'date';
  if (word === 'DATETIME') return 'datetime';
  if (word.includes('INT')) return 'integer';
  if (/CHAR|CLOB|TEXT|STRING|JSON/.test(word)) return 'text';
  if (word.includes('BLOB')) return 'blob';
  if (/REAL|FLOA|DOUB|NUMERIC|DECIMAL/.test(word)) return 'real';
  return 'text';
}

function sameName(a: string, b: string): boolean {
  return lowerCase(a) === lowerCase(b);
}

/** SQLite's lower(), which changes ASCII letters only: Ä and ä are two names. */
function lowerCase(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** All rows of a query; integers past ±2^53 are bigint. */
export function all(db: DatabaseSync, sql: string, ...parameters: (string | number)[]): Row[] {
  const statement = db.prepare(sql);
  statement.setReadBigInts(true);
  const rows = statement.all(...parameters) as Row[];
  for (const row of rows) {
    for (const [name, value] of Object.entries(row)) {
      if (typeof value === 'bigint' && Number.isSafeInteger(Number(value)))
        row[name] = Number(value);
    }
  }
  return rows;
}
