import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Random } from '../../src/core/random.ts';
import { SAMPLES, sampledExtents } from '../../src/formats/sampled-extent.ts';
import type { Slice } from '../../src/formats/source.ts';
import { hilbertDistance } from '../../src/geometry/hilbert.ts';
import type { Bounds } from '../../src/tms/tile-matrix.ts';

type Boxes = readonly Bounds[];

const COUNT = 60_000;
/** As the fixture's layers have them: what all features are in. */
const WHOLE: Bounds = [-0.001, -0.001, 1.001, 1.001];

/** Squares of up to a thousandth around points, in the order of these. */
function boxesAround(points: readonly (readonly [number, number])[]): Boxes {
  return points.map(([x, y], i) => {
    const half = 0.0001 + 0.0004 * ((i * 0.618) % 1);
    return [x - half, y - half, x + half, y + half];
  });
}

function layouts(): Record<string, Boxes> {
  const random = new Random(5);
  const anywhere = (): [number, number] => [random.next(), random.next()];
  const points = Array.from({ length: COUNT }, anywhere);
  const along = ([x, y]: readonly [number, number]): number =>
    hilbertDistance(Math.floor(x * 65536), Math.floor(y * 65536), 16);
  const line = Math.ceil(Math.sqrt(COUNT));
  return {
    'in no order': boxesAround(points),
    'along a curve': boxesAround(points.toSorted((a, b) => along(a) - along(b))),
    'in lines': boxesAround(
      points.map(([x, y], i) => [((i % line) + x) / line, (Math.floor(i / line) + y) / line]),
    ),
    'in blocks': boxesAround(
      points.map(([x, y], i) => {
        const block = Math.floor(i / 300);
        return [((block % 20) + x) / 20, (Math.floor(block / 20) + y) / 20];
      }),
    ),
  };
}

function slicesOf(parts: number): Slice[] {
  const edge = (i: number): number => Math.floor((i * COUNT) / parts);
  return Array.from({ length: parts }, (_, i) => ({ start: edge(i), end: edge(i + 1) }));
}

const readFrom =
  (boxes: Boxes) =>
  (position: number, box: Float64Array): number => {
    box.set(boxes[position]!);
    return position;
  };

function join(boxes: Boxes): Bounds {
  const joined: Bounds = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [minX, minY, maxX, maxY] of boxes) {
    joined[0] = Math.min(joined[0], minX);
    joined[1] = Math.min(joined[1], minY);
    joined[2] = Math.max(joined[2], maxX);
    joined[3] = Math.max(joined[3], maxY);
  }
  return joined;
}

const area = ([minX, minY, maxX, maxY]: Bounds): number => (maxX - minX) * (maxY - minY);
const isIn = (a: Bounds, b: Bounds): boolean =>
  a[0] >= b[0] && a[1] >= b[1] && a[2] <= b[2] && a[3] <= b[3];

suite('few features are outside of what a few others tell, and little else is inside', () => {
  for (const [name, boxes] of Object.entries(layouts())) {
    for (const whole of [null, WHOLE]) {
      test(`rows ${name}, ${whole === null ? 'of a layer without' : 'with'} an extent`, () => {
        for (const parts of [3, 20, 100]) {
          const slices = slicesOf(parts);
          let looked = 0;
          const extents = sampledExtents(slices, whole, (position, box) => {
            looked++;
            return readFrom(boxes)(position, box);
          });
          assert.ok(looked <= 64 * parts, `${looked} for ${parts}`);
          let [outside, times] = [0, 0];
          for (const [i, { start, end }] of slices.entries()) {
            const extent = extents[i]!;
            const own = boxes.slice(start, end);
            outside += own.filter((box) => !isIn(box, extent)).length;
            times += area(extent) / area(join(own)) / parts;
            if (whole !== null) assert.ok(isIn(extent, whole));
          }
          // With few slices it is a matter of luck.
          const most = parts < 20 ? 0.02 : 0.006;
          assert.ok(outside < most * COUNT, `${outside} of ${COUNT}, in ${parts} slices`);
          assert.ok(times < 1.5, `${times} times as large, in ${parts} slices`);
        }
      });
    }
  }
});

test('of a few rows it is their bounds, whatever the layer is said to hold', () => {
  const boxes = layouts()['in no order']!;
  const slices = Array.from({ length: 40 }, (_, i) => ({ start: 100 * i, end: 100 * i + 1 + i }));
  const truth = slices.map(({ start, end }) => join(boxes.slice(start, end)));
  assert.deepEqual(sampledExtents(slices, null, readFrom(boxes)), truth);
  assert.deepEqual(sampledExtents(slices, [5, 5, 6, 6], readFrom(boxes)), truth);
});

test('an extent that does not hold what is there is not believed', () => {
  const boxes = layouts()['in lines']!;
  const slices = slicesOf(4);
  const alone = sampledExtents(slices, null, readFrom(boxes));
  for (const lie of [
    [0, 0, 0, 0],
    [0, 0, 0.5, 1],
    [Number.NaN, 0, 1, 1],
    [1, 1, 0, 0],
    [-Infinity, -Infinity, 0, 0],
  ] as Bounds[]) {
    assert.deepEqual(sampledExtents(slices, lie, readFrom(boxes)), alone, `${lie}`);
  }
});

test('boxes that are none are passed over; without any, nothing is known', () => {
  const boxes = layouts()['in lines']!;
  const bad: Bounds[] = [
    [Number.NaN, 0, 1, 1],
    [0, 0, 1, Number.NaN],
    [2, 0, 1, 1],
    [0, 3, 1, 1],
    [0, 0, Infinity, 1],
    [0, 0, 1, Infinity],
    [-Infinity, -Infinity, Infinity, Infinity],
    [-Number.MAX_VALUE, 0, Number.MAX_VALUE, 1],
  ];
  const slices = slicesOf(5);
  const damaged = boxes.map((box, i) => (i % 3 === 0 ? bad[i % bad.length]! : box));
  for (const [i, extent] of sampledExtents(slices, WHOLE, readFrom(damaged)).entries()) {
    assert.ok(extent);
    assert.ok(extent.every(Number.isFinite) && isIn(extent, WHOLE));
    assert.ok(area(extent) > 0.8 * area(join(boxes.slice(slices[i]!.start, slices[i]!.end))));
  }
  const none = slices.map(() => null);
  for (const box of bad) {
    assert.deepEqual(sampledExtents(slices, WHOLE, readFrom(boxes.map(() => box))), none);
  }
  assert.deepEqual(
    sampledExtents(slices, WHOLE, () => Number.NaN),
    none,
  );
});

test('lines as long as the steps from one sample to the next hide nothing', () => {
  const line = 900;
  const boxes = boxesAround(
    Array.from({ length: 63 * line + 1 }, (_, i) => [(i % line) / line, Math.floor(i / line) / 64]),
  );
  const [extent] = sampledExtents([{ start: 0, end: boxes.length }], null, readFrom(boxes));
  const outside = boxes.filter((box) => !isIn(box, extent!)).length;
  assert.ok(outside < 0.02 * boxes.length, `${outside} of ${boxes.length}`);
});

test('features that are larger than others reach as far on all sides', () => {
  const random = new Random(7);
  const boxes = Array.from({ length: 10_000 }, (): Bounds => {
    const [halfWidth, halfHeight] = [random.next(), 10 * random.next()];
    return [5 - halfWidth, 5 - halfHeight, 5 + halfWidth, 5 + halfHeight];
  });
  const [extent] = sampledExtents([{ start: 0, end: 10_000 }], null, readFrom(boxes));
  assert.ok(isIn(join(boxes), extent!));
  assert.ok(area(extent!) < 10 * area(join(boxes)));
});

test('features of other slices are not this one’s', () => {
  const boxes = layouts()['in lines']!;
  const slices = [
    { start: 0, end: 1000 },
    { start: 1000, end: 2000 },
    { start: -Infinity, end: Infinity },
  ];
  const readNear = readFrom(boxes);
  // As in a table that has only every 600th row.
  const sparse = (position: number, box: Float64Array): number =>
    readNear(600 * Math.ceil(position / 600), box);
  const [first, second, all] = sampledExtents(slices, null, sparse);
  assert.ok(isIn(join([boxes[0]!, boxes[600]!]), first!));
  assert.ok(isIn(join([boxes[1200]!, boxes[1800]!]), second!));
  assert.equal(all, null);
  // Two rows show little: a third may be as far away as they are from each other.
  const apart = (600 / Math.ceil(Math.sqrt(COUNT)) / Math.ceil(Math.sqrt(COUNT))) * 0.5;
  assert.ok(first![3] - boxes[600]![3] > apart, `${first![3] - boxes[600]![3]} and ${apart}`);
  const before = (position: number, box: Float64Array): number =>
    readNear(600 * Math.floor(position / 600), box);
  for (const read of [before, sparse]) {
    assert.deepEqual(sampledExtents([{ start: 610, end: 1190 }], null, read), [null]);
  }
});

test('as many features of a slice are looked at as are asked for, at the most', () => {
  const box = Float64Array.of(1, 2, 3, 4);
  for (const [most, expected] of [
    [undefined, SAMPLES],
    [8, 8],
    [1000, 300],
  ] as const) {
    const asked = new Set<number>();
    const read = (position: number, into: Float64Array): number => {
      asked.add(position);
      into.set(box);
      return position;
    };
    assert.deepEqual(sampledExtents([{ start: 0, end: 300 }], null, read, most)[0]?.length, 4);
    assert.equal(asked.size, expected);
    assert.ok(asked.has(0) && asked.has(299));
  }
});
