/** Staging with deduplication against a judge that knows the definition alone, on random scenes. */

import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { ConfigInput } from '../../../src/staging/configuration/config-input.ts';
import { suiteFolder } from '../../faults/faults.ts';
import { judge } from '../../overlap/brute-judge.ts';
import { CORNER, randomScene, TILE, writeScene } from '../../overlap/random-scenes.ts';
import { rounds, seedOf } from '../../soak/rounds.ts';
import { polygonWkb, readTiles } from '../support.ts';
import { writeGeoPackage } from '../write-geopackage.ts';
import { assertJudged, labelsOf, MODES, stageInto } from './deduplicate-support.ts';

/** Of all 200, these in `npm test`; each takes a second where others work too. */
const SEEDS = rounds(30, 200);
/** A measure that is so close to where it would count otherwise is for nobody to say. */
const MARGIN = 1e-9;

suite('duplicates of random scenes are those of the definition', () => {
  const folder = suiteFolder();
  const dirInput = join(folder, 'input');
  const [plain, out] = [join(folder, 'plain'), join(folder, 'staged')];

  test(`${SEEDS} seeds`, async (t) => {
    const count = { features: 0, pairs: 0, duplicates: 0, copies: 0, unclear: 0 };
    for (let n = 0; n < SEEDS; n++) {
      const seed = seedOf(n);
      const scene = randomScene(seed);
      const { goes, pairs, margin } = judge(scene.features, scene.rules);
      if (margin < MARGIN) {
        count.unclear++;
        continue;
      }
      rmSync(dirInput, { recursive: true, force: true });
      writeScene(dirInput, scene);
      const z = 12 + (n % 3);
      const labels = new Map(
        scene.features.map(({ input, position }, i) => [`${input} ${position}`, goes[i]!]),
      );
      const config: ConfigInput = { dirInput, zRange: [0, z] };
      await stageInto(plain, config);
      const duplicates = MODES[n % 2]!;
      try {
        // Each tile a region of its own, mostly: what reaches over its edges is judged over all.
        const options = n % 3 === 0 ? {} : { regionRows: 1 };
        await stageInto(out, { ...config, ...scene.config, duplicates }, options);
        assertJudged(out, duplicates, labels, plain);
      } catch (error) {
        throw new Error(`seed ${seed}, z ${z}, ${JSON.stringify(scene.config)}`, { cause: error });
      }
      count.features += labels.size;
      count.pairs += pairs.length;
      count.duplicates += goes.filter(Boolean).length;
      count.copies += readTiles(plain).length - labels.size;
    }
    t.diagnostic(JSON.stringify(count));
    assert.ok(
      count.pairs > 50 * SEEDS && count.duplicates > 10 * SEEDS && count.copies > 10 * SEEDS,
    );
    assert.ok(count.unclear < SEEDS / 20);
  });

  /** Squares of quarters of a tile around a corner of four, by input. */
  const writeSquares = (inputs: Record<string, [x: number, y: number, size: number][]>): void => {
    rmSync(dirInput, { recursive: true, force: true });
    mkdirSync(dirInput);
    const unit = TILE / 4;
    for (const [name, squares] of Object.entries(inputs)) {
      const rows = squares.map(([x, y, size]) => {
        const corners = [0, 1, 2, 3, 0].map((k) => [
          CORNER.x + (x + (k === 1 || k === 2 ? size : 0)) * unit,
          CORNER.y + (y + (k > 1 ? size : 0)) * unit,
        ]);
        return { wkb: polygonWkb([corners]), values: [] };
      });
      writeGeoPackage(join(dirInput, name), { layer: 'l', srsId: 4326, columns: [], rows });
    }
  };
  const duplicatesOf = async (config: ConfigInput): Promise<string> => {
    const neighbor: ConfigInput = { deduplicateMethod: 'neighbor', ...config };
    await stageInto(out, { dirInput, zRange: [0, 13], ...neighbor });
    const labels = [...labelsOf(out)].filter(([, isDuplicate]) => isDuplicate);
    return labels
      .map(([name]) => name)
      .sort()
      .join(', ');
  };

  test('a tolerance that is just met is not passed by an overlap, and is by a distance', async () => {
    writeSquares({ 'a.gpkg': [[-1, -1, 2]], 'b.gpkg': [[0, -1, 2]] });
    assert.equal(await duplicatesOf({ deduplicateOverlapTolerance: 0.5 }), '');
    assert.equal(await duplicatesOf({ deduplicateOverlapTolerance: 0.499 }), 'b.gpkg 1');
    const near: ConfigInput = { deduplicateOverlapTolerance: null, deduplicateDistanceCrs: null };
    const unit = TILE / 4;
    assert.equal(await duplicatesOf({ ...near, deduplicateCentroidTolerance: unit }), 'b.gpkg 1');
    const less = unit * (1 - 1e-12);
    assert.equal(await duplicatesOf({ ...near, deduplicateCentroidTolerance: less }), '');
  });

  test('neighbours with an edge or a corner in common are no pair', async () => {
    writeSquares({
      'a.gpkg': [
        [-2, -2, 2],
        [0, 0, 2],
      ],
      'b.gpkg': [
        [-2, 0, 2],
        [0, -1, 1],
        [2, 0.25, 1],
      ],
    });
    const any: ConfigInput = { deduplicateOverlapTolerance: null };
    assert.equal(await duplicatesOf(any), '');
    assert.equal(await duplicatesOf({ ...any, deduplicateWithin: true }), '');
  });

  test('a feature on the corner of four tiles has one label, wherever its duplicates are', async () => {
    // Each of the others meets it in another tile; the one in the north-west is preferred to it.
    writeSquares({
      'b.gpkg': [[-1, -1, 2]],
      'a.gpkg': [[-2, 0.5, 1.75]],
      'c.gpkg': [[0.5, -2, 1.75]],
      'd.gpkg': [[-1, -1, 2]],
    });
    const config: ConfigInput = { deduplicateOverlapTolerance: null };
    assert.equal(await duplicatesOf(config), 'b.gpkg 1, d.gpkg 1');
    const rows = readTiles(out).filter(({ values }) => values['staging_filename'] === 'b.gpkg');
    assert.equal(rows.length, 4);
  });

  test('equal copies in five inputs leave the one of the first name', async () => {
    const inputs = ['c', 'B', 'a', 'ab', 'é'].map((name) => [`${name}.gpkg`, [[-1, -1, 2]]]);
    writeSquares(Object.fromEntries(inputs));
    assert.equal(await duplicatesOf({}), 'a.gpkg 1, ab.gpkg 1, c.gpkg 1, é.gpkg 1');
  });
});
