import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { TilewrightError } from '../../src/core/errors.ts';
import { FeatureBatch, HAS_Z } from '../../src/geometry/batch.ts';
import { ringSignedArea } from '../../src/geometry/measure.ts';
import { orient2d, pointInRing } from '../../src/geometry/orientation.ts';
import { simplifyBatch } from '../../src/geometry/simplify.ts';
import {
  appendGeometry,
  batchOf,
  jtsArgument,
  jtsSkip,
  jtsTests,
  parseGeometry,
  polygonsOf,
} from '../conformance/jts.ts';
import { rounds, seedOf } from '../soak/rounds.ts';
import { seededRandom } from './random.ts';
import { simplifyPlainly } from './simplify-oracle.ts';

const GOLDEN = join(import.meta.dirname, '../../../shared/data/golden');
const goldenSkip = existsSync(GOLDEN) ? false : 'there is no ../shared/data/golden';

/** Polygons of a GeoPackage whose blobs have an XY envelope and are little-endian. */
function readGolden(name: string): FeatureBatch {
  const batch = new FeatureBatch();
  using database = new DatabaseSync(join(GOLDEN, 'tiny', name), { readOnly: true });
  const { table_name: table, column_name: column } = database
    .prepare('SELECT table_name, column_name FROM gpkg_geometry_columns')
    .get() as { table_name: string; column_name: string };
  for (const row of database.prepare(`SELECT fid, "${column}" AS blob FROM "${table}"`).iterate()) {
    const blob = row['blob'] as Uint8Array;
    const geometry = parseGeometry(Buffer.from(blob.subarray(40)).toString('hex'));
    appendGeometry(batch, geometry, Number(row['fid']));
  }
  return batch;
}

for (const tolerance of ['0.0001', '0.5', '2.0']) {
  test(`gives GEOS's vertices on 6,000 polygons at ${tolerance}`, { skip: goldenSkip }, () => {
    const expected = new Map<string, { vertices: number; area: number }[]>();
    const csv = readFileSync(join(GOLDEN, 'simplify', `tiny-${tolerance}.csv`), 'utf8');
    for (const line of csv.trim().split('\n').slice(1)) {
      const [name, fid, , vertices, area] = line.split(',');
      if (!expected.has(name!)) expected.set(name!, []);
      expected.get(name!)![Number(fid)] = { vertices: Number(vertices), area: Number(area) };
    }
    let compared = 0;
    for (const [name, features] of expected) {
      const batch = readGolden(name);
      const before = batch.vertexCount;
      const removed = simplifyBatch(batch, Number(tolerance));
      assert.equal(batch.vertexCount, before - removed);
      for (let i = 0; i < batch.featureCount; i++) {
        const { vertices, area } = features[batch.positions[i]!]!;
        const start = batch.ringOffsets[i]!;
        const end = batch.ringOffsets[i + 1]!;
        assert.equal(end - start, vertices, `${name} ${batch.positions[i]}`);
        const difference = Math.abs(ringSignedArea(batch.xy, start, end)) - area;
        assert.ok(Math.abs(difference) <= 1e-9 * area, `${name} ${batch.positions[i]}`);
        compared++;
      }
    }
    assert.equal(compared, 6000);
  });
}

/** Polygons with each ring from its least vertex and in the direction of its lesser neighbour. */
function normalized(polygons: number[][][]): string {
  const rings = (ring: number[]) => {
    const points = [];
    for (let i = 0; i < ring.length - 2; i += 2) points.push(`${ring[i]} ${ring[i + 1]}`);
    const least = points.indexOf([...points].sort()[0]!);
    const turned = [...points.slice(least), ...points.slice(0, least)];
    return turned[1]! < turned.at(-1)! ? turned : [turned[0], ...turned.slice(1).reverse()];
  };
  return JSON.stringify(polygons.map((polygon) => polygon.map(rings)));
}

test('gives what JTS expects of simplifyTP', { skip: jtsSkip }, () => {
  const tests = jtsTests('simplifyTP');
  let ran = 0;
  for (const vector of tests) {
    const geometry = jtsArgument(vector, 0)!;
    if (geometry.polygons === null) continue;
    const batch = batchOf(geometry);
    simplifyBatch(batch, Number(vector.args[1]));
    const expected = parseGeometry(vector.expected).polygons!;
    assert.equal(normalized(polygonsOf(batch, 0)), normalized(expected), vector.description);
    ran++;
  }
  // The other 8 are points, lines and a collection.
  assert.deepEqual([tests.length, ran], [18, 10]);
});

/** A closed star-shaped ring of n + 1 vertices, snapped to a grid unless that is 0. */
function star(
  random: () => number,
  [cx, cy, radius, n]: readonly [number, number, number, number],
  roughness: number,
  grid = 0,
): number[] {
  const ring: number[] = [];
  const snap = (value: number) => (grid === 0 ? value : Math.round(value / grid) * grid);
  const turn = random();
  for (let k = 0; k < n; k++) {
    const angle = 2 * Math.PI * (k / n + turn);
    const r = radius * (1 - roughness * random());
    ring.push(snap(cx + r * Math.cos(angle)), snap(cy + r * Math.sin(angle)));
  }
  return [...ring, ring[0]!, ring[1]!];
}

function pick<T>(random: () => number, values: readonly T[]): T {
  return values[Math.floor(random() * values.length)]!;
}

function append(batch: FeatureBatch, polygons: number[][][]): void {
  appendGeometry(batch, {
    type: polygons.length === 1 ? 'POLYGON' : 'MULTIPOLYGON',
    coordinates: [],
    polygons,
  });
}

/** One to three polygons with up to 70 holes; the rings may cross. */
function randomFeature(random: () => number): number[][][] {
  const polygons: number[][][] = [];
  const center = pick(random, [0, 1e6]);
  const grid = pick(random, [0, 0, 0.5, 4]);
  for (let left = pick(random, [1, 1, 1, 2, 3]); left > 0; left--) {
    const radius = 100 * (0.1 + random());
    const cx = center + 80 * random();
    const n = pick(random, [3, 4, 5, 8, 12, 31, 80, 300]);
    const rings = [star(random, [cx, center, radius, n], pick(random, [0.05, 0.5, 0.9]), grid)];
    for (let holes = pick(random, [0, 0, 1, 3, 70]); holes > 0; holes--) {
      const angle = 2 * Math.PI * random();
      const away = radius * Math.sqrt(random());
      const x = cx + away * Math.cos(angle);
      const y = center + away * Math.sin(angle);
      const hole = [x, y, radius * pick(random, [0.02, 0.1]), pick(random, [3, 4, 6, 20])] as const;
      rings.push(star(random, hole, 0.5, grid / 4));
    }
    polygons.push(rings);
  }
  return polygons;
}

test('equals the plain algorithm on random features', () => {
  const random = seededRandom(seedOf(11));
  const count = rounds(8, 100);
  let removed = 0;
  for (let round = 0; round < count; round++) {
    const tolerance = pick(random, [0, 0.3, 1, 4, 20, 100]);
    const features = Array.from({ length: 8 }, () => randomFeature(random));
    const batch = new FeatureBatch();
    for (const polygons of features) append(batch, polygons);
    removed += simplifyBatch(batch, tolerance);
    for (const [i, polygons] of features.entries()) {
      assert.deepEqual(
        polygonsOf(batch, i).flat(),
        simplifyPlainly(polygons.flat(), tolerance),
        `round ${round}, feature ${i}, tolerance ${tolerance}`,
      );
    }
  }
  assert.ok(removed > 200 * count);
});

test('equals the plain algorithm on big rings', () => {
  const random = seededRandom(12);
  for (const [n, tolerance] of [
    [700, 20],
    [3000, 2],
    [6000, 60],
  ] as const) {
    // Spokes in disorder: sections overlap, so that many can't be flattened.
    const ring = star(random, [0, 0, 100, n], 0.4);
    const hole = star(random, [10, 0, 30, n / 10], 0.8);
    const batch = new FeatureBatch();
    append(batch, [[ring, hole]]);
    simplifyBatch(batch, tolerance);
    assert.deepEqual(polygonsOf(batch, 0)[0], simplifyPlainly([ring, hole], tolerance));
  }
});

/** A valid polygon: a star with holes in the cells of a grid inside it. */
function validPolygon(random: () => number): number[][] {
  const roughness = 0.6 * random();
  const n = 8 + Math.floor(120 * random());
  const rings = [star(random, [0, 0, 100, n], roughness)];
  const cell = (100 * (1 - roughness) * Math.cos(Math.PI / 8)) / 4;
  for (let x = -2; x <= 2; x++) {
    for (let y = -2; y <= 2; y++) {
      if (random() < 0.5) continue;
      const size = [x * cell, y * cell, cell * 0.499, 4 + Math.floor(20 * random())] as const;
      rings.push(star(random, size, 0.7));
    }
  }
  return rings;
}

function segmentsOf(rings: number[][]): number[][] {
  return rings.flatMap((ring) => {
    const segments: number[][] = [];
    for (let i = 0; i < ring.length - 2; i += 2) segments.push(ring.slice(i, i + 4));
    return segments;
  });
}

function crossProperly(s: number[], t: number[]): boolean {
  const [ax, ay, bx, by] = s as [number, number, number, number];
  const [cx, cy, dx, dy] = t as [number, number, number, number];
  return (
    orient2d(ax, ay, bx, by, cx, cy) * orient2d(ax, ay, bx, by, dx, dy) < 0 &&
    orient2d(cx, cy, dx, dy, ax, ay) * orient2d(cx, cy, dx, dy, bx, by) < 0
  );
}

/** Distance of the vertex at `v` from the segment from the vertex at `a` to that at `b`. */
function distance(ring: number[], v: number, a: number, b: number): number {
  const [px, py] = [ring[2 * v]! - ring[2 * a]!, ring[2 * v + 1]! - ring[2 * a + 1]!];
  const [dx, dy] = [ring[2 * b]! - ring[2 * a]!, ring[2 * b + 1]! - ring[2 * a + 1]!];
  const t = Math.min(1, Math.max(0, (px * dx + py * dy) / (dx * dx + dy * dy)));
  return Math.hypot(px - t * dx, py - t * dy);
}

test('keeps valid polygons valid and close to what they were', () => {
  const random = seededRandom(13);
  let joined = 0;
  for (let round = 0; round < 60; round++) {
    const before = validPolygon(random);
    const tolerance = pick(random, [0.5, 3, 10, 40]);
    const batch = new FeatureBatch();
    append(batch, [before]);
    simplifyBatch(batch, tolerance);
    const after = polygonsOf(batch, 0)[0]!;
    assert.equal(after.length, before.length);
    const segments = segmentsOf(after);
    for (const [i, s] of segments.entries()) {
      for (const t of segments.slice(i + 1)) assert.ok(!crossProperly(s, t), `round ${round}`);
    }
    const shell = Float64Array.from(after[0]!);
    for (const [r, ring] of after.entries()) {
      const count = ring.length / 2;
      assert.ok(count >= 4);
      assert.deepEqual(ring.slice(0, 2), ring.slice(-2));
      if (r > 0) assert.equal(pointInRing(ring[0]!, ring[1]!, shell, 0, shell.length / 2), 1);

      const old = before[r]!;
      const oldCount = old.length / 2 - 1;
      const at = (k: number) => {
        for (let v = 0; v < oldCount; v++) {
          if (old[2 * v] === ring[2 * k] && old[2 * v + 1] === ring[2 * k + 1]) return v;
        }
        throw new Error('a vertex that was not there');
      };
      let turns = 0;
      for (let k = 0; k < count - 1; k++) {
        const a = at(k);
        const b = at(k + 1);
        const steps = (b - a + oldCount) % oldCount;
        turns += steps;
        for (let step = 1; step < steps; step++) {
          const v = (a + step) % oldCount;
          // Where the end point went, the two segments beside it may have been flattened before.
          const limit = a + steps > oldCount ? 2 * tolerance : tolerance;
          assert.ok(distance(old, v, a, b) <= limit * (1 + 1e-9), `round ${round}`);
        }
        if (a + steps > oldCount) joined++;
      }
      assert.equal(turns, oldCount, 'the order of the vertices');
    }
  }
  assert.ok(joined > 20);
});

test('z and the features around follow', () => {
  const batch = new FeatureBatch();
  const wkts = [
    'POLYGON ((0 0, 1 0, 0 1, 0 0))',
    // Loses its end point and one vertex more.
    'POLYGON ((5 1, 1 1, 1 5, 1 9, 9 9, 9 1, 5 1), (2 2, 3 2, 3 3, 2 3, 2 2))',
    'MULTIPOLYGON (((0 0, 4 0, 4 4, 0 4, 0 0)), ((10 0, 12 0, 14 0, 14 4, 10 4, 10 0)))',
    'POLYGON ((7 7, 8 7, 8 8, 7 7))',
  ];
  for (const wkt of wkts) appendGeometry(batch, parseGeometry(wkt));
  batch.reserveVertices(0, true);
  for (let v = 0; v < batch.vertexCount; v++) {
    batch.z[v] = 1000 + 100 * batch.xy[2 * v]! + batch.xy[2 * v + 1]!;
  }
  batch.flags.fill(HAS_Z, 0, 4);

  assert.equal(simplifyBatch(batch, 0), 3);
  assert.deepEqual(
    [0, 1, 2, 3].map((i) => polygonsOf(batch, i)),
    [
      [[[0, 0, 1, 0, 0, 1, 0, 0]]],
      [
        [
          [9, 1, 1, 1, 1, 9, 9, 9, 9, 1],
          [2, 2, 3, 2, 3, 3, 2, 3, 2, 2],
        ],
      ],
      [[[0, 0, 4, 0, 4, 4, 0, 4, 0, 0]], [[10, 0, 14, 0, 14, 4, 10, 4, 10, 0]]],
      [[[7, 7, 8, 7, 8, 8, 7, 7]]],
    ],
  );
  assert.deepEqual([...batch.ringOffsets.subarray(0, 7)], [0, 4, 9, 14, 19, 24, 28]);
  assert.equal(batch.vertexCount, 28);
  for (let v = 0; v < batch.vertexCount; v++) {
    assert.equal(batch.z[v], 1000 + 100 * batch.xy[2 * v]! + batch.xy[2 * v + 1]!);
  }
});

test('leaves invalid rings alone, and empty batches', () => {
  assert.equal(simplifyBatch(new FeatureBatch(), 1), 0);
  const rings = [
    [0, 0, 5, 0, 10, 0, 10, 10, 0, 10, 0, 0],
    [],
    [1, 1],
    [2, 2, 3, 3],
    [2, 2, 3, 3, 2, 2],
    // Not closed.
    [1, 5, 2, 5, 3, 5, 4, 5, 4, 6, 1, 6],
    [7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7],
  ];
  const nonFinite = [Number.NaN, 1, 2, Number.POSITIVE_INFINITY, 3, Number.NaN, 4, 4, 5, 6, 6, 7];
  const batch = new FeatureBatch();
  append(batch, [rings]);
  append(batch, [[nonFinite]]);
  simplifyBatch(batch, 1);
  const after = polygonsOf(batch, 0)[0]!;
  assert.deepEqual(after[0], [0, 0, 10, 0, 10, 10, 0, 10, 0, 0]);
  assert.deepEqual(after.slice(1, 6), rings.slice(1, 6));
  // GEOS, too, leaves five of a ring that is one point.
  assert.deepEqual(after[6], [7, 7, 7, 7, 7, 7, 7, 7, 7, 7]);
  assert.deepEqual(polygonsOf(batch, 1), [[nonFinite]]);
});

test('refuses tolerances that make no sense', () => {
  for (const tolerance of [-1, Number.NaN]) {
    assert.throws(
      () => simplifyBatch(new FeatureBatch(), tolerance),
      (error) => error instanceof TilewrightError && error.code === 'usage',
    );
  }
});
