/** GeoJSON at random: the features, columns, values and CRS that GDAL reads; and tiles, of which it reads the rows. */

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Column, Value } from '../../../src/core/columns.ts';
import { OutputFile } from '../../../src/core/files/output-file.ts';
import { Random } from '../../../src/core/random.ts';
import { resolveCrs } from '../../../src/crs/resolve.ts';
import { geoJsonTiles } from '../../../src/formats/geojson/format.ts';
import { RowWriter } from '../../../src/formats/sqlite/record.ts';
import type { FeatureBatch } from '../../../src/geometry/batch.ts';
import { rounds, seedOf } from '../../soak/rounds.ts';
import { temporaryFolder } from '../../staging/support.ts';
import { type ContractRow, readSlices, withSource, zOf } from '../contract/contract-reading.ts';
import { COLUMNS, encoded, randomRows } from '../contract/staged-contract-rows.ts';
import { columnOf, type GdalLayer, GdalReader, noGdal, shapeOf } from '../gdal-rows.ts';
import { randomSoundFile } from './geojson-gdal-random.ts';

/** Names that differ in the case of letters alone are made other ones here, and not by GDAL. */
function gdalName(name: string): string {
  return name === 'A_1' || name === 'a_1' ? name[0]! : name;
}

/** White space and escapes within arrays and objects are the file's. */
const parsed = (value: string): unknown => (/^[[{]/.test(value) ? JSON.parse(value) : value);

/** Lists are text here; with GDAL a single value is a list of one where others are lists. */
function asList(value: unknown, type: string): unknown[] {
  const found = typeof value === 'string' ? parsed(value) : value;
  const texts = (Array.isArray(found) ? found : [found]).map((one) =>
    typeof one === 'boolean' && type !== 'StringList' ? Number(one) : one,
  );
  return texts.map((one) => (type === 'StringList' ? String(one) : Number(one)));
}

/** A value as both say it. */
function plain(value: unknown, type: string): unknown {
  // Of an empty text GDAL makes no list.
  if (value === null || (value === '' && type === 'StringList')) return null;
  if (/List/.test(type)) return asList(value, type);
  if (type === 'Time') return String(value).padEnd(9, '.').padEnd(12, '0');
  return parsed(String(typeof value === 'boolean' ? Number(value) : value));
}

/** An empty polygon is none with GDAL. */
const asGdal = (reason: string): string => reason.replace('empty geometry', 'null geometry');

type RowWithZ = ContractRow & { z: number[] | null };

function compareRow(row: RowWithZ, columns: Column[], gdal: GdalLayer, i: number, what: string) {
  const [, wkb, values] = gdal.rows[i]!;
  const shape = shapeOf(wkb);
  assert.ok(typeof shape === 'object', `${what}: ${shape}`);
  assert.deepEqual(row.polygons, shape.polygons, what);
  assert.deepEqual(row.z, shape.z, what);
  for (const [c, { name }] of columns.entries()) {
    const at = gdal.columns.findIndex((column) => column.name === gdalName(name));
    const { type } = gdal.columns[at]!;
    const [own, its]: [Value, unknown] = [row.values[c]!, values[at]];
    // A number among texts is spelt anew by GDAL.
    const isNumber =
      /^String/.test(type) && typeof own === typeof its && Number(own) === Number(its);
    if (!isNumber) assert.deepEqual(plain(own, type), plain(its, type), `${what}, ${name}`);
  }
}

test('GeoJSON at random: what GDAL reads', { skip: noGdal }, async (t) => {
  const folder = temporaryFolder(t);
  const gdal = new GdalReader();
  t.after(() => gdal.close());
  const counts = { features: 0, polygons: 0, values: 0 };
  for (let n = 0; n < rounds(60, 600); n++) {
    const what = `seed ${seedOf(n)}`;
    const { text, extension } = randomSoundFile(new Random(seedOf(n)));
    const path = join(folder, `${n}.${extension}`);
    writeFileSync(path, text);
    const file = await gdal.read(path);
    assert.ok(file !== null, what);
    const [theirs] = file.layers;
    await withSource(path, async (source, { columns, crs }) => {
      const heights: RowWithZ['z'][] = [];
      const look = (batch: FeatureBatch): void => {
        for (let i = 0; i < batch.featureCount; i++) heights.push(zOf(batch, i));
      };
      const { rows, rowsRead, drops } = await readSlices(source, undefined, undefined, look);
      assert.equal(rowsRead, theirs!.rows.length, what);
      assert.deepEqual(
        columns.map(({ name, type }) => `${gdalName(name)} ${type}`).sort(),
        theirs!.columns
          .map(columnOf)
          .map(({ name, type }) => `${name} ${type}`)
          .sort(),
        what,
      );
      // GDAL reads a null as no word, and tells CRSs with heights.
      const code = crs === null ? 'EPSG:4326' : 'code' in crs && `${crs.authority}:${crs.code}`;
      const gdalCrs = theirs!.crs === 'EPSG:4979' ? 'EPSG:4326' : theirs!.crs;
      assert.equal(code === 'OGC:CRS84' ? 'EPSG:4326' : code, gdalCrs, what);
      for (const [i, row] of rows.entries()) {
        const { position } = row;
        const own = { ...row, z: heights[i]! };
        compareRow(own, columns, theirs!, position - 1, `${what}, feature ${position}`);
      }
      const reasons = theirs!.rows
        .map(([, wkb]) => shapeOf(wkb))
        .filter((one) => typeof one === 'string');
      const own = Object.entries(drops).flatMap(([reason, { count }]) =>
        Array<string>(count).fill(reason),
      );
      assert.deepEqual(own.map(asGdal).sort(), reasons.map(asGdal).sort(), what);
      counts.features += rowsRead;
      counts.polygons += rows.length;
      counts.values += rows.length * columns.length;
    });
  }
  t.diagnostic(JSON.stringify(counts));
  assert.ok(counts.polygons > 300 && counts.values > 2000);
});

test('GDAL reads tiles: as many rows, the same polygons and values', {
  skip: noGdal,
}, async (t) => {
  const gdal = new GdalReader();
  t.after(() => gdal.close());
  const place = temporaryFolder(t);
  for (const count of [0, 1, 300]) {
    mkdirSync(join(place, String(count)));
    const path = join(place, String(count), '895.geojsonl');
    // Of blobs and of texts with a NUL it has other texts.
    const columns = COLUMNS.filter(({ type }: Column) => type !== 'blob' && type !== 'text');
    const rows = randomRows(70 + count, count, columns);
    const output = OutputFile.create(path);
    const crs = resolveCrs({ authority: 'OGC', code: 'CRS84' });
    const writer = geoJsonTiles.create(output, { name: '895', columns, crs, geometry: 15 });
    for (const row of rows) writer.add(encoded(row, columns), new RowWriter());
    writer.finish();
    output.close();
    const [layer] = (await gdal.read(path))!.layers;
    assert.deepEqual([layer!.count, layer!.rows.length], [count, count]);
    const names = layer!.columns.map(({ name }) => name);
    if (count > 0)
      assert.deepEqual(
        names,
        columns.map(({ name }) => name),
      );
    for (const [i, [, wkb, values]] of layer!.rows.entries()) {
      const own = rows[i]!;
      assert.deepEqual(shapeOf(wkb), shapeOf(Buffer.from(own.wkb).toString('hex')));
      for (const [c, { type, name }] of columns.entries()) {
        if (type === 'date' || type === 'datetime') continue;
        const a = own.values[c] as number | bigint | null;
        assert.equal(number(values[c]), number(a), name);
      }
    }
  }
});

/** A number as both say it; a NaN is none. */
function number(value: unknown): string | null {
  const text = String(value).replace('inf', 'Infinity').replace('true', '1').replace('false', '0');
  return value === null || text.toLowerCase() === 'nan' ? null : text;
}
