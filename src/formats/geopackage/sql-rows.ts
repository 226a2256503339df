/**
 * Rows through SQL: slower, for what can't be read off the pages: views, tables without rowid,
 * UTF-16 databases, databases with a journal or write-ahead log beside them.
 */

import type { DatabaseSync } from 'node:sqlite';
import type { Value } from '../../core/columns.ts';
import { TilewrightError } from '../../core/errors.ts';
import { RowWriter } from '../../core/record.ts';
import { type FeatureBatch, ODD_VALUES } from '../../geometry/batch.ts';
import type { ReadOptions, Slice } from '../source.ts';
import { decodeBlob, dropReason, FIRST_DROP, WKB_DROPPED_M } from './geometry-blob.ts';
import { fits } from './rows.ts';
import type { GeoPackageLayer } from './schema.ts';
import { quote } from './sql.ts';

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
  const columns = [layer.geometryColumn, ...layer.columns.map((c) => c.name)].map(quote);
  const where =
    Number.isFinite(slice.start) && key !== null ? `where ${key} >= ? and ${key} < ?` : '';
  // A view may have an order of its own, which another one would replace.
  const order = key === null ? '' : `order by ${key}`;
  const statement = db.prepare(
    `select ${key ?? 'null'}, ${columns.join(', ')} from ${quote(layer.table)} ${where} ${order}`,
  );
  statement.setReturnArrays(true);
  statement.setReadBigInts(true);
  const rows = (where === ''
    ? statement.iterate()
    : statement.iterate(slice.start, slice.end)) as unknown as Iterable<Value[]>;

  const writer = new RowWriter();
  let number = 0;
  batch.clear();
  for (const row of rows) {
    number++;
    options.notes.rowsRead++;
    addRow(
      row,
      key === null ? number : positionOf(row[0], path, layer.name),
      layer,
      batch,
      writer,
      options,
    );
    if (batch.featureCount >= options.maxFeatures || batch.vertexCount >= options.maxVertices) {
      yield batch;
      batch.clear();
    }
  }
  yield batch;
}

function addRow(
  row: Value[],
  position: number,
  layer: GeoPackageLayer,
  batch: FeatureBatch,
  writer: RowWriter,
  options: ReadOptions,
): void {
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
  let odd = false;
  for (const [k, { type }] of layer.columns.entries()) {
    const value = row[k + 2] ?? null;
    if (typeof value === 'number') {
      // As the table's record has it: SQLite packs whole numbers of REAL columns alone.
      if (type === 'real') writer.real(value);
      else writer.double(value);
      if (type !== 'real') odd = true;
    } else {
      const whole = typeof value === 'bigint' ? smallest(value) : value;
      writer.value(whole);
      if (!fits(whole, type)) odd = true;
    }
  }
  batch.appendRow(writer.types, 0, writer.typesLength, writer.body, 0, writer.bodyLength);
  if (odd) batch.flags[batch.featureCount]! |= ODD_VALUES;
  batch.endFeature();
}

function smallest(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function positionOf(key: Value | undefined, path: string, layer: string): number {
  const position = typeof key === 'bigint' ? smallest(key) : key;
  if (typeof position === 'number' && Number.isSafeInteger(position)) return position;
  throw idsTooLarge(path, layer);
}

/** Positions are doubles: larger ids would fall together. */
export function idsTooLarge(path: string, layer: string): TilewrightError {
  return new TilewrightError(
    'input-unreadable',
    `${path}: layer ${layer} has feature ids that are not whole numbers below 2^53, which can't be ` +
      'kept apart. Give its features smaller ids',
    { input: path },
  );
}
