/** What do bounds, area and centroid cost a vertex? */

import { featureBounds, measureFeature } from '../../src/geometry/measure.ts';
import { geographicBatch } from './sample.ts';
import { timeKernel } from './time.ts';

const batch = geographicBatch(2, 20_000);
const out = new Float64Array(4);

let area = 0;
const measureAll = (): void => {
  area = 0;
  for (let i = 0; i < batch.featureCount; i++) {
    measureFeature(batch, i, out);
    area += out[0]!;
  }
};
timeKernel('measure: area and centroid', 'vertex', batch.vertexCount, measureAll, {
  outcome: () => `${(area / batch.featureCount).toExponential(2)} square degrees a polygon`,
});

let width = 0;
const boundAll = (): void => {
  width = 0;
  for (let i = 0; i < batch.featureCount; i++) {
    featureBounds(batch, i, out, 0);
    width += out[2]! - out[0]!;
  }
};
timeKernel('measure: bounds', 'vertex', batch.vertexCount, boundAll, {
  outcome: () => `${(width / batch.featureCount).toExponential(2)} degrees wide`,
});
