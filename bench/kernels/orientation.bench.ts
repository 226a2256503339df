/** What does an exact orientation cost, and a point in a ring? */

import { Random } from '../../src/core/random.ts';
import { orient2d, pointInRing } from '../../src/geometry/orientation.ts';
import { polarBatch } from './sample.ts';
import { timeKernel } from './time.ts';

const COUNT = 200_000;
const random = new Random(7);
const points = Float64Array.from({ length: 6 * COUNT }, () => random.next());
const collinear = points.slice();
for (let k = 0; k < collinear.length; k += 6) {
  // The third point on the line through the other two, as exactly as doubles have it.
  const t = random.next();
  collinear[k + 4] = collinear[k]! + t * (collinear[k + 2]! - collinear[k]!);
  collinear[k + 5] = collinear[k + 1]! + t * (collinear[k + 3]! - collinear[k + 1]!);
}

let left = 0;
const orient = (p: Float64Array): void => {
  left = 0;
  for (let k = 0; k < p.length; k += 6) {
    if (orient2d(p[k]!, p[k + 1]!, p[k + 2]!, p[k + 3]!, p[k + 4]!, p[k + 5]!) > 0) left++;
  }
};
const outcome = (): string => `${((100 * left) / COUNT).toFixed(1)} % to the left`;
timeKernel('orientation: anywhere', 'triple', COUNT, () => orient(points), { outcome });
timeKernel('orientation: nearly collinear', 'triple', COUNT, () => orient(collinear), { outcome });

const batch = polarBatch(6, 20_000);
let inside = 0;
const locate = (): void => {
  inside = 0;
  for (let r = 0; r < batch.ringCount; r++) {
    const start = batch.ringOffsets[r]!;
    const x = batch.xy[2 * start]! - 5;
    const y = batch.xy[2 * start + 1]!;
    if (pointInRing(x, y, batch.xy, start, batch.ringOffsets[r + 1]!) > 0) inside++;
  }
};
timeKernel('orientation: point in ring', 'polygon', batch.ringCount, locate, {
  outcome: () => `${((100 * inside) / batch.ringCount).toFixed(0)} % inside`,
});
