/** Estimates of jobs whose overlaps are judged. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeScenes } from '../../../bench/scenes.ts';
import { estimate } from '../../../src/index.ts';
import { temporaryFolder } from '../../staging/support.ts';

test('a sample is not judged, by copies of itself or by footprints; the estimate says so', async (t) => {
  const folder = temporaryFolder(t);
  const dirInput = join(folder, 'in');
  writeScenes(dirInput, { seed: 5, count: 2, polygonsEach: 400, overlap: 0.5 });
  const job = { dirInput, dirStaged: join(folder, 'out'), workers: 2 };
  // Nobody made footprints: whoever judged would say that they are missing.
  const rules = { dirFootprints: folder, deduplicateMethod: 'footprints', duplicates: 'remove' };
  const judged = await estimate({ ...job, ...rules } as never, { workers: [2] });
  const said = judged.assumptions.filter((text) =>
    text.startsWith('Judging overlaps is not in it'),
  );
  assert.equal(said.length, 1);
  assert.match(said[0]!, /up to twice the disk space/);
  assert.deepEqual(judged.failed, []);
  const plain = await estimate(job, { workers: [2] });
  assert.ok(!plain.assumptions.some((text) => text.includes('verlaps')));
});
