import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FeatureBatch } from '../../../src/geometry/batch.ts';
import { ValidityCheck } from '../../../src/geometry/validity/check.ts';
import { bitOf, INVALID, INVALID_KINDS } from '../../../src/geometry/validity/kinds.ts';
import { batchOf, jtsArgument, jtsSkip, jtsTests, polygonsOf } from '../../conformance/jts.ts';
import { rounds, seedOf } from '../../soak/rounds.ts';
import { seededRandom } from '../random.ts';
import { geosReasons, noGeos } from './geos.ts';
import { append, box, closed, type Polygons, randomPolygons, reversed } from './scenes.ts';

const check = new ValidityCheck();

function namesOf(bits: number): string[] {
  return INVALID_KINDS.filter((_, k) => bits & (1 << k));
}

function kindsOf(polygons: Polygons): string[] {
  const batch = new FeatureBatch();
  append(batch, polygons);
  return namesOf(check.of(batch, 0));
}

test("agrees with JTS's vectors of isValid", { skip: jtsSkip }, () => {
  const counts = { valid: 0, invalid: 0, 'points and lines': 0 };
  for (const vector of jtsTests('isValid')) {
    const geometry = jtsArgument(vector, 0)!;
    if (geometry.polygons === null) {
      counts['points and lines']++;
      continue;
    }
    const isValid = (check.of(batchOf(geometry), 0) & INVALID) === 0;
    assert.equal(String(isValid), vector.expected, `${vector.file}: ${vector.description}`);
    counts[isValid ? 'valid' : 'invalid']++;
  }
  assert.deepEqual(counts, { valid: 282, invalid: 122, 'points and lines': 518 });
});

test('agrees with GEOS on random polygons of every kind', { skip: noGeos }, () => {
  const found = new Map<string, number>();
  for (let round = 0; round < rounds(2, 5); round++) {
    const random = seededRandom(seedOf(round + 1));
    const batch = new FeatureBatch();
    for (let i = 0; i < 20_000; i++) append(batch, randomPolygons(random));
    geosReasons(batch).forEach((reason, i) => {
      const bits = check.of(batch, i);
      const isValid = (bits & INVALID) === 0;
      const polygons = (): string => `${reason}: ${JSON.stringify(polygonsOf(batch, i))}`;
      assert.equal(isValid, reason === 'Valid Geometry', polygons());
      for (const name of isValid ? ['valid'] : namesOf(bits)) {
        found.set(name, (found.get(name) ?? 0) + 1);
      }
    });
  }
  // GEOS can't be asked about rings that are open, and here nothing is infinite.
  const rare = new Set(['unclosed', 'non-finite coordinate']);
  for (const kind of INVALID_KINDS) if (!rare.has(kind)) assert.ok(found.get(kind), kind);
  assert.ok(found.get('valid')! > 5000, String(found.get('valid')));
});

const shell = box(0, 0, 10, 10);
/** Clockwise, as holes are. */
const hole = (x: number, y: number, width: number, height: number): number[] =>
  reversed(box(x, y, width, height));

/** `at`: places where it is wrong, of which any one may be told. */
const CASES: { kind: string; polygons: Polygons; at: number[] }[] = [
  { kind: 'self-crossing', polygons: [[[0, 0, 2, 2, 2, 0, 0, 2, 0, 0]]], at: [1, 1] },
  // Touches itself in a vertex, on an edge, along an edge.
  {
    kind: 'self-crossing',
    polygons: [[[0, 0, 4, 0, 4, 4, 2, 2, 0, 4, 1, 1, 2, 2, 3, 1, 0, 0]]],
    at: [2, 2],
  },
  { kind: 'self-crossing', polygons: [[[0, 0, 4, 0, 4, 4, 2, 0, 0, 4, 0, 0]]], at: [2, 0] },
  {
    kind: 'self-crossing',
    polygons: [[[0, 0, 6, 0, 6, 4, 5, 4, 5, 0, 3, 0, 3, 4, 0, 4, 0, 0]]],
    at: [3, 0, 5, 0],
  },
  { kind: 'spike', polygons: [[[0, 0, 4, 0, 4, 4, 6, 6, 4, 4, 0, 4, 0, 0]]], at: [6, 6] },
  { kind: 'spike', polygons: [[[4, 4, 8, 8, 5, 5, 0, 9, 0, 0, 4, 4]]], at: [8, 8] },
  { kind: 'unclosed', polygons: [[[0, 0, 4, 0, 4, 4, 0, 4]]], at: [0, 4] },
  { kind: 'too few points', polygons: [[[0, 0, 4, 0, 0, 0]]], at: [0, 0] },
  { kind: 'too few points', polygons: [[[0, 0, 4, 0, 4, 0, 4, 0, 0, 0]]], at: [0, 0] },
  { kind: 'too few points', polygons: [[shell, [5, 5, 5, 5, 5, 5, 5, 5]]], at: [5, 5] },
  { kind: 'zero area', polygons: [[[0, 0, 4, 4, 2, 2, 0, 0]]], at: [0, 0, 4, 4] },
  {
    kind: 'duplicate ring',
    polygons: [[shell, hole(2, 2, 2, 2), closed([4, 4, 4, 2, 2, 2, 2, 4])]],
    at: [2, 2, 4, 2, 4, 4, 2, 4],
  },
  { kind: 'duplicate ring', polygons: [[shell], [shell]], at: shell },
  { kind: 'duplicate ring', polygons: [[shell, reversed(shell)]], at: shell },
  { kind: 'crossing rings', polygons: [[shell, hole(8, 8, 4, 4)]], at: [10, 8, 8, 10] },
  { kind: 'crossing rings', polygons: [[shell, hole(10, 2, 4, 4)]], at: [10, 2, 10, 6] },
  {
    kind: 'crossing rings',
    polygons: [[shell, hole(2, 2, 4, 4), closed([3, 1, 4, 2, 5, 1, 5, 9, 4, 6, 3, 9])]],
    at: [3, 2, 4, 2, 5, 2, 3, 6, 4, 6, 5, 6],
  },
  { kind: 'overlapping polygons', polygons: [[shell], [box(5, 5, 10, 10)]], at: [5, 10, 10, 5] },
  { kind: 'overlapping polygons', polygons: [[shell], [box(10, 2, 4, 4)]], at: [10, 2, 10, 6] },
  { kind: 'hole outside its shell', polygons: [[shell, hole(20, 2, 4, 4)]], at: [20, 2] },
  {
    kind: 'hole outside its shell',
    polygons: [[shell, hole(20, 2, 4, 4)], [box(18, 0, 10, 10)]],
    at: [20, 2],
  },
  { kind: 'nested shells', polygons: [[shell], [box(2, 2, 4, 4)]], at: [2, 2] },
  { kind: 'nested holes', polygons: [[shell, hole(1, 1, 8, 8), hole(2, 2, 2, 2)]], at: [2, 2] },
  // A hole from side to side, two that do it together, a ring of four around a middle.
  {
    kind: 'disconnected interior',
    polygons: [[shell, closed([5, 0, 4, 5, 5, 10, 6, 5])]],
    at: [5, 0, 5, 10],
  },
  {
    kind: 'disconnected interior',
    polygons: [[shell, closed([0, 5, 3, 6, 5, 5, 3, 4]), closed([5, 5, 8, 6, 10, 5, 8, 4])]],
    at: [0, 5, 5, 5, 10, 5],
  },
  { kind: 'non-finite coordinate', polygons: [[[0, 0, 4, 0, 4, NaN, 0, 4, 0, 0]]], at: [4, NaN] },
  {
    kind: 'non-finite coordinate',
    polygons: [[shell, [1, 1, 2, 1, -Infinity, 2, 1, 1]]],
    at: [-Infinity, 2],
  },
  { kind: 'wrong orientation', polygons: [[reversed(shell)]], at: [0, 0] },
  { kind: 'wrong orientation', polygons: [[shell, box(2, 2, 4, 4)]], at: [2, 2] },
];

test('names what was made wrong, and where', () => {
  for (const { kind, polygons, at } of CASES) {
    const batch = new FeatureBatch();
    append(batch, polygons);
    const text = JSON.stringify(polygons);
    assert.deepEqual(namesOf(check.of(batch, 0)).slice(0, 1), [kind], text);
    const found = check.explain(batch, 0)!;
    const places = Array.from({ length: at.length / 2 }, (_, k) => at.slice(2 * k, 2 * k + 2));
    assert.equal(found.kind, kind, text);
    assert.ok(
      places.some(([x, y]) => Object.is(found.x, x) && Object.is(found.y, y)),
      `${found.x}, ${found.y}: ${text}`,
    );
  }
  assert.deepEqual(new Set(CASES.map(({ kind }) => kind)), new Set(INVALID_KINDS));
});

test('wrong orientation alone is not invalid', () => {
  assert.equal(bitOf('wrong orientation') & INVALID, 0);
  assert.equal(INVALID | bitOf('wrong orientation'), 2 ** INVALID_KINDS.length - 1);
});

test('allows what may look wrong', () => {
  const allowed: Polygons[] = [
    [],
    // Repeated vertices; a vertex on a straight line.
    [[[0, 0, 0, 0, 4, 0, 4, 0, 4, 0, 4, 4, 0, 0, 0, 0]]],
    [[[0, 0, 2, 0, 4, 0, 4, 4, 0, 0]]],
    // Holes that touch the shell, or each other, in one point.
    [[shell, closed([0, 5, 2, 6, 2, 4]), closed([2, 4, 3, 3, 1, 2])]],
    [[shell, closed([5, 5, 4, 6, 6, 6]), closed([5, 5, 6, 4, 4, 4]), closed([5, 5, 7, 5.5, 7, 5])]],
    // An island in a hole, as large as it or touching it; polygons corner to corner.
    [[shell, hole(2, 2, 6, 6)], [closed([5, 2, 8, 5, 5, 8, 2, 5])]],
    [[shell, hole(2, 2, 6, 6)], [box(3, 3, 2, 2), hole(3.5, 3.5, 1, 1)], [box(3.7, 3.7, 0.1, 0.1)]],
    [[shell], [box(10, 10, 2, 2)], [box(-2, 10, 2, 2)]],
  ];
  for (const polygons of allowed) assert.deepEqual(kindsOf(polygons), [], JSON.stringify(polygons));
});
