import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import {
  angleFrom,
  arctangents,
  fillArctangent,
  tangentOf,
} from '../../../src/crs/projections/angle.ts';
import { cubicAt, emptyCubics, fillAt } from '../../../src/crs/projections/cubics.ts';

/** With bounds of |f⁗| / 4! and of the values that are summed. */
const FUNCTIONS: [name: string, of: (x: number) => number, fourth: number, largest: number][] = [
  ['a cubic', (x) => 1 + x * (2 + x * (3 - 5 * x)), 0, 11],
  ['sin 3x', (x) => Math.sin(3 * x), 3 ** 4 / 24, 1],
  ['exp 2x', (x) => Math.exp(2 * x), (2 ** 4 / 24) * Math.exp(2), 8],
];

/** Both ends of each interval, their neighbours among doubles, and places within. */
function places(intervals: number, random: Random): number[] {
  const all: number[] = [];
  for (let k = 0; k < intervals; k++) {
    all.push(k, k * (1 + Number.EPSILON), (k + 1) * (1 - Number.EPSILON), k + random.next());
  }
  return all;
}

for (const [name, of, fourth, largest] of FUNCTIONS) {
  test(`cubics of ${name} stay within their remainder, up to the borders`, () => {
    for (const intervals of [16, 256, 2048, 8192]) {
      const cubics = emptyCubics(intervals);
      const bound = (fourth / 8) * (1 / (2 * intervals)) ** 4 + 2e-15 * largest;
      for (const q of places(intervals, new Random(intervals))) {
        if (Number.isNaN(cubicAt(cubics, q))) fillAt(cubics, q, of);
        const off = Math.abs(cubicAt(cubics, q) - of(q / intervals));
        assert.ok(off <= bound, `${q} of ${intervals}: ${off}, not ${bound}`);
      }
    }
  });
}

test('an angle is that of Math.atan2', () => {
  const random = new Random(4);
  for (let round = 0; round < 300_000; round++) {
    const turn =
      random.next() < 0.3 ? (random.integer(8) * Math.PI) / 4 : 2 * Math.PI * random.next();
    const near = turn + (random.next() < 0.3 ? 10 ** (-16 * random.next()) : 0);
    const size = 10 ** (12 * random.next() - 6);
    const [east, north] = [size * Math.sin(near), size * Math.cos(near)];
    const q = tangentOf(east, north);
    if (!(q > 0 && q < 2048)) {
      assert.ok(east === 0 || north === 0 || Math.abs(east) === Math.abs(north));
      continue;
    }
    fillArctangent(q);
    const angle = angleFrom(cubicAt(arctangents(), q), east, north);
    const expected = (Math.atan2(east, north) * 180) / Math.PI;
    assert.ok(Math.abs(angle - expected) < 1.2e-13, `${east} ${north}: ${angle}`);
  }
  for (const [east, north] of [
    [0, 1],
    [1, 0],
    [1, -1],
    [Number.NaN, 1],
    [1, Number.NaN],
    [Infinity, Infinity],
    [0, 0],
  ] as const) {
    const q = tangentOf(east, north);
    assert.ok(!(q > 0 && q < 2048), `${east} ${north}`);
  }
});
