/** Judging again what was judged: inputs come, change, go and come back, and rules change. */

import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import type { ConfigInput } from '../../../src/staging/configuration/config-input.ts';
import { TileStager } from '../../../src/staging/tile-stager.ts';
import { suiteFolder } from '../../faults/faults.ts';
import { CORNER, randomScene, TILE, writeScene } from '../../overlap/random-scenes.ts';
import { rounds, seedOf } from '../../soak/rounds.ts';
import { assertSame, expectedRows, found, ROWS } from '../counted-rows.ts';
import { StoppingExecutor } from '../stopping-executor.ts';
import { hashFolder, polygonWkb } from '../support.ts';
import { writeGeoPackage } from '../write-geopackage.ts';
import { MODES, stageInto } from './deduplicate-support.ts';

const SUMMARY = 'staging_summary.csv';
const ROUNDS = rounds(6, 60);
/** Each tile by itself, a few together, or all: tiles may be cut into regions anew at any time. */
const REGION_ROWS = [1, 900, 1e6];

suite('judging again', () => {
  const folder = suiteFolder();
  const dirInput = join(folder, 'input');
  const out = join(folder, 'staged');
  const fresh = join(folder, 'fresh');

  test('inputs that are added, changed, pruned and added back: as from scratch', async (t) => {
    const done = { add: 0, change: 0, prune: 0, nothing: 0 };
    for (let round = 0; round < ROUNDS; round++) {
      const seed = seedOf(500 + round);
      const random = new Random(seed);
      const pick = <T>(all: readonly T[]): T => all[random.integer(all.length)]!;
      const versions = [0, 1].map((version) => {
        const scene = randomScene(seed + 10_000 * version);
        const path = join(folder, `version ${version}`);
        rmSync(path, { recursive: true, force: true });
        writeScene(path, scene);
        return { path, ...scene };
      });
      const { inputs, config } = versions[0]!;
      const duplicates = MODES[round % 2]!;
      const values: ConfigInput = { dirInput, zRange: [0, 13], ...config, duplicates, prune: true };
      for (const path of [dirInput, out]) rmSync(path, { recursive: true, force: true });
      mkdirSync(dirInput);
      const took: string[] = [];
      for (let step = 0; step < 7; step++) {
        const input = pick(inputs);
        const path = join(dirInput, input);
        const there = inputs.filter((name) => existsSync(join(dirInput, name)));
        const from = versions[random.integer(2)]!;
        const source = from.inputs.includes(input) ? from.path : versions[0]!.path;
        if (!existsSync(path)) {
          cpSync(join(source, input), path);
          took.push(`add ${input}`);
          done.add++;
        } else if (random.next() < 0.5 && there.length > 1) {
          rmSync(path);
          took.push(`prune ${input}`);
          done.prune++;
        } else if (random.next() < 0.8) {
          cpSync(join(source, input), path, { force: true });
          took.push(`change ${input}`);
          done.change++;
        } else {
          took.push('nothing');
          done.nothing++;
        }
        const what = `seed ${seed}, ${duplicates}, ${took.join(', ')}, ${JSON.stringify(config)}`;
        try {
          await stageInto(out, values, { goOn: true, regionRows: pick(REGION_ROWS) });
          await stageInto(fresh, values);
        } catch (error) {
          throw new Error(what, { cause: error });
        }
        assert.deepEqual(
          hashFolder(out, { summary: SUMMARY }),
          hashFolder(fresh, { summary: SUMMARY }),
          what,
        );
      }
    }
    t.diagnostic(JSON.stringify(done));
    assert.ok(done.add > ROUNDS && done.change > ROUNDS / 2 && done.prune > ROUNDS / 2);
  });

  test('an input that comes in a run that is stopped before it judges, and goes again', async () => {
    const scene = randomScene(seedOf(700));
    const [last] = scene.inputs.slice(-1) as [string];
    for (const duplicates of MODES) {
      rmSync(dirInput, { recursive: true, force: true });
      writeScene(dirInput, scene);
      const values = {
        dirInput,
        zRange: [0, 13],
        ...scene.config,
        duplicates,
        prune: true,
      } as const;
      renameSync(join(dirInput, last), join(folder, last));
      await stageInto(out, values);
      renameSync(join(folder, last), join(dirInput, last));
      const executor = new StoppingExecutor('staging.relate', 0);
      await assert.rejects(stageInto(out, values, { executor, goOn: true }), {
        code: 'interrupted',
      });
      rmSync(join(dirInput, last));
      const { duplicates: counts } = await stageInto(out, values, { goOn: true });
      const again = await stageInto(fresh, values);
      assert.deepEqual(counts, again.duplicates);
      assert.notDeepEqual(counts, {});
      const [is, shouldBe] = [out, fresh].map((path) => hashFolder(path, { summary: SUMMARY }));
      assert.deepEqual(is, shouldBe, duplicates);
    }
  });

  test('products of tiles whose rows go by another footprint than before', async () => {
    const scene = randomScene(seedOf(701));
    rmSync(dirInput, { recursive: true, force: true });
    writeScene(dirInput, scene);
    const dirFootprints = join(folder, 'footprints');
    const draw = (half: number): void => {
      rmSync(dirFootprints, { recursive: true, force: true });
      mkdirSync(dirFootprints);
      for (const input of scene.inputs) {
        const [west, south, east] = [CORNER.x - TILE, CORNER.y - TILE, CORNER.x + half];
        const north = CORNER.y + TILE;
        const ring = [
          [west, south],
          [east, south],
          [east, north],
          [west, north],
          [west, south],
        ];
        const rows = [{ fid: 1, wkb: polygonWkb([ring]), values: [] }];
        const geometryType = 'POLYGON';
        writeGeoPackage(join(dirFootprints, input), {
          ...{ layer: 'l', srsId: 4326, columns: [], rows, geometryType },
        });
      }
    };
    const stager = new TileStager({
      ...{ executor: 'inline', dirInput, dirStaged: out, zRange: [0, 13] },
      ...{ deduplicateMethod: 'neighbor', dirFootprints, deduplicateOverlapTolerance: 0.5 },
      ...{ deduplicateClipToFootprint: true, duplicates: 'remove' },
    });
    const seen: ReadonlyMap<string, number>[] = [];
    rmSync(out, { recursive: true, force: true });
    for (const half of [TILE, 0]) {
      draw(half);
      await stager.stageAll({ products: [ROWS] });
      seen.push(expectedRows(out));
      assertSame(found(out, 'rows'), seen.at(-1)!);
    }
    assert.notDeepEqual(seen[0], seen[1]);
  });

  test('rules that come, change and go, without the inputs: as staged by them from scratch', async (t) => {
    let written = 0;
    for (let round = 0; round < rounds(6, 60); round++) {
      const seed = seedOf(900 + round);
      const random = new Random(seed);
      const scene = randomScene(seed);
      rmSync(dirInput, { recursive: true, force: true });
      writeScene(dirInput, scene);
      const plain: ConfigInput = { dirInput, zRange: [0, 13] };
      const kinds: ConfigInput[] = [
        { deduplicateMethod: null },
        ...MODES.flatMap((duplicates) => [
          { ...scene.config, duplicates },
          { ...randomScene(seed + 1).config, duplicates },
        ]),
      ];
      const took: string[] = [];
      const choose = (): ConfigInput => {
        const kind = random.integer(kinds.length);
        took.push(JSON.stringify(kinds[kind]));
        return { ...plain, ...kinds[kind] };
      };
      const regionRows = REGION_ROWS[round % REGION_ROWS.length]!;
      await stageInto(out, choose(), { regionRows });
      // They are not looked at again.
      renameSync(dirInput, `${dirInput} away`);
      for (let step = 0; step < 5; step++) {
        const values = choose();
        const stager = new TileStager({ executor: 'inline', ...values, dirStaged: out });
        const result = await stager.deduplicate({ regionRows });
        written += result.tilesWritten;
        renameSync(`${dirInput} away`, dirInput);
        await stageInto(fresh, values);
        assert.deepEqual(
          hashFolder(out, { summary: SUMMARY }),
          hashFolder(fresh, { summary: SUMMARY }),
          `seed ${seed}: ${took.join(', then ')}`,
        );
        const again = await stager.deduplicate({ regionRows });
        assert.equal(again.tilesWritten, 0);
        assert.deepEqual(again.duplicates, result.duplicates);
        renameSync(dirInput, `${dirInput} away`);
      }
      rmSync(`${dirInput} away`, { recursive: true });
    }
    t.diagnostic(`${written} tiles written`);
    assert.ok(written > 20);
  });
});
