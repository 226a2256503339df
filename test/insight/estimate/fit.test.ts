/** Rates from synthetic costs. */

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import {
  fitMerge,
  fitStage,
  fitTwo,
  kernelUnits,
  type MergePoint,
  type StagePoint,
} from '../../../src/insight/estimate/model/fit.ts';
import { slowdownFrom } from '../../../src/insight/estimate/model/slowdown.ts';

const RATES = { reading: 2e-6, kernels: 5e-5, writing: 1e-6, other: 0.4 };

/** Tasks of one worker whose first ones are twice as slow, as long as `slow` says. */
function tasks(count: number, slow: number, noise = 0, format = 'GeoPackage', factor = 1) {
  const random = new Random(5);
  return Array.from({ length: count }, (_, i): StagePoint & { queued: number } => {
    const features = 1000 + random.integer(3000);
    const size = { features, vertices: features * 30, bytes: features * 740 };
    const shuffleBytes = features * 860;
    const pace = (i < slow ? 2 : 1) * (1 + noise * random.normal()) * factor;
    return {
      ...{ worker: 'one', format, ...size, shuffleBytes, queued: 0 },
      reading: RATES.reading * size.bytes * pace,
      kernels: RATES.kernels * kernelUnits(size) * pace,
      writing: RATES.writing * shuffleBytes * pace,
      other: RATES.other * pace,
    };
  });
}

function near(actual: number, expected: number, tolerance = 0.02): void {
  assert.ok(Math.abs(actual / expected - 1) < tolerance, `${actual} is not about ${expected}`);
}

suite('rates', () => {
  test('of staging are found again, without what was slow at first', () => {
    const points = tasks(150, 15);
    const { rates, warmUp, spread } = fitStage(points);
    const found = rates.get('GeoPackage')!;
    near(found.readingPerByte, RATES.reading);
    near(found.kernelsPerUnit, RATES.kernels);
    near(found.writingPerByte, RATES.writing);
    near(found.perFile, RATES.other);
    const excess = points
      .slice(0, 15)
      .reduce((sum, p) => sum + (p.reading + p.kernels + p.writing + p.other) / 2, 0);
    near(warmUp, excess, 0.05);
    assert.ok(spread < 0.02, String(spread));
  });

  test('are told apart by format', () => {
    const points = [...tasks(100, 0), ...tasks(100, 0, 0, 'Shapefile', 3)];
    const { rates } = fitStage(points);
    near(rates.get('Shapefile')!.kernelsPerUnit, 3 * RATES.kernels);
    near(rates.get('GeoPackage')!.kernelsPerUnit, RATES.kernels);
  });

  test('have the spread of the tasks as their own, and less of it in their mean', () => {
    const { spread, error } = fitStage(tasks(200, 0, 0.2));
    near(spread, 0.2, 0.25);
    assert.ok(error < spread / 5, `${error} ${spread}`);
  });

  test('of merging are found again, tiles apart from bytes', () => {
    const random = new Random(3);
    const points = Array.from({ length: 100 }, (): MergePoint => {
      const tiles = 1 + random.integer(5);
      const shuffleBytes = tiles * random.integer(4_000_000);
      return { worker: 'one', tiles, shuffleBytes, net: 0.3 * tiles + 1.5e-6 * shuffleBytes };
    });
    const { rates } = fitMerge(points);
    near(rates.perTile, 0.3);
    near(rates.perByte, 1.5e-6);
  });

  test('of merging stay within reason when tiles and bytes can not be told apart', () => {
    const points = Array.from(
      { length: 30 },
      (_, i): MergePoint => ({
        worker: 'one',
        tiles: 1,
        shuffleBytes: 1e6,
        net: 10 + (i % 3) - 1,
      }),
    );
    const { rates } = fitMerge(points);
    near(rates.perTile + 1e6 * rates.perByte, 10, 0.1);
    assert.ok(rates.perTile > 0 && rates.perByte > 0);
    assert.deepEqual(fitMerge([]).rates, { perTile: 0, perByte: 0 });
  });

  test('two coefficients are never negative', () => {
    near(
      fitTwo([
        [1, 10, 32],
        [2, 10, 34],
        [3, 40, 126],
      ])[0],
      2,
      1e-6,
    );
    assert.deepEqual(
      fitTwo([
        [1, 10, 100],
        [2, 10, 90],
        [1, 20, 210],
      ])[0],
      0,
    );
    assert.deepEqual(fitTwo([]), [0, 0]);
  });
});

suite('slowdown', () => {
  const alone = tasks(150, 0);
  const { rates } = fitStage(alone);
  const none = { perTile: 0, perByte: 0 };
  const measure = (together: typeof alone | null, workers = 2) =>
    slowdownFrom(
      { stage: alone, merge: [] },
      together === null ? null : { stage: together, merge: [] },
      rates,
      none,
      workers,
    );

  test('is what tasks take longer beside others, with what they wait for cores', () => {
    near(measure(tasks(150, 0, 0, 'GeoPackage', 1.3)).all, 1.3);
    const waiting = alone.map((point) => {
      const net = point.reading + point.kernels + point.writing + point.other;
      return { ...point, queued: net / 2 };
    });
    near(measure(waiting).all, 1.5);
    near(measure(waiting).one, 1);
  });

  test('is nearer to the usual one on a quiet machine', () => {
    const together = { stage: tasks(150, 0, 0, 'GeoPackage', 1.6), merge: [] };
    const all = (busy: number): number =>
      slowdownFrom({ stage: alone, merge: [] }, together, rates, none, 2, busy).all;
    near(all(0.25), 1.6);
    near(all(0), 1.6 ** 0.4 * 1.1 ** 0.6);
    assert.ok(all(0.1) > all(0) && all(0.1) < all(0.25));
  });

  test('is never so large that several workers get less done than one', () => {
    near(measure(tasks(150, 0, 0, 'GeoPackage', 5)).all, 1.8);
  });

  test('is the usual one if there is too little to compare, and none with one core', () => {
    near(measure(tasks(4, 0)).all, 1.1);
    near(measure(null).all, 1);
  });
});
