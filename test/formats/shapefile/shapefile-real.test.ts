import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import iconv from 'iconv-lite';
import type { Value } from '../../../src/core/columns.ts';
import { openShapefile } from '../../../src/formats/shapefile/source.ts';
import { pointInRing } from '../../../src/geometry/orientation.ts';
import { type Contents, type Ring, readSource, withFiles } from './shapefile-fixture.ts';

const folder = join(import.meta.dirname, '../../../../shared/data/real');
const skip = existsSync(folder) ? false : 'shared/data/real is not here';
const noGdal = spawnSync('ogr2ogr', ['--version']).status === 0 ? false : 'no ogr2ogr here';

const FILES = [
  { name: 'natural-earth/ne_10m_glaciated_areas', count: 1886, vertices: 239_371 },
  { name: 'natural-earth/ne_10m_lakes', count: 1343, vertices: 138_932 },
  { name: 'natural-earth/ne_50m_land', count: 1420, vertices: 60_669 },
  { name: 'natural-earth/ne_110m_land', count: 127, vertices: 5143 },
  { name: 'taxi-zones/taxi_zones', count: 263, vertices: 98_192 },
];

const pathOf = (name: string): string => join(folder, `${name}.shp`);

function readReal(path: string): Contents & { columns: string[]; crs: string | undefined } {
  const source = openShapefile(path);
  const layer = source.layers()[0]!;
  const contents = readSource(source);
  source.close();
  const columns = layer.columns.map((column) => column.name);
  return { ...contents, columns, crs: layer.crs?.name };
}

function absoluteArea(ring: Ring): number {
  let sum = 0;
  for (let i = 1; i < ring.length; i++) {
    sum += ring[i - 1]![0] * ring[i]![1] - ring[i]![0] * ring[i - 1]![1];
  }
  return Math.abs(sum) / 2;
}

/** Per record of a file of polygons, minus the sum of its rings' signed areas, as they are listed. */
function areasInFile(path: string): number[] {
  const shp = readFileSync(path);
  const areas: number[] = [];
  for (let at = 108; at < shp.length; at += 8 + 2 * shp.readInt32BE(at - 4)) {
    const numParts = shp.readInt32LE(at + 36);
    const numPoints = shp.readInt32LE(at + 40);
    const points = at + 44 + 4 * numParts;
    let sum = 0;
    for (let p = 0; p < numParts; p++) {
      const first = shp.readInt32LE(at + 44 + 4 * p);
      const end = p + 1 < numParts ? shp.readInt32LE(at + 48 + 4 * p) : numPoints;
      for (let i = points + 16 * first; i < points + 16 * (end - 1); i += 16) {
        sum += shp.readDoubleLE(i) * shp.readDoubleLE(i + 24);
        sum -= shp.readDoubleLE(i + 16) * shp.readDoubleLE(i + 8);
      }
    }
    areas.push(-sum / 2);
  }
  return areas;
}

test('real files: counts, areas, holes in their shells', { skip }, () => {
  let holes = 0;
  let outside = 0;
  for (const { name, count, vertices } of FILES) {
    const { features, dropped, notes } = readReal(pathOf(name));
    assert.equal(features.length, count, name);
    assert.equal(dropped, 0);
    assert.equal(notes.rowsRead, count);
    assert.equal(
      features.map((f) => f.polygons.flat(2).length).reduce((a, b) => a + b),
      vertices,
    );
    const areas = areasInFile(pathOf(name));
    assert.equal(areas.length, count);
    features.forEach((feature, i) => {
      let area = 0;
      for (const [shell, ...inner] of feature.polygons) {
        area += absoluteArea(shell!) - inner.reduce((sum, ring) => sum + absoluteArea(ring), 0);
        const xy = Float64Array.from(shell!.flat());
        for (const ring of inner) {
          holes++;
          if (ring.some(([x, y]) => pointInRing(x, y, xy, 0, shell!.length) < 0)) outside++;
        }
      }
      const scale = Math.max(1, areas[i]!) * (name.startsWith('taxi') ? 1e5 : 1);
      assert.ok(Math.abs(area - areas[i]!) < 1e-9 * scale, `${name} record ${i + 1}`);
    });
  }
  assert.ok(holes > 0, String(holes));
  assert.equal(outside, 0);
});

test('real files: CRS and attributes', { skip }, () => {
  const lakes = readReal(pathOf('natural-earth/ne_10m_lakes'));
  assert.equal(lakes.crs, 'GCS_WGS_1984');
  assert.deepEqual(lakes.columns.slice(0, 3), ['featurecla', 'scalerank', 'name']);
  const names = new Set(lakes.features.map((feature) => feature.values[2]));
  for (const name of ['Egridir', "Lac-à-l'Eau-Claire", 'Võrtsjärv', 'Aydar Ko‘l']) {
    assert.ok(names.has(name), name);
  }
  const taxi = readReal(pathOf('taxi-zones/taxi_zones'));
  assert.deepEqual(taxi.columns.slice(0, 4), ['OBJECTID', 'Shape_Leng', 'Shape_Area', 'zone']);
  const first = [1, 0.116357453189, 0.0007823067885, 'Newark Airport', 1, 'EWR'];
  assert.deepEqual(taxi.features[0]!.values, first);
});

test('real files: slices and a missing .shx change nothing', { skip }, () => {
  for (const { name } of FILES) {
    const whole = readReal(pathOf(name));
    const files = { 'n.prj': '' };
    withFiles(files, (path) => {
      copyFileSync(pathOf(name), path('n.shp'));
      copyFileSync(pathOf(name).replace('.shp', '.dbf'), path('n.dbf'));
      for (const each of [pathOf(name), path('n.shp')]) {
        const source = openShapefile(each);
        const layer = source.layers()[0]!;
        const slices = source.slices(layer.name, 100_000);
        assert.ok(slices.length >= Math.min(10, layer.bytes / 200_000), String(slices.length));
        const sliced = slices.map((slice) => readSource(source, slice, 50));
        assert.deepEqual(
          sliced.flatMap((contents) => contents.features),
          whole.features,
        );
        source.close();
      }
    });
  }
});

interface GeoJson {
  properties: Record<string, Value>;
  geometry: { type: string; coordinates: Ring[][] | Ring[] };
}

/** GDAL reads undeclared and ANSI text as ISO-8859-1, Tilewright as windows-1252. */
function asGdalReads(value: Value): Value {
  return typeof value === 'string' && !/[^\0-\x7f]/.test(value)
    ? value.trim()
    : typeof value === 'string'
      ? iconv.encode(value, 'windows-1252').toString('latin1')
      : value;
}

test('real files: the same as GDAL reads, feature by feature', { skip: skip || noGdal }, () => {
  let compared = 0;
  for (const { name } of FILES) {
    // The CRS is overridden because GeoJSON would be in WGS 84.
    const options = ['-a_srs', 'EPSG:4326', '-lco', 'COORDINATE_PRECISION=15'];
    const ogr = spawnSync(
      'ogr2ogr',
      ['-f', 'GeoJSONSeq', ...options, '/vsistdout/', pathOf(name)],
      {
        maxBuffer: 1 << 28,
        encoding: 'utf8',
      },
    );
    const expected = ogr.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as GeoJson);
    const { features, columns } = readReal(pathOf(name));
    assert.equal(features.length, expected.length);
    features.forEach((feature, i) => {
      const { properties, geometry } = expected[i]!;
      const where = `${name} record ${feature.position}`;
      const polygons = (
        geometry.type === 'MultiPolygon' ? geometry.coordinates : [geometry.coordinates]
      ) as Ring[][];
      assert.equal(feature.polygons.length > 1, geometry.type === 'MultiPolygon', where);
      assert.deepEqual(
        feature.polygons.map((polygon) => polygon.map((ring) => ring.length)),
        polygons.map((polygon) => polygon.map((ring) => ring.length)),
        where,
      );
      const ours = feature.polygons.flat();
      polygons.flat().forEach((ring, r) => {
        const same = ours[r]!;
        // GeoJSON's rings may have been reversed.
        // GDAL rounds 0.30000000000000004 to 0.3 as it prints.
        const near = (a: number, b: number): boolean =>
          Math.abs(a - b) <= 1e-12 * Math.max(1, Math.abs(a));
        const differs = (other: Ring): boolean =>
          same.some(([x, y], v) => !near(x, other[v]![0]) || !near(y, other[v]![1]));
        assert.ok(!differs(ring) || !differs([...ring].reverse()), where);
      });
      columns.forEach((column, c) => {
        assert.equal(asGdalReads(feature.values[c]!), properties[column], `${where} ${column}`);
      });
      compared++;
    });
  }
  assert.equal(
    compared,
    FILES.reduce((sum, file) => sum + file.count, 0),
  );
});
