import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import { RingSlabs } from '../../../src/formats/shapefile/ring-slabs.ts';
import { groupRings } from '../../../src/formats/shapefile/rings.ts';
import { pointInRing } from '../../../src/geometry/orientation.ts';
import {
  polygonContent,
  type Ring,
  readFile,
  shapefileBytes,
  square,
  withFiles,
} from './shapefile-fixture.ts';

const noGdal = spawnSync('ogr2ogr', ['--version']).status === 0 ? false : 'no ogr2ogr here';

/** Groups rings and returns the numbers of each polygon's rings, the shell first. */
function group(rings: Ring[]): number[][] {
  const xy = Float64Array.from(rings.flat(2));
  const offsets = new Int32Array(rings.length + 1);
  rings.forEach((ring, r) => {
    offsets[r + 1] = offsets[r]! + ring.length;
  });
  const { order, polygonStarts, inOrder } = groupRings(xy, offsets, rings.length);
  assert.equal(
    inOrder,
    order.every((ring, i) => ring === i),
  );
  assert.deepEqual(
    Array.from(order).sort((a, b) => a - b),
    rings.map((_, r) => r),
  );
  return Array.from(polygonStarts.subarray(1), (end, p) =>
    Array.from(order.subarray(polygonStarts[p]!, end)),
  );
}

const hole = (x: number, y: number, size: number): Ring => square(x, y, size, false);

test('shells and holes by direction and containment', () => {
  assert.deepEqual(group([square(0, 0, 1)]), [[0]]);
  assert.deepEqual(group([hole(0, 0, 1)]), [[0]]);
  assert.deepEqual(group([square(0, 0, 9), hole(1, 1, 1), hole(5, 5, 1)]), [[0, 1, 2]]);
  // A hole without a shell is a shell.
  assert.deepEqual(group([square(0, 0, 9), hole(20, 20, 1)]), [[0], [1]]);
  // Holes before their shells, and an island in a lake.
  assert.deepEqual(
    group([hole(21, 21, 1), square(3, 3, 2), hole(2, 2, 6), square(20, 20, 9), square(0, 0, 9)]),
    [[1], [3, 0], [4, 2]],
  );
  // The smallest shell that contains it.
  assert.deepEqual(group([square(0, 0, 9), square(1, 1, 5), hole(2, 2, 1)]), [[0], [1, 2]]);
  // All clockwise: each its own polygon.
  assert.deepEqual(group([square(0, 0, 9), square(1, 1, 5)]), [[0], [1]]);
  // Without area: no polygon of its own where a shell is around it.
  const point: Ring = [3, 3, 3, 3].map((x) => [x, x]);
  assert.deepEqual(group([square(0, 0, 9), point, square(20, 0, 1)]), [[0, 1], [2]]);
  assert.deepEqual(group([square(4, 0, 9), point, hole(5, 5, 1)]), [[0, 2], [1]]);
  // All counter-clockwise: by depth.
  assert.deepEqual(
    group([hole(2, 2, 2), hole(0, 0, 9), hole(1, 1, 5), hole(20, 0, 1), hole(6.5, 6.5, 1)]),
    [[0], [1, 2, 4], [3]],
  );
});

test('rings in an outermost one that runs counter-clockwise, by depth', () => {
  assert.deepEqual(group([hole(0, 0, 9), square(2, 2, 3)]), [[0, 1]]);
  assert.deepEqual(group([square(2, 2, 3), hole(0, 0, 9)]), [[1, 0]]);
  assert.deepEqual(group([hole(0, 0, 9), square(2, 2, 3), hole(3, 3, 1)]), [[0, 1], [2]]);
  // Beside a polygon that runs as it should; the same ring as a hole; a shell twice.
  assert.deepEqual(
    group([square(20, 0, 9), hole(22, 2, 3), hole(0, 0, 9), hole(2, 2, 3), square(5, 5, 1)]),
    [
      [0, 1],
      [2, 3, 4],
    ],
  );
  assert.deepEqual(group([hole(0, 0, 9), square(0, 0, 9)]), [[1, 0]]);
  assert.deepEqual(group([square(0, 0, 9), square(0, 0, 9), hole(1, 1, 1)]), [[0], [1, 2]]);
  // A hole that sticks out of its shell does not turn the island in it into a hole.
  const out: Ring = [
    [2, 2],
    [9.5, 2],
    [9.5, 5],
    [2, 5],
    [2, 2],
  ];
  assert.deepEqual(group([square(0, 0, 9), out, square(3, 3, 1)]), [[0], [1], [2]]);
});

test('holes that touch their shell', () => {
  // At one vertex, along an edge, with all vertices, and all of the shell.
  const diamond: Ring = [
    [0, 5],
    [5, 0],
    [10, 5],
    [5, 10],
    [0, 5],
  ];
  assert.deepEqual(group([square(0, 0, 10), hole(0, 0, 3), hole(5, 5, 5)]), [[0, 1, 2]]);
  assert.deepEqual(group([square(0, 0, 10), diamond]), [[0, 1]]);
  assert.deepEqual(group([square(0, 0, 10), hole(0, 0, 10)]), [[0, 1]]);
  // Outside, though all vertices are on the shell and the box is inside its box.
  const notched: Ring = [
    [0, 0],
    [0, 10],
    [4, 10],
    [5, 4],
    [6, 10],
    [10, 10],
    [10, 0],
    [0, 0],
  ];
  const wedge: Ring = [
    [4, 10],
    [5, 4],
    [6, 10],
    [4, 10],
  ];
  assert.deepEqual(group([notched, wedge]), [[0], [1]]);
});

/** Rings nested at random in the cell [x, x + size]²; parents[i] is the ring around ring i. */
function nest(
  random: Random,
  x: number,
  y: number,
  size: number,
  parent: number,
  rings: Ring[],
  depths: number[],
  parents: number[],
): void {
  const me = rings.length;
  const depth = parent < 0 ? 0 : depths[parent]! + 1;
  const vertices = 4 + random.integer(40);
  const ring: Ring = [];
  for (let i = 0; i < vertices; i++) {
    const angle = (-2 * Math.PI * i) / vertices;
    const radius = size * (0.4 + 0.1 * random.next());
    ring.push([x + size / 2 + radius * Math.cos(angle), y + size / 2 + radius * Math.sin(angle)]);
  }
  ring.push([...ring[0]!]);
  rings.push(ring);
  depths.push(depth);
  parents.push(parent);
  if (depth === 3) return;
  // Four cells in the square that fits into the smallest such ring.
  const inner = 0.4 * size;
  for (let cell = 0; cell < 4; cell++) {
    if (random.next() < 0.4) continue;
    const left = x + size / 2 + (((cell % 2) - 1) * inner) / 2;
    const low = y + size / 2 + (((cell >> 1) - 1) * inner) / 2;
    nest(random, left, low, inner / 2, me, rings, depths, parents);
  }
}

test('random nested rings in random order, by direction and by depth', () => {
  const random = new Random(5);
  let holes = 0;
  for (let round = 0; round < 60; round++) {
    const rings: Ring[] = [];
    const depths: number[] = [];
    const parents: number[] = [];
    for (let i = 0; i < 6; i++) {
      nest(random, 100 * (i % 3), 100 * (i >> 1), 100, -1, rings, depths, parents);
    }
    const shuffled = rings.map((_, r) => r).sort((a, b) => ((a * 7919) % 101) - ((b * 7919) % 101));
    const expected = shuffled
      .map((r, at) => ({ r, at }))
      .filter(({ r }) => depths[r]! % 2 === 0)
      .map(({ r, at }) => [
        at,
        ...shuffled.flatMap((s, i) => (depths[s]! % 2 === 1 && parents[s] === r ? [i] : [])),
      ]);
    holes += depths.filter((depth) => depth % 2 === 1).length;
    const byDirection = shuffled.map((r) =>
      depths[r]! % 2 ? [...rings[r]!].reverse() : rings[r]!,
    );
    assert.deepEqual(group(byDirection), expected);
    assert.deepEqual(group(shuffled.map((r) => [...rings[r]!].reverse())), expected);
    // Some outermost rings counter-clockwise: in those the direction says nothing.
    const root = rings.map((_, r) => r);
    for (const r of root) if (parents[r]! >= 0) root[r] = root[parents[r]!]!;
    const mixed = shuffled.map((r) => {
      const inverted = root[r]! % 2 === round % 2;
      const clockwise = inverted ? depths[r]! > 0 && random.next() < 0.5 : depths[r]! % 2 === 0;
      return clockwise ? rings[r]! : [...rings[r]!].reverse();
    });
    assert.deepEqual(group(mixed), expected);
  }
  assert.ok(holes > 1000);
});

test('a shell of many vertices with many holes, among many islands', () => {
  const circle: Ring = [];
  for (let i = 0; i < 60_000; i++) {
    const angle = (-2 * Math.PI * i) / 60_000;
    circle.push([1000 * Math.cos(angle), 1000 * Math.sin(angle)]);
  }
  circle.push([...circle[0]!]);
  const rings = [circle];
  for (let i = 0; i < 20_000; i++) {
    const x = 8 * (i % 200) - 800;
    const y = 8 * Math.floor(i / 200) - 400;
    rings.push(hole(x, y, 4), square(x + 1, y + 1, 2));
  }
  const polygons = group(rings);
  assert.deepEqual(group(rings.map((ring) => [...ring].reverse())), polygons);
  const inside = (ring: Ring): boolean => Math.hypot(...ring[0]!) < 999;
  const holes = rings.filter((ring, r) => r % 2 === 1 && inside(ring)).length;
  assert.equal(polygons[0]!.length, 1 + holes);
  assert.equal(polygons.length, rings.length - holes);
  assert.ok(holes > 19_000);
});

test('random nested rings: the same as GDAL', { skip: noGdal }, () => {
  const random = new Random(8);
  const records: Ring[][] = [];
  for (let record = 0; record < 200; record++) {
    const rings: Ring[] = [];
    const depths: number[] = [];
    const parents: number[] = [];
    for (let i = 1 + random.integer(3); i > 0; i--) {
      nest(random, 50 * i - 100, 0, 50, -1, rings, depths, parents);
    }
    const whole = rings.map((ring) => ring.map(([x, y]): [number, number] => [x, y]));
    const directed = whole.map((ring, r) => (depths[r]! % 2 === 1 ? ring.reverse() : ring));
    const order = directed.map((ring) => ({ ring, key: random.next() }));
    records.push(order.sort((a, b) => a.key - b.key).map(({ ring }) => ring));
  }
  const key = (polygons: Ring[][]): string[] =>
    polygons
      .map((polygon) => polygon.map((ring) => ring[0]!.map((v) => v.toFixed(6))).join())
      .sort();
  const { shp, shx } = shapefileBytes(
    5,
    records.map((rings) => polygonContent(5, rings)),
  );
  withFiles({ 'n.shp': shp, 'n.shx': shx }, (path) => {
    const options = ['-f', 'GeoJSONSeq', '-lco', 'COORDINATE_PRECISION=15', '/vsistdout/'];
    const ogr = spawnSync('ogr2ogr', [...options, path('n.shp')], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    const lines = ogr.stdout.trim().split('\n');
    assert.equal(lines.length, records.length, ogr.stderr);
    const { features } = readFile(path('n.shp'));
    for (const [i, line] of lines.entries()) {
      const { type, coordinates } = JSON.parse(line).geometry;
      const theirs = type === 'Polygon' ? [coordinates] : coordinates;
      const ours = features[i]!.polygons;
      // GeoJSON's rings are reversed, their first vertex stays.
      assert.deepEqual(key(ours), key(theirs), `record ${i + 1}`);
    }
  });
});

test('RingSlabs agrees with pointInRing, on vertices and edges too', () => {
  const random = new Random(3);
  const sides = [0, 0, 0];
  for (let round = 0; round < 200; round++) {
    const vertices = 4 + random.integer(300);
    const span = 1 + random.integer(round % 2 ? 12 : 1000);
    const ring: Ring = Array.from({ length: vertices }, () => [
      random.integer(span),
      random.integer(span),
    ]);
    ring.push([...ring[0]!]);
    const xy = Float64Array.from(ring.flat());
    const slabs = new RingSlabs(xy, 0, ring.length);
    for (let i = 0; i < 60; i++) {
      const x = random.integer(2 * span + 2) / 2;
      const y = random.integer(2 * span + 2) / 2;
      const expected = pointInRing(x, y, xy, 0, ring.length);
      assert.equal(slabs.locate(x, y), expected);
      sides[expected + 1]!++;
    }
  }
  assert.ok(Math.min(...sides) > 500, String(sides));
});
