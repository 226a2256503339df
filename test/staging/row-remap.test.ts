/** Values put from one schema into another, against rules written out here. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Column, ColumnType, Value } from '../../src/core/columns.ts';
import { Random } from '../../src/core/random.ts';
import { EncodedRow } from '../../src/formats/encoded-row.ts';
import { RowWriter, readRow } from '../../src/formats/sqlite/record.ts';
import { RowRemapper } from '../../src/staging/rows/row-remap.ts';
import { requireFewColumns, sameColumns } from '../../src/staging/rows/schema-union.ts';

/** What a value of a column is in one of another type: [column, value, wider column, there]. */
const CHANGES: [ColumnType, Value, ColumnType, Value][] = [
  ['boolean', 1, 'text', 'true'],
  ['boolean', 0, 'text', 'false'],
  ['boolean', 5, 'text', '5'],
  ['boolean', 1, 'integer', 1],
  ['boolean', 0, 'real', 0],
  ['integer', 7, 'text', '7'],
  ['integer', 1, 'text', '1'],
  ['integer', -(2n ** 63n), 'text', '-9223372036854775808'],
  ['integer', 2 ** 50, 'real', 2 ** 50],
  ['integer', -3, 'real', -3],
  ['real', 1, 'text', '1.0'],
  ['real', -0.5, 'text', '-0.5'],
  ['real', 1e21, 'text', '1e+21'],
  ['date', '2020-02-29', 'text', '2020-02-29'],
  ['datetime', '2020-02-29T00:00:00.000Z', 'text', '2020-02-29T00:00:00.000Z'],
  ['blob', Uint8Array.of(0, 171, 255), 'text', '00ABFF'],
  ['blob', new Uint8Array(0), 'text', ''],
  // Of another class than its column says.
  ['integer', 'seven', 'text', 'seven'],
  ['real', 'much', 'text', 'much'],
  ['boolean', 'yes', 'text', 'yes'],
];

function rowOf(values: readonly Value[], columns: readonly Column[] = []): EncodedRow {
  const writer = new RowWriter();
  values.forEach((value, i) => {
    if (columns[i]?.type === 'real' && typeof value === 'number') writer.real(value);
    else writer.value(value);
  });
  const row = new EncodedRow();
  row.types = writer.types.slice(0, writer.typesLength);
  row.typesEnd = writer.typesLength;
  row.body = writer.body.slice(0, writer.bodyLength);
  row.bodyEnd = writer.bodyLength;
  [row.minX, row.maxY] = [1.5, 2.5];
  return row;
}

function valuesOf({ types, typesStart, typesEnd, body, bodyStart }: EncodedRow): Value[] {
  return readRow(types, typesStart, typesEnd, body, bodyStart).map(comparable);
}

const comparable = (value: Value): Value =>
  value instanceof Uint8Array ? new Uint8Array(value) : value;

/** Bytes of a row, by which a tile with it is the same or another. */
const bytesOf = ({ types, typesEnd, body, bodyEnd }: EncodedRow): string =>
  `${Buffer.from(types.subarray(0, typesEnd)).toString('hex')} ${Buffer.from(body.subarray(0, bodyEnd)).toString('hex')}`;

test('rows of random columns in random unions of them, and back', () => {
  const random = new Random(11);
  let changed = 0;
  for (let round = 0; round < 500; round++) {
    const chosen = Array.from({ length: 1 + random.integer(6) }, () => {
      const change = CHANGES[random.integer(CHANGES.length)]!;
      const [type, value, wide, there] = change;
      // As it is, without a value, or widened.
      const kind = random.integer(3);
      if (kind === 0) return { type, value, to: type, there: value };
      if (kind === 1) return { type, value: null, to: wide, there: null };
      changed++;
      return { type, value, to: wide, there };
    });
    const own = chosen.map(({ type }, i): Column => ({ name: `C${i}`, type }));
    // In another order, in other letters, with columns that the input does not have.
    const order = chosen.map((_, i) => i).sort(() => random.next() - 0.5);
    const places = order.flatMap((i) => (random.next() < 0.3 ? [-1, i] : [i]));
    const united = places.map(
      (i, place): Column =>
        i < 0 ? { name: `other${place}`, type: 'text' } : { name: `c${i}`, type: chosen[i]!.to },
    );
    const expected = places.map((i) => (i < 0 ? null : chosen[i]!.there));
    const tail = [random.integer(1000), 'name', 0.25];
    const old = rowOf([...chosen.map(({ value }) => value), ...tail], own);
    const made = new RowRemapper(own, own, united, 3).remap(old);
    assert.deepEqual(valuesOf(made), [...expected, ...tail].map(comparable), `round ${round}`);
    assert.equal(bytesOf(made), bytesOf(rowOf([...expected, ...tail], united)));
    assert.deepEqual([made.minX, made.maxY], [1.5, 2.5]);
    // From a tile of the united columns to one of the input's own.
    const back = new RowRemapper(united, own, own, 3).remap(rowOf([...expected, ...tail], united));
    assert.equal(bytesOf(back), bytesOf(old), `round ${round}`);
  }
  assert.ok(changed > 300, `${changed}`);
});

test('columns are the same only with the same names, types and order', () => {
  const a: Column = { name: 'a', type: 'text' };
  const b: Column = { name: 'b', type: 'real' };
  assert.equal(sameColumns([a, b], [{ ...a }, { ...b }]), true);
  for (const other of [
    [b, a],
    [a],
    [a, b, b],
    [a, { ...b, type: 'text' as const }],
    [a, { ...b, name: 'B' }],
  ]) {
    assert.equal(sameColumns([a, b], other), false);
    assert.equal(sameColumns(other, [a, b]), false);
  }
});

test('an input has as many columns as a tile has room for, and no more', () => {
  const columns = (count: number): Column[] =>
    Array.from({ length: count }, (_, i) => ({ name: `c${i}`, type: 'text' }));
  // 2,000 of SQLite, without key, geometry, and the eight that staging adds.
  requireFewColumns(columns(1989), 'a.gpkg', 'GeoPackage');
  assert.throws(() => requireFewColumns(columns(1991), 'a.gpkg', 'GeoPackage'), {
    code: 'input-columns',
    message: /1991 columns, and a tile has room for 1989/,
  });
});
