/**
 * Writes a scene as a GeoPackage 1.2 with `node:sqlite` alone: sample data that shares no code with
 * the project's own reader and writer, so that a fault in those can't hide.
 */

import { renameSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { POLAR, WGS84 } from './crs-texts.ts';

const EPSG_CODE = 3413;
/** Bytes of a geometry before its coordinates: header, XY envelope, and WKB's own counts. */
const PREFIX = 8 + 32 + 1 + 4 + 4 + 4;

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;
const identifier = (value: string): string => `"${value.replaceAll('"', '""')}"`;

export class SceneFile {
  readonly #path: string;
  readonly #temporary: string;
  readonly #table: string;
  readonly #date: string;
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #view: DataView;
  /** One view of the same memory for each number of vertices: nothing is allocated per row. */
  readonly #blobs: Uint8Array[] = [];
  readonly #extent: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  #rows = 0;
  #vertices = 0;

  /**
   * @param path - replaced if it exists; its stem names the table and, where it has the form
   *   `SENSOR_YYYYMMDD_…`, says sensor and date
   * @param maxVertices - of one ring, the repeated first vertex included
   */
  constructor(path: string, maxVertices: number) {
    this.#path = path;
    this.#temporary = `${path}.partial`;
    const stem = basename(path).replace(/\.gpkg$/i, '');
    const match = /^([A-Z0-9]{4})_(\d{4})(\d\d)(\d\d)_(.*)$/.exec(stem);
    const sensor = match?.[1] ?? 'WV02';
    this.#date = match === null ? '2019-07-03' : `${match[2]}-${match[3]}-${match[4]}`;
    // As long as the names of the satellite's images are: that makes about 740 bytes a feature.
    const image = `${sensor}_${this.#date.replaceAll('-', '')}215323_1030010094B11A00_P1BS_R1C1_503278900100_${match?.[5] ?? stem}`;
    this.#table = stem;

    const blob = new Uint8Array(PREFIX + 16 * maxVertices);
    this.#view = new DataView(blob.buffer);
    this.#writePrefix();
    for (let n = 0; n <= maxVertices; n++) this.#blobs.push(blob.subarray(0, PREFIX + 16 * n));

    rmSync(this.#temporary, { force: true });
    this.#database = new DatabaseSync(this.#temporary);
    this.#createTables();
    this.#insert = this.#database.prepare(
      `INSERT INTO ${identifier(stem)} VALUES (?, ?, ?, ${text(sensor)}, ${text(this.#date)}, ${text(image)}, ?)`,
    );
  }

  /** Appends one polygon: a closed ring of `vertices` vertices, interleaved x, y in metres. */
  write(ring: Float64Array, vertices: number, polygonClass: number): void {
    const view = this.#view;
    let minX = Infinity;
    let minY = Infinity;
    let maxX = -Infinity;
    let maxY = -Infinity;
    let perimeter = 0;
    let lastX = ring[0]!;
    let lastY = ring[1]!;
    let at = PREFIX;
    for (let i = 0; i < vertices; i++) {
      const x = ring[2 * i]!;
      const y = ring[2 * i + 1]!;
      view.setFloat64(at, x, true);
      view.setFloat64(at + 8, y, true);
      at += 16;
      if (x < minX) minX = x;
      if (x > maxX) maxX = x;
      if (y < minY) minY = y;
      if (y > maxY) maxY = y;
      perimeter += Math.sqrt((x - lastX) * (x - lastX) + (y - lastY) * (y - lastY));
      lastX = x;
      lastY = y;
    }
    view.setFloat64(8, minX, true);
    view.setFloat64(16, maxX, true);
    view.setFloat64(24, minY, true);
    view.setFloat64(32, maxY, true);
    view.setUint32(PREFIX - 4, vertices, true);
    const extent = this.#extent;
    if (minX < extent[0]) extent[0] = minX;
    if (minY < extent[1]) extent[1] = minY;
    if (maxX > extent[2]) extent[2] = maxX;
    if (maxY > extent[3]) extent[3] = maxY;
    const length = Math.round(perimeter * 1000) / 1000;
    this.#insert.run(++this.#rows, this.#blobs[vertices]!, polygonClass, length);
    this.#vertices += vertices;
  }

  /** Fills in extent and count, closes the file and gives it its name. */
  finish(): { vertices: number } {
    const database = this.#database;
    const extent = this.#rows === 0 ? [null, null, null, null] : this.#extent;
    database
      .prepare(
        `INSERT INTO gpkg_contents VALUES (?, 'features', ?, '', ?, ?, ?, ?, ?, ${EPSG_CODE})`,
      )
      .run(this.#table, this.#table, `${this.#date}T00:00:00.000Z`, ...extent);
    database
      .prepare(
        `INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', 'POLYGON', ${EPSG_CODE}, 0, 0)`,
      )
      .run(this.#table);
    database.prepare('INSERT INTO gpkg_ogr_contents VALUES (?, ?)').run(this.#table, this.#rows);
    database.exec('COMMIT');
    database.close();
    renameSync(this.#temporary, this.#path);
    return { vertices: this.#vertices };
  }

  /** Closes and removes what was written so far. */
  abandon(): void {
    if (this.#database.isOpen) this.#database.close();
    rmSync(this.#temporary, { force: true });
  }

  #writePrefix(): void {
    const view = this.#view;
    view.setUint8(0, 0x47);
    view.setUint8(1, 0x50);
    // Version 0; flags: little-endian, envelope of four numbers.
    view.setUint8(3, 0b0000_0011);
    view.setInt32(4, EPSG_CODE, true);
    view.setUint8(40, 1);
    view.setUint32(41, 3, true);
    view.setUint32(45, 1, true);
  }

  #createTables(): void {
    // Only a whole file gets its name, so a journal would protect nothing.
    this.#database.exec(`
      PRAGMA journal_mode = OFF;
      PRAGMA synchronous = OFF;
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA application_id = 0x47504B47;
      PRAGMA user_version = 10200;
      BEGIN;
      CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
      CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE, description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER, CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
      CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL, CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT uk_gc_table_name UNIQUE (table_name), CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name), CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
      CREATE TABLE gpkg_ogr_contents (table_name TEXT NOT NULL PRIMARY KEY, feature_count INTEGER DEFAULT NULL);
      CREATE TABLE ${identifier(this.#table)} (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom POLYGON, "Class" INTEGER, "Sensor" TEXT, "Date" TEXT, "Image" TEXT, "Length" REAL);
      INSERT INTO gpkg_spatial_ref_sys VALUES
        ('Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', 'undefined Cartesian coordinate reference system'),
        ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', 'undefined geographic coordinate reference system'),
        (${text(POLAR.name)}, ${EPSG_CODE}, 'EPSG', ${EPSG_CODE}, ${text(POLAR.wkt)}, NULL),
        (${text(WGS84.name)}, 4326, 'EPSG', 4326, ${text(WGS84.wkt)}, NULL);
    `);
  }
}
