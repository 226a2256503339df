/** What does it cost to repair a feature, by what is wrong with it? */

import { Random } from '../../src/core/random.ts';
import { FeatureBatch } from '../../src/geometry/batch.ts';
import { repairFeature } from '../../src/geometry/repair/repair.ts';
import { polarBatch } from './sample.ts';
import { timeKernel } from './time.ts';

const COUNT = 2000;
const sample = polarBatch(8, COUNT);
const random = new Random(8);

/** Appends a copy of the ring of polygon p, moved in x. */
function ring(into: FeatureBatch, p: number, shift = 0): void {
  const start = sample.ringOffsets[p]!;
  const end = sample.ringOffsets[p + 1]!;
  into.beginRing();
  into.reserveVertices(end - start);
  for (let v = start; v < end; v++) {
    into.xy[2 * into.vertexCount] = sample.xy[2 * v]! + shift;
    into.xy[2 * into.vertexCount++ + 1] = sample.xy[2 * v + 1]!;
  }
  into.endRing();
}

function batchOf(draw: (into: FeatureBatch, p: number) => void): FeatureBatch {
  const batch = new FeatureBatch();
  for (let p = 0; p < sample.featureCount; p++) {
    batch.beginFeature(p);
    batch.beginPolygon();
    draw(batch, p);
    batch.endPolygon();
    batch.endFeature();
  }
  return batch;
}

/** Changes the inner vertices from, from + 1, … of the ring that was appended last. */
function change(batch: FeatureBatch, count: number, move: (k: number) => void): void {
  const first = batch.ringOffsets[batch.ringCount - 1]! + 1;
  const last = batch.vertexCount - 1 - count;
  move(2 * (first + random.integer(last - first)));
}

const KINDS: Record<string, (into: FeatureBatch, p: number) => void> = {
  nothing: ring,
  'two vertices swapped': (into, p) => {
    ring(into, p);
    change(into, 2, (k) => {
      const { xy } = into;
      for (const at of [k, k + 1]) [xy[at], xy[at + 2]] = [xy[at + 2]!, xy[at]!];
    });
  },
  'a vertex far off': (into, p) => {
    ring(into, p);
    change(into, 1, (k) => {
      into.xy[k]! += 40 * random.next() - 20;
      into.xy[k + 1]! += 40 * random.next() - 20;
    });
  },
  'a spike': (into, p) => {
    ring(into, p);
    change(into, 3, (k) => into.xy.copyWithin(k + 4, k, k + 2));
  },
  'its own hole, moved': (into, p) => {
    ring(into, p);
    ring(into, p, 5);
  },
  'a shell twice': (into, p) => {
    ring(into, p);
    into.endPolygon();
    into.beginPolygon();
    ring(into, p);
  },
};

const out = new FeatureBatch();
for (const [kind, draw] of Object.entries(KINDS)) {
  const batch = batchOf(draw);
  let polygons = 0;
  const repair = (): void => {
    polygons = 0;
    for (let i = 0; i < batch.featureCount; i++) {
      out.clear();
      out.beginFeature(i);
      if (repairFeature(batch, i, out)) polygons += out.polygonCount;
    }
  };
  timeKernel(`repair: ${kind}`, 'feature', batch.featureCount, repair, {
    outcome: () => `${polygons} polygons`,
  });
}
