/**
 * The feature layers that a GeoPackage registers: the rows of gpkg_contents and
 * gpkg_geometry_columns (OGC 12-128r18, clauses 1.1.3 and 2.1.5), whether these are tables or views.
 * Whether a layer can be read is not looked at here.
 */

import type { DatabaseSync } from 'node:sqlite';
import { TilewrightError } from '../../core/errors.ts';
import { all, lowerCase, type Row } from './sql.ts';

/** A table, or one of its geometry columns if it has several, as a layer. */
export interface Registration {
  /** No other layer of the file has it, whatever its case. */
  name: string;
  table: string;
  /** The table's geometry columns; the layer's own is the first. Empty if none is registered. */
  geometryColumns: string[];
  /** In upper case. */
  geometryType: string;
  srsId: number;
  /** [minX, minY, maxX, maxY], if known. */
  extent: [number, number, number, number] | null;
  /** What two rows about the layer do not agree in; null if all is well. */
  contradiction: string | null;
}

/** What SQLite's schema has under a name. */
interface SchemaEntry {
  type: 'table' | 'view';
  /** Zero for views and virtual tables. */
  rootPage: number;
}

/** Tables and views by name in lower case. */
export type Schema = ReadonlyMap<string, SchemaEntry>;

export function readSchema(db: DatabaseSync): Schema {
  const sql = "select name, type, rootpage from sqlite_schema where type in ('table', 'view')";
  return new Map(
    all(db, sql).map((row) => [
      lowerCase(String(row['name'])),
      { type: row['type'] === 'view' ? 'view' : 'table', rootPage: Number(row['rootpage']) },
    ]),
  );
}

/**
 * In the order of gpkg_contents, then of gpkg_geometry_columns.
 * @throws TilewrightError input-format when the database is no GeoPackage
 */
export function readRegistrations(db: DatabaseSync, path: string, schema: Schema): Registration[] {
  for (const table of ['gpkg_contents', 'gpkg_geometry_columns', 'gpkg_spatial_ref_sys']) {
    if (!schema.has(table)) {
      throw new TilewrightError('input-format', `${path} is not a GeoPackage: it has no ${table}`, {
        input: path,
      });
    }
  }
  // Names given by AS are the same in all letter cases that the tables may be declared in.
  const contents = all(
    db,
    `select table_name as name, data_type as type, min_x as minX, min_y as minY, max_x as maxX,
            max_y as maxY, srs_id as srsId from gpkg_contents`,
  );
  const columns = all(
    db,
    `select table_name as name, column_name as geometry, geometry_type_name as type,
            srs_id as srsId from gpkg_geometry_columns`,
  );
  const columnsOf = Map.groupBy(columns, (row) => lowerCase(String(row['name'])));
  const listed = new Map<string, Row>();
  for (const row of contents) {
    const key = lowerCase(String(row['name']));
    if (!listed.has(key)) listed.set(key, row);
  }
  const layers: Registration[] = [];
  for (const [key, row] of listed) {
    if (!isFeatures(row) || key === PLACEHOLDER) continue;
    layers.push(...layersOf(String(row['name']), row, columnsOf.get(key) ?? []));
  }
  // A table that only gpkg_geometry_columns knows has all that reading it takes.
  for (const [key, rows] of columnsOf) {
    if (listed.has(key) || key === PLACEHOLDER) continue;
    layers.push(...layersOf(String(rows[0]!['name']), null, rows));
  }
  return withNamesApart(layers);
}

/** An empty table that GDAL adds to files without features, for readers that insist on one. */
const PLACEHOLDER = 'ogr_empty_table';

function isFeatures(row: Row): boolean {
  return lowerCase(String(row['type'])) === 'features';
}

function layersOf(table: string, contents: Row | null, rows: readonly Row[]): Registration[] {
  const sides = ['minX', 'minY', 'maxX', 'maxY'].map((side) => contents?.[side]);
  const extent = sides.every((value) => typeof value === 'number')
    ? (sides as [number, number, number, number])
    : null;
  const byColumn = Map.groupBy(rows, (row) => lowerCase(String(row['geometry'])));
  const names = [...byColumn.values()].map(([row]) => String(row!['geometry']));
  if (names.length === 0) {
    const srsId = Number(contents?.['srsId'] ?? 0);
    return [layer(table, table, [], 'GEOMETRY', srsId, extent, null)];
  }
  return [...byColumn.values()].map((same, i) => {
    const own = same[0]!;
    const others = names.filter((_, k) => k !== i);
    const name = others.length === 0 ? table : `${table}(${names[i]})`;
    const srsIds = new Set(same.map((row) => Number(row['srsId'])));
    const contradiction =
      srsIds.size === 1
        ? null
        : `gpkg_geometry_columns gives it the CRSs ${[...srsIds].join(', ')}`;
    return layer(
      name,
      table,
      [names[i]!, ...others],
      String(own['type']).toUpperCase(),
      Number(own['srsId']),
      // gpkg_contents has one extent for the table, of whichever column.
      others.length === 0 ? extent : null,
      contradiction,
    );
  });
}

function layer(
  name: string,
  table: string,
  geometryColumns: string[],
  geometryType: string,
  srsId: number,
  extent: Registration['extent'],
  contradiction: string | null,
): Registration {
  return { name, table, geometryColumns, geometryType, srsId, extent, contradiction };
}

/** A table may have the very name that a geometry column's layer gets: the layer steps aside. */
function withNamesApart(layers: Registration[]): Registration[] {
  const taken = new Set(layers.map(({ table }) => lowerCase(table)));
  for (const entry of layers) {
    if (entry.name === entry.table) continue;
    while (taken.has(lowerCase(entry.name))) {
      entry.name = `${entry.table}(${entry.name.slice(entry.table.length)})`;
    }
    taken.add(lowerCase(entry.name));
  }
  return layers;
}
