/** Batches of which features are taken out, against such as are made of the others. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/core/random.ts';
import { RowWriter } from '../../src/formats/sqlite/record.ts';
import { FeatureBatch, HAS_Z, MULTI } from '../../src/geometry/batch.ts';
import { keepFeatures } from '../../src/geometry/keep-features.ts';

function addFeature(batch: FeatureBatch, random: Random, row: RowWriter): void {
  const hasZ = random.integer(3) === 0;
  const polygons = random.integer(3);
  const flags = (polygons > 1 ? MULTI : 0) | (hasZ ? HAS_Z : 0);
  batch.beginFeature(batch.featureCount * 3 + 1, flags);
  for (let p = 0; p < polygons; p++) {
    batch.beginPolygon();
    for (let r = random.integer(3); r >= 0; r--) {
      batch.beginRing();
      const count = 4 + random.integer(20);
      batch.reserveVertices(count, hasZ);
      for (let v = 0; v < count; v++) {
        batch.xy[2 * batch.vertexCount] = random.next();
        batch.xy[2 * batch.vertexCount + 1] = random.next();
        if (hasZ) batch.z[batch.vertexCount] = random.next();
        batch.vertexCount++;
      }
      batch.endRing();
    }
    batch.endPolygon();
  }
  row.clear();
  row.integer(random.integer(70_000));
  row.text('x'.repeat(random.integer(100)));
  batch.appendRow(row.types, 0, row.typesLength, row.body, 0, row.bodyLength);
  batch.endFeature();
}

/** All that a batch says of its features. */
function contentOf(batch: FeatureBatch) {
  const { featureCount, polygonCount, ringCount, vertexCount } = batch;
  const z: (number[] | null)[] = [];
  for (let i = 0; i < featureCount; i++) {
    const [first, end] = [batch.featureOffsets[i]!, batch.featureOffsets[i + 1]!].map((polygon) =>
      polygon === 0 ? 0 : batch.ringOffsets[batch.polygonOffsets[polygon]!]!,
    );
    z.push((batch.flags[i]! & HAS_Z) !== 0 ? [...batch.z.subarray(first, end)] : null);
  }
  return {
    ...{ featureCount, polygonCount, ringCount, vertexCount, z },
    xy: [...batch.xy.subarray(0, 2 * vertexCount)],
    rings: [...batch.ringOffsets.subarray(0, ringCount + 1)],
    polygons: [...batch.polygonOffsets.subarray(0, polygonCount + 1)],
    features: [...batch.featureOffsets.subarray(0, featureCount + 1)],
    flags: [...batch.flags.subarray(0, featureCount)],
    positions: [...batch.positions.subarray(0, featureCount)],
    types: [...batch.types.subarray(0, batch.typeOffsets[featureCount])],
    body: [...batch.body.subarray(0, batch.bodyOffsets[featureCount])],
    typeOffsets: [...batch.typeOffsets.subarray(0, featureCount + 1)],
    bodyOffsets: [...batch.bodyOffsets.subarray(0, featureCount + 1)],
  };
}

test('what is left is as if the others had never been appended', () => {
  const random = new Random(41);
  const row = new RowWriter();
  for (let n = 0; n < 300; n++) {
    const batch = new FeatureBatch();
    const count = 1 + random.integer(30);
    for (let i = 0; i < count; i++) addFeature(batch, random, row);
    const share = random.integer(11) / 10;
    const isKept = Uint8Array.from({ length: count }, () => Number(random.next() < share));
    const expected = new FeatureBatch();
    for (let i = 0; i < count; i++) if (isKept[i] === 1) expected.appendFeature(batch, i);
    keepFeatures(batch, isKept);
    if (expected.featureCount === 0) assert.equal(batch.featureCount, 0);
    else assert.deepEqual(contentOf(batch), contentOf(expected));
    // It goes on as a batch does.
    const again = new Random(n);
    addFeature(batch, again, row);
    addFeature(expected, new Random(n), row);
    assert.deepEqual(contentOf(batch), contentOf(expected));
  }
});
