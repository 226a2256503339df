/** Staging by footprints against a judge that knows the definition alone, on random scenes. */

import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { Value } from '../../../src/core/columns.ts';
import { Random } from '../../../src/core/random.ts';
import type { ConfigInput } from '../../../src/staging/configuration/config-input.ts';
import { suiteFolder } from '../../faults/faults.ts';
import { judgeByFootprints } from '../../overlap/brute-footprints.ts';
import type { JudgedFeature } from '../../overlap/brute-judge.ts';
import { projection } from '../../overlap/golden-scenes.ts';
import { CORNER, randomScene, TILE, writeScene } from '../../overlap/random-scenes.ts';
import { rounds, seedOf } from '../../soak/rounds.ts';
import { multiPolygonWkb, polygonWkb } from '../support.ts';
import { writeGeoPackage } from '../write-geopackage.ts';
import { assertJudged, MODES, stageInto } from './deduplicate-support.ts';

const SEEDS = rounds(20, 200);
const CLIPS = [null, null, 'intersects', 'intersects', 'within', 'overlaps', 'touches'] as const;

suite('what footprints say of random scenes is what the definition says', () => {
  const folder = suiteFolder();
  const [dirInput, dirFootprints] = [join(folder, 'input'), join(folder, 'footprints')];
  const [plain, out] = [join(folder, 'plain'), join(folder, 'staged')];

  test(`${SEEDS} seeds`, async (t) => {
    const count = { features: 0, gone: 0, unclear: 0 };
    for (let n = 0; n < SEEDS; n++) {
      const seed = seedOf(3000 + n);
      const random = new Random(seed);
      const pick = <T>(all: readonly T[]): T => all[random.integer(all.length)]!;
      const scene = randomScene(seed, 6);
      for (const path of [dirInput, dirFootprints]) rmSync(path, { recursive: true, force: true });
      writeScene(dirInput, scene);
      mkdirSync(dirFootprints);
      const footprints = new Map<string, JudgedFeature>();
      for (const input of scene.inputs) {
        if (random.next() < 0.1) continue;
        footprints.set(input, writeFootprint(random, dirFootprints, input));
      }
      const keepRules = [['Date', 'larger'] as const, ['cloud', 'smaller'] as const].slice(
        random.integer(3),
      );
      const clip = pick(CLIPS);
      const { goes, margin } = judgeByFootprints(scene.features, footprints, { keepRules, clip });
      if (margin < 1e-9) {
        count.unclear++;
        continue;
      }
      const labels = new Map(
        scene.features.map(({ input, position }, i) => [`${input} ${position}`, goes[i]!]),
      );
      const duplicates = MODES[n % 2]!;
      const config: ConfigInput = { dirInput, zRange: [0, 13] };
      await stageInto(plain, config);
      const rules: ConfigInput = {
        ...{ deduplicateMethod: 'footprints', dirFootprints, missingFootprints: 'keep' },
        ...{ deduplicateKeepRules: keepRules, deduplicateClipToFootprint: clip !== null },
        ...(clip !== null && { deduplicateClipMethod: clip }),
      };
      try {
        await stageInto(out, { ...config, ...rules, duplicates });
        assertJudged(out, duplicates, labels, plain);
      } catch (error) {
        throw new Error(`seed ${seed}, ${JSON.stringify(rules)}`, { cause: error });
      }
      count.features += goes.length;
      count.gone += goes.filter(Boolean).length;
    }
    t.diagnostic(JSON.stringify(count));
    assert.ok(count.gone > 5 * SEEDS && count.gone < count.features - 5 * SEEDS);
    assert.ok(count.unclear < SEEDS / 10);
  });
});

/** Writes a footprint of one feature, of one or two parts, perhaps with a hole; as it is in EPSG:4326. */
function writeFootprint(random: Random, folder: string, input: string): JudgedFeature {
  const srsId = random.next() < 0.5 ? 4326 : 3413;
  const there = projection('EPSG:4326', `EPSG:${srsId}`);
  const back = projection(`EPSG:${srsId}`, 'EPSG:4326');
  const [x, y] = [CORNER.x, CORNER.y].map((middle) => middle + TILE * (random.next() - 0.5)) as [
    number,
    number,
  ];
  const box = (left: number, right: number, half: number): number[][] => {
    const corners = [
      [left, -half],
      [right, -half],
      [right, half],
      [left, half],
      [left, -half],
    ];
    return corners.map(([dx, dy]) => [...there(x + TILE * dx!, y + TILE * dy!)]);
  };
  const half = 0.4 + 0.8 * random.next();
  const shell = box(-half, half, half);
  const holed = random.next() < 0.4 ? [shell, box(-half / 2, half / 3, half / 2)] : [shell];
  const parts = random.next() < 0.3 ? [holed, [box(half + 0.1, half + 0.6, half / 2)]] : [holed];
  const values: Record<string, Value> = {
    Date: random.next() < 0.2 ? null : `2022-01-0${1 + random.integer(3)}`,
    cloud: random.next() < 0.2 ? null : random.integer(4) / 4,
  };
  const wkb = parts.length === 1 ? polygonWkb(parts[0]!) : multiPolygonWkb(parts);
  writeGeoPackage(join(folder, input), {
    ...{ layer: 'footprint', srsId, geometryType: 'GEOMETRY' },
    columns: [
      { name: 'Date', type: 'TEXT' },
      { name: 'cloud', type: 'REAL' },
    ],
    rows: [{ wkb, values: [values['Date']!, values['cloud']!] }],
  });
  const polygons = parts.map((rings) => rings.map((ring) => ring.map(([a, b]) => back(a!, b!))));
  return { input, position: 0, polygons, values };
}
