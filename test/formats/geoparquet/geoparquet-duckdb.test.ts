/** GeoParquet that DuckDB writes at random: geometries in all encodings, as they were given. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import type { Slice } from '../../../src/formats/source.ts';
import { rounds, seedOf } from '../../soak/rounds.ts';
import { multiPolygonWkb, polygonWkb, temporaryFolder } from '../../staging/support.ts';
import { canonical, readSlices, withSource, zOf } from '../contract/contract-reading.ts';
import { duckdb } from './parquet-duckdb.ts';

type Polygon = number[][][];
/** Null, or polygons: none is an empty one. */
type Geometry = Polygon[] | null;

const pick = <T>(random: Random, from: readonly T[]): T => from[random.integer(from.length)]!;
const CODECS = ['uncompressed', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4_raw'];
const AXES = ['x', 'y', 'z', 'm'];
const ENCODINGS = ['WKB', 'separated', 'interleaved'] as const;

/** @param size - numbers of a vertex */
function randomPolygon(random: Random, size: number): Polygon {
  const [x, y] = [360 * random.next() - 180, 180 * random.next() - 90];
  return Array.from({ length: 1 + random.integer(3) }, (_, k) => {
    const points = Array.from({ length: 3 + random.integer(6) }, (_, i) => {
      const more = Array.from({ length: size - 2 }, () => random.integer(1000) / 8);
      return [x + Math.cos(i) / (1 + k), y + Math.sin(i) / (1 + k), ...more];
    });
    return [...points, points[0]!];
  });
}

interface Style {
  encoding: (typeof ENCODINGS)[number];
  isMulti: boolean;
  size: number;
}

/** A geometry in JSON, as DuckDB takes it for its column. */
function jsonOf(geometry: Geometry, { encoding, isMulti }: Style): unknown {
  if (geometry === null) return null;
  if (encoding === 'WKB') {
    const wkb = isMulti ? multiPolygonWkb(geometry) : polygonWkb(geometry[0] ?? []);
    return wkb.toString('hex');
  }
  const vertex = (point: number[]): unknown =>
    encoding === 'interleaved'
      ? point
      : Object.fromEntries(point.map((value, i) => [AXES[i]!, value]));
  const polygons = geometry.map((rings) => rings.map((ring) => ring.map(vertex)));
  return isMulti ? polygons : (polygons[0] ?? []);
}

function typeOf({ encoding, isMulti, size }: Style): string {
  if (encoding === 'WKB') return 'VARCHAR';
  const axes = AXES.slice(0, size).map((axis) => `${axis} DOUBLE`);
  const vertex = encoding === 'interleaved' ? 'DOUBLE[]' : `STRUCT(${axes.join()})`;
  return `${vertex}[][]${isMulti ? '[]' : ''}`;
}

test('files that DuckDB writes: geometries in all encodings', async (t) => {
  const folder = temporaryFolder(t);
  const seen = new Set<string>();
  const counts = { rows: 0, vertices: 0 };
  for (let n = 0; n < rounds(18, 180); n++) {
    const what = `seed ${seedOf(n)}`;
    const random = new Random(seedOf(n));
    const encoding = ENCODINGS[n % 3]!;
    const style: Style = {
      encoding,
      isMulti: random.integer(2) === 0,
      size: encoding === 'WKB' ? pick(random, [2, 3]) : pick(random, [2, 3, 4]),
    };
    const nulls = pick(random, [0, 3, 50]);
    const geometries = Array.from({ length: pick(random, [1, 40, 3000]) }, (): Geometry => {
      if (nulls > 0 && random.integer(nulls) === 0) return null;
      if (random.integer(20) === 0) return [];
      const parts = style.isMulti ? 1 + random.integer(3) : 1;
      return Array.from({ length: parts }, () => randomPolygon(random, style.size));
    });
    const lines = geometries.map((geometry, i) =>
      JSON.stringify({ n: random.integer(9) === 0 ? null : i, g: jsonOf(geometry, style) }),
    );
    const [rows, path] = [join(folder, `${n}.ndjson`), join(folder, `${n}.parquet`)];
    writeFileSync(rows, lines.join('\n'));
    const geo = {
      ...{ version: '1.1.0', primary_column: 'g' },
      columns: {
        g: {
          encoding: encoding === 'WKB' ? 'WKB' : style.isMulti ? 'multipolygon' : 'polygon',
          geometry_types: [],
        },
      },
    };
    const codec = CODECS[Math.floor(n / 3) % CODECS.length]!;
    const options = [
      ...[
        'FORMAT parquet',
        `COMPRESSION ${codec}`,
        `PARQUET_VERSION ${pick(random, ['V1', 'V2'])}`,
      ],
      `ROW_GROUP_SIZE ${pick(random, [2048, 122_880])}`,
      `KV_METADATA {geo: '${JSON.stringify(geo)}'}`,
    ];
    const g = encoding === 'WKB' ? 'unhex(g)' : 'g';
    await duckdb.run(
      `COPY (SELECT n, ${g} AS g FROM read_json('${rows}', format = 'newline_delimited', columns = {n: 'INTEGER', g: '${typeOf(style)}'}))
       TO '${path}' (${options.join()})`,
    );
    const sound = geometries.flatMap((geometry, i) =>
      geometry === null || geometry.length === 0 ? [] : [{ geometry, position: i + 1 }],
    );
    await withSource(path, async (source, { featureCount, columns }) => {
      assert.deepEqual(columns, [{ name: 'n', type: 'integer' }]);
      assert.equal(featureCount, geometries.length, what);
      const cut = 1 + random.integer(geometries.length);
      const slices: Slice[] = [
        { start: 1, end: cut },
        { start: cut, end: geometries.length + 1 },
      ];
      const heights: (number[] | null)[] = [];
      const found = await readSlices(source, slices, undefined, (batch) => {
        for (let i = 0; i < batch.featureCount; i++) heights.push(zOf(batch, i));
      });
      const nothing = geometries.filter((one) => one === null).length;
      assert.equal(found.drops['null geometry']?.count ?? 0, nothing, what);
      assert.equal(found.rows.length, sound.length, what);
      for (const [i, { geometry, position }] of sound.entries()) {
        const own = found.rows[i]!;
        const where = `${what}, row ${position}`;
        assert.equal(own.position, position, where);
        assert.deepEqual(
          own.polygons,
          geometry.map((rings) => rings.map(canonical)),
          where,
        );
        const z = style.size > 2 ? geometry.flat(2).map((point) => point[2]!) : null;
        assert.deepEqual(heights[i], z, where);
        counts.vertices += geometry.flat(2).length;
      }
      counts.rows += found.rowsRead;
    });
    seen.add(`${encoding} ${style.isMulti ? 'multi' : ''} ${style.size}`).add(codec);
  }
  t.diagnostic(`${JSON.stringify(counts)} ${[...seen].join(', ')}`);
  assert.ok(counts.rows > 5000 && seen.size > 15, [...seen].join());
});
