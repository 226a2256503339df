/**
 * Rows through SQL: slower, for what can't be read off the pages: views, tables without rowid,
 * UTF-16 databases, databases with a journal or write-ahead log beside them.
 */

import type { DatabaseSync } from 'node:sqlite';
import type { Value } from '../../core/columns.ts';
import { RowWriter } from '../../core/record.ts';
import { type FeatureBatch, ODD_VALUES } from '../../geometry/batch.ts';
import type { ReadOptions, Slice } from '../source.ts';
import { decodeBlob, dropReason, FIRST_DROP, WKB_DROPPED_M } from './geometry-blob.ts';
import { type GeoPackageLayer, quote } from './schema.ts';

/** Yields batches as VectorSource.read does. Without a key, the position is the row's number. */
export function* readThroughSql(
  db: DatabaseSync,
  layer: GeoPackageLayer,
  slice: Slice,
  batch: FeatureBatch,
  options: ReadOptions,
): Generator<FeatureBatch> {
  const key = layer.rootPage !== null ? 'rowid' : layer.keyColumn && quote(layer.keyColumn);
  const columns = [layer.geometryColumn, ...layer.columns.map((c) => c.name)].map(quote);
  const where =
    Number.isFinite(slice.start) && key !== null ? `where ${key} >= ? and ${key} < ?` : '';
  const statement = db.prepare(
    `select ${key ?? 'null'}, ${columns.join(', ')} from ${quote(layer.name)} ${where} ` +
      `order by ${key ?? 1}`,
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
    addRow(row, key === null ? number : Number(row[0]), layer, batch, writer, options);
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
  for (const [k, column] of layer.columns.entries()) {
    let value = row[k + 2] ?? null;
    if (typeof value === 'bigint') {
      const number = Number(value);
      if (Number.isSafeInteger(number)) value = number;
      if (column.type === 'real' && typeof value === 'number') {
        writer.real(value);
        continue;
      }
    }
    if (!fits(value, column.type)) odd = true;
    if (typeof value === 'number' && typeof row[k + 2] === 'number') writer.real(value);
    else writer.value(value);
  }
  batch.appendRow(writer.types, 0, writer.typesLength, writer.body, 0, writer.bodyLength);
  if (odd) batch.flags[batch.featureCount]! |= ODD_VALUES;
  batch.endFeature();
}

function fits(value: Value, type: string): boolean {
  if (value === null) return true;
  switch (type) {
    case 'integer':
    case 'boolean':
      return typeof value === 'number' && Number.isInteger(value);
    case 'real':
      return typeof value === 'number';
    case 'blob':
      return value instanceof Uint8Array;
    default:
      return typeof value === 'string';
  }
}
