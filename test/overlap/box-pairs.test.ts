import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/core/random.ts';
import { boxPairs } from '../../src/overlap/box-pairs.ts';

function pairsOf(boxes: Float64Array, groups: Uint32Array, within: boolean): string[] {
  const pairs: string[] = [];
  boxPairs(boxes, groups, within, (i, j) => pairs.push(`${i} ${j}`));
  return pairs;
}

/** Every pair compared. */
function allPairs(boxes: Float64Array, groups: Uint32Array, within: boolean): string[] {
  const pairs: string[] = [];
  for (let i = 0; i < groups.length; i++) {
    for (let j = i + 1; j < groups.length; j++) {
      const [minX, minY, maxX, maxY] = [0, 1, 2, 3].map((k) =>
        k < 2
          ? Math.max(boxes[4 * i + k]!, boxes[4 * j + k]!)
          : Math.min(boxes[4 * i + k]!, boxes[4 * j + k]!),
      );
      const areSound = [i, j].every(
        (n) => boxes[4 * n]! <= boxes[4 * n + 2]! && boxes[4 * n + 1]! <= boxes[4 * n + 3]!,
      );
      if (!areSound || (!within && groups[i] === groups[j])) continue;
      if (minX! <= maxX! && minY! <= maxY!) pairs.push(`${i} ${j}`);
    }
  }
  return pairs;
}

/** Boxes of every kind: where they lie, and how wide and high they are. */
const KINDS: Record<string, (random: Random) => [number, number, number, number]> = {
  'small ones anywhere': (r) => [r.next(), r.next(), r.next() / 20, r.next() / 20],
  'on a grid, touching': (r) => [r.integer(12), r.integer(12), r.integer(2), r.integer(2)],
  points: (r) => [r.integer(9), r.integer(9), 0, 0],
  'in one place': () => [3, 4, 0, 0],
  'in one column': (r) => [0, r.next(), 1, r.next() / 50],
  'in one row': (r) => [r.next(), 0, r.next() / 50, 1],
  'of every size': (r) => [r.next(), r.next(), 2 ** -r.integer(20), 2 ** -r.integer(20)],
  'in clusters far apart': (r) => [
    1e6 * r.integer(2) + r.next(),
    -1e9 * r.integer(2) + r.next(),
    r.next() / 10,
    r.next() / 10,
  ],
  'tall and wide': (r) => (r.integer(2) ? [r.next(), 0, 1e-3, 9] : [2, r.next(), 9, 1e-3]),
  'far from the origin': (r) => [1e15 + r.integer(9), -1e15 - r.integer(9), r.integer(2), 1],
  endless: (r) => [r.integer(3) - 1, r.next(), r.integer(5) ? 0.1 : Number.POSITIVE_INFINITY, 0.1],
  'hardly any': (r) => [5e-324 * r.integer(4), 0, 5e-324 * r.integer(2), 5e-324],
};

for (const [kind, boxOf] of Object.entries(KINDS)) {
  test(`boxes ${kind}: the pairs that comparing all finds, each once`, () => {
    let found = 0;
    for (let seed = 0; seed < 60; seed++) {
      const random = new Random(seed);
      const count = 1 + random.integer(150);
      const boxes = new Float64Array(4 * count);
      const groups = Uint32Array.from({ length: count }, () => random.integer(1 + (seed % 4)));
      for (let n = 0; n < count; n++) {
        const [x, y, width, height] = boxOf(random);
        boxes.set([x, y, x + width, y + height], 4 * n);
        if (random.integer(30) === 0) boxes[4 * n + random.integer(4)] = Number.NaN;
        if (random.integer(30) === 0) boxes[4 * n + 2] = x - 1;
      }
      for (const within of [false, true]) {
        const pairs = pairsOf(boxes, groups, within);
        found += pairs.length;
        const expected = allPairs(boxes, groups, within);
        assert.deepEqual(pairs.toSorted(), expected.toSorted(), `seed ${seed}, within: ${within}`);
      }
    }
    assert.ok(found > 300, `${found}`);
  });
}

test('no boxes, or boxes of one group, have no pairs', () => {
  assert.deepEqual(pairsOf(new Float64Array(0), new Uint32Array(0), true), []);
  const same = Float64Array.from([0, 0, 1, 1, 0, 0, 1, 1]);
  assert.deepEqual(pairsOf(same, new Uint32Array(2), false), []);
  assert.deepEqual(pairsOf(same, new Uint32Array(2), true), ['0 1']);
});
