/** Options of deduplication, and the rules that they are. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { parseArguments } from '../../src/cli/arguments/arguments.ts';
import type { Config } from '../../src/staging/configuration/config.ts';
import { deduplicationOf } from '../../src/staging/configuration/deduplication.ts';
import { refused } from '../staging/config-fixture.ts';
import { temporaryFolder } from '../staging/support.ts';

const folder = temporaryFolder({ after });

suite('the command line', () => {
  const stage = (words: string[]): Config => {
    const command = parseArguments(['stage', 'input', '--out', 'staged', ...words]);
    assert.ok(command.command === 'stage');
    return command.config;
  };
  const cases: [words: string, file: object][] = [
    ['--deduplicate neighbor', { deduplicateMethod: 'neighbor' }],
    [
      '--deduplicate neighbor --keep Date:larger,Score:smaller --keep a:b,c:larger',
      {
        deduplicate_method: 'neighbor',
        deduplicate_keep_rules: [
          ['Date', 'larger'],
          ['Score', 'smaller'],
          ['a:b,c', 'larger'],
        ],
      },
    ],
    [
      '--deduplicate neighbor --overlap 0.3 --overlap-one --centroid-distance 5 --distance-crs EPSG:3413',
      {
        deduplicate_method: 'neighbor',
        deduplicate_overlap_tolerance: 0.3,
        deduplicate_overlap_both: false,
        deduplicate_centroid_tolerance: 5,
        deduplicate_distance_crs: 'EPSG:3413',
      },
    ],
    [
      '--deduplicate neighbor --overlap none --centroid-distance none --distance-crs tiles',
      {
        deduplicate_method: 'neighbor',
        deduplicate_overlap_tolerance: null,
        deduplicate_centroid_tolerance: null,
        deduplicate_distance_crs: null,
      },
    ],
    [
      '--deduplicate neighbor --split-by sensor --within --duplicates remove',
      {
        deduplicateMethod: 'neighbor',
        deduplicateSplitBy: 'sensor',
        deduplicateWithin: true,
        duplicates: 'remove',
      },
    ],
    [
      '--deduplicate footprints --footprints outlines --missing-footprints keep',
      {
        deduplicate_method: 'footprints',
        dir_footprints: 'outlines',
        missing_footprints: 'keep',
      },
    ],
    [
      '--deduplicate footprints --footprints outlines --clip-to-footprint within',
      {
        deduplicate_method: 'footprints',
        dir_footprints: 'outlines',
        deduplicate_clip_to_footprint: true,
        deduplicate_clip_method: 'within',
      },
    ],
    [
      '--deduplicate footprints --footprints outlines --clip-to-footprint none',
      {
        deduplicate_method: 'footprints',
        dir_footprints: 'outlines',
        deduplicate_clip_to_footprint: false,
      },
    ],
  ];
  for (const [words, values] of cases) {
    test(words, () => {
      const path = join(folder, 'staging.json');
      writeFileSync(path, JSON.stringify(values));
      const rules = deduplicationOf(stage(words.split(' ')));
      assert.notEqual(rules, null);
      assert.deepEqual(rules, deduplicationOf(stage(['--config', path])));
    });
  }

  test('completes and overrules a file', () => {
    const path = join(folder, 'rules.json');
    const values = { deduplicate_method: 'footprints', deduplicate_clip_to_footprint: false };
    writeFileSync(path, JSON.stringify(values));
    refused(() => stage(['--config', path]), path, 'there is no dirFootprints (--footprints)');
    const config = ['--config', path];
    const rules = deduplicationOf(stage([...config, '--footprints', 'f']));
    assert.deepEqual([rules?.footprints, rules?.clip], ['f', null]);
    const clip = ['--footprints', 'f', '--clip-to-footprint', 'touches'];
    assert.equal(deduplicationOf(stage([...config, ...clip]))?.clip, 'touches');
    assert.equal(deduplicationOf(stage([...config, '--deduplicate', 'neighbor']))?.clip, null);
    assert.equal(deduplicationOf(stage([...config, '--deduplicate', 'none'])), null);
  });

  const wrong: [words: string, message: string][] = [
    [
      '--deduplicate both',
      '--deduplicate must be "neighbor", "footprints" or none, not "both". See tilewright stage --help.',
    ],
    [
      '--keep Date',
      '--keep must be COLUMN:larger or COLUMN:smaller, several with commas between, each column once, not "Date"',
    ],
    ['--keep Date:larger,Score', 'not "Date:larger,Score"'],
    ['--keep Date:bigger', 'not "Date:bigger"'],
    ['--keep :larger', 'not ":larger"'],
    ['--keep Date:larger --keep Date:smaller', 'not "Date:larger Date:smaller"'],
    ['--overlap 50', '--overlap must be a number ≥ 0 and < 1, or none, not "50"'],
    ['--overlap -1', 'not "-1"'],
    ['--overlap half', 'not "half"'],
    ['--centroid-distance near', '--centroid-distance must be a number ≥ 0 or none, not "near"'],
    [
      '--clip-to-footprint inside',
      '--clip-to-footprint must be one of intersects, within, contains, covers, overlaps, crosses, touches and none, not "inside"',
    ],
    ['--duplicates drop', '--duplicates must be "label" or "remove", not "drop"'],
    ['--missing-footprints skip', '--missing-footprints must be "fail" or "keep", not "skip"'],
    ['--dedup', 'Did you mean --deduplicate?'],
    ['--footprints https://a.org/f', '--footprints must be a folder of this machine'],
  ];
  for (const [words, message] of wrong) {
    test(`${words} is refused`, () => {
      assert.throws(
        () => stage(words.split(' ')),
        (error: { code?: string; message: string }) => {
          assert.equal(error.code, 'usage');
          assert.ok(error.message.includes(message), error.message);
          return true;
        },
      );
    });
  }

  test('rules without a method are refused', () =>
    refused(
      () => stage(['--keep', 'Date:larger']),
      'deduplicateKeepRules: there is no deduplicateMethod (--deduplicate)',
    ));
});
