import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/core/random.ts';
import { IntersectionArea } from '../../src/overlap/intersection-area.ts';
import { batchOfShapes, cellsInside, moved, parts, type Shape, star, walk } from './shapes.ts';

const kernel = new IntersectionArea();

function shared(a: Shape, b: Shape): number {
  const batch = batchOfShapes(a, b);
  const area = kernel.of(batch, 0, batch, 1);
  const other = kernel.of(batch, 1, batch, 0);
  assert.ok(Math.abs(area - other) <= 1e-12 * area, `${area} and ${other}`);
  return area;
}

function sizeOfBoth(a: Set<number>, b: Set<number>): number {
  return [...a].filter((cell) => b.has(cell)).length;
}

const square = (x: number, y: number, size: number): number[] => [
  ...[x, y, x + size, y, x + size, y + size],
  ...[x, y + size, x, y],
];

test('squares: a part, all, none, a hole, the same', () => {
  assert.equal(shared([[square(0, 0, 4)]], [[square(1, 2, 4)]]), 6);
  assert.equal(shared([[square(0, 0, 4)]], [[square(1, 1, 1)]]), 1);
  assert.equal(shared([[square(0, 0, 4)]], [[square(4, 0, 4)]]), 0);
  assert.equal(shared([[square(0, 0, 4)]], [[square(4, 4, 4)]]), 0);
  assert.equal(shared([[square(0, 0, 4)]], [[square(9, 9, 4)]]), 0);
  assert.equal(shared([[square(0, 0, 4), square(1, 1, 2)]], [[square(1, 1, 2)]]), 0);
  assert.equal(shared([[square(0, 0, 4), square(1, 1, 2)]], [[square(0, 0, 4)]]), 12);
  assert.equal(shared([[square(0, 0, 4)]], [[square(0, 0, 4)]]), 16);
});

test('polygons of a multipolygon that overlap are united, rings that cross themselves are even–odd', () => {
  assert.equal(shared([[square(0, 0, 2)], [square(1, 0, 2)]], [[square(0, 0, 4)]]), 6);
  assert.equal(shared([[[0, 0, 2, 2, 2, 0, 0, 2, 0, 0]]], [[square(0, 0, 2)]]), 2);
  // Twice around is outside; there and back is nothing.
  const twice = [...square(0, 0, 2), ...square(0, 0, 2).slice(2)];
  assert.equal(shared([[twice]], [[square(0, 0, 2)]]), 0);
  assert.equal(shared([[[0, 0, 2, 2, 0, 0]]], [[square(0, 0, 2)]]), 0);
});

/** Places of the grid that keep areas and whole numbers, but no directions. */
const SHEARS: ((x: number, y: number) => [number, number])[] = [
  (x, y) => [x, y],
  (x, y) => [2 * x + y, x + y],
  (x, y) => [x - 3 * y, y],
  (x, y) => [3 * x + 7 * y, 2 * x + 5 * y],
];

test('walks along a grid that cross and cover themselves: areas of cells, exactly none where none is shared', () => {
  const SIZE = 6;
  const seen = { none: 0, some: 0 };
  for (let seed = 0; seed < 3000; seed++) {
    const random = new Random(seed);
    const shape = (): Shape =>
      Array.from({ length: 1 + random.integer(2) }, () =>
        Array.from({ length: 1 + random.integer(2) }, () =>
          walk(random, SIZE, 2 + random.integer(8)),
        ),
      );
    const [a, b] = [shape(), shape()];
    const expected = sizeOfBoth(cellsInside(a, SIZE), cellsInside(b, SIZE));
    const shear = SHEARS[seed % SHEARS.length]!;
    const area = shared(moved(a, shear), moved(b, shear));
    seen[expected === 0 ? 'none' : 'some']++;
    if (expected === 0) assert.equal(area, 0, `seed ${seed}`);
    else assert.ok(Math.abs(area - expected) < 1e-11, `seed ${seed}: ${area}, not ${expected}`);
  }
  assert.ok(seen.none > 300 && seen.some > 1000, JSON.stringify(seen));
});

test('long walks, of which a line crosses many edges: areas of cells', () => {
  const SIZE = 40;
  for (let seed = 0; seed < 60; seed++) {
    const random = new Random(seed);
    const shape = (): Shape => [[walk(random, SIZE, 100), walk(random, SIZE, 60)]];
    const [a, b] = [shape(), shape()];
    const expected = sizeOfBoth(cellsInside(a, SIZE), cellsInside(b, SIZE));
    const shear = SHEARS[seed % SHEARS.length]!;
    const area = shared(moved(a, shear), moved(b, shear));
    assert.ok(
      Math.abs(area - expected) < 1e-9 * expected,
      `seed ${seed}: ${area}, not ${expected}`,
    );
  }
});

test('of a feature that is cut in two by a line, both parts add up to all: 1e-4 degrees at 150° W, 70° N', () => {
  for (let seed = 0; seed < 500; seed++) {
    const random = new Random(seed);
    const size = 1e-4;
    const a = moved(parts(random, size), (x, y) => [x - 150, y + 70]);
    // A line from 69° to 71°, and what lies within a degree to its west and east.
    const [x, lean] = [-150 + size * random.next(), random.next() - 0.5];
    const [west, east] = [-1, 1].map((side): Shape => {
      const [low, high] = [x - lean, x + lean];
      return [[[low, 69, low + side, 69, high + side, 71, high, 71, low, 69]]];
    }) as [Shape, Shape];
    const whole = shared(a, [[square(-151, 69, 2)]]);
    const sum = shared(a, west) + shared(a, east);
    assert.ok(Math.abs(sum - whole) < 1e-9 * whole, `seed ${seed}: ${sum} of ${whole}`);
  }
});

test('neighbours along a border share nothing, however its vertices are placed and turned', () => {
  for (let seed = 0; seed < 1000; seed++) {
    const random = new Random(seed);
    const border = Array.from({ length: 2 + random.integer(6) }, (_, k) => [k, random.next()]);
    const last = border.length - 1;
    const above = [...border, [last, 3], [0, 3], border[0]!].flat();
    const below = [...border, [last, -3], [0, -3], border[0]!].flat();
    const angle = 2 * Math.PI * random.next();
    const place = (x: number, y: number): [number, number] => [
      x * Math.cos(angle) - y * Math.sin(angle) + 500,
      x * Math.sin(angle) + y * Math.cos(angle) - 300,
    ];
    const [a, b] = [moved([[above]], place), moved([[below]], place)];
    assert.equal(shared(a, b), 0, `seed ${seed}`);
    // One vertex of the border, moved by a unit in the last place, into the other or out of it.
    const n = 2 * random.integer(border.length);
    const nudged: Shape = [[b[0]![0]!.slice()]];
    nudged[0]![0]![n]! += 2 ** -40;
    if (n === 0) nudged[0]![0]![nudged[0]![0]!.length - 2] = nudged[0]![0]![0]!;
    const area = shared(a, nudged);
    assert.ok(area >= 0 && area < 1e-10, `seed ${seed}: ${area}`);
  }
});

test('coordinates that are not finite end, and give no area that is less than nothing', () => {
  for (let seed = 0; seed < 2000; seed++) {
    const random = new Random(seed);
    const odd = [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      1e308,
      -1e308,
      5e-324,
    ];
    const damaged = (): Shape => {
      const ring = star(random, [0, 0], 1, 12, 0.5);
      for (let n = random.integer(4); n > 0; n--) {
        ring[random.integer(ring.length)] = odd[random.integer(odd.length)]!;
      }
      return [[ring]];
    };
    const batch = batchOfShapes(damaged(), damaged());
    const area = kernel.of(batch, 0, batch, 1);
    assert.ok(!(area < 0), `seed ${seed}: ${area}`);
  }
});
