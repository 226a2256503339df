/**
 * Writes a GeoPackage of one feature layer from rows as bytes, in one pass. Everything in it
 * follows from its rows: the same rows give the same bytes.
 */

import type { Column } from '../../core/columns.ts';
import type { OutputFile } from '../../core/files/output-file.ts';
import { copyBytes } from '../../geometry/batch.ts';
import type { EncodedRow, EncodedValues } from '../encoded-row.ts';
import { DatabaseWriter, TableWriter, writeIndex } from '../sqlite/database-writer.ts';
import { recordHeaderLength } from '../sqlite/record.ts';
import { RTreeBuilder } from '../sqlite/rtree.ts';
import { varintLength, writeVarint } from '../sqlite/varint.ts';
import { SQL_TYPES } from './column-types.ts';
import { CREATE, layerTable, rtreeTables, rtreeTriggers } from './ddl.ts';
import { BLOB_HEADER_BYTES, writeBlobHeader } from './geometry-blob.ts';

/** `GPKG`, and GeoPackage 1.2. */
const APPLICATION_ID = 0x47504b47;
const USER_VERSION = 10200;
/**
 * gpkg_contents.last_change is required; a time of writing would make two runs' files differ.
 */
const LAST_CHANGE = '1970-01-01T00:00:00.000Z';

/** A row of gpkg_spatial_ref_sys. */
export interface SpatialRefSys {
  id: number;
  name: string;
  organization: string;
  organizationId: number;
  definition: string;
}

export interface LayerDescription {
  name: string;
  /** Attributes, in the order in which records hold them after the key and the geometry. */
  columns: readonly Column[];
  srs: SpatialRefSys;
  /** WGS 84, which every GeoPackage has; may be the same as `srs`. */
  wgs84: SpatialRefSys;
  /** `POLYGON`, `MULTIPOLYGON` or `GEOMETRY`. */
  geometryType: string;
  /** Z values: 0 prohibited, 1 mandatory, 2 optional. */
  z: 0 | 1 | 2;
}

export class GeoPackageWriter {
  readonly #database: DatabaseWriter;
  readonly #features: TableWriter;
  readonly #rtree = new RTreeBuilder();
  readonly #extent = new Float64Array([Infinity, Infinity, -Infinity, -Infinity]);
  readonly #srsId: number;
  #rows = 0;

  /**
   * @param output - nothing is in it yet; the caller closes it
   * @param srsId - of the geometries
   */
  constructor(output: OutputFile, srsId: number, pageSize = 4096) {
    this.#database = new DatabaseWriter(output, {
      pageSize,
      applicationId: APPLICATION_ID,
      userVersion: USER_VERSION,
    });
    this.#features = new TableWriter(this.#database);
    this.#srsId = srsId;
  }

  get rows(): number {
    return this.#rows;
  }

  /**
   * Adds a row: its record is the key as NULL, the geometry as a blob with an XY envelope, its
   * values, and `more` values. Its fid is its number, from 1.
   */
  add(row: EncodedRow, more: EncodedValues): void {
    const { types, typesStart, typesEnd, body, bodyStart, bodyEnd } = row;
    const { geometry, geometryStart, geometryEnd } = row;
    const blob = BLOB_HEADER_BYTES + geometryEnd - geometryStart;
    const blobType = 12 + 2 * blob;
    const typesLength = 1 + varintLength(blobType) + typesEnd - typesStart + more.typesLength;
    const header = recordHeaderLength(typesLength);
    const features = this.#features;
    features.begin(++this.#rows, header + blob + bodyEnd - bodyStart + more.bodyLength);
    const { target, view } = features;
    let at = writeVarint(target, features.at, header);
    target[at++] = 0;
    at = writeVarint(target, at, blobType);
    copyBytes(types, typesStart, typesEnd, target, at);
    at += typesEnd - typesStart;
    copyBytes(more.types, 0, more.typesLength, target, at);
    at += more.typesLength;
    writeBlobHeader(target, view, at, this.#srsId, row);
    target.set(geometry.subarray(geometryStart, geometryEnd), at + BLOB_HEADER_BYTES);
    at += blob;
    copyBytes(body, bodyStart, bodyEnd, target, at);
    copyBytes(more.body, 0, more.bodyLength, target, at + bodyEnd - bodyStart);
    features.end();
    this.#noteBox(row);
  }

  /** Adds bytes[start, end), the record of `row` in another file that has the same columns. */
  addRecord(row: EncodedRow, bytes: Uint8Array, start: number, end: number): void {
    this.#features.add(++this.#rows, bytes, start, end);
    this.#noteBox(row);
  }

  #noteBox({ minX, minY, maxX, maxY }: EncodedRow): void {
    const extent = this.#extent;
    if (minX < extent[0]!) extent[0] = minX;
    if (minY < extent[1]!) extent[1] = minY;
    if (maxX > extent[2]!) extent[2] = maxX;
    if (maxY > extent[3]!) extent[3] = maxY;
    this.#rtree.add(minX, maxX, minY, maxY);
  }

  /** Writes all that is not rows. The writer can't be used afterwards. */
  finish(layer: LayerDescription): void {
    const database = this.#database;
    const { key, geometry } = systemColumns(layer.columns);
    const { name, srs, wgs84 } = layer;
    const features = this.#features.finish();
    const rtree = this.#rtree.finish(database);
    const rtreeName = `rtree_${name}_${geometry}`;
    const extent = this.#rows === 0 ? [null, null, null, null] : this.#extent;

    const srsRows: (number | string | null)[][] = [
      ['Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', 'undefined Cartesian CRS'],
      ['Undefined geographic SRS', 0, 'NONE', 0, 'undefined', 'undefined geographic CRS'],
    ];
    for (const row of srs.id === wgs84.id ? [wgs84] : [wgs84, srs].sort((a, b) => a.id - b.id)) {
      srsRows.push([row.name, row.id, row.organization, row.organizationId, row.definition, null]);
    }
    const srsTable = new TableWriter(database);
    for (const row of srsRows) {
      // The key is the rowid, and is stored as NULL.
      srsTable.addRow(row[1] as number, [row[0]!, null, ...row.slice(2)]);
    }
    const table = (row: (number | string | null)[] | null): number => {
      const writer = new TableWriter(database);
      if (row !== null) writer.addRow(1, row);
      return writer.finish();
    };
    const index = (...key: (number | string)[]): number => writeIndex(database, [[...key, 1]]);
    const rootOf = {
      srs: srsTable.finish(),
      contents: table([name, 'features', name, '', LAST_CHANGE, ...extent, srs.id]),
      contentsByName: index(name),
      contentsByIdentifier: index(name),
      geometryColumns: table([name, geometry, layer.geometryType, srs.id, layer.z, 0]),
      geometryColumnsByName: index(name, geometry),
      geometryColumnsByTable: index(name),
      extensions: table([name, geometry, ...RTREE_EXTENSION]),
      extensionsByName: index(name, geometry, RTREE_EXTENSION[0]!),
      ogrContents: table([name, this.#rows]),
      ogrContentsByName: index(name),
      sequence: table([name, this.#rows]),
    };
    const columns = layer.columns.map((c) => ({ name: c.name, sqlType: SQL_TYPES[c.type] }));
    const ddl = layerTable(name, key, geometry, layer.geometryType, columns);
    const entry = (type: 'table' | 'index', of: string, name: string, root: number, sql = '') =>
      ({ type, name, table: of, rootPage: root, sql: sql === '' ? null : sql }) as const;
    const auto = (of: string, n: number, root: number) =>
      entry('index', of, `sqlite_autoindex_${of}_${n}`, root);
    const own = (of: keyof typeof CREATE, root: number) => entry('table', of, of, root, CREATE[of]);
    const shadow = rtreeTables(rtreeName);
    database.finish([
      own('gpkg_spatial_ref_sys', rootOf.srs),
      own('gpkg_contents', rootOf.contents),
      auto('gpkg_contents', 1, rootOf.contentsByName),
      auto('gpkg_contents', 2, rootOf.contentsByIdentifier),
      own('gpkg_geometry_columns', rootOf.geometryColumns),
      auto('gpkg_geometry_columns', 1, rootOf.geometryColumnsByName),
      auto('gpkg_geometry_columns', 2, rootOf.geometryColumnsByTable),
      own('gpkg_extensions', rootOf.extensions),
      auto('gpkg_extensions', 1, rootOf.extensionsByName),
      own('gpkg_ogr_contents', rootOf.ogrContents),
      auto('gpkg_ogr_contents', 1, rootOf.ogrContentsByName),
      entry('table', name, name, features, ddl),
      own('sqlite_sequence', rootOf.sequence),
      entry('table', rtreeName, rtreeName, 0, shadow.virtual),
      entry('table', `${rtreeName}_rowid`, `${rtreeName}_rowid`, rtree.rowid, shadow.rowid),
      entry('table', `${rtreeName}_node`, `${rtreeName}_node`, rtree.node, shadow.node),
      entry('table', `${rtreeName}_parent`, `${rtreeName}_parent`, rtree.parent, shadow.parent),
      ...rtreeTriggers(name, geometry, key).map(
        (trigger) =>
          ({
            type: 'trigger',
            name: trigger.name,
            table: name,
            rootPage: 0,
            sql: trigger.sql,
          }) as const,
      ),
    ]);
  }
}

const RTREE_EXTENSION = [
  'gpkg_rtree_index',
  'http://www.geopackage.org/spec120/#extension_rtree',
  'write-only',
];

/** Names of the key and the geometry column, which step aside for attributes of the same name. */
export function systemColumns(columns: readonly Column[]): { key: string; geometry: string } {
  const taken = new Set(columns.map((column) => column.name.toLowerCase()));
  const free = (base: string): string => {
    let name = base;
    for (let n = 1; taken.has(name); n++) name = `${base}_${n}`;
    return name;
  };
  return { key: free('fid'), geometry: free('geom') };
}
