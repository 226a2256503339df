import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { suite, test } from 'node:test';
import { DropCounter } from '../../src/core/drops.ts';
import { TilewrightError } from '../../src/core/errors.ts';
import { Random } from '../../src/core/random.ts';
import { parseCrs } from '../../src/crs/parse.ts';
import { resolveCrs } from '../../src/crs/resolve.ts';
import { operationBetween } from '../../src/crs/transform.ts';
import { openSource } from '../../src/formats/open.ts';
import type { LayerInfo, VectorSource } from '../../src/formats/source.ts';
import { FeatureBatch } from '../../src/geometry/batch.ts';
import { crsResolver, type InputCrs } from '../../src/staging/inputs/input-crs.ts';
import { sliceExtents } from '../../src/staging/planning/slice-extents.ts';
import { orderSlices } from '../../src/staging/planning/slice-order.ts';
import { FeatureProcessor } from '../../src/staging/rows/process.ts';
import { getTileMatrixSet } from '../../src/tms/registry.ts';
import type { Bounds } from '../../src/tms/tile-matrix.ts';
import type { TileMatrixSet } from '../../src/tms/tile-matrix-set.ts';
import { boxBlob } from '../formats/geopackage/geopackage-fixture.ts';
import { NO_SHARED_DATA, sharedData, temporaryFolder } from './support.ts';
import { writeGeoPackage } from './write-geopackage.ts';

const QUAD = getTileMatrixSet('WGS1984Quad');

interface Planned {
  name: string;
  path: string;
  layer: LayerInfo;
  placing: InputCrs;
  slices: { start: number; end: number }[];
  extents: (Bounds | null)[];
  bytes: number;
}

/** An input as the plan has it. */
async function planned(path: string, tms: TileMatrixSet, sliceBytes: number): Promise<Planned> {
  const source = await openSource(path);
  try {
    const layer = await source.layer(source.layerNames()[0]!);
    const crsOf = crsResolver({
      ...{ inputCrs: null, overrideCrs: null, grids: null, allowBallpark: true },
      tilesCrs: tms.crs,
    });
    const slices = await source.slices(layer.name, sliceBytes);
    const extents = await sliceExtents(source, layer, slices);
    const placing = crsOf(layer, path);
    return { name: basename(path), path, layer, placing, slices, extents, bytes: layer.bytes };
  } finally {
    await source.close();
  }
}

/** Rows of each tile in each slice, as staging finds them. */
async function rowsByTile(
  { path, layer, placing, slices }: Planned,
  tms: TileMatrixSet,
  z: number,
): Promise<Map<number, number>[]> {
  const source = await openSource(path);
  const { matrixWidth } = tms.matrix(z);
  const all: Map<number, number>[] = [];
  try {
    for (const slice of slices) {
      const rows = new Map<number, number>();
      const processor = new FeatureProcessor(placing.crs, tms, z, null, placing.operation, null);
      const drops = new DropCounter();
      const options = {
        ...{ maxFeatures: 2048, maxVertices: 131_072, drops },
        notes: { rowsRead: 0, droppedM: 0 },
      };
      for await (const batch of source.read(layer.name, slice, new FeatureBatch(), options)) {
        processor.process(batch, drops, {
          add(_batch, _i, _bounds, _measures, tiles) {
            for (let k = 0; k < tiles.length; k++) {
              const key = tiles.rows[k]! * matrixWidth + tiles.columns[k]!;
              rows.set(key, (rows.get(key) ?? 0) + 1);
            }
          },
        });
      }
      all.push(rows);
    }
    return all;
  } finally {
    await source.close();
  }
}

/** How hints compare with what staging finds, over all inputs. */
async function compare(inputs: readonly Planned[], tms: TileMatrixSet, z: number) {
  const truth = new Map<Planned, Map<number, number>[]>();
  for (const input of inputs) truth.set(input, await rowsByTile(input, tms, z));
  const found = { slices: 0, pairs: 0, missed: 0, extra: 0, rows: 0, rowsMissed: 0, unknown: 0 };
  for (const { input, slice, tiles } of orderSlices(inputs, tms, z)) {
    found.slices++;
    const rows = truth.get(input)![slice]!;
    if (tiles === null) found.unknown++;
    const hints = new Set(tiles ?? rows.keys());
    for (const [key, count] of rows) {
      found.pairs++;
      found.rows += count;
      if (hints.has(key)) continue;
      found.missed++;
      found.rowsMissed += count;
    }
    for (const key of hints) if (!rows.has(key)) found.extra++;
  }
  assert.equal(found.slices, inputs.flatMap(({ slices }) => slices).length);
  return found;
}

/** Squares of a ten-thousandth of a degree, in the order of their middles. */
function writeSquares(path: string, middles: readonly (readonly [number, number])[]): string {
  writeGeoPackage(path, {
    ...{ layer: 'l', srsId: 4326, columns: [] },
    rows: middles.map(([x, y]) => ({ blob: boxBlob(x, y, x + 1e-4, y + 1e-4), values: [] })),
  });
  return path;
}

suite('of real layers hints miss few of the tiles, and fewer of the rows', () => {
  const golden = sharedData('golden');
  const real = sharedData('real');
  /** Parts of the pairs of slice and tile that may be missed and too many, and of the rows missed. */
  const close = { missed: 0.01, rowsMissed: 0.001 };
  // Scattered over a world that is mostly sea, some far from all others.
  const scattered = { missed: 0.04, rowsMissed: 0.01, extra: 25 };
  const cases = [
    {
      ...{ what: 'ice-wedge polygons', tms: 'WGS1984Quad', z: 13, bytes: 100_000 },
      ...{ ...close, extra: 0.5, paths: files(golden, 'tiny/*.gpkg') },
    },
    {
      ...{ what: 'footprints', tms: 'WGS1984Quad', z: 15, bytes: 50_000 },
      ...{ ...close, extra: 0.3, paths: files(golden, 'dedup/input/*.gpkg') },
    },
    {
      ...{ what: 'taxi zones', tms: 'WebMercatorQuad', z: 13, bytes: 20_000 },
      ...{ ...close, extra: 5, paths: files(real, 'taxi-zones/*.shp') },
    },
    {
      ...{ what: 'land', tms: 'WGS1984Quad', z: 5, bytes: 200_000 },
      ...{ ...scattered, paths: files(real, 'natural-earth/*m_land.shp') },
    },
    {
      ...{ what: 'glaciers', tms: 'UPSArcticWGS84Quad', z: 5, bytes: 2_000_000 },
      ...{ ...scattered, paths: files(real, 'natural-earth/*glaciated*.shp') },
    },
  ];
  for (const { what, tms, z, bytes, paths, missed, rowsMissed, extra } of cases) {
    const skip = paths.length > 0 ? false : NO_SHARED_DATA;
    test(`${what} in ${tms} at z ${z}`, { skip }, async () => {
      const set = getTileMatrixSet(tms);
      const inputs = await Promise.all(paths.map((path) => planned(path, set, bytes)));
      const found = await compare(inputs, set, z);
      const text = JSON.stringify(found);
      assert.ok(found.slices > paths.length && found.pairs > found.slices, text);
      assert.equal(found.unknown, 0, text);
      assert.ok(found.missed <= missed * found.pairs, text);
      assert.ok(found.rowsMissed <= rowsMissed * found.rows, text);
      assert.ok(found.extra <= extra * found.pairs, text);
    });
  }
});

function files(folder: string | null, pattern: string): string[] {
  return folder === null ? [] : globSync(join(folder, pattern)).sort();
}

test('slices of rows in lines are few tiles each, those in no order all of them', async (t) => {
  const folder = temporaryFolder(t);
  const random = new Random(1);
  const side = 120;
  const middles = Array.from({ length: side * side }, (_, i): [number, number] => [
    10 + (i % side) / side,
    50 + Math.floor(i / side) / side,
  ]);
  const inLines = await planned(writeSquares(join(folder, 'lines.gpkg'), middles), QUAD, 150_000);
  assert.ok(inLines.slices.length >= 10);
  const lines = await compare([inLines], QUAD, 12);
  assert.ok(lines.missed <= 0.01 * lines.pairs && lines.extra <= 0.5 * lines.pairs);
  const shuffled = middles
    .map((middle) => ({ middle, at: random.next() }))
    .sort((a, b) => a.at - b.at);
  const path = writeSquares(
    join(folder, 'random.gpkg'),
    shuffled.map(({ middle }) => middle),
  );
  const inNoOrder = await planned(path, QUAD, 150_000);
  const anywhere = await compare([inNoOrder], QUAD, 12);
  assert.ok(anywhere.rowsMissed <= 0.01 * anywhere.rows, JSON.stringify(anywhere));
  assert.ok(anywhere.extra <= 0.5 * anywhere.pairs, JSON.stringify(anywhere));
});

test('features across the antimeridian and at the poles are where hints say', async (t) => {
  const folder = temporaryFolder(t);
  const random = new Random(2);
  const around = (x: number, y: number, name: string) =>
    planned(
      writeSquares(
        join(folder, name),
        Array.from({ length: 300 }, (): [number, number] => [
          x + 3 * random.next(),
          y + 0.9 * random.next(),
        ]),
      ),
      QUAD,
      20_000,
    );
  const inputs = await Promise.all([
    around(178.5, 10, 'fiji.gpkg'),
    around(-181.5, -17, 'west.gpkg'),
    around(538, 60, 'turned.gpkg'),
    around(-3, 89.05, 'north.gpkg'),
    around(100, -89.98, 'south.gpkg'),
  ]);
  const found = await compare(inputs, QUAD, 10);
  assert.ok(found.pairs > 500 && found.unknown === 0);
  assert.equal(found.missed, 0);
});

test('an extent that lies, an odd one and an error are no more than hints that are not there', async () => {
  const slices = [
    { start: 1, end: 500 },
    { start: 500, end: 1000 },
  ];
  const layer = (extent: Bounds | null): LayerInfo => ({
    ...{ name: 'l', geometryType: 'POLYGON', featureCount: 999, columns: [], key: null },
    ...{ crs: null, extent, bytes: 1000 },
  });
  const told = (extents?: (...args: unknown[]) => unknown): VectorSource =>
    ({ path: 'p', format: 'f', ...(extents && { extents }) }) as unknown as VectorSource;
  const whole: Bounds = [1, 2, 3, 4];
  const good: Bounds = [1, 2, 2, 3];
  const odd = [
    null,
    [Number.NaN, 0, 1, 1],
    [2, 0, 1, 1],
    [0, 0, Infinity, 1],
    [-Infinity, 0, Infinity, 1],
    [],
  ] as Bounds[];
  for (const extent of odd) {
    assert.deepEqual(await sliceExtents(told(), layer(extent), slices), [null, null]);
    const source = told(() => [extent, good]);
    assert.deepEqual(await sliceExtents(source, layer(null), slices), [null, good]);
    assert.deepEqual(await sliceExtents(source, layer(whole), slices), [whole, good]);
  }
  assert.deepEqual(await sliceExtents(told(), layer(whole), slices), [whole, whole]);
  // What writers leave that do not know.
  assert.deepEqual(await sliceExtents(told(), layer([0, 0, 0, 0]), slices), [null, null]);
  for (const broken of [
    () => {
      throw new TilewrightError('input-corrupt', 'damaged');
    },
    () => Promise.reject(new TypeError('no such thing')),
    () => [],
    () => Promise.resolve(undefined),
  ]) {
    assert.deepEqual(await sliceExtents(told(broken), layer(whole), slices), [whole, whole]);
    assert.deepEqual(await sliceExtents(told(broken), layer(null), slices), [null, null]);
  }
  // Of one slice the layer's own extent is enough.
  const never = told(() => assert.fail('it was asked'));
  assert.deepEqual(await sliceExtents(never, layer(whole), slices.slice(1)), [whole]);
  // In a run of very many inputs fewer features are looked at.
  const asked: unknown[] = [];
  const source = told((...args: unknown[]) => {
    asked.push(args[2]);
    return [good, good];
  });
  for (const inputs of [1, 500, 501, 17_000])
    await sliceExtents(source, layer(null), slices, inputs);
  assert.deepEqual(asked, [64, 64, 8, 8]);
});

test('an extent of a file that is wrong is found out where there are slices', async (t) => {
  const path = writeSquares(
    join(temporaryFolder(t), 'a.gpkg'),
    Array.from({ length: 3000 }, (_, i): [number, number] => [10 + i / 3000, 50]),
  );
  const db = new DatabaseSync(path);
  db.exec('update gpkg_contents set min_x = -70, min_y = -10, max_x = -60, max_y = 0');
  db.close();
  const found = await compare([await planned(path, QUAD, 50_000)], QUAD, 12);
  assert.ok(found.slices > 3 && found.pairs >= 12);
  assert.equal(found.missed, 0);
});

test('slices are in the order of the curve; those that may be anywhere first, the biggest of them', () => {
  const crs = resolveCrs(parseCrs('EPSG:4326'));
  const target = resolveCrs(QUAD.crs);
  const placing = { crs, operation: operationBetween(crs, target) } as InputCrs;
  const input = (name: string, bytes: number, ...extents: (Bounds | null)[]) => ({
    ...{ name, bytes, placing, extents },
    slices: extents.map((_, i) => ({ start: i, end: i + 1 })),
  });
  const at = (x: number, y: number): Bounds => [x, y, x + 0.1, y + 0.1];
  const inputs = [
    input('unknown b', 10, null),
    input('unknown a', 10, null),
    input('unknown big', 40, null, null),
    input('d', 1, at(-170, -80), at(170, -80)),
    input('c', 1, at(-170, 80)),
    input('same b', 1, at(10, 10), at(10, 10)),
    input('same a', 1, at(10, 10)),
    input('outside', 1, [0, 500, 1, 501]),
  ];
  const expected = orderSlices(inputs, QUAD, 9).map(
    ({ input: { name }, slice }) => `${name} ${slice}`,
  );
  assert.deepEqual(expected.slice(0, 4), [
    'unknown big 0',
    'unknown big 1',
    'unknown a 0',
    'unknown b 0',
  ]);
  assert.equal(expected.at(-1), 'outside 0');
  const same = expected.indexOf('same a 0');
  assert.deepEqual(expected.slice(same, same + 3), ['same a 0', 'same b 0', 'same b 1']);
  // The curve begins in one corner and ends in another; all of the matrix is in its northern half.
  assert.equal(expected[4], 'c 0');
  for (const seed of [1, 2, 3]) {
    const random = new Random(seed);
    const mixed = inputs.toSorted(() => random.next() - 0.5);
    const again = orderSlices(mixed, QUAD, 9).map(
      ({ input: { name }, slice }) => `${name} ${slice}`,
    );
    assert.deepEqual(again, expected);
  }
  assert.deepEqual(orderSlices([], QUAD, 9), []);
  const neighbours = orderSlices(
    [
      input(
        'grid',
        1,
        ...Array.from({ length: 4096 }, (_, i) => at((i % 64) * 2, Math.floor(i / 64))),
      ),
    ],
    QUAD,
    13,
  );
  const steps = neighbours.slice(1).map(({ slice }, i) => {
    const before = neighbours[i]!.slice;
    return Math.hypot(
      (slice % 64) - (before % 64),
      Math.floor(slice / 64) - Math.floor(before / 64),
    );
  });
  assert.ok(steps.reduce((sum, step) => sum + step) / steps.length < 1.6);
});

test('slices of very many tiles are listed as far as there is room, those of few always', () => {
  const crs = resolveCrs(parseCrs('EPSG:4326'));
  const placing = { crs, operation: operationBetween(crs, resolveCrs(QUAD.crs)) } as InputCrs;
  // 40 tiles by 40, at different places, and in between one tile each.
  const extents = Array.from({ length: 10 }, (_, i): Bounds => {
    const size = i % 2 === 0 ? 13.7 : 0.1;
    return [i, 0, i + size, size];
  });
  const slices = extents.map((_, i) => ({ start: i, end: i + 1 }));
  const input = { name: 'a', bytes: 1, placing, extents, slices };
  const listed = (room?: number) =>
    orderSlices([input], QUAD, 9, room)
      .filter(({ tiles }) => tiles !== null)
      .map(({ slice }) => slice)
      .sort((a, b) => a - b);
  assert.deepEqual(listed(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.deepEqual(listed(4000), [0, 1, 2, 3, 5, 7, 9]);
});
