import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import { Area } from '../../../src/overlap/predicates/area.ts';
import { PREDICATES, type Predicate } from '../../../src/overlap/predicates/predicate.ts';
import {
  A_OUTSIDE,
  B_OUTSIDE,
  haveCommonPoint,
  holds,
  INTERIORS,
  MEET,
  relation,
} from '../../../src/overlap/predicates/relate.ts';
import {
  batchOf,
  type JtsGeometry,
  jtsSkip,
  jtsTests,
  parseGeometry,
} from '../../conformance/jts.ts';
import { noShapely, type Polygons, relatedPairs } from './geos.ts';

function areaOf(polygons: Polygons, scale = 1): Area {
  const geometry: JtsGeometry = {
    type: 'MULTIPOLYGON',
    coordinates: [],
    polygons: polygons.map((rings) => rings.map((ring) => ring.flat().map((n) => n * scale))),
  };
  return new Area().fill(batchOf(geometry), 0, 1);
}

function areaOfText(text: string, scale: number | null = null): Area | null {
  const geometry = parseGeometry(text, scale);
  if (geometry.polygons === null || geometry.polygons.length === 0) return null;
  return new Area().fill(batchOf(geometry), 0, 1);
}

/** The bits that a matrix of DE-9IM says of areas. */
function bitsOf(matrix: string): number {
  const meets = [0, 1, 3, 4].some((k) => matrix[k] !== 'F');
  return (
    (meets ? MEET : 0) |
    (matrix[0] !== 'F' ? INTERIORS : 0) |
    (matrix[2] !== 'F' ? A_OUTSIDE : 0) |
    (matrix[6] !== 'F' ? B_OUTSIDE : 0)
  );
}

suite('relations of areas', () => {
  test('are those of GEOS, on small grids where much coincides', { skip: noShapely }, () => {
    let count = 0;
    for (const { kind, a, b, matrix } of relatedPairs(7, 1500)) {
      // A factor that no double has exactly: points on edges come to lie beside them.
      const scale = kind === 'boxes' && count % 2 === 0 ? 0.1 : 1;
      const bits = relation(areaOf(a, scale), areaOf(b, scale));
      assert.equal(bits, bitsOf(matrix), JSON.stringify({ a, b, matrix, bits }));
      count++;
    }
    assert.equal(count, 1500);
  });

  test('answer as JTS does', { skip: jtsSkip }, () => {
    const counts = new Map<string, number>();
    for (const name of [...PREDICATES, 'coveredBy']) {
      for (const vector of jtsTests(name)) {
        if (vector.b === null) continue;
        const areas = [vector.a, vector.b].map((text) => areaOfText(text, vector.scale));
        const [a, b] = vector.args[0]?.toLowerCase() === 'b' ? areas.toReversed() : areas;
        if (a == null || b == null) continue;
        const predicate = name === 'coveredBy' ? 'within' : (name as Predicate);
        assert.equal(holds(predicate, a, b), vector.expected === 'true', JSON.stringify(vector));
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }
    }
    for (const vector of jtsTests('relate')) {
      if (vector.b === null) continue;
      const a = areaOfText(vector.a, vector.scale);
      const b = areaOfText(vector.b, vector.scale);
      const matrix = vector.pattern ?? vector.args[2];
      if (a === null || b === null || matrix === undefined || vector.expected !== 'true') continue;
      if (!/^[F012]{9}$/.test(matrix)) continue;
      assert.equal(relation(a, b), bitsOf(matrix), JSON.stringify(vector));
      counts.set('relate', (counts.get('relate') ?? 0) + 1);
    }
    assert.deepEqual(Object.fromEntries(counts), {
      intersects: 127,
      within: 109,
      contains: 126,
      covers: 110,
      overlaps: 108,
      crosses: 108,
      touches: 108,
      coveredBy: 109,
      relate: 124,
    });
  });
});

/** Closed triangles of bigints: whether all have a point in common, by clipping with fractions. */
type Fraction = readonly [bigint, bigint];
type Point = readonly [Fraction, Fraction];

const times = (a: Fraction, b: Fraction): Fraction => [a[0] * b[0], a[1] * b[1]];
const minus = (a: Fraction, b: Fraction): Fraction => [a[0] * b[1] - b[0] * a[1], a[1] * b[1]];
const plus = (a: Fraction, b: Fraction): Fraction => [a[0] * b[1] + b[0] * a[1], a[1] * b[1]];
const sign = ([n, d]: Fraction): number => (n === 0n ? 0 : n > 0n === d > 0n ? 1 : -1);

function turn(a: Point, b: Point, c: Point): Fraction {
  return minus(
    times(minus(b[0], a[0]), minus(c[1], a[1])),
    times(minus(b[1], a[1]), minus(c[0], a[0])),
  );
}

type Triangle = [number, number][];

function clipped(points: readonly Point[], triangle: Triangle): Point[] {
  const corners = triangle.map(
    ([x, y]): Point => [
      [BigInt(x), 1n],
      [BigInt(y), 1n],
    ],
  );
  const way = sign(turn(corners[0]!, corners[1]!, corners[2]!));
  let kept = [...points];
  for (const k of [0, 1, 2]) {
    const from = corners[k]!;
    const to = corners[(k + 1) % 3]!;
    const next: Point[] = [];
    for (const [i, point] of kept.entries()) {
      const before = kept.at(i - 1)!;
      const [d0, d1] = [turn(from, to, before), turn(from, to, point)];
      if (sign(d0) * sign(d1) < 0) {
        const t: Fraction = [d0[0] * minus(d0, d1)[1], d0[1] * minus(d0, d1)[0]];
        const at = (axis: 0 | 1): Fraction =>
          plus(before[axis], times(t, minus(point[axis], before[axis])));
        next.push([at(0), at(1)]);
      }
      if (sign(d1) * way >= 0) next.push(point);
    }
    kept = next;
  }
  return kept;
}

function haveCommon(...triangles: Triangle[]): boolean {
  const [first, ...others] = triangles;
  let points = first!.map(
    ([x, y]): Point => [
      [BigInt(x), 1n],
      [BigInt(y), 1n],
    ],
  );
  for (const triangle of others) points = clipped(points, triangle);
  return points.length > 0;
}

suite('a point that three areas have in common', () => {
  test('is found as by clipping triangles with fractions', () => {
    const random = new Random(5);
    const counts = [0, 0];
    for (let round = 0; round < 2000; round++) {
      const grid = [4, 6, 9, 12][round % 4]!;
      const whole = (): number => random.integer(grid);
      const triangle = (): Triangle => {
        for (;;) {
          const t = [0, 1, 2].map((): [number, number] => [whole(), whole()]);
          const [a, b, c] = t as [[number, number], [number, number], [number, number]];
          if ((b[0] - a[0]) * (c[1] - a[1]) !== (b[1] - a[1]) * (c[0] - a[0])) return t;
        }
      };
      // Parts of one area may lie on one another.
      const groups = [0, 1, 2].map(() => Array.from({ length: 1 + random.integer(2) }, triangle));
      const areas = groups.map((group) => areaOf(group.map((t) => [[...t, t[0]!]])));
      const expected = groups[0]!.some((a) =>
        groups[1]!.some((b) => groups[2]!.some((c) => haveCommon(a, b, c))),
      );
      const [a, b, c] = areas as [Area, Area, Area];
      assert.equal(haveCommonPoint(a, b, c), expected, JSON.stringify(groups));
      counts[expected ? 1 : 0]!++;
    }
    assert.ok(Math.min(...counts) > 200, `${counts}`);
  });
});
