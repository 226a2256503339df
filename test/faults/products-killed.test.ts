/**
 * Processes that die while they derive products, at any step or at any moment: the same call makes the
 * rest, and leaves nothing else behind.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, globSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { before, suite, test } from 'node:test';
import { writeScenes } from '../../bench/scenes.ts';
import { Random } from '../../src/core/random.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { rounds, seedOf } from '../soak/rounds.ts';
import {
  AROUND,
  checkProducts,
  expectedAround,
  expectedRows,
  ROWS,
} from '../staging/counted-rows.ts';
import { listTiles } from '../staging/support.ts';
import { checkTiles, SUMMARY, start, suiteFolder } from './faults.ts';

const DIE_AT = join(import.meta.dirname, 'die-at.ts');
const PRODUCTS = [ROWS, AROUND];

suite('a process that dies while it derives products', () => {
  const folder = suiteFolder();
  const out = join(folder, 'out');
  const prior = join(folder, 'prior');
  const config = { dirStaged: out, executor: 'inline' as const };
  let inputs: string[];

  before(async () => {
    const options = { seed: 11, count: 4, polygonsEach: 40, cellArea: 60_000 };
    const scenes = writeScenes(join(folder, 'scenes'), options).map(({ path }) => path);
    mkdirSync(join(folder, 'changed'));
    const changed = join(folder, 'changed', basename(scenes[0]!));
    inputs = [changed, scenes[1]!];
    // Staged with products; then a file is replaced by one that has features elsewhere.
    copyFileSync(scenes[0]!, changed);
    await new TileStager({ ...config, dirStaged: prior }).stageAll({ inputs, products: PRODUCTS });
    copyFileSync(scenes[2]!, changed);
  });

  const begin = (): void => {
    rmSync(out, { recursive: true, force: true });
    cpSync(prior, out, { recursive: true });
  };

  /** Does the same again, and looks at all there is; returns how many files were made. */
  const goOn = async (): Promise<number> => {
    checkTiles(out);
    const result = await new TileStager(config).stageAll({ inputs, products: PRODUCTS });
    checkProducts(out);
    const files = globSync('**', { cwd: out, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(out.length + 1));
    const known = [...listTiles(out), ...expectedRows(out).keys(), ...expectedAround(out).keys()];
    assert.deepEqual(files.sort(), [...known, SUMMARY].sort());
    assert.deepEqual(readdirSync(join(out, '.tilewright')).sort(), [
      'journal.sqlite',
      'lock.sqlite',
      'records',
      'runs',
    ]);
    assert.deepEqual(readdirSync(join(out, '.tilewright/runs')), []);
    const again = await new TileStager(config).stageAll({ inputs, products: PRODUCTS });
    assert.deepEqual(
      again.products!.map(({ made, removed }) => [made, removed]),
      [
        [0, 0],
        [0, 0],
      ],
    );
    return result.products!.reduce((sum, { made }) => sum + made, 0);
  };

  test('at one step after the other', async (t) => {
    const dieAt = (step: number): { isWhole: boolean; stdout: string } => {
      begin();
      const options = JSON.stringify({ config, inputs, derives: true });
      const { signal, status, stdout, stderr } = spawnSync(
        process.execPath,
        [DIE_AT, String(step), options],
        { encoding: 'utf8' },
      );
      assert.ok(signal === 'SIGKILL' || status === 0, stderr);
      return { isWhole: status === 0, stdout };
    };
    const steps = Number(dieAt(0).stdout);
    assert.equal(await goOn(), 0);
    // The tiles are there when the last third of the steps begins, about.
    const points = rounds(10, 60);
    const made = new Set<number>();
    for (let k = 0; k < points; k++) {
      const step = Math.floor(steps * (0.4 + (0.6 * k) / points)) + 1;
      assert.ok(!dieAt(step).isWhole, `${step} of ${steps}`);
      made.add(await goOn());
    }
    t.diagnostic(`${steps} steps, files made afterwards: ${[...made].join(', ')}`);
    assert.ok(made.size > 1, 'it died before and after them');
  });

  test('at any moment, with threads', async (t) => {
    const seed = seedOf(1);
    const random = new Random(seed);
    const options = JSON.stringify({
      config: { ...config, executor: 'threads', workers: 2 },
      inputs,
      derives: true,
    });
    begin();
    const startedAt = performance.now();
    await start([DIE_AT, '0', options]).ended;
    const length = performance.now() - startedAt;
    const made: number[] = [];
    for (let round = 0; round < rounds(2, 8); round++) {
      begin();
      const { child, ended } = start([DIE_AT, '0', options]);
      const timer = setTimeout(() => child.kill('SIGKILL'), length * (0.4 + 0.6 * random.next()));
      await ended;
      clearTimeout(timer);
      made.push(await goOn());
    }
    t.diagnostic(`seed ${seed}: files made afterwards: ${made.join(', ')}`);
  });
});
