/** Verdicts against the greedy choice, whole and cut into regions. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/core/random.ts';
import { BorderJudge } from '../../src/overlap/border-judge.ts';
import { judgeRegion, RegionPairsBuilder } from '../../src/overlap/region-pairs.ts';
import { GOES, judge } from '../../src/overlap/verdict.ts';

interface Scene {
  /** Features in the order of preference, each with the regions that it is in. */
  regions: number[][];
  /** Pairs of duplicates; the first is preferred. */
  pairs: [number, number][];
}

/** Duplicates have a region in common, as two features that overlap have a tile. */
function randomScene(random: Random): Scene {
  const count = 2 + random.integer(40);
  const cells = 1 + random.integer(5);
  const regions = Array.from({ length: count }, () => {
    const first = random.integer(cells);
    return random.next() < 0.6 ? [first] : [...new Set([first, random.integer(cells)])];
  });
  const pairs: [number, number][] = [];
  const density = random.next() * 0.3;
  for (let i = 0; i < count; i++) {
    for (let j = i + 1; j < count; j++) {
      const common = regions[i]!.some((region) => regions[j]!.includes(region));
      if (common && random.next() < density) pairs.push([i, j]);
    }
  }
  return { regions, pairs };
}

function shuffled<T>(random: Random, values: readonly T[]): T[] {
  const keyed = values.map((value) => ({ value, key: random.next() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ value }) => value);
}

/** From the most preferred to the least: one that is a duplicate of one that stays, goes. */
function greedy({ regions, pairs }: Scene): boolean[] {
  const goes: boolean[] = [];
  for (let j = 0; j < regions.length; j++) {
    goes[j] = pairs.some(([i, other]) => other === j && goes[i] === false);
  }
  return goes;
}

/** As a folder is judged: each region by itself, then what is left over all. */
function byRegions({ regions, pairs }: Scene, random: Random): boolean[] {
  const goes = regions.map(() => false);
  const borders = new BorderJudge();
  const cells = [...new Set(regions.flat())];
  for (const cell of shuffled(random, cells)) {
    const builder = new RegionPairsBuilder();
    const feature = (i: number): number => builder.feature(0, i, [0, 0, 0, 0], 0, i);
    const own = pairs.filter((pair) => pair.every((i) => regions[i]!.includes(cell)));
    for (const [i, j] of shuffled(random, own)) {
      const measures = { overlapPreferred: 1, overlapOther: 1, distance: 0 };
      builder.pair({ preferred: feature(i), other: feature(j), ...measures, isDuplicate: true });
      // The same pair is found in another tile of the region.
      if (random.next() < 0.3) {
        builder.pair({ preferred: feature(i), other: feature(j), ...measures, isDuplicate: true });
      }
    }
    const found = builder.build();
    const isInside = (k: number): boolean => regions[found.position[k]!]!.length === 1;
    const { states, border } = judgeRegion(found, isInside);
    for (const [k, state] of states.entries()) if (state === GOES) goes[found.position[k]!] = true;
    borders.add(border, [0]);
  }
  for (const i of borders.judge().position) goes[i] = true;
  return goes;
}

test('what goes is what the greedy choice says, however it is cut into regions', () => {
  let gone = 0;
  for (let seed = 0; seed < 3_000; seed++) {
    const random = new Random(seed);
    const scene = randomScene(random);
    const expected = greedy(scene);
    assert.deepEqual(byRegions(scene, random), expected, `seed ${seed}`);
    const states = new Uint8Array(scene.regions.length);
    const edges = {
      preferred: Uint32Array.from(scene.pairs, ([i]) => i),
      other: Uint32Array.from(scene.pairs, ([, j]) => j),
    };
    judge(edges, states, new Uint8Array(states.length).fill(1));
    assert.deepEqual(
      [...states].map((state) => state === GOES),
      expected,
      `seed ${seed}`,
    );
    gone += expected.filter(Boolean).length;
  }
  assert.ok(gone > 3_000);
});

test('of a chain of 100,000 every second one goes, over regions of a thousand', () => {
  const count = 100_000;
  const regionsOf = (i: number): number[] =>
    i % 1_000 === 0 && i > 0 ? [i / 1_000 - 1, i / 1_000] : [Math.floor(i / 1_000)];
  const regions = Array.from({ length: count }, (_, i) => regionsOf(i));
  const pairs = Array.from({ length: count - 1 }, (_, i): [number, number] => [i, i + 1]);
  const byCell = Map.groupBy(pairs, ([, j]) => regionsOf(j)[0]!);
  const borders = new BorderJudge();
  let inside = 0;
  for (const own of byCell.values()) {
    const builder = new RegionPairsBuilder();
    for (const [i, j] of own) {
      const [preferred, other] = [i, j].map((k) => builder.feature(0, k, [0, 0, 0, 0], 0, k));
      const measures = { overlapPreferred: 1, overlapOther: 1, distance: 0 };
      builder.pair({ preferred: preferred!, other: other!, ...measures, isDuplicate: true });
    }
    const found = builder.build();
    const isInside = (k: number): boolean => regions[found.position[k]!]!.length === 1;
    const { states, border } = judgeRegion(found, isInside);
    for (const [k, state] of states.entries()) {
      if (state !== GOES || !isInside(k)) continue;
      assertOdd(found.position[k]!);
      inside++;
    }
    borders.add(border, [0]);
  }
  const { position } = borders.judge();
  for (const i of position) assertOdd(i);
  assert.equal(inside + position.length, count / 2);
});

function assertOdd(i: number): void {
  assert.equal(i % 2, 1, `${i} goes`);
}
