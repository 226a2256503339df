/** Points and triangles over the whole of each set of OGC's registry, at all z: the tiles they are in. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { resolveCrs } from '../../src/crs/resolve.ts';
import { FeatureBatch } from '../../src/geometry/batch.ts';
import { featureBounds } from '../../src/geometry/measure.ts';
import { coverFeature } from '../../src/tms/cover.ts';
import { getTileMatrixSet } from '../../src/tms/registry.ts';
import { TileList } from '../../src/tms/tile-list.ts';
import type { TileMatrix } from '../../src/tms/tile-matrix.ts';
import { seededRandom } from '../geometry/random.ts';
import { NO_SHARED_DATA, sharedData } from '../staging/support.ts';
import { PlainMatrix, publishedSets, type Triangle } from './published-sets.ts';

const REGISTRY = sharedData('conformance/ogc-tms/registry/json');
/** Parts of a tile by which the published rounding moves edges at the far end of 10⁹ columns. */
const SLACK = 0.02;
const POINTS = 60;
const TRIANGLES = 12;

function ours(triangle: Triangle, matrix: TileMatrix): string[] {
  const batch = new FeatureBatch();
  batch.beginFeature(1);
  batch.beginPolygon();
  batch.beginRing();
  batch.reserveVertices(4);
  batch.xy.set([...triangle, triangle[0], triangle[1]], 0);
  batch.vertexCount = 4;
  batch.endRing();
  batch.endPolygon();
  batch.endFeature();
  const bounds = new Float64Array(4);
  featureBounds(batch, 0, bounds, 0);
  const out = new TileList();
  assert.ok(coverFeature(batch, 0, bounds, matrix, out));
  return Array.from({ length: out.length }, (_, i) => `${out.columns[i]}/${out.rows[i]}`);
}

describe("the tiles of OGC's registry", { skip: REGISTRY === null && NO_SHARED_DATA }, () => {
  const sets = REGISTRY === null ? [] : publishedSets(REGISTRY);
  const met = { points: 0, outside: 0, triangles: 0, tiles: 0, uncertain: 0 };

  for (const [n, set] of sets.entries()) {
    it(set.id, () => {
      const tms = getTileMatrixSet(set.id);
      assert.notEqual(resolveCrs(tms.crs).wkt, '');
      const random = seededRandom(n + 1);
      for (const json of set.tileMatrices) {
        const plain = new PlainMatrix(set, json);
        const matrix = tms.matrix(Number(json.id));
        const [minX, minY, maxX, maxY] = plain.box;
        const [spanX, spanY] = plain.span;
        /** In the matrix, or a little beside it. */
        const anywhere = (): [number, number] => [
          minX + (maxX - minX) * (1.1 * random() - 0.05),
          minY + (maxY - minY) * (1.1 * random() - 0.05),
        ];
        const fraction = (v: number) => Math.abs(v - Math.round(v));
        for (let k = 0; k < POINTS; k++) {
          const [x, y] = anywhere();
          const [column, row] = plain.place(x, y);
          if (fraction(column) < SLACK || fraction(row) < SLACK) continue;
          const inside = column >= 0 && column < plain.width && row >= 0 && row < plain.height;
          const wide = inside ? plain.coalesce(Math.floor(row)) : 1;
          const expected = inside && {
            z: Number(json.id),
            x: Math.floor(column / wide) * wide,
            y: Math.floor(row),
          };
          assert.deepEqual(matrix.tileAt(x, y), expected || null, `${json.id}: ${x}, ${y}`);
          met[inside ? 'points' : 'outside']++;
        }
        for (let k = 0; k < TRIANGLES; k++) {
          const [x, y] = anywhere();
          // Of some tiles, up to the whole of a matrix that has few.
          const size = [0.3, 2, 6, 12][k % 4]!;
          const [w, h] = [Math.min(size * spanX, maxX - minX), Math.min(size * spanY, maxY - minY)];
          const corners = [0, 1, 2].flatMap(() => [
            x + w * (random() - 0.5),
            y + h * (random() - 0.5),
          ]);
          const triangle = corners as Triangle;
          const { sure, maybe } = plain.cover(triangle, SLACK);
          const found = ours(triangle, matrix);
          for (const tile of found) assert.ok(maybe.has(tile), `${json.id}: ${triangle}, ${tile}`);
          const all = new Set(found);
          assert.equal(all.size, found.length, 'each once');
          for (const tile of sure) assert.ok(all.has(tile), `${json.id}: ${triangle}, ${tile}`);
          met.triangles++;
          met.tiles += sure.size;
          met.uncertain += maybe.size - sure.size;
        }
      }
    });
  }

  it('are enough to say so', () => {
    assert.equal(sets.length, 69);
    assert.ok(met.points > 60_000 && met.outside > 9000, JSON.stringify(met));
    assert.equal(met.triangles, 1667 * TRIANGLES);
    assert.ok(met.uncertain < 0.25 * met.tiles, JSON.stringify(met));
  });
});
