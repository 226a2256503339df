import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crossesCut, measureAcrossCut, splitAtCut } from '../../src/geometry/antimeridian.ts';
import { FeatureBatch, HAS_Z, MULTI } from '../../src/geometry/batch.ts';
import { measureFeature } from '../../src/geometry/measure.ts';
import { orient2d } from '../../src/geometry/orientation.ts';
import { featureContainsPoint } from '../../src/geometry/rectangle.ts';
import { batchOf, polygonsOf } from '../conformance/jts.ts';
import { seededRandom } from './random.ts';

const DEGREES = { period: 360, minX: -180, northY: 90, southY: -90, longestEdge: 180 };
const out = new Float64Array(3);

function split(source: FeatureBatch): FeatureBatch {
  const target = new FeatureBatch();
  target.beginFeature(source.positions[0]!, source.flags[0]!);
  splitAtCut(source, 0, target, DEGREES);
  target.endFeature();
  return target;
}

function wrapX(x: number): number {
  return x - 360 * Math.floor((x + 180) / 360);
}

function wrapped(polygons: number[][][]): FeatureBatch {
  const rings = polygons.map((polygon) =>
    polygon.map((ring) => ring.map((value, k) => (k % 2 === 0 ? wrapX(value) : value))),
  );
  return batchOf({ type: 'MULTIPOLYGON', coordinates: rings.flat(2), polygons: rings });
}

function areaOf(batch: FeatureBatch): number {
  measureFeature(batch, 0, out);
  return out[0]!;
}

/** A star-shaped ring around (x, y) in unrolled coordinates. */
function star(random: () => number, x: number, y: number, radius: number): number[] {
  const corners = 4 + Math.floor(random() * 24);
  const ring: number[] = [];
  for (let k = 0; k < corners; k++) {
    const angle = (2 * Math.PI * (k + random() * 0.7)) / corners;
    const r = radius * (0.4 + 0.6 * random());
    ring.push(x + r * Math.cos(angle), y + r * Math.sin(angle));
  }
  ring.push(ring[0]!, ring[1]!);
  return random() < 0.5 ? ring : turned(ring);
}

function turned(ring: number[]): number[] {
  const backwards: number[] = [];
  for (let k = ring.length - 2; k >= 0; k -= 2) backwards.push(ring[k]!, ring[k + 1]!);
  return backwards;
}

/** A ring once round the pole at y ± `spread` that begins anywhere; x goes on past the cut. */
function aroundPole(random: () => number, y: number, spread: number): number[] {
  const corners = 5 + Math.floor(random() * 30);
  const begin = random() * 360 - 180;
  const ring: number[] = [];
  for (let k = 0; k < corners; k++) {
    const x = begin + (360 * (k + random() * 0.5)) / corners;
    // Multiples of 2^-20, so that adding 360 is exact and the ring closes.
    ring.push(Math.round(x * 2 ** 20) / 2 ** 20, y + (random() - 0.5) * 2 * spread);
  }
  ring.push(ring[0]! + 360, ring[1]!);
  return random() < 0.5 ? ring : turned(ring);
}

/** Area between an unrolled ring once round and the line y = base. */
function areaToLine(ring: number[], base: number): number {
  let sum = 0;
  for (let k = 0; k + 3 < ring.length; k += 2) {
    sum += ((ring[k + 2]! - ring[k]!) * (ring[k + 1]! + ring[k + 3]! - 2 * base)) / 2;
  }
  return Math.abs(sum);
}

function shoelace(ring: number[]): number {
  let sum = 0;
  for (let k = 0; k + 3 < ring.length; k += 2) {
    sum +=
      (ring[k]! - ring[0]!) * (ring[k + 3]! - ring[1]!) -
      (ring[k + 2]! - ring[0]!) * (ring[k + 1]! - ring[1]!);
  }
  return Math.abs(sum / 2);
}

/** Even–odd: how many edges of the unrolled rings, repeated each period, lie north of the point. */
function isInside(x: number, y: number, rings: number[][], withNorthPole: boolean): boolean {
  let inside = withNorthPole;
  for (const ring of rings) {
    for (let k = 0; k + 3 < ring.length; k += 2) {
      const [x1, y1, x2, y2] = ring.slice(k, k + 4) as [number, number, number, number];
      for (let at = x - 720; at <= x + 720; at += 360) {
        if (x1 <= at !== x2 <= at && y1 + ((at - x1) / (x2 - x1)) * (y2 - y1) > y) inside = !inside;
      }
    }
  }
  return inside;
}

/** Asserts what holds for every result: in the strip, closed, simple, no leap but at the pole. */
function assertWellFormed(batch: FeatureBatch, message: string): void {
  for (const ring of polygonsOf(batch, 0).flat()) {
    const count = ring.length / 2;
    assert.ok(count >= 4, `${message}: ${count} vertices`);
    assert.deepEqual(ring.slice(0, 2), ring.slice(-2), `${message}: not closed`);
    for (let k = 0; k < ring.length; k += 2) {
      assert.ok(ring[k]! >= -180 && ring[k]! <= 180, `${message}: x = ${ring[k]}`);
      const leaps = k > 0 && Math.abs(ring[k]! - ring[k - 2]!) > 180;
      if (leaps)
        assert.equal(Math.abs(ring[k + 1]!) + Math.abs(ring[k - 1]!), 180, `${message}: leap`);
    }
    for (let a = 0; a < count - 1; a++) {
      for (let b = a + 1; b < count - 1; b++) {
        assert.ok(!properlyCross(ring, 2 * a, 2 * b), `${message}: edges ${a} and ${b} cross`);
      }
    }
  }
}

function properlyCross(ring: number[], a: number, b: number): boolean {
  const [ax, ay, bx, by] = ring.slice(a, a + 4) as [number, number, number, number];
  const [cx, cy, dx, dy] = ring.slice(b, b + 4) as [number, number, number, number];
  return (
    orient2d(ax, ay, bx, by, cx, cy) * orient2d(ax, ay, bx, by, dx, dy) < 0 &&
    orient2d(cx, cy, dx, dy, ax, ay) * orient2d(cx, cy, dx, dy, bx, by) < 0
  );
}

function assertSamePoints(
  random: () => number,
  batch: FeatureBatch,
  rings: number[][],
  withNorthPole: boolean,
  ys: [number, number],
  message: string,
): number {
  let inside = 0;
  for (let k = 0; k < 60; k++) {
    // Half of the points close to the cut, on both sides.
    const x = wrapX(k % 2 === 0 ? 180 + (random() - 0.5) * 30 : random() * 360);
    const y = ys[0] + random() * (ys[1] - ys[0]);
    const expected = isInside(x, y, rings, withNorthPole);
    assert.equal(featureContainsPoint(batch, 0, x, y), expected, `${message}: ${x} ${y}`);
    if (expected) inside++;
  }
  return inside;
}

test('crossesCut looks at edges within rings, not from ring to ring', () => {
  const crosses = (wkt: string) => crossesCut(batchOf(wkt), 0, 180);
  assert.equal(crosses('POLYGON ((179 0, -179 0, -179 1, 179 0))'), true);
  assert.equal(crosses('POLYGON ((-179 0, -179 1, 179 0, -179 0))'), true);
  assert.equal(crosses('POLYGON ((0 0, 180 0, 180 1, 0 0))'), false);
  assert.equal(
    crosses('MULTIPOLYGON (((179 0, 180 0, 180 1, 179 0)), ((-180 0, -179 0, -180 1, -180 0)))'),
    false,
  );
  assert.equal(crosses('POLYGON ((0 0, 9 0, 9 9, 0 0), (179 0, -179 0, -179 1, 179 0))'), true);
  assert.equal(crosses('POLYGON EMPTY'), false);
});

test('polygons over the cut keep area, centroid and every point', () => {
  const random = seededRandom(9);
  let crossed = 0;
  let inside = 0;
  for (let round = 0; round < 600; round++) {
    const radius = [1e-4, 1, 30, 80][round % 4]!;
    const x = 180 + (random() - 0.5) * 2 * radius;
    const y = (random() - 0.5) * 60;
    const shell = star(random, x, y, radius);
    // Within 0.4 of the radius all is inside: one hole over the middle, or two beside it.
    const holes = [
      [],
      [star(random, x, y, radius / 5)],
      [star(random, x - radius / 6, y, radius / 10), star(random, x + radius / 6, y, radius / 7)],
    ][round % 3]!;
    const rings = [shell, ...holes];
    const source = wrapped([rings]);
    const message = `round ${round}`;
    if (!crossesCut(source, 0, 180)) continue;
    crossed++;
    const result = split(source);
    assertWellFormed(result, message);
    const area = shoelace(shell) - holes.reduce((sum, hole) => sum + shoelace(hole), 0);
    // Coordinates near 180 are multiples of 2^-45.
    const tolerance = 1e-10 * area + radius * 2 ** -42;
    assert.ok(
      Math.abs(areaOf(result) - area) < tolerance,
      `${message}: ${areaOf(result)} of ${area}`,
    );
    assert.equal(result.flags[0]! & MULTI, MULTI);

    assert.equal(measureAcrossCut(source, 0, DEGREES, out), true);
    const [acrossArea, acrossX, acrossY] = out;
    measureFeature(batchOf({ type: 'POLYGON', coordinates: [], polygons: [rings] }), 0, out);
    assert.ok(Math.abs(acrossArea! - area) < tolerance, message);
    assert.ok(
      Math.abs(acrossX! - wrapX(out[1]!)) < 1e-7 && Math.abs(acrossY! - out[2]!) < 1e-7,
      message,
    );
    assert.ok(acrossX! >= -180 && acrossX! < 180, `${acrossX}`);
    if (radius >= 1) {
      inside += assertSamePoints(random, result, rings, false, [y - radius, y + radius], message);
    }
  }
  assert.ok(crossed > 450 && inside > 3000, `${crossed} crossed, ${inside} points inside`);
});

test('polygons around a pole reach it and span the period', () => {
  const random = seededRandom(10);
  const inside = { north: 0, south: 0 };
  for (let round = 0; round < 400; round++) {
    const north = random() < 0.5;
    const side = north ? 1 : -1;
    const shell = aroundPole(random, side * 60, 3);
    // Holes between 70 and 75 over the cut and elsewhere, and one that goes around the pole.
    const holes: number[][] = [];
    if (round % 2 === 0) holes.push(star(random, 180 + (random() - 0.5) * 4, side * 70, 2.5));
    if (round % 3 === 0) holes.push(star(random, random() * 300 - 150, side * 66, 2.5));
    const band = round % 5 === 0;
    if (band) holes.push(aroundPole(random, side * 80, 3));
    const source = wrapped([[shell, ...holes]]);
    const message = `round ${round}`;
    assert.equal(crossesCut(source, 0, 180), true);
    const result = split(source);
    assertWellFormed(result, message);
    const winding = holes.filter((hole) => hole[0] !== hole.at(-2));
    const closed = holes.filter((hole) => hole[0] === hole.at(-2));
    const area =
      areaToLine(shell, side * 90) -
      winding.reduce((sum, hole) => sum + areaToLine(hole, side * 90), 0) -
      closed.reduce((sum, hole) => sum + shoelace(hole), 0);
    assert.ok(
      Math.abs(areaOf(result) / area - 1) < 1e-12,
      `${message}: ${areaOf(result)} of ${area}`,
    );
    const xs = polygonsOf(result, 0)
      .flat(2)
      .filter((_, k) => k % 2 === 0);
    const ys = polygonsOf(result, 0)
      .flat(2)
      .filter((_, k) => k % 2 === 1);
    assert.deepEqual([Math.min(...xs), Math.max(...xs)], [-180, 180], message);
    assert.equal(ys.includes(side * 90), !band, message);
    const range: [number, number] = north ? [55, 90] : [-90, -55];
    inside[north ? 'north' : 'south'] += assertSamePoints(
      random,
      result,
      [shell, ...holes],
      north && !band,
      range,
      message,
    );
    assert.equal(measureAcrossCut(source, 0, DEGREES, out), false, 'there is no plane for it');
  }
  assert.ok(inside.north > 2000 && inside.south > 2000, JSON.stringify(inside));
});

test('a polygon that touches the cut without crossing it stays one piece on its side', () => {
  const source = batchOf('POLYGON ((178 0, 180 1, 178 2, -180 3, -180 4, 178 5, 178 0))');
  assert.equal(crossesCut(source, 0, 180), true, 'as it is written');
  const result = split(source);
  assert.deepEqual(polygonsOf(result, 0), [
    [[178, 0, 180, 1, 178, 2, 180, 3, 180, 4, 178, 5, 178, 0]],
  ]);
  assert.equal(result.flags[0]! & MULTI, 0);
});

test('vertices on the cut are not repeated where a polygon crosses there', () => {
  const result = split(
    batchOf('POLYGON ((170 0, 180 0, -170 0, -170 10, -180 10, 170 10, 170 0))'),
  );
  assert.deepEqual(polygonsOf(result, 0), [
    [[-170, 0, -170, 10, -180, 10, -180, 0, -170, 0]],
    [[170, 10, 170, 0, 180, 0, 180, 10, 170, 10]],
  ]);
});

test('a polygon that has been closed along the pole already comes back as it was', () => {
  const closed =
    'POLYGON ((-180 -84, -90 -70, 0 -72, 90 -66, 180 -84, 180 -90, -180 -90, -180 -84))';
  const source = batchOf(closed);
  const result = split(source);
  assertWellFormed(result, 'Antarctica');
  assert.equal(polygonsOf(result, 0).length, 1);
  assert.equal(polygonsOf(result, 0)[0]![0]!.length, 16);
  assert.equal(areaOf(result), areaOf(source));
});

test('parts that do not cross are copied, z is kept and interpolated at the cut', () => {
  const source = batchOf(
    'MULTIPOLYGON (((0 0, 4 0, 4 4, 0 0), (2 1, 3 1, 3 2, 2 1)), ((178 0, -178 0, -178 8, 178 8, 178 0)))',
  );
  source.flags[0]! |= HAS_Z;
  source.reserveVertices(0, true);
  source.z.set([1, 2, 3, 1, 4, 5, 6, 4, 10, 20, 30, 40, 10]);
  const result = split(source);
  assert.deepEqual(polygonsOf(result, 0), [
    [
      [0, 0, 4, 0, 4, 4, 0, 0],
      [2, 1, 3, 1, 3, 2, 2, 1],
    ],
    [[-178, 0, -178, 8, -180, 8, -180, 0, -178, 0]],
    [[178, 8, 178, 0, 180, 0, 180, 8, 178, 8]],
  ]);
  assert.deepEqual(
    [...result.z.subarray(0, result.vertexCount)],
    [1, 2, 3, 1, 4, 5, 6, 4, 20, 30, 35, 15, 20, 40, 10, 15, 35, 40],
  );
});

test('a polygon without area, or without vertices, does not disappear or fail', () => {
  const sliver = split(batchOf('POLYGON ((178 0, -178 0, 178 0))'));
  assertWellFormed(sliver, 'sliver');
  assert.equal(polygonsOf(sliver, 0).length, 2);
  assert.equal(areaOf(sliver), 0);
  const onCut = split(batchOf('POLYGON ((180 0, -180 1, 180 2, 180 0))'));
  assert.deepEqual(polygonsOf(onCut, 0), [[[180, 0, 180, 1, 180, 2, 180, 0]]]);
  assert.deepEqual(polygonsOf(split(batchOf('POLYGON EMPTY')), 0), []);
});

test('the centroid of parts on both sides of the cut is between them', () => {
  const source = batchOf(
    'MULTIPOLYGON (((-179 0, -178 0, -178 1, -179 1, -179 0)), ((178 0, 179 0, 179 1, 178 1, 178 0)))',
  );
  assert.equal(measureAcrossCut(source, 0, DEGREES, out), true);
  assert.deepEqual([...out], [2, -180, 0.5]);
});

test('several parts over the cut keep area and centroid, drawn over the edge or jumping', () => {
  const random = seededRandom(12);
  for (let round = 0; round < 200; round++) {
    const parts = Array.from({ length: 2 + (round % 2) }, (_, k) => {
      const [x, y] = [180 + (random() - 0.5) * 4, 20 * k - 20];
      const shell = star(random, x, y, 5);
      return round % 3 === 0 ? [shell, star(random, x, y, 1)] : [shell];
    });
    const plain = batchOf({ type: 'MULTIPOLYGON', coordinates: [], polygons: parts });
    measureFeature(plain, 0, out);
    const [area, x, y] = out as unknown as [number, number, number];
    const assertMeasured = (what: string): void => {
      const off = [out[0]! - area, out[1]! - wrapX(x), out[2]! - y].map(Math.abs);
      assert.ok(Math.max(...off) < 1e-9 * area, `round ${round}, ${what}: ${off}`);
    };
    assert.equal(measureAcrossCut(wrapped(parts), 0, DEGREES, out), true);
    assertMeasured('jumping');
    out.fill(Number.NaN);
    const drawn = { ...DEGREES, longestEdge: Number.POSITIVE_INFINITY };
    assert.equal(measureAcrossCut(plain, 0, drawn, out), true);
    assertMeasured('over the edge');
    const result = split(wrapped(parts));
    assertWellFormed(result, `round ${round}`);
    assert.ok(Math.abs(areaOf(result) - area) < 1e-9 * area, `round ${round}`);
    assert.ok(polygonsOf(result, 0).every((polygon) => polygon.length > 0));
  }
});

test('with which vertex a ring begins makes no difference, on the cut or elsewhere', () => {
  const random = seededRandom(13);
  let onCut = 0;
  for (let round = 0; round < 150; round++) {
    const shell = star(random, 180, 10, 5);
    const open = shell.slice(0, -2);
    // Some vertices are moved onto the cut, where the ring may run along it or touch it.
    for (let k = 0; k < open.length; k += 2) {
      if (Math.abs(open[k]! - 180) < 2 && random() < 0.6) open[k] = 180;
    }
    const area = shoelace([...open, open[0]!, open[1]!]);
    for (let begin = 0; begin < open.length; begin += 2) {
      if (open[begin] === 180) onCut++;
      const ring = [...open.slice(begin), ...open.slice(0, begin), open[begin]!, open[begin + 1]!];
      const message = `round ${round}, from vertex ${begin / 2}`;
      const source = wrapped([[ring]]);
      if (!crossesCut(source, 0, 180)) continue;
      const result = split(source);
      assert.ok(Math.abs(areaOf(result) - area) < 1e-9 * area, `${message}: ${areaOf(result)}`);
      for (const [shellOf, ...holes] of polygonsOf(result, 0)) {
        assert.deepEqual(holes, [], message);
        assert.ok(shoelace(shellOf!) > 0, `${message}: a part without area`);
      }
    }
  }
  assert.ok(onCut > 200, `${onCut}`);
});
