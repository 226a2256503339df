/** The rules of deduplication that a configuration or a command line asks for. */

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { inputExtensions } from '../../../src/formats/input-formats.ts';
import { Config } from '../../../src/staging/configuration/config.ts';
import {
  type Deduplication,
  deduplicationOf,
  distanceNotes,
} from '../../../src/staging/configuration/deduplication.ts';
import { snakeCase } from '../../../src/staging/configuration/spelling.ts';
import { getTileMatrixSet } from '../../../src/tms/registry.ts';
import { refused } from '../config-fixture.ts';

const rulesOf = (values: object): Deduplication | null => deduplicationOf(Config.parse(values));

function snakeCased(values: object): object {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [snakeCase(key), value]));
}

/** What the Python pipeline has by default, but for the method. */
const NEIGHBOR: Deduplication = {
  method: 'neighbor',
  keepRules: [],
  overlapTolerance: 0.5,
  overlapBoth: true,
  centroidTolerance: null,
  distanceCrs: 'EPSG:3857',
  splitBy: null,
  within: false,
  duplicates: 'label',
  clip: null,
  footprints: null,
  footprintExtensions: inputExtensions(),
  missingFootprints: 'fail',
};

suite('configurations of the Permafrost Discovery Gateway', () => {
  test('ice wedges', () => {
    const config = Config.parse({
      dir_input: 'iwp',
      ext_input: '.shp',
      dir_staged: 'staged',
      tms_id: 'WGS1984Quad',
      z_range: [0, 15],
      simplify_tolerance: 0.1,
      deduplicate_at: ['raster'],
      deduplicate_method: 'footprints',
      deduplicate_keep_rules: [['Date', 'larger']],
      deduplicate_clip_to_footprint: true,
      dir_footprints: 'iwp-footprints',
      ext_footprints: '.shp',
    });
    assert.deepEqual(deduplicationOf(config), {
      ...NEIGHBOR,
      method: 'footprints',
      keepRules: [{ column: 'Date', keep: 'larger' }],
      clip: 'intersects',
      footprints: 'iwp-footprints',
      footprintExtensions: ['.shp'],
    });
    assert.deepEqual(config.notes, []);
    assert.equal(config.values.simplifyTolerance, 0.1);
    assert.deepEqual(config.values.zRange, [0, 15]);
  });

  test('lakes', () => {
    const rules = rulesOf({
      deduplicate_at: ['staging'],
      deduplicate_method: 'neighbor',
      deduplicate_keep_rules: [['Date', 'larger']],
      deduplicate_overlap_tolerance: 0.5,
      deduplicate_overlap_both: true,
      deduplicate_centroid_tolerance: null,
      deduplicate_clip_to_footprint: false,
    });
    const keepRules = [{ column: 'Date', keep: 'larger' as const }];
    assert.deepEqual(rules, { ...NEIGHBOR, keepRules, duplicates: 'remove' });
  });

  test('one with all defaults asks for nothing', () => {
    const written = {
      deduplicate_at: null,
      deduplicate_method: null,
      deduplicate_keep_rules: [],
      deduplicate_overlap_tolerance: 0.5,
      deduplicate_overlap_both: true,
      deduplicate_centroid_tolerance: null,
      deduplicate_distance_crs: 'EPSG:3857',
      deduplicate_clip_to_footprint: true,
      deduplicate_clip_method: 'intersects',
      dir_footprints: 'footprints',
      ext_footprints: '.gpkg',
      prop_duplicated: 'staging_duplicated',
    };
    assert.equal(rulesOf(written), null);
    assert.equal(rulesOf({}), null);
  });
});

suite('rules', () => {
  const method = 'neighbor';
  const cases: [values: Record<string, unknown>, rules: Partial<Deduplication>][] = [
    [{}, {}],
    [
      {
        deduplicateKeepRules: [
          ['Date', 'larger'],
          ['cloud', 'smaller'],
        ],
      },
      {
        keepRules: [
          { column: 'Date', keep: 'larger' },
          { column: 'cloud', keep: 'smaller' },
        ],
      },
    ],
    [{ deduplicateOverlapTolerance: 0 }, { overlapTolerance: 0 }],
    [{ deduplicateOverlapTolerance: null }, { overlapTolerance: null, centroidTolerance: null }],
    [{ deduplicateOverlapBoth: false }, { overlapBoth: false }],
    [{ deduplicateCentroidTolerance: 5 }, { centroidTolerance: 5 }],
    [{ deduplicateDistanceCrs: 'EPSG:3413' }, { distanceCrs: 'EPSG:3413' }],
    [{ deduplicateDistanceCrs: null }, { distanceCrs: null }],
    [{ deduplicateSplitBy: 'sensor' }, { splitBy: 'sensor' }],
    [{ deduplicateWithin: true }, { within: true }],
    [{ deduplicateAt: ['raster', '3dtiles'] }, { duplicates: 'label' }],
    [{ deduplicateAt: ['raster', 'staging'] }, { duplicates: 'remove' }],
    [{ deduplicateAt: [] }, { duplicates: 'label' }],
    [{ duplicates: 'remove' }, { duplicates: 'remove' }],
    [{ deduplicateAt: ['staging'], duplicates: 'label' }, { duplicates: 'label' }],
    [{ deduplicateAt: ['staging'], duplicates: null }, { duplicates: 'remove' }],
    [{ dirFootprints: 'f' }, { footprints: 'f', clip: 'intersects' }],
    [
      { dirFootprints: 'f', deduplicateClipToFootprint: false },
      { footprints: 'f', clip: null },
    ],
    [
      { dirFootprints: 'f', deduplicateClipMethod: 'within' },
      { footprints: 'f', clip: 'within' },
    ],
    [
      {
        dirFootprints: 'f',
        deduplicateClipToFootprint: 'covers',
        deduplicateClipMethod: 'within',
      },
      { footprints: 'f', clip: 'covers' },
    ],
    [
      { deduplicateClipToFootprint: false, deduplicateClipMethod: 'within', extFootprints: 'shp' },
      { clip: null, footprintExtensions: ['.shp'] },
    ],
    [
      { dirFootprints: 'f', extFootprints: ['.GPKG', 'shp'], missingFootprints: 'keep' },
      {
        footprints: 'f',
        clip: 'intersects',
        footprintExtensions: ['.gpkg', '.shp'],
        missingFootprints: 'keep',
      },
    ],
  ];
  for (const [values, rules] of cases) {
    test(JSON.stringify(values), () => {
      const all = { deduplicateMethod: method, ...values };
      assert.deepEqual(rulesOf(all), { ...NEIGHBOR, ...rules });
      assert.deepEqual(rulesOf(snakeCased(all)), { ...NEIGHBOR, ...rules });
      const config = Config.parse(all);
      const copy = Config.parse(JSON.parse(JSON.stringify(config)));
      assert.deepEqual(deduplicationOf(copy), deduplicationOf(config));
      assert.deepEqual(copy.notes, config.notes);
    });
  }

  test('are switched off by a null method, whatever else is written', () => {
    const values = { deduplicateMethod: null, deduplicateKeepRules: [['a', 'larger']] };
    assert.equal(rulesOf(values), null);
    const config = Config.parse({ deduplicateMethod: 'footprints', dirFootprints: 'f' });
    assert.equal(deduplicationOf(config.merge({ deduplicateMethod: null })), null);
  });

  test('of footprints pass over what measures overlaps, and say so', () => {
    const { notes } = Config.parse({
      deduplicate_method: 'footprints',
      dir_footprints: 'f',
      deduplicate_overlap_tolerance: 0.3,
      deduplicate_distance_crs: 'EPSG:3857',
      deduplicateCentroidTolerance: 5,
    });
    assert.deepEqual(notes, [
      'deduplicate_overlap_tolerance, deduplicateCentroidTolerance: passed over, since the method ' +
        '"footprints" measures no overlaps',
    ]);
  });
});

test('clipping by a predicate that never holds is noted', () => {
  const values = { deduplicateMethod: 'neighbor', dirFootprints: 'f' };
  const notes = (more: object): string[] => Config.parse({ ...values, ...more }).notes;
  const note = 'No polygon crosses another: clipping by "crosses" leaves no feature';
  assert.deepEqual(notes({ deduplicateClipToFootprint: 'crosses' }), [note]);
  assert.deepEqual(notes({ deduplicateClipMethod: 'crosses' }), [note]);
  const covers = { deduplicateClipToFootprint: 'covers', deduplicateClipMethod: 'crosses' };
  assert.deepEqual(notes(covers), []);
  const off = { deduplicateClipToFootprint: false, deduplicateClipMethod: 'crosses' };
  assert.deepEqual(notes(off), []);
});

suite('what is wrong', () => {
  const neighbor = { deduplicateMethod: 'neighbor' };
  const footprints = { deduplicateMethod: 'footprints' };
  const noFolder =
    ": there is no dirFootprints (--footprints). Say which folder has the footprints; the Python pipeline's default is footprints.";
  const cases: [values: object, ...parts: string[]][] = [
    [
      { deduplicate_keep_rules: [['Date', 'larger']], duplicates: 'label' },
      'deduplicate_keep_rules, duplicates: there is no deduplicateMethod (--deduplicate). Say "neighbor" or "footprints", or null for no deduplication.',
    ],
    [{ dirFootprints: 'f' }, 'dirFootprints: there is no deduplicateMethod'],
    [{ deduplicate_at: ['staging'] }, 'deduplicate_at: there is no deduplicateMethod'],
    [footprints, `deduplicateMethod "footprints"${noFolder}`],
    [
      { deduplicate_method: 'footprints', deduplicate_clip_method: 'within' },
      `deduplicate_method "footprints", deduplicate_clip_method${noFolder}`,
    ],
    [
      { ...neighbor, deduplicate_clip_to_footprint: true },
      `deduplicate_clip_to_footprint${noFolder}`,
    ],
    [
      { ...neighbor, deduplicateClipToFootprint: 'within' },
      `deduplicateClipToFootprint${noFolder}`,
    ],
    [{ ...neighbor, extFootprints: '.gpkg' }, `extFootprints${noFolder}`],
    [{ ...neighbor, missingFootprints: 'keep' }, `missingFootprints${noFolder}`],
    [
      { ...footprints, dirFootprints: 'f', deduplicateWithin: true, deduplicateSplitBy: 'a' },
      'deduplicateSplitBy is for the method "neighbor": footprints are those of inputs.',
      'deduplicateWithin is for the method "neighbor"',
    ],
    [
      { deduplicateMethod: 'both' },
      'deduplicateMethod must be "neighbor" or "footprints" or null, not "both"',
    ],
    [
      { ...neighbor, deduplicateKeepRules: [['Date', 'bigger']] },
      'deduplicateKeepRules must be an array of [column, "larger" or "smaller"], not',
    ],
    [{ ...neighbor, deduplicateKeepRules: { Date: 'larger' } }, 'must be an array of [column,'],
    [{ ...neighbor, deduplicateKeepRules: [['', 'larger']] }, 'must be an array of [column,'],
    [
      {
        ...neighbor,
        deduplicate_keep_rules: [
          ['Date', 'larger'],
          ['Date', 'smaller'],
        ],
      },
      'deduplicate_keep_rules must name each column once, not',
    ],
    [
      { ...neighbor, deduplicateOverlapTolerance: 1 },
      'deduplicateOverlapTolerance must be a number ≥ 0 and < 1 or null, not 1',
    ],
    [{ ...neighbor, deduplicateOverlapTolerance: 50 }, 'a number ≥ 0 and < 1 or null, not 50'],
    [{ ...neighbor, deduplicateOverlapTolerance: -0.1 }, 'a number ≥ 0 and < 1 or null, not -0.1'],
    [
      { ...neighbor, deduplicateCentroidTolerance: -1 },
      'deduplicateCentroidTolerance must be a number ≥ 0 or null, not -1',
    ],
    [
      { ...neighbor, deduplicateOverlapBoth: 'yes' },
      'deduplicateOverlapBoth must be true or false, not "yes"',
    ],
    [
      { ...neighbor, deduplicate_at: 'staging' },
      'deduplicate_at must be an array of "staging", "raster" or "3dtiles", or null, not "staging"',
    ],
    [{ ...neighbor, deduplicateAt: ['web'] }, "or null, not [ 'web' ]"],
    [
      { ...neighbor, dirFootprints: 'f', deduplicateClipMethod: 'inside' },
      'deduplicateClipMethod must be "intersects", "within", "contains", "covers", "overlaps", "crosses" or "touches", not "inside"',
    ],
    [
      { ...neighbor, dirFootprints: 'f', deduplicateClipToFootprint: 'inside' },
      'deduplicateClipToFootprint must be true, false, "intersects", "within",',
      'not "inside"',
    ],
    [{ ...neighbor, duplicates: 'drop' }, 'duplicates must be "label" or "remove" or null'],
    [{ ...neighbor, missingFootprints: 'skip' }, 'missingFootprints must be "fail" or "keep"'],
    [
      { ...neighbor, extFootprints: '.kml' },
      `extFootprints must be ${inputExtensions().join(' or ')}, not ".kml"`,
    ],
    [{ deduplicate_metod: 'neighbor' }, 'Did you mean deduplicate_method?'],
    [{ ...neighbor, prop_duplicated: 'staging_AREA' }, 'different names, whatever their case'],
  ];
  for (const [values, ...parts] of cases) {
    test(parts.join(' … '), () => refused(() => Config.parse(values), ...parts));
  }

  test('a CRS of distances that is none', () => {
    refused(
      () => rulesOf({ ...neighbor, deduplicateDistanceCrs: 'metres' }),
      '--distance-crs (deduplicateDistanceCrs): "metres" does not name a CRS',
    );
  });
});

test('distances in degrees are noted', () => {
  const degrees = getTileMatrixSet('WGS1984Quad').crs;
  const metres = getTileMatrixSet('WebMercatorQuad').crs;
  const notes = (values: object, crs = degrees) =>
    distanceNotes(rulesOf({ deduplicateMethod: 'neighbor', ...values }), crs);
  const five = { deduplicateCentroidTolerance: 5 };
  const [note, ...more] = notes({ ...five, deduplicateDistanceCrs: 'EPSG:4326' });
  assert.match(note!, /degrees, since EPSG:4326 is geographic, and 5 is allowed: .*--distance-crs/);
  assert.deepEqual(more, []);
  assert.equal(notes({ ...five, deduplicateDistanceCrs: null }).length, 1);
  assert.deepEqual(notes({ ...five, deduplicateDistanceCrs: null }, metres), []);
  assert.deepEqual(notes(five), []);
  assert.deepEqual(notes({ deduplicateDistanceCrs: 'EPSG:4326' }), []);
  assert.deepEqual(distanceNotes(null, degrees), []);
});
