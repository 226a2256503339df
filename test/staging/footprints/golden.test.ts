import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { FOOTPRINT_COLUMNS, GOLDEN, goldenLabels } from '../../overlap/golden-scenes.ts';
import { NO_SHARED_DATA, temporaryFolder } from '../support.ts';
import { featuresIn, judgeOf, stagedInput, verdictOf } from './fixture.ts';

suite('footprints of the golden scenes', { skip: GOLDEN === null && NO_SHARED_DATA }, () => {
  for (const { column, scenes, keepRules, clip } of FOOTPRINT_COLUMNS) {
    test(column, async (t) => {
      const { judge } = await judgeOf(
        scenes.map((name) => stagedInput(name)),
        temporaryFolder(t),
        {
          footprints: join(GOLDEN!, 'footprints'),
          keepRules: keepRules.map(([name, keep]) => ({ column: name, keep })),
          clip: clip ? 'intersects' : null,
        },
      );
      const labels = new Map<string, boolean>();
      for (const scene of scenes) {
        const batch = await featuresIn(join(GOLDEN!, 'input', scene));
        for (let i = 0; i < batch.featureCount; i++) {
          const goes = verdictOf(judge, scene, batch, i) !== 'stays';
          labels.set(`${scene} ${batch.positions[i]}`, goes);
        }
      }
      assert.deepEqual(labels, goldenLabels(column, scenes));
    });
  }
});
