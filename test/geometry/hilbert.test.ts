import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/core/random.ts';
import { hilbertDistance } from '../../src/geometry/hilbert.ts';
import { bitByBit } from './hilbert-bit-by-bit.ts';

test('distances along the Hilbert curve are those of the iteration bit by bit', () => {
  const random = new Random(1);
  for (let bits = 1; bits <= 26; bits++) {
    const cells = 2 ** bits;
    for (let n = 0; n < 3000; n++) {
      const [x, y] = [random.integer(cells), random.integer(cells)];
      assert.equal(hilbertDistance(x, y, bits), bitByBit(x, y, bits), `${x}, ${y} of ${bits} bits`);
    }
    for (const x of [0, cells - 1]) {
      for (const y of [0, cells - 1]) {
        assert.equal(hilbertDistance(x, y, bits), bitByBit(x, y, bits));
      }
    }
  }
});

test('the curve goes through each cell once, from one to one beside it', () => {
  for (const bits of [1, 2, 5, 6]) {
    const side = 2 ** bits;
    const cells: [number, number][] = [];
    for (let x = 0; x < side; x++) {
      for (let y = 0; y < side; y++) {
        const distance = hilbertDistance(x, y, bits);
        assert.equal(cells[distance], undefined);
        cells[distance] = [x, y];
      }
    }
    assert.equal(cells.length, side * side);
    for (let d = 1; d < cells.length; d++) {
      const [[x, y], [nextX, nextY]] = [cells[d - 1]!, cells[d]!];
      assert.equal(Math.abs(nextX - x) + Math.abs(nextY - y), 1);
    }
  }
});

test('of 26 bits it is exact', () => {
  const last = 2 ** 26 - 1;
  assert.equal(hilbertDistance(0, 0, 26), 0);
  const ends = [hilbertDistance(last, 0, 26), hilbertDistance(0, last, 26)];
  assert.ok(ends.includes(2 ** 52 - 1));
  // A cell's four quarters follow each other.
  for (const [x, y] of [
    [1234, 567_890],
    [last - 1, last - 1],
    [31_415_926, 27_182_818],
  ] as const) {
    const quarters = [0, 1, 2, 3].map((k) => hilbertDistance(x + (k & 1), y + (k >> 1), 26));
    const least = Math.min(...quarters);
    assert.equal(least % 4, 0);
    assert.deepEqual(
      quarters.toSorted((a, b) => a - b),
      [0, 1, 2, 3].map((k) => least + k),
    );
  }
});
