/** FlatGeobufs that GDAL writes at random, as GDAL reads them. */

import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import type { FeatureBatch } from '../../../src/geometry/batch.ts';
import { rounds, seedOf } from '../../soak/rounds.ts';
import { multiPolygonWkb, polygonWkb, temporaryFolder } from '../../staging/support.ts';
import { readSlices, withSource, zOf } from '../contract/contract-reading.ts';
import { columnOf, type GdalInput, GdalReader, noGdal, shapeOf } from '../gdal-rows.ts';

const bits = (random: Random, n: number): number => random.integer(2 ** n);
const pick = <T>(random: Random, from: readonly T[]): T => from[random.integer(from.length)]!;
const day = (random: Random): string =>
  `${1500 + random.integer(800)}/0${1 + random.integer(9)}/28`;

/** Types of GDAL's, with values of each as it takes them. */
const TYPES: Readonly<Record<string, (random: Random) => string | number>> = {
  Integer: (r) => pick(r, [bits(r, 31), -bits(r, 31), -(2 ** 31), 2 ** 31 - 1, 0]),
  'Integer(Boolean)': (r) => bits(r, 1),
  'Integer(Int16)': (r) => bits(r, 16) - 2 ** 15,
  Integer64: (r) =>
    pick(r, [
      '9223372036854775807',
      '-9223372036854775808',
      '9007199254740993',
      String(bits(r, 40)),
    ]),
  Real: (r) => pick(r, [r.normal() * 10 ** (bits(r, 9) - 256), 0.1, -0, 5e-324, 1e308]),
  'Real(Float32)': (r) => Math.fround(r.normal() * 10 ** (bits(r, 5) - 16)),
  String: (r) => pick(r, ['', 'grün 🧊', 'a'.repeat(bits(r, 9)), '\'"\n', '2026-11-29', '1']),
  'String(JSON)': (r) => JSON.stringify({ a: bits(r, 20), b: ['ü', null] }),
  DateTime: (r) =>
    `${day(r)} ${pick(r, ['00:00:00', '23:59:59', '12:30:01.5', '06:07:08.123'])}${pick(r, ['', '+00', '+0530', '-08'])}`,
  Date: day,
  Binary: (r) => Buffer.from('bytes'.repeat(1 + bits(r, 3))).toString('hex'),
};

function rings(random: Random, withZ: boolean): number[][][] {
  const [x, y] = [1e6 * (random.next() - 0.5), 1e6 * (random.next() - 0.5)];
  return Array.from({ length: 1 + random.integer(3) }, (_, k) => {
    const count = 3 + random.integer(9);
    const points = Array.from({ length: count }, (_, i) => {
      const angle = (2 * Math.PI * i) / count;
      const own = [x + Math.cos(angle) / (1 + k), y + Math.sin(angle) / (1 + k)];
      return withZ ? [...own, 100 * random.next()] : own;
    });
    return [...points, points[0]!];
  });
}

const [POLYGON, MULTI] = [3, 6];
/** As GDAL marks types with heights. */
const HEIGHTS = -(2 ** 31);

function randomInput(random: Random, path: string): GdalInput {
  const names = Object.keys(TYPES);
  const columns = Array.from({ length: random.integer(14) }, (_, i) => {
    const type = pick(random, names);
    return { name: `c${i} ${type}`, type };
  });
  const kind = pick(random, [0, POLYGON, MULTI]);
  const withZ = random.integer(3) === 0;
  const isIndexed = random.integer(2) === 0;
  // Of no features without an index it writes no byte.
  const count = pick(random, [isIndexed ? 0 : 1, 1, 2, 17, 40, 300]);
  const shape = (): string | null => {
    // No index holds them.
    if (!isIndexed && count > 1 && random.integer(9) === 0) return null;
    const isMulti = kind === 0 ? random.integer(2) === 0 : kind === MULTI;
    if (!isMulti) return polygonWkb(rings(random, withZ)).toString('hex');
    const parts = Array.from({ length: 1 + random.integer(3) }, () => rings(random, withZ));
    return multiPolygonWkb(parts).toString('hex');
  };
  return {
    path,
    driver: 'FlatGeobuf',
    options: [`SPATIAL_INDEX=${isIndexed ? 'YES' : 'NO'}`],
    geometry: withZ ? kind + HEIGHTS : kind,
    crs: pick(random, [null, 3413, 4326, 25832]),
    columns,
    rows: Array.from({ length: count }, () => [
      shape(),
      columns.map(({ type }) => (random.integer(5) === 0 ? null : TYPES[type]!(random))),
    ]),
  };
}

/** A value as both say it. */
function plain(value: unknown, type: string): string | null {
  if (value === null) return null;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (type === 'String(JSON)') return JSON.stringify(JSON.parse(String(value)));
  if (typeof value === 'boolean') return String(Number(value));
  return String(value);
}

test('files that GDAL writes: the rows that it reads', { skip: noGdal }, async (t) => {
  const folder = temporaryFolder(t);
  const gdal = new GdalReader();
  t.after(() => gdal.close());
  const counts = { rows: 0, values: 0, indexed: 0 };
  for (let n = 0; n < rounds(40, 400); n++) {
    const what = `seed ${seedOf(n)}`;
    const path = join(folder, `${n}.fgb`);
    const input = randomInput(new Random(seedOf(n)), path);
    const warnings = await gdal.write(input);
    const file = await gdal.read(path);
    assert.ok(file !== null, `${what}: ${warnings}`);
    const [theirs] = file.layers;
    await withSource(path, async (source, { columns, crs, featureCount }) => {
      const heights: (number[] | null)[] = [];
      const { rows, rowsRead, drops } = await readSlices(
        source,
        undefined,
        undefined,
        (batch: FeatureBatch) => {
          for (let i = 0; i < batch.featureCount; i++) heights.push(zOf(batch, i));
        },
      );
      const count = theirs!.rows.length;
      assert.deepEqual([featureCount, rowsRead], [count, count], what);
      assert.deepEqual(columns, theirs!.columns.map(columnOf), what);
      const code = crs !== null && 'code' in crs ? `${crs.authority}:${crs.code}` : crs;
      assert.equal(code, theirs!.crs, what);
      const polygons = theirs!.rows.flatMap(([, wkb, values]) => {
        const shape = shapeOf(wkb);
        return typeof shape === 'string' ? [] : [{ ...shape, values }];
      });
      assert.equal(rows.length, polygons.length, what);
      // Some of what has no geometry GDAL does not write.
      assert.equal(rows.length, input.rows.filter(([wkb]) => wkb !== null).length, what);
      assert.equal(drops['null geometry']?.count ?? 0, count - rows.length, what);
      for (const [i, { polygons: own, values, position }] of rows.entries()) {
        const its = polygons[i]!;
        assert.deepEqual([own, heights[i]], [its.polygons, its.z], `${what}, ${position}`);
        for (const [c, { type, name }] of theirs!.columns.entries()) {
          const where = `${what}, feature ${position}, ${name}`;
          assert.equal(plain(values[c], type), plain(its.values[c], type), where);
        }
      }
      counts.rows += rows.length;
      counts.values += rows.length * columns.length;
      counts.indexed += Number(input.options[0]!.endsWith('YES'));
    });
    rmSync(path);
  }
  t.diagnostic(JSON.stringify(counts));
  assert.ok(counts.rows > 500 && counts.values > 2000 && counts.indexed > 10);
});
