/** Labels depend on the inputs and the rules alone: not on who judges, nor in which order. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import { writeScenes } from '../../../bench/scenes.ts';
import type { ConfigInput } from '../../../src/staging/configuration/config-input.ts';
import { suiteFolder } from '../../faults/faults.ts';
import { type JudgedFeature, judge } from '../../overlap/brute-judge.ts';
import { CountingExecutor } from '../counting-executor.ts';
import { blobRings, hashFolder, readTiles } from '../support.ts';
import { BY_DATE, featureOf, labelsOf, MODES, placesOf, stageInto } from './deduplicate-support.ts';

const SUMMARY = 'staging_summary.csv';

suite('the same inputs and rules make the same labels', () => {
  const folder = suiteFolder();
  const dirInput = join(folder, 'input');
  const out = join(folder, 'staged');
  const base: ConfigInput = { dirInput, zRange: [0, 13], ...BY_DATE };
  const expected = new Map<string, Map<string, string>>();
  let paths: string[];

  before(async () => {
    const options = { seed: 8, count: 4, polygonsEach: 1200, cellArea: 15_000, overlap: 0.4 };
    paths = writeScenes(dirInput, options).map(({ path }) => path);
    for (const duplicates of MODES) {
      const staged = join(folder, duplicates);
      await stageInto(staged, { ...base, duplicates });
      expected.set(duplicates, hashFolder(staged, { summary: SUMMARY }));
    }
  });

  test('those of the judge', async () => {
    const plain = join(folder, 'plain');
    await stageInto(plain, { dirInput, zRange: [0, 13] });
    const features = new Map<string, JudgedFeature>();
    for (const row of readTiles(plain)) {
      const name = featureOf(row);
      const [input, position] = name.split(' ') as [string, string];
      features.set(name, {
        ...{ input, position: Number(position), values: row.values },
        polygons: [blobRings(row.geometry)],
      });
    }
    const { goes } = judge([...features.values()], {
      ...{ keepRules: [['Date', 'larger'] as const, ['Length', 'larger'] as const] },
      ...{ overlapTolerance: 0.5, overlapBoth: true, centroidTolerance: null },
      ...{ project: null, splitBy: null, within: false },
    });
    const labels = new Map([...features.keys()].map((name, i) => [name, goes[i]!]));
    const duplicates = goes.filter(Boolean).length;
    assert.ok(duplicates > 800 && duplicates < goes.length / 2, `${duplicates} duplicates`);
    assert.deepEqual(
      new Map([...labelsOf(join(folder, 'label'))].sort()),
      new Map([...labels].sort()),
    );
    const stay = placesOf(plain).filter(
      (place) => !labels.get(place.slice(place.indexOf(' ') + 1)),
    );
    assert.deepEqual(placesOf(join(folder, 'remove')), stay);
  });

  const cases: {
    name: string;
    config: ConfigInput;
    reversed?: boolean;
    apart?: boolean;
    regionRows?: number;
  }[] = [
    { name: '1 thread', config: { executor: 'threads', workers: 1 } },
    { name: '2 threads', config: { executor: 'threads', workers: 2 }, reversed: true },
    { name: '4 threads', config: { executor: 'threads', workers: 4 } },
    { name: 'another order', config: {}, reversed: true },
    { name: 'each tile by itself', config: { executor: 'threads', workers: 2 }, regionRows: 1 },
    { name: 'a few tiles together', config: {}, regionRows: 2000 },
    { name: 'sliced', config: { sliceBytes: 100_000 } },
    {
      name: '4 threads, thin slices, little memory',
      config: { executor: 'threads', workers: 4, sliceBytes: 20_000, memory: 1 },
    },
    { name: 'groups apart', config: { sliceBytes: 100_000, memory: 1 }, apart: true },
  ];
  for (const { name, config, reversed = false, apart = false, regionRows } of cases) {
    test(name, async () => {
      for (const duplicates of MODES) {
        await stageInto(
          out,
          { ...base, duplicates, ...config },
          {
            inputs: reversed ? paths.toReversed() : paths,
            ...(regionRows !== undefined && { regionRows }),
            ...(apart && { executor: new CountingExecutor(false) }),
          },
        );
        assert.deepEqual(hashFolder(out, { summary: SUMMARY }), expected.get(duplicates));
      }
    });
  }

  test('one input after the other, in any order', async () => {
    for (const [k, duplicates] of MODES.entries()) {
      const order = k === 0 ? paths : paths.toReversed();
      for (const [i, path] of order.entries()) {
        await stageInto(out, { ...base, duplicates }, { inputs: [path], goOn: i > 0 });
      }
      assert.deepEqual(hashFolder(out, { summary: SUMMARY }), expected.get(duplicates));
    }
  });
});
