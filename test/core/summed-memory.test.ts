import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Random } from '../../src/core/random.ts';
import { SummedMemory } from '../../src/core/summed-memory.ts';
import { fletcherOf } from './fletcher.ts';

function randomBytes(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.integer(256));
}

function sumOf(memory: SummedMemory, bytes: Uint8Array, start = 0): number {
  memory.bytes.set(bytes, start);
  memory.begin();
  return memory.sum(start, start + bytes.length);
}

describe('sums of memory', () => {
  test('are those of the plain formula, wherever the bytes lie', () => {
    const random = new Random(1);
    const memory = new SummedMemory(1 << 17);
    for (const length of [0, 1, 7, 8, 63, 64, 65, 127, 128, 129, 1000, 4096, 65_537]) {
      const bytes = randomBytes(random, length);
      for (const start of [0, 1, 63, random.integer(60_000)]) {
        memory.bytes.fill(0xa5);
        assert.equal(sumOf(memory, bytes, start), fletcherOf(bytes), `${length} from ${start}`);
      }
    }
    // At the very end of the memory there is room for the zeros after the last bytes.
    const last = randomBytes(random, 65);
    assert.equal(sumOf(memory, last, memory.bytes.length - 65), fletcherOf(last));
  });

  test('are the same in parts, over a memory that grows', () => {
    const random = new Random(2);
    for (let round = 0; round < 50; round++) {
      const bytes = randomBytes(random, random.integer(3000));
      const memory = new SummedMemory(100);
      memory.begin();
      let filled = 0;
      for (let at = 0; at < bytes.length; ) {
        const room = memory.bytes.length - filled;
        const part = bytes.subarray(at, at + Math.min(room, 1 + random.integer(300)));
        memory.bytes.set(part, filled);
        at += part.length;
        const rest = memory.add(0, filled + part.length);
        assert.ok(filled + part.length - rest < 32);
        memory.bytes.copyWithin(0, rest, filled + part.length);
        filled += part.length - rest;
        if (random.integer(4) === 0) memory.grow(memory.bytes.length + random.integer(100_000));
      }
      assert.equal(memory.sum(0, filled), fletcherOf(bytes));
    }
  });

  test('of memories at once do not mix', () => {
    const random = new Random(3);
    const [one, other] = [randomBytes(random, 256), randomBytes(random, 256)];
    const memories = [new SummedMemory(256), new SummedMemory(256)] as const;
    for (const [i, bytes] of [one, other].entries()) {
      memories[i]!.bytes.set(bytes);
      memories[i]!.begin();
      memories[i]!.add(0, 128);
    }
    assert.equal(memories[0].sum(128, 256), fletcherOf(one));
    assert.equal(memories[1].sum(128, 256), fletcherOf(other));
  });

  test('change with every bit, with two bits of a lane, with zeros and with places', () => {
    const random = new Random(4);
    const memory = new SummedMemory(4096);
    const bytes = randomBytes(random, 1000);
    const right = sumOf(memory, bytes);
    const changed = (...bits: number[]): number => {
      const copy = bytes.slice();
      for (const bit of bits) copy[bit >> 3]! ^= 1 << (bit & 7);
      return sumOf(memory, copy);
    };
    for (let bit = 0; bit < 8000; bit++) assert.notEqual(changed(bit), right, `bit ${bit}`);
    // The same bit of words in the same lane, which a plain sum can't tell from what was.
    for (let bit = 0; bit < 256; bit++) {
      for (let other = bit + 256; other < 8000; other += 256) {
        assert.notEqual(changed(bit, other), right, `bits ${bit} and ${other}`);
      }
    }
    for (let at = 0; at + 128 <= 1000; at += 8) {
      const zeros = bytes.slice().fill(0, at, at + 64);
      assert.notEqual(sumOf(memory, zeros), right, `zeros at ${at}`);
      const moved = bytes.slice().copyWithin(at, at + 64, at + 128);
      moved.set(bytes.subarray(at, at + 64), at + 64);
      assert.notEqual(sumOf(memory, moved), right, `exchanged at ${at}`);
    }
  });
});
