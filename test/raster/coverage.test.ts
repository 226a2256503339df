import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Random } from '../../src/core/random.ts';
import { Coverage, Mask, ringArea } from '../../src/raster/coverage.ts';

const SIZE = 24;
/** Points per pixel and axis of the oracle. */
const SAMPLES = 32;

/** A star around a middle, closed. */
function star(
  random: Random,
  x: number,
  y: number,
  radius: number,
  vertices: number,
): Float64Array {
  const xy = new Float64Array(2 * vertices + 2);
  for (let k = 0; k < vertices; k++) {
    const angle = (2 * Math.PI * k) / vertices;
    const distance = radius * (0.4 + 0.6 * random.next());
    xy[2 * k] = x + distance * Math.cos(angle);
    xy[2 * k + 1] = y + distance * Math.sin(angle);
  }
  xy[2 * vertices] = xy[0]!;
  xy[2 * vertices + 1] = xy[1]!;
  return xy;
}

/** Whether a point is in a ring: crossings of a ray to the right. */
function isIn(xy: Float64Array, x: number, y: number): boolean {
  let inside = false;
  for (let i = 0; i + 3 < xy.length; i += 2) {
    const [x0, y0, x1, y1] = [xy[i]!, xy[i + 1]!, xy[i + 2]!, xy[i + 3]!];
    if (y0 > y === y1 > y) continue;
    if (x < x0 + ((y - y0) / (y1 - y0)) * (x1 - x0)) inside = !inside;
  }
  return inside;
}

/** Coverage of a pixel by counting points. */
function counted(test: (x: number, y: number) => boolean, column: number, row: number): number {
  let hits = 0;
  for (let i = 0; i < SAMPLES; i++) {
    for (let k = 0; k < SAMPLES; k++) {
      if (test(column + (i + 0.5) / SAMPLES, row + (k + 0.5) / SAMPLES)) hits++;
    }
  }
  return hits / SAMPLES ** 2;
}

function add(coverage: Coverage, xy: Float64Array, isHole = false): void {
  const turn = ringArea(xy, 0, xy.length / 2) > 0 ? -1 : 1;
  coverage.addRing(xy, 0, xy.length / 2, isHole ? -turn : turn);
}

const total = (mask: Mask): number => mask.values.reduce((sum, value) => sum + value, 0);

suite('coverage of pixels', () => {
  test('agrees with counted points, also for rings that reach out', () => {
    const random = new Random(7);
    for (let round = 0; round < 40; round++) {
      const ring = star(
        random,
        SIZE * (1.2 * random.next() - 0.1),
        SIZE * (1.2 * random.next() - 0.1),
        1 + 9 * random.next(),
        3 + random.integer(12),
      );
      const coverage = new Coverage(SIZE, SIZE);
      const mask = new Mask(SIZE, SIZE);
      add(coverage, ring);
      coverage.settle(mask, round % 2 === 0 ? 'add' : 'union');
      for (let row = 0; row < SIZE; row++) {
        for (let column = 0; column < SIZE; column++) {
          // At the sides a cut edge may be off within its row of pixels.
          if (column === 0 || column === SIZE - 1) continue;
          const expected = counted((x, y) => isIn(ring, x, y), column, row);
          const found = mask.values[row * SIZE + column]!;
          assert.ok(Math.abs(found - expected) < 0.03, `${round}: ${column}, ${row}: ${found}`);
        }
      }
    }
  });

  test('area is conserved, however small the polygons are', () => {
    const random = new Random(11);
    const coverage = new Coverage(400, 300);
    const mask = new Mask(400, 300);
    let area = 0;
    // One in each square of 5 pixels, so that sums stay below 1.
    for (let x = 2; x < 398; x += 5) {
      for (let y = 2; y < 298; y += 5) {
        const ring = star(random, x, y, 0.3 + random.next(), 7);
        const xy = random.next() < 0.5 ? ring : backwards(ring);
        area += Math.abs(ringArea(xy, 0, xy.length / 2)) / 2;
        add(coverage, xy);
      }
    }
    coverage.settle(mask, 'add');
    assert.ok(Math.abs(total(mask) / area - 1) < 0.005, `${total(mask)} of ${area}`);
  });

  test('holes are left out, overlaps of many count once at the most', () => {
    const square = (x: number, y: number, side: number): Float64Array =>
      Float64Array.of(x, y, x + side, y, x + side, y + side, x, y + side, x, y);
    const coverage = new Coverage(SIZE, SIZE);
    const mask = new Mask(SIZE, SIZE);
    add(coverage, square(2, 2, 10));
    add(coverage, square(4, 4, 4), true);
    coverage.settle(mask, 'union');
    assert.ok(Math.abs(total(mask) - 84) < 1e-3);
    mask.clear();
    assert.equal(total(mask), 0);
    for (let k = 0; k < 5; k++) add(coverage, square(2.5, 2, 10));
    coverage.settle(mask, 'add');
    // The half pixels at both sides are full: five halves.
    assert.ok(Math.abs(total(mask) - 110) < 1e-3);
    assert.equal(Math.max(...mask.values), 1);
  });

  test('the lobes of a ring that crosses itself are both covered', () => {
    const coverage = new Coverage(SIZE, SIZE);
    const mask = new Mask(SIZE, SIZE);
    coverage.addRing(Float64Array.of(2, 2, 12, 12, 12, 2, 2, 12, 2, 2), 0, 5, 1);
    coverage.settle(mask, 'union');
    assert.ok(Math.abs(mask.values[5 * SIZE + 3]! - 1) < 1e-3);
    assert.ok(Math.abs(mask.values[5 * SIZE + 10]! - 1) < 1e-3);
  });

  test('a line has its width, in every direction', () => {
    for (const [dx, dy] of [
      [10, 0],
      [-10, 0],
      [0, 10],
      [6, 8],
      [-6, 8],
      [8, -6],
    ] as const) {
      const coverage = new Coverage(SIZE, SIZE);
      const mask = new Mask(SIZE, SIZE);
      coverage.addLine(12 - dx / 2, 12 - dy / 2, 12 + dx / 2, 12 + dy / 2, 1.5);
      coverage.settle(mask, 'add');
      assert.ok(Math.abs(total(mask) - 15) < 0.05, `${dx}, ${dy}: ${total(mask)}`);
    }
  });

  test('what is outside leaves nothing, and coordinates that are no numbers do no harm', () => {
    const coverage = new Coverage(SIZE, SIZE);
    const mask = new Mask(SIZE, SIZE);
    add(coverage, Float64Array.of(-30, -30, -20, -30, -20, -20, -30, -30));
    add(coverage, Float64Array.of(30, 2, 40, 2, 40, 9, 30, 2));
    add(coverage, Float64Array.of(2, 30, 9, 40, 2, 40, 2, 30));
    add(coverage, Float64Array.of(Number.NaN, Number.NaN, 3, 3, 5, 3, Number.NaN, Number.NaN));
    coverage.settle(mask, 'add');
    assert.equal(total(mask), 0);
  });
});

/** The same ring, turning the other way. */
function backwards(xy: Float64Array): Float64Array {
  return xy.map((_, i) => xy[xy.length - 2 - (i & ~1) + (i & 1)]!);
}
