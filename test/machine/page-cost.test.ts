/** What writing into the system's cache costs. */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { measurePageCost, pageCostOf } from '../../src/machine/page-cost.ts';
import { temporaryFolder } from '../staging/support.ts';

suite('the cost of memory for files', () => {
  test('is told apart by what steps cost', () => {
    const again = [16, 17, 16];
    const rising = [16, 17, 18, 16, 100, 160, 160, 158, 162];
    assert.deepEqual(pageCostOf(rising, again, 16), {
      ...{ hot: 1, fresh: 10, hotBytes: 64e6, written: 144e6 },
    });
    // Nothing was at hand from the beginning.
    assert.equal(pageCostOf([160, 161, 159, 160], again, 16).hotBytes, 0);
    assert.equal(pageCostOf([160, 161, 159, 160], again, 16).fresh, 10);
    // One that is dear by itself is chance.
    assert.deepEqual(pageCostOf([16, 16, 90, 16, 16], again, 16), {
      ...{ hot: 1, fresh: 1, hotBytes: Infinity, written: 80e6 },
    });
  });

  test('is measured in a folder, within a budget, and leaves nothing there', (t) => {
    const folder = temporaryFolder(t);
    const cost = measurePageCost(folder, 0, 40e6, 10_000)!;
    assert.ok(cost.hot > 0 && cost.fresh >= cost.hot);
    assert.ok(cost.written >= 16e6 && cost.written <= 40e6, String(cost.written));
    assert.deepEqual(readdirSync(folder), []);
    assert.equal(measurePageCost(join(folder, 'none'), 0, 40e6, 100), null);
  });
});
