/**
 * What does the check of validity cost, beside simplifying and reprojecting the same features? By
 * step: polygons that are stars, bent ones that are not, with holes, real coasts; and shapes that
 * make it slow.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DropCounter } from '../../src/core/drops.ts';
import { resolveCrs } from '../../src/crs/resolve.ts';
import { createTransform } from '../../src/crs/transform.ts';
import { openShapefile } from '../../src/formats/shapefile/source.ts';
import { FeatureBatch } from '../../src/geometry/batch.ts';
import { simplifyBatch } from '../../src/geometry/simplify.ts';
import { ValidityCheck } from '../../src/geometry/validity/check.ts';
import { INVALID } from '../../src/geometry/validity/kinds.ts';
import { polarBatch } from './sample.ts';
import { timeKernel } from './time.ts';

const REAL = join(import.meta.dirname, '../../../shared/data/real/natural-earth');
const ROUNDS = 20;
const WARM_UP_ROUNDS = 3;
const check = new ValidityCheck();

function countInvalid(batch: FeatureBatch): number {
  let invalid = 0;
  for (let i = 0; i < batch.featureCount; i++) if (check.of(batch, i) & INVALID) invalid++;
  return invalid;
}

/**
 * Beside what else is done with the features: the CPU time of either, which is coarse, over rounds that
 * alternate. `from` and `to` are codes of EPSG.
 */
function compare(
  name: string,
  batch: FeatureBatch,
  from: number,
  to: number,
  tolerance: number,
): void {
  const crs = (code: number) => resolveCrs({ authority: 'EPSG', code: String(code) });
  const transform = createTransform(crs(from), crs(to));
  const xy = batch.xy.slice();
  const ringOffsets = batch.ringOffsets.slice();
  const { vertexCount } = batch;
  const nanoseconds = (run: () => void): number => {
    const before = process.threadCpuUsage();
    run();
    const { user, system } = process.threadCpuUsage(before);
    return (1000 * (user + system)) / (ROUNDS * vertexCount);
  };
  let invalid = 0;
  let cost = 0;
  let other = 0;
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    if (round === 0) {
      cost = 0;
      other = 0;
    }
    cost += nanoseconds(() => {
      invalid = countInvalid(batch);
    });
    other += nanoseconds(() => {
      simplifyBatch(batch, tolerance);
      transform.apply(batch.xy, 0, batch.vertexCount);
    });
    batch.xy.set(xy);
    batch.ringOffsets.set(ringOffsets);
    batch.vertexCount = vertexCount;
  }
  console.log(
    `${name}: check ${cost.toFixed(1)}, simplify and reproject ${other.toFixed(1)} ns per vertex: ` +
      `${((100 * cost) / other).toFixed(0)} % (${batch.featureCount} features, ${invalid} invalid)`,
  );
}

function timeCheck(name: string, batch: FeatureBatch): void {
  timeKernel(name, 'vertex', batch.vertexCount, () => countInvalid(batch));
}

function naturalEarth(name: string): FeatureBatch {
  const source = openShapefile(join(REAL, `${name}.shp`));
  const layer = source.layers()[0]!.name;
  const all = { maxFeatures: 1e6, maxVertices: 1e7 };
  const options = { ...all, drops: new DropCounter(), notes: { rowsRead: 0, droppedM: 0 } };
  const [slice] = source.slices(layer, Number.POSITIVE_INFINITY);
  const [batch] = source.read(layer, slice!, new FeatureBatch(), options);
  source.close();
  return batch!;
}

/** A batch of one feature with these rings, all of one polygon. */
function feature(rings: number[][]): FeatureBatch {
  const batch = new FeatureBatch();
  batch.beginFeature(1);
  batch.beginPolygon();
  for (const ring of rings) {
    batch.beginRing();
    batch.reserveVertices(ring.length / 2 + 1);
    batch.xy.set(ring, 2 * batch.vertexCount);
    batch.xy.set(ring.slice(0, 2), 2 * batch.vertexCount + ring.length);
    batch.vertexCount += ring.length / 2 + 1;
    batch.endRing();
  }
  batch.endPolygon();
  batch.endFeature();
  return batch;
}

/** A comb whose teeth lean by `lean`: over many others, if that is much. */
function comb(teeth: number, lean: number): number[] {
  const ring = [teeth, -1, -1, -1];
  for (let t = 0; t < teeth; t++) ring.push(t, 0, t + lean + 0.3, teeth, t + 0.6, 0);
  return ring;
}

/** Bends the polygons of a batch, so that not all is seen from their middle. */
function bend(batch: FeatureBatch): FeatureBatch {
  const { xy } = batch;
  for (let r = 0; r < batch.ringCount; r++) {
    const start = 2 * batch.ringOffsets[r]!;
    const x0 = xy[start]!;
    for (let k = start; k < 2 * batch.ringOffsets[r + 1]!; k += 2) {
      xy[k + 1]! += (xy[k]! - x0) ** 2 / 4;
    }
  }
  return batch;
}

/** The polygons of a batch, each with a smaller one of itself as a hole. */
function pierce(batch: FeatureBatch): FeatureBatch {
  const pierced = new FeatureBatch();
  for (let r = 0; r < batch.ringCount; r++) {
    const ring = batch.xy.subarray(2 * batch.ringOffsets[r]!, 2 * batch.ringOffsets[r + 1]!);
    const middle = [0, 1].map((axis) => {
      let sum = 0;
      for (let k = axis; k < ring.length - 2; k += 2) sum += ring[k]!;
      return sum / (ring.length / 2 - 1);
    });
    pierced.beginFeature(r + 1);
    pierced.beginPolygon();
    for (const scale of [1, -0.3]) {
      pierced.beginRing();
      pierced.reserveVertices(ring.length / 2);
      ring.forEach((value, k) => {
        const centre = middle[k & 1]!;
        pierced.xy[2 * pierced.vertexCount + k] = centre + scale * (value - centre);
      });
      pierced.vertexCount += ring.length / 2;
      pierced.endRing();
    }
    pierced.endPolygon();
    pierced.endFeature();
  }
  return pierced;
}

compare('31 vertices, stars', polarBatch(1, 20_000), 3413, 4326, 0.5);
compare('31 vertices, bent', bend(polarBatch(1, 20_000)), 3413, 4326, 0.5);
compare('31 vertices and a hole', pierce(polarBatch(1, 20_000)), 3413, 4326, 0.5);
if (existsSync(REAL)) {
  for (const name of ['ne_10m_glaciated_areas', 'ne_10m_lakes']) {
    compare(name, naturalEarth(name), 4326, 3857, 0.0001);
  }
} else {
  console.log('../shared/data/real is not here: no natural earth');
}

const LARGE = 100_000;
timeCheck('a comb', feature([comb(LARGE / 3, 0)]));
timeCheck('a comb that leans', feature([comb(LARGE / 3, LARGE / 3)]));
const holes = [[0, 0, LARGE, 0, LARGE, 2, 0, 2]];
for (let k = 0; k < LARGE / 4; k++) holes.push([4 * k + 1, 1, 4 * k + 2, 1.5, 4 * k + 3, 1]);
timeCheck('25,000 holes', feature(holes));
