/**
 * The whole pipeline against what the Python pipeline made of the same inputs, and against GEOS's
 * simplification of every feature.
 */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  blobRings,
  NO_SHARED_DATA,
  readCsv,
  readTiles,
  runCli,
  sharedData,
  type TileRow,
  temporaryFolder,
} from './support.ts';

const tiny = sharedData('golden', 'tiny');
const skip = tiny === null && NO_SHARED_DATA;
const ATTRIBUTES = ['Sensor', 'Date', 'Image', 'staging_filename', 'staging_tile'];

function vertexCount(row: TileRow): number {
  return blobRings(row.geometry).reduce((sum, ring) => sum + ring.length, 0);
}

function boundsOf(row: TileRow): number[] {
  const positions = blobRings(row.geometry).flat();
  const x = positions.map((position) => position[0]!);
  const y = positions.map((position) => position[1]!);
  return [Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y)];
}

/** Features are told apart by their length and about where they are. */
function keyOf(tile: string, values: Record<string, unknown>): string {
  const place = ['staging_centroid_x', 'staging_centroid_y'].map((name) =>
    Number(values[name]).toFixed(6),
  );
  return [tile, values['staging_filename'], Number(values['Length']), ...place].join(' ');
}

function near(
  actual: unknown,
  expected: string | undefined,
  tolerance: number,
  what: string,
): void {
  const difference = Math.abs(Number(actual) - Number(expected));
  assert.ok(difference <= tolerance, `${what}: ${actual} instead of ${expected}`);
}

async function stageTiny(out: string, options: string[]): Promise<void> {
  const { code, stderr } = await runCli(['stage', tiny!, '--out', out, '--quiet', ...options]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
}

describe('parity with the Python pipeline', { skip, concurrency: 2 }, () => {
  const cases = [
    { golden: 'tiny-z13-none', options: ['--z', '13'], rows: 6154 },
    { golden: 'tiny-z13-1e-4', options: ['--z', '13', '--simplify-tolerance', '1e-4'], rows: 6154 },
    { golden: 'tiny-z11-none', options: ['--z', '11'], rows: 6041 },
  ];
  for (const { golden, options, rows } of cases) {
    test(`${golden}: every row of every tile, and the summary`, async (t) => {
      const out = join(temporaryFolder(t), 'staged');
      await stageTiny(out, options);
      const expected = readCsv(join(sharedData('golden', golden)!, 'features.csv'));
      assert.equal(expected.length, rows);

      const staged = new Map(readTiles(out).map((row) => [keyOf(row.tile, row.values), row]));
      assert.equal(staged.size, rows);
      for (const row of expected) {
        const key = keyOf(row['tile_path']!, row);
        const found = staged.get(key);
        assert.ok(found, `missing: ${key}`);
        staged.delete(key);
        const { values } = found;
        for (const name of ATTRIBUTES) assert.equal(values[name], row[name], `${name} of ${key}`);
        assert.equal(values['staging_centroid_tile'], row['staging_centroid_tile']);
        assert.equal(values['Class'], Number(row['Class']));
        assert.equal(values['Length'], Number(row['Length']));
        const within = row['staging_centroid_within_tile'] === 'True' ? 1 : 0;
        assert.equal(values['staging_centroid_within_tile'], within);
        const area = Number(row['staging_area']);
        near(values['staging_area'], row['staging_area']!, 1e-6 * area, `area of ${key}`);
        for (const name of ['staging_centroid_x', 'staging_centroid_y']) {
          near(values[name], row[name], 1e-9, `${name} of ${key}`);
        }
        assert.equal(vertexCount(found), Number(row['num_vertices']), `vertices of ${key}`);
        const bounds = boundsOf(found);
        for (const [side, name] of ['minx', 'miny', 'maxx', 'maxy'].entries()) {
          near(bounds[side], row[name], 1e-9, `${name} of ${key}`);
        }
      }
      assert.equal(staged.size, 0);
      compareSummaries(out, sharedData('golden', golden)!);
    });
  }

  test('an identifier is the same in every tile, and no two features share one', async (t) => {
    const out = join(temporaryFolder(t), 'staged');
    await stageTiny(out, ['--z', '13']);
    const features = new Map<unknown, string>();
    for (const { values } of readTiles(out)) {
      const identity = `${values['staging_filename']} ${values['Length']} ${values['staging_centroid_x']}`;
      const known = features.get(values['staging_identifier']) ?? identity;
      assert.equal(known, identity);
      features.set(values['staging_identifier'], identity);
    }
    assert.equal(features.size, 6000);
  });
});

function compareSummaries(out: string, golden: string): void {
  const key = (row: Record<string, string>): string =>
    [row['filename'], row['tile_z'], row['tile_x'], row['tile_y'], row['tms_identifier']].join(' ');
  const actual = new Map(
    readCsv(join(out, 'staging_summary.csv')).map((row) => [key(row), row] as const),
  );
  const expected = readCsv(join(golden, 'staging_summary.csv'));
  assert.ok(expected.length > 10);
  assert.equal(actual.size, expected.length);
  for (const row of expected) {
    const found = actual.get(key(row));
    assert.ok(found, `the summary misses ${key(row)}`);
    assert.deepEqual(Object.keys(found), Object.keys(row));
    assert.equal(found['num_polygons'], row['num_polygons']);
    const area = Number(row['area_polygons']);
    near(found['area_polygons'], row['area_polygons']!, 1e-6 * area, `area of ${key(row)}`);
    for (const side of ['tile_top', 'tile_right', 'tile_bottom', 'tile_left']) {
      near(found[side], row[side]!, 1e-9, `${side} of ${key(row)}`);
    }
    assert.match(found['datetime']!, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/);
    assert.ok(
      existsSync(join(out, `WGS1984Quad/${row['tile_z']}/${row['tile_x']}/${row['tile_y']}.gpkg`)),
    );
  }
}

describe("parity with GEOS's TopologyPreserveSimplify", { skip, concurrency: 2 }, () => {
  // Since 3.12 GEOS may remove the point at which a ring begins and ends; 3.11 kept it.
  for (const tolerance of ['0.0001', '0.5', '2.0']) {
    test(`tolerance ${tolerance}: the vertices of 6,000 features`, async (t) => {
      const out = join(temporaryFolder(t), 'staged');
      await stageTiny(out, ['--z', '11', '--simplify-tolerance', tolerance]);
      const expected = readCsv(join(sharedData('golden', 'simplify')!, `tiny-${tolerance}.csv`));
      assert.equal(expected.length, 6000);
      // An identifier ends with the feature's position in its input: its fid.
      const counts = new Map<string, number>();
      for (const row of readTiles(out)) {
        const fid = Number.parseInt(String(row.values['staging_identifier']).slice(-12), 16);
        counts.set(`${row.values['staging_filename']} ${fid}`, vertexCount(row));
      }
      assert.equal(counts.size, 6000);
      const differing = expected.filter((row) => {
        const count = counts.get(`${row['staging_filename']} ${row['fid']}`);
        return count !== Number(row['num_vertices']);
      });
      assert.deepEqual(differing, []);
    });
  }
});
