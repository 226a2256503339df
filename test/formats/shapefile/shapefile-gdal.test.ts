/** All shapefiles at hand against GDAL: as many records, and the same polygons in each. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { type Ring, readFile } from './shapefile-fixture.ts';

const folder = join(import.meta.dirname, '../../../../shared/data');
const noData = existsSync(folder) ? false : 'shared/data is not here';
const noGdal = spawnSync('ogr2ogr', ['--version']).status === 0 ? false : 'no ogr2ogr here';

/** What GDAL reads of each record, in order; null for what is not a polygon with vertices. */
function readByGdal(path: string): (Ring[][] | null)[] {
  const options = ['-f', 'GeoJSONSeq', '-a_srs', 'EPSG:4326', '-lco', 'COORDINATE_PRECISION=15'];
  const ogr = spawnSync('ogr2ogr', [...options, '/vsistdout/', path], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const lines = ogr.stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const { geometry } = JSON.parse(line);
    if (geometry?.type === 'Polygon')
      return geometry.coordinates.length > 0 ? [geometry.coordinates] : null;
    return geometry?.type === 'MultiPolygon' ? geometry.coordinates : null;
  });
}

/** The polygons by their rings' lengths and extents, whatever the order and direction. */
function outline(polygons: Ring[][]): string[] {
  const box = (ring: Ring): string => {
    const [xs, ys] = [ring.map(([x]) => x), ring.map(([, y]) => y)];
    const ends = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    return `${ring.length} ${ends.map(Math.fround).join(' ')}`;
  };
  const key = ([shell, ...holes]: Ring[]): string => [box(shell!), ...holes.map(box).sort()].join();
  return polygons.map(key).sort();
}

/** Records that GDAL 3.6 reads otherwise, by file, and why. */
const DIFFERENT: Readonly<Record<string, { records: number[]; why: string }>> = {
  'multipolygon_as_invalid_polygon.shp': {
    records: [1, 2],
    why: 'a second shell of the wrong direction: GDAL takes it for a hole, up to 3.7',
  },
  'polygonm_without_m.shp': {
    records: [1, 2],
    why: 'rings that are not closed: GDAL warns of them',
  },
  'testpoly.shp': {
    records: [13],
    why: 'a shell and a hole reversed: GDAL takes the hole for the shell',
  },
};

test('all shapefiles at hand: the same records and polygons as GDAL', {
  skip: noData || noGdal,
}, () => {
  const paths = globSync(join(folder, '**/*.shp')).sort();
  assert.ok(paths.length >= 50, `${paths.length} files`);
  let compared = 0;
  for (const path of paths) {
    const expected = readByGdal(path);
    const { features, dropped, notes } = readFile(path);
    assert.equal(notes.rowsRead, expected.length, path);
    assert.equal(features.length + dropped, expected.length, path);
    const polygonsOf = new Map(features.map(({ position, polygons }) => [position, polygons]));
    const different: number[] = [];
    for (const [i, theirs] of expected.entries()) {
      const ours = outline(polygonsOf.get(i + 1) ?? []);
      if (ours.join(';') === outline(theirs ?? []).join(';')) compared++;
      else different.push(i + 1);
    }
    assert.deepEqual(different, DIFFERENT[basename(path)]?.records ?? [], path);
  }
  assert.ok(compared > 5000, `${compared} records`);
});
