/** What DuckDB does not write: encodings and codecs by the examples of their specifications, byte for byte. */

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { unlz4Hadoop } from '../../../src/formats/parquet/codecs/lz4.ts';
import { unsnappy } from '../../../src/formats/parquet/codecs/snappy.ts';
import type { Leaf } from '../../../src/formats/parquet/schema.ts';
import { joinByteStreams } from '../../../src/formats/parquet/values/byte-stream-split.ts';
import {
  DeltaDecoder,
  deltaLengths,
  deltaTexts,
} from '../../../src/formats/parquet/values/delta.ts';
import { BitPackedDecoder, HybridDecoder } from '../../../src/formats/parquet/values/hybrid.ts';
import { Vector } from '../../../src/formats/parquet/values/vector.ts';

const LEAF = { type: 'BYTE_ARRAY', length: 0, maxDefinition: 0, maxRepetition: 0 } as Leaf;

/** DELTA_BINARY_PACKED of one block whose first of four minis has the width 8. */
function deltas(values: number[]): Buffer {
  const steps = values.slice(1).map((value, i) => value - values[i]!);
  const least = Math.min(0, ...steps);
  const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);
  const head = [0x80, 1, 4, values.length, zigzag(values[0] ?? 0)];
  if (steps.length === 0) return Buffer.from(head);
  const mini = Buffer.alloc(32);
  for (const [i, step] of steps.entries()) mini[i] = step - least;
  return Buffer.concat([Buffer.from([...head, zigzag(least), 8, 0, 0, 0]), mini]);
}

function texts(vector: Vector, count: number): string[] {
  return Array.from({ length: count }, (_, i) =>
    Buffer.from(vector.bytes.subarray(vector.starts[i]!, vector.ends[i]!)).toString(),
  );
}

suite('encodings of Parquet', () => {
  test('differences: 7, 5, 3, 1, 2, 3, 4, 5, as the specification has them', () => {
    // Block 128, 4 minis, 8 values, first 7; least step −2; widths 2, 0, 0, 0; steps + 2: 0 0 0 3 3 3 3.
    const bytes = Buffer.from([0x80, 1, 4, 8, 14, 3, 2, 0, 0, 0, 0xc0, 0x3f, 0, 0, 0, 0, 0, 0]);
    const decoder = new DeltaDecoder(bytes, 0, bytes.length);
    const low = new Int32Array(8);
    const high = new Int32Array(8);
    decoder.read(3, low, high, 1);
    decoder.read(5, low.subarray(3), high.subarray(3), 1);
    assert.deepEqual([...low], [7, 5, 3, 1, 2, 3, 4, 5]);
    assert.deepEqual([...high], [0, 0, 0, 0, 0, 0, 0, 0]);
    assert.equal(new DeltaDecoder(bytes, 0, bytes.length).skipAll(), bytes.length);
    assert.throws(() => decoder.read(1, low, high, 1), /damaged differences/);
  });

  test('differences of 64 bits wrap', () => {
    // The first is 2^63 − 1, the step 2, which is its own least step.
    const first = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
    const bytes = Buffer.from([0x80, 1, 4, 2, ...first, 4, 0, 0, 0, 0]);
    const words = new Int32Array(4);
    new DeltaDecoder(bytes, 0, bytes.length).read(2, words, words.subarray(1), 2);
    assert.deepEqual([...new BigInt64Array(words.buffer)], [2n ** 63n - 1n, -(2n ** 63n) + 1n]);
  });

  test('texts after their lengths, and texts by what they share', () => {
    const lengths = Buffer.concat([deltas([5, 5, 6, 6]), Buffer.from('HelloWorldFoobarABCDEF')]);
    const vector = new Vector(LEAF);
    deltaLengths(lengths, 0, lengths.length).read(vector, 4);
    assert.deepEqual(texts(vector, 4), ['Hello', 'World', 'Foobar', 'ABCDEF']);
    const shared = Buffer.concat([
      deltas([0, 2, 0, 3]),
      deltas([4, 2, 6, 5]),
      Buffer.from('axislebabblefghij'),
    ]);
    const decoder = deltaTexts(LEAF, shared, 0, shared.length);
    decoder.read(vector, 1);
    assert.deepEqual(texts(vector, 1), ['axis']);
    decoder.read(vector, 3);
    assert.deepEqual(texts(vector, 3), ['axle', 'babble', 'babfghij']);
    const beyond = Buffer.concat([deltas([0, 5]), deltas([4, 2]), Buffer.from('axisle')]);
    assert.throws(() => deltaTexts(LEAF, beyond, 0, beyond.length).read(vector, 2), /damaged/);
  });

  test('0 to 7 in packed bits, from either end, and in runs', () => {
    const upward = Buffer.from([3, 0b10001000, 0b11000110, 0b11111010]);
    const target = new Int32Array(8);
    new HybridDecoder(upward, 0, 4, 3).read(target, 8);
    assert.deepEqual([...target], [0, 1, 2, 3, 4, 5, 6, 7]);
    const downward = Buffer.from([0b00000101, 0b00111001, 0b01110111]);
    new BitPackedDecoder(downward, 0, 3, 3).read(target, 8);
    assert.deepEqual([...target], [0, 1, 2, 3, 4, 5, 6, 7]);
    const runs = new HybridDecoder(Buffer.from([0, 12, 2, 4, 5]), 0, 5, 3);
    runs.read(target, 6);
    runs.read(target.subarray(6), 2);
    assert.deepEqual([...target], [2, 2, 2, 2, 2, 2, 5, 5]);
    assert.throws(() => runs.read(target, 1), /fewer values/);
  });

  test('bytes that were split come together', () => {
    const split = Buffer.from('AA00A3BB11B4CC22C5DD33D6', 'hex');
    const joined = joinByteStreams({ ...LEAF, type: 'FLOAT' }, split, 0, split.length);
    assert.equal(Buffer.from(joined).toString('hex'), 'aabbccdd00112233a3b4c5d6');
  });

  test('Snappy and LZ4 repeat what they have, and no more', () => {
    // From three before, where there are two.
    const snappy = Buffer.from([10, (2 - 1) << 2, 0x61, 0x62, ((8 - 4) << 2) | 1, 3]);
    const target = new Uint8Array(10);
    // A literal "ab", then eight bytes from two before.
    const good = Buffer.from([10, (2 - 1) << 2, 0x61, 0x62, ((8 - 4) << 2) | 1, 2]);
    unsnappy(good, 0, good.length, target, 10);
    assert.equal(Buffer.from(target).toString(), 'ababababab');
    assert.throws(() => unsnappy(snappy, 0, snappy.length, target, 10), /Snappy/);
    const block = Buffer.from([0x24, 0x61, 0x62, 2, 0, 0]);
    const framed = Buffer.concat([Buffer.from([0, 0, 0, 10, 0, 0, 0, block.length]), block]);
    for (const bytes of [block, framed]) {
      target.fill(0);
      unlz4Hadoop(bytes, 0, bytes.length, target, 10);
      assert.equal(Buffer.from(target).toString(), 'ababababab');
    }
    assert.throws(() => unlz4Hadoop(block, 0, block.length, target, 9), /LZ4/);
  });
});
