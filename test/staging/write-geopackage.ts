/** An independent writer of GeoPackages, also of odd ones. */

import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { Value } from '../../src/core/columns.ts';
import { resolveCrs } from '../../src/crs/resolve.ts';
import { geometryBlob, quoted } from './support.ts';

export interface OddLayer {
  layer: string;
  /** Id in gpkg_spatial_ref_sys; an EPSG code, or 0 or −1 for none. */
  srsId: number;
  /** As declared in SQL; a type may be empty. */
  columns: readonly { name: string; type: string }[];
  rows: readonly OddRow[];
  /** Names of the key and the geometry column; default: fid, geom. */
  key?: string;
  geometry?: string;
  /** Default: POLYGON. */
  geometryType?: string;
}

export interface OddRow {
  /** Default: counts from 1. */
  fid?: number;
  /** A whole blob, WKB to be wrapped, or NULL. */
  blob?: Uint8Array | null;
  wkb?: Uint8Array;
  values: readonly Value[];
}

/** Writes (or replaces) a GeoPackage of one or several layers, as they are given, unchecked. */
export function writeGeoPackage(path: string, layers: OddLayer | readonly OddLayer[]): void {
  rmSync(path, { force: true });
  const db = new DatabaseSync(path, { enableDoubleQuotedStringLiterals: false });
  try {
    db.exec(`
      pragma journal_mode = off;
      pragma synchronous = off;
      pragma application_id = ${0x47504b47};
      pragma user_version = 10200;
      begin;
      create table gpkg_spatial_ref_sys (srs_name text not null, srs_id integer not null primary key,
        organization text not null, organization_coordsys_id integer not null,
        definition text not null, description text);
      create table gpkg_contents (table_name text not null primary key, data_type text not null,
        identifier text unique, description text default '', last_change datetime not null,
        min_x double, min_y double, max_x double, max_y double, srs_id integer);
      create table gpkg_geometry_columns (table_name text not null, column_name text not null,
        geometry_type_name text not null, srs_id integer not null, z tinyint not null,
        m tinyint not null, primary key (table_name, column_name));
      insert into gpkg_spatial_ref_sys values
        ('Undefined Cartesian', -1, 'NONE', -1, 'undefined', null),
        ('Undefined geographic', 0, 'NONE', 0, 'undefined', null);`);
    for (const layer of [layers].flat() as OddLayer[]) writeLayer(db, layer);
    db.exec('commit');
  } finally {
    db.close();
  }
}

function writeLayer(db: DatabaseSync, layer: OddLayer): void {
  const { srsId, columns, rows } = layer;
  const { key = 'fid', geometry = 'geom', geometryType = 'POLYGON' } = layer;
  if (srsId > 0) {
    const { name, wkt } = resolveCrs({ authority: 'EPSG', code: String(srsId) });
    db.prepare("insert or ignore into gpkg_spatial_ref_sys values (?, ?, 'EPSG', ?, ?, null)").run(
      name,
      srsId,
      srsId,
      wkt,
    );
  }
  const declared = columns.map(({ name, type }) => `, ${quoted(name)} ${type}`).join('');
  db.exec(`create table ${quoted(layer.layer)} (${quoted(key)} integer primary key autoincrement
    not null, ${quoted(geometry)} ${geometryType}${declared})`);
  db.prepare(
    "insert into gpkg_contents values (?, 'features', ?, '', '2020-01-01T00:00:00.000Z', null, " +
      'null, null, null, ?)',
  ).run(layer.layer, layer.layer, srsId);
  db.prepare('insert into gpkg_geometry_columns values (?, ?, ?, ?, 0, 0)').run(
    layer.layer,
    geometry,
    geometryType,
    srsId,
  );
  const places = columns.map(() => ', ?').join('');
  const insert = db.prepare(`insert into ${quoted(layer.layer)} values (?, ?${places})`);
  for (const [i, row] of rows.entries()) {
    const blob = row.wkb === undefined ? (row.blob ?? null) : geometryBlob(row.wkb, srsId);
    insert.run(row.fid ?? i + 1, blob, ...row.values);
  }
}
