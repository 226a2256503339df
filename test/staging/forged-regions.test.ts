/** Files of regions that somebody else has written, with checksums that are right. */

import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { readArrays, type StoredArray, writeArrays } from '../../src/core/files/array-file.ts';
import { readRegion, readRegionBorder, regionHead } from '../../src/staging/judging/region-file.ts';
import { suiteFolder } from '../faults/faults.ts';
import { randomScene, writeScene } from '../overlap/random-scenes.ts';
import { stageInto } from './deduplication/deduplicate-support.ts';

type Arrays = Record<string, StoredArray>;

const FORGERIES: Record<string, (head: Record<string, unknown>, arrays: Arrays) => void> = {
  'a feature of no input': (_, { input }) => input!.fill(99),
  'a feature of no tile': (_, { tile }) => tile!.fill(0xffffffff),
  'a pair of no feature': (_, { preferred }) => preferred!.fill(0xffffffff),
  'fewer rows than features': (_, arrays) => {
    arrays['row'] = arrays['row']!.slice(1);
  },
  'measures of other pairs': (_, arrays) => {
    arrays['measures'] = arrays['measures']!.slice(1);
  },
  'a name that is no text': (head) => {
    head['inputs'] = [1, 2, 3, 4, 5, 6];
  },
  'no tiles': (head) => {
    head['tiles'] = null;
  },
  'a reason that is none': (head) => {
    head['gone'] = [[0, 'for fun', 1]];
  },
};

suite('a forged file of a region is refused by name', () => {
  const folder = suiteFolder();
  const out = join(folder, 'staged');

  test('each of its parts', async () => {
    const scene = randomScene(3);
    writeScene(join(folder, 'input'), scene);
    const rules = { deduplicateMethod: 'neighbor', deduplicateOverlapTolerance: null } as const;
    await stageInto(out, { dirInput: join(folder, 'input'), zRange: [0, 12], ...rules });
    const overlaps = join(out, '.tilewright/overlaps');
    const [name] = readdirSync(overlaps);
    const path = join(overlaps, name!);
    const { head, arrays } = readArrays(path)!;
    assert.ok(arrays['preferred']!.length > 10);
    assert.ok(readRegion(out, name!).pairs.input.length > 10);
    for (const [what, forge] of Object.entries(FORGERIES)) {
      const forged = structuredClone({ head, arrays }) as {
        head: Record<string, unknown>;
        arrays: Arrays;
      };
      forge(forged.head, forged.arrays);
      rmSync(path);
      writeArrays(path, forged.head, forged.arrays);
      const refused = { code: 'staged-folder', message: /is not as Tilewright wrote it/ };
      assert.throws(() => readRegion(out, name!), refused, what);
      const own = (): unknown => regionHead(out, name!) ?? readRegionBorder(out, name!);
      if (what.startsWith('a name') || what.startsWith('no tiles')) assert.throws(own, refused);
    }
  });
});
