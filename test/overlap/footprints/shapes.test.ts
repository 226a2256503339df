import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { suite, test } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import { FeatureBatch } from '../../../src/geometry/batch.ts';
import { CellUnion } from '../../../src/overlap/footprints/cell-union.ts';
import { ConvexHull } from '../../../src/overlap/footprints/convex-hull.ts';
import { batchOf } from '../../conformance/jts.ts';
import { noShapely } from '../predicates/geos.ts';

/** Whether each MultiPolygon is valid, and its difference to the union of the boxes; of others the hull. */
const PROGRAM = `
import json, sys
from shapely.geometry import box, MultiPoint, MultiPolygon, Polygon
from shapely.ops import unary_union

def rings(polygon):
    pairs = [list(zip(r[::2], r[1::2])) for r in polygon]
    return Polygon(pairs[0], pairs[1:])

for case in json.load(sys.stdin):
    if 'boxes' in case:
        made = MultiPolygon([rings(p) for p in case['polygons']])
        expected = unary_union([box(*b) for b in case['boxes']])
        print(json.dumps([made.is_valid, made.symmetric_difference(expected).area, made.area]))
    else:
        made = rings([case['ring']])
        hull = MultiPoint(list(zip(case['xy'][::2], case['xy'][1::2]))).convex_hull
        print(json.dumps([made.is_valid and made.exterior.is_ccw, made.symmetric_difference(hull).area, len(hull.exterior.coords) - len(made.exterior.coords)]))
`;

function answers(cases: readonly object[]): [boolean, number, number][] {
  const { stdout, stderr, status } = spawnSync('/usr/bin/python3', ['-c', PROGRAM], {
    input: JSON.stringify(cases),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(stderr);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as [boolean, number, number]);
}

/** A batch of boxes that lie within cells of this size. */
function boxesIn(cells: readonly (readonly [number, number])[], size: number): FeatureBatch {
  return batchOf(
    ...cells.map(([column, row]) => {
      const [x1, y1] = [(column + 0.3) * size, (row + 0.3) * size];
      const [x2, y2] = [(column + 0.6) * size, (row + 0.6) * size];
      const ring = [x1, y1, x2, y1, x2, y2, x1, y2, x1, y1];
      return { type: 'POLYGON', coordinates: ring, polygons: [[ring]] };
    }),
  );
}

suite('shapes of footprints', { skip: noShapely }, () => {
  test('unions of cells are valid, and those of GEOS, with holes and where cells touch in corners', () => {
    const random = new Random(3);
    const cases = Array.from({ length: 90 }, (_, round) => {
      const size = [1, 0.1, 7][round % 3]!;
      const grid = [4, 8, 14][round % 3]!;
      const share = 0.2 + 0.6 * random.next();
      const cells: [number, number][] = [];
      for (let row = -2; row < grid; row++) {
        for (let column = -2; column < grid; column++) {
          if (random.next() < share) cells.push([column, row]);
        }
      }
      if (cells.length === 0) cells.push([0, 0]);
      const union = new CellUnion(size);
      assert.ok(union.add(boxesIn(cells, size)));
      assert.equal(union.count, cells.length);
      const boxes = cells.map(([x, y]) => [x * size, y * size, (x + 1) * size, (y + 1) * size]);
      return { boxes, polygons: union.polygons() };
    });
    for (const [k, [valid, difference, area]] of answers(cases).entries()) {
      assert.ok(valid, JSON.stringify(cases[k]));
      assert.ok(difference < 1e-9 * area, `${k}: ${difference} of ${area}`);
    }
  });

  test('a feature is in the cells that it intersects, edges and corners included', () => {
    const union = new CellUnion(1);
    union.add(batchOf('POLYGON((0.2 0.2, 2.5 0.2, 2.5 0.4, 0.2 0.4, 0.2 0.2))'));
    assert.equal(union.count, 3);
    union.add(batchOf('POLYGON((5 5, 6 5, 6 6, 5 6, 5 5))'));
    assert.equal(union.count, 12);
    assert.equal(union.add(batchOf('POLYGON((0 0, 9e6 0, 9e6 9e6, 0 9e6, 0 0))')), false);
  });

  test('hulls are those of GEOS, also of more vertices than are kept', () => {
    const random = new Random(4);
    const cases = Array.from({ length: 40 }, (_, round) => {
      const count = round === 0 ? 90_000 : 3 + random.integer(60);
      const xy = Array.from({ length: 2 * count }, () =>
        round % 2 === 0 ? random.normal() : random.integer(9),
      );
      // Three that are on no line, so that there is an area.
      xy.splice(0, 6, 0, 0, 8, 0, 0, 8);
      const hull = new ConvexHull();
      for (let k = 0; k < xy.length; k += 40_000) {
        const batch = new FeatureBatch();
        const some = xy.slice(k, k + 40_000);
        batch.reserveVertices(some.length / 2);
        batch.xy.set(some);
        batch.vertexCount = some.length / 2;
        hull.add(batch);
      }
      return { xy, ring: [...hull.ring()] };
    });
    for (const [k, [isRight, difference, more]] of answers(cases).entries()) {
      assert.ok(isRight && difference === 0 && more === 0, `${k}: ${difference}, ${more}`);
    }
  });
});
