/** Reprojection against what GeoPandas and PROJ made of the same polygons. */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { resolveCrs } from '../../src/crs/resolve.ts';
import { createTransform } from '../../src/crs/transform.ts';

const golden = join(import.meta.dirname, '../../../shared/data/golden');
const skip = existsSync(golden) ? false : `no golden data at ${golden}`;

/** [minX, minY, maxX, maxY] */
type Bounds = [number, number, number, number];

/** Vertices of all rings of a little-endian GeoPackage polygon with an envelope of x and y. */
function vertices(blob: Uint8Array): Float64Array {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  assert.deepEqual([view.getUint8(40), view.getUint32(41, true)], [1, 3]);
  const coordinates: number[] = [];
  let at = 49;
  for (let ring = view.getUint32(45, true); ring > 0; ring--) {
    let count = view.getUint32(at, true);
    for (at += 4; count > 0; count--, at += 16) {
      coordinates.push(view.getFloat64(at, true), view.getFloat64(at + 8, true));
    }
  }
  return Float64Array.from(coordinates);
}

function boundsOf(xy: Float64Array): Bounds {
  const bounds: Bounds = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < xy.length; i += 2) {
    bounds[0] = Math.min(bounds[0], xy[i]!);
    bounds[1] = Math.min(bounds[1], xy[i + 1]!);
    bounds[2] = Math.max(bounds[2], xy[i]!);
    bounds[3] = Math.max(bounds[3], xy[i + 1]!);
  }
  return bounds;
}

function difference(a: Bounds, b: Bounds): number {
  return Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));
}

test('EPSG:3413 → 4326: bounds of every golden row within 1e-9 degrees', { skip }, (t) => {
  const toGeographic = createTransform(
    resolveCrs({ authority: 'EPSG', code: '3413' }),
    resolveCrs({ authority: 'EPSG', code: '4326' }),
  );
  const candidates = new Map<string, Bounds[]>();
  let features = 0;
  for (const file of readdirSync(join(golden, 'tiny')).filter((name) => name.endsWith('.gpkg'))) {
    using database = new DatabaseSync(join(golden, 'tiny', file), { readOnly: true });
    const { name, geometry } = database
      .prepare('select table_name as name, column_name as geometry from gpkg_geometry_columns')
      .get() as { name: string; geometry: string };
    const rows = database.prepare(`select "${geometry}" as geometry, Length from "${name}"`);
    for (const row of rows.iterate() as Iterable<{ geometry: Uint8Array; Length: number }>) {
      const xy = vertices(row.geometry);
      toGeographic.apply(xy, 0, xy.length / 2);
      const key = `${basename(file, '.gpkg')} ${row.Length}`;
      candidates.set(key, [...(candidates.get(key) ?? []), boundsOf(xy)]);
      features++;
    }
  }
  assert.equal(features, 6000);

  const [header = '', ...lines] = readFileSync(join(golden, 'tiny-z13-none/features.csv'), 'utf8')
    .trim()
    .split('\n');
  const columns = header.trim().split(',');
  let largest = 0;
  for (const line of lines) {
    const cells = line.trim().match(/"[^"]*"|[^,"]+|(?<=,)(?=,)/g)!;
    const cell = (name: string) => cells[columns.indexOf(name)]!;
    const expected = ['minx', 'miny', 'maxx', 'maxy'].map((name) => Number(cell(name))) as Bounds;
    const found = candidates.get(`${cell('Image')} ${Number(cell('Length'))}`) ?? [];
    largest = Math.max(largest, Math.min(...found.map((bounds) => difference(bounds, expected))));
  }
  t.diagnostic(`${lines.length} rows, largest difference ${largest.toExponential(2)} degrees`);
  assert.equal(lines.length, 6154);
  assert.ok(largest < 1e-9, `${largest} degrees`);
});
