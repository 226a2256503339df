/**
 * What does the area that two polygons have in common cost a pair: of 31 vertices, of 1,000, of
 * neighbours that share a border, of big ones; and finding the pairs of boxes that touch, a box?
 */

import { Random } from '../../src/core/random.ts';
import { FeatureBatch } from '../../src/geometry/batch.ts';
import { boxPairs } from '../../src/overlap/box-pairs.ts';
import { IntersectionArea } from '../../src/overlap/intersection-area.ts';
import { polarBatch } from './sample.ts';
import { timeKernel } from './time.ts';

const random = new Random(11);
const kernel = new IntersectionArea();

/** The batch, moved. */
function moved(batch: FeatureBatch, dx: number, dy: number): FeatureBatch {
  const copy = new FeatureBatch();
  for (let i = 0; i < batch.featureCount; i++) {
    const start = batch.ringOffsets[i]!;
    const ring = batch.xy.slice(2 * start, 2 * batch.ringOffsets[i + 1]!);
    for (let k = 0; k < ring.length; k += 2) {
      ring[k]! += dx;
      ring[k + 1]! += dy;
    }
    appendRing(copy, ring);
  }
  return copy;
}

function appendRing(batch: FeatureBatch, ring: Float64Array): void {
  batch.beginFeature(batch.featureCount + 1);
  batch.beginPolygon();
  batch.beginRing();
  batch.reserveVertices(ring.length / 2);
  batch.xy.set(ring, 2 * batch.vertexCount);
  batch.vertexCount += ring.length / 2;
  batch.endRing();
  batch.endPolygon();
  batch.endFeature();
}

function timePairs(name: string, a: FeatureBatch, b: FeatureBatch): void {
  let areal = 0;
  const run = (): void => {
    areal = 0;
    for (let i = 0; i < a.featureCount; i++) if (kernel.of(a, i, b, i) > 0) areal++;
  };
  timeKernel(`intersection area: ${name}`, 'pair', a.featureCount, run, {
    outcome: () => `${((100 * areal) / a.featureCount).toFixed(0)} % areal`,
  });
}

const polygons = polarBatch(3, 5_000);
timePairs('31 vertices', polygons, moved(polygons, 2.2, 1.3));
timePairs('31, a corner in common', polygons, moved(polygons, 12, 9));
timePairs('31, identical', polygons, polygons);

/** Features in a rough circle of radius 1, whose radius varies by a part. */
function circles(count: number, vertices: number, roughness: number): FeatureBatch {
  const batch = new FeatureBatch();
  for (let n = 0; n < count; n++) {
    const ring = new Float64Array(2 * vertices + 2);
    for (let k = 0; k < vertices; k++) {
      const angle = (2 * Math.PI * k) / vertices;
      const radius = 1 - roughness * random.next();
      ring[2 * k] = radius * Math.cos(angle);
      ring[2 * k + 1] = radius * Math.sin(angle);
    }
    ring.copyWithin(2 * vertices, 0, 2);
    appendRing(batch, ring);
  }
  return batch;
}

for (const [vertices, count] of [
  [1_000, 100],
  [10_000, 10],
  [100_000, 1],
] as const) {
  const name = `${vertices.toLocaleString('en')}`;
  const smooth = circles(count, vertices, 0.01 / vertices);
  timePairs(`${name}, smooth`, smooth, moved(smooth, 0.2, 0.1));
  if (vertices > 1_000) continue;
  const spiky = circles(10, vertices, 0.5);
  timePairs(`${name}, spikes`, spiky, moved(spiky, 0.2, 0.1));
}

/** Both sides of a border of `vertices`, in degrees at 150° W, 70° N. */
function neighbours(count: number, vertices: number): [FeatureBatch, FeatureBatch] {
  const sides = [new FeatureBatch(), new FeatureBatch()] as const;
  for (let n = 0; n < count; n++) {
    const border = Float64Array.from({ length: 2 * vertices }, (_, k) =>
      k & 1 ? 70 + 1e-5 * random.next() : -150 + 1e-5 * (k / 2),
    );
    for (const [side, batch] of sides.entries()) {
      const y = 70 + (side === 0 ? 1e-4 : -1e-4);
      const east = -150 + 1e-5 * (vertices - 1);
      appendRing(batch, Float64Array.of(...border, east, y, -150, y, border[0]!, border[1]!));
    }
  }
  return [...sides];
}
timePairs('31, a border in common', ...neighbours(2_000, 28));

const BOXES = 100_000;
for (const [name, size] of [
  ['none touch', 0.9],
  ['half touch', 1.02],
] as const) {
  const side = Math.ceil(Math.sqrt(BOXES));
  const boxes = new Float64Array(4 * BOXES);
  const groups = new Uint32Array(BOXES);
  for (let n = 0; n < BOXES; n++) {
    const x = (n % side) + 0.1 * random.next();
    const y = Math.floor(n / side) + 0.1 * random.next();
    boxes.set([x, y, x + size, y + size], 4 * n);
    groups[n] = n & 1;
  }
  let pairs = 0;
  const run = (): void => {
    pairs = 0;
    boxPairs(boxes, groups, false, () => {
      pairs++;
    });
  };
  timeKernel(`box pairs: ${name}`, 'box', BOXES, run, {
    outcome: () => `${(pairs / BOXES).toFixed(2)} pairs a box`,
  });
}
