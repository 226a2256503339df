import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hash32, Random } from '../../src/core/random.ts';

/** xoshiro128** as its paper defines it, on unsigned big integers. */
function* xoshiro128(state: number[]): Generator<number> {
  const mask = 0xffffffffn;
  const rotate = (x: bigint, k: bigint): bigint => ((x << k) | (x >> (32n - k))) & mask;
  let [a, b, c, d] = state.map(BigInt) as [bigint, bigint, bigint, bigint];
  for (;;) {
    yield Number((rotate((b * 5n) & mask, 7n) * 9n) & mask);
    const t = (b << 9n) & mask;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotate(d, 11n);
  }
}

test('follows the definition of xoshiro128**', () => {
  for (const state of [
    [1, 2, 3, 4],
    [0xdeadbeef, 0, 0xffffffff, 0x80000000],
  ] as const) {
    const random = Random.fromState(state as unknown as [number, number, number, number]);
    const expected = xoshiro128([...state]);
    for (let i = 0; i < 1000; i++) assert.equal(random.uint32(), expected.next().value);
  }
});

test('gives the same numbers for a seed and others for another', () => {
  const draw = (seed: number): number[] => {
    const random = new Random(seed);
    return [random.next(), random.integer(1000), random.normal(), random.normal()];
  };
  assert.deepEqual(draw(42), draw(42));
  const seeds = [0, 1, 2, -1, 2 ** 31, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER];
  assert.equal(new Set(seeds.map((seed) => draw(seed)[0])).size, seeds.length);
  assert.throws(() => new Random(0.5), RangeError);
  assert.throws(() => Random.fromState([0, 0, 0, 2 ** 32]), RangeError);
});

test('next and integer are uniform, normal has mean 0 and variance 1', () => {
  const random = new Random(7);
  const n = 200_000;
  const counts = new Array<number>(10).fill(0);
  let sum = 0;
  let squares = 0;
  let within = 0;
  for (let i = 0; i < n; i++) {
    const u = random.next();
    assert.ok(u >= 0 && u < 1);
    counts[random.integer(10)]!++;
    const z = random.normal();
    sum += z;
    squares += z * z;
    if (Math.abs(z) < 1) within++;
  }
  // Five standard deviations of each estimate.
  for (const count of counts) assert.ok(Math.abs(count - n / 10) < 5 * Math.sqrt(n * 0.09));
  assert.ok(Math.abs(sum / n) < 5 / Math.sqrt(n));
  assert.ok(Math.abs(squares / n - 1) < 5 * Math.sqrt(2 / n));
  assert.ok(Math.abs(within / n - 0.6827) < 5 * Math.sqrt(0.217 / n));
  for (const bad of [0, -1, Number.NaN, 2 ** 54]) assert.throws(() => random.integer(bad));
});

test('a hash depends on each of its three numbers', () => {
  const hashes = new Set<number>();
  for (let a = -5; a < 5; a++) {
    for (let b = -5; b < 5; b++) for (let c = -5; c < 5; c++) hashes.add(hash32(a, b, c));
  }
  assert.equal(hashes.size, 1000);
});
