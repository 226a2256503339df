/** Staging with deduplication gives the labels of the golden scenes, at any z, in both modes. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import type { ConfigInput } from '../../../src/staging/configuration/config-input.ts';
import { TileStager } from '../../../src/staging/tile-stager.ts';
import { suiteFolder } from '../../faults/faults.ts';
import { type JudgedFeature, pairsOf } from '../../overlap/brute-judge.ts';
import {
  ABC,
  FOOTPRINT_COLUMNS,
  GOLDEN,
  goldenLabels,
  goldenShapes,
  NEIGHBOR_COLUMNS,
} from '../../overlap/golden-scenes.ts';
import { hashFolder, NO_SHARED_DATA } from '../support.ts';
import { assertJudged, labelsOf, MODES, stageInto } from './deduplicate-support.ts';

const skip = GOLDEN === null && NO_SHARED_DATA;

suite('deduplication of the golden scenes', { skip }, () => {
  const folder = suiteFolder();
  const dirInput = join(GOLDEN!, 'input');
  const dirFootprints = join(GOLDEN!, 'footprints');
  const out = join(folder, 'staged');
  const pathsOf = (scenes: readonly string[]) => scenes.map((scene) => join(dirInput, scene));

  const columns: { column: string; scenes: string[]; config: ConfigInput }[] = [
    ...NEIGHBOR_COLUMNS.map(({ column, scenes, rules }) => ({
      column,
      scenes,
      config: {
        deduplicateMethod: 'neighbor',
        deduplicateKeepRules: rules.keepRules,
        deduplicateOverlapTolerance: rules.overlapTolerance,
        deduplicateOverlapBoth: rules.overlapBoth,
        deduplicateCentroidTolerance: rules.centroidTolerance,
      } as ConfigInput,
    })),
    ...FOOTPRINT_COLUMNS.map(({ column, scenes, keepRules, clip }) => ({
      column,
      scenes,
      config: {
        dirFootprints,
        deduplicateMethod: 'footprints',
        deduplicateKeepRules: keepRules,
        deduplicateClipToFootprint: clip,
      } as ConfigInput,
    })),
  ];

  for (const z of [11, 13, 15]) {
    suite(`at z ${z}`, () => {
      before(async () => {
        for (const scenes of [columns[0]!.scenes, columns.at(-1)!.scenes]) {
          const plain = join(folder, `plain ${scenes.length} ${z}`);
          await stageInto(plain, { dirInput, zRange: [0, z] }, { inputs: pathsOf(scenes) });
        }
      });
      for (const { column, scenes, config } of columns) {
        test(column, async () => {
          const expected = goldenLabels(column, scenes);
          assert.ok(expected.size > 3000 && [...expected.values()].includes(true));
          for (const duplicates of MODES) {
            const values: ConfigInput = { dirInput, zRange: [0, z], ...config, duplicates };
            await stageInto(out, values, { inputs: pathsOf(scenes) });
            assertJudged(out, duplicates, expected, join(folder, `plain ${scenes.length} ${z}`));
          }
        });
      }
    });
  }

  test('a folder that is staged already is judged by neighbours, then by footprints', async () => {
    const [z, scenes] = [13, ABC] as const;
    const plain = join(folder, `plain ${scenes.length} ${z}`);
    for (const staged of [plain, out]) {
      await stageInto(staged, { dirInput, zRange: [0, z] }, { inputs: pathsOf(scenes) });
    }
    const unlabelled = hashFolder(out, { summary: 'staging_summary.csv' });
    const judged = columns.filter((column) => column.scenes.length === scenes.length);
    assert.equal(judged.length, 3);
    for (const { column, config } of judged) {
      for (const duplicates of MODES) {
        const stager = new TileStager({ zRange: [0, z], ...config, duplicates, dirStaged: out });
        await stager.deduplicate();
        assertJudged(out, duplicates, goldenLabels(column, scenes), plain);
      }
    }
    const none: ConfigInput = { zRange: [0, z], deduplicateMethod: null };
    await new TileStager({ ...none, dirStaged: out }).deduplicate();
    assert.deepEqual(hashFolder(out, { summary: 'staging_summary.csv' }), unlabelled);
  });

  test("the production configuration of PDG's ice-wedge polygons runs as it is", async () => {
    const scenes = columns[0]!.scenes;
    const stager = new TileStager({
      dir_input: dirInput,
      ext_input: '.gpkg',
      dir_staged: out,
      dir_footprints: dirFootprints,
      ext_footprints: '.gpkg',
      filename_staging_summary: join(folder, 'iwp_staging_summary.csv'),
      tms_id: 'WGS1984Quad',
      z_range: [0, 15],
      simplify_tolerance: 0.1,
      deduplicate_at: ['raster'],
      deduplicate_method: 'footprints',
      deduplicate_keep_rules: [['Date', 'larger']],
      deduplicate_clip_to_footprint: true,
      deduplicate_clip_method: 'intersects',
      prop_duplicated: 'staging_duplicated',
    });
    await stager.clean();
    await stager.stageAll({ inputs: pathsOf(scenes) });
    // Clipped besides what the footprints alone say: none of the golden columns has both.
    const labels = goldenLabels('ab_footprints_date_python', scenes);
    const inside = insideFootprints(scenes);
    const outside = [...labels.keys()].filter((name) => !inside.has(name));
    assert.ok(outside.length > 10, `${outside.length} are outside of their footprints`);
    for (const name of outside) labels.set(name, true);
    assert.deepEqual(new Map([...labelsOf(out)].sort()), new Map([...labels].sort()));
  });
});

/** Names of the features that overlap their own footprint, in the CRS of the scenes. */
function insideFootprints(scenes: readonly string[]): Set<string> {
  const names = scenes.flatMap((scene) => {
    const rename = (kind: string) => (one: JudgedFeature) => ({ ...one, input: kind });
    const features = goldenShapes('input', scene);
    const all = [
      ...goldenShapes('footprints', scene).map(rename('footprint')),
      ...features.map(rename('feature')),
    ];
    const pairs = pairsOf(all, {
      ...{ keepRules: [], overlapTolerance: null, overlapBoth: true, centroidTolerance: null },
      ...{ project: null, splitBy: null, within: false },
    });
    return pairs.map(({ second }) => `${scene} ${all[second]!.position}`);
  });
  return new Set(names);
}
