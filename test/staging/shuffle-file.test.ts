/** Shuffle files with rows of every size, against what was put into them. */

import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Random } from '../../src/core/random.ts';
import { FeatureBatch } from '../../src/geometry/batch.ts';
import { GEOMETRY_POLYGON, GEOMETRY_XY } from '../../src/geometry/kind.ts';
import { ChunkWriter } from '../../src/staging/rows/row-chunks.ts';
import { checkShuffleFile } from '../../src/staging/rows/shuffle-format.ts';
import { readSegment } from '../../src/staging/rows/shuffle-reader.ts';
import { ROW_HEADER } from '../../src/staging/rows/shuffle-row.ts';
import { writeShuffle } from '../../src/staging/rows/shuffle-writer.ts';
import { TileList } from '../../src/tms/tile-list.ts';
import { TileMatrix } from '../../src/tms/tile-matrix.ts';
import { fletcherOf } from '../core/fletcher.ts';
import { temporaryFolder } from './support.ts';

const MATRIX = new TileMatrix({
  z: 3,
  id: '3',
  scaleDenominator: 1,
  cellSize: 1 / 256,
  originX: 0,
  originY: 8,
  cornerOfOrigin: 'topLeft',
  tileWidth: 256,
  tileHeight: 256,
  matrixWidth: 8,
  matrixHeight: 8,
});
const BOUNDS = Float64Array.of(0, 0, 1, 1);
const POLYGON_XY = GEOMETRY_POLYGON | GEOMETRY_XY;

/** A feature whose attributes are `length` random bytes. */
function feature(batch: FeatureBatch, random: Random, position: number, length: number): Buffer {
  batch.clear();
  batch.beginFeature(position);
  batch.beginPolygon();
  batch.beginRing();
  batch.reserveVertices(4);
  batch.xy.set([0, 0, 1, 0, 1, 1, 0, 0]);
  batch.vertexCount = 4;
  batch.endRing();
  batch.endPolygon();
  const words = Float64Array.from({ length: Math.ceil(length / 8) }, () => random.next());
  const body = new Uint8Array(words.buffer);
  batch.appendRow(Uint8Array.of(12), 0, 1, body, 0, length);
  batch.endFeature();
  return Buffer.from(body.buffer, 0, length);
}

test('rows of bytes to megabytes are read as they were written; a wrong bit is found', async (t) => {
  const random = new Random(5);
  const path = join(temporaryFolder(t), 'slice.shuffle');
  const writer = new ChunkWriter(MATRIX);
  const batch = new FeatureBatch();
  const tiles = new TileList();
  /** Per tile: area of each row, which says which it is, and its attributes. */
  const written = new Map<string, { area: number; body: Buffer }[]>();
  // Blocks are 4 MiB for the writer, 2 MiB for the reader, 1 MiB for the check.
  const sizes = [0, 1, 31, 500, 70_000, (1 << 20) - 150, (2 << 20) + 1, (4 << 20) + 33];
  for (let position = 1; position <= 60; position++) {
    const length = position <= 8 ? sizes[position % 8]! : random.integer(30_000);
    const body = feature(batch, random, position, length);
    const x = random.integer(3);
    tiles.clear();
    tiles.push(x, 0);
    writer.add(batch, 0, BOUNDS, Float64Array.of(position, x + 0.5, 7.5), tiles);
    const key = `${x}`;
    written.set(key, [...(written.get(key) ?? []), { area: position, body }]);
  }
  const fd = openSync(path, 'wx');
  const made = writeShuffle(
    fd,
    writer.take().map((rows) => ({ ...rows, slice: 7 })),
  );
  closeSync(fd);

  const segments = await checkShuffleFile(path);
  assert.deepEqual(made, segments);
  assert.ok(segments.every(({ slice }) => slice === 7));
  const file = readFileSync(path);
  assert.equal(segments.length, written.size);
  for (const segment of segments) {
    const { offset, length } = segment;
    assert.equal(segment.sum, fletcherOf(file.subarray(offset, offset + length)));
    const rows = written.get(`${segment.x}`)!;
    let row = 0;
    let at = offset;
    readSegment(path, segment, (found) => {
      const { position, area, body, bodyStart, bodyEnd, geometryEnd } = found;
      const expected = written.get(`${segment.x}`)![row]!;
      assert.equal(area, expected.area);
      assert.equal(position, expected.area);
      assert.ok(expected.body.equals(body.subarray(bodyStart, bodyEnd)));
      assert.deepEqual([found.homeColumn, found.homeRow, found.kind], [segment.x, 0, POLYGON_XY]);
      assert.deepEqual([found.minX, found.minY, found.maxX, found.maxY], [...BOUNDS]);
      assert.deepEqual([found.centroidX, found.centroidY], [segment.x + 0.5, 7.5]);
      const length = geometryEnd - found.typesStart + ROW_HEADER;
      const bytes = body.subarray(found.typesStart - ROW_HEADER, geometryEnd);
      assert.ok(file.subarray(at, at + length).equals(bytes));
      at += length;
      row++;
    });
    assert.equal(at, offset + length);
    assert.equal(row, rows.length);
    assert.equal(segment.rows, rows.length);
  }

  for (let round = 0; round < 30; round++) {
    const segment = segments[random.integer(segments.length)]!;
    const damaged = Buffer.from(file);
    const at = segment.offset + random.integer(segment.length);
    damaged[at]! ^= 1 << random.integer(8);
    writeFileSync(path, damaged);
    await assert.rejects(checkShuffleFile(path), { code: 'staged-folder' }, `byte ${at}`);
    assert.throws(() => readSegment(path, segment, () => undefined), { code: 'staged-folder' });
  }
});
