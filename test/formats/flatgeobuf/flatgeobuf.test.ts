import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Value } from '../../../src/core/columns.ts';
import { HAS_Z, MULTI } from '../../../src/geometry/batch.ts';
import {
  doubles,
  type FgbFeature,
  type FgbFile,
  fgbBytes,
  MULTI_POLYGON,
  multiPolygonTable,
  POLYGON,
  polygonTable,
  propertyOf,
  uints,
} from './flatgeobuf-fixture.ts';
import { at, opened, read, refused, ring } from './flatgeobuf-reading.ts';

test('a geometry’s own type goes before the header’s; parts may be left out', (t) => {
  const part = polygonTable([ring(0, 0)]);
  const features: FgbFeature[] = [
    { geometry: multiPolygonTable([[ring(0, 0)], [ring(5, 0)]]) },
    { geometry: { ...part, 6: { u8: MULTI_POLYGON } } },
    { geometry: part },
    { geometry: { ...part, 6: { u8: 1 } } },
  ];
  const { rows, flags, drops } = read(opened(t, { geometryType: POLYGON, features }));
  assert.deepEqual(
    rows.map(({ polygons }) => polygons.length),
    [2, 1, 1],
  );
  assert.deepEqual(flags, [MULTI, MULTI, 0]);
  assert.deepEqual(drops, { 'not a polygon': [4] });
  const unknown = read(opened(t, { geometryType: 0, features: [{ geometry: part }] }));
  assert.deepEqual(unknown.drops, { 'malformed geometry': [1] });
});

test('each code of a geometry is a polygon, none, curved, or of no type', (t) => {
  const features = Array.from(
    { length: 20 },
    (_, type): FgbFeature => ({
      geometry: { ...polygonTable([ring(0, 0)]), 6: { u8: type } },
    }),
  );
  const { rows, drops } = read(opened(t, { features }));
  assert.deepEqual(
    rows.map(({ position }) => position - 1),
    [POLYGON, MULTI_POLYGON],
  );
  assert.deepEqual(drops['curved polygon'], [11, 13]);
  // Of each reason five positions are kept.
  assert.deepEqual(drops['not a polygon'], [2, 3, 5, 6, 8]);
  assert.deepEqual(drops['malformed geometry'], [1, 19, 20]);
});

test('heights are kept where a geometry has them, measures are dropped and counted', (t) => {
  const flat = polygonTable([ring(0, 0)], POLYGON);
  const features: FgbFeature[] = [
    { geometry: polygonTable([ring(0, 0, 7)], POLYGON) },
    { geometry: { ...flat, 3: doubles(1, 2, 3, 4) } },
    { geometry: { ...flat, 2: doubles(1, 2) } },
    { geometry: { 6: { u8: 6 }, 7: { tables: [flat, polygonTable([ring(3, 3, 1)])] } } },
  ];
  const source = opened(t, { features, header: { 3: { u8: 1 }, 5: { u8: 1 } } });
  const { flags, drops, droppedM } = read(source);
  assert.deepEqual(flags, [HAS_Z, 0]);
  assert.equal(droppedM, 1);
  assert.deepEqual(drops, { 'malformed geometry': [3, 4] });
  assert.match(source.layers()[0]!.notes!.join(), /values of time/);
});

test('rings end where they are said to, or the geometry is malformed', (t) => {
  const two = [ring(0, 0), ring(0.1, 0.4)].flat();
  const geometry = (...ends: number[]): FgbFeature => ({
    geometry: {
      ...{ 0: uints(...ends), 1: doubles(...two.flat()), 6: { u8: POLYGON } },
    },
  });
  const { rows, drops } = read(
    opened(t, {
      features: [
        geometry(4, 8),
        geometry(4, 4, 8),
        geometry(8),
        geometry(4),
        geometry(4, 9),
        geometry(4, 3, 8),
      ],
    }),
  );
  assert.deepEqual(
    rows.map(({ polygons }) => polygons[0]!.length),
    [2, 2],
  );
  assert.deepEqual(drops, { 'unclosed ring': [3], 'malformed geometry': [4, 5, 6] });
});

test('parts that are one polygon many times over take no more than the file', (t) => {
  const polygon = polygonTable([
    Array.from({ length: 2001 }, (_, i) => [i % 2000, (i % 2000) % 3]),
  ]);
  const bytes = fgbBytes({
    features: [{ geometry: { 6: { u8: 6 }, 7: { tables: [polygon, ...Array(999).fill({})] } } }],
  });
  // All parts are the first.
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let vector = bytes.length - 4;
  while (view.getUint32(vector, true) !== 1000) vector -= 4;
  const first = vector + 4 + view.getUint32(vector + 4, true);
  for (let i = 1; i < 1000; i++)
    view.setUint32(vector + 4 + 4 * i, first - vector - 4 - 4 * i, true);
  const { drops } = read(opened(t, bytes));
  assert.deepEqual(drops, { 'malformed geometry': [1] });
});

test('integers are exact; what 64 bits don’t hold is text', (t) => {
  const values = [2n ** 64n - 1n, 2n ** 63n, 2n ** 63n - 1n, 2n ** 53n, 5n];
  const features = values.map((value) => ({ ...at(0), properties: propertyOf(0, 8, value) }));
  const { rows } = read(opened(t, { columns: [{ name: 'n', type: 8 }], features }));
  const found = rows.map((row) => [row.values[0], row.odd]);
  const [most, half] = values;
  assert.deepEqual(found, [
    [`${most}`, true],
    [`${half}`, true],
    [2n ** 63n - 1n, true],
    [2n ** 53n, true],
    [5, false],
  ]);
});

test('times have one form, and what is none stays', (t) => {
  const texts: [given: string, read: string][] = [
    ['2020-02-29T12:34:56', '2020-02-29T12:34:56.000'],
    ['2020-02-29 12:34:56Z', '2020-02-29T12:34:56.000Z'],
    ['2020-02-29T12:34:56.5+01', '2020-02-29T12:34:56.500+01:00'],
    ['2020-02-29T12:34:56.1234567-0330', '2020-02-29T12:34:56.1234567-03:30'],
    ['2020-02-29T12:34+00:00', '2020-02-29T12:34:00.000Z'],
    ['2020-02-29', '2020-02-29T00:00:00.000'],
    ['yesterday', 'yesterday'],
    ['', ''],
  ];
  const features = texts.map(([text]) => ({ ...at(0), properties: propertyOf(0, 13, text) }));
  const { rows } = read(opened(t, { columns: [{ name: 't', type: 13 }], features }));
  assert.deepEqual(
    rows.map(({ values }) => values[0]),
    texts.map(([, text]) => text),
  );
});

test('of two values of a column the last counts; a value of no column, or longer than all, is damage', (t) => {
  const columns = [
    { name: 'n', type: 5 },
    { name: 's', type: 11 },
  ];
  const twice = Buffer.concat([propertyOf(0, 5, 1), propertyOf(1, 11, 'a'), propertyOf(0, 5, 2)]);
  const features = [{ ...at(0), properties: twice }];
  assert.deepEqual(read(opened(t, { columns, features })).rows[0]!.values, [2, 'a']);
  for (const [properties, message] of [
    [propertyOf(2, 5, 1), /feature 1 is damaged: a value of column 3 of 2/],
    [propertyOf(1, 11, 'abc').subarray(0, -1), /the value of "s" is longer/],
    [propertyOf(0, 5, 1).subarray(0, 4), /the value of "n" is longer/],
    [Buffer.from([0]), /half a value/],
  ] as const) {
    const source = opened(t, { columns, features: [{ ...at(0), properties }] });
    refused(() => read(source), 'input-corrupt', message);
  }
});

test('columns of features are the layer’s by their names', (t) => {
  const own = (names: string[], ...values: Value[]): FgbFeature => ({
    ...at(0),
    columns: names.map((name) => ({ name, type: name === 'n' ? 5 : 11 })),
    properties: Buffer.concat(
      names.map((name, i) => propertyOf(i, name === 'n' ? 5 : 11, values[i]!)),
    ),
  });
  const features = [own(['s', 'n'], 'a', 1), own(['n', 's'], 2, 'b'), own(['n'], 3)];
  const source = opened(t, { features });
  assert.deepEqual(source.layers()[0]!.columns, [
    { name: 's', type: 'text' },
    { name: 'n', type: 'integer' },
  ]);
  assert.deepEqual(
    read(source).rows.map(({ values }) => values),
    [
      ['a', 1],
      ['b', 2],
      [null, 3],
    ],
  );
  const other = opened(t, { features: [...features, own(['x'], 'lost')] });
  refused(() => read(other), 'input-columns', /feature 4 has the column "x"/);
});

test('names of columns that SQL takes for the same get numbers', (t) => {
  const names = ['a', 'A', 'a_1', 'a', '', 'É', 'é'];
  const columns = names.map((name) => ({ name, type: 5 }));
  const { columns: found } = opened(t, { columns, features: [] }).layers()[0]!;
  assert.deepEqual(
    found.map(({ name }) => name),
    ['a', 'A_1', 'a_1_1', 'a_2', 'field_5', 'É', 'é'],
  );
  const many = Array.from({ length: 30_000 }, () => ({ name: 'same', type: 5 }));
  const all = opened(t, { columns: many, features: [] }).layers()[0]!.columns;
  assert.equal(new Set(all.map(({ name }) => name)).size, 30_000);
  const none = [{ name: 'v', type: 15 }];
  refused(() => opened(t, { columns: none, features: [] }), 'input-corrupt', /"v" of type 15/);
});

test('a CRS is what its code and its text say', (t) => {
  const crsOf = (crs: FgbFile['crs'] & {}) => opened(t, { crs, features: [] }).layers()[0]!.crs;
  assert.deepEqual(crsOf({ 1: { i32: 3413 } }), { authority: 'EPSG', code: '3413' });
  assert.deepEqual(crsOf({ 0: { text: 'esri' }, 1: { i32: 102017 }, 2: { text: 'polar' } }), {
    ...{ authority: 'ESRI', code: '102017', name: 'polar' },
  });
  assert.deepEqual(crsOf({ 0: { text: 'OGC' }, 5: { text: 'CRS84' } }), {
    authority: 'OGC',
    code: 'CRS84',
  });
  assert.deepEqual(crsOf({ 4: { text: 'PROJCRS["x"]' } }), { definition: 'PROJCRS["x"]' });
  assert.equal(crsOf({ 2: { text: 'by name alone' } }), null);
});
