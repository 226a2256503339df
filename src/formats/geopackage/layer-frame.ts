/**
 * What a GeoPackage of one feature layer has besides the layer's rows and their R-tree: tables of
 * metadata, and the schema. Tiles of a run mostly differ in the layer's name, its extent and the number of
 * its rows; all else is composed and encoded once for them.
 */

import type { Column } from '../../core/columns.ts';
import type { DatabaseWriter, SchemaEntry, SchemaText } from '../sqlite/database-writer.ts';
import type { RTreeRoots } from '../sqlite/rtree.ts';
import { TableWriter, writeIndex } from '../sqlite/table-writer.ts';
import { SQL_TYPES } from './column-types.ts';
import { CREATE, layerTable, rtreeTables, rtreeTriggers } from './ddl.ts';

/**
 * gpkg_contents.last_change is required; a time of writing would make two runs' files differ.
 */
const LAST_CHANGE = '1970-01-01T00:00:00.000Z';
const RTREE_EXTENSION = [
  'gpkg_rtree_index',
  'http://www.geopackage.org/spec120/#extension_rtree',
  'write-only',
] as const;

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

/** What is there of a layer before its frame is written. */
export interface LayerRows {
  count: number;
  /** minX, minY, maxX, maxY */
  extent: Float64Array;
  /** Root page of the layer's table, and those of its R-tree. */
  features: number;
  rtree: RTreeRoots;
}

/** Stands for the name where texts are composed; no name that can be replaced has it. */
const NAME = '\0';
const encoder = new TextEncoder();

/** The frame of the layer that was written last in this thread. */
let last: LayerFrame | undefined;

export function layerFrame(layer: LayerDescription): LayerFrame {
  if (last?.suits(layer) !== true) last = new LayerFrame(layer);
  return last;
}

export class LayerFrame {
  readonly #layer: LayerDescription;
  /** Whether it is one for all names that need no quotes of their own. */
  readonly #isNameless: boolean;
  readonly #geometry: string;
  readonly #srsRows: readonly SrsRow[];
  readonly #schema: readonly SchemaEntry[];

  constructor(layer: LayerDescription) {
    this.#layer = layer;
    this.#isNameless = isPlain(layer.name) && !layer.columns.some((c) => c.name.includes(NAME));
    const { key, geometry } = systemColumns(layer.columns);
    this.#geometry = geometry;
    this.#srsRows = srsRows(layer);
    this.#schema = this.#composeSchema(key, geometry);
  }

  /** Whether the layer is the same but for its name, which may be another one. */
  suits({ name, columns, srs, wgs84, geometryType }: LayerDescription): boolean {
    const own = this.#layer;
    if (this.#isNameless ? !isPlain(name) : name !== own.name) return false;
    if (geometryType !== own.geometryType || columns.length !== own.columns.length) return false;
    for (let i = 0; i < columns.length; i++) {
      const [a, b] = [columns[i]!, own.columns[i]!];
      if (a.name !== b.name || a.type !== b.type) return false;
    }
    return sameSrs(srs, own.srs) && sameSrs(wgs84, own.wgs84);
  }

  /** Writes it, and with it all that the database lacks. */
  write(database: DatabaseWriter, { name, z }: LayerDescription, rows: LayerRows): void {
    const { srs, geometryType } = this.#layer;
    const geometry = this.#geometry;
    const extent = rows.count === 0 ? [null, null, null, null] : rows.extent;
    const table = (...row: (number | string | null)[]): number => {
      const writer = new TableWriter(database);
      writer.addRow(1, row);
      return writer.finish();
    };
    const index = (...key: (number | string)[]): number => writeIndex(database, [[...key, 1]]);
    const { features, rtree } = rows;
    // Pages in this order: see #composeSchema.
    const roots = [
      this.#writeSrs(database),
      table(name, 'features', name, '', LAST_CHANGE, ...extent, srs.id),
      index(name),
      index(name),
      table(name, geometry, geometryType, srs.id, z, 0),
      index(name, geometry),
      index(name),
      table(name, geometry, ...RTREE_EXTENSION),
      index(name, geometry, RTREE_EXTENSION[0]),
      table(name, rows.count),
      index(name),
      features,
      table(name, rows.count),
      ...[0, rtree.rowid, rtree.node, rtree.parent],
    ];
    for (const [i, root] of roots.entries()) this.#schema[i]!.rootPage = root;
    database.finish(this.#schema, encoder.encode(name));
  }

  #writeSrs(database: DatabaseWriter): number {
    const table = new TableWriter(database);
    // The key is the rowid, and is stored as NULL.
    for (const [name, id, ...rest] of this.#srsRows) table.addRow(id, [name, null, ...rest]);
    return table.finish();
  }

  /** In the order of what `write` makes; triggers have no pages. */
  #composeSchema(key: string, geometry: string): SchemaEntry[] {
    const { columns, geometryType } = this.#layer;
    const name = this.#isNameless ? NAME : this.#layer.name;
    const text = (value: string): SchemaText =>
      this.#isNameless ? value.split(NAME).map((part) => encoder.encode(part)) : value;
    const entry = (
      type: SchemaEntry['type'],
      table: string,
      own: string,
      sql: string | null,
    ): SchemaEntry => ({
      ...{ type, name: text(own), table: text(table), rootPage: 0 },
      sql: sql === null ? null : text(sql),
    });
    const own = (table: keyof typeof CREATE) => entry('table', table, table, CREATE[table]);
    const auto = (table: string, n: number) =>
      entry('index', table, `sqlite_autoindex_${table}_${n}`, null);
    const table = (named: string, sql: string) => entry('table', named, named, sql);
    const declared = columns.map((c) => ({ name: c.name, sqlType: SQL_TYPES[c.type] }));
    const tree = `rtree_${name}_${geometry}`;
    const shadow = rtreeTables(tree);
    return [
      own('gpkg_spatial_ref_sys'),
      own('gpkg_contents'),
      auto('gpkg_contents', 1),
      auto('gpkg_contents', 2),
      own('gpkg_geometry_columns'),
      auto('gpkg_geometry_columns', 1),
      auto('gpkg_geometry_columns', 2),
      own('gpkg_extensions'),
      auto('gpkg_extensions', 1),
      own('gpkg_ogr_contents'),
      auto('gpkg_ogr_contents', 1),
      table(name, layerTable(name, key, geometry, geometryType, declared)),
      own('sqlite_sequence'),
      table(tree, shadow.virtual),
      table(`${tree}_rowid`, shadow.rowid),
      table(`${tree}_node`, shadow.node),
      table(`${tree}_parent`, shadow.parent),
      ...rtreeTriggers(name, geometry, key).map((trigger) =>
        entry('trigger', name, trigger.name, trigger.sql),
      ),
    ];
  }
}

type SrsRow = readonly [string, number, string, number, string, string | null];

function srsRows({ srs, wgs84 }: LayerDescription): SrsRow[] {
  const known = srs.id === wgs84.id ? [wgs84] : [wgs84, srs].sort((a, b) => a.id - b.id);
  return [
    ['Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', 'undefined Cartesian CRS'],
    ['Undefined geographic SRS', 0, 'NONE', 0, 'undefined', 'undefined geographic CRS'],
    ...known.map(
      (row): SrsRow => [
        row.name,
        row.id,
        row.organization,
        row.organizationId,
        row.definition,
        null,
      ],
    ),
  ];
}

function sameSrs(a: SpatialRefSys, b: SpatialRefSys): boolean {
  return (
    a.id === b.id &&
    a.name === b.name &&
    a.organization === b.organization &&
    a.organizationId === b.organizationId &&
    a.definition === b.definition
  );
}

/** Whether a name is the same in quotes and out of them. */
function isPlain(name: string): boolean {
  return /^\w+$/.test(name);
}

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
