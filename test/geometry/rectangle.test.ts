import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FeatureBatch } from '../../src/geometry/batch.ts';
import {
  featureContainsPoint,
  featureIntersectsRectangle,
  segmentIntersectsRectangle,
} from '../../src/geometry/rectangle.ts';
import { batchOf, type JtsGeometry, jtsArgument, jtsSkip, jtsTests } from '../conformance/jts.ts';
import { rounds, seedOf } from '../soak/rounds.ts';
import { seededRandom } from './random.ts';

type Rectangle = [minX: number, minY: number, maxX: number, maxY: number];

/** Bounds of a polygon that is an axis-parallel rectangle; null for any other geometry. */
function rectangleOf(geometry: JtsGeometry): Rectangle | null {
  const ring = geometry.polygons?.length === 1 ? geometry.polygons[0]! : [];
  if (ring.length !== 1 || ring[0]!.length !== 10) return null;
  const corners = ring[0]!;
  const xs = new Set(corners.filter((_, k) => k % 2 === 0));
  const ys = new Set(corners.filter((_, k) => k % 2 === 1));
  if (xs.size !== 2 || ys.size !== 2) return null;
  for (let k = 0; k < 8; k += 2) {
    // Exactly one coordinate changes along each side.
    if ((corners[k] === corners[k + 2]) === (corners[k + 1] === corners[k + 3])) return null;
  }
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

test('featureIntersectsRectangle agrees with the vectors of JTS', { skip: jtsSkip }, () => {
  const ran = { intersects: 0, disjoint: 0 };
  for (const op of ['intersects', 'disjoint'] as const) {
    for (const vector of jtsTests(op)) {
      const both = [jtsArgument(vector, 0), jtsArgument(vector, 1)];
      for (const [a, b] of [both, both.toReversed()]) {
        const rectangle = a == null ? null : rectangleOf(a);
        if (rectangle === null || b?.polygons == null) continue;
        const expected = (vector.expected === 'true') === (op === 'intersects');
        const actual = featureIntersectsRectangle(batchOf(b), 0, ...rectangle);
        assert.equal(actual, expected, `${vector.file}: ${vector.description}`);
        ran[op]++;
      }
    }
  }
  assert.deepEqual(ran, { intersects: 61, disjoint: 43 });
});

/** A point X / W, Y / W in small integers, W > 0, for which doubles calculate exactly. */
type Point = [X: number, Y: number, W: number];

function inRectangle([X, Y, W]: Point, [minX, minY, maxX, maxY]: Rectangle): boolean {
  return minX * W <= X && X <= maxX * W && minY * W <= Y && Y <= maxY * W;
}

/** Even–odd over the rings of each polygon, the boundary included. */
function inPolygons([X, Y, W]: Point, polygons: number[][][]): boolean {
  for (const rings of polygons) {
    let inside = false;
    for (const ring of rings) {
      for (let k = 0; k + 3 < ring.length; k += 2) {
        const [x1, y1, x2, y2] = ring.slice(k, k + 4).map((v) => v * W) as Rectangle;
        const cross = (x2 - x1) * (Y - y1) - (y2 - y1) * (X - x1);
        const between = (x1 - X) * (x2 - X) <= 0 && (y1 - Y) * (y2 - Y) <= 0;
        if (cross === 0 && between) return true;
        if (y1 > Y !== y2 > Y && cross > 0 === y2 > y1) inside = !inside;
      }
    }
    if (inside) return true;
  }
  return false;
}

/**
 * If the two have a common point, then one among these: the corners of the rectangle, the
 * vertices, and where edges cross the lines of the rectangle's sides.
 */
function bruteForce(polygons: number[][][], rectangle: Rectangle): boolean {
  const [minX, minY, maxX, maxY] = rectangle;
  const points: Point[] = [
    [minX, minY, 1],
    [minX, maxY, 1],
    [maxX, minY, 1],
    [maxX, maxY, 1],
  ];
  for (const ring of polygons.flat()) {
    for (let k = 0; k + 1 < ring.length; k += 2) {
      const [x1, y1, x2, y2] = ring.slice(k, k + 4) as [number, number, number?, number?];
      points.push([x1, y1, 1]);
      if (x2 === undefined || y2 === undefined) continue;
      const dx = x2 - x1;
      const dy = y2 - y1;
      for (const x of [minX, maxX]) {
        if (dx !== 0)
          points.push([
            x * Math.abs(dx),
            y1 * Math.abs(dx) + (x - x1) * dy * Math.sign(dx),
            Math.abs(dx),
          ]);
      }
      for (const y of [minY, maxY]) {
        if (dy !== 0)
          points.push([
            x1 * Math.abs(dy) + (y - y1) * dx * Math.sign(dy),
            y * Math.abs(dy),
            Math.abs(dy),
          ]);
      }
    }
  }
  return points.some((point) => inRectangle(point, rectangle) && inPolygons(point, polygons));
}

/** Rings of grid points: they touch, overlap and cross themselves and the rectangles all the time. */
function gridPolygons(random: () => number): number[][][] {
  const grid = () => Math.floor(random() * 17);
  return Array.from({ length: random() < 0.7 ? 1 : 2 }, () =>
    Array.from({ length: random() < 0.6 ? 1 : 2 }, () => {
      const ring: number[] = [];
      for (let corners = 3 + Math.floor(random() * 5); corners > 0; corners--)
        ring.push(grid(), grid());
      return [...ring, ring[0]!, ring[1]!];
    }),
  );
}

function moved(polygons: number[][][], scale: number, shift: number): FeatureBatch {
  const rings = polygons.map((polygon) =>
    polygon.map((ring) => ring.map((v) => v * scale + shift)),
  );
  return batchOf({ type: 'MULTIPOLYGON', coordinates: rings.flat(2), polygons: rings });
}

test('featureIntersectsRectangle agrees with brute force on grid polygons', () => {
  const random = seededRandom(seedOf(8));
  const count = rounds(1_000, 20_000);
  const found = { true: 0, false: 0 };
  for (let round = 0; round < count; round++) {
    const polygons = gridPolygons(random);
    const batch = moved(polygons, 1, 0);
    // The same picture, in units of 2^-44 near −153.5, where all coordinates are still exact.
    const tiny = moved(polygons, 2 ** -44, -153.5);
    for (let k = 0; k < 6; k++) {
      const [x, y] = [Math.floor(random() * 17), Math.floor(random() * 17)];
      const [width, height] = [Math.floor(random() * 4), Math.floor(random() * 4)];
      const rectangle: Rectangle = [x, y, x + width, y + height];
      const expected = bruteForce(polygons, rectangle);
      const message = `${JSON.stringify(polygons)} and ${rectangle}`;
      assert.equal(featureIntersectsRectangle(batch, 0, ...rectangle), expected, message);
      const small = rectangle.map((v) => v * 2 ** -44 - 153.5) as Rectangle;
      assert.equal(featureIntersectsRectangle(tiny, 0, ...small), expected, message);
      assert.equal(featureContainsPoint(batch, 0, x, y), inPolygons([x, y, 1], polygons), message);
      found[`${expected}`]++;
    }
  }
  assert.equal(found.true + found.false, 6 * count);
  assert.ok(found.true > count / 2 && found.false > count / 2, JSON.stringify(found));
});

test('segmentIntersectsRectangle is exact where a segment passes a corner', () => {
  assert.equal(segmentIntersectsRectangle(0, 2, 2, 0, 1, 1, 3, 3), true);
  assert.equal(segmentIntersectsRectangle(0, 2, 2, -1e-16 * 4, 1, 1, 3, 3), false);
  assert.equal(segmentIntersectsRectangle(0, 2, 2, 1e-300, 1, 1, 3, 3), true);
  assert.equal(segmentIntersectsRectangle(-1, 2, 9, 2, 1, 1, 3, 3), true, 'passes through');
  assert.equal(segmentIntersectsRectangle(3, 3, 9, 9, 1, 1, 3, 3), true, 'ends in the corner');
  assert.equal(segmentIntersectsRectangle(4, 0, 4, 9, 1, 1, 3, 3), false);
  assert.equal(segmentIntersectsRectangle(2, 2, 2, 2, 1, 1, 3, 3), true, 'a point');
});

test('a rectangle in a hole does not meet the polygon until it touches', () => {
  const batch = batchOf('POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (3 3, 6 3, 6 6, 3 6, 3 3))');
  assert.equal(featureIntersectsRectangle(batch, 0, 4, 4, 5, 5), false);
  assert.equal(featureIntersectsRectangle(batch, 0, 4, 4, 6, 5), true);
  assert.equal(featureIntersectsRectangle(batch, 0, 1, 1, 2, 2), true);
  assert.equal(featureIntersectsRectangle(batch, 0, 10, 10, 12, 12), false);
  assert.equal(featureIntersectsRectangle(batchOf('POLYGON EMPTY'), 0, 0, 0, 1, 1), false);
});
