/** GDAL's reader as a witness: layers of files, by a process that is started anew where GDAL crashes. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Column, ColumnType } from '../../src/core/columns.ts';
import type { DropReason } from '../../src/core/drops.ts';
import { dropReason } from '../../src/formats/geopackage/geometry-blob.ts';
import { FeatureBatch } from '../../src/geometry/batch.ts';
import { decodeWkb, FIRST_DROP } from '../../src/geometry/wkb.ts';
import { type ContractRow, takeRows, zOf } from './contract/contract-reading.ts';

export interface GdalLayer {
  name: string;
  /** Whether it is no table of attributes alone. */
  hasGeometries: boolean;
  /** With the type and, in brackets, the subtype as GDAL names them: `Integer(Boolean)`. */
  columns: { name: string; type: string }[];
  /** As authority and code where there is one; null without a CRS. */
  crs: string | null;
  /** As the layer tells it, which need not be the number of rows. */
  count: number;
  /** Geometries as WKB in hexadecimal; dates and times as texts of ISO 8601. */
  rows: [fid: number, wkb: string | null, values: unknown[]][];
}

export interface GdalFile {
  driver: string | null;
  layers: GdalLayer[];
  warnings: string[];
}

const python = ['python3', '/usr/bin/python3'].find(
  (name) => spawnSync(name, ['-c', 'from osgeo import ogr'], { stdio: 'ignore' }).status === 0,
);
/** For `skip`: false where GDAL is there. */
export const noGdal = python === undefined && "GDAL's module for Python is not there";

/** What GDAL writes as a layer `a`. */
export interface GdalInput {
  path: string;
  driver: string;
  /** Of the layer: `SPATIAL_INDEX=NO`. */
  options: string[];
  /** As WKB numbers types; 0: any. */
  geometry: number;
  /** A code of EPSG. */
  crs: number | null;
  columns: GdalLayer['columns'];
  /** Dates as GDAL takes them; integers of 64 bits as texts, bytes in hexadecimal. */
  rows: [wkb: string | null, values: (string | number | null)[]][];
}

export class GdalReader {
  #child: ChildProcess | null = null;
  #lines: AsyncIterator<string> | null = null;

  /** Null for what GDAL does not read, or crashes at. */
  async read(path: string): Promise<GdalFile | null> {
    const file = await this.#ask(path);
    return file === null || file.error !== undefined || file.driver === null ? null : file;
  }

  /** @returns warnings */
  async write(input: GdalInput): Promise<string[]> {
    const file = await this.#ask(JSON.stringify(input));
    if (file?.error === undefined && file !== null) return file.warnings;
    throw new Error(`GDAL does not write ${input.path}: ${file?.error ?? 'it crashes'}`);
  }

  async #ask(line: string): Promise<(GdalFile & { error?: string }) | null> {
    if (this.#child === null) {
      const script = join(import.meta.dirname, 'gdal-rows.py');
      this.#child = spawn(python!, [script], { stdio: ['pipe', 'pipe', 'ignore'] });
      this.#child.stdin!.on('error', () => undefined);
      this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
    }
    this.#child.stdin!.write(`${line}\n`);
    const answer = await this.#lines!.next();
    if (answer.done === true) {
      this.close();
      return null;
    }
    return JSON.parse(answer.value) as GdalFile & { error?: string };
  }

  close(): void {
    this.#child?.kill();
    this.#child = null;
  }
}

/** What can be staged of WKB in hexadecimal, or why it can't. */
export function shapeOf(
  wkb: string | null,
): { polygons: ContractRow['polygons']; z: number[] | null } | DropReason {
  if (wkb === null) return 'null geometry';
  const bytes = Buffer.from(wkb, 'hex');
  const batch = new FeatureBatch();
  batch.beginFeature(1);
  const code = decodeWkb(batch, bytes, 0, bytes.length);
  if (code >= FIRST_DROP) return dropReason(code);
  batch.endFeature();
  const taken: Parameters<typeof takeRows>[1] = { rows: [], batches: [] };
  takeRows(batch, taken);
  return { polygons: taken.rows[0]!.polygons, z: zOf(batch, 0) };
}

const TYPES: Readonly<Record<string, ColumnType>> = {
  'Integer(Boolean)': 'boolean',
  Integer: 'integer',
  'Integer(Int16)': 'integer',
  Integer64: 'integer',
  Real: 'real',
  'Real(Float32)': 'real',
  Date: 'date',
  DateTime: 'datetime',
  Binary: 'blob',
};

/** A column of GDAL's as a GeoPackage would have it. */
export function columnOf({ name, type }: GdalLayer['columns'][number]): Column {
  return { name, type: TYPES[type] ?? 'text' };
}
