import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import { HilbertOrder } from '../../../src/formats/sqlite/hilbert-order.ts';
import { bitByBit } from '../../geometry/hilbert-bit-by-bit.ts';

const BITS = 13;
const CELLS = 2 ** BITS - 1;
const ROWS = 2 ** 26;

/** Sorts doubles, each of which is a place on the curve and a row. */
function plainOrder(boxes: Float32Array, count: number): number[] {
  const [xs, ys] = [0, 2].map((at) =>
    Float64Array.from(
      { length: count },
      (_, row) => boxes[4 * row + at]! + boxes[4 * row + at + 1]!,
    ),
  ) as [Float64Array, Float64Array];
  const least = (values: Float64Array) => values.reduce((a, b) => (b < a ? b : a), Infinity);
  const most = (values: Float64Array) => values.reduce((a, b) => (b > a ? b : a), -Infinity);
  const [west, east, south, north] = [least(xs), most(xs), least(ys), most(ys)];
  const scaleX = east > west ? CELLS / (east - west) : 0;
  const scaleY = north > south ? CELLS / (north - south) : 0;
  const keys = Float64Array.from({ length: count }, (_, row) => {
    const x = Math.floor((xs[row]! - west) * scaleX);
    const y = Math.floor((ys[row]! - south) * scaleY);
    return bitByBit(x, y, BITS) * ROWS + row;
  });
  return [...keys.sort()].map((key) => key % ROWS);
}

/** Boxes, each made by its own call. */
const LAYOUTS: Record<string, (random: Random, row: number) => [number, number, number, number]> = {
  anywhere: (random) => {
    const [x, y] = [random.next() * 360 - 180, random.next() * 180 - 90];
    return [x, x + random.next(), y, y + random.next()];
  },
  'in a few places': (random) => {
    const [x, y] = [random.integer(3), random.integer(3)];
    return [x, x, y, y];
  },
  'at one place': () => [5, 6, -7, -6],
  'on a meridian': (random) => [0, -0, random.next(), random.next() + 1],
  'on a parallel': (_, row) => [row, row + 1, 4, 4],
  'two far, the others close by': (random, row) => {
    const far = row < 2 ? (row - 0.5) * 1e30 : random.next();
    return [far, far, far, far];
  },
  'beyond single precision': (random, row) =>
    row % 7 === 0 ? [-Infinity, Infinity, 0, 1] : [random.next(), 2, -3e38, 3e38],
  'along the curve': (_, row) => [row % 64, row % 64, row >> 6, row >> 6],
};

suite('order along the Hilbert curve', () => {
  const kept = new HilbertOrder();
  for (const [name, boxOf] of Object.entries(LAYOUTS)) {
    test(`of boxes ${name}`, () => {
      for (const count of [300_000, 1, 2, 52, 1024, 1025, 70_001]) {
        const random = new Random(count);
        const boxes = new Float32Array(4 * count);
        for (let row = 0; row < count; row++) boxes.set(boxOf(random, row), 4 * row);
        const expected = plainOrder(boxes, count);
        for (const sorter of [kept, new HilbertOrder()]) {
          const order = sorter.sort(boxes, count).subarray(0, count);
          assert.ok(
            order.every((row, k) => row === expected[k]),
            `${count} boxes`,
          );
        }
      }
    });
  }
});
