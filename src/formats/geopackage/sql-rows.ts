/**
 * Rows through SQL: slower, for what can't be read off the pages: views, tables without rowid,
 * UTF-16 databases, databases with a journal or write-ahead log beside them. Rows come from the table
 * itself: an index that is damaged, or was not kept, may have others.
 */

import type { DatabaseSync } from 'node:sqlite';
import type { Value } from '../../core/columns.ts';
import { TilewrightError } from '../../core/errors.ts';
import { type FeatureBatch, ODD_VALUES } from '../../geometry/batch.ts';
import type { ReadOptions, Slice } from '../source.ts';
import { corrupt } from '../sqlite/damage.ts';
import { RowWriter } from '../sqlite/record.ts';
import { decodeBlob, dropReason, FIRST_DROP, WKB_DROPPED_M } from './geometry-blob.ts';
import type { GeoPackageLayer } from './schema.ts';
import { quote } from './sql.ts';
import { SqlValues } from './sql-values.ts';

/** Yields batches as VectorSource.read does. Rows without a position are numbered from 1. */
export function* readThroughSql(
  db: DatabaseSync,
  path: string,
  layer: GeoPackageLayer,
  slice: Slice,
  batch: FeatureBatch,
  options: ReadOptions,
): Generator<FeatureBatch> {
  const key = layer.position;
  const values = new SqlValues(db, path, layer.columns);
  const selected = [key ?? 'null', quote(layer.geometryColumn), ...values.expressions].join(', ');
  const sliced = Number.isFinite(slice.start) && key !== null;
  // A view may have an order of its own, which another one would replace.
  const order = key === null ? '' : `order by ${key}`;
  const statement = db.prepare(
    `select ${selected} from ${quote(layer.table)} not indexed ${sliced ? `where ${key} >= ?` : ''} ${order}`,
  );
  statement.setReturnArrays(true);
  statement.setReadBigInts(true);
  const rows = (sliced
    ? statement.iterate(slice.start)
    : statement.iterate()) as unknown as Iterable<Value[]>;

  const writer = new RowWriter();
  let number = 0;
  let last = sliced ? slice.start - 1 : Number.NEGATIVE_INFINITY;
  let beyond: number | null = null;
  batch.clear();
  for (const row of rows) {
    number++;
    const position = key === null ? number : positionOf(row[0], path, layer.name);
    if (position <= last) throw outOfOrder(path, layer.name, position);
    last = position;
    if (sliced && position >= slice.end) {
      // One more: the next slice's search finds only the last of rows with one number.
      if (beyond !== null) break;
      beyond = position;
      continue;
    }
    addRow(row, position, values, batch, writer, options);
    if (batch.featureCount >= options.maxFeatures || batch.vertexCount >= options.maxVertices) {
      yield batch;
      batch.clear();
    }
  }
  if (sliced && beyond !== firstFrom(db, path, layer, slice.end)) {
    throw outOfOrder(path, layer.name, slice.end);
  }
  yield batch;
}

/**
 * The first position that a search for `start` finds: where the next slice begins. One that ends
 * elsewhere shows that the table's search tree leads past rows, or to the same ones twice.
 */
function firstFrom(
  db: DatabaseSync,
  path: string,
  { position, name, table }: GeoPackageLayer,
  start: number,
): number | null {
  return one(
    db,
    path,
    name,
    `select ${position} from ${quote(table)} not indexed where ${position} >= ? order by ${position} limit 1`,
    start,
  );
}

/** The first and the last position of a table; null when it is empty. */
export function edgesThroughSql(
  db: DatabaseSync,
  path: string,
  layer: GeoPackageLayer,
): { first: number; last: number } | null {
  const { position, name, table } = layer;
  const first = one(db, path, name, `select min(${position}) from ${quote(table)} not indexed`);
  const last = one(db, path, name, `select max(${position}) from ${quote(table)} not indexed`);
  if (first === null || last === null) return null;
  // A damaged first or last rowid would hide the rows beyond it.
  const before = `select max(${position}) from ${quote(table)} not indexed where ${position} < ?`;
  const outside = [one(db, path, name, before, first), firstFrom(db, path, layer, last + 1)];
  for (const found of outside) if (found !== null) throw outOfOrder(path, name, found);
  return { first, last };
}

function one(
  db: DatabaseSync,
  path: string,
  layer: string,
  sql: string,
  ...parameters: number[]
): number | null {
  const statement = db.prepare(sql);
  statement.setReadBigInts(true);
  statement.setReturnArrays(true);
  const row = statement.get(...parameters) as unknown as Value[] | undefined;
  const value = row?.[0] ?? null;
  return value === null ? null : positionOf(value, path, layer);
}

function addRow(
  row: Value[],
  position: number,
  values: SqlValues,
  batch: FeatureBatch,
  writer: RowWriter,
  options: ReadOptions,
): void {
  const where = options.selection?.where ?? null;
  if (where !== null) {
    writer.clear();
    values.encode(row, 2, position, writer);
    if (!where.isTrue(writer.types, 0, writer.typesLength, writer.body, 0)) return;
  }
  options.notes.rowsRead++;
  const blob = row[1] ?? null;
  if (blob === null) {
    options.drops.add('null geometry', position);
    return;
  }
  batch.beginFeature(position);
  const status =
    blob instanceof Uint8Array ? decodeBlob(batch, blob, 0, blob.length) : FIRST_DROP + 2;
  if (status >= FIRST_DROP) {
    batch.dropFeature();
    options.drops.add(dropReason(status), position);
    return;
  }
  if (status === WKB_DROPPED_M) options.notes.droppedM++;
  writer.clear();
  const odd = values.encode(row, 2, position, writer);
  batch.appendRow(writer.types, 0, writer.typesLength, writer.body, 0, writer.bodyLength);
  if (odd) batch.flags[batch.featureCount]! |= ODD_VALUES;
  batch.endFeature();
}

function positionOf(key: Value | undefined, path: string, layer: string): number {
  const position = typeof key === 'bigint' ? Number(key) : key;
  if (typeof position === 'number' && Number.isSafeInteger(position)) return position;
  // Positions are doubles: larger ids would fall together.
  throw new TilewrightError(
    'input-unreadable',
    `${path}: layer ${layer} has feature ids that are not whole numbers below 2^53, which can't be ` +
      'kept apart. Give its features smaller ids',
    { input: path },
  );
}

function outOfOrder(path: string, layer: string, position: number): TilewrightError {
  return corrupt(path, `the rows of ${layer} are out of order at row ${position}`);
}
