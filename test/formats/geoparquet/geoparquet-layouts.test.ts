/** Files of several layouts, by their paths, by their pages, and by how geometries are stored. */

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { Column } from '../../../src/core/columns.ts';
import { DropCounter } from '../../../src/core/drops.ts';
import { TilewrightError } from '../../../src/core/errors.ts';
import { OutputFile } from '../../../src/core/files/output-file.ts';
import { Random } from '../../../src/core/random.ts';
import { resolveCrs } from '../../../src/crs/resolve.ts';
import { EncodedRow } from '../../../src/formats/encoded-row.ts';
import { geoParquetTiles } from '../../../src/formats/geoparquet/format.ts';
import { openSource } from '../../../src/formats/open.ts';
import { RowWriter } from '../../../src/formats/sqlite/record.ts';
import { FeatureBatch } from '../../../src/geometry/batch.ts';
import { GEOMETRY_POLYGON, GEOMETRY_XY } from '../../../src/geometry/kind.ts';
import type { Bounds } from '../../../src/tms/tile-matrix.ts';
import { rounds, seedOf } from '../../soak/rounds.ts';
import { NO_SHARED_DATA, polygonWkb, sharedData, temporaryFolder } from '../../staging/support.ts';
import { readSlices, withSource } from '../contract/contract-reading.ts';
import { square } from '../shapefile/shapefile-fixture.ts';
import { parquetBytes } from './parquet-fixture.ts';

const GEO = JSON.stringify({
  ...{ version: '1.0.0', primary_column: 'g' },
  columns: { g: { encoding: 'WKB', geometry_types: [] } },
});

suite('layouts of GeoParquet', () => {
  test('names of the folders above are columns, typed as DuckDB does', async (t) => {
    const folder = join(
      temporaryFolder(t),
      'a=1',
      'data',
      'year=2026',
      'day=2026-02-28',
      'odd=2026-02-30',
      'k%20=a%2Fb',
      'none=__HIVE_DEFAULT_PARTITION__',
      'big=9223372036854775807',
    );
    mkdirSync(folder, { recursive: true });
    const path = join(folder, 'part.parquet');
    const g = { name: 'g', type: 'BYTE_ARRAY' as const, values: [polygonWkb([square(0, 0, 1)])] };
    const year = { name: 'year', type: 'INT64' as const, values: [7] };
    writeFileSync(path, parquetBytes([g, year], { keyValues: { geo: GEO } }));
    await withSource(path, async (source, { columns, notes }) => {
      assert.deepEqual(
        columns.map(({ name, type }) => `${name} ${type}`),
        ['year integer', 'day date', 'odd text', 'k  text', 'none text', 'big integer'],
      );
      assert.deepEqual(notes, ['its column "year" is left out for that of the path']);
      const { rows } = await readSlices(source);
      assert.deepEqual(rows[0]!.values, [
        2026,
        '2026-02-28',
        '2026-02-30',
        'a/b',
        null,
        2n ** 63n - 1n,
      ]);
      assert.ok(rows[0]!.odd);
    });
  });

  test('by an index of pages, rows of any range and those near a box are the same', async (t) => {
    for (let k = 0; k < rounds(2, 10); k++) {
      const random = new Random(seedOf(k));
      const path = join(temporaryFolder(t), 'tile.parquet');
      writeTile(path, random, 12_000);
      const source = await openSource(path);
      const [layer] = source.layerNames() as [string];
      const read = async (start: number, end: number, bbox: Bounds | null) => {
        const notes = { rowsRead: 0, droppedM: 0 };
        const selection = { bbox, where: null, columns: null };
        const limits = { maxFeatures: 1000, maxVertices: 1e6, drops: new DropCounter() };
        const found: string[] = [];
        const options = { ...limits, notes, selection };
        for await (const batch of source.read(layer, { start, end }, new FeatureBatch(), options)) {
          for (let i = 0; i < batch.featureCount; i++) {
            const [x, y] = batch.xy.subarray(2 * batch.ringOffsets[i]!) as unknown as [
              number,
              number,
            ];
            const isNear =
              bbox === null ||
              (x <= bbox[2] && x + 1 >= bbox[0] && y <= bbox[3] && y + 1 >= bbox[1]);
            const body = batch.body.subarray(batch.bodyOffsets[i]!, batch.bodyOffsets[i + 1]!);
            if (isNear)
              found.push(`${batch.positions[i]} ${x} ${y} ${Buffer.from(body).toString('hex')}`);
          }
        }
        return { found, rowsRead: notes.rowsRead };
      };
      const whole = (await read(1, 12_001, null)).found;
      assert.equal(whole.length, 12_000);
      for (let n = 0; n < 20; n++) {
        const start = 1 + random.integer(12_000);
        const end = Math.min(12_001, start + random.integer(500));
        assert.deepEqual((await read(start, end, null)).found, whole.slice(start - 1, end - 1));
      }
      let fewest = 12_000;
      for (let n = 0; n < 20; n++) {
        const [x, y] = [random.next() * 120, random.next() * 50];
        const bbox: Bounds = [x, y, x + 3 * random.next(), y + 3 * random.next()];
        const near = await read(1, 12_001, bbox);
        assert.deepEqual(near.found, (await read(1, 12_001, [...bbox])).found);
        const all = whole.filter((row) => {
          const [, west, south] = row.split(' ').map(Number) as [number, number, number];
          return west <= bbox[2] && west + 1 >= bbox[0] && south <= bbox[3] && south + 1 >= bbox[1];
        });
        assert.deepEqual(near.found, all);
        fewest = Math.min(fewest, near.rowsRead);
      }
      assert.ok(fewest < 12_000, 'pages are passed over');
      await source.close();
    }
  });

  test('polygons in GeoArrow’s lists are those of the file with WKB', {
    skip: sharedData() === null && NO_SHARED_DATA,
  }, async () => {
    const [native, wkb] = ['native', 'geo'].map((name) =>
      sharedData('real', 'geoparquet', `quadrangles_100k_${name}.parquet`),
    );
    const [a, b] = await Promise.all(
      [native, wkb].map((path) => withSource(path!, (source) => readSlices(source))),
    );
    assert.equal(a!.rows.length, 1809);
    assert.deepEqual(a!.rows, b!.rows);
    const slices = [
      { start: 700, end: 703 },
      { start: 1808, end: 5000 },
    ];
    const part = await withSource(native!, (source) => readSlices(source, slices));
    assert.deepEqual(
      part.rows,
      b!.rows.filter(({ position: p }) => (p >= 700 && p < 703) || p >= 1808),
    );
  });

  test('what has no geometry, or in another encoding, is refused with what to do', async (t) => {
    const path = join(temporaryFolder(t), 'a.parquet');
    const geometry = { name: 'geometry', type: 'BYTE_ARRAY' as const, values: ['POINT EMPTY'] };
    const wkt = GEO.replaceAll('"g"', '"geometry"').replace('"WKB"', '"WKT"');
    const cases: [Record<string, string>, string, RegExp][] = [
      [{}, 'input-layer', /no geometry column.*ST_GeomFromWKB\("geometry"\)/],
      [{ geo: wkt }, 'input-format', /"WKT".*ST_GeomFromText/],
      [{ geo: '{' }, 'input-corrupt', /no JSON/],
      [{ geo: GEO }, 'input-corrupt', /lacks the geometry column "g"/],
    ];
    for (const [keyValues, code, message] of cases) {
      writeFileSync(path, parquetBytes([geometry], { keyValues }));
      await assert.rejects(openSource(path), (error: TilewrightError) => {
        assert.ok(error instanceof TilewrightError);
        assert.equal(error.code, code);
        assert.match(error.message, message);
        return error.message.includes(path);
      });
    }
  });
});

/** Squares of side 1, from west to east, as a tile. */
function writeTile(path: string, random: Random, count: number): void {
  const columns: Column[] = [
    { name: 'n', type: 'integer' },
    { name: 'name', type: 'text' },
  ];
  const crs = resolveCrs({ authority: 'EPSG', code: '3413' });
  const output = OutputFile.create(path);
  const layer = { name: 'tile', columns, crs, geometry: GEOMETRY_POLYGON | GEOMETRY_XY };
  const writer = geoParquetTiles.create(output, layer);
  const values = new RowWriter();
  for (let n = 0; n < count; n++) {
    const [x, y] = [n / 100 + random.next(), random.next() * 50];
    const geometry = polygonWkb([square(x, y, 1)]);
    values.clear();
    values.integer(n);
    values.text(`name ${random.integer(1e6)}`);
    const { types, typesLength: typesEnd, body, bodyLength: bodyEnd } = values;
    const own = { types, typesEnd, body, bodyEnd, geometry, geometryEnd: geometry.length };
    const box = { minX: x, minY: y, maxX: x + 1, maxY: y + 1 };
    writer.add(Object.assign(new EncodedRow(), { ...own, ...box }), new RowWriter());
  }
  writer.finish();
  output.close();
}
