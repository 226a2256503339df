/** Pairs of overlapping features of three scenes, against GEOS's. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DropCounter } from '../../src/core/drops.ts';
import { resolveCrs } from '../../src/crs/resolve.ts';
import { createTransform } from '../../src/crs/transform.ts';
import { openGeoPackage } from '../../src/formats/geopackage/source.ts';
import { FeatureBatch } from '../../src/geometry/batch.ts';
import { featureBounds, measureFeature } from '../../src/geometry/measure.ts';
import { boxPairs } from '../../src/overlap/box-pairs.ts';
import { IntersectionArea } from '../../src/overlap/intersection-area.ts';

const golden = join(import.meta.dirname, '../../../shared/data/golden/dedup');
const skip = existsSync(golden) ? false : `no golden data at ${golden}`;

/** All features of a scene, in EPSG:4326. */
function readScene(name: string): FeatureBatch {
  const source = openGeoPackage(join(golden, 'input', name));
  try {
    const [layer] = source.layers();
    const [slice, ...others] = [...source.slices(layer!.name, Number.POSITIVE_INFINITY)];
    assert.equal(others.length, 0);
    const batch = new FeatureBatch();
    const limits = { maxFeatures: 10_000, maxVertices: 1e6 };
    const notes = { rowsRead: 0, droppedM: 0 };
    const read = source.read(layer!.name, slice!, batch, {
      ...limits,
      drops: new DropCounter(),
      notes,
    });
    assert.equal([...read].length, 1);
    const transform = createTransform(
      resolveCrs({ authority: 'EPSG', code: '3413' }),
      resolveCrs({ authority: 'EPSG', code: '4326' }),
    );
    transform.apply(batch.xy, 0, batch.vertexCount);
    return batch;
  } finally {
    source.close();
  }
}

test('three scenes: every overlap within 1e-6 of GEOS, and no other pair', { skip }, (t) => {
  const names = ['scene_a.gpkg', 'scene_b.gpkg', 'scene_c.gpkg'];
  const scenes = names.map(readScene);
  const features = scenes.flatMap((batch, scene) =>
    Array.from({ length: batch.featureCount }, (_, i) => ({ batch, scene, i })),
  );
  const boxes = new Float64Array(4 * features.length);
  for (const [n, { batch, i }] of features.entries()) featureBounds(batch, i, boxes, 4 * n);
  const groups = Uint32Array.from(features, ({ scene }) => scene);

  const area = new IntersectionArea();
  const measures = new Float64Array(3);
  const overlaps = new Map<string, number[]>();
  let candidates = 0;
  boxPairs(boxes, groups, false, (m, n) => {
    candidates++;
    const [a, b] = [features[m]!, features[n]!];
    const shared = area.of(a.batch, a.i, b.batch, b.i);
    assert.ok(Math.abs(area.of(b.batch, b.i, a.batch, a.i) - shared) <= 1e-12 * shared);
    if (shared === 0) return;
    const key = [a, b].map(({ batch, scene, i }) => `${names[scene]},${batch.positions[i]}`);
    overlaps.set(
      key.join(),
      [a, b].map(({ batch, i }) => {
        measureFeature(batch, i, measures);
        return shared / measures[0]!;
      }),
    );
  });

  const lines = readFileSync(join(golden, 'pairs.csv'), 'utf8').trim().split('\n').slice(1);
  assert.equal(lines.length, 1088);
  assert.equal(overlaps.size, lines.length);
  let farthest = 0;
  for (const line of lines) {
    const fields = line.split(',');
    const found = overlaps.get(fields.slice(0, 4).join());
    assert.ok(found, `no overlap: ${line}`);
    for (const [k, overlap] of found.entries()) {
      farthest = Math.max(farthest, Math.abs(overlap - Number(fields[4 + k])));
    }
  }
  assert.ok(farthest < 1e-6, `${farthest}`);
  t.diagnostic(`${candidates} pairs of boxes; overlaps within ${farthest.toExponential(1)}`);
});
