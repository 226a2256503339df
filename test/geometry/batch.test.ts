import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/core/random.ts';
import { copyBytes, FeatureBatch, grow } from '../../src/geometry/batch.ts';

interface Feature {
  position: number;
  polygons: number[][][];
  types: number[];
  body: number[];
}

function randomFeature(random: Random, position: number): Feature {
  const bytes = (most: number): number[] =>
    Array.from({ length: random.integer(most) }, () => random.integer(256));
  return {
    position,
    polygons: Array.from({ length: 1 + random.integer(3) }, () =>
      Array.from({ length: 1 + random.integer(3) }, () =>
        Array.from({ length: 2 * (4 + random.integer(random.integer(50) === 0 ? 400 : 8)) }, () =>
          random.normal(),
        ),
      ),
    ),
    types: bytes(20),
    body: bytes(120),
  };
}

function append(batch: FeatureBatch, feature: Feature): void {
  batch.beginFeature(feature.position);
  for (const polygon of feature.polygons) {
    batch.beginPolygon();
    for (const ring of polygon) {
      batch.beginRing();
      batch.reserveVertices(ring.length / 2);
      batch.xy.set(ring, 2 * batch.vertexCount);
      batch.vertexCount += ring.length / 2;
      batch.endRing();
    }
    batch.endPolygon();
  }
  // In two parts, as a reader does whose columns do not lie side by side.
  const types = Uint8Array.from(feature.types);
  const body = Uint8Array.from(feature.body);
  batch.appendRow(types, 0, types.length >> 1, body, 0, body.length >> 1);
  batch.appendRow(types, types.length >> 1, types.length, body, body.length >> 1, body.length);
}

function featuresOf(batch: FeatureBatch): Feature[] {
  return Array.from({ length: batch.featureCount }, (_, i) => {
    const polygons: number[][][] = [];
    for (let p = batch.featureOffsets[i]!; p < batch.featureOffsets[i + 1]!; p++) {
      const rings: number[][] = [];
      for (let r = batch.polygonOffsets[p]!; r < batch.polygonOffsets[p + 1]!; r++) {
        const { ringOffsets, xy } = batch;
        rings.push([...xy.subarray(2 * ringOffsets[r]!, 2 * ringOffsets[r + 1]!)]);
      }
      polygons.push(rings);
    }
    return {
      position: batch.positions[i]!,
      polygons,
      types: [...batch.types.subarray(batch.typeOffsets[i]!, batch.typeOffsets[i + 1]!)],
      body: [...batch.body.subarray(batch.bodyOffsets[i]!, batch.bodyOffsets[i + 1]!)],
    };
  });
}

test('6,000 random features come out as they went in, dropped ones leave no trace', () => {
  const random = new Random(11);
  const batch = new FeatureBatch();
  for (const round of [1, 2]) {
    batch.clear();
    const kept: Feature[] = [];
    for (let i = 0; i < 3000 * round; i++) {
      const feature = randomFeature(random, i - 100);
      append(batch, feature);
      if (random.integer(4) === 0) {
        batch.dropFeature();
      } else {
        batch.endFeature();
        kept.push(feature);
      }
    }
    assert.ok(kept.length > 2000 * round && kept.length < 3000 * round);
    assert.deepEqual(featuresOf(batch), kept);
  }
});

test('a feature can be dropped in the middle of a ring', () => {
  const batch = new FeatureBatch();
  const feature = randomFeature(new Random(2), 1);
  for (let i = 0; i < 3; i++) {
    batch.beginFeature(99);
    batch.beginPolygon();
    batch.beginRing();
    batch.reserveVertices(5);
    batch.vertexCount += 5;
    batch.dropFeature();
    append(batch, feature);
    batch.endFeature();
  }
  assert.deepEqual(featuresOf(batch), [feature, feature, feature]);
});

test('z grows along with the vertices from when it is asked for', () => {
  const batch = new FeatureBatch();
  batch.reserveVertices(100_000);
  assert.equal(batch.z.length, 0);
  batch.reserveVertices(10, true);
  assert.ok(batch.z.length >= batch.xy.length / 2);
  batch.vertexCount = 100_000;
  batch.z[99_999] = 7;
  batch.reserveVertices(200_000);
  assert.ok(batch.z.length >= 300_000 && batch.xy.length >= 600_000);
  assert.equal(batch.z[99_999], 7);
});

test('copies of every short length, and growth that keeps what is there', () => {
  const source = Uint8Array.from({ length: 200 }, (_, i) => i + 1);
  for (let length = 0; length < 120; length++) {
    const target = new Uint8Array(200);
    copyBytes(source, 3, 3 + length, target, 5);
    const expected = new Uint8Array(200);
    expected.set(source.subarray(3, 3 + length), 5);
    assert.deepEqual(target, expected);
  }
  const grown = grow(Float64Array.of(1, 2, 3), 4);
  assert.ok(grown instanceof Float64Array && grown.length >= 4);
  assert.deepEqual([...grown.subarray(0, 3)], [1, 2, 3]);
});
