/**
 * What a file says of its geometries: GeoParquet's metadata, of any version
 * (https://geoparquet.org/releases/v1.1.0/), or Parquet's own types GEOMETRY and GEOGRAPHY
 * (https://github.com/apache/parquet-format/blob/master/Geospatial.md).
 */

import type { CrsReference } from '../../crs/reference.ts';
import type { Bounds } from '../../tms/tile-matrix.ts';
import { ParquetFault } from '../parquet/fault.ts';
import type { ParquetFile } from '../parquet/file.ts';
import type { Leaf, SchemaNode } from '../parquet/schema.ts';

/** Where the boxes of geometries are: minX, minY, maxX, maxY, and the column that holds them. */
interface Covering {
  sides: readonly [Leaf, Leaf, Leaf, Leaf];
  field: SchemaNode;
}

export interface GeometryColumn {
  field: SchemaNode;
  /** `other`: no polygons; `none`: a column of nulls alone. */
  encoding: 'WKB' | 'polygon' | 'multipolygon' | 'other' | 'none';
  /** Types in capitals, or GEOMETRY. */
  geometryType: string;
  crs: CrsReference | null;
  extent: Bounds | null;
  covering: Covering | null;
  /** What of it is not read as it stands there, in words. */
  notes: string[];
}

type Json = Record<string, unknown>;

/** Where none is said: longitude and latitude of WGS 84, in this order. */
const CRS84: CrsReference = { authority: 'OGC', code: 'CRS84' };
/** Encodings of GeoArrow that hold no polygons. */
const OTHER_NATIVE = new Set(['point', 'linestring', 'multipoint', 'multilinestring']);
const SIDES = ['xmin', 'ymin', 'xmax', 'ymax'];
const GEODESIC = 'great circles, or geodesics, join its vertices: they are taken as straight lines';

/**
 * The geometry column that is read, and notes about others.
 * @throws ParquetFault input-layer if there is none, input-format if it is not read here
 */
export function geometryColumnOf(file: ParquetFile): GeometryColumn {
  const text = file.metadata.keyValues.get('geo');
  const fields = file.schema.fields.filter(({ logical }) => isGeospatial(logical));
  const column = text === undefined ? null : fromGeo(file, text);
  if (column !== null) return column;
  const [field, ...others] = fields;
  if (field === undefined) throw withoutGeometry(file);
  const notes = others.map(({ name }) => `its geometries "${name}" are left out`);
  return { ...fromType(file, field), notes: [...fromType(file, field).notes, ...notes] };
}

function isGeospatial(logical: SchemaNode['logical']): boolean {
  return logical?.kind === 'GEOMETRY' || logical?.kind === 'GEOGRAPHY';
}

function fromGeo(file: ParquetFile, text: string): GeometryColumn | null {
  const geo = objectOf(parseJson(text), 'its metadata "geo"');
  const version = String(geo['version'] ?? geo['schema_version'] ?? '');
  const columns = objectOf(geo['columns'], 'columns of its metadata "geo"');
  const [first] = Object.keys(columns);
  const primary = geo['primary_column'] ?? first;
  if (typeof primary !== 'string') throw withoutGeometry(file);
  const column = objectOf(columns[primary], `the geometry column "${primary}" of its metadata`);
  const field = fieldOf(file, primary);
  const encoding = encodingOf(field, column['encoding'], file);
  const { crs, notes } = crsOf(column);
  const covering = coveringOf(file, column['covering'], primary);
  if (!/^[01]\./.test(version)) {
    notes.push(
      `its metadata are of GeoParquet ${version || 'without a version'}, and read as of 1.1`,
    );
  }
  if (column['edges'] === 'spherical') notes.push(GEODESIC);
  if (typeof column['epoch'] === 'number') {
    notes.push(`its coordinates are of the epoch ${column['epoch']}, which is not looked at`);
  }
  for (const other of Object.keys(columns)) {
    if (other !== primary) notes.push(`its geometries "${other}" are left out`);
  }
  const types = column['geometry_types'] ?? column['geometry_type'];
  return {
    ...{ field, encoding, crs, covering, notes },
    geometryType: typeWords(Array.isArray(types) ? types : [types]),
    extent: boxOf(column['bbox']),
  };
}

function fromType(file: ParquetFile, field: SchemaNode): GeometryColumn {
  const { logical } = field;
  if (logical?.kind !== 'GEOMETRY' && logical?.kind !== 'GEOGRAPHY') throw withoutGeometry(file);
  if (field.leaf?.type !== 'BYTE_ARRAY') throw new ParquetFault(`has no bytes in "${field.name}"`);
  return {
    ...{ field, encoding: 'WKB', geometryType: 'GEOMETRY' },
    crs: logical.crs === null ? CRS84 : crsOfText(file, logical.crs),
    extent: statisticsExtent(file, field.leaf),
    covering: coveringOf(file, undefined, field.name),
    notes: logical.kind === 'GEOGRAPHY' ? [GEODESIC] : [],
  };
}

function fieldOf(file: ParquetFile, name: string): SchemaNode {
  const field = file.schema.fields.find((one) => one.name === name);
  if (field !== undefined) return field;
  throw new ParquetFault(`lacks the geometry column "${name}" that its metadata name`);
}

function encodingOf(
  field: SchemaNode,
  encoding: unknown,
  file: ParquetFile,
): GeometryColumn['encoding'] {
  const isBytes = field.leaf?.type === 'BYTE_ARRAY' && field.leaf.maxRepetition === 0;
  if (encoding === 'WKB' && isBytes) return 'WKB';
  if (field.logical?.kind === 'UNKNOWN' && field.leaf !== null) return 'none';
  const isNested = field.leaf === null;
  if ((encoding === 'polygon' || encoding === 'multipolygon') && isNested) return encoding;
  if (typeof encoding === 'string' && OTHER_NATIVE.has(encoding) && isNested) return 'other';
  const what = `has geometries "${field.name}" in the encoding ${JSON.stringify(encoding)}`;
  if (encoding === 'WKT' && isBytes) {
    throw new ParquetFault(
      `${what}, which is not read. ${rewriteLine(file, field.name, 'Text')}`,
      'input-format',
    );
  }
  throw new ParquetFault(
    `${what}, which is not read for such a column. Write it anew in the encoding WKB`,
    'input-format',
  );
}

function crsOf(column: Json): { crs: CrsReference | null; notes: string[] } {
  const { crs } = column;
  if (crs === undefined) return { crs: CRS84, notes: [] };
  if (crs === null) return { crs: null, notes: [] };
  // Before version 0.4 it was WKT.
  if (typeof crs === 'string') return { crs: { definition: crs }, notes: [] };
  return { crs: fromProjjson(objectOf(crs, 'the CRS of its metadata')), notes: [] };
}

function fromProjjson(crs: Json): CrsReference {
  const { id, name } = crs as { id?: Json; name?: unknown };
  const { authority, code } = (typeof id === 'object' && id !== null ? id : {}) as Json;
  const hasCode =
    typeof authority === 'string' && (typeof code === 'number' || typeof code === 'string');
  return {
    definition: JSON.stringify(crs),
    ...(typeof name === 'string' && { name }),
    ...(hasCode && { authority, code: String(code) }),
  };
}

/** Of Parquet's own types: an SRID, the key of PROJJSON in the file's metadata, a code or a definition. */
function crsOfText(file: ParquetFile, text: string): CrsReference | null {
  const srid = /^srid:(\d+)$/i.exec(text)?.[1];
  if (srid !== undefined) return srid === '0' ? null : { authority: 'EPSG', code: srid };
  const key = /^projjson:(.*)$/is.exec(text)?.[1];
  const value = key === undefined ? text : file.metadata.keyValues.get(key);
  if (value === undefined) throw new ParquetFault(`lacks the CRS "${key}" that a column refers to`);
  if (value.trimStart().startsWith('{')) return fromProjjson(objectOf(parseJson(value), 'its CRS'));
  const [, authority, code] = /^(\w+):(\w+)$/.exec(value) ?? [];
  if (authority !== undefined && code !== undefined) return { authority, code };
  return value.trim() === '' ? null : { definition: value };
}

/** The column of boxes that the metadata tell, or that is named and made like one. */
function coveringOf(file: ParquetFile, told: unknown, geometry: string): Covering | null {
  const bbox = (told as { bbox?: Json } | undefined)?.bbox;
  const { fields, leaves } = file.schema;
  if (bbox !== undefined) {
    const sides = SIDES.map((side) => {
      const path = bbox[side];
      return leaves.find(
        ({ node }) => Array.isArray(path) && node.path.join('\0') === path.join('\0'),
      );
    });
    return coveringBy(fields, sides);
  }
  const field = fields.find(({ name }) => name === 'bbox' || name === `${geometry}_bbox`);
  if (field?.children.length !== 4) return null;
  return coveringBy(
    fields,
    SIDES.map((side) => field.children.find(({ name }) => name === side)?.leaf),
  );
}

function coveringBy(
  fields: readonly SchemaNode[],
  sides: readonly (Leaf | null | undefined)[],
): Covering | null {
  const isSide = (leaf: Leaf | null | undefined) =>
    (leaf?.type === 'FLOAT' || leaf?.type === 'DOUBLE') && leaf.maxRepetition === 0;
  if (!sides.every(isSide)) return null;
  const names = new Set(sides.map((leaf) => leaf!.node.path[0]));
  const field = fields.find(({ name }) => names.has(name));
  if (names.size !== 1 || field === undefined || field.leaf !== null) return null;
  return { sides: sides as unknown as Covering['sides'], field };
}

function typeWords(types: readonly unknown[]): string {
  const known = types.filter((type): type is string => typeof type === 'string');
  return known.length === 0 ? 'GEOMETRY' : known.map((type) => type.toUpperCase()).join(', ');
}

/** Of four or six numbers; null for others, and for boxes across the antimeridian. */
function boxOf(bbox: unknown): Bounds | null {
  if (!Array.isArray(bbox) || (bbox.length !== 4 && bbox.length !== 6)) return null;
  const half = bbox.length / 2;
  const box = [bbox[0], bbox[1], bbox[half], bbox[half + 1]];
  if (!box.every(Number.isFinite)) return null;
  return box[0] <= box[2] && box[1] <= box[3] ? (box as unknown as Bounds) : null;
}

function statisticsExtent(file: ParquetFile, leaf: Leaf): Bounds | null {
  const extent: Bounds = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { columns, rows } of file.metadata.rowGroups) {
    const { box } = columns[leaf.index]!;
    if (rows === 0) continue;
    if (box === null || !box.every(Number.isFinite) || box[0] > box[2]) return null;
    for (const side of [0, 1]) {
      extent[side] = Math.min(extent[side]!, box[side]!);
      extent[side + 2] = Math.max(extent[side + 2]!, box[side + 2]!);
    }
  }
  return extent[0] <= extent[2] ? extent : null;
}

function withoutGeometry(file: ParquetFile): ParquetFault {
  const guess = file.schema.fields.find(
    ({ name, leaf }) => leaf?.type === 'BYTE_ARRAY' && /geom|wkb|shape/i.test(name),
  );
  const start = 'has no geometry column that its metadata name: it is Parquet, but no GeoParquet';
  if (guess === undefined) return new ParquetFault(`${start}. Polygons are needed`, 'input-layer');
  const { name, logical } = guess;
  const from = logical?.kind === 'STRING' ? 'Text' : 'WKB';
  return new ParquetFault(`${start}. ${rewriteLine(file, name, from)}`, 'input-layer');
}

function rewriteLine({ window: { path } }: ParquetFile, column: string, from: string): string {
  const name = `"${column.replaceAll('"', '""')}"`;
  return (
    'DuckDB with its extension spatial writes one with it: ' +
    `COPY (SELECT * REPLACE (ST_GeomFrom${from}(${name}) AS ${name}) FROM '${path}') TO 'NEW.parquet'`
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ParquetFault('has metadata "geo" that are no JSON');
  }
}

function objectOf(value: unknown, what: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw new ParquetFault(`lacks ${what}, or has something else there`);
}
