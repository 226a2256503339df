/** Small shuffle files with every bit, length and number wrong in turn: none is taken for whole. */

import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { crc32 } from 'node:zlib';
import { FeatureBatch } from '../../src/geometry/batch.ts';
import { ChunkWriter } from '../../src/staging/rows/row-chunks.ts';
import {
  checkShuffleFile,
  readDirectory,
  readShuffleFile,
  type Segment,
} from '../../src/staging/rows/shuffle-format.ts';
import { readSegment } from '../../src/staging/rows/shuffle-reader.ts';
import { writeShuffle } from '../../src/staging/rows/shuffle-writer.ts';
import { getTileMatrixSet } from '../../src/tms/registry.ts';
import { TileList } from '../../src/tms/tile-list.ts';
import { fletcherOf } from '../core/fletcher.ts';
import { temporaryFolder } from './support.ts';

const DAMAGED = { code: 'staged-folder' };
const HEADER = 16;
const TRAILER = 24;
const ENTRY = 64;

/** A file of two tiles with two rows each. */
function smallFile(t: TestContext): { path: string; bytes: Buffer; segments: Segment[] } {
  const path = join(temporaryFolder(t), 'slice.shuffle');
  const fd = openSync(path, 'wx');
  const matrix = getTileMatrixSet('WGS1984Quad').matrix(3);
  const writer = new ChunkWriter(matrix);
  const batch = new FeatureBatch();
  const tiles = new TileList();
  for (let position = 1; position <= 4; position++) {
    batch.clear();
    batch.beginFeature(position);
    batch.beginPolygon();
    batch.beginRing();
    batch.reserveVertices(4);
    batch.xy.set([0, 0, 1, 0, 1, 1, 0, 0]);
    batch.vertexCount = 4;
    batch.endRing();
    batch.endPolygon();
    batch.appendRow(Uint8Array.of(12), 0, 1, new Uint8Array(position), 0, position);
    batch.endFeature();
    tiles.clear();
    tiles.push(position % 2, 0);
    writer.add(batch, 0, Float64Array.of(0, 0, 1, 1), Float64Array.of(1, 0.5, 0.5), tiles);
  }
  writeShuffle(
    fd,
    writer.take().map((rows) => ({ ...rows, slice: 0 })),
  );
  closeSync(fd);
  return { path, bytes: readFileSync(path), segments: readShuffleFile(path) };
}

/** The same file with other numbers in its directory or trailer, and checksums that fit these. */
function forged(
  bytes: Buffer,
  change: (directory: Float64Array, trailer: Float64Array) => void,
): Buffer {
  const copy = Buffer.from(bytes);
  const tail = new Float64Array(
    copy.buffer.slice(copy.byteOffset + copy.length - TRAILER, copy.byteOffset + copy.length),
  );
  const offset = tail[0]!;
  const end = copy.subarray(offset, copy.length - TRAILER);
  const entries = tail[1]! * (ENTRY / 8);
  const directory = new Float64Array(new Uint8Array(end.subarray(0, entries * 8)).buffer);
  change(directory, tail);
  end.set(new Uint8Array(directory.buffer));
  tail[2] = crc32(new Uint8Array(tail.buffer, 0, 16), crc32(end));
  copy.set(new Uint8Array(tail.buffer), copy.length - TRAILER);
  return copy;
}

test('every wrong bit and every length but its own is found', async (t) => {
  const { path, bytes } = smallFile(t);
  const [directoryAt] = new Float64Array(new Uint8Array(bytes.subarray(-TRAILER)).buffer);
  assert.equal(bytes.toString('latin1', 0, 8), 'TWshuffl');
  assert.ok(bytes.readUInt32LE(8) >= 5);
  for (let at = 0; at < bytes.length; at++) {
    const damaged = Buffer.from(bytes);
    damaged[at]! ^= 1 << (at % 8);
    writeFileSync(path, damaged);
    await assert.rejects(checkShuffleFile(path), DAMAGED, `byte ${at}`);
    // Rows are for those who copy them to check.
    if (at >= HEADER && at < directoryAt!) continue;
    assert.throws(() => readShuffleFile(path), DAMAGED, `byte ${at}`);
    await assert.rejects(readDirectory(path), DAMAGED, `byte ${at}`);
  }
  for (let length = 0; length <= bytes.length + 9; length++) {
    if (length === bytes.length) continue;
    writeFileSync(path, Buffer.concat([bytes, Buffer.alloc(9)], length));
    await assert.rejects(checkShuffleFile(path), DAMAGED, `${length} bytes`);
    assert.throws(() => readShuffleFile(path), DAMAGED, `${length} bytes`);
    await assert.rejects(readDirectory(path), DAMAGED, `${length} bytes`);
  }
  writeFileSync(path, bytes);
  await checkShuffleFile(path);
});

test('numbers that can not be are refused, whatever their checksums say', async (t) => {
  const { path, bytes } = smallFile(t);
  const changes: Record<string, (directory: Float64Array, trailer: Float64Array) => void> = {
    'a gap before the first rows': (d) => {
      d[5]! += 1;
    },
    'rows from within the header': (d) => {
      d[5]! -= 1;
    },
    'tiles that overlap': (d) => {
      d[6]! += 1;
    },
    'a gap between tiles': (d) => {
      d[6]! -= 1;
    },
    'rows that end in the directory': (d) => {
      d[14]! += 1;
    },
    'rows that end before it': (d) => {
      d[14]! -= 1;
    },
    'a directory in the header': (_, end) => {
      end[0] = 8;
    },
    'entries less than none': (_, end) => {
      end[1]! = -1;
    },
    'more entries than bytes': (_, end) => {
      end[1]! += 1;
    },
    'half an entry': (_, end) => {
      end[0]! += 32;
      end[1]! -= 0.5;
    },
    'numbers that are none': (_, end) => {
      end[0] = Number.NaN;
    },
  };
  for (const [what, change] of Object.entries(changes)) {
    writeFileSync(path, forged(bytes, change));
    assert.throws(() => readShuffleFile(path), DAMAGED, what);
    await assert.rejects(checkShuffleFile(path), DAMAGED, what);
  }
  writeFileSync(
    path,
    forged(bytes, () => undefined),
  );
  await checkShuffleFile(path);
  // A directory is as large as the plan says, or it is another file.
  const [offset] = new Float64Array(new Uint8Array(bytes.subarray(-TRAILER)).buffer);
  const size = bytes.length - TRAILER - offset!;
  assert.equal(readShuffleFile(path, size).length, 2);
  assert.throws(() => readShuffleFile(path, size - 1), DAMAGED);
});

test('a segment has the rows that it is said to have, whole ones', (t) => {
  const { path, bytes, segments } = smallFile(t);
  const read = (segment: Segment): number => {
    let rows = 0;
    readSegment(path, segment, () => rows++);
    return rows;
  };
  for (const segment of segments) {
    const { offset, length, rows } = segment;
    assert.equal(read(segment), 2);
    for (const other of [0, rows - 1, rows + 1]) {
      assert.throws(() => read({ ...segment, rows: other }), DAMAGED);
    }
    // Of another length, with the sum of just these bytes.
    for (let cut = 1; cut < length; cut++) {
      const sum = fletcherOf(bytes.subarray(offset, offset + cut));
      assert.throws(() => read({ ...segment, length: cut, sum }), DAMAGED, `${cut} of ${length}`);
    }
    assert.throws(() => read({ ...segment, length: bytes.length }), DAMAGED);
    // A row that says that it is longer than what there is of the tile.
    const damaged = Buffer.from(bytes);
    damaged.writeUInt32LE(length, offset);
    writeFileSync(path, damaged);
    const sum = fletcherOf(damaged.subarray(offset, offset + length));
    assert.throws(() => read({ ...segment, sum }), DAMAGED);
    writeFileSync(path, bytes);
  }
});
