/** What the contract of input formats writes: inputs as no format has them, and how each format writes them. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Column, ColumnType, Value } from '../../../src/core/columns.ts';
import type { DropReason } from '../../../src/core/drops.ts';
import { resolveCrs } from '../../../src/crs/resolve.ts';
import { FLATGEOBUF } from '../../../src/formats/flatgeobuf/format.ts';
import type { Table } from '../../../src/formats/flatgeobuf/write/flat-writer.ts';
import { SQL_TYPES } from '../../../src/formats/geopackage/column-types.ts';
import { GEOPACKAGE } from '../../../src/formats/geopackage/source.ts';
import type { InputFormat } from '../../../src/formats/input-format.ts';
import { SHAPEFILE } from '../../../src/formats/shapefile/source.ts';
import { ZIPPED_SHAPEFILES } from '../../../src/formats/zip/format.ts';
import { writeGeoPackage } from '../../staging/write-geopackage.ts';
import {
  fgbBytes,
  multiPolygonTable,
  POLYGON,
  polygonTable,
  propertyBytes,
  TYPE_CODES,
} from '../flatgeobuf/flatgeobuf-fixture.ts';
import { GEOJSON_ENTRY } from '../geojson/geojson-fixture.ts';
import { JSON_LINES } from '../json-lines.ts';
import {
  dbfBytes,
  NULL_SHAPE,
  pointContent,
  polygonContent,
  type Ring,
  shapefileBytes,
} from '../shapefile/shapefile-fixture.ts';
import { zipBytes } from '../zip-fixture.ts';
import { GEOPARQUET_ENTRY } from './contract-geoparquet.ts';
import { INFINITE, SHORT, UNCLOSED, wkbOf } from './contract-shapes.ts';

/** Polygons of rings, shells clockwise; or why a feature has none that can be staged. */
export type Shape =
  | Ring[][]
  | Exclude<
      DropReason,
      `outside${string}` | 'too many tiles' | 'invalid geometry' | 'nothing left'
    >;

export interface Described {
  columns: Column[];
  /** Code of EPSG; null: none is said; `unknown`: one that no table has. */
  crs: number | null | 'unknown';
  features: { shape: Shape; values: Value[] }[];
}

export interface ContractEntry {
  format: InputFormat;
  /** Writes an input with all sidecars that the description needs; returns the main file's path. */
  write(folder: string, stem: string, described: Described): string;
  /** Reasons that the format has no way to hold. */
  without: DropReason[];
  /** Values of each type that it can hold, to its limits. */
  values: Partial<Record<ColumnType, Value[]>>;
  /** UTF-8 bytes that the name of a column may have. */
  nameBytes: number;
  /** Contents of each sidecar that differ, by its end. */
  sidecars: Record<string, [string | Buffer, string | Buffer]>;
  /** Name of the integer key that numbers features, where the format has one. */
  key: string | null;
}

/** Numbers are bound as doubles, of which SQLite keeps large ones as such in a column of integers. */
function bound(value: Value): Value {
  return Number.isSafeInteger(value) ? BigInt(value as number) : value;
}

const GEOPACKAGE_ENTRY: ContractEntry = {
  format: GEOPACKAGE,
  write(folder, stem, { columns, crs, features }) {
    const path = join(folder, `${stem}.gpkg`);
    writeGeoPackage(path, {
      layer: stem,
      srsId: crs === 'unknown' ? -4321 : (crs ?? 0),
      columns: columns.map(({ name, type }) => ({ name, type: SQL_TYPES[type] })),
      geometryType: 'GEOMETRY',
      rows: features.map(({ shape, values }) => {
        const wkb = wkbOf(shape);
        return { ...(wkb !== null && { wkb }), values: values.map(bound) };
      }),
    });
    return path;
  },
  without: ['deleted row'],
  values: {
    boolean: [0, 1],
    integer: [0, -1, 2 ** 53 - 1, -(2 ** 53) + 1, 2n ** 63n - 1n, -(2n ** 63n)],
    real: [0.5, Number.MAX_VALUE, Number.MIN_VALUE, Infinity, -Infinity],
    text: ['', 'x'.repeat(70_000), 'Grüße 🧊', '\'"\n', '\0'],
    date: ['0001-01-01', '9999-12-31'],
    datetime: ['2026-11-28T19:30:00.123Z'],
    blob: [Buffer.alloc(0), Buffer.from([0, 255]), Buffer.alloc(9_000, 7)],
  },
  nameBytes: 500,
  sidecars: { '-wal': ['log', 'another'], '-journal': ['log', 'another'] },
  key: 'fid',
};

/** Width and kind of a .dbf's field. */
const FIELDS: Partial<Record<ColumnType, { type: string; width: number; decimals?: number }>> = {
  boolean: { type: 'L', width: 1 },
  integer: { type: 'N', width: 18 },
  real: { type: 'F', width: 24, decimals: 10 },
  text: { type: 'C', width: 254 },
  date: { type: 'D', width: 8 },
};

function dbfText(value: Value, type: ColumnType): string {
  if (value === null) return '';
  if (type === 'boolean') return value === 1 ? 'T' : 'F';
  if (type === 'date') return String(value).replaceAll('-', '');
  return type === 'text' ? String(value) : String(value).padStart(FIELDS[type]!.width);
}

function recordOf(shape: Shape): Buffer {
  if (typeof shape !== 'string') {
    return polygonContent(5, shape.flat());
  }
  switch (shape) {
    case 'null geometry':
      return NULL_SHAPE;
    case 'empty geometry':
      return polygonContent(5, []);
    case 'not a polygon':
      return pointContent(0, 0);
    case 'malformed geometry':
      return polygonContent(5, [INFINITE]).subarray(0, -8);
    case 'too few points':
      return polygonContent(5, [SHORT]);
    case 'unclosed ring':
      return polygonContent(5, [UNCLOSED]);
    default:
      return polygonContent(5, [INFINITE]);
  }
}

const SHAPEFILE_ENTRY: ContractEntry = {
  format: SHAPEFILE,
  write(folder, stem, { columns, crs, features }) {
    const { shp, shx } = shapefileBytes(
      5,
      features.map(({ shape }) => recordOf(shape)),
    );
    const dbf = dbfBytes(
      columns.map(({ name, type }) => ({ name, ...FIELDS[type]! })),
      features.map(({ values }) => values.map((value, c) => dbfText(value, columns[c]!.type))),
      0,
      features.flatMap(({ shape }, i) => (shape === 'deleted row' ? [i + 1] : [])),
    );
    const files: Record<string, string | Buffer> = { shp, shx, dbf, cpg: 'UTF-8' };
    if (crs === 'unknown') files['prj'] = 'PROJCS["nobody knows",UNIT["parsec",1]]';
    else if (crs !== null) files['prj'] = resolveCrs({ authority: 'EPSG', code: String(crs) }).wkt!;
    for (const [end, bytes] of Object.entries(files)) {
      writeFileSync(join(folder, `${stem}.${end}`), bytes);
    }
    return join(folder, `${stem}.shp`);
  },
  without: ['curved polygon'],
  values: {
    boolean: [0, 1],
    integer: [0, -1, 2 ** 53 - 1, 10n ** 18n - 1n, -(10n ** 17n - 1n)],
    real: [0.5, -123456789012.25, 1e22, 0.0000000001, 1.7976931348623157e308],
    text: ['x'.repeat(254), 'Grüße 🧊', '\'"\n', '  two'],
    date: ['0001-01-01', '9999-12-31'],
  },
  nameBytes: 10,
  sidecars: {
    '.shx': ['index', 'another'],
    '.dbf': ['table', 'another'],
    '.prj': ['GEOGCS["a"]', 'GEOGCS["b"]'],
    '.cpg': ['UTF-8', '88591'],
  },
  key: null,
};

/** Stored: of what is deflated a layer is one slice. */
const ZIP_ENTRY: ContractEntry = {
  ...SHAPEFILE_ENTRY,
  format: ZIPPED_SHAPEFILES,
  write(folder, stem, described) {
    const apart = mkdtempSync(join(folder, '.shapefile'));
    SHAPEFILE_ENTRY.write(apart, stem, described);
    const entries = readdirSync(apart).map((name) => {
      return { name: `in a folder/${name}`, bytes: readFileSync(join(apart, name)), stored: true };
    });
    rmSync(apart, { recursive: true });
    const path = join(folder, `${stem}.zip`);
    writeFileSync(path, zipBytes(entries));
    return path;
  },
  sidecars: {},
};

function jsonOf(value: Value): unknown {
  if (value instanceof Uint8Array) return { hex: Buffer.from(value).toString('hex') };
  return typeof value === 'bigint' ? { int: String(value) } : value;
}

const JSON_LINES_ENTRY: ContractEntry = {
  format: JSON_LINES,
  write(folder, stem, { columns, crs, features }) {
    const said = { null: null, unknown: { authority: 'NOBODY', code: '1' } }[String(crs)];
    const reference = said === undefined ? { authority: 'EPSG', code: String(crs) } : said;
    const lines = features.map(({ shape, values }) => {
      return JSON.stringify({
        values: values.map(jsonOf),
        wkb: wkbOf(shape)?.toString('hex') ?? null,
      });
    });
    const head = JSON.stringify({ columns, crs: reference, count: features.length });
    const path = join(folder, `${stem}.lines`);
    writeFileSync(path, `${[head, ...lines].join('\n')}\n`);
    return path;
  },
  without: ['deleted row'],
  values: {
    boolean: [0, 1],
    integer: [0, -1, 2 ** 53 - 1, 2n ** 63n - 1n, -(2n ** 63n)],
    real: [0.5, Number.MAX_VALUE, Number.MIN_VALUE],
    text: ['', 'x'.repeat(70_000), 'Grüße 🧊', '\'"\n', '\0'],
    date: ['0001-01-01'],
    datetime: ['2026-11-28T19:30:00.123Z'],
    blob: [Buffer.alloc(0), Buffer.from([0, 255])],
  },
  nameBytes: 500,
  sidecars: { '.crs': ['EPSG:3413', 'EPSG:4326'] },
  key: null,
};

function geometryTable(shape: Shape): Table | null {
  if (typeof shape !== 'string') {
    return shape.length === 1 ? polygonTable(shape[0]!, POLYGON) : multiPolygonTable(shape);
  }
  switch (shape) {
    case 'null geometry':
    case 'deleted row':
      return null;
    case 'empty geometry':
      return polygonTable([], POLYGON);
    case 'not a polygon':
      return polygonTable([[[0, 0]]], 1);
    case 'curved polygon':
      return { 6: { u8: 10 } };
    case 'malformed geometry':
      // The last ring ends after more vertices than there are.
      return {
        ...polygonTable([INFINITE], POLYGON),
        0: { vector: Buffer.from('09000000', 'hex'), size: 4 },
      };
    case 'too few points':
      return polygonTable([SHORT], POLYGON);
    case 'unclosed ring':
      return polygonTable([UNCLOSED], POLYGON);
    case 'non-finite coordinate':
      return polygonTable([INFINITE], POLYGON);
  }
}

function boxOf(shape: Shape): number[] {
  const vertices = typeof shape === 'string' ? [] : shape.flat(2);
  const [x, y] = [vertices.map(([x]) => x!), vertices.map(([, y]) => y!)];
  return [Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y)];
}

const FLATGEOBUF_ENTRY: ContractEntry = {
  format: FLATGEOBUF,
  write(folder, stem, { columns, crs, features }) {
    const path = join(folder, `${stem}.fgb`);
    const bytes = fgbBytes({
      name: stem,
      columns: columns.map(({ name, type }) => ({ name, type: TYPE_CODES[type] })),
      ...(crs !== null && { crs: { 1: { i32: crs === 'unknown' ? 999_999 : crs } } }),
      nodeSize: 16,
      features: features.map(({ shape, values }) => ({
        geometry: geometryTable(shape),
        properties: propertyBytes(columns, values),
        box: boxOf(shape),
      })),
    });
    writeFileSync(path, bytes);
    return path;
  },
  without: ['deleted row'],
  values: {
    boolean: [0, 1],
    integer: [0, -1, 2 ** 53 - 1, -(2 ** 53) + 1, 2n ** 63n - 1n, -(2n ** 63n)],
    real: [0.5, Number.MAX_VALUE, Number.MIN_VALUE, Infinity, -Infinity],
    text: ['', 'x'.repeat(70_000), 'Grüße 🧊', '\'"\n', '\0'],
    datetime: ['2026-11-28T19:30:00.123Z', 'about noon'],
    blob: [Buffer.alloc(0), Buffer.from([0, 255]), Buffer.alloc(9_000, 7)],
  },
  nameBytes: 500,
  sidecars: {},
  key: null,
};

export const ENTRIES: readonly ContractEntry[] = [
  GEOPACKAGE_ENTRY,
  SHAPEFILE_ENTRY,
  FLATGEOBUF_ENTRY,
  GEOPARQUET_ENTRY,
  ZIP_ENTRY,
  JSON_LINES_ENTRY,
  GEOJSON_ENTRY,
];
