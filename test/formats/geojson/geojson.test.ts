/** What is GeoJSON's own: spellings, ids, CRSs, dates, what is told and what is refused. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import type { Value } from '../../../src/core/columns.ts';
import type { TilewrightError } from '../../../src/core/errors.ts';
import { GeoJsonSource } from '../../../src/formats/geojson/source.ts';
import type { GeoJsonLayer } from '../../../src/formats/geojson/survey.ts';
import type { OpenOptions } from '../../../src/formats/source.ts';
import { temporaryFolder } from '../../staging/support.ts';
import { type Contents, readSlices } from '../contract/contract-reading.ts';

const SQUARE = '{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}';
const feature = (more: string, geometry = SQUARE): string =>
  `{"type":"Feature",${more},"geometry":${geometry}}`;
const collection = (features: string[], more = ''): string =>
  `{"type":"FeatureCollection",${more}"features":[${features.join(',')}]}`;

async function read(
  t: TestContext,
  content: string | Buffer,
  options: OpenOptions = {},
): Promise<{ layer: GeoJsonLayer; contents: Contents }> {
  const path = join(temporaryFolder(t), 'a.geojson');
  writeFileSync(path, content);
  const source = new GeoJsonSource(path, options);
  try {
    return { layer: source.layer('a'), contents: await readSlices(source) };
  } finally {
    source.close();
  }
}

const columnsOf = ({ columns }: GeoJsonLayer): string =>
  columns.map(({ name, type }) => `${name} ${type}`).join();
const valuesOf = ({ rows }: Contents): Value[][] => rows.map(({ values }) => values);

suite('ids of features', () => {
  const texts = collection([
    feature('"id":"x","properties":{"n":1}'),
    feature('"id":7,"properties":{"n":2}'),
  ]);
  const numbers = collection([
    feature('"id":5,"properties":{"n":1}'),
    feature('"id":7,"properties":{}'),
  ]);

  test('that are texts are a column', async (t) => {
    const { layer, contents } = await read(t, texts);
    assert.deepEqual([columnsOf(layer), layer.key], ['id text,n integer', null]);
    assert.deepEqual(valuesOf(contents), [
      ['x', 1],
      ['7', 2],
    ]);
  });

  test('that are integers are a key, and a column where keys are kept', async (t) => {
    const { layer } = await read(t, numbers);
    assert.deepEqual([columnsOf(layer), layer.key], ['n integer', 'id']);
    const kept = await read(t, numbers, { keepPrimaryKey: true });
    assert.deepEqual([columnsOf(kept.layer), kept.layer.key], ['id integer,n integer', null]);
    assert.deepEqual(valuesOf(kept.contents), [
      [5, 1],
      [7, null],
    ]);
  });

  test('are told where a property has their name', async (t) => {
    const { layer, contents } = await read(t, feature('"id":"x","properties":{"ID":3}'));
    assert.equal(columnsOf(layer), 'ID integer');
    assert.deepEqual(valuesOf(contents), [[3]]);
    assert.match(layer.notes!.join(), /own `id` is not read/);
  });
});

test('names of columns are one for SQL each', async (t) => {
  const { layer } = await read(t, feature('"properties":{"Name":1,"name":2,"":3,"name_1":4}'));
  assert.equal(columnsOf(layer), 'Name integer,name_1 integer,field_3 integer,name_1_1 integer');
});

test('of a key that is there twice the later counts', async (t) => {
  const other = '{"type":"Polygon","coordinates":[[[5,5],[6,5],[6,6],[5,5]]],"type":"Polygon"}';
  const text = `{"type":"Feature","geometry":null,"properties":{"a":"x","a":2},"geometry":${SQUARE},"geometry":${other}}`;
  const { layer, contents } = await read(t, text);
  assert.equal(columnsOf(layer), 'a integer');
  assert.deepEqual(valuesOf(contents), [[2]]);
  assert.deepEqual(contents.rows[0]!.polygons, [['5 5, 6 5, 6 6']]);
});

test('dates and times of day as GDAL writes them into a GeoPackage', async (t) => {
  const of = (value: string): string => feature(`"properties":{"t":${JSON.stringify(value)}}`);
  const times = {
    '2026-11-29T01:02:03Z': '2026-11-29T01:02:03.000Z',
    '2026-11-29 01:02:03.5': '2026-11-29T01:02:03.500',
    '2026/11/29T01:02:03.1234567+01': '2026-11-29T01:02:03.1234567+01:00',
    '2026-11-29T01:02+0530': '2026-11-29T01:02:00.000+05:30',
    '2026-11-29': '2026-11-29T00:00:00.000',
  };
  const { layer, contents } = await read(t, Object.keys(times).map(of).join('\n'));
  assert.equal(columnsOf(layer), 't datetime');
  assert.deepEqual(valuesOf(contents).flat(), Object.values(times));
  const dates = await read(t, of('2024/02/29'));
  assert.equal(columnsOf(dates.layer), 't date');
  assert.deepEqual(valuesOf(dates.contents), [['2024-02-29']]);
  for (const text of [
    '2023-02-29',
    '2026-13-01',
    '2026-1-1',
    '2026-11-29T24:00:00',
    '2026-11-29x',
    '01:02:03',
  ]) {
    assert.equal(columnsOf((await read(t, of(text))).layer), 't text', text);
  }
});

test('integers that 64 bits do not hold are reals, and told', async (t) => {
  const { layer, contents } = await read(t, feature('"properties":{"big":18446744073709551616}'));
  assert.equal(columnsOf(layer), 'big real');
  assert.deepEqual(valuesOf(contents), [[2 ** 64]]);
  assert.match(layer.notes!.join(), /read as reals: "big"/);
});

test('CRSs, also behind the features', async (t) => {
  const crs = (value: string): string =>
    `{"type":"FeatureCollection","features":[],"crs":${value}}`;
  const named = (name: string): string => crs(`{"type":"name","properties":{"name":"${name}"}}`);
  for (const [text, expected] of [
    [collection([]), { authority: 'OGC', code: 'CRS84' }],
    [crs('null'), null],
    [named('urn:ogc:def:crs:OGC:1.3:CRS84'), { authority: 'OGC', code: 'CRS84' }],
    [named('urn:ogc:def:crs:EPSG::3413'), { authority: 'EPSG', code: '3413' }],
    [named('EPSG:3857'), { authority: 'EPSG', code: '3857' }],
    [crs('{"type":"EPSG","properties":{"code":4326}}'), { authority: 'EPSG', code: '4326' }],
    [
      crs('{"type":"link","properties":{"href":"http://a.b/crs"}}'),
      { definition: 'http://a.b/crs' },
    ],
    [named('of nobody'), { definition: 'of nobody' }],
  ] as const) {
    assert.deepEqual((await read(t, text)).layer.crs, expected, text);
  }
});

test('members that GeoJSON does not know are told', async (t) => {
  const { layer } = await read(
    t,
    collection([feature('"place":null,"properties":{}')], '"name":"n","bbox":[],"stac":1,'),
  );
  assert.deepEqual(layer.notes, ['members that are not read: "stac", "place"']);
});

test('no properties, elements without a type, NaN and half a pair', async (t) => {
  const bare = `{"geometry":${SQUARE},"properties":{"a":NaN,"b":"\\ud83d"}}`;
  const { layer, contents } = await read(
    t,
    collection([bare, feature('"properties":null'), feature('"x":1')]),
  );
  assert.equal(columnsOf(layer), 'a real,b text');
  assert.deepEqual(valuesOf(contents), [
    [null, '\ufffd'],
    [null, null],
    [null, null],
  ]);
});

test('a number more than three of a position is dropped, and counted', async (t) => {
  const path = join(temporaryFolder(t), 'a.json');
  writeFileSync(path, SQUARE.replace('[1,0]', '[1,0,7,9]'));
  const source = new GeoJsonSource(path);
  const notes = { rowsRead: 0, droppedM: 0 };
  const { FeatureBatch, HAS_Z } = await import('../../../src/geometry/batch.ts');
  const { DropCounter } = await import('../../../src/core/drops.ts');
  const batch = new FeatureBatch();
  const options = { maxFeatures: 1, maxVertices: 1, drops: new DropCounter(), notes };
  for (const filled of source.read('a', { start: 1, end: 2 }, batch, options)) {
    assert.deepEqual([...filled.z.subarray(0, 4)], [0, 7, 0, 0]);
    assert.equal(filled.flags[0]! & HAS_Z, HAS_Z);
  }
  assert.deepEqual(notes, { rowsRead: 1, droppedM: 1 });
  source.close();
});

test('what is not understood is refused by name, with the feature', async (t) => {
  const second = (text: string): string => collection([feature('"properties":{}'), text]);
  const deep = `${'['.repeat(2000)}${']'.repeat(2000)}`;
  const latin1 = Buffer.concat([
    Buffer.from(feature('"properties":{"a":"').slice(0, 38)),
    Buffer.from([0xe9]),
  ]);
  const cases: [string | Buffer, string, RegExp, feature?: number][] = [
    [second(feature('"properties":{"a":1,}')), 'input-corrupt', /where a key has to be/, 2],
    [
      collection([feature('"properties":{}'), '']),
      'input-corrupt',
      /"\]" at byte \d+, where a Feature/,
      2,
    ],
    [second('5'), 'input-corrupt', /where a Feature has to be/, 2],
    [second(feature('"properties":[]')), 'input-corrupt', /"properties" that are no object/, 2],
    [second(feature(`"properties":{"a":${deep}}`)), 'input-format', /more than 1024 arrays/, 2],
    [second(feature('"properties":{"a":01}')), 'input-corrupt', /has "1"/, 2],
    [second(feature('"properties":{"a":"\n"}')), 'input-corrupt', /byte 10 at byte/, 2],
    [second(feature('"properties":{"a":"\\x"}')), 'input-corrupt', /an escape/, 2],
    [
      second('{"type":"FeatureCollection"}'),
      'input-format',
      /FeatureCollection without features/,
      2,
    ],
    [second(SQUARE).slice(0, -1), 'input-truncated', /ends at byte/, 3],
    [Buffer.concat([latin1, Buffer.from('"}}')]), 'input-encoding', /iconv -f latin1/, 1],
    ['{"type":"Feature"}{"type":"Wish"}', 'input-format', /of the type "Wish"/, 2],
    ['{"a":1}', 'input-format', /an object without a type/, 1],
    [' \n\x1e ', 'input-empty', /holds no GeoJSON/],
    [
      `${collection([], '"crs":null,')}${collection([], '"crs":{"type":"name","properties":{"name":"EPSG:3413"}},')}`,
      'input-format',
      /two CRSs/,
    ],
    [
      Array.from({ length: 20_001 }, (_, i) => feature(`"properties":{"k${i}":1}`)).join('\n'),
      'input-columns',
      /more than 20,000 names/,
    ],
  ];
  for (const [content, code, message, at] of cases) {
    await assert.rejects(read(t, content), (error: TilewrightError) => {
      assert.equal(error.code, code, error.message);
      assert.match(error.message, message);
      if (at !== undefined) assert.equal(error.feature, at, error.message);
      return true;
    });
  }
});
