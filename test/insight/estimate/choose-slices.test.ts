/** Which slices a sample has, and how tiles are counted from some of their features. */

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import {
  type Candidate,
  chooseSlices,
  strataOf,
} from '../../../src/insight/estimate/sample/choose-slices.ts';
import { countTiles } from '../../../src/insight/estimate/sample/tile-count.ts';

function candidate(bytes: number, format = 'GeoPackage'): Candidate {
  const featureCount = Math.ceil(bytes / 700);
  return { format, bytes, featureCount, slices: [{ start: 1, end: featureCount + 1 }] };
}

const sizes = [1, 2, 3, 5, 8, 20, 40, 50, 80, 200, 300, 400].map((mb) => mb * 1e6);
const mixed = [...sizes.map((bytes) => candidate(bytes)), candidate(30e6, 'Shapefile')];
const options = { bytes: 40e6, sliceBytes: 1e6, seed: 1 };

suite('slices', () => {
  test('are the same for the same seed, and others for another', () => {
    assert.deepEqual(chooseSlices(mixed, options), chooseSlices(mixed, options));
    assert.notDeepEqual(chooseSlices(mixed, options), chooseSlices(mixed, { ...options, seed: 2 }));
  });

  test('are of all formats and size classes, in proportion to their bytes', () => {
    const strata = strataOf(mixed);
    assert.equal(strata.length, 5);
    const chosen = chooseSlices(mixed, options);
    const all = mixed.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const [stratum, { bytes, format }] of strata.entries()) {
      const own = chosen.filter((slice) => slice.stratum === stratum);
      const wanted = Math.max(1, Math.round((40 * bytes) / all));
      assert.equal(own.length, wanted, `${format} ${bytes}`);
      assert.ok(own.every(({ index }) => strata[stratum]!.members.includes(index)));
    }
    // From several files of a class, before a second slice of any of them.
    const largest = chosen.filter(({ stratum }) => stratum === 3);
    assert.equal(new Set(largest.map(({ index }) => index)).size, 3);
  });

  test('keep to the budget, whatever the job', () => {
    for (const candidates of [
      mixed,
      [candidate(5e9)],
      [candidate(1000)],
      sizes.map((b) => candidate(b / 1e4)),
    ]) {
      const all = candidates.reduce((sum, { bytes }) => sum + bytes, 0);
      const chosen = chooseSlices(candidates, options);
      const bytes = chosen.reduce((sum, slice) => sum + slice.bytes, 0);
      assert.ok(chosen.length > 0);
      assert.ok(bytes <= Math.min(all, 44e6) * 1.001, `${bytes} of ${all}`);
    }
  });

  test('do not overlap, lie in their files and cover small ones as a whole', () => {
    const chosen = chooseSlices(mixed, { ...options, bytes: 1e9 });
    for (const own of Map.groupBy(chosen, ({ index }) => index).values()) {
      own.sort((a, b) => a.slice.start - b.slice.start);
      for (const [i, { slice, index }] of own.entries()) {
        assert.ok(slice.start >= (own[i - 1]?.slice.end ?? 1) && slice.start < slice.end);
        assert.ok(slice.end <= mixed[index]!.featureCount + 1);
      }
    }
    const [whole] = chooseSlices([candidate(1000)], options);
    assert.deepEqual(whole!.slice, { start: 1, end: 3 });
  });

  test('of inputs without positions are the inputs; those without features are left out', () => {
    const view = { ...candidate(5e6), slices: [{ start: -Infinity, end: Infinity }] };
    assert.deepEqual(
      chooseSlices([view], options).map(({ slice, bytes }) => ({ slice, bytes })),
      [{ slice: { start: -Infinity, end: Infinity }, bytes: 5e6 }],
    );
    assert.deepEqual(chooseSlices([{ ...candidate(5e6), featureCount: 0 }], options), []);
  });
});

suite('tiles', () => {
  /** How often each of `tiles` equally likely tiles is met by `looks`. */
  function looks(tiles: number, number: number): number[] {
    const random = new Random(11);
    const counts = new Map<number, number>();
    for (let i = 0; i < number; i++) {
      const tile = random.integer(tiles);
      counts.set(tile, (counts.get(tile) ?? 0) + 1);
    }
    return [...counts.values()];
  }

  test('are counted from a part of the features', () => {
    for (const [tiles, number] of [
      [2000, 6000],
      [2000, 2000],
      [50, 500],
    ] as const) {
      const counted = countTiles(looks(tiles, number), 1e6);
      assert.ok(Math.abs(counted / tiles - 1) < 0.07, `${counted} of ${tiles}`);
    }
  });

  test('are no more than the extents cover, or than there are rows', () => {
    assert.equal(countTiles(looks(2000, 1000), 1e6, 900), 900);
    assert.equal(countTiles([1, 1, 1], 3), 3);
    assert.ok(countTiles([1, 1, 1, 1], 5) <= 5);
    assert.equal(countTiles([], 0), 0);
  });
});
