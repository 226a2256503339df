/**
 * The SQL of a GeoPackage's tables and triggers, by the definitions of OGC 12-128r15 (GeoPackage
 * 1.2), annex C and requirements 75 to 77.
 */

import { quote } from './sql.ts';

export const CREATE = {
  gpkg_spatial_ref_sys:
    'CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, ' +
    'organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL, ' +
    'definition TEXT NOT NULL, description TEXT)',
  gpkg_contents:
    'CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, ' +
    "identifier TEXT UNIQUE, description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT " +
    "(strftime('%Y-%m-%dT%H:%M:%fZ','now')), min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, " +
    'max_y DOUBLE, srs_id INTEGER, CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES ' +
    'gpkg_spatial_ref_sys(srs_id))',
  gpkg_geometry_columns:
    'CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, ' +
    'geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, ' +
    'm TINYINT NOT NULL, CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), ' +
    'CONSTRAINT uk_gc_table_name UNIQUE (table_name), CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) ' +
    'REFERENCES gpkg_contents(table_name), CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES ' +
    'gpkg_spatial_ref_sys (srs_id))',
  gpkg_extensions:
    'CREATE TABLE gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, ' +
    'definition TEXT NOT NULL, scope TEXT NOT NULL, ' +
    'CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name))',
  gpkg_ogr_contents:
    'CREATE TABLE gpkg_ogr_contents (table_name TEXT NOT NULL PRIMARY KEY, ' +
    'feature_count INTEGER DEFAULT NULL)',
  sqlite_sequence: 'CREATE TABLE sqlite_sequence(name,seq)',
} as const;

export function layerTable(
  name: string,
  key: string,
  geometry: string,
  geometryType: string,
  columns: { name: string; sqlType: string }[],
): string {
  const definitions = [
    `${quote(key)} INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL`,
    `${quote(geometry)} ${geometryType}`,
    ...columns.map((column) => `${quote(column.name)} ${column.sqlType}`),
  ];
  return `CREATE TABLE ${quote(name)} (${definitions.join(', ')})`;
}

/** The virtual table and its shadow tables, as the R*Tree module itself declares them. */
export function rtreeTables(name: string): Record<'virtual' | 'rowid' | 'node' | 'parent', string> {
  const shadow = (suffix: string): string => quote(`${name}_${suffix}`);
  return {
    virtual: `CREATE VIRTUAL TABLE ${quote(name)} USING rtree(id, minx, maxx, miny, maxy)`,
    rowid: `CREATE TABLE ${shadow('rowid')}(rowid INTEGER PRIMARY KEY,nodeno)`,
    node: `CREATE TABLE ${shadow('node')}(nodeno INTEGER PRIMARY KEY,data)`,
    parent: `CREATE TABLE ${shadow('parent')}(nodeno INTEGER PRIMARY KEY,parentnode)`,
  };
}

/** Triggers that keep the R-tree and the feature count true when someone edits the layer. */
export function rtreeTriggers(
  table: string,
  geometry: string,
  key: string,
): { name: string; sql: string }[] {
  const t = quote(table);
  const c = quote(geometry);
  const i = quote(key);
  const base = `rtree_${table}_${geometry}`;
  const rtree = quote(base);
  const bounds = `ST_MinX(NEW.${c}), ST_MaxX(NEW.${c}), ST_MinY(NEW.${c}), ST_MaxY(NEW.${c})`;
  const add = `INSERT OR REPLACE INTO ${rtree} VALUES (NEW.${i}, ${bounds});`;
  const filled = `(NEW.${c} NOTNULL AND NOT ST_IsEmpty(NEW.${c}))`;
  const vacant = `(NEW.${c} ISNULL OR ST_IsEmpty(NEW.${c}))`;
  const same = `OLD.${i} = NEW.${i}`;
  const moved = `OLD.${i} != NEW.${i}`;
  const removeOld = `DELETE FROM ${rtree} WHERE id = OLD.${i};`;
  const removeBoth = `DELETE FROM ${rtree} WHERE id IN (OLD.${i}, NEW.${i});`;
  const literal = `'${table.replaceAll("'", "''")}'`;
  const count = (by: string): string =>
    `UPDATE gpkg_ogr_contents SET feature_count = feature_count ${by} ` +
    `WHERE lower(table_name) = lower(${literal});`;
  const trigger = (name: string, when: string, body: string): { name: string; sql: string } => ({
    name,
    sql: `CREATE TRIGGER ${quote(name)} ${when} BEGIN ${body} END`,
  });
  return [
    trigger(`${base}_insert`, `AFTER INSERT ON ${t} WHEN ${filled}`, add),
    trigger(`${base}_update1`, `AFTER UPDATE OF ${c} ON ${t} WHEN ${same} AND ${filled}`, add),
    trigger(
      `${base}_update2`,
      `AFTER UPDATE OF ${c} ON ${t} WHEN ${same} AND ${vacant}`,
      removeOld,
    ),
    trigger(`${base}_update3`, `AFTER UPDATE ON ${t} WHEN ${moved} AND ${filled}`, removeOld + add),
    trigger(`${base}_update4`, `AFTER UPDATE ON ${t} WHEN ${moved} AND ${vacant}`, removeBoth),
    trigger(`${base}_delete`, `AFTER DELETE ON ${t} WHEN OLD.${c} NOT NULL`, removeOld),
    trigger(`trigger_insert_feature_count_${table}`, `AFTER INSERT ON ${t}`, count('+ 1')),
    trigger(`trigger_delete_feature_count_${table}`, `AFTER DELETE ON ${t}`, count('- 1')),
  ];
}
