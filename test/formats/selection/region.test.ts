/** Features of a box, in the CRS of the layer and in others, against GDAL and by hand. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import { parseCrs } from '../../../src/crs/parse.ts';
import { type Crs, resolveCrs } from '../../../src/crs/resolve.ts';
import { Region } from '../../../src/formats/selection/region.ts';
import { FeatureBatch } from '../../../src/geometry/batch.ts';
import type { Bounds } from '../../../src/tms/tile-matrix.ts';
import { hasProgram, polygonWkb, temporaryFolder } from '../../staging/support.ts';
import { writeGeoPackage } from '../../staging/write-geopackage.ts';
import type { Ring } from '../shapefile/shapefile-fixture.ts';

const crsOf = (text: string): Crs => resolveCrs(parseCrs(text));
const LONGITUDES = crsOf('OGC:CRS84');

function batchOf(rings: readonly Ring[]): FeatureBatch {
  const batch = new FeatureBatch();
  for (const [i, ring] of rings.entries()) {
    batch.beginFeature(i + 1);
    batch.beginPolygon();
    batch.beginRing();
    batch.appendVertices(Float64Array.from(ring.flat()), null, 0, ring.length);
    batch.endRing();
    batch.endPolygon();
    batch.endFeature();
  }
  return batch;
}

/** Numbers of the features in the region, from 1. */
function held(region: Region, batch: FeatureBatch): number[] {
  const all = Array.from({ length: batch.featureCount }, (_, i) => i);
  return all.filter((i) => region.holds(batch, i)).map((i) => i + 1);
}

function polygonAt(x: number, y: number, radius: number, random: Random): Ring {
  const corners = 3 + random.integer(6);
  const turn = random.next();
  const ring = Array.from({ length: corners }, (_, k): [number, number] => {
    const angle = -2 * Math.PI * (k / corners + turn);
    const reach = radius * (0.4 + 0.6 * random.next());
    return [x + reach * Math.cos(angle), y + reach * Math.sin(angle)];
  });
  return [...ring, ring[0]!];
}

const square = (west: number, south: number, east: number, north: number): Ring => [
  [west, south],
  [west, north],
  [east, north],
  [east, south],
  [west, south],
];

suite('against GDAL, which transforms features before it compares them with the box', {
  skip: !hasProgram('ogr2ogr') && 'ogr2ogr is not there',
}, () => {
  const cases: [layer: number, place: Bounds, radius: number, box: Bounds, boxCrs: string][] = [
    [4326, [0, 50, 10, 60], 0.3, [2, 52, 6, 57], 'EPSG:4326'],
    [3413, [-2e6, -2e6, -1e6, 0], 2e4, [-80, 66, -60, 74], 'EPSG:4326'],
    [32633, [3e5, 5e6, 7e5, 7e6], 2e4, [13, 50, 16, 55], 'EPSG:4326'],
    [4326, [-60, 60, 60, 85], 0.8, [-1e6, -2.4e6, 6e5, -1.3e6], 'EPSG:3413'],
    [32633, [3e5, 5e6, 7e5, 7e6], 2e4, [1.4e6, 6.6e6, 1.7e6, 7.6e6], 'EPSG:3857'],
  ];
  for (const [code, [west, south, east, north], radius, box, boxCrs] of cases) {
    test(`EPSG:${code} by a box in ${boxCrs}`, (t) => {
      const folder = temporaryFolder(t);
      const random = new Random(code);
      const rings = Array.from({ length: 1500 }, () => {
        const x = west + (east - west) * random.next();
        const y = south + (north - south) * random.next();
        return polygonAt(x, y, radius * (0.1 + random.next()), random);
      });
      const rows = rings.map((ring, i) => ({ wkb: polygonWkb([ring]), values: [i + 1] }));
      const columns = [{ name: 'n', type: 'INTEGER' }];
      writeGeoPackage(join(folder, 'a.gpkg'), { layer: 'l', srsId: code, columns, rows });
      const run = (...args: string[]): string => {
        const { status, stdout, stderr } = spawnSync('ogr2ogr', args, {
          encoding: 'utf8',
          cwd: folder,
        });
        assert.equal(status, 0, stderr);
        return stdout;
      };
      run('b.gpkg', 'a.gpkg', '-t_srs', boxCrs);
      const csv = run(
        '-f',
        'CSV',
        '/vsistdout/',
        'b.gpkg',
        '-spat',
        ...box.map(String),
        '-select',
        'n',
      );
      const expected = [...csv.matchAll(/\d+/g)].map(Number).sort((a, b) => a - b);
      const region = new Region(box, crsOf(boxCrs), crsOf(`EPSG:${code}`), null);
      assert.deepEqual(held(region, batchOf(rings)), expected);
      assert.ok(expected.length > 30 && expected.length < 1200, `${expected.length} of them`);
    });
  }
});

test('across the antimeridian and around the pole', () => {
  const polar = crsOf('EPSG:3413');
  // In EPSG:3413 the meridian 45° W points down, and 180° to the upper left: x = −y there.
  const batch = batchOf([
    // Around the pole; on the antimeridian, 135° from the axis that points down; far from both.
    square(-1e5, -1e5, 1e5, 1e5),
    square(-1.5e6, 1.3e6, -1.3e6, 1.5e6),
    square(1e6, -1.2e6, 1.2e6, -1e6),
  ]);
  const by = (...box: Bounds): number[] => held(new Region(box, LONGITUDES, polar, null), batch);
  assert.deepEqual(by(100, 89.9, 101, 90), [1]);
  assert.deepEqual(by(-180, 60, 180, 90), [1, 2, 3]);
  assert.deepEqual(by(179, 60, -179, 80), [2]);
  assert.deepEqual(by(-180, 60, -179.9, 80), [2]);
  assert.deepEqual(by(179.9, 60, 180, 80), [2]);
  assert.deepEqual(by(-10, 60, 10, 80), [3]);
  assert.deepEqual(by(20, 60, 30, 80), []);
  // A box in the polar plane that holds the pole, of features in degrees.
  const degrees = batchOf([
    square(-180, 89.5, 180, 89.9),
    square(170, 70, 179, 71),
    square(0, 10, 1, 11),
  ]);
  const around = new Region([-1e5, -1e5, 1e5, 1e5], polar, LONGITUDES, [-180, 10, 180, 90]);
  assert.deepEqual(held(around, degrees), [1]);
});

test('longitudes that go on past 180 are where they are', () => {
  const batch = batchOf([
    square(185, 60, 186, 61),
    square(10, 60, 11, 61),
    square(350, 60, 365, 61),
  ]);
  const by = (...box: Bounds): number[] =>
    held(new Region(box, LONGITUDES, LONGITUDES, [10, 60, 365, 61]), batch);
  assert.deepEqual(by(-176, 60, -170, 70), [1]);
  assert.deepEqual(by(184, 60, 190, 70), [1]);
  assert.deepEqual(by(-5, 60, 1, 70), [3]);
  assert.deepEqual(by(9, 60, 20, 70), [2]);
  assert.deepEqual(by(170, 60, -170, 70), [1]);
});

test('a box touches in an edge or a corner', () => {
  const batch = batchOf([square(0, 0, 1, 1)]);
  const by = (...box: Bounds): number[] =>
    held(new Region(box, LONGITUDES, LONGITUDES, null), batch);
  assert.deepEqual(by(1, 1, 2, 2), [1]);
  assert.deepEqual(by(0.5, 0.5, 0.5, 0.5), [1]);
  assert.deepEqual(by(1.0000000000000002, 0, 2, 1), []);
});
