/** What does simplification cost a vertex, when nothing, some and most vertices go? */

import { simplifyBatch } from '../../src/geometry/simplify.ts';
import { polarBatch } from './sample.ts';
import { timeKernel } from './time.ts';

const batch = polarBatch(1, 20_000);
const xy = batch.xy.slice();
const ringOffsets = batch.ringOffsets.slice();
const { vertexCount } = batch;

for (const tolerance of [0.0001, 0.5, 2]) {
  let removed = 0;
  timeKernel(
    `simplify, ${tolerance} m`,
    'vertex',
    vertexCount,
    () => {
      removed = simplifyBatch(batch, tolerance);
    },
    {
      reset: () => {
        batch.xy.set(xy);
        batch.ringOffsets.set(ringOffsets);
        batch.vertexCount = vertexCount;
      },
      outcome: () => `${((100 * removed) / vertexCount).toFixed(1)} % removed`,
    },
  );
}
