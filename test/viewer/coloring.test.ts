/** Which colours values get; and what a legend says of them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/core/random.ts';
import { CLASSES, Coloring, NO_VALUE, OTHERS, Tally } from '../../src/viewer/page/map/coloring.ts';
import type { Cell } from '../../src/viewer/shared/cell-format.ts';

function tallyOf(values: readonly number[], labels: string[] | null = null): Tally {
  const tally = new Tally();
  for (const value of values) tally.add(value, labels);
  return tally;
}

function colors(coloring: Coloring, values: readonly number[], labels: string[] | null = null) {
  return [...coloring.colorsOf({ values: Float64Array.from(values), labels } as unknown as Cell)];
}

test('the most frequent texts have a colour each, and keep it as long as they are among them', () => {
  const labels = Array.from({ length: 10 }, (_, k) => `kind ${k}`);
  // kind k is there 10 − k times.
  const values = labels.flatMap((_, k) => Array.from({ length: 10 - k }, () => k));
  const coloring = new Coloring();
  coloring.choose(tallyOf([...values, Number.NaN, Number.NaN, -1], labels), new Tally(), 'linear');
  assert.deepEqual(
    coloring.legend.items.map(({ label, count }) => [label, count]),
    [
      ...labels.slice(0, CLASSES).map((label, k) => [label, 10 - k]),
      ['others (3 values)', 3 + 2 + 1 + 1],
      ['no value', 2],
    ],
  );
  const before = colors(coloring, [...labels.keys()], labels);
  assert.deepEqual(before, [0, 1, 2, 3, 4, 5, 6, OTHERS, OTHERS, OTHERS]);
  assert.deepEqual(colors(coloring, [-1, Number.NaN], labels), [OTHERS, NO_VALUE]);

  // Further on, the first is gone, and kind 9 is the most frequent; cells number labels as they like.
  const there = [...labels].reverse();
  const moved = labels.slice(1).flatMap((_, k) => Array.from({ length: k + 1 }, () => 8 - k));
  coloring.choose(tallyOf(moved, there), new Tally(), 'linear');
  const after = colors(coloring, [...labels.keys()].reverse(), there).toReversed();
  assert.equal(after.length, 10);
  for (const k of [3, 4, 5, 6]) {
    assert.equal(colors(coloring, [9 - k], there)[0], before[k], `kind ${k}`);
  }
  const chosen = [3, 4, 5, 6, 7, 8, 9].map((k) => colors(coloring, [9 - k], there)[0]);
  assert.equal(new Set(chosen).size, CLASSES, 'each its own');
  assert.ok(!chosen.includes(OTHERS));
});

test('few whole numbers are classes; others are steps in which each number is once', () => {
  const coloring = new Coloring();
  coloring.choose(tallyOf([2019, 2020, 2020, 2021]), new Tally(), 'quantile');
  assert.equal(coloring.legend.isRamp, false);
  assert.deepEqual(
    coloring.legend.items.map(({ label, count }) => [label, count]),
    [
      ['2020', 2],
      ['2019', 1],
      ['2021', 1],
    ],
  );
  for (const seed of [1, 2, 3, 4, 5]) {
    const random = new Random(seed);
    const length = 1 + Math.floor(random.next() * 500);
    // Some of them often, some far away.
    const values = Array.from({ length }, () =>
      random.next() < 0.2 ? 0.5 : 10 ** (8 * random.next() - 4) * (random.next() < 0.3 ? -1 : 1),
    );
    for (const spread of ['quantile', 'linear'] as const) {
      const ramp = new Coloring();
      ramp.choose(tallyOf([...values, Number.NaN]), new Tally(), spread);
      const { items, isRamp } = ramp.legend;
      assert.equal(isRamp, true);
      const counted = new Map(items.map(({ color, count }) => [color, count]));
      assert.equal(counted.size, items.length, 'a colour is there once');
      const found = Map.groupBy(colors(ramp, [...values, Number.NaN]), (color) => color);
      for (const [color, all] of found) assert.equal(counted.get(color), all.length);
      assert.equal(
        items.reduce((sum, { count }) => sum + count, 0),
        length + 1,
      );
      // Greater values are further along.
      const sorted = colors(
        ramp,
        values.toSorted((a, b) => a - b),
      );
      assert.deepEqual(
        sorted,
        sorted.toSorted((a, b) => a - b),
      );
      // Beyond what was in view: the ends.
      const [first, last] = colors(ramp, [-1e300, 1e300]);
      assert.deepEqual([first, last], [sorted[0], sorted.at(-1)]);
    }
  }
});

test('equal numbers: no step has many more than its share, unless one value has', () => {
  const values = Array.from({ length: 7000 }, (_, k) => (k / 7000) ** 5);
  const coloring = new Coloring();
  coloring.choose(tallyOf(values), new Tally(), 'quantile');
  assert.deepEqual(
    coloring.legend.items.map(({ count }) => count),
    Array.from({ length: CLASSES }, () => 1000),
  );
});

test('numbers at the ends of what doubles hold', () => {
  for (const spread of ['quantile', 'linear'] as const) {
    const values = [-Number.MAX_VALUE, Number.MAX_VALUE, 0, Number.MIN_VALUE, Infinity, -Infinity];
    const coloring = new Coloring();
    coloring.choose(tallyOf(values), new Tally(), spread);
    const found = colors(coloring, values);
    assert.ok(
      found.every((color) => color < OTHERS),
      `${found}`,
    );
    assert.ok(coloring.legend.items.every(({ label }) => !label.includes('NaN')));
  }
});

test('what only stands for shading is coloured, and not counted', () => {
  const coloring = new Coloring();
  coloring.choose(new Tally(), tallyOf([0, 0, 1], ['a', 'b']), 'quantile');
  assert.deepEqual(
    coloring.legend.items.map(({ label, count }) => [label, count]),
    [
      ['a', 0],
      ['b', 0],
    ],
  );
});
