/** What is told of features while slices are staged and their tiles written. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/core/random.ts';
import { FeatureCount } from '../../src/staging/groups/feature-count.ts';
import type { SpillStep } from '../../src/staging/groups/steps.ts';

const spill = (rows: number): SpillStep =>
  ({ spill: [{ rows }], why: {}, memory: 0 }) as unknown as SpillStep;

test('features count half when they are read, and come out even when all is written', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = new Random(seed);
    let done = 0;
    const count = new FeatureCount((features) => {
      assert.ok(features > 0 && Number.isInteger(features));
      done += features;
    });
    let [features, waiting] = [0, 0];
    for (let slice = 0; slice < 10; slice++) {
      const rowsRead = 1 + random.integer(1000);
      // None for a slice of which all is dropped.
      const rows = Math.floor(rowsRead * [0, 0.3, 1.1, 7][random.integer(4)]!);
      count.read(Math.floor(rowsRead / 3));
      count.read(rowsRead - Math.floor(rowsRead / 3));
      features += rowsRead;
      assert.ok(done >= Math.floor(features / 2) && done <= features);
      count.staged(rowsRead, rows);
      waiting += rows;
      const some = random.integer(waiting + 1);
      count.written(spill(some));
      waiting -= some;
    }
    assert.ok(waiting === 0 || done < features);
    count.written(spill(waiting));
    assert.equal(done, features);
  }
});

test('what an attempt had read that failed is taken back', () => {
  let done = 0;
  const count = new FeatureCount((features) => {
    done += features;
  });
  count.read(100);
  assert.equal(done, 50);
  count.read(-100);
  assert.equal(done, 0);
});
