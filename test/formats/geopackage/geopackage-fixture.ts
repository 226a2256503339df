/** GeoPackages for tests: by SQL of any kind, and by the project's writer. */

import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { Column, Value } from '../../../src/core/columns.ts';
import { DropCounter, type DropJson } from '../../../src/core/drops.ts';
import { OutputFile } from '../../../src/core/files/output-file.ts';
import { Random } from '../../../src/core/random.ts';
import { EncodedRow } from '../../../src/formats/encoded-row.ts';
import type {
  LayerDescription,
  SpatialRefSys,
} from '../../../src/formats/geopackage/layer-frame.ts';
import { GeoPackageCatalog } from '../../../src/formats/geopackage/schema.ts';
import { type GeoPackageSource, openGeoPackage } from '../../../src/formats/geopackage/source.ts';
import { readThroughSql } from '../../../src/formats/geopackage/sql-rows.ts';
import { GeoPackageWriter } from '../../../src/formats/geopackage/writer.ts';
import type { ReadOptions, Slice } from '../../../src/formats/source.ts';
import { RowWriter, readRow } from '../../../src/formats/sqlite/record.ts';
import { VarintReader } from '../../../src/formats/sqlite/varint.ts';
import { FeatureBatch, ODD_VALUES } from '../../../src/geometry/batch.ts';
import { encodeWkb, wkbLength } from '../../../src/geometry/wkb.ts';
import { integrityOf, recordOf, select, withDatabase } from '../sqlite/sqlite-fixture.ts';

export const WGS84: SpatialRefSys = {
  id: 4326,
  name: 'WGS 84 geodetic',
  organization: 'EPSG',
  organizationId: 4326,
  definition:
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,' +
    'AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,' +
    'AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],' +
    'AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]',
};

/** A blob with an XY envelope that holds the box as a polygon. */
export function boxBlob(minX: number, minY: number, maxX: number, maxY: number): Buffer {
  const blob = Buffer.alloc(40 + 9 + 4 + 80);
  blob.set([0x47, 0x50, 0, 3]);
  blob.writeInt32LE(4326, 4);
  let at = 8;
  const doubles = (...values: number[]): void => {
    for (const value of values) at = blob.writeDoubleLE(value, at);
  };
  doubles(minX, maxX, minY, maxY);
  blob[at] = 1;
  blob.writeUInt32LE(3, at + 1);
  blob.writeUInt32LE(1, at + 5);
  blob.writeUInt32LE(5, at + 9);
  at += 13;
  doubles(minX, minY, maxX, minY, maxX, maxY, minX, maxY, minX, minY);
  return blob;
}

/** A row for GeoPackageWriter: the key as NULL, the geometry, the attributes. */
export function layerRecord(blob: Uint8Array, values: readonly Value[] = []): Uint8Array {
  const writer = new RowWriter();
  writer.null();
  writer.blob(blob);
  for (const value of values) writer.value(value);
  return recordOf(writer);
}

/** Sets the box of a row by the envelope in its record. */
function readBox(row: EncodedRow, record: Uint8Array): void {
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  const varint = new VarintReader();
  varint.read(record, 0);
  const at = varint.value + 8;
  [row.minX, row.maxX, row.minY, row.maxY] = [0, 8, 16, 24].map((to) =>
    view.getFloat64(at + to, true),
  ) as [number, number, number, number];
}

/** Writes a layer of polygons in WGS 84. */
export function writeLayer(
  path: string,
  records: Iterable<Uint8Array>,
  layer: Partial<LayerDescription> & { columns?: Column[] } = {},
  pageSize = 4096,
): void {
  rmSync(path, { force: true });
  const output = OutputFile.create(path);
  try {
    const writer = new GeoPackageWriter(output, WGS84.id, pageSize);
    const row = new EncodedRow();
    for (const record of records) {
      readBox(row, record);
      writer.addRecord(row, record, 0, record.length);
    }
    writer.finish({
      name: '895',
      columns: [],
      srs: WGS84,
      wgs84: WGS84,
      geometryType: 'POLYGON',
      z: 0,
      ...layer,
    });
  } finally {
    output.close();
  }
}

/** The spatial functions that the triggers call, as a GeoPackage reader brings them along. */
export function addSpatialFunctions(db: DatabaseSync): void {
  const side = (place: number) => (blob: unknown) =>
    blob instanceof Uint8Array
      ? new DataView(blob.buffer, blob.byteOffset).getFloat64(8 + 8 * place, true)
      : null;
  for (const [place, name] of ['ST_MinX', 'ST_MaxX', 'ST_MinY', 'ST_MaxY'].entries()) {
    db.function(name, { deterministic: true }, side(place));
  }
  db.function('ST_IsEmpty', { deterministic: true }, (blob) =>
    blob instanceof Uint8Array ? (blob[3]! >> 4) & 1 : null,
  );
}

/** The tables that every GeoPackage has, empty but for the two undefined CRSs. */
export const GEOPACKAGE_TABLES = `
  create table gpkg_spatial_ref_sys (srs_name text not null, srs_id integer not null primary key,
    organization text not null, organization_coordsys_id integer not null,
    definition text not null, description text);
  create table gpkg_contents (table_name text not null primary key, data_type text not null,
    identifier text unique, description text default '', last_change datetime not null default '',
    min_x double, min_y double, max_x double, max_y double, srs_id integer);
  create table gpkg_geometry_columns (table_name text not null, column_name text not null,
    geometry_type_name text not null, srs_id integer not null, z tinyint not null,
    m tinyint not null, primary key (table_name, column_name));
  insert into gpkg_spatial_ref_sys values
    ('Undefined Cartesian', -1, 'NONE', -1, 'undefined', null),
    ('Undefined geographic', 0, 'NONE', 0, 'undefined', null);`;

/** Enters a table or view as a feature layer. */
export function registerLayer(
  db: DatabaseSync,
  table: string,
  geometry = 'geom',
  srsId = -1,
): void {
  db.prepare(
    "insert into gpkg_contents (table_name, data_type, identifier, srs_id) values (?, 'features', ?, ?)",
  ).run(table, table, srsId);
  db.prepare("insert into gpkg_geometry_columns values (?, ?, 'GEOMETRY', ?, 0, 0)").run(
    table,
    geometry,
    srsId,
  );
}

export interface ReadFeature {
  position: number;
  flags: number;
  odd: boolean;
  /** As hexadecimal digits. */
  wkb: string;
  values: Value[];
  /** The attribute row as it is stored, as hexadecimal digits: types, then values. */
  row: string;
}

export interface ReadResult {
  features: ReadFeature[];
  drops: DropJson;
  rowsRead: number;
  droppedM: number;
}

export interface Limits {
  maxFeatures?: number;
  maxVertices?: number;
}

/** Everything that these batches hold; `start` begins the reading with its options. */
export function collect(
  start: (batch: FeatureBatch, options: ReadOptions) => Iterable<FeatureBatch>,
  { maxFeatures = 500, maxVertices = 5000 }: Limits = {},
): ReadResult {
  const drops = new DropCounter();
  const notes = { rowsRead: 0, droppedM: 0 };
  const features: ReadFeature[] = [];
  for (const batch of start(new FeatureBatch(), { maxFeatures, maxVertices, drops, notes })) {
    for (let i = 0; i < batch.featureCount; i++) features.push(featureOf(batch, i));
  }
  return { features, drops: drops.toJSON(), ...notes };
}

function featureOf(batch: FeatureBatch, i: number): ReadFeature {
  const wkb = new Uint8Array(wkbLength(batch, i));
  encodeWkb(batch, i, wkb, new DataView(wkb.buffer), 0);
  const { types, typeOffsets, body, bodyOffsets } = batch;
  const [from, to] = [typeOffsets[i]!, typeOffsets[i + 1]!];
  const [bodyFrom, bodyTo] = [bodyOffsets[i]!, bodyOffsets[i + 1]!];
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  return {
    position: batch.positions[i]!,
    flags: batch.flags[i]! & ~ODD_VALUES,
    odd: (batch.flags[i]! & ODD_VALUES) !== 0,
    wkb: hex(wkb),
    values: readRow(types, from, to, body, bodyFrom),
    row: `${hex(types.subarray(from, to))} ${hex(body.subarray(bodyFrom, bodyTo))}`,
  };
}

const WHOLE: Slice = { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY };

/** A layer, or a slice of it, through its source. */
export function readLayer(
  source: GeoPackageSource,
  layer: string,
  slice = WHOLE,
  limits: Limits = {},
): ReadResult {
  return collect((batch, options) => source.read(layer, slice, batch, options), limits);
}

/** Features and drops together. */
export function total(result: ReadResult): number {
  const dropped = Object.values(result.drops).reduce((sum, drop) => sum + drop.count, 0);
  return result.features.length + dropped;
}

/** A geometry as an SQL literal. */
export const BOX = `x'${boxBlob(1, 2, 3, 4).toString('hex')}'`;

/** Makes a GeoPackage by SQL. @param layers - tables or views, and their geometry columns */
export function create(
  path: string,
  sql: string,
  layers: [table: string, geometry?: string][],
): string {
  withDatabase(path, (db) => {
    db.exec(`pragma journal_mode = off; ${GEOPACKAGE_TABLES} ${sql}`);
    for (const [table, geometry] of layers) registerLayer(db, table, geometry);
  });
  return path;
}

/** The layer through SQL alone, as where its pages can't be read. */
export function throughSql(path: string, name: string): ReadResult {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const layer = new GeoPackageCatalog(db, path, 1e6).layer(name);
    const whole = { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY };
    return collect((batch, options) => readThroughSql(db, path, layer, whole, batch, options));
  } finally {
    db.close();
  }
}

export interface Read extends ReadResult {
  columns: string[];
  positions: number[];
  values: Value[][];
}

/** Reads a layer of a file; both ways of reading agree. */
export function readBoth(path: string, layer = 'l'): Read {
  const source = openGeoPackage(path);
  try {
    const info = source.layer(layer);
    const result = readLayer(source, layer);
    assert.deepEqual(result, throughSql(path, layer));
    assert.equal(result.rowsRead, total(result));
    return {
      ...result,
      columns: info.columns.map((column) => `${column.name} ${column.type}`),
      positions: result.features.map((feature) => feature.position),
      values: result.features.map((feature) => feature.values),
    };
  } finally {
    source.close();
  }
}

/** minX, minY, maxX, maxY. */
export type Box = [number, number, number, number];

export function randomBoxes(seed: number, count: number): Box[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const x = 360 * random.next() - 180;
    const y = 180 * random.next() - 90;
    // Some are points, a few are large.
    const size = random.integer(10) === 0 ? 0 : 10 ** (1 - 6 * random.next());
    return [x, y, x + size * random.next(), y + size * random.next()];
  });
}

export const recordsOf = (boxes: readonly Box[]): Uint8Array[] =>
  boxes.map((box) => layerRecord(boxBlob(...box)));

/** Whether SQLite and its R*Tree module find nothing wrong. */
export function assertSound(path: string, table = '895', geometry = 'geom'): void {
  assert.equal(integrityOf(path), 'ok');
  withDatabase(path, (db) => {
    const check = select(db, 'select rtreecheck(?)', `rtree_${table}_${geometry}`);
    assert.deepEqual(check, [['ok']]);
    assert.deepEqual(select(db, 'pragma foreign_key_check'), []);
  });
}

/** Whether two boxes share a point. */
export const meets = (a: Box, b: Box): boolean =>
  a[2] >= b[0] && a[0] <= b[2] && a[3] >= b[1] && a[1] <= b[3];
