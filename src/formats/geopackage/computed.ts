/**
 * Layers whose rows are computed by SQL in the file: views, virtual tables, generated columns; and
 * tables of the GeoPackage itself that are such. All of that SQL runs apart, within limits.
 */

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import type { Column } from '../../core/columns.ts';
import { isInputUrl } from '../remote/input-url.ts';
import { type ApartRequest, runApart } from '../sqlite/apart.ts';
import { isPlain } from '../sqlite/page-file.ts';
import type { Schema } from './registration.ts';
import { needsFile } from './schema-copy.ts';
import { all, quote, type Row } from './sql.ts';

/** A program waits for these, perhaps a person. */
const DESCRIBE_MS = 20_000;
const COPY_MS = 600_000;
const COPY_MS_PER_MB = 1000;
/** What the rows of a layer may take on the disk, beside a multiple of the file. */
const COPY_BYTES = 2 ** 30;
const COPY_TIMES = 16;
/** More layers than that has no GeoPackage. */
const METADATA_ROWS = 100_000;

const METADATA = [
  'gpkg_contents',
  'gpkg_geometry_columns',
  'gpkg_spatial_ref_sys',
  'gpkg_ogr_contents',
];

export interface CopyLimits {
  ms: number;
  bytes: number;
}

function request(db: DatabaseSync, path: string, partial: Partial<ApartRequest>): ApartRequest {
  if (isInputUrl(path)) throw needsFile(path, 'views or generated columns are among its layers');
  const url = pathToFileURL(path);
  url.searchParams.set('mode', 'ro');
  if (isPlain(path)) url.searchParams.set('immutable', '1');
  return {
    source: url.href,
    encoding: String(all(db, 'pragma encoding')[0]!['encoding']),
    target: null,
    maxBytes: COPY_BYTES,
    statements: [],
    query: null,
    ...partial,
  };
}

/** Whether SQLite computes something when it reads that table, beside what is stored. */
function isComputed(db: DatabaseSync, schema: Schema, table: string): boolean {
  const entry = schema.get(table.toLowerCase());
  if (entry === undefined) return false;
  if (entry.type === 'view' || entry.rootPage === 0) return true;
  return all(db, `pragma table_xinfo(${quote(table)})`).some((c) => Number(c['hidden']) === 2);
}

/** The database to ask for what the GeoPackage says of itself: a copy, where that is computed. */
export function metadataOf(db: DatabaseSync, path: string, schema: Schema): DatabaseSync {
  if (!METADATA.some((table) => isComputed(db, schema, table))) return db;
  const copy = new DatabaseSync(':memory:');
  for (const table of METADATA.filter((name) => schema.has(name))) {
    const query = `select * from source.${table} limit ${METADATA_ROWS}`;
    const rows = runApart(request(db, path, { query }), path, table, DESCRIBE_MS);
    const columns = Object.keys(rows[0] ?? { table_name: null, srs_id: null }).map(quote);
    copy.exec(`create table ${table} (${columns.join(', ')})`);
    const insert = copy.prepare(
      `insert into ${table} values (${columns.map(() => '?').join(', ')})`,
    );
    for (const row of rows) insert.run(...Object.values(row));
  }
  return copy;
}

/** The columns of a view or virtual table, as `pragma table_xinfo` has them, and its rows' count. */
export function describeComputed(
  db: DatabaseSync,
  path: string,
  table: string,
): { info: Row[]; count: number } {
  const name = `'${table.replaceAll("'", "''")}'`;
  const query = `select *, (select count(*) from source.${quote(table)} not indexed) as count
    from pragma_table_xinfo(${name}, 'source')`;
  const info = runApart(request(db, path, { query }), path, `layer ${table}`, DESCRIBE_MS);
  return { info, count: Number(info[0]?.['count'] ?? 0) };
}

/** What has to be known of a layer to copy it. */
interface ComputedLayer {
  name: string;
  table: string;
  geometryColumn: string;
  columns: Column[];
  position: string | null;
}

/**
 * Stores what the layer's SQL gives in a table of a temporary database, which is gone when it is
 * closed. Rows keep their order and their positions.
 * @throws TilewrightError input-unreadable at the limits
 */
export function copyComputed<Layer extends ComputedLayer>(
  db: DatabaseSync,
  path: string,
  layer: Layer,
  limits?: CopyLimits,
): { db: DatabaseSync; layer: Layer } {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-'));
  try {
    const target = join(folder, 'copy.sqlite');
    const names = new Set([layer.geometryColumn, ...layer.columns.map(({ name }) => name)]);
    let key = 'row';
    while ([...names].some((name) => name.toLowerCase() === key)) key += '_';
    const selected = [...names].map(quote).join(', ');
    const types = new Map(layer.columns.map(({ name, type }) => [name, type]));
    // No other type changes no value; REAL packs whole numbers, as a table of the file would.
    const declared = [...names].map((n) => `${quote(n)} ${types.get(n) === 'real' ? 'real' : ''}`);
    const bytes = statSync(path).size;
    runApart(
      request(db, path, {
        target,
        maxBytes: limits?.bytes ?? COPY_BYTES + COPY_TIMES * bytes,
        statements: [
          `create table copy (${key} integer primary key, ${declared.join(', ')})`,
          `insert into copy (${key}, ${selected})
             select ${layer.position ?? 'null'}, ${selected} from source.${quote(layer.table)} not indexed`,
        ],
      }),
      path,
      `layer ${layer.name}`,
      limits?.ms ?? COPY_MS + (COPY_MS_PER_MB * bytes) / 1e6,
    );
    const position = layer.position === null ? null : key;
    return {
      db: new DatabaseSync(target, { readOnly: true }),
      layer: { ...layer, table: 'copy', position },
    };
  } finally {
    // What is open stays until it is closed.
    rmSync(folder, { recursive: true, force: true });
  }
}
