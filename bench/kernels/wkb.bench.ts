/** What does well-known binary cost a polygon, read and written? */

import { FeatureBatch } from '../../src/geometry/batch.ts';
import { decodeWkb, encodeWkb, wkbLength } from '../../src/geometry/wkb.ts';
import { polarBatch } from './sample.ts';
import { timeKernel } from './time.ts';

const batch = polarBatch(5, 20_000);
let size = 0;
const offsets = new Int32Array(batch.featureCount + 1);
for (let i = 0; i < batch.featureCount; i++) {
  size += wkbLength(batch, i);
  offsets[i + 1] = size;
}
const bytes = new Uint8Array(size);
const view = new DataView(bytes.buffer);

const encode = (): void => {
  for (let i = 0; i < batch.featureCount; i++) encodeWkb(batch, i, bytes, view, offsets[i]!);
};
timeKernel('WKB: write', 'polygon', batch.featureCount, encode, {
  outcome: () => `${(size / batch.featureCount).toFixed(0)} bytes a polygon`,
});

const read = new FeatureBatch();
const decode = (): void => {
  read.clear();
  for (let i = 0; i < batch.featureCount; i++) {
    read.beginFeature(i);
    decodeWkb(read, bytes, offsets[i]!, offsets[i + 1]!);
    read.endFeature();
  }
};
timeKernel('WKB: read', 'polygon', batch.featureCount, decode, {
  outcome: () => `${(read.vertexCount / read.featureCount).toFixed(1)} vertices a polygon`,
});
