/** Tiles as FlatGeobufs, read by GDAL and by the flatgeobuf package: in a file, by box, over HTTP. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { deserialize } from 'flatgeobuf/lib/mjs/geojson.js';
import type { Column } from '../../../src/core/columns.ts';
import { OutputFile } from '../../../src/core/files/output-file.ts';
import { Random } from '../../../src/core/random.ts';
import { resolveCrs } from '../../../src/crs/resolve.ts';
import { flatGeobufTiles } from '../../../src/formats/flatgeobuf/format.ts';
import { RowWriter } from '../../../src/formats/sqlite/record.ts';
import { hasProgram, temporaryFolder } from '../../staging/support.ts';
import { readSlices, withSource } from '../contract/contract-reading.ts';
import {
  allOf,
  type Box,
  COLUMNS,
  comparable,
  encoded,
  extentOf,
  type Row,
  randomRows,
  touches,
} from '../contract/staged-contract-rows.ts';

const CRS = resolveCrs({ authority: 'EPSG', code: '3413' });
const NOTHING = new RowWriter();
/** What every reader holds: texts of bytes that are characters, times that are some. */
const PLAIN = COLUMNS.filter(({ type }) => type !== 'blob');

function writeTile(path: string, rows: readonly Row[], columns: readonly Column[] = PLAIN): void {
  const output = OutputFile.create(path);
  const layer = { name: '895', columns, crs: CRS, geometry: 15 };
  const writer = flatGeobufTiles.create(output, layer);
  for (const row of rows) writer.add(encoded(row, columns), NOTHING);
  writer.finish();
  output.close();
}

interface Feature {
  geometry: { type: string; coordinates: number[][][] | number[][][][] };
  properties: Record<string, unknown>;
}

/** Rings of WKB as hexadecimal digits, by a plain second reading. */
function ringsOf(wkb: Uint8Array): { type: string; rings: number[][][] } {
  const view = new DataView(wkb.buffer, wkb.byteOffset, wkb.length);
  const rings: number[][][] = [];
  let at = 0;
  const header = (): [code: number, count: number] => {
    at += 9;
    return [view.getUint32(at - 8, true), view.getUint32(at - 4, true)];
  };
  const polygon = (): void => {
    const [code, count] = header();
    for (let r = 0; r < count; r++) {
      const vertices = view.getUint32(at, true);
      at += 4;
      const size = code > 1000 ? 3 : 2;
      rings.push(
        Array.from({ length: vertices }, () => {
          const vertex = Array.from({ length: size }, (_, k) => view.getFloat64(at + 8 * k, true));
          at += 8 * size;
          return vertex;
        }),
      );
    }
  };
  const isMulti = view.getUint32(1, true) % 1000 === 6;
  if (!isMulti) polygon();
  else for (let [, count] = header(); count > 0; count--) polygon();
  return { type: isMulti ? 'MultiPolygon' : 'Polygon', rings };
}

/** Where some rows have heights, those of the others are 0 to other software. */
function withHeights({ type, rings }: ReturnType<typeof ringsOf>): ReturnType<typeof ringsOf> {
  const vertices = rings.map((ring) => ring.map(([x, y, z = 0]) => [x!, y!, z]));
  return { type, rings: vertices };
}

/** The same of what the package gives. */
function shapeOf({ geometry }: Feature): ReturnType<typeof ringsOf> {
  const { type, coordinates } = geometry;
  const rings = (type === 'Polygon' ? coordinates : coordinates.flat()) as number[][][];
  return { type, rings };
}

function valuesOf({ values }: Row): unknown {
  return values.map((value) => {
    // Decoders leave out a byte order mark.
    if (typeof value === 'string') return value.replace(/^\ufeff/, '');
    return typeof value === 'bigint' ? Number(value) : value;
  });
}

async function collect(features: AsyncIterable<unknown>): Promise<Feature[]> {
  const all: Feature[] = [];
  for await (const feature of features) all.push(feature as Feature);
  return all;
}

test('the flatgeobuf package reads the same rows, all and by box', async (t) => {
  const path = join(temporaryFolder(t), '895.fgb');
  const rows = randomRows(61, 700, PLAIN);
  writeTile(path, rows);
  const bytes = Uint8Array.from(readFileSync(path));
  t.mock.method(console, 'debug', () => undefined);
  const check = (feature: Feature, row: Row): void => {
    assert.deepEqual(shapeOf(feature), withHeights(ringsOf(row.wkb)));
    const { odd_values: odd, ...own } = feature.properties as Record<string, unknown>;
    const found = PLAIN.map(({ name, type }, i) => {
      const value = own[name];
      if (typeof value === 'boolean') return Number(value);
      // Only texts that are times stand in columns of these; the others are told beside.
      const given = (odd as Record<string, { text: string }> | undefined)?.[name];
      if (given !== undefined) assert.ok(['date', 'datetime'].includes(type), `${i}`);
      return given?.text ?? value ?? null;
    });
    assert.deepEqual(found, valuesOf(row));
  };
  const features = await collect(deserialize(bytes));
  assert.equal(features.length, rows.length);
  for (const [i, feature] of features.entries()) check(feature, rows[i]!);
  const random = new Random(62);
  for (let n = 0; n < 20; n++) {
    const [x, y] = rows[random.integer(rows.length)]!.box;
    const size = 10 ** (3 + 3 * random.next());
    const box: Box = [x - size, y - size, x + size, y + size];
    const expected = rows.filter((row) => touches(row.box, box));
    const [minX, minY, maxX, maxY] = box;
    const found = await collect(deserialize(bytes, { rect: { minX, minY, maxX, maxY } }));
    assert.equal(found.length, expected.length);
    for (const [i, feature] of found.entries()) check(feature, expected[i]!);
  }
});

test('it reads them over HTTP, by ranges', async (t) => {
  const path = join(temporaryFolder(t), '895.fgb');
  const rows = randomRows(63, 3000, PLAIN);
  writeTile(path, rows);
  const bytes = readFileSync(path);
  const server = createServer((request, response) => {
    const [, from, to] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? [];
    response.writeHead(206).end(bytes.subarray(Number(from), Number(to) + 1));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  t.mock.method(console, 'debug', () => undefined);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/895.fgb`;
  const [minX, minY, maxX, maxY] = [-2e5, -2e5, 3e5, 1e5];
  const found = await collect(deserialize(url, { rect: { minX, minY, maxX, maxY } }));
  const expected = rows.filter(({ box }) => touches(box, [minX, minY, maxX, maxY]));
  assert.ok(expected.length > 50);
  const sorted = (shapes: ReturnType<typeof ringsOf>[]): string[] =>
    shapes.map((shape) => JSON.stringify(shape)).sort();
  assert.deepEqual(
    sorted(found.map(shapeOf)),
    sorted(expected.map(({ wkb }) => withHeights(ringsOf(wkb)))),
  );
});

/** Rows as GDAL has them: its numbers of features from 0, and WKB. */
const READ_BY_GDAL = `
import json, sys
from osgeo import ogr
ogr.UseExceptions()
source = ogr.Open(sys.argv[1])
layer = source.GetLayer(0)
layer.ResetReading()
def told(feature):
    values = [None if not feature.IsFieldSetAndNotNull(i) else feature.GetField(i) for i in range(feature.GetFieldCount())]
    geometry = feature.GetGeometryRef()
    return [feature.GetFID(), geometry.ExportToIsoWkb().hex(), values]
all = [told(feature) for feature in layer]
layer.SetSpatialFilterRect(*[float(a) for a in sys.argv[2:6]])
some = [told(feature) for feature in layer]
layer.SetSpatialFilter(None)
single = [told(layer.GetFeature(i)) for i in range(0, layer.GetFeatureCount(), 37)]
crs = layer.GetSpatialRef()
print(json.dumps({'all': all, 'some': some, 'single': single, 'crs': crs.GetAuthorityCode(None), 'extent': layer.GetExtent(),
  'columns': [[layer.GetLayerDefn().GetFieldDefn(i).GetName(), layer.GetLayerDefn().GetFieldDefn(i).GetFieldTypeName(layer.GetLayerDefn().GetFieldDefn(i).GetType())] for i in range(layer.GetLayerDefn().GetFieldCount())]}))
`;
const PYTHON = '/usr/bin/python3';
const noGdal =
  spawnSync(PYTHON, ['-c', 'from osgeo import ogr']).status !== 0 && 'python3-gdal is not there';

test('GDAL reads the same rows, all, by box and by number', { skip: noGdal }, (t) => {
  const path = join(temporaryFolder(t), '895.fgb');
  const columns = PLAIN.filter(({ type }) => type !== 'date' && type !== 'datetime');
  // A zero ends a text of GDAL's.
  const rows = randomRows(64, 500, columns).map((row) => ({
    ...row,
    values: row.values.map((value) =>
      typeof value === 'string' ? value.replaceAll('\0', ' ') : value,
    ),
  }));
  writeTile(path, rows, columns);
  const box: Box = [-3e5, -3e5, 3e5, 3e5];
  const run = spawnSync(PYTHON, ['-c', READ_BY_GDAL, path, ...box.map(String)], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  assert.equal(run.status, 0, run.stderr);
  // Of a ring that ends at another height it warns.
  assert.equal(run.stderr, '');
  const told = JSON.parse(
    run.stdout
      .replaceAll('-Infinity', '"-Infinity"')
      .replaceAll(/(?<![-"])Infinity/g, '"Infinity"'),
  );
  assert.deepEqual(told.columns, [
    ['yes', 'Integer'],
    ['n', 'Integer64'],
    ['depth "m"', 'Real'],
    ['Größe 🧊', 'String'],
  ]);
  assert.equal(told.crs, '3413');
  const [minX, minY, maxX, maxY] = extentOf(rows)!;
  assert.deepEqual(told.extent, [minX, maxX, minY, maxY]);
  const check = ([fid, wkb, values]: [number, string, unknown[]]): void => {
    const row = rows[fid]!;
    assert.deepEqual(ringsOf(Buffer.from(wkb, 'hex')), withHeights(ringsOf(row.wkb)));
    const own = row.values.map((value) => {
      if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
      return typeof value === 'bigint' ? Number(value) : value;
    });
    const plain = values.map((value) => (typeof value === 'boolean' ? Number(value) : value));
    assert.deepEqual(plain, own, `row ${fid}`);
  };
  assert.deepEqual(
    told.all.map(([fid]: [number]) => fid),
    [...rows.keys()],
  );
  for (const each of [...told.all, ...told.some, ...told.single]) check(each);
  const inside = [...rows.keys()].filter((i) => touches(rows[i]!.box, box));
  assert.deepEqual(
    told.some.map(([fid]: [number]) => fid),
    inside,
  );
});

test('an empty tile opens in other software', {
  skip: !hasProgram('ogrinfo') && 'no ogrinfo',
}, async (t) => {
  const path = join(temporaryFolder(t), '895.fgb');
  writeTile(path, []);
  assert.deepEqual(await collect(deserialize(readFileSync(path))), []);
  const { stdout, status } = spawnSync('ogrinfo', ['-al', '-so', path], { encoding: 'utf8' });
  assert.equal(status, 0);
  assert.match(stdout, /Feature Count: 0/);
});

test('a tile is an input of the same rows', async (t) => {
  const path = join(temporaryFolder(t), '895.fgb');
  const columns: Column[] = [...PLAIN.slice(0, 4), { name: 'day', type: 'date' }];
  const rows = randomRows(65, 300, columns).map((row) => ({
    ...row,
    values: [...row.values.slice(0, 4), '2026-11-29'],
  }));
  writeTile(path, rows, columns);
  await withSource(path, async (source, layer) => {
    assert.deepEqual(layer.columns, columns);
    assert.equal(layer.name, '895');
    const found = await readSlices(source);
    assert.deepEqual(
      found.rows.map(({ values }) => values),
      rows.map(({ values }) => values),
    );
    assert.deepEqual(found.drops, {});
  });
});

test('a tile of more than memory is taken for, with rows that are larger than that', (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, '895.fgb');
  const rows = randomRows(66, 3000, PLAIN);
  for (const i of [0, 7, 2999]) rows[i]!.values[3] = 'ü🧊'.repeat(800_000);
  writeTile(path, rows);
  assert.deepEqual(readdirSync(folder), ['895.fgb']);
  const file = flatGeobufTiles.open(path);
  try {
    assert.deepEqual(allOf(file), rows.map(comparable));
  } finally {
    file.close();
  }
});
