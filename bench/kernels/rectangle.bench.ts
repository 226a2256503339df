/**
 * What does the intersection of a polygon and a rectangle cost a polygon, when the rectangle is at
 * its centre, over a part of it, in an empty corner of its bounds, and apart?
 */

import { featureBounds } from '../../src/geometry/measure.ts';
import { featureIntersectsRectangle } from '../../src/geometry/rectangle.ts';
import { polarBatch } from './sample.ts';
import { timeKernel } from './time.ts';

const batch = polarBatch(3, 20_000);
const bounds = new Float64Array(4 * batch.featureCount);
for (let i = 0; i < batch.featureCount; i++) featureBounds(batch, i, bounds, 4 * i);

/** Where the rectangle begins and ends, as parts of the polygon's width and height. */
const PLACES: [string, number, number][] = [
  ['at its centre', 0.4, 0.6],
  ['over the north-east', 0.7, 1.5],
  ['in a corner of its bounds', 0.97, 1.5],
  ['apart', 1.1, 1.5],
];

for (const [name, from, to] of PLACES) {
  let hits = 0;
  const run = (): void => {
    hits = 0;
    for (let i = 0; i < batch.featureCount; i++) {
      const x = bounds[4 * i]!;
      const y = bounds[4 * i + 1]!;
      const width = bounds[4 * i + 2]! - x;
      const height = bounds[4 * i + 3]! - y;
      const maxX = x + to * width;
      const maxY = y + to * height;
      if (featureIntersectsRectangle(batch, i, x + from * width, y + from * height, maxX, maxY)) {
        hits++;
      }
    }
  };
  timeKernel(`rectangle: ${name}`, 'polygon', batch.featureCount, run, {
    outcome: () => `${((100 * hits) / batch.featureCount).toFixed(1)} % intersect`,
  });
}
