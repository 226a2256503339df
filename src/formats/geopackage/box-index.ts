/**
 * The R-tree that a GeoPackage may have beside a table (OGC 12-128r19, annex F.3), to find the rows of a box.
 * It is used where it seems to be kept with the table: with its triggers, as many rows and the same last
 * one as the table, and a sample of rows in it where their geometries are.
 */

import type { DatabaseSync } from 'node:sqlite';
import { Random } from '../../core/random.ts';
import { sqliteCode } from '../../core/sqlite-error.ts';
import type { Bounds } from '../../tms/tile-matrix.ts';
import { PageFile } from '../sqlite/page-file.ts';
import { TableCursor } from '../sqlite/table-cursor.ts';
import { RowBounds } from './row-bounds.ts';
import type { GeoPackageLayer } from './schema.ts';
import { all, quote } from './sql.ts';

/** Rows that are looked up. */
const SAMPLES = 128;
/** Read at a time for each of them. */
const SAMPLE_BYTES = 4096;
/** Of which the standard has more, by version. */
const LEAST_UPDATE_TRIGGERS = 3;

/** The name of the layer's R-tree; null if there is none that can be relied on. */
export function findBoxIndex(
  db: DatabaseSync,
  path: string,
  layer: GeoPackageLayer,
): string | null {
  const name = `rtree_${layer.table}_${layer.geometryColumn}`;
  try {
    return hasTriggers(db, name, layer) && isInStep(db, path, name, layer) ? name : null;
  } catch (error) {
    // What SQLite finds wrong with an index concerns nobody who reads the table.
    if (sqliteCode(error) !== undefined) return null;
    throw error;
  }
}

function hasTriggers(db: DatabaseSync, name: string, { table }: GeoPackageLayer): boolean {
  const sql = all(
    db,
    "select sql from sqlite_schema where type = 'table' and lower(name) = lower(?)",
    name,
  )[0]?.['sql'];
  // No other module: what it answers would be its program's business.
  if (!/^create\s+virtual\s+table\s.*\susing\s+"?rtree"?\s*\(/is.test(String(sql))) return false;
  const triggers = all(
    db,
    "select lower(name) as name from sqlite_schema where type = 'trigger' and lower(tbl_name) = lower(?)",
    table,
  ).map((row) => String(row['name']));
  const has = (event: string): number =>
    triggers.filter((trigger) => trigger.startsWith(`${name.toLowerCase()}_${event}`)).length;
  return has('insert') > 0 && has('delete') > 0 && has('update') >= LEAST_UPDATE_TRIGGERS;
}

function isInStep(db: DatabaseSync, path: string, name: string, layer: GeoPackageLayer): boolean {
  const found = all(
    db,
    `select count(*) as n, min(rowid) as first, max(rowid) as last from ${quote(`${name}_rowid`)}`,
  )[0]!;
  const pages = new PageFile(path, SAMPLE_BYTES);
  try {
    const cursor = new TableCursor(pages, layer.rootPage!);
    const edges = cursor.edges();
    const { n, first, last } = found;
    if (
      edges === null ||
      n !== layer.featureCount ||
      first !== edges.first ||
      last !== edges.last
    ) {
      return false;
    }
    const random = new Random(SAMPLES);
    const rows = new RowBounds(layer.storedColumns.indexOf(layer.geometryColumn));
    const search = searchOf(db, name, '');
    const box = new Float64Array(4);
    for (let k = 0; k < SAMPLES; k++) {
      const at = edges.first + Math.floor(random.next() * (edges.last - edges.first + 1));
      if (!cursor.findNear(at) || !rows.read(cursor, box)) continue;
      // What its box touches, from the root down: a row that is kept elsewhere is not among it.
      const ids = search.iterate(box[2]!, box[0]!, box[3]!, box[1]!) as Iterable<unknown>;
      const wanted = BigInt(cursor.rowid);
      let isThere = false;
      for (const row of ids) {
        isThere = (row as unknown as bigint[])[0] === wanted;
        if (isThere) break;
      }
      if (!isThere) return false;
    }
    return true;
  } finally {
    pages.close();
  }
}

/** Boxes are kept in single precision, rounded outwards. */
function searchOf(db: DatabaseSync, name: string, more: string) {
  const columns = all(db, `pragma table_info(${quote(name)})`).map((row) =>
    quote(String(row['name'])),
  );
  const [id, minX, maxX, minY, maxY] = columns as [string, string, string, string, string];
  const statement = db.prepare(
    `select ${id} from ${quote(name)} where ${minX} <= ? and ${maxX} >= ? and ${minY} <= ? and ${maxY} >= ? ${more}`,
  );
  statement.setReadBigInts(true);
  statement.setReturnArrays(true);
  return statement;
}

/** Ascending rowids, start ≤ id < end, of rows whose boxes touch a closed one; null if they are more than `most`. */
export function rowsInBox(
  db: DatabaseSync,
  name: string,
  [west, south, east, north]: Bounds,
  start: number,
  end: number,
  most: number,
): Float64Array | null {
  const ids: number[] = [];
  // Ends of a slice may be infinite.
  const slice = [start, end].map((edge) => Math.max(-(2 ** 53), Math.min(2 ** 53, edge)));
  const search = searchOf(db, name, 'and +rowid >= ? and +rowid < ?');
  const found = search.iterate(east, west, north, south, ...slice) as Iterable<unknown>;
  for (const row of found) {
    if (ids.length >= most) return null;
    ids.push(Number((row as unknown as bigint[])[0]));
  }
  return Float64Array.from(ids).sort();
}
