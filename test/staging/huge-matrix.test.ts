/** Matrices of more tiles than a double counts: neighbours must not be taken for one. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FeatureBatch } from '../../src/geometry/batch.ts';
import { ChunkWriter } from '../../src/staging/rows/row-chunks.ts';
import { tileKeys } from '../../src/tms/tile-keys.ts';
import { TileList } from '../../src/tms/tile-list.ts';
import { TileMatrix } from '../../src/tms/tile-matrix.ts';

const WIDTH = 2 ** 30;
const MATRIX = new TileMatrix({
  z: 30,
  id: '30',
  scaleDenominator: 1,
  cellSize: 1 / 256,
  originX: 0,
  originY: WIDTH,
  cornerOfOrigin: 'topLeft',
  tileWidth: 256,
  tileHeight: 256,
  matrixWidth: WIDTH,
  matrixHeight: WIDTH,
});

test('every tile has rows of its own', () => {
  const writer = new ChunkWriter(MATRIX);
  const batch = new FeatureBatch();
  const tiles = new TileList();
  const places = [...Array(64).keys()].map(
    (k) => [WIDTH - 9 + (k % 8), WIDTH - 9 + (k >> 3)] as const,
  );
  batch.beginFeature(1);
  batch.beginPolygon();
  batch.beginRing();
  batch.reserveVertices(4);
  batch.xy.set([0, 0, 1, 0, 1, 1, 0, 0]);
  batch.vertexCount = 4;
  batch.endRing();
  batch.endPolygon();
  batch.appendRow(Uint8Array.of(0), 0, 1, new Uint8Array(0), 0, 0);
  batch.endFeature();
  for (const [x, y] of places) {
    tiles.clear();
    tiles.push(x, y);
    writer.add(batch, 0, Float64Array.of(0, 0, 1, 1), Float64Array.of(1, 0.5, 0.5), tiles);
  }
  const made = writer.take().map(({ x, y, rows }) => [x, y, rows]);
  assert.deepEqual(
    made,
    places.map(([x, y]) => [x, y, 1]),
  );
});

test('keys are numbers where these are exact, and always different', () => {
  for (const size of [1, 2 ** 13, 2 ** 26, 2 ** 27, WIDTH]) {
    const keyOf = tileKeys({ matrixWidth: size, matrixHeight: size });
    const few = [...new Set([0, 1, 2, size - 3, size - 2, size - 1])].filter(
      (k) => k >= 0 && k < size,
    );
    const keys = few.flatMap((x) => few.map((y) => keyOf(x, y)));
    assert.equal(new Set(keys).size, few.length ** 2);
    assert.ok(keys.every((key) => typeof key === (size < 2 ** 27 ? 'number' : 'string')));
  }
});
