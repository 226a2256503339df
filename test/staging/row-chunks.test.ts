/** Rows in memory come back as they were written, all of them, or not without an error. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FeatureBatch } from '../../src/geometry/batch.ts';
import type { TaskContext } from '../../src/parallel/inside/call.ts';
import {
  ChunkWriter,
  readChunks,
  releaseChunks,
  type TileRows,
  takeUnused,
} from '../../src/staging/rows/row-chunks.ts';
import { type StageArgs, stageSlice } from '../../src/staging/tasks/stage-task.ts';
import { TileList } from '../../src/tms/tile-list.ts';
import { TileMatrix } from '../../src/tms/tile-matrix.ts';

const MATRIX = new TileMatrix({
  ...{ z: 1, id: '1', scaleDenominator: 1, cellSize: 1, originX: 0, originY: 2 },
  ...{ cornerOfOrigin: 'topLeft', tileWidth: 1, tileHeight: 1, matrixWidth: 2, matrixHeight: 2 },
});
const ROWS = 300;

function rowsOfOneTile(): TileRows {
  const writer = new ChunkWriter(MATRIX);
  const batch = new FeatureBatch();
  const tiles = new TileList();
  tiles.push(1, 0);
  for (let position = 1; position <= ROWS; position++) {
    batch.clear();
    batch.beginFeature(position);
    batch.beginPolygon();
    batch.beginRing();
    batch.reserveVertices(4);
    batch.xy.set([0, 0, 1, 0, 1, 1, 0, 0]);
    batch.vertexCount = 4;
    batch.endRing();
    batch.endPolygon();
    batch.appendRow(Uint8Array.of(0), 0, 1, new Uint8Array(position * 7), 0, position * 7);
    batch.endFeature();
    writer.add(batch, 0, Float64Array.of(0, 0, 1, 1), Float64Array.of(position, 0.5, 0.5), tiles);
  }
  return writer.take()[0]!;
}

test('every row is read, in order, from chunks of several lengths', () => {
  const rows = rowsOfOneTile();
  assert.ok(rows.chunks.length > 3);
  const areas: number[] = [];
  readChunks(rows, ({ area }) => areas.push(area));
  assert.deepEqual(
    areas,
    Array.from({ length: ROWS }, (_, i) => i + 1),
  );
});

test('memory with other rows than were written is an error', () => {
  const rows = rowsOfOneTile();
  const read = (its: Partial<TileRows>) => () => readChunks({ ...rows, ...its }, () => undefined);
  assert.throws(read({ rows: ROWS - 1 }), /Of 299 rows of 1\/0, 300 are in memory/);
  assert.throws(read({ chunks: rows.chunks.slice(1), ends: rows.ends.slice(1) }), RangeError);
  // A chunk that somebody else has filled: its last row goes past the end.
  const ends = rows.ends.map((end, k) => (k === 0 ? end - 1 : end));
  assert.throws(read({ ends }), RangeError);
});

test('a slice that fails keeps none of the memory that it was lent: another thread may have it next', async () => {
  const chunks = [2048, 65536, 65536].map((length) => new SharedArrayBuffer(length));
  const args = {
    input: { path: '/nowhere/at/all.gpkg', name: 'all.gpkg', fingerprint: '', layer: {} },
    ...{ slice: null, tms: {}, z: 1, simplifyTolerance: null, chunks },
  } as unknown as StageArgs;
  takeUnused();
  const context = { progress: () => undefined, note: () => undefined } as unknown as TaskContext;
  await assert.rejects(stageSlice(args, context));
  assert.deepEqual(takeUnused(), []);
  releaseChunks(chunks);
  assert.deepEqual(new Set(takeUnused()), new Set(chunks));
});
