import assert from 'node:assert/strict';
import { test } from 'node:test';
import { orient2d, pointInRing } from '../../src/geometry/orientation.ts';
import { jtsArgument, jtsSkip, jtsTests } from '../conformance/jts.ts';
import { seededRandom } from './random.ts';

/** A finite double as an integer multiple of 2^-1074. */
function rational(value: number): bigint {
  if (Number.isInteger(value)) return BigInt(value) << 1074n;
  // Doubling is exact until the value is an integer.
  let doublings = 0;
  while (!Number.isInteger(value)) {
    value *= 2;
    doublings++;
  }
  return BigInt(value) << BigInt(1074 - doublings);
}

function exactSign(points: number[]): number {
  const [ax, ay, bx, by, cx, cy] = points.map(rational) as [
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const determinant = (ax - cx) * (by - cy) - (ay - cy) * (bx - cx);
  return determinant > 0n ? 1 : determinant < 0n ? -1 : 0;
}

function signOf(points: number[]): number {
  return Math.sign(orient2d(...(points as [number, number, number, number, number, number])));
}

test('orient2d is positive for a counter-clockwise turn', () => {
  assert.equal(orient2d(0, 0, 4, 0, 0, 3), 12);
  assert.equal(orient2d(0, 0, 0, 3, 4, 0), -12);
});

test('orient2d has the exact sign of nearly collinear points', () => {
  const random = seededRandom(1);
  const found = { zero: 0, other: 0 };
  const nudge = [0, 2 ** -53, -(2 ** -53), 2 ** -50, 0];
  for (let i = 0; i < 20_000; i++) {
    // Points near a line through the origin of a big shift, a few units in the last place off it.
    const shift = [0, 0.5, -153.4, 1e6][i & 3]!;
    const along = () => Math.floor(random() * 64) / 64;
    const points: number[] = [];
    for (let k = 0; k < 3; k++) {
      const t = along();
      const off = nudge[Math.floor(random() * nudge.length)]!;
      points.push(shift + t * 3, shift * 0.7 + t * 2 * (1 + off));
    }
    const expected = exactSign(points);
    found[expected === 0 ? 'zero' : 'other']++;
    assert.equal(signOf(points), expected, points.join(' '));
  }
  assert.ok(found.zero > 500 && found.other > 500, JSON.stringify(found));
});

test('orient2d has the exact sign where products over- or underflow', () => {
  const random = seededRandom(2);
  const magnitudes = [5e-324, 1e-310, 1e-200, 1e-160, 1, 1e160, 1e300, Number.MAX_VALUE];
  let zeros = 0;
  for (let i = 0; i < 20_000; i++) {
    const points: number[] = [];
    for (let k = 0; k < 6; k++) {
      const magnitude = magnitudes[Math.floor(random() * magnitudes.length)]!;
      points.push(magnitude * [-1, 0, 1, 0.5, 0.75][Math.floor(random() * 5)]!);
    }
    const expected = exactSign(points);
    if (expected === 0) zeros++;
    assert.equal(signOf(points), expected, points.join(' '));
  }
  assert.ok(zeros > 100 && zeros < 19_000, `${zeros} collinear`);
});

test('orient2d of a coordinate that is not finite is NaN', () => {
  assert.ok(Number.isNaN(orient2d(0, 0, 1, 1, Number.NaN, 0)));
  assert.ok(Number.isNaN(orient2d(0, 0, Number.POSITIVE_INFINITY, 1, 1, 0)));
});

/** Winding of integer rings by exact arithmetic: small integers multiply exactly in doubles. */
function bruteForceInRing(x: number, y: number, ring: number[]): number {
  let crossings = 0;
  for (let i = 0; i + 3 < ring.length; i += 2) {
    const [x1, y1, x2, y2] = ring.slice(i, i + 4) as [number, number, number, number];
    const cross = (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1);
    const within =
      Math.min(x1, x2) <= x &&
      x <= Math.max(x1, x2) &&
      Math.min(y1, y2) <= y &&
      y <= Math.max(y1, y2);
    if (cross === 0 && within) return 0;
    // A ray towards +x at y + ½ of a unit in the last place never meets a vertex.
    const above1 = y1 > y;
    const above2 = y2 > y;
    if (above1 !== above2 && x < x1 + ((y - y1) * (x2 - x1)) / (y2 - y1)) crossings++;
  }
  return crossings % 2 === 1 ? 1 : -1;
}

test('pointInRing agrees with brute force on rings of grid points', () => {
  const random = seededRandom(3);
  const found = new Map<number, number>();
  const grid = () => Math.floor(random() * 8);
  for (let round = 0; round < 400; round++) {
    const ring: number[] = [];
    const count = 3 + Math.floor(random() * 8);
    for (let i = 0; i < count; i++) ring.push(grid(), grid());
    ring.push(ring[0]!, ring[1]!);
    const xy = Float64Array.from([99, 99, ...ring, 77, 77]);
    for (let x = -1; x <= 8; x++) {
      for (let y = -1; y <= 8; y++) {
        const expected = bruteForceInRing(x, y, ring);
        found.set(expected, (found.get(expected) ?? 0) + 1);
        assert.equal(pointInRing(x, y, xy, 1, ring.length / 2 + 1), expected, `${x} ${y}: ${ring}`);
      }
    }
  }
  assert.equal(
    [...found.values()].reduce((a, b) => a + b),
    40_000,
  );
  for (const place of [-1, 0, 1]) assert.ok(found.get(place)! > 1000, `${place}`);
});

test('pointInRing agrees with the DE-9IM vectors of JTS', { skip: jtsSkip }, () => {
  let ran = 0;
  for (const vector of jtsTests('relate')) {
    const first = jtsArgument(vector, 0);
    const second = jtsArgument(vector, 1);
    if (first?.type !== 'POINT' || first.coordinates.length !== 2 || vector.expected !== 'true')
      continue;
    const rings = second?.type === 'POLYGON' ? second.polygons![0] : undefined;
    if (rings?.length !== 1) continue;
    const pattern = vector.args[2] ?? vector.pattern!;
    const expected = pattern[0] === '0' ? 1 : pattern[1] === '0' ? 0 : -1;
    const [x, y] = first.coordinates as [number, number];
    const ring = Float64Array.from(rings[0]!);
    assert.equal(pointInRing(x, y, ring, 0, ring.length / 2), expected, vector.description);
    ran++;
  }
  assert.equal(ran, 10);
});
