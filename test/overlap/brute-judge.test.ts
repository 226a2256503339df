/** The judge of the tests is right: it gives the labels that another one and Python gave. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { NO_SHARED_DATA, readCsv } from '../staging/support.ts';
import { type JudgedFeature, type JudgeRules, judge, pairsOf } from './brute-judge.ts';
import {
  GOLDEN,
  goldenFeatures,
  goldenLabels,
  NEIGHBOR_COLUMNS,
  projection,
} from './golden-scenes.ts';

const NO_TESTS: JudgeRules = {
  keepRules: [],
  overlapTolerance: null,
  overlapBoth: true,
  centroidTolerance: null,
  project: null,
  splitBy: null,
  within: false,
};

suite('the brute-force judge', () => {
  const skip = GOLDEN === null && NO_SHARED_DATA;

  test('finds the pairs that GEOS finds', { skip }, () => {
    const features = goldenFeatures(['scene_a.gpkg', 'scene_b.gpkg', 'scene_c.gpkg']);
    const project = projection('EPSG:4326', 'EPSG:3857');
    const nameOf = (i: number) => `${features[i]!.input} ${features[i]!.position}`;
    const found = new Map(
      pairsOf(features, { ...NO_TESTS, project }).map((pair) => {
        return [`${nameOf(pair.first)} ${nameOf(pair.second)}`, pair];
      }),
    );
    const expected = readCsv(join(GOLDEN!, 'pairs.csv'));
    assert.equal(found.size, expected.length);
    for (const row of expected) {
      const names = ['filename_1', 'fid_1', 'filename_2', 'fid_2'].map((name) => row[name]);
      const pair = found.get(names.join(' '));
      assert.ok(pair, names.join(' '));
      for (const [is, name] of [
        [pair.overlap1, 'overlap_1'],
        [pair.overlap2, 'overlap_2'],
        [pair.distance, 'distance_3857'],
      ] as const) {
        assert.ok(Math.abs(is - Number(row[name])) < 1e-6, `${name} of ${names.join(' ')}: ${is}`);
      }
    }
  });

  for (const { column, scenes, rules } of NEIGHBOR_COLUMNS) {
    test(`${column}: its labels`, { skip }, () => {
      const features = goldenFeatures(scenes);
      const project = projection('EPSG:4326', 'EPSG:3857');
      const { goes } = judge(features, { ...NO_TESTS, ...rules, project });
      const labels = features.map(({ input, position }, i) => [`${input} ${position}`, goes[i]!]);
      const expected = goldenLabels(column, scenes);
      assert.deepEqual(new Map(labels as [string, boolean][]), expected);
      assert.ok([...expected.values()].filter(Boolean).length > 100);
    });
  }

  const rectangle = (minX: number, minY: number, maxX: number, maxY: number): number[][] => [
    [minX, minY],
    [maxX, minY],
    [maxX, maxY],
    [minX, maxY],
    [minX, minY],
  ];
  const feature = (input: string, position: number, ...polygons: number[][][][]): JudgedFeature => {
    return { input, position, polygons, values: {} };
  };
  const goers = (features: JudgedFeature[], rules: Partial<JudgeRules> = {}): string => {
    const { goes } = judge(features, { ...NO_TESTS, ...rules });
    return features
      .filter((_, i) => goes[i])
      .map(({ input, position }) => `${input}${position}`)
      .join(' ');
  };

  test('knows holes, parts, edges in common, and tolerances that are just met', () => {
    const holed = feature('a', 1, [rectangle(0, 0, 8, 8), rectangle(2, 2, 6, 6)]);
    assert.equal(goers([holed, feature('b', 1, [rectangle(2, 2, 6, 6)])]), '');
    assert.equal(goers([holed, feature('b', 1, [rectangle(2, 2, 6, 7)])]), 'b1');
    const parts = feature('a', 1, [rectangle(0, 0, 1, 1)], [rectangle(4, 0, 5, 1)]);
    assert.equal(goers([parts, feature('b', 1, [rectangle(1, 0, 4, 1)])]), '');
    assert.equal(goers([parts, feature('b', 1, [rectangle(3, 0, 6, 1)])]), 'b1');
    const half = [
      feature('a', 1, [rectangle(0, 0, 2, 2)]),
      feature('b', 1, [rectangle(1, 0, 3, 2)]),
    ];
    assert.equal(goers(half, { overlapTolerance: 0.5 }), '');
    assert.equal(goers(half, { overlapTolerance: 0.49 }), 'b1');
    assert.equal(goers(half, { centroidTolerance: 1 }), 'b1');
    assert.equal(goers(half, { centroidTolerance: 0.99 }), '');
    const small = [half[0]!, feature('b', 1, [rectangle(0, 0, 4, 4)])];
    assert.equal(goers(small, { overlapTolerance: 0.5 }), '');
    assert.equal(goers(small, { overlapTolerance: 0.5, overlapBoth: false }), 'b1');
  });

  test('a loser beats nobody, and a null loses', () => {
    const row = (input: string, x: number, score: number | null) => {
      return { ...feature(input, 1, [rectangle(x, 0, x + 2, 1)]), values: { score } };
    };
    const chain = [row('a', 0, 3), row('b', 1, 2), row('c', 2.5, null)];
    assert.equal(goers(chain, { keepRules: [['score', 'larger']] }), 'b1');
    assert.equal(goers(chain, { keepRules: [['score', 'smaller']] }), 'a1 c1');
    assert.equal(goers(chain.slice(1), { keepRules: [['score', 'smaller']] }), 'c1');
  });

  test('groups by a column, and looks within one input when asked to', () => {
    const own = [1, 2, 3].map((position) => {
      const one = feature('a', position, [rectangle(position / 2, 0, position / 2 + 2, 1)]);
      return { ...one, values: { side: position === 2 ? 'l' : 'r' } };
    });
    assert.equal(goers(own), '');
    assert.equal(goers(own, { splitBy: 'side' }), 'a2');
    assert.equal(goers(own, { within: true }), 'a2 a3');
  });
});
