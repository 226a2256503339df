import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FeatureBatch } from '../../src/geometry/batch.ts';
import {
  extendByStarts,
  featureBounds,
  measureFeature,
  ringSignedArea,
} from '../../src/geometry/measure.ts';
import {
  batchOf,
  type JtsGeometry,
  jtsArgument,
  jtsSkip,
  jtsTests,
  parseGeometry,
} from '../conformance/jts.ts';
import { seededRandom } from './random.ts';

const out = new Float64Array(4);

test('measureFeature gives the centroids of JTS', { skip: jtsSkip }, () => {
  let ran = 0;
  for (const vector of jtsTests('getCentroid')) {
    const geometry = jtsArgument(vector, 0);
    if (geometry?.polygons == null) continue;
    measureFeature(batchOf(geometry), 0, out);
    const [x, y] = parseGeometry(vector.expected).coordinates;
    for (const [value, expected] of [
      [out[1]!, x ?? Number.NaN],
      [out[2]!, y ?? Number.NaN],
    ] as const) {
      const same = Number.isNaN(expected)
        ? Number.isNaN(value)
        : Math.abs(value - expected) < 2e-14;
      assert.ok(same, `${vector.description}: ${value} instead of ${expected}`);
    }
    ran++;
  }
  assert.equal(ran, 12);
});

/** Doubles below 2^10 that are multiples of 2^-60, as integers: exact. */
function exact(value: number): bigint {
  return BigInt(value * 2 ** 60);
}

/** Area and centroid by the shoelace formula in exact arithmetic, rounded at the end. */
function exactMeasure(polygons: number[][][]): [number, number, number] {
  let area2 = 0n;
  let momentX = 0n;
  let momentY = 0n;
  for (const rings of polygons) {
    for (const [r, ring] of rings.entries()) {
      let a = 0n;
      let mx = 0n;
      let my = 0n;
      for (let k = 0; k + 3 < ring.length; k += 2) {
        const [x1, y1, x2, y2] = ring.slice(k, k + 4).map(exact) as [
          bigint,
          bigint,
          bigint,
          bigint,
        ];
        const cross = x1 * y2 - x2 * y1;
        a += cross;
        mx += cross * (x1 + x2);
        my += cross * (y1 + y2);
      }
      const sign = a > 0n === (r === 0) ? 1n : -1n;
      area2 += sign * a;
      momentX += sign * mx;
      momentY += sign * my;
    }
  }
  // 40 more bits, so that the division in integers keeps enough digits.
  const quotient = (moment: bigint) => Number((moment << 40n) / (3n * area2)) / 2 ** 100;
  return [Number(area2) / 2 ** 121, quotient(momentX), quotient(momentY)];
}

/** A star around (x, y), counter-clockwise or clockwise, with a hole like it or none. */
function star(random: () => number, x: number, y: number, size: number): number[][] {
  const rings = [size, random() < 0.5 ? size / 3 : 0]
    .filter((radius) => radius > 0)
    .map((radius) => {
      const corners = 3 + Math.floor(random() * 30);
      const ring: number[] = [];
      for (let k = 0; k < corners; k++) {
        const angle = (2 * Math.PI * (k + random() / 2)) / corners;
        const r = radius * (0.5 + random() / 2);
        ring.push(x + r * Math.cos(angle), y + r * Math.sin(angle));
      }
      ring.push(ring[0]!, ring[1]!);
      return random() < 0.5 ? ring : reversed(ring);
    });
  return rings;
}

function reversed(ring: number[]): number[] {
  const backwards: number[] = [];
  for (let k = ring.length - 2; k >= 0; k -= 2) backwards.push(ring[k]!, ring[k + 1]!);
  return backwards;
}

function multiPolygon(polygons: number[][][]): JtsGeometry {
  return { type: 'MULTIPOLYGON', coordinates: polygons.flat(2), polygons };
}

test('measureFeature agrees with exact arithmetic on small polygons at −153.4, 70.3', () => {
  const random = seededRandom(4);
  const geometries: JtsGeometry[] = [];
  for (let i = 0; i < 300; i++) {
    const polygons: number[][][] = [];
    for (let part = 1 + Math.floor(random() * 3); part > 0; part--) {
      polygons.push(
        star(random, -153.4 + part * 1e-2 * random(), 70.3 + part * 2e-4, 1e-4 * random()),
      );
    }
    geometries.push(multiPolygon(polygons));
  }
  const batch = batchOf(...geometries);
  let worst = 0;
  for (let i = 0; i < geometries.length; i++) {
    measureFeature(batch, i, out);
    const [area, x, y] = exactMeasure(geometries[i]!.polygons!);
    assert.ok(Math.abs(out[0]! / area - 1) < 1e-10, `area ${out[0]} of ${area}`);
    worst = Math.max(worst, Math.abs(out[1]! - x), Math.abs(out[2]! - y));
  }
  assert.ok(worst < 1e-13, `centroid off by ${worst}`);
});

test('a centroid is not drawn off by parts that are far apart or by rings that are empty', () => {
  const [near, far] = [star(seededRandom(5), 0, 0, 1e-4), star(seededRandom(6), 170, 80, 1e-4)];
  measureFeature(batchOf(multiPolygon([near, far, [[]]])), 0, out);
  const [area, x, y] = exactMeasure([near, far].map((rings) => rings.map(quantized)));
  assert.ok(Math.abs(out[0]! / area - 1) < 1e-8, `area ${out[0]} of ${area}`);
  assert.ok(Math.abs(out[1]! - x) < 1e-6 && Math.abs(out[2]! - y) < 1e-6, `${out} not ${x} ${y}`);
});

/** Rounded to multiples of 2^-60, which `exact` needs near the origin. */
function quantized(ring: number[]): number[] {
  return ring.map((value) => Math.round(value * 2 ** 60) / 2 ** 60);
}

test('a feature without area has the centroid of its lines, then of its points', () => {
  measureFeature(batchOf('POLYGON ((0 0, 10 0, 0 0), (0 4, 0 4, 0 4))'), 0, out);
  assert.deepEqual([...out.subarray(0, 3)], [0, 5, 0]);
  measureFeature(batchOf('MULTIPOLYGON (((1 1, 1 1, 1 1)), ((3 5, 3 5)))'), 0, out);
  assert.deepEqual([...out.subarray(0, 3)], [0, 2, 3]);
});

test('featureBounds is the bounds of all vertices of the feature, and of no other', () => {
  const random = seededRandom(7);
  const geometries: JtsGeometry[] = [];
  for (let i = 0; i < 200; i++) {
    geometries.push(
      multiPolygon([star(random, random() * 360 - 180, 50, 20), star(random, 0, 0, 1)]),
    );
  }
  const batch = batchOf(...geometries);
  for (let i = 0; i < geometries.length; i++) {
    featureBounds(batch, i, out, 0);
    const values = geometries[i]!.coordinates;
    const xs = values.filter((_, k) => k % 2 === 0);
    const ys = values.filter((_, k) => k % 2 === 1);
    assert.deepEqual(
      [...out],
      [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)],
    );
  }
  const empty = batchOf('POLYGON ((0 0, 1 0, 1 1, 0 0))', 'POLYGON EMPTY');
  featureBounds(empty, 1, out, 0);
  assert.deepEqual([...out], [Infinity, Infinity, -Infinity, -Infinity]);
});

test('ringSignedArea is positive counter-clockwise', () => {
  const ring = Float64Array.from([9, 9, 0, 0, 4, 0, 4, 3, 0, 3, 0, 0, 9, 9]);
  assert.equal(ringSignedArea(ring, 1, 6), 12);
  const clockwise = Float64Array.from(reversed([0, 0, 4, 0, 4, 3, 0, 3, 0, 0]));
  assert.equal(ringSignedArea(clockwise, 0, 5), -12);
  assert.equal(ringSignedArea(ring, 1, 1), 0);
});

test('extendByStarts takes first vertices, and all of a feature that begins at 0, 0', () => {
  const random = seededRandom(8);
  const batch = new FeatureBatch();
  for (let round = 0; round < 300; round++) {
    batch.clear();
    const taken: number[][] = [];
    for (let i = 0; i < 1 + (round % 4); i++) {
      batch.beginFeature(i + 1);
      const begin = [
        [0, 0],
        [0, 1],
        [1, 0],
        [Number.NaN, 3],
      ][Math.floor(random() * 4)]!;
      const isAtOrigin = begin[0] === 0 && begin[1] === 0;
      let isFirst = true;
      for (let p = 0; p < 1 + (round % 2); p++) {
        batch.beginPolygon();
        for (let r = 0; r < 2; r++) {
          batch.beginRing();
          batch.reserveVertices(3);
          for (let v = 0; v < 3; v++) {
            const vertex = isFirst ? begin : [100 * random() - 50, 100 * random() - 50];
            batch.xy.set(vertex, 2 * batch.vertexCount++);
            if (isFirst || isAtOrigin) taken.push(vertex);
            isFirst = false;
          }
          batch.endRing();
        }
        batch.endPolygon();
      }
      batch.endFeature();
    }
    const bounds = Float64Array.of(Infinity, Infinity, -Infinity, -Infinity);
    extendByStarts(bounds, batch);
    // What is NaN changes nothing, each axis for itself.
    const [xs, ys] = [0, 1].map((axis) =>
      taken.map((at) => at[axis]!).filter((n) => !Number.isNaN(n)),
    );
    assert.deepEqual(
      [...bounds],
      [Math.min(...xs!), Math.min(...ys!), Math.max(...xs!), Math.max(...ys!)],
      `round ${round}`,
    );
    // Once more: they only grow.
    const wider = Float64Array.of(-1e3, -1e3, 1e3, 1e3);
    extendByStarts(wider, batch);
    assert.deepEqual([...wider], [-1e3, -1e3, 1e3, 1e3]);
  }
});
